/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The child of the execution tests: `exec-victim MODE [ARGUMENT] MARK`. MARK tells one test's
 * processes from another's in /proc. Modes that stay say "ready" once all of their processes are
 * where they should be, and end by themselves after half an hour should a test have failed.
 */

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    STAY_S = 1800,
    FLOOD_CHUNK = 8 * 1024,
};

static int number(const char *text)
{
    return (int)strtol(text, NULL, 10);
}

static void say(const char *text)
{
    if (write(STDOUT_FILENO, text, strlen(text)) < 0)
        _exit(99);
}

static void stay(void)
{
    for (unsigned left = STAY_S; left > 0;)
        left = sleep(left);
    _exit(0);
}

/* Forks; the child goes on with `stay` after telling the parent that it has got there. */
static void leave_child(bool own_session, bool orphan)
{
    int ready[2];
    if (pipe(ready) != 0)
        _exit(99);
    pid_t pid = fork();
    if (pid == 0) {
        if (own_session)
            (void)setsid();
        if (orphan && fork() != 0)
            _exit(0);
        if (write(ready[1], "x", 1) != 1)
            _exit(99);
        stay();
    }
    char byte;
    if (read(ready[0], &byte, 1) != 1)
        _exit(99);
}

/* Every generation leaves group and session behind, has a child, and is gone. */
static void leapfrog(int generations)
{
    for (int i = 0; i < generations; i++) {
        if (fork() != 0)
            _exit(0);
        (void)setsid();
        (void)usleep(3000);
    }
    stay();
}

static int grandchild(const char *argument)
{
    (void)argument;
    leave_child(false, false);
    say("ready\n");
    stay();
    return 0;
}

static int deaf(const char *argument)
{
    (void)argument;
    (void)signal(SIGTERM, SIG_IGN);
    leave_child(false, false);
    say("ready\n");
    stay();
    return 0;
}

static int new_session(const char *argument)
{
    (void)argument;
    leave_child(true, false);
    say("ready\n");
    stay();
    return 0;
}

static int daemonised(const char *argument)
{
    (void)argument;
    leave_child(true, true);
    say("ready\n");
    stay();
    return 0;
}

static int leader_exits(const char *argument)
{
    (void)argument;
    leave_child(false, false);
    say("ready\n");
    return 0;
}

static int leader_exits_daemon(const char *argument)
{
    (void)argument;
    leave_child(true, true);
    say("ready\n");
    return 0;
}

static int leapfrogs(const char *argument)
{
    say("ready\n");
    if (fork() == 0)
        leapfrog(number(argument));
    stay();
    return 0;
}

static int stopped(const char *argument)
{
    (void)argument;
    say("ready\n");
    (void)raise(SIGSTOP);
    stay();
    return 0;
}

static int with_code(const char *argument)
{
    return number(argument);
}

static int by_signal(const char *argument)
{
    (void)raise(number(argument));
    return 98;
}

static int trap_and_exit(const char *argument)
{
    (void)argument;
    sigset_t term;
    int got;
    (void)sigemptyset(&term);
    (void)sigaddset(&term, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &term, NULL);
    say("ready\n");
    (void)sigwait(&term, &got);
    say("cleaned up\n");
    return 7;
}

static int flood(const char *argument)
{
    static char chunk[FLOOD_CHUNK];
    for (size_t i = 0; i < sizeof chunk; i++)
        chunk[i] = (char)('a' + i % 26);
    for (long left = strtol(argument, NULL, 10); left > 0;) {
        size_t now = left < FLOOD_CHUNK ? (size_t)left : FLOOD_CHUNK;
        ssize_t put = write(STDOUT_FILENO, chunk, now);
        if (put < 0 || write(STDERR_FILENO, chunk, (size_t)put) < 0)
            return 97;
        left -= put;
    }
    return 0;
}

static int both(const char *argument)
{
    say("to out\n");
    (void)fprintf(stderr, "to err: %s\n", argument);
    return 3;
}

static int close_early(const char *argument)
{
    (void)close(STDOUT_FILENO);
    (void)close(STDERR_FILENO);
    (void)usleep(100 * 1000);
    return number(argument);
}

static int drip(const char *argument)
{
    for (int i = number(argument); i > 0; i--) {
        say("drop\n");
        (void)usleep(20 * 1000);
    }
    return 0;
}

extern char **environ;

static void print_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        char path[300], target[300];
        if (entry->d_name[0] == '.' || number(entry->d_name) == dirfd(folder))
            continue;
        (void)snprintf(path, sizeof path, "/proc/self/fd/%s", entry->d_name);
        ssize_t len = readlink(path, target, sizeof target - 1);
        target[len < 0 ? 0 : len] = '\0';
        printf("fd %s %.9s\n", entry->d_name, target);
    }
    if (folder)
        (void)closedir(folder);
}

static void print_signals(void)
{
    sigset_t mask;
    int blocked = 0, ignored = 0;
    (void)sigprocmask(SIG_SETMASK, NULL, &mask);
    for (int number = 1; number < 32; number++) {
        struct sigaction action;
        blocked += sigismember(&mask, number) == 1;
        ignored += sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
    }
    printf("signals blocked %d ignored %d\n", blocked, ignored);
}

/* All that a child inherits. */
static int audit(const char *argument)
{
    (void)argument;
    char folder[4096];
    for (char **variable = environ; *variable; variable++)
        printf("env %s\n", *variable);
    print_descriptors();
    print_signals();
    mode_t mask = umask(0);
    printf("umask %03o\n", (unsigned)mask);
    printf("cwd %s\n", getcwd(folder, sizeof folder) ? folder : "?");
    printf("session %s\n", getsid(0) == getpid() && getpgrp() == getpid() ? "own" : "shared");
    return 0;
}

static int print_fd(const char *argument)
{
    char path[64], text[4096];
    (void)snprintf(path, sizeof path, "/dev/fd/%d", number(argument));
    for (int time = 0; time < 2; time++) { /* as both CLIs do: opened and read twice */
        int fd = open(path, O_RDONLY);
        ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof text);
        if (got < 0 || fwrite(text, 1, (size_t)got, stdout) != (size_t)got)
            return 96;
        (void)close(fd);
    }
    return 0;
}

/* How often this file has been run: a ledger for "never started twice". */
static int count(const char *argument)
{
    int fd = open(argument, O_WRONLY | O_APPEND | O_CREAT, 0600);
    return fd >= 0 && write(fd, "x", 1) == 1 ? 0 : 95;
}

/* Called like an AWS CLI: one that answers with all it was given. */
static int answer_as_aws(int argc, char **argv)
{
    char params[4096] = "";
    int fd = open("/dev/fd/3", O_RDONLY);
    if (fd < 0 || read(fd, params, sizeof params - 1) < 0)
        return 94;
    (void)close(fd);
    if (strstr(params, "please-stay"))
        stay();
    if (strstr(params, "please-talk"))
        return printf("this is no JSON\n") < 0;
    if (strstr(params, "please-flood"))
        return flood("100000");
    if (strstr(params, "please-quote")) {
        fprintf(stderr,
                "\nAn error occurred (SignatureDoesNotMatch) when calling the StopDBInstance "
                "operation: The Canonical String should have been "
                "'POST x-amz-security-token:token-of-the-session'\n");
        return 254;
    }
    printf("{\"args\": [\"aws\"");
    for (int i = 1; i < argc; i++)
        printf(", \"%s\"", argv[i]);
    printf("], \"env\": [null");
    for (char **variable = environ; *variable; variable++)
        printf(", \"%s\"", *variable);
    printf("], \"params\": %s, \"config\": [", params);
    printf("\"");
    char text[1024];
    fd = open("/dev/fd/4", O_RDONLY);
    ssize_t got = fd < 0 ? 0 : read(fd, text, sizeof text);
    for (ssize_t i = 0; i < got; i++) {
        if (text[i] == '\n')
            printf("\", \"");
        else
            putchar(text[i]);
    }
    printf("\"]}\n");
    return 0;
}

/* Until there is a file ARGUMENT-go. */
static void wait_to_go(const char *argument)
{
    char go[4096];
    (void)snprintf(go, sizeof go, "%s-go", argument);
    for (int i = 0; access(go, F_OK) != 0 && i < STAY_S * 200; i++)
        (void)usleep(5000);
}

static int count_late(const char *argument)
{
    wait_to_go(argument);
    const int failed = count(argument);
    say("counted\n"); /* the end of it where nobody reads */
    return failed;
}

static int flood_late(const char *argument)
{
    wait_to_go(argument);
    return flood("200000");
}

/* Somewhere in 20 ms the act, and time before and after it to be killed in. */
static int count_amid(const char *argument)
{
    (void)usleep(10 * 1000);
    int failed = count(argument);
    (void)usleep(10 * 1000);
    return failed;
}

static int stay_here(const char *argument)
{
    (void)argument;
    stay();
    return 0;
}

static const struct {
    const char *name;
    int (*run)(const char *argument);
} modes[] = {
    {"grandchild", grandchild},
    {"deaf", deaf},
    {"session", new_session},
    {"daemon", daemonised},
    {"leader-exits", leader_exits},
    {"leader-exits-daemon", leader_exits_daemon},
    {"leapfrog", leapfrogs},
    {"stopped", stopped},
    {"exit", with_code},
    {"signal", by_signal},
    {"trap", trap_and_exit},
    {"flood", flood},
    {"both", both},
    {"close-early", close_early},
    {"drip", drip},
    {"audit", audit},
    {"print-fd", print_fd},
    {"count", count},
    {"count-late", count_late},
    {"count-amid", count_amid},
    {"flood-late", flood_late},
    {"stay", stay_here},
};

int main(int argc, char **argv)
{
    if (argc > 3 && strcmp(argv[3], "--cli-input-json") == 0)
        return answer_as_aws(argc, argv);
    for (size_t i = 0; argc > 2 && i < sizeof modes / sizeof modes[0]; i++) {
        if (strcmp(argv[1], modes[i].name) == 0)
            return modes[i].run(argv[2]);
    }
    (void)fprintf(stderr, "usage: exec-victim MODE ARGUMENT [MARK]\n");
    return 2;
}
