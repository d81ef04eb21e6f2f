/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>

#include "apps/cli/rooms.h"
#include "escher/aws/credentials_env.h"
#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/log.h"
#include "escher/base/num.h"
#include "escher/work/door.h"

/*
 * The core: opens the workbench and its door, and turns the loop until it is told to stop. A program
 * that starts it names a descriptor which takes one JSON line: ready, or why not
 * (launch/core_start.h).
 */

struct core {
    bool stop;
    struct esc_door *door;
};

static void stop(void *context, int)
{
    ((struct core *)context)->stop = true;
}

static bool is_over(void *context)
{
    const struct core *core = context;
    return core->stop || esc_door_wants_stop(core->door);
}

static void report(int ready_fd, enum esc_status status, const char *message)
{
    if (ready_fd < 0)
        return;
    ESC_CLEANUP(esc_json_freep) struct esc_json *line = esc_json_object();
    esc_json_set_text(line, "status", esc_status_text(status));
    esc_json_set_text(line, "message", message);
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(line, ESC_JSON_COMPACT);
    (void)esc_file_write_fd(ready_fd, esc_str_of(text), NULL); /* who started it may be gone */
    esc_fd_close(&ready_fd);
}

static enum esc_status serve(struct cli *cli, struct esc_workbench *bench, int ready_fd,
                             struct esc_error *err)
{
    struct core core = {0};
    enum esc_status status = esc_door_open(bench, &core.door, err);
    if (status != ESC_OK)
        return status;
    struct esc_signal *handlers[2] = {NULL, NULL};
    (void)esc_loop_on_signal(cli->loop, SIGINT, stop, &core, &handlers[0],
                             NULL); /* else it kills */
    (void)esc_loop_on_signal(cli->loop, SIGTERM, stop, &core, &handlers[1], NULL);
    report(ready_fd, ESC_OK, "");
    if (ready_fd < 0)
        cli_note(cli, "the core listens on %s", cli->paths.socket);
    (void)esc_loop_run_until(cli->loop, is_over, &core); /* the door keeps the loop alive */
    esc_signal_close(handlers[0]);
    esc_signal_close(handlers[1]);
    esc_door_close(core.door);
    return ESC_OK;
}

/* -1 without one. */
static enum esc_status find_ready_fd(const struct cli *cli, int *out, struct esc_error *err)
{
    const char *text = cli_value(&cli->arguments, "ready-fd");
    uint64_t fd;
    *out = -1;
    if (!text)
        return ESC_OK;
    if (!esc_num_u64(esc_str_of(text), &fd) || fd > ESC_MAX_FD)
        return esc_fail(err, ESC_INVALID, "`%s` is not a descriptor", text);
    *out = (int)fd;
    return ESC_OK;
}

int cli_run_core(struct cli *cli)
{
    int ready_fd;
    struct esc_error err;
    struct esc_workbench *bench = NULL;
    enum esc_status status = find_ready_fd(cli, &ready_fd, &err);
    if (status == ESC_OK)
        status = cli_passphrase(cli, ready_fd < 0, &err);
    const struct esc_workbench_options options = {.loop = cli->loop,
                                                  .profile = cli->paths.profile,
                                                  .passphrase = cli->passphrase,
                                                  .schedule = true};
    if (status == ESC_OK)
        status = esc_workbench_open(&options, &bench, &err);
    esc_aws_environment_forget(); /* what was to be taken up has it; each call brings its own */
    if (status == ESC_OK)
        status = serve(cli, bench, ready_fd, &err);
    esc_workbench_close(bench);
    if (status == ESC_OK)
        return 0;
    report(ready_fd, status, err.message);
    esc_log(ESC_ERROR, "the core ended", F("why", err.message));
    return esc_status_exit_code(status);
}
