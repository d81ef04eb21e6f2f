/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/exec/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/exec/handover.h"
#include "escher/exec/spawn.h"
#include "escher/exec/sweep.h"
#include "escher/loop/timer.h"

enum {
    LOOK_AGAIN_MS = 200,   /* how often an attached attempt is looked at */
    PACKETS_PER_TURN = 32, /* then the loop's other work has its turn */
};

struct esc_helper {
    struct esc_loop *loop;
    struct esc_helper_options options; /* callbacks; its borrowed parts are not used later */
    char *folder, *step;
    struct esc_secret *run_key;
    struct esc_child child; /* of a started one; pidfd -1 for an attached one */
    struct esc_watch *watch;
    int live_fd;
    struct esc_watch *live;
    struct esc_timer *look;     /* of one without a helper of ours */
    bool must_signal;           /* cancelled, but maybe nobody has heard it */
    uint64_t expected[3];       /* next offset, by stream */
    struct esc_error last_word; /* why there is no record */
};

static struct esc_attempt place_of(const struct esc_helper *helper)
{
    return (struct esc_attempt){helper->folder, helper->step, helper->options.attempt.attempt};
}

static struct esc_helper *new_helper(struct esc_loop *loop,
                                     const struct esc_helper_options *options)
{
    struct esc_helper *helper = esc_alloc_zero(sizeof *helper);
    helper->loop = loop;
    helper->options = *options;
    helper->folder = esc_strdup(options->attempt.folder);
    helper->step = esc_strdup(options->attempt.step);
    helper->run_key = esc_secret_copy(options->run_key);
    helper->child.pidfd = -1;
    helper->live_fd = -1;
    return helper;
}

static void free_helper(struct esc_helper *helper)
{
    esc_watch_close(helper->watch);
    esc_watch_close(helper->live);
    esc_timer_stop(&helper->look);
    esc_fd_close(&helper->child.pidfd);
    esc_fd_close(&helper->live_fd);
    esc_secret_free(helper->run_key);
    free(helper->folder);
    free(helper->step);
    free(helper);
}

static void tell_gap(struct esc_helper *helper, enum esc_stream stream, uint64_t to)
{
    uint64_t from = helper->expected[stream];
    if (to > from && helper->options.on_gap)
        helper->options.on_gap(helper->options.context, stream, from, to);
    helper->expected[stream] = to;
}

static void take_output(struct esc_helper *helper, const struct esc_message *message,
                        struct esc_str bytes)
{
    if (message->stream != ESC_STREAM_OUT && message->stream != ESC_STREAM_ERR)
        return;
    enum esc_stream stream = (enum esc_stream)message->stream;
    tell_gap(helper, stream, message->number);
    helper->expected[stream] = message->number + bytes.len;
    if (helper->options.on_output)
        helper->options.on_output(helper->options.context, stream, message->number, bytes);
}

/* False when nothing more is there. */
static bool read_packet(struct esc_helper *helper)
{
    char packet[sizeof(struct esc_message) + ESC_MESSAGE_MAX];
    struct esc_message message;
    ssize_t got = recv(helper->live_fd, packet, sizeof packet, MSG_DONTWAIT);
    if (got < 0 && errno == EINTR)
        return true;
    if (got < (ssize_t)sizeof message) {
        if (got >= 0 || errno != EAGAIN) { /* the helper has ended */
            esc_watch_close(helper->live);
            helper->live = NULL;
        }
        return false;
    }
    memcpy(&message, packet, sizeof message);
    const struct esc_str bytes = {packet + sizeof message, (size_t)got - sizeof message};
    if (message.kind == ESC_MESSAGE_OUTPUT)
        take_output(helper, &message, bytes);
    else if (message.kind == ESC_MESSAGE_FAILED)
        (void)esc_fail(&helper->last_word, ESC_IO, "%.*s", ESC_STR_ARG(bytes));
    return true;
}

static void on_live(void *context, unsigned events)
{
    (void)events; /* only one was asked for */
    struct esc_helper *helper = context;
    for (int i = 0; i < PACKETS_PER_TURN && read_packet(helper); i++)
        ;
}

/* The record, or what is known without one. */
static void read_end(const struct esc_helper *helper, struct esc_exit_record *record)
{
    const struct esc_attempt place = place_of(helper);
    struct esc_error err;
    *record = (struct esc_exit_record){0};
    if (esc_attempt_read_record(&place, helper->run_key, record, &err) == ESC_OK)
        return;
    bool told = helper->last_word.status != ESC_OK;
    const char *why = told ? helper->last_word.message : err.message;
    *record = (struct esc_exit_record){.ending = ESC_ENDING_LOST, .exit_code = -1};
    size_t len = strnlen(why, sizeof record->message - 1);
    memcpy(record->message, why, len);
}

static void finish(struct esc_helper *helper)
{
    struct esc_exit_record record;
    read_end(helper, &record);
    if (helper->child.pidfd >= 0) {
        tell_gap(helper, ESC_STREAM_OUT, record.out_bytes);
        tell_gap(helper, ESC_STREAM_ERR, record.err_bytes);
    }
    helper->options.on_done(helper->options.context, &record);
    free_helper(helper);
}

/* One line of the live file: a process by pid and start time, so a reused pid is not hit. */
static bool signal_line(struct esc_str line)
{
    struct esc_str pid_text;
    uint64_t pid, start;
    struct esc_brood_member now;
    if (!esc_str_next(&line, ' ', &pid_text) || !esc_num_u64(pid_text, &pid) ||
        !esc_num_u64(line, &start))
        return false;
    ESC_CLEANUP(esc_fd_close) int pidfd = pidfd_open((pid_t)pid, 0);
    return pidfd >= 0 && esc_brood_identify((pid_t)pid, &now) && now.start == start &&
           pidfd_send_signal(pidfd, SIGTERM, NULL, 0) == 0;
}

/* The helper, or, when that is gone, the command. */
static void signal_by_file(struct esc_helper *helper)
{
    helper->must_signal = false;
    const struct esc_attempt place = place_of(helper);
    ESC_CLEANUP(esc_freep) char *path = esc_attempt_path(&place, "live");
    struct esc_buf text;
    struct esc_str line;
    esc_buf_init(&text, 256);
    (void)esc_file_read(path, &text, NULL); /* without it there is nobody to signal */
    struct esc_str rest = esc_buf_str(&text);
    while (rest.len > 0 && esc_str_next(&rest, '\n', &line) && !signal_line(line))
        ;
    esc_buf_done(&text);
}

/* Goes on as long as somebody holds the lock: the helper, or without it the command. */
static void look(void *context)
{
    struct esc_helper *helper = context;
    const struct esc_attempt place = place_of(helper);
    enum esc_attempt_trace trace = ESC_TRACE_LOST;
    helper->look = NULL;
    if (esc_attempt_look(&place, &trace, &helper->last_word) == ESC_OK &&
        trace == ESC_TRACE_RUNNING) {
        if (helper->must_signal) /* asked of a helper that was dying */
            signal_by_file(helper);
        helper->look = esc_timer_start(helper->loop, LOOK_AGAIN_MS, look, helper);
    } else {
        finish(helper);
    }
}

static void on_helper_exit(void *context, unsigned events)
{
    (void)events;
    struct esc_helper *helper = context;
    siginfo_t info;
    enum esc_status status = esc_child_look(&helper->child, false, &info, NULL);
    if (status == ESC_OK && info.si_pid == 0)
        return;
    while (helper->live && read_packet(helper)) /* what it has said last */
        ;
    esc_watch_close(helper->live);
    esc_watch_close(helper->watch);
    helper->live = helper->watch = NULL;
    look(helper);
}

/* Makes and locks the live file: from here on this attempt has been started. */
static enum esc_status claim(const struct esc_attempt *place, int *lock_fd, struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *path = esc_attempt_path(place, "live");
    ESC_CLEANUP(esc_fd_close)
    int fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 && errno == EEXIST)
        return esc_fail(err, ESC_EXISTS, "attempt %u of step %s has been started before",
                        place->attempt, place->step);
    if (fd < 0)
        return esc_fail(err, ESC_IO, "create `%s`: %s", path, strerror(errno));
    ESC_CLEANUP(esc_fd_close) int folder = open(place->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0 || folder < 0 || fsync(folder) != 0) {
        enum esc_status status = esc_fail(err, ESC_IO, "claim `%s`: %s", path, strerror(errno));
        (void)unlink(path); /* nothing has been started */
        return status;
    }
    *lock_fd = fd;
    fd = -1;
    return ESC_OK;
}

static void unclaim(const struct esc_attempt *place)
{
    ESC_CLEANUP(esc_freep) char *path = esc_attempt_path(place, "live");
    (void)unlink(path); /* nothing has been started; if it stays, nothing will be */
}

/* The command that is escher-run with its job. The descriptors of @p theirs are copied. */
static enum esc_status prepare_fds(struct esc_command *helper_command,
                                   const struct esc_command *theirs, int lock_fd, int *live_fd,
                                   struct esc_error *err)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return esc_fail(err, ESC_LIMIT, "no socket: %s", strerror(errno));
    *live_fd = ends[0];
    esc_command_pass(helper_command, ends[1], ESC_HANDOVER_LIVE_FD);
    const int more = 512 * 1024; /* bursts up to here lose nothing */
    (void)setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &more, sizeof more); /* else a few less */
    int lock_copy = fcntl(lock_fd, F_DUPFD_CLOEXEC, 0);
    if (lock_copy < 0)
        return esc_fail(err, ESC_LIMIT, "no descriptor: %s", strerror(errno));
    esc_command_pass(helper_command, lock_copy, ESC_HANDOVER_LOCK_FD);
    for (size_t i = 0; i < theirs->fd_count; i++) {
        int copy = fcntl(theirs->fds[i].from, F_DUPFD_CLOEXEC, 0);
        if (copy < 0)
            return esc_fail(err, ESC_LIMIT, "no descriptor: %s", strerror(errno));
        esc_command_pass(helper_command, copy, ESC_HANDOVER_FIRST_FD + (int)i);
    }
    return ESC_OK;
}

static enum esc_status prepare_job(struct esc_command *helper_command,
                                   const struct esc_helper_options *options, struct esc_error *err)
{
    struct esc_handover handover = {
        .folder = esc_strdup(options->attempt.folder),
        .step = esc_strdup(options->attempt.step),
        .attempt = options->attempt.attempt,
        .timeout_ms = options->timeout_ms,
        .grace_ms = options->grace_ms ? options->grace_ms : ESC_PROCESS_GRACE_MS,
        .max_output = options->max_output ? options->max_output : ESC_MAX_LOG_STREAM,
    };
    for (enum esc_attempt_file file = 0; file < ESC_FILE_COUNT; file++)
        handover.keys[file] =
            esc_attempt_key(&options->attempt, options->run_key, esc_attempt_file_end(file));
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *secrets = NULL;
    struct esc_buf job;
    esc_buf_init(&job, ESC_MAX_JSON);
    enum esc_status status = esc_handover_write(&handover, options->command, &job, &secrets, err);
    if (status == ESC_OK)
        status = esc_command_pass_bytes(helper_command, "escher-job", esc_buf_str(&job),
                                        ESC_HANDOVER_JOB_FD, err);
    if (status == ESC_OK)
        status = esc_command_pass_bytes(helper_command, "escher-secrets", esc_secret_view(secrets),
                                        ESC_HANDOVER_SECRETS_FD, err);
    esc_buf_done(&job);
    esc_handover_done(&handover);
    return status;
}

static enum esc_status spawn_helper(const struct esc_helper_options *options, int lock_fd,
                                    struct esc_helper *helper, struct esc_error *err)
{
    struct esc_command command;
    esc_command_init(&command, options->program);
    esc_command_arg(&command, "escher-run");
    ESC_CLEANUP(esc_fd_close) int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    enum esc_status status = nowhere >= 0 ? prepare_job(&command, options, err)
                                          : esc_fail(err, ESC_LIMIT, "no /dev/null");
    if (status == ESC_OK)
        status = prepare_fds(&command, options->command, lock_fd, &helper->live_fd, err);
    if (status == ESC_OK)
        status = esc_spawn(&command, nowhere, nowhere, &helper->child, err);
    esc_command_done(&command);
    return status;
}

enum esc_status esc_helper_start(struct esc_loop *loop, const struct esc_helper_options *options,
                                 struct esc_helper **out, struct esc_error *err)
{
    ESC_CLEANUP(esc_fd_close) int lock_fd = -1;
    enum esc_status status = esc_attempt_check(&options->attempt, err);
    if (status == ESC_OK)
        status = claim(&options->attempt, &lock_fd, err);
    if (status != ESC_OK)
        return status;
    struct esc_helper *helper = new_helper(loop, options);
    status = spawn_helper(options, lock_fd, helper, err);
    if (status != ESC_OK) {
        unclaim(&options->attempt);
        free_helper(helper);
        return status;
    }
    helper->live = esc_loop_watch(loop, helper->live_fd, ESC_READABLE, on_live, helper);
    helper->watch = esc_loop_watch(loop, helper->child.pidfd, ESC_READABLE, on_helper_exit, helper);
    if (out)
        *out = helper;
    return ESC_OK;
}

enum esc_status esc_helper_attach(struct esc_loop *loop, const struct esc_helper_options *options,
                                  struct esc_helper **out, struct esc_error *err)
{
    enum esc_attempt_trace trace;
    enum esc_status status = esc_attempt_look(&options->attempt, &trace, err);
    if (status == ESC_OK && trace == ESC_TRACE_NONE)
        status = esc_fail(err, ESC_NOT_FOUND, "attempt %u of step %s was never started",
                          options->attempt.attempt, options->attempt.step);
    if (status != ESC_OK)
        return status;
    struct esc_helper *helper = new_helper(loop, options);
    helper->look = esc_timer_start(loop, 0, look, helper);
    if (out)
        *out = helper;
    return ESC_OK;
}

void esc_helper_cancel(struct esc_helper *helper)
{
    uint64_t grace_ms = helper->options.grace_ms;
    const struct esc_message message = {.kind = ESC_MESSAGE_CANCEL,
                                        .number = grace_ms ? grace_ms : ESC_PROCESS_GRACE_MS};
    helper->must_signal = true; /* should the packet never be read */
    if (!helper->live ||
        send(helper->live_fd, &message, sizeof message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        signal_by_file(helper);
}

void esc_helper_abandon(struct esc_helper *helper)
{
    if (helper)
        free_helper(helper);
}
