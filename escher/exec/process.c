/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/exec/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/clock.h"
#include "escher/base/file.h"
#include "escher/crypt/secret.h"
#include "escher/exec/spawn.h"
#include "escher/exec/sweep.h"
#include "escher/loop/timer.h"

/*
 * The leader stays a zombie until everything of its group has been killed: as long as it is
 * there, the group's number cannot be given to somebody else.
 */

enum {
    PIPE_SIZE = 256 * 1024,    /* a reader that is woken rarely keeps a fast writer going */
    READS_PER_TURN_COUNT = 16, /* then the loop's other work has its turn */
    GIVE_UP_MS = 5 * 1000,     /* after KILL: it hangs in the kernel */
};

struct output {
    struct esc_process *process;
    enum esc_stream stream;
    int fd;
    struct esc_watch *watch; /* NULL: at its end */
    struct esc_buf kept;
    uint64_t bytes;
};

struct esc_process {
    struct esc_loop *loop;
    struct esc_process_options options;
    struct esc_child child;
    struct esc_watch *watch; /* of the pidfd; NULL: it has ended */
    struct output out, err;
    struct esc_timer *timeout; /* of the whole */
    struct esc_timer *next;    /* grace, leak or giving up */
    struct esc_finalizer *finalizer;
    uint64_t started_ms;
    uint64_t kill_ms;       /* while it is being ended: when the grace is over */
    struct esc_brood brood; /* what it has started, known once it is being ended */
    struct esc_process_result result;
    bool ended_by_us; /* result.ending says why */
};

static uint64_t now_ms(void)
{
    return esc_clock_monotonic_ms(esc_clock_system());
}

static void close_output(struct output *output)
{
    esc_watch_close(output->watch);
    output->watch = NULL;
    esc_fd_close(&output->fd);
}

static void free_process(struct esc_process *process)
{
    close_output(&process->out);
    close_output(&process->err);
    esc_buf_done(&process->out.kept);
    esc_buf_done(&process->err.kept);
    esc_watch_close(process->watch);
    esc_fd_close(&process->child.pidfd);
    esc_timer_stop(&process->timeout);
    esc_timer_stop(&process->next);
    esc_finalizer_drop(process->finalizer);
    esc_brood_done(&process->brood);
    free(process);
}

static void signal_group(const struct esc_process *process, int number)
{
    (void)kill(-process->child.pid, number); /* an empty group is as good as a dead one */
}

static void kill_all(struct esc_process *process)
{
    signal_group(process, SIGKILL);
    esc_brood_look(&process->brood, process->child.pid, process->child.pid);
    if (esc_brood_signal(&process->brood, SIGKILL) > 0 && !process->watch)
        process->result.leaked = true; /* it has outlived its leader */
}

static void finish(struct esc_process *process)
{
    if (process->result.leaked || process->ended_by_us)
        kill_all(process);
    else
        signal_group(process, SIGKILL);
    siginfo_t info;
    (void)esc_child_look(&process->child, false, &info, NULL); /* known already: only reaps */
    struct esc_process_result *result = &process->result;
    result->out = esc_buf_str(&process->out.kept);
    result->err = esc_buf_str(&process->err.kept);
    result->out_bytes = process->out.bytes;
    result->err_bytes = process->err.bytes;
    result->took_ms = now_ms() - process->started_ms;
    if (!process->options.on_output)
        result->over_limit =
            result->out.len < result->out_bytes || result->err.len < result->err_bytes;
    process->options.on_exit(process->options.context, result);
    free_process(process);
}

static void on_leak(void *context)
{
    struct esc_process *process = context;
    process->next = NULL;
    process->result.leaked = true;
    finish(process);
}

static void finish_if_over(struct esc_process *process)
{
    if (process->watch)
        return;
    if (!process->out.watch && !process->err.watch)
        finish(process);
    else if (!process->next)
        process->next = esc_timer_start(process->loop, ESC_PROCESS_LEAK_MS, on_leak, process);
}

static void take_output(struct output *output, struct esc_str bytes)
{
    const struct esc_process_options *options = &output->process->options;
    output->bytes += bytes.len;
    if (options->on_output)
        options->on_output(options->context, output->stream, bytes);
    else
        esc_buf_add(&output->kept, esc_str_slice(bytes, 0, options->max_output - output->kept.len));
}

static void on_readable(void *context, unsigned events)
{
    (void)events; /* only one was asked for */
    struct output *output = context;
    char chunk[64 * 1024];
    for (int i = 0; i < READS_PER_TURN_COUNT; i++) {
        ssize_t got = read(output->fd, chunk, sizeof chunk);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (got <= 0) { /* the end; an error of a pipe is none other */
            close_output(output);
            finish_if_over(output->process);
            return;
        }
        take_output(output, (struct esc_str){chunk, (size_t)got});
        esc_wipe(chunk, (size_t)got); /* it may have been credentials, and the stack stays */
    }
}

/* False: it lives. Else the result says how it ended. */
static bool has_ended(struct esc_process *process)
{
    struct esc_process_result *result = &process->result;
    siginfo_t info;
    const bool known = esc_child_look(&process->child, true, &info, NULL) == ESC_OK;
    if (known && info.si_pid == 0)
        return false;
    if (known && info.si_code == CLD_EXITED)
        result->exit_code = info.si_status;
    else if (known)
        result->signal = info.si_status;
    if (!process->ended_by_us)
        result->ending = !known           ? ESC_ENDING_LOST
                         : result->signal ? ESC_ENDING_SIGNALLED
                                          : ESC_ENDING_EXITED;
    esc_watch_close(process->watch);
    process->watch = NULL;
    esc_timer_stop(&process->timeout);
    esc_timer_stop(&process->next);
    return true;
}

static void on_child(void *context, unsigned events)
{
    (void)events;
    struct esc_process *process = context;
    if (has_ended(process))
        finish_if_over(process);
}

/* No turn will come that could end it: its death is waited for here. */
static void on_loop_end(void *context)
{
    struct esc_process *process = context;
    struct pollfd death = {.fd = process->child.pidfd, .events = POLLIN};
    process->finalizer = NULL;
    if (process->watch && !process->ended_by_us) {
        process->ended_by_us = true;
        process->result.ending = ESC_ENDING_CANCELLED;
    }
    if (process->watch) {
        kill_all(process);
        (void)poll(&death, 1, GIVE_UP_MS); /* has_ended() sees what came of it */
    }
    if (process->watch && !has_ended(process))
        process->result.ending = ESC_ENDING_LOST;
    finish(process);
}

static void on_gave_up(void *context)
{
    struct esc_process *process = context;
    process->next = NULL;
    process->result.ending = ESC_ENDING_LOST;
    finish(process);
}

static void kill_now(void *context)
{
    struct esc_process *process = context;
    process->next = NULL;
    kill_all(process);
    process->next = esc_timer_start(process->loop, GIVE_UP_MS, on_gave_up, process);
}

static void end_process(struct esc_process *process, enum esc_ending ending, uint64_t grace_ms)
{
    if (!process->watch)
        return; /* over; what is left of it is being waited for */
    if (!process->ended_by_us) {
        process->ended_by_us = true;
        process->result.ending = ending;
        esc_timer_stop(&process->timeout);
    }
    uint64_t kill_ms = now_ms() + grace_ms;
    if (process->next && kill_ms >= process->kill_ms)
        return; /* being asked again hurries, it does not put off */
    process->kill_ms = kill_ms;
    esc_timer_stop(&process->next);
    if (grace_ms > 0) {
        esc_brood_look(&process->brood, process->child.pid, process->child.pid);
        signal_group(process, SIGTERM);
        signal_group(process, SIGCONT); /* a stopped one would never see it */
    }
    process->next = esc_timer_start(process->loop, grace_ms, kill_now, process);
}

static void on_timeout(void *context)
{
    struct esc_process *process = context;
    process->timeout = NULL;
    uint64_t grace_ms = process->options.grace_ms;
    end_process(process, ESC_ENDING_TIMED_OUT, grace_ms ? grace_ms : ESC_PROCESS_GRACE_MS);
}

void esc_process_cancel(struct esc_process *process, uint64_t grace_ms)
{
    end_process(process, ESC_ENDING_CANCELLED, grace_ms);
}

/* Makes the pipe of one stream; the child's end in *theirs. */
static bool open_output(struct esc_process *process, struct output *output, enum esc_stream stream,
                        int *theirs)
{
    int ends[2];
    *output = (struct output){.process = process, .stream = stream, .fd = -1};
    esc_buf_init_wiped(&output->kept, process->options.max_output); /* it may be credentials */
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    output->fd = ends[0];
    *theirs = ends[1];
    (void)fcntl(ends[0], F_SETPIPE_SZ,
                PIPE_SIZE); /* refused over a user's quota: a small one does */
    return fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0;
}

static void watch_all(struct esc_process *process)
{
    struct output *outputs[] = {&process->out, &process->err};
    for (size_t i = 0; i < ESC_COUNT(outputs); i++) {
        outputs[i]->watch =
            esc_loop_watch(process->loop, outputs[i]->fd, ESC_READABLE, on_readable, outputs[i]);
        ESC_ASSERT(outputs[i]->watch);
    }
    process->watch =
        esc_loop_watch(process->loop, process->child.pidfd, ESC_READABLE, on_child, process);
    ESC_ASSERT(process->watch);
    if (process->options.timeout_ms)
        process->timeout =
            esc_timer_start(process->loop, process->options.timeout_ms, on_timeout, process);
}

enum esc_status esc_process_start(struct esc_loop *loop, const struct esc_command *command,
                                  const struct esc_process_options *options,
                                  struct esc_process **out, struct esc_error *err)
{
    struct esc_process *process = esc_alloc_zero(sizeof *process);
    ESC_CLEANUP(esc_fd_close) int out_fd = -1;
    ESC_CLEANUP(esc_fd_close) int err_fd = -1;
    process->loop = loop;
    process->finalizer = esc_loop_at_end(loop, on_loop_end, process);
    process->options = *options;
    process->child.pidfd = -1;
    process->started_ms = now_ms();
    process->result.exit_code = -1;
    process->err.fd = -1; /* free_process() closes both */
    enum esc_status status = ESC_OK;
    if (!open_output(process, &process->out, ESC_STREAM_OUT, &out_fd) ||
        !open_output(process, &process->err, ESC_STREAM_ERR, &err_fd))
        status = esc_fail(err, ESC_LIMIT, "no pipe for %s: %s", command->path, strerror(errno));
    if (status == ESC_OK)
        status = esc_spawn(command, out_fd, err_fd, &process->child, err);
    if (status != ESC_OK) {
        free_process(process);
        return status;
    }
    watch_all(process);
    if (out)
        *out = process;
    return ESC_OK;
}
