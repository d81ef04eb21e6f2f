/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How anything ends: a status, and a message for people.
 *
 * What can fail returns enum esc_status and takes a struct esc_error last, which has no owner,
 * may be copied freely and may be NULL when nobody listens. ESC_STATUS_LIST is also the table
 * of docs/formats/status.md: library status, error category, HTTP status of the API, exit code.
 */

#include "escher/base/attr.h"

/*      name         text           category          http exit  meaning */
#define ESC_STATUS_LIST(X)                                                                         \
    X(OK, "ok", "none", 200, 0, "done, answered, or nothing to do")                                \
    X(INVALID, "invalid", "validation", 400, 2, "the input or the usage is wrong")                 \
    X(NOT_FOUND, "not_found", "not_found", 404, 3, "the named thing does not exist")               \
    X(AMBIGUOUS, "ambiguous", "validation", 409, 4, "a question: choices, or a missing value")     \
    X(EXISTS, "exists", "conflict_state", 409, 2, "the thing is already there")                    \
    X(CONFLICT, "conflict", "conflict_state", 409, 1, "not possible in the present state")         \
    X(BLOCKED, "blocked", "conflict_state", 422, 5, "a precondition, the policy or the verifier")  \
    X(STALE, "stale", "conflict_state", 412, 6, "a plan waits, or its approval does not hold")     \
    X(PARTIAL, "partial", "service", 207, 7, "some of it was done; coverage says what is missing") \
    X(UNAVAILABLE, "unavailable", "network", 503, 8, "planner, core or cloud cannot be reached")   \
    X(LOCKED, "locked", "auth", 423, 9, "keychain or store is locked, or the passphrase is wrong") \
    X(CORRUPT, "corrupt", "unknown", 500, 10, "data is damaged, or the key does not fit")          \
    X(DENIED, "denied", "permission", 403, 1, "refused by the cloud, or not permitted")            \
    X(THROTTLED, "throttled", "throttle", 429, 1, "asked too often")                               \
    X(TIMEOUT, "timeout", "timeout", 504, 1, "took longer than its deadline")                      \
    X(CANCELLED, "cancelled", "cancelled", 499, 130, "stopped on request")                         \
    X(LIMIT, "limit", "output_limit", 413, 1, "larger than a ceiling of base/limits.h")            \
    X(IO, "io", "unknown", 500, 1, "disk, descriptor or process failed")

#define ESC_STATUS_ENUM(name, text, category, http, exit_code, meaning) ESC_##name,
enum ESC_NODISCARD esc_status {
    ESC_STATUS_LIST(ESC_STATUS_ENUM) ESC_STATUS_COUNT
};
#undef ESC_STATUS_ENUM

enum {
    ESC_ERROR_MESSAGE_SIZE = 256
};

struct esc_error {
    enum esc_status status;
    char message[ESC_ERROR_MESSAGE_SIZE]; /* one line, lower case, never a secret */
};

/**
 * Fills @p err (may be NULL) and returns @p status. Long messages are cut between characters;
 * control and steering characters of names from outside come out escaped, so that a message is
 * one line and may be shown as it is.
 */
enum esc_status esc_fail(struct esc_error *err, enum esc_status status, const char *format, ...)
    ESC_PRINTF(3, 4);

/** Puts "where: " before the message in @p err on the way up; returns @p status. */
enum esc_status esc_wrap(struct esc_error *err, enum esc_status status, const char *format, ...)
    ESC_PRINTF(3, 4);

/** Words of the table; @p status must be one of the enum. Static text. */
const char *esc_status_text(enum esc_status status);
const char *esc_status_category(enum esc_status status);
const char *esc_status_meaning(enum esc_status status);
int esc_status_http(enum esc_status status);
int esc_status_exit_code(enum esc_status status);

/** Status of a word such as "not_found"; ESC_STATUS_COUNT when it is none. */
enum esc_status esc_status_of_text(const char *text);
