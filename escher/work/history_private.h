/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What syncs have found changed: sealed documents, one per batch of a sync that changed something,
 * in the order in which it was found. They are kept for some time (history.c) and then go.
 */

#include "escher/work/work_private.h"

#define HISTORY_COLLECTION "changes"

enum {
    HISTORY_DAYS = 90, /* unless a person says otherwise */
    HISTORY_MAX_DAYS = 3650,
};

/** One change: @p what is "added", "changed" or "removed"; @p fields (esc_resource_diff) is handed
 *  over and may be NULL. Owned. */
ESC_RETURNS_NONNULL struct esc_json *work_history_entry(const char *id, const char *name,
                                                        const char *what, struct esc_json *fields);

struct work_history_part {
    const char *sync_id, *kind;
    unsigned number;                /* tells the parts of a sync apart */
    const struct esc_json *changes; /* entries; none: nothing is written */
};
/** Inside the transaction that makes it true. */
enum esc_status work_history_put(struct esc_workbench *bench, const struct work_history_part *part,
                                 struct esc_error *err);
/** What is known of one resource, the newest first; owned. */
enum esc_status work_history_of(struct esc_workbench *bench, const char *id, struct esc_json **out,
                                struct esc_error *err);
/** Lets go what is older than @p days, once a day; a clock that has jumped lets nothing go. */
void work_history_prune(struct esc_workbench *bench, uint64_t days);
