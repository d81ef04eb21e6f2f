/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A cloud that answers a scan from a table. Every account and region has the same things; faults
 * replace the answer of one operation, everywhere or in one region. It remembers what was asked
 * and what the scan said.
 *
 *     cloud_init ─▶ cloud_add_fault ... ─▶ cloud_run_usual, or options and cloud_run ─▶ look ─▶ done
 *
 * Calls are answered one by one from the loop, in an order that the seed decides.
 */

#include "escher/base/map.h"
#include "escher/scan/walk.h"
#include "tests/support/test.h"

struct cloud_fault {
    const char *operation, *region; /* "*": any operation; region NULL: everywhere */
    const char *in_params;          /* part of the parameters' text; NULL: any */
    enum esc_error_category category;
    const char *code, *message;
    const char *output;       /* with category NONE */
    unsigned times;           /* 0: always */
    const char *const *pages; /* that come before */
    size_t page_count;
    bool final;
};

struct cloud_call; /* that waits for its answer */

struct cloud {
    struct esc_loop *loop;
    struct cloud_fault faults[4];
    size_t fault_count;
    struct esc_random_seeded random; /* the order in which calls are answered */
    struct cloud_call *first;
    size_t pending_count, most_pending;
    bool ticking;
    struct esc_account *account; /* of cloud_options_in(), else NULL */
    const struct esc_account *accounts[1];
    /* what the scan said */
    struct esc_list calls; /* char *: "account region operation params" */
    struct esc_map *found; /* id → char *: the resource's JSON without the times */
    struct esc_list cells; /* struct esc_json * */
    size_t batch_count, doubles;
    struct esc_scan *scan;
    bool done, in_cancel;
    struct esc_scan_summary summary;
    unsigned cancel_after;      /* calls; 0: never */
    size_t cancel_at, pause_at; /* batches; 0: never */
    bool paused;
};

void cloud_init(struct cloud *cloud, uint64_t seed);
void cloud_done(struct cloud *cloud);
void cloud_add_fault(struct cloud *cloud, struct cloud_fault fault); /* texts are borrowed */
/** What it has an answer to; NULL after the last. */
const char *cloud_operation(size_t index);

/** Owned by the caller; a region may be NULL. */
struct esc_account *cloud_account(const char *id, const char *name, const char *first_region,
                                  const char *second_region);
/** Three workers, the usual services, no account. */
struct esc_scan_options cloud_options(struct cloud *cloud);
/** With one account of these regions, which the cloud frees. Once for each cloud. */
struct esc_scan_options cloud_options_in(struct cloud *cloud, const char *first_region,
                                         const char *second_region);

/** Until the scan is done. */
void cloud_run(struct cloud *cloud, const struct esc_scan_options *options);
/** One account, regions us-west-2 and eu-west-1. */
void cloud_run_usual(struct cloud *cloud);
/** One call at a time with an account of these regions; services NULL: the usual ones. */
void cloud_run_in(struct cloud *cloud, const char *first_region, const char *second_region,
                  const char *const *services);
bool cloud_is_done(void *cloud); /* for esc_loop_run_until() */

/** A cell as JSON, with "complete" beside. A test fails where there is none. */
const struct esc_json *cloud_cell(const struct cloud *cloud, const char *region,
                                  const char *operation);
const char *cloud_state(const struct cloud *cloud, const char *region, const char *operation);
/** Each cell that is not whole says why. */
const char *cloud_why(const struct cloud *cloud, const char *region, const char *operation);
/** The resource's JSON, by "REGION-TYPE-IDENTIFIER"; NULL: not found. */
const char *cloud_resource(const struct cloud *cloud, const char *region_type_identifier);
size_t cloud_count_calls(const struct cloud *cloud, const char *part);
