/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/log.h"
#include "escher/loop/job.h"
#include "escher/loop/timer.h"
#include "escher/store/anchor.h"
#include "escher/store/ballast.h"
#include "escher/work/work_private.h"

/*
 * The anchor of the store goes to the keyring when a run is over, every ten minutes in which
 * something was written, and when the workbench closes. The keyring is asked in a job and may fail:
 * then it is tried again at the next of these, and status and doctor say so.
 */
enum {
    ANCHOR_EVERY_MS = 600'000
};

struct work_anchor {
    struct esc_workbench *bench;
    struct esc_timer *timer;
    bool is_putting, wants_more; /* a job is under way; it is to be put again after it */
    bool has_failed;
    struct esc_error why;
};

/* What a job is about. */
struct putting {
    struct work_anchor *keep;
    struct esc_keyring *keyring;
    struct esc_anchor anchor;
    enum esc_status status;
    struct esc_error err;
};

static void put_in_job(void *context)
{
    struct putting *putting = context;
    putting->status = esc_anchor_put(putting->keyring, &putting->anchor, &putting->err);
}

static void note_failure(struct work_anchor *keep, const struct esc_error *err)
{
    if (!keep->has_failed)
        esc_log(ESC_WARN, "the anchor of the store is not in the keyring", F("why", err->message));
    keep->has_failed = true;
    keep->why = *err;
}

static enum esc_status compare(struct work_anchor *keep, struct putting *putting)
{
    keep->wants_more = true;
    return esc_store_anchor_compare(keep->bench->store, &putting->anchor, &putting->err);
}

static void was_put(void *context, enum esc_status end)
{
    struct putting *putting = context;
    if (end != ESC_OK) /* the job was never begun */
        putting->status = esc_fail(&putting->err, end, "it was not put");
    struct work_anchor *keep = putting->keep;
    keep->is_putting = false;
    if (putting->status == ESC_CONFLICT) /* not looked at when the store was opened */
        putting->status = compare(keep, putting);
    else if (putting->status == ESC_OK)
        esc_store_anchor_note(keep->bench->store, &putting->anchor);
    if (putting->status == ESC_OK)
        keep->has_failed = false;
    else
        note_failure(keep, &putting->err);
    free(putting);
    if (keep->wants_more)
        work_anchor_put(keep->bench);
}

void work_anchor_put(struct esc_workbench *bench)
{
    struct work_anchor *keep = bench->anchor;
    struct esc_error err;
    keep->wants_more = keep->is_putting;
    const enum esc_anchor_state state = esc_store_anchor_state(bench->store);
    if (keep->is_putting || state == ESC_ANCHOR_FITS || state == ESC_ANCHOR_AHEAD)
        return;
    struct putting *putting = esc_alloc_zero(sizeof *putting);
    putting->keep = keep;
    putting->keyring = bench->keyring;
    if (esc_store_anchor_take(bench->store, &putting->anchor, &err) != ESC_OK) {
        note_failure(keep, &err);
        free(putting);
        return;
    }
    keep->is_putting = true;
    (void)esc_job_start(bench->loop, put_in_job, was_put, putting); /* it is not cancelled */
}

static void on_time(void *context)
{
    struct work_anchor *keep = context;
    keep->timer = esc_timer_start(keep->bench->loop, ANCHOR_EVERY_MS, on_time, keep);
    work_anchor_put(keep->bench);
    esc_store_ballast_tend(keep->bench->store);
}

void work_anchor_start(struct esc_workbench *bench)
{
    bench->anchor = esc_alloc_zero(sizeof *bench->anchor);
    bench->anchor->bench = bench;
    bench->anchor->timer = esc_timer_start(bench->loop, ANCHOR_EVERY_MS, on_time, bench->anchor);
}

static bool is_settled(void *context)
{
    const struct work_anchor *keep = context;
    return !keep->is_putting;
}

void work_anchor_close(struct esc_workbench *bench)
{
    struct work_anchor *keep = bench->anchor;
    if (!keep)
        return;
    esc_timer_stop(&keep->timer);
    work_anchor_put(bench);
    (void)esc_loop_run_until(bench->loop, is_settled, keep); /* the keyring has its deadline */
    free(ESC_STEAL(bench->anchor));
}

void work_anchor_describe(const struct esc_workbench *bench, struct esc_buf *out, bool *is_well)
{
    const enum esc_anchor_state state = esc_store_anchor_state(bench->store);
    const struct work_anchor *keep = bench->anchor;
    *is_well = state == ESC_ANCHOR_FITS || (state == ESC_ANCHOR_BEHIND && !keep->has_failed);
    switch (state) {
    case ESC_ANCHOR_FITS:
    case ESC_ANCHOR_BEHIND:
        esc_buf_add_text(out, "an older copy of the store would be refused");
        break;
    case ESC_ANCHOR_MISSING:
        esc_buf_add_text(out, "not there yet: an older copy of the store would not be noticed");
        break;
    case ESC_ANCHOR_UNKNOWN:
        esc_buf_add_text(out, "it could not be compared: the store was opened without it");
        break;
    case ESC_ANCHOR_AHEAD:
        esc_buf_add_text(out, "the store is older than the last one seen: a copy was put back");
        break;
    case ESC_ANCHOR_OFF:
        esc_buf_add_text(out, "the store was opened without it");
        break;
    }
    if (keep->has_failed)
        esc_buf_printf(out, " (it could not be put: %s)", keep->why.message);
}
