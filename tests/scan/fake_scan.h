/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Scans of the fake AWS through our own transport, with nothing kept: what was found and what the
 * cells say can be compared with a scan in which nothing went wrong.
 *
 *     fake_scan_open ─▶ fake_scan_run (the good one) ─▶ fake_scan_keep ─▶ faults ─▶ run ─▶ compare
 *
 * Waits between attempts are nothing, so that what comes back at the third attempt comes at once.
 */

#include "escher/aws/read.h"
#include "escher/base/map.h"
#include "escher/scan/walk.h"
#include "tests/support/fake_aws.h"
#include "tests/support/test.h"

/* A resource as far as it is compared. */
struct fake_found {
    char *account, *region, *type, *hash;
};

/* A cell that outlives its scan. */
struct fake_cell {
    struct esc_scan_cell seen; /* its texts are owned */
};

struct fake_scan {
    struct esc_loop *loop;
    struct fake_aws *cloud;
    struct esc_aws *aws;
    struct esc_random no_wait;
    struct esc_list accounts; /* struct esc_account * */
    /** The deadline of a read; NULL: a minute. */
    uint64_t (*deadline_ms)(const struct fake_scan *scan, const struct esc_scan_call *call);
    const void *context;         /* the test's own */
    const char *const *services; /* as of esc_scan_options; NULL: all */
    size_t most_loose;           /* as of esc_scan_options */
    unsigned workers;
    unsigned renewals;   /* times that credentials were said to have expired */
    bool uses_sessions;  /* signs with keys of roles */
    bool keeps_sessions; /* and has no others when they expire */
    unsigned session;    /* its number */
    /* what the last scan said */
    struct esc_map *found; /* id → struct fake_found * */
    struct esc_list cells; /* struct fake_cell * */
    struct esc_scan_summary summary;
    unsigned calls, double_count; /* resources that came twice */
    bool done;
};

void fake_scan_open(struct fake_scan *scan, const struct fake_aws_options *options);
void fake_scan_close(struct fake_scan *scan);
void fake_scan_run(struct fake_scan *scan);
/** What was found, and the cells, become the caller's. */
struct esc_map *fake_scan_keep(struct fake_scan *scan);
void fake_found_free(struct esc_map *found);

/** NULL when there is none; region NULL: any. */
const struct esc_scan_cell *fake_scan_cell(const struct fake_scan *scan, const char *account,
                                           const char *region, const char *service,
                                           const char *operation);
/** Whether the cell is the one that lists rows such as this. */
bool fake_cell_lists(const struct esc_scan_cell *cell, const struct fake_found *row);
/** How many of @p before would be taken for gone, because a cell says that it listed all; the
 *  first of them goes into @p id when that is not NULL. */
size_t fake_scan_gone(const struct fake_scan *scan, const struct esc_map *before, const char **id);
/** How many of @p before that this cell lists were found again. */
size_t fake_scan_seen(const struct fake_scan *scan, const struct esc_map *before,
                      const struct esc_scan_cell *cell);
size_t fake_rows_of(const struct esc_map *rows, const struct esc_scan_cell *cell);
/** "ACCOUNT REGION service.operation: state code message"; owned by the caller. */
char *fake_cell_text(const struct esc_scan_cell *cell);
