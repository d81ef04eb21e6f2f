/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/limits.h"
#include "escher/base/paths.h"
#include "escher/base/str.h"
#include "escher/work/api.h"
#include "tests/bench/bench.h"

/*
 * usage: bench-plan PASSPHRASE        over the store of ESCHER_HOME
 *
 * From a prompt to a plan that the client has derived again and found equal, in this process:
 * mentions, request, conversation, planner, verification. The clock stops where the live state
 * would be read; then the call is cancelled.
 */

enum {
    ROUNDS = 20
};

/* All of them end in a plan on the demo's full world. */
static const char *const prompts[] = {
    "Stop pg-instance-main1",   "stop the database pg-instance-main1 in production, please",
    "reboot pg-instance-main1", "take a snapshot of pg-instance-main1",
    "Stop pg-backup-server",    "reboot pg-backup-server",
    "stop pg-instance-stage1",  "turn on versioning for larkfield-pg-backups",
};

struct asking {
    bool planned, done;
    uint64_t planned_ns;
    char *ended; /* how, when no plan was made */
};

static void take_event(void *context, const struct esc_json *event)
{
    struct asking *asking = context;
    if (!asking->planned && esc_json_num(event, "data.number", 0) == 4) {
        asking->planned = true;
        asking->planned_ns = bench_now_ns();
    }
}

static void take_end(void *context, enum esc_status, struct esc_json *body)
{
    struct asking *asking = context;
    asking->done = true;
    asking->ended = esc_strdup(esc_json_str(body, "text", esc_json_str(body, "message", "")));
    esc_json_free(body);
}

static bool is_planned_or_done(void *context)
{
    const struct asking *asking = context;
    return asking->planned || asking->done;
}

static bool is_done(void *context)
{
    return ((const struct asking *)context)->done;
}

static double ask(struct esc_workbench *bench, struct esc_loop *loop, const char *prompt)
{
    struct asking asking = {0};
    struct esc_json *body = esc_json_object();
    esc_json_set_text(body, "prompt", prompt);
    esc_json_set_text(body, "conversation", "new");
    const struct esc_api_request request = {.method = "POST", .path = "/api/ask", .body = body};
    const struct esc_api_sink sink = {take_event, take_end, &asking};
    const uint64_t began = bench_now_ns();
    struct esc_api_call *call = esc_api_call(bench, &request, &sink);
    (void)esc_loop_run_until(loop, is_planned_or_done, &asking);
    if (!asking.done)
        esc_api_cancel(call);
    (void)esc_loop_run_until(loop, is_done, &asking);
    if (!asking.planned) {
        (void)fprintf(stderr, "bench: no plan for `%s`: %s\n", prompt, asking.ended);
        exit(1);
    }
    free(asking.ended);
    esc_json_free(body);
    return (double)(asking.planned_ns - began) / 1e6;
}

int main(int argc, char **argv)
{
    struct esc_error err;
    struct esc_loop *loop = NULL;
    struct esc_workbench *bench = NULL;
    struct bench_samples samples = {0};
    if (argc != 2)
        return 2;
    bench_need(esc_loop_new(&loop, &err), &err);
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *passphrase = esc_secret_of_text(argv[1]);
    const struct esc_workbench_options options = {.loop = loop, .passphrase = passphrase};
    const uint64_t began = bench_now_ns();
    bench_need(esc_workbench_open(&options, &bench, &err), &err);
    bench_say("open the workbench", "ms", (double)(bench_now_ns() - began) / 1e6, 1);
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < sizeof prompts / sizeof *prompts; i++)
            bench_add(&samples, ask(bench, loop, prompts[i]));
    }
    bench_say_samples("prompt to plan", "ms", &samples);
    esc_workbench_close(bench);
    esc_loop_free(loop);
    return 0;
}
