/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a scan has seen and what it has not: one cell per account, region and operation. Only a
 * cell that is OK lists all there is, so only its types' rows may be removed when they were not
 * seen: "no instances" and "could not look" are different answers.
 *
 * Ownership  cells are borrowed during callbacks; esc_coverage keeps copies.
 * Units      wall-clock milliseconds since 1970.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "escher/base/json.h"
#include "escher/base/list.h"
#include "escher/model/error_category.h"

/** The code of a call that was not made: the partition has no such service. Nothing is missing. */
#define ESC_SCAN_NOT_IN_PARTITION "NotInPartition"

enum esc_scan_state {
    ESC_SCAN_OK,
    ESC_SCAN_PARTIAL,   /* some of its calls or items failed */
    ESC_SCAN_DENIED,    /* no permission, or no credentials for it */
    ESC_SCAN_SCP,       /* a service control policy of the organisation forbids it */
    ESC_SCAN_DISABLED,  /* the region is not enabled for the account, or not signed up for; or the
                           partition has no such service */
    ESC_SCAN_THROTTLED, /* still, after the last attempt */
    ESC_SCAN_ERROR,
    ESC_SCAN_SKIPPED, /* not asked: the place refused before, or the scan was cancelled */
    ESC_SCAN_STATE_COUNT,
};

enum {
    ESC_SCAN_CODE_SIZE = 64,
    ESC_SCAN_MESSAGE_SIZE = 256,
};

struct esc_scan_cell {
    const char *account_id, *account_name;
    const char *region;              /* where it was asked */
    bool all_regions;                /* its answer covers every region of the account (S3) */
    const char *service, *operation; /* of the catalog */
    const char *resource_type;       /* whose rows it lists; NULL for details */
    enum esc_scan_state state;
    size_t resource_count; /* it found */
    size_t unread_count;   /* items that could not be understood */
    unsigned page_count;   /* of lists that come in several; what was read of one that failed too */
    unsigned call_count, failed_count;
    enum esc_error_category category; /* of the last failure */
    char code[ESC_SCAN_CODE_SIZE];    /* "AccessDenied", or "" */
    char message[ESC_SCAN_MESSAGE_SIZE];
    uint64_t at_ms, took_ms;
};

/** "ok", "partial", "denied", "scp", "disabled", "throttled", "error" or "skipped"; static text. */
const char *esc_scan_state_text(enum esc_scan_state state);
/** Whether rows of its types that were not seen in this scan are gone from the cloud. */
bool esc_scan_cell_is_complete(const struct esc_scan_cell *cell);
/** The cell as it is stored and shown; owned by the caller. */
struct esc_json *esc_scan_cell_to_json(const struct esc_scan_cell *cell);
