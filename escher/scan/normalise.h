/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Answers of the AWS CLI (either version) into resources. Only the fields that a table names are
 * taken over, so nothing else a cloud may answer (user data, environment variables, presigned
 * links, master user secrets) ever reaches the store, the index or a log.
 *
 * Pure: no I/O, no clock. Ownership as the comments say.
 */

#include <stdint.h>

#include "escher/base/error.h"
#include "escher/base/json.h"
#include "escher/base/list.h"
#include "escher/model/account.h"
#include "escher/model/resource.h"

/** Where and when the answer was given; borrowed. */
struct esc_scan_place {
    const struct esc_account *account;
    const char *region;
    uint64_t now_ms;
    const char *sync_id; /* NULL: none */
};

/** Tags by ARN, gathered from the tagging service for types whose own answers carry none. */
struct esc_map;

struct esc_normalised {
    struct esc_list *resources; /* owns; new ones are pushed, details change those in it */
    struct esc_map *tags;       /* ARN → struct esc_json *; may be NULL */
    size_t unread_count;        /* items that had no identifier */
};

/**
 * Reads the answer of @p operation of @p service. @p of is the resource that a detail was asked
 * for (a bucket's versioning), else NULL. @p answer NULL counts as {}, which is what the CLI
 * prints when there is nothing to say.
 * @errors ESC_NOT_FOUND: no scanner calls that operation; ESC_INVALID: no such answer (a list
 * without its member), or a detail of one resource without it; nothing was added.
 */
enum esc_status esc_normalise(const struct esc_scan_place *place, const char *service,
                              const char *operation, const struct esc_json *answer,
                              struct esc_resource *of, struct esc_normalised *out,
                              struct esc_error *err);
