/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The schedule of syncs: which there are, when they were, and what keeps one from being made.
 *
 *     start ─1 min─▶ look ─1 min─▶ look ─▶ …      look: is one due (sync_rules.h)? may it begin?
 *                                                 which accounts can be reached? then it begins
 *
 * It is the core's alone. Accounts of emulators are left out unless a person wants them in, since
 * theirs come and go with a demo or a test, and so are those whose credentials cannot be had without a person: they keep what is
 * known of them, with its age, and the status says why.
 */

#include "escher/work/sync_rules.h"
#include "escher/work/work_private.h"

enum {
    SCHEDULE_FULL_MINUTES = 360,
    SCHEDULE_INCREMENTAL_MINUTES = 15,
    SCHEDULE_LEAST_MINUTES = 5,
    SCHEDULE_MOST_MINUTES = 30 * 24 * 60,
};

/* What a person has set; kept as a document. */
struct work_schedule_settings {
    uint64_t full_minutes, incremental_minutes; /* 0: off */
    uint64_t history_days;
    bool emulators;                                 /* accounts of emulators too */
    char *queue_url, *queue_account, *queue_region; /* of events; NULL: none */
    char *queue_problem;                            /* why it is not read by itself; NULL: it is */
};
void work_schedule_load(const struct esc_workbench *bench, struct work_schedule_settings *out);
void work_schedule_settings_done(struct work_schedule_settings *settings);
/** Notes why the queue at @p url is no more read by itself; NULL: it is again. Another that has been
 *  set meanwhile is left alone. */
void work_schedule_mark_queue(const struct esc_workbench *bench, const char *url,
                              const char *problem);
uint64_t work_schedule_history_days(const struct esc_workbench *bench);

/** From now on syncs are made when they are due, until work_schedule_stop(). */
void work_schedule_start(struct esc_workbench *bench);
/** Begins nothing more. */
void work_schedule_rest(struct esc_workbench *bench);
/** Whether it is asking which accounts can be reached. */
bool work_schedule_is_busy(const struct esc_workbench *bench);
/** Frees it, when it is not busy. */
void work_schedule_stop(struct esc_workbench *bench);
/** Begins what is due now. */
void work_schedule_look(struct esc_workbench *bench);
/** How a sync has ended. */
void work_schedule_note(struct esc_workbench *bench, const struct esc_api_call *call,
                        enum esc_status status);
/** When the syncs were and will be, for status: {"full": {"every_minutes", "due_at"?, …}, …}. */
struct esc_json *work_schedule_page(const struct esc_workbench *bench);
