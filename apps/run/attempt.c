/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/run/attempt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "apps/run/sink.h"
#include "escher/base/alloc.h"
#include "escher/base/clock.h"
#include "escher/base/file.h"
#include "escher/exec/spawn.h"
#include "escher/exec/sweep.h"

enum {
    KILL_AGAIN_MS = 20,    /* between two rounds, for those that fork faster than we look */
    GIVE_UP_MS = 5 * 1000, /* after the first KILL: what is left hangs in the kernel */
    PIPE_SIZE = 256 * 1024,
};

/* The descriptors that are waited for, in the order of the poll table. */
enum source {
    SOURCE_OUT,
    SOURCE_ERR,
    SOURCE_CHILD,
    SOURCE_SIGNAL,
    SOURCE_LIVE,
    SOURCE_COUNT,
};

enum phase {
    RUNNING,
    ENDING,   /* TERM has been sent */
    KILLING,  /* KILL is sent in rounds */
    DRAINING, /* it has ended; the pipes may not have */
    OVER,
};

struct attempt {
    const struct esc_handover *handover;
    struct esc_child child;
    struct pollfd polls[SOURCE_COUNT];
    struct sink sinks[2]; /* out, err */
    struct sink times;    /* when they came; not worth failing for */
    uint64_t noted_ms[2];
    enum phase phase;
    uint64_t deadline_ms; /* of the phase; UINT64_MAX: none */
    uint64_t give_up_ms;
    struct esc_brood brood;
    struct esc_exit_record record;
};

/* Stands still while the machine sleeps: a laptop that wakes up has not timed out. */
static uint64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail with this clock */
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static uint64_t later(uint64_t delay_ms)
{
    return now_ms() + delay_ms;
}

static bool is_open(const struct attempt *attempt, enum source source)
{
    return attempt->polls[source].fd >= 0;
}

static void close_source(struct attempt *attempt, enum source source)
{
    esc_fd_close(&attempt->polls[source].fd);
}

/* The caller is gone; the command is not. */
static void forget_caller(struct attempt *attempt)
{
    attempt->polls[SOURCE_LIVE].fd = -1; /* main() closes it */
}

/* Drops it when the caller is slow, and the caller when it is gone. */
static void tell(struct attempt *attempt, enum esc_stream stream, uint64_t offset,
                 struct esc_str bytes)
{
    struct esc_message head = {
        .kind = ESC_MESSAGE_OUTPUT, .stream = (uint32_t)stream, .number = offset};
    union {
        const char *read_only;
        void *writable;
    } body = {.read_only = bytes.ptr}; /* sendmsg only reads, whatever its prototype says */
    struct iovec parts[] = {{&head, sizeof head}, {body.writable, bytes.len}};
    const struct msghdr message = {.msg_iov = parts, .msg_iovlen = ESC_COUNT(parts)};
    if (!is_open(attempt, SOURCE_LIVE))
        return;
    ssize_t sent = sendmsg(attempt->polls[SOURCE_LIVE].fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != ENOBUFS && errno != EINTR)
        forget_caller(attempt);
}

/* A mark where this piece begins, unless the one before is as good as now. */
static void note_time(struct attempt *attempt, enum source source, enum esc_stream stream)
{
    const struct esc_time_mark mark = {attempt->sinks[source].bytes,
                                       esc_clock_wall_ms(esc_clock_system())};
    char bytes[ESC_TIME_MARK_BYTES];
    const uint64_t noted_ms = attempt->noted_ms[source];
    if (noted_ms <= mark.at_ms && mark.at_ms - noted_ms < ESC_TIME_MARK_GRAIN_MS)
        return;
    attempt->noted_ms[source] = mark.at_ms;
    esc_time_mark_write(stream, &mark, bytes);
    if (attempt->times.kept + sizeof bytes <= ESC_TIME_MARKS_MAX)
        sink_add(&attempt->times, (struct esc_str){bytes, sizeof bytes});
}

static void read_stream(struct attempt *attempt, enum source source)
{
    char chunk[ESC_MESSAGE_MAX];
    struct sink *sink = &attempt->sinks[source];
    ssize_t got = read(attempt->polls[source].fd, chunk, sizeof chunk);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        close_source(attempt, source);
        return;
    }
    const struct esc_str bytes = {chunk, (size_t)got};
    enum esc_stream stream = source == SOURCE_OUT ? ESC_STREAM_OUT : ESC_STREAM_ERR;
    tell(attempt, stream, sink->bytes, bytes);
    note_time(attempt, source, stream);
    sink_add(sink, bytes);
}

/* What a pipe held when its time was over was in time, however late we come to read it. */
static void read_rest(struct attempt *attempt, enum source source)
{
    for (int i = 0; is_open(attempt, source) && i <= PIPE_SIZE / ESC_MESSAGE_MAX; i++)
        read_stream(attempt, source);
}

/* A subreaper inherits the dead of others; the command itself is left for note_exit(). */
static void reap_orphans(const struct attempt *attempt)
{
    for (;;) {
        siginfo_t info = {0};
        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0 ||
            info.si_pid == attempt->child.pid)
            return;
        (void)waitid(P_PID, (id_t)info.si_pid, &info, WEXITED); /* it is dead: never waits */
    }
}

static void note_exit(struct attempt *attempt)
{
    struct esc_exit_record *record = &attempt->record;
    siginfo_t info;
    bool known = esc_child_look(&attempt->child, false, &info, NULL) == ESC_OK;
    if (known && info.si_pid == 0)
        return;
    if (known && info.si_code == CLD_EXITED)
        record->exit_code = info.si_status;
    else if (known)
        record->signal = info.si_status;
    if (attempt->phase == RUNNING)
        record->ending = !known           ? ESC_ENDING_LOST
                         : record->signal ? ESC_ENDING_SIGNALLED
                                          : ESC_ENDING_EXITED;
    close_source(attempt, SOURCE_CHILD);
    attempt->child.pid = 0;
    attempt->phase = DRAINING;
    attempt->deadline_ms = later(ESC_PROCESS_LEAK_MS);
}

/* Everything below us is the command or what it has started. */
static size_t signal_all(struct attempt *attempt, int number)
{
    esc_brood_look(&attempt->brood, getpid(), 0);
    return esc_brood_signal(&attempt->brood, number);
}

/* Stopping first keeps a family that forks ahead of us in place. */
static size_t kill_round(struct attempt *attempt)
{
    (void)signal_all(attempt, SIGSTOP); /* counted by the next line */
    size_t count = signal_all(attempt, SIGKILL);
    esc_brood_done(&attempt->brood);
    return count;
}

static void begin_killing(struct attempt *attempt)
{
    attempt->phase = KILLING;
    attempt->give_up_ms = later(GIVE_UP_MS);
    attempt->deadline_ms = 0;
}

static void end_command(struct attempt *attempt, enum esc_ending ending, uint64_t grace_ms)
{
    if (attempt->phase == RUNNING)
        attempt->record.ending = ending;
    else if (attempt->phase != ENDING)
        return;
    if (grace_ms == 0) {
        begin_killing(attempt);
        return;
    }
    uint64_t deadline_ms = later(grace_ms);
    bool sooner = attempt->phase == RUNNING || deadline_ms < attempt->deadline_ms;
    attempt->phase = ENDING;
    if (sooner) /* being asked again hurries, it does not put off */
        attempt->deadline_ms = deadline_ms;
    (void)signal_all(attempt, SIGTERM); /* none there: the exit is about to be noted */
    (void)signal_all(attempt, SIGCONT); /* a stopped one would never see it */
}

static void on_deadline(struct attempt *attempt)
{
    switch (attempt->phase) {
    case RUNNING:
        end_command(attempt, ESC_ENDING_TIMED_OUT, attempt->handover->grace_ms);
        break;
    case ENDING:
        begin_killing(attempt);
        break;
    case KILLING:
        (void)kill_round(attempt); /* the exit, or giving up, ends the rounds */
        attempt->deadline_ms = later(KILL_AGAIN_MS);
        if (now_ms() >= attempt->give_up_ms) {
            attempt->record.ending = ESC_ENDING_LOST;
            attempt->phase = OVER;
        }
        break;
    case DRAINING:
        read_rest(attempt, SOURCE_OUT);
        read_rest(attempt, SOURCE_ERR);
        attempt->record.leaked = is_open(attempt, SOURCE_OUT) || is_open(attempt, SOURCE_ERR);
        attempt->phase = OVER;
        break;
    case OVER:
        break;
    }
}

static void read_signal(struct attempt *attempt)
{
    struct signalfd_siginfo info;
    ssize_t got = read(attempt->polls[SOURCE_SIGNAL].fd, &info, sizeof info);
    if (got != (ssize_t)sizeof info)
        return;
    if (info.ssi_signo == SIGCHLD)
        reap_orphans(attempt);
    else
        end_command(attempt, ESC_ENDING_CANCELLED, attempt->handover->grace_ms);
}

static void read_live(struct attempt *attempt)
{
    struct esc_message message;
    ssize_t got = recv(attempt->polls[SOURCE_LIVE].fd, &message, sizeof message, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got != (ssize_t)sizeof message)
        forget_caller(attempt);
    else if (message.kind == ESC_MESSAGE_CANCEL)
        end_command(attempt, ESC_ENDING_CANCELLED, message.number);
}

static int patience(const struct attempt *attempt)
{
    if (attempt->deadline_ms == UINT64_MAX)
        return -1;
    uint64_t now = now_ms();
    uint64_t left = attempt->deadline_ms > now ? attempt->deadline_ms - now : 0;
    return left > INT32_MAX ? INT32_MAX : (int)left;
}

static void handle(struct attempt *attempt, enum source source)
{
    switch (source) {
    case SOURCE_OUT:
    case SOURCE_ERR:
        read_stream(attempt, source);
        break;
    case SOURCE_CHILD:
        note_exit(attempt);
        break;
    case SOURCE_SIGNAL:
        read_signal(attempt);
        break;
    case SOURCE_LIVE:
        read_live(attempt);
        break;
    case SOURCE_COUNT:
        break;
    }
}

static void turn(struct attempt *attempt)
{
    int ready = poll(attempt->polls, SOURCE_COUNT, patience(attempt));
    for (enum source source = 0; ready > 0 && source < SOURCE_COUNT; source++) {
        if (is_open(attempt, source) && attempt->polls[source].revents)
            handle(attempt, source);
    }
    if (now_ms() >= attempt->deadline_ms)
        on_deadline(attempt);
    if (attempt->phase == DRAINING && !is_open(attempt, SOURCE_OUT) &&
        !is_open(attempt, SOURCE_ERR))
        attempt->phase = OVER;
}

/* What the command has left behind, wherever it fled to. */
static void sweep(struct attempt *attempt)
{
    uint64_t give_up_ms = later(GIVE_UP_MS);
    attempt->child.pid = 0; /* reaped, or given up: an orphan like any other */
    for (reap_orphans(attempt); kill_round(attempt) > 0 && now_ms() < give_up_ms;) {
        attempt->record.leaked = true;
        (void)poll(NULL, 0, KILL_AGAIN_MS / 4);
        reap_orphans(attempt);
    }
}

static enum esc_status open_pipe(struct attempt *attempt, enum source source, int *theirs,
                                 struct esc_error *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0)
        return esc_fail(err, ESC_IO, "no pipe: %s", strerror(errno));
    (void)fcntl(ends[0], F_SETPIPE_SZ, PIPE_SIZE); /* refused over a quota: a small one does */
    attempt->polls[source] = (struct pollfd){.fd = ends[0], .events = POLLIN};
    *theirs = ends[1];
    return ESC_OK;
}

static enum esc_status start_command(struct attempt *attempt, const struct esc_command *command,
                                     struct esc_error *err)
{
    ESC_CLEANUP(esc_fd_close) int out_fd = -1;
    ESC_CLEANUP(esc_fd_close) int err_fd = -1;
    enum esc_status status = open_pipe(attempt, SOURCE_OUT, &out_fd, err);
    if (status == ESC_OK)
        status = open_pipe(attempt, SOURCE_ERR, &err_fd, err);
    if (status == ESC_OK)
        status = esc_spawn(command, out_fd, err_fd, &attempt->child, err);
    if (status != ESC_OK)
        return status;
    const struct esc_attempt place = esc_handover_attempt(attempt->handover);
    (void)esc_attempt_sign(&place, attempt->child.pid, NULL); /* only eases a cancel without us */
    attempt->polls[SOURCE_CHILD] = (struct pollfd){.fd = attempt->child.pidfd, .events = POLLIN};
    uint64_t timeout_ms = attempt->handover->timeout_ms;
    attempt->deadline_ms = timeout_ms ? later(timeout_ms) : UINT64_MAX;
    return ESC_OK;
}

static enum esc_status open_all(struct attempt *attempt, int live_fd, struct esc_error *err)
{
    sigset_t signals;
    for (enum source source = 0; source < SOURCE_COUNT; source++)
        attempt->polls[source].fd = -1;
    (void)sigemptyset(&signals); /* these cannot fail */
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGCHLD);
    int fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0)
        return esc_fail(err, ESC_IO, "no signals: %s", strerror(errno));
    attempt->polls[SOURCE_SIGNAL] = (struct pollfd){.fd = fd, .events = POLLIN};
    attempt->polls[SOURCE_LIVE] = (struct pollfd){.fd = live_fd, .events = POLLIN};
    attempt->sinks[0].fd = attempt->sinks[1].fd = attempt->times.fd = -1;
    enum esc_status status = sink_open(&attempt->sinks[0], attempt->handover, ESC_FILE_OUT, err);
    if (status == ESC_OK)
        status = sink_open(&attempt->sinks[1], attempt->handover, ESC_FILE_ERR, err);
    if (status == ESC_OK)
        (void)sink_open(&attempt->times, attempt->handover, ESC_FILE_TIMES, NULL); /* then none */
    attempt->times.max = ESC_TIME_MARKS_MAX;
    return status;
}

static void fill_record(struct attempt *attempt)
{
    struct esc_exit_record *record = &attempt->record;
    const struct sink *out = &attempt->sinks[0], *err = &attempt->sinks[1];
    record->out_bytes = out->bytes;
    record->err_bytes = err->bytes;
    record->out_kept = out->kept;
    record->err_kept = err->kept;
    record->output_lost = out->lost || err->lost;
    record->over_limit = out->bytes > out->max || err->bytes > err->max;
    record->ended_at_ms = esc_clock_wall_ms(esc_clock_system());
}

static void see_through(struct attempt *attempt, const struct esc_command *command)
{
    struct esc_error err;
    if (start_command(attempt, command, &err) == ESC_OK) {
        while (attempt->phase != OVER)
            turn(attempt);
        sweep(attempt);
    } else {
        attempt->record.ending = ESC_ENDING_FAILED_TO_START;
        memcpy(attempt->record.message, err.message, sizeof err.message);
    }
    sink_close(&attempt->sinks[0]);
    sink_close(&attempt->sinks[1]);
    sink_close(&attempt->times);
    fill_record(attempt);
}

enum esc_status attempt_run(const struct esc_handover *handover, const struct esc_command *command,
                            int live_fd, struct esc_error *err)
{
    struct attempt attempt = {.handover = handover, .record.exit_code = -1};
    const struct esc_attempt place = esc_handover_attempt(handover);
    attempt.record.started_at_ms = esc_clock_wall_ms(esc_clock_system());
    enum esc_status status = esc_attempt_sign(&place, getpid(), err);
    if (status == ESC_OK)
        status = open_all(&attempt, live_fd, err);
    if (status == ESC_OK) {
        see_through(&attempt, command);
        status =
            esc_attempt_write_record(&place, handover->keys[ESC_FILE_EXIT], &attempt.record, err);
    }
    forget_caller(&attempt);
    for (enum source source = 0; source < SOURCE_COUNT; source++)
        close_source(&attempt, source);
    esc_brood_done(&attempt.brood);
    return status;
}
