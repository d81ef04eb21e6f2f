/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Why something failed, in fifteen words: what decides whether a retry helps and which exit code
 * and sentence a person gets. base/error.h maps every library status to one of them.
 */

#include <stdbool.h>

#include "escher/base/error.h"
#include "escher/base/json.h"
#include "escher/base/str.h"

/*      name            text            status       a retry may help */
#define ESC_ERROR_CATEGORY_LIST(X)                                                                 \
    X(NONE, "none", OK, false)                                                                     \
    X(VALIDATION, "validation", INVALID, false)                                                    \
    X(AUTH, "auth", DENIED, false)                                                                 \
    X(PERMISSION, "permission", DENIED, false)                                                     \
    X(NOT_FOUND, "not_found", NOT_FOUND, false)                                                    \
    X(CONFLICT_STATE, "conflict_state", CONFLICT, true)                                            \
    X(THROTTLE, "throttle", THROTTLED, true)                                                       \
    X(QUOTA, "quota", LIMIT, false)                                                                \
    X(NETWORK, "network", UNAVAILABLE, true)                                                       \
    X(SERVICE, "service", UNAVAILABLE, true)                                                       \
    X(TIMEOUT, "timeout", TIMEOUT, true)                                                           \
    X(CANCELLED, "cancelled", CANCELLED, false)                                                    \
    X(SIGNAL, "signal", IO, false)                                                                 \
    X(SPAWN, "spawn", IO, false)                                                                   \
    X(OUTPUT_LIMIT, "output_limit", LIMIT, false)                                                  \
    X(UNKNOWN, "unknown", IO, false)

#define ESC_CATEGORY_ENUM(name, text, status, retry) ESC_CATEGORY_##name,
enum esc_error_category {
    ESC_ERROR_CATEGORY_LIST(ESC_CATEGORY_ENUM) ESC_CATEGORY_COUNT
};
#undef ESC_CATEGORY_ENUM

/** "not_found"; static text. */
const char *esc_error_category_text(enum esc_error_category category);
/** The category of a word; ESC_CATEGORY_COUNT when it is none. */
enum esc_error_category esc_error_category_of_text(struct esc_str text);
/** The category a status belongs to (the table of base/error.h). */
enum esc_error_category esc_error_category_of_status(enum esc_status status);
/** The library status for a failure of this category; ESC_OK for NONE. */
enum esc_status esc_error_category_status(enum esc_error_category category);
/** Whether the same call may succeed later by itself. */
bool esc_error_category_may_retry(enum esc_error_category category);
/**
 * The category of an error code of a cloud's answer: "AccessDenied", "Throttling",
 * "DBInstanceNotFound", "InvalidDBInstanceState". UNKNOWN when the code tells nothing.
 */
enum esc_error_category esc_error_category_of_code(struct esc_str code);

/** @errors ESC_INVALID: not a string of the list. */
enum esc_status esc_error_category_from_json(const struct esc_json *json,
                                             enum esc_error_category *out, struct esc_error *err);
struct esc_json *esc_error_category_to_json(enum esc_error_category category);
