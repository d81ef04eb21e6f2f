/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside a scan: accounts hold places, a place holds cells and what was found there, and a task
 * is one call for one cell. walk.c moves tasks; place.c knows what comes next in a place.
 *
 *     task:  queued ──▶ called ──answered──▶ recorded
 *                 ▲        │
 *                 └─wait ◀─┘ may succeed later
 */

#include "escher/base/map.h"
#include "escher/crypt/digest.h"
#include "escher/loop/timer.h"
#include "escher/scan/merge.h"
#include "escher/scan/scan_private.h"
#include "escher/scan/stash_private.h"
#include "escher/scan/walk.h"

/* Why a place will not have us. */
enum walk_refusal {
    WALK_NO_REFUSAL,
    WALK_REFUSES_KEYS,
    WALK_HAS_EXPIRED, /* the session: known keys, so the region is not in question */
    WALK_NEEDS_OPT_IN,
    WALK_IS_FORBIDDEN, /* by a service control policy */
    WALK_HAS_NO_SUCH,  /* the partition: the service is nowhere there */
};

struct walk_cell {
    struct esc_scan_cell seen; /* as it is reported */
    struct walk_place *place;
    const struct scan_step *step;
    unsigned succeeded_count, skipped_count; /* tasks */
    enum walk_refusal refusal;               /* what its last failure was */
};

/* One of each call that was answered, in any order (place_mark.c). */
struct walk_marks {
    uint8_t (*each)[ESC_SHA256_SIZE];
    size_t count, capacity;
    bool unknown; /* an answer had none */
};

struct walk_place {
    struct walk_account *account;
    char *region;
    bool global;          /* S3: its details wait for the account's regions */
    bool discovers;       /* only asks which regions there are */
    bool discovers_again; /* by another service than the first time */
    bool identifies;      /* only asks whether the account's keys are good */
    bool begun;           /* something was asked there */
    bool answered;        /* some call worked there */
    bool refused;         /* the rest is skipped, because of: */
    enum walk_refusal refusal;
    const char *refused_by; /* the first service that refused; static */
    bool waits_for_keys;    /* until it is known whether they are good */
    bool finished;
    unsigned stage;
    unsigned pending; /* tasks queued, called or waiting */
    struct walk_cell *cells;
    size_t cell_count;
    struct stash stash;    /* what was found */
    struct esc_list found; /* char *: regions, when it discovers */
    struct walk_marks marks;
    struct esc_json *few; /* question → answer of what is asked of some; NULL: nothing was */
    /* its end (place_end.c): */
    bool ending;
    bool decided;   /* whether it is handed on */
    bool undecided; /* it waits for esc_scan_decide() */
    bool lost_some; /* of what was found not all could be handed on as it was */
    bool left_out;
    bool has_mark;
    uint8_t mark[ESC_SHA256_SIZE];
    size_t handed_on; /* resources */
    struct walk_place *next_ending;
    struct esc_merge about;
    struct esc_merger *merger;
    size_t noted, handed; /* positions of the stash; of those that were noted, by id */
};

struct walk_account {
    struct esc_scan *scan;
    const struct esc_account *account;
    struct esc_list places;      /* owns struct walk_place */
    struct walk_place *global;   /* NULL: nothing global is asked */
    unsigned regions_left;       /* regional places that are not finished */
    struct esc_map *tags;        /* ARN → struct esc_json * */
    struct esc_map *tag_regions; /* regions whose tags were seen */
    struct walk_marks tag_marks; /* of what told them */
    bool keys_good, keys_asked, keys_told;
};

/* What a detail is asked for. */
struct walk_batch {
    size_t *positions; /* on the place's stash; NULL for lists */
    size_t count;
    char *region; /* where to ask; NULL: in the place */
};

struct walk_task {
    struct walk_cell *cell;
    struct walk_task *next; /* in the queue */
    struct esc_json *params;
    struct walk_batch batch;
    bool holds; /* what it is asked for stays as it is from page to page */
    unsigned attempt;
    uint64_t started_ms; /* monotonic */
    unsigned page_count; /* it has brought; then it is not asked again */
    void *handle;
    struct esc_timer *timer;           /* while it waits */
    struct walk_task *later, *earlier; /* of those called or waiting */
};

struct walk_queue {
    struct walk_task *first, *last;
};

struct esc_scan {
    struct esc_loop *loop;
    struct esc_scan_options options;
    struct esc_list accounts;         /* owns struct walk_account */
    struct walk_queue details, lists; /* places that were begun are ended first */
    struct walk_task *active;         /* called or waiting */
    size_t open_places;               /* begun and not finished: what they hold is in memory */
    size_t finished_places, finished_resources;
    struct walk_place *first_ending, *last_ending; /* one after the other */
    bool end_posted;
    unsigned called_count;
    unsigned post_count; /* pumps on their way through the loop */
    bool cancelled, pumping, paused;
    uint64_t started_ms; /* monotonic */
    struct esc_scan_progress progress;
    struct esc_scan_summary summary;
};

/** Whether the scanner is asked there: by name, or because another one needs what it tells. */
bool walk_wants(const struct walk_account *account, const char *region,
                const struct esc_scanner *scanner);

struct walk_account *walk_account_new(struct esc_scan *scan, const struct esc_account *account);
void walk_account_free(void *account);
/** Makes the places of these regions (ends with NULL) and queues their lists. */
void walk_account_open(struct walk_account *account, const char *const *regions);
/** First asks the cloud for the regions. */
void walk_account_discover(struct walk_account *account);

/** Asks whether the account's keys are good; walk_keys_known() follows. */
void walk_account_identify(struct walk_account *account);

/** Takes a page of a task's answer into its cell and place; others follow. */
void walk_record_page(struct walk_task *task, const struct esc_scan_answer *answer);
/** The same of the answer that ends it. */
void walk_record(struct walk_task *task, const struct esc_scan_answer *answer);
/** The task is not asked at all. */
void walk_skip(struct walk_task *task);
/** What the cell came to, and why. Cells of lists are judged before those of their details. */
void walk_judge(struct walk_cell *cell);
/** Whether the step asks details of resources of @p type (NULL: no). */
bool walk_details_of(const struct scan_step *step, const char *type);
/** Whether the cell's detail is to be asked of the resource at all. */
bool walk_wants_detail(const struct walk_cell *cell, const struct esc_resource *resource);
/** Of which resources of the stash a detail for few is asked in this scan (place_pick.c), by their
 *  positions; owned by the caller. */
bool *walk_pick(const struct walk_cell *cell);
/** After a task of the place is over: next stage, or the end with batches and cells. */
void walk_advance(struct walk_place *place);

/** Takes from a resource what no store would keep; false: nothing of it can be kept. After
 *  walk_judge(), whose word changes. */
bool walk_shed(struct walk_place *place, struct esc_resource *resource);

/* place_mark.c */

/** What the task was answered counts. NULL: it was not asked. */
void walk_mark_answer(const struct walk_task *task, const struct esc_scan_answer *answer);
/** The mark of a place that was asked whole. False: it has none. */
bool walk_mark_of(struct walk_place *place, uint8_t out[ESC_SHA256_SIZE]);
void walk_marks_done(struct walk_marks *marks);

/* place_end.c */

/** Everything was asked. Some turns of the loop later, when all is handed on, walk_ended(). */
void walk_end(struct walk_place *place);
/** Goes on with places that end. */
void walk_end_later(struct esc_scan *scan);
/** Judges and reports the cells, at once: nothing of the place is handed on. */
void walk_close(struct walk_place *place);
/** place.c: what comes after a place. */
void walk_ended(struct walk_place *place);

/* walk_refusal.c */
void walk_note_refusal(struct walk_cell *cell, const struct esc_scan_answer *answer);
void walk_note_success(struct walk_place *place);
/** Whether a place that refuses so is not enabled for the account. */
bool walk_is_disabled(const struct walk_place *place, enum walk_refusal refusal);
/** Whether it must be known first whether the keys are good; walk_advance() comes again then. */
bool walk_awaits_keys(struct walk_place *place);
/** The account has told its identity, or has refused to. */
void walk_keys_known(struct walk_account *account, enum walk_refusal refusal);

/** Queues a call for the cell; @p params and what @p batch holds are handed over. */
void walk_enqueue(struct walk_cell *cell, struct esc_json *params, struct walk_batch batch);
/** walk.c: starts what may start, and ends the scan after the last of it: then the scan is gone. */
void walk_pump(struct esc_scan *scan);
