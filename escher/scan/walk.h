/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A scan: accounts × regions × services, as many calls at a time as there are workers.
 *
 *     account ──regions known──▶ one place per region, and one for what is global (S3)
 *     place:  lists ──all answered──▶ details, stage by stage ──▶ merged ──▶ batches and cells
 *
 * The global place's details wait for the account's regional places, whose tags it needs. A call
 * that fails costs its own cell and nothing else; throttled and broken calls are tried again,
 * unless whoever makes them has done so. When two services of a place, before any has answered,
 * refuse the credentials or say that the organisation forbids it, the rest of the place is skipped.
 * Whether refused credentials are wrong or the region is not enabled, the account's identity
 * tells: it is asked once per account, when nothing else there has been answered.
 *
 * An answer may come in pages; each is read as it comes, so that no list is ever held as a whole
 * in the cloud's words. A list that breaks off after some of its pages leaves a partial cell.
 *
 * The calls themselves are made by whoever starts the scan, so the walk knows no process, no
 * credential and no network, and tests answer from recordings.
 *
 * Ownership  the scan frees itself after its done callback. Options and all they point to are
 *            borrowed until then.
 * Threads    the loop thread only.
 * Units      milliseconds.
 */

#include <stdbool.h>
#include <stdint.h>

#include "escher/base/clock.h"
#include "escher/base/error.h"
#include "escher/base/id.h"
#include "escher/base/json.h"
#include "escher/catalog/operation.h"
#include "escher/loop/backoff.h"
#include "escher/loop/loop.h"
#include "escher/model/account.h"
#include "escher/model/error_category.h"
#include "escher/model/resource.h"
#include "escher/scan/coverage.h"
#include "escher/scan/scanner.h"

/** One read to make; borrowed during the call, the account for the whole scan. */
struct esc_scan_call {
    const struct esc_account *account;
    const char *region;
    const struct esc_operation *operation;
    const struct esc_json *params; /* NULL is {} */
};

/** How it ended; borrowed during the callback. */
struct esc_scan_answer {
    enum esc_error_category category; /* NONE: it worked */
    const char *code, *message;       /* of a failure; may be NULL */
    const struct esc_json *output;    /* NULL when there was none */
    bool more;             /* a page: others of the same call follow, then one without `more` */
    bool final;            /* it was tried again already, as often as helps */
    unsigned pages, calls; /* that this answer stands for; 0 is 1 */
    /** Of all its pages, ESC_SHA256_SIZE bytes: equal marks are equal answers. NULL: nobody knows. */
    const uint8_t *mark;
};
typedef void esc_scan_answer_fn(void *token, const struct esc_scan_answer *answer);

struct esc_scan_progress {
    unsigned calls_done, calls_known; /* known so far; details make it grow */
    size_t resource_count;
    const char *account_name, *region, *service, *operation; /* of the call that just ended */
};

struct esc_scan_summary {
    bool cancelled;
    unsigned call_count;
    size_t resource_count;
    unsigned cells[ESC_SCAN_STATE_COUNT]; /* how many ended in each state */
    uint64_t took_ms;
};

/* A place at its end; borrowed during the callback. */
struct esc_scan_place_end {
    const struct esc_account *account;
    const char *region; /* NULL: the account itself was asked: its regions, or whose its keys are */
    bool global;
    /** ESC_SHA256_SIZE bytes of all that was asked there and what was answered, in no order: what is
     *  handed on follows from it, the account, the program and the clock's last_synced alone. NULL:
     *  nobody knows, or some of it was left out. */
    const uint8_t *mark;
    /** What not each scan asks, since it costs a call for each resource, is not in the mark: an object
     *  of question → answer, both as hex digits of a digest. NULL: nothing of the kind was asked. */
    const struct esc_json *few;
    bool left_out;         /* nothing was handed on, because of is_known */
    size_t resource_count; /* handed on */
};

/* What is to become of a place that was asked whole. */
enum esc_scan_known {
    ESC_SCAN_NOT_KNOWN, /* it is handed on */
    ESC_SCAN_KNOWN,     /* all that it says is known: its resources are not handed on */
    ESC_SCAN_ASK_AGAIN, /* after esc_scan_decide() */
};

struct esc_scan_options {
    const struct esc_account *const *accounts;
    size_t account_count;
    /* Names of regions, ends with NULL: only these of an account's regions, or exactly these when
     * the account names none. NULL: the account's, or those the cloud lists for it. */
    const char *const *regions;
    const char *const *services; /* names of scanner.h, ends with NULL; NULL: all */
    /** Whether to ask a scanner in a place; for global ones @p region says nothing. NULL: yes. */
    bool (*wants)(void *context, const struct esc_account *account, const char *region,
                  const struct esc_scanner *scanner);
    /** When what costs a call for each resource was asked of this one: where a place has many, those
     *  asked longest ago have their turn. 0: before all others. NULL: nobody knows. */
    uint64_t (*asked_ms)(void *context, const struct esc_account *account, const char *region,
                         const char *identifier);
    /** It has its turn now, whatever comes of it. May be NULL. */
    void (*asks)(void *context, const struct esc_account *account, const char *region,
                 const char *identifier);
    size_t most_loose; /* resources that wait in a place as they are, not squeezed; 0: the usual */
    unsigned workers;  /* calls at a time, at least 1 */
    unsigned max_attempts; /* of one call, at least 1 */
    struct esc_backoff backoff;
    const char *sync_id; /* becomes seen_in; NULL: none */
    bool unhashed;       /* without content hashes: on_batch's owner adds to the resources */
    const struct esc_clock *clock;
    const struct esc_random *random; /* of the waits; NULL: always the longest */

    /** Starts one read and returns a handle for cancel_call (may be NULL). Calls @p done with
     *  @p token, never before it has returned: for each page, and at last once without `more`. */
    void *(*call)(void *context, const struct esc_scan_call *call, esc_scan_answer_fn *done,
                  void *token);
    /** Ends the call early; its callback still comes. NULL: calls cannot be ended early. */
    void (*cancel_call)(void *context, void *handle);
    /** At most ESC_BATCH_COUNT resources; borrowed, may be changed, or taken
     *  (esc_resource_take). None after a cancel, nor of a place that was not asked whole by then. */
    void (*on_batch)(void *context, struct esc_resource *const *resources, size_t count);
    /** What a detail of one resource was answered, when it could be understood, before the resource is
     *  handed on; both are borrowed. For who wants more of it than becomes of that. May be NULL. */
    void (*on_detail)(void *context, const struct esc_resource *resource,
                      const struct esc_operation *operation, const struct esc_json *output);
    /** Whether all that a place says is known by its mark. NULL: never. */
    enum esc_scan_known (*is_known)(void *context, const struct esc_scan_place_end *place);
    /** Each resource of such a place of a type that it @p heeds, as its own answers have it: without
     *  conclusions and maybe without tags. Both NULL: none. */
    bool (*heeds)(void *context, const char *resource_type);
    void (*on_known)(void *context, const struct esc_resource *resource);
    /** Every cell once, after the batches of its place. May be NULL, as the next two. */
    void (*on_cell)(void *context, const struct esc_scan_cell *cell);
    void (*on_place)(void *context, const struct esc_scan_place_end *place); /* after its cells */
    void (*on_progress)(void *context, const struct esc_scan_progress *progress);
    void (*done)(void *context, const struct esc_scan_summary *summary);
    void *context;
};

struct esc_scan;

/** @errors ESC_INVALID: no accounts, an unknown service, or a region filter that leaves none. */
enum esc_status esc_scan_start(struct esc_loop *loop, const struct esc_scan_options *options,
                               struct esc_scan **out, struct esc_error *err);
/** No new call starts, those under way are ended; done follows. Only before done. */
void esc_scan_cancel(struct esc_scan *scan);
/** No new call starts until it goes on, and nothing is handed on; calls under way are taken in. For
 *  whoever cannot keep up with what is handed on. */
void esc_scan_pause(struct esc_scan *scan, bool paused);
/** is_known would say something else now. */
void esc_scan_decide(struct esc_scan *scan);
