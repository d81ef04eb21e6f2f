/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A run under way, and what is stored of it.
 *
 *     stored: {"run": escher.run/1, "plan_hash", "prompt", "key", "captures", "verification",
 *              "outcome"}
 *
 * A run belongs to the workbench, not to the call that shows it: calls watch it and may go.
 */

#include "escher/base/list.h"
#include "escher/exec/engine.h"
#include "escher/exec/record.h"
#include "escher/work/probe_private.h"

enum {
    WORK_RUN_KEY_BYTES = 32
};

struct work_run {
    struct esc_workbench *bench;
    struct esc_aws_environment *environment;
    struct esc_json *kept; /* the plan as kept: plan, request, prompt */
    struct esc_run *run;
    struct esc_engine *engine; /* NULL: it has ended, or was left */
    bool left;                 /* nobody waits for it here any more */
    struct esc_secret *key;    /* of its output */
    char *folder;
    struct esc_json *captures;     /* as they were read again; NULL: not yet */
    bool stale;                    /* they had drifted */
    struct esc_list turns;         /* struct turn * of run_live.c: open turns of the engine */
    struct esc_list watchers;      /* struct esc_api_call *, borrowed */
    const char *outcome;           /* static text once it is over, else NULL */
    struct esc_json *verification; /* array */
    struct work_probe *verifying;
    struct esc_timer *verify_timer;
    size_t verify_next;
    uint64_t verify_until_ms;
};

/** Starts the engine; on failure the run is freed. @p only_looks: settle, wait, verify, but change
 *  nothing. */
enum esc_status work_run_start(struct work_run *run, bool only_looks, struct esc_error *err);
void work_run_free(struct work_run *run);
/** Turns away; the run is freed once what it has open at the cloud has ended. */
void work_run_leave(struct work_run *run);
/** Tells everybody, and those who watch. @p data is handed over. */
void work_run_tell(struct work_run *run, const char *kind, struct esc_json *data);
/** run_end.c: asks the cloud whether it worked, records the end, and frees the run. */
void work_run_verify(struct work_run *run);
/** Frees a run that was left, once nothing of it is open. */
void work_run_forget_when_left(struct work_run *run);
/** A condition of the plan on a value just read; without either nothing can be told. */
enum esc_truth work_run_holds(const struct work_run *run, const char *condition,
                              const struct esc_json *value);
/** The run under way with this id, or NULL. */
struct work_run *work_run_find(const struct esc_workbench *bench, const char *id);
/** The run under way by this plan, or NULL. */
struct work_run *work_run_of_plan(const struct esc_workbench *bench, const char *plan_hash);
/** The call gets the run's events, and its page when it is over. */
void work_run_watch(struct work_run *run, struct esc_api_call *call);

/** Scans what the run has touched again, in the background, so that the estate follows. */
void work_run_refresh(const struct work_run *run);

/** What is stored; owned by the caller. */
struct esc_json *work_run_document(const struct work_run *run);
/** The key of its output; NULL when there is none. Owned by the caller. */
struct esc_secret *work_run_key(const struct esc_json *document);
/** What is shown of a stored document; owned by the caller. */
struct esc_json *work_run_page(const struct esc_json *document);
/** What one attempt has said in one stream, with the times of its bytes. */
struct work_stream {
    char *step;
    unsigned attempt;
    enum esc_stream stream;
    bool finished;
    struct esc_buf text;
    struct esc_time_mark *marks; /* NULL: none were kept */
    size_t mark_count;
    uint64_t timed_end; /* the first byte that has no time */
};
/** Puts struct work_stream * into @p out, which is initialised here, one for each stream of every
 *  attempt. @errors ESC_NOT_FOUND, ESC_CORRUPT. */
enum esc_status work_run_streams(struct esc_workbench *bench, const char *run_id,
                                 struct esc_list *out, struct esc_error *err);
const char *work_stream_text(enum esc_stream stream); /* "stdout" */
/** The status that a run's page is answered with. */
enum esc_status work_run_outcome(const struct esc_json *page);
enum esc_status work_run_store(const struct work_run *run, struct esc_error *err);
/** Adds to the audit trail: kind, text, and the members of @p detail (handed over; may be NULL). */
enum esc_status work_audit(struct esc_workbench *bench, const char *kind, const char *text,
                           struct esc_json *detail, struct esc_error *err);

/** The plan's step of this id, or NULL. */
const struct esc_json *work_plan_step(const struct esc_json *plan, const char *step_id);
