/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/plan/approval.h"
#include "escher/plan/judge.h"
#include "escher/store/conversation.h"
#include "escher/store/runs.h"
#include "escher/work/converse_private.h"
#include "escher/work/run_private.h"

static bool stop_at_once(void *, const struct esc_chat_message *)
{
    return false;
}

/* Whether a run went by it before; then it stays on record, whoever asks for it again. */
static bool has_run(const struct ask *ask, const char *hash)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *kept = NULL;
    return esc_store_plan_get(ask->call->bench->store, hash, &kept, NULL) == ESC_OK &&
           (esc_json_str(kept, "run", NULL) || esc_json_flag(kept, "ran", false));
}

/* What is kept under the hash: all that the approval and the run need. As long as a run goes by it,
 * it is that run's: put there anew it could be approved a second time. */
static enum esc_status keep_plan(const struct ask *ask, const char *hash, struct esc_error *err)
{
    struct esc_workbench *bench = ask->call->bench;
    const struct work_run *run = work_run_of_plan(bench, hash);
    if (run)
        return esc_fail(err, ESC_CONFLICT,
                        "this is being done already; `escher runs wait %s` waits for its end",
                        run->run->id);
    const enum esc_status there =
        esc_store_messages(bench->store, ask->conversation, stop_at_once, NULL, NULL, err);
    if (there != ESC_OK) /* deleted meanwhile: nothing of it is kept */
        return there;
    struct esc_json *kept = esc_json_object();
    if (has_run(ask, hash))
        esc_json_set_bool(kept, "ran", true);
    esc_json_set_text(kept, "state", "awaiting_approval");
    esc_json_set_text(kept, "prompt", esc_json_str(ask->meaning.request, "prompt", ""));
    esc_json_set_int(kept, "planned_at_ms", (int64_t)esc_clock_wall_ms(bench->clock));
    esc_json_set_text(kept, "conversation", ask->conversation);
    esc_json_set_text(kept, "message", ask->answer_id);
    esc_json_set(kept, "plan", esc_json_ref(ask->plan));
    esc_json_set(kept, "request", esc_json_ref(ask->meaning.request));
    const enum esc_status status = esc_store_plan_put(bench->store, hash, kept, err);
    esc_json_free(kept);
    return status;
}

static enum esc_status offer(struct ask *ask, const struct esc_verdict *verdict,
                             struct esc_json **body, struct esc_error *err)
{
    char hash[ESC_PLAN_HASH_TEXT];
    struct esc_approval_demand demand;
    esc_json_set(ask->plan, "warnings", esc_json_ref(verdict->warnings));
    enum esc_status status = esc_plan_hash(ask->plan, NULL, hash, err);
    if (status == ESC_OK)
        status = esc_approval_demand_of(ask->plan, &demand, err);
    if (status == ESC_OK)
        status = keep_plan(ask, hash, err);
    if (status != ESC_OK)
        return status;
    *body = esc_json_object();
    esc_json_set_text(*body, "kind", "plan");
    esc_json_set_text(*body, "plan_hash", hash);
    esc_json_set_bool(*body, "emulator", ask->emulator);
    if (demand.typed) {
        esc_json_set_text(*body, "confirm", demand.typed);
        esc_json_set_text(*body, "confirm_because", demand.typed_because);
    }
    esc_json_set_time(*body, "expires_at",
                      esc_clock_wall_ms(ask->call->bench->clock) + demand.ttl_ms);
    esc_json_set(*body, "plan", esc_json_ref(ask->plan));
    return ESC_OK;
}

void ask_conclude(struct ask *ask, const struct esc_verdict *verdict)
{
    struct esc_error err;
    struct esc_json *body = NULL;
    if (verdict->kind == ESC_VERDICT_NOOP) {
        ask_answer_sentence(ask, ESC_OK, "answer", "Nothing to do", verdict->reason);
    } else if (verdict->kind == ESC_VERDICT_BLOCKED) {
        ask_answer_sentence(ask, ESC_BLOCKED, "refusal", "Not possible", verdict->reason);
    } else if (offer(ask, verdict, &body, &err) == ESC_OK) {
        ask_finish(ask, ESC_STALE, body);
    } else {
        ask_fail(ask, &err);
    }
}
