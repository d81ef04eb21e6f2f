/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside a merger. merge_note.c takes the facts, merge_settle.c lets them speak about each other,
 * and merge.c concludes what that means for a resource.
 *
 * Facts: what others need of a resource, and what others say about it. Whatever is pointed at has
 * one, also when nobody has seen it. They lie in an arena and are found by a table of their ids.
 */

#include "escher/base/arena.h"
#include "escher/scan/merge.h"
#include "escher/scan/scan_private.h"

struct fact;

enum link_kind {
    LINK_SNAPSHOT_OF,
    LINK_HAS_VOLUME,
    LINK_USES,
    LINK_SPARES, /* an Auto Scaling group, when it shrinks */
    LINK_ROUTES,
};

struct link {
    enum link_kind kind;
    struct fact *to;
};

/* Resources in the order of their ids. */
struct chain {
    const struct fact *fact;
    struct chain *next;
};

struct fact {
    const char *id;
    uint64_t hash;
    size_t number; /* the caller's */
    bool is_noted; /* else it is only pointed at */
    const char *name, *type;
    struct link *links;
    size_t link_count;
    uint64_t created_at_ms;
    const char *vpc;         /* of a subnet or a main route table; else NULL */
    const char *number_of;   /* of a database, the one a snapshot is of; NULL: not told */
    enum esc_tristate saved; /* whether it has backups */
    bool is_gone, is_finished, is_attached, is_main;
    /* what others say */
    bool has_snapshot;
    uint64_t newest_ms;
    size_t use_count;
    const struct fact *first_user;
    struct chain *spared_by, *routed_by;
};

enum {
    MERGE_SNAPSHOT_KINDS = 3
};

struct esc_merger {
    const struct esc_merge *about;
    struct esc_arena arena;
    struct fact **slots; /* NULL: free */
    size_t slot_count, fact_count;
    struct esc_list noted;              /* struct fact *, borrowed */
    bool has_all[MERGE_SNAPSHOT_KINDS]; /* were the snapshots seen whole? */
};

/* merge_note.c */

/** The fact of a resource, also of one that nobody has seen yet. */
struct fact *merge_fact_of(struct esc_merger *merger, const char *id);
/** NULL: nobody has spoken of it. */
struct fact *merge_fact_find(const struct esc_merger *merger, const char *id);
static inline bool merge_is(const struct fact *fact, const char *type)
{
    return esc_text_equal(fact->type, type);
}

/* merge_settle.c */

/** Whether resources of the type have snapshots as their backups. */
bool merge_has_snapshots(const char *type);
/** Whether the snapshot is of an earlier database that had the name. */
bool merge_is_of_namesake(const struct fact *snapshot, const struct fact *source);
/** Whether it has backups, its snapshots counted. After settling. */
enum esc_tristate merge_saved(const struct esc_merger *merger, const struct fact *fact);
