/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A sync: what it asks, which places of it are done, and what it came to.
 *
 *     policies of who is calling ───┐ hold it until they are in
 *     scan ──batches──▶ keeper ◀────┘──▶ store, index, history
 *       └────cells of a place──▶ mark ──▶ all before it is kept ──▶ the place is closed:
 *                                         gone rows, ledger and journal in one transaction
 *
 * A sync that is cut off leaves whole places. Its journal names them, and the next sync that asks
 * for the same goes on with the others, if it comes soon.
 */

#include "escher/base/map.h"
#include "escher/scan/walk.h"
#include "escher/work/keep_private.h"
#include "escher/work/permission_private.h"
#include "escher/work/protection_private.h"

enum sync_kind {
    SYNC_FULL,
    SYNC_INCREMENTAL, /* only what changes by itself */
    SYNC_PARTIAL,     /* some services, regions or accounts */
    SYNC_EVENTS,      /* cells that events have named */
};
/** "full", "incremental", "partial" or "events"; static text. */
const char *sync_kind_text(enum sync_kind kind);

/* sync_scope.c: what is asked */

struct sync_scope {
    enum sync_kind kind;
    bool asks_all;            /* accounts, regions and services */
    struct esc_list accounts; /* struct esc_account *, copies: theirs may be removed meanwhile */
    const char **regions;     /* end with NULL; NULL: all. They borrow from the call */
    const char **services;
    const struct esc_json *cells; /* "account region scanner"; NULL: no list. Borrowed */
    struct esc_map *done;         /* places that are done already: "account region" */
};

/** Reads the call's arguments. @errors ESC_NOT_FOUND: no such account; ESC_INVALID. */
enum esc_status sync_scope_read(struct sync_scope *scope, const struct esc_api_call *call,
                                struct esc_error *err);
void sync_scope_done(struct sync_scope *scope);
bool sync_scope_wants(const struct sync_scope *scope, const struct esc_account *account,
                      const char *region, const struct esc_scanner *scanner);
/** Whether conclusions that follow from several services cannot be drawn. */
bool sync_scope_is_narrow(const struct sync_scope *scope);
/** What it asks, as text that is equal for equal scopes; owned. */
char *sync_scope_text(const struct sync_scope *scope);
/** Of a place; owned. */
char *sync_place_name(const char *account_id, const char *region, bool global);

/* What is needed of a scan's cell once its place is over. */
struct sync_cell {
    char *account_id, *region;
    bool all_regions, complete;
    bool has_seen_some;        /* of its resources */
    const char *resource_type; /* static; NULL: it lists none of its own */
    uint64_t at_ms;
    struct esc_json *page;
};

struct sync_place {
    char *name;            /* NULL: the account itself was asked, not what it has */
    bool is_settled;       /* asking again would bring nothing else */
    struct esc_list cells; /* struct sync_cell * */
    /* Of one that has a name: */
    char *account_id, *region;
    bool global, has_mark, left_out; /* as esc_scan_place_end has it */
    uint8_t mark[ESC_SHA256_SIZE];
    struct esc_json *few; /* or NULL */
    size_t resource_count;
};

struct sync {
    struct esc_api_call *call;
    struct esc_workbench *bench;
    struct sync_scope scope;
    enum work_transport transport;
    struct esc_scan *scan;
    struct work_keeper *keeper;           /* NULL: all is kept */
    struct work_permissions *permissions; /* NULL once they are through */
    struct work_protection *protection;   /* when instances were asked about theirs */
    bool is_permitted;                    /* the policies are in, and the keeper goes on */
    struct work_index_mending *mending;   /* at the very end */
    struct esc_json *body;                /* of the answer, once all is kept */
    struct esc_error failure;
    char id[ESC_UUID_TEXT];
    struct sync_place *place; /* whose cells are coming */
    struct esc_json *pages;   /* of all cells */
    size_t cells_ok, places_resumed, places_known;
    unsigned asked;                  /* so far: questions, each of one call or of many pages */
    unsigned expected;               /* as many as the last of this scope; 0: there was none */
    struct esc_estate_change before; /* of the part that was cut off, and what was left out */
    struct esc_map *known_looks;     /* of the place that is left out: ids whose policy is read */
    struct esc_list looked;          /* char *: the same of the place whose resources come */
    size_t written;                  /* rows, when the last place was closed */
    size_t removed;
    unsigned parts, batches;   /* of the history: that closing has made, and that keeping has */
    uint64_t started_ms;       /* monotonic */
    uint64_t started_wall_ms;  /* by our clock */
    uint64_t progress_told_ms; /* monotonic */
    struct esc_json *journal;
    struct esc_scan_summary summary;
};

/* sync_end.c: what comes when all is kept */

/** The `done` of its keeper. */
void sync_kept(void *sync, enum esc_status status, const struct esc_estate_change *sum,
               const struct esc_error *failure);
/** Ends it with its failure. */
void sync_fail(struct sync *sync);
/** sync.c: the last of it; whoever waits begins. */
void sync_free(struct sync *sync);

/* sync_place.c: closing places */

struct sync_place *sync_place_new(void);
void sync_place_free(void *place);
/** Which it is, once its cells are in. */
void sync_place_name_it(struct sync_place *place, const struct esc_scan_place_end *end);
void sync_place_add(struct sync_place *place, const struct esc_scan_cell *seen);
/** Gone rows, ledger, journal and history, in one transaction; then the index. */
enum esc_status sync_place_close(struct sync *sync, struct sync_place *place,
                                 struct esc_error *err);

/* sync_known.c: places of which all is known */

/** An is_known of scan/walk.h. */
enum esc_scan_known sync_known_is(struct sync *sync, const struct esc_scan_place_end *place);
/** Whether a resource of a place that is left out is to be taken, and taking it. */
bool sync_known_heeds(const char *type);
void sync_known_take(struct sync *sync, const struct esc_resource *resource);
/** The policy of a resource that is handed on is read apart. */
void sync_known_looked(struct sync *sync, const struct esc_resource *resource);
/** A place is being closed, inside its transaction; @p wrote: a row of it, or one is gone. */
enum esc_status sync_known_note(struct sync *sync, const struct sync_place *place, bool wrote,
                                struct esc_error *err);

/* sync_journal.c: what a sync that was cut off has done, and when syncs were */

/** Goes on with a sync of the same scope that was cut off, if it is not long ago; else begins. */
void sync_journal_open(struct sync *sync);
/** Notes what is done, inside the transaction that closes the place and takes @p gone rows away. One
 *  that was refused or broke off is asked again by whoever goes on. */
enum esc_status sync_journal_note(struct sync *sync, const struct sync_place *place, size_t gone,
                                  struct esc_error *err);
/** The sync is over: what it came to, and no journal. */
enum esc_status sync_journal_end(struct sync *sync, const struct esc_json *body,
                                 struct esc_error *err);
