/* SPDX-License-Identifier: Apache-2.0 */

/*
 * escher-run: runs one command for a caller who may not be there to see its end. It takes no
 * arguments; everything comes by descriptor (escher/exec/handover.h), and nothing of it, least of
 * all a secret, can be seen from outside. Small and linked statically, as there is one of it per
 * command.
 *
 * Exit code: 0 there is an exit record, 1 there is none, 2 not started as it should be.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apps/run/attempt.h"
#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"

enum {
    EXIT_RECORDED = 0,
    EXIT_NO_RECORD = 1,
    EXIT_NO_JOB = 2,
};

static enum esc_status read_job(struct esc_handover *handover, struct esc_command *command,
                                struct esc_error *err)
{
    struct esc_buf job, bytes;
    esc_buf_init(&job, ESC_MAX_JSON);
    esc_buf_init(&bytes, ESC_MAX_REQUEST);
    enum esc_status status = esc_file_read_fd(ESC_HANDOVER_JOB_FD, &job, err);
    if (status == ESC_OK)
        status = esc_file_read_fd(ESC_HANDOVER_SECRETS_FD, &bytes, err);
    if (status == ESC_OK) {
        ESC_CLEANUP(esc_secret_freep)
        struct esc_secret *secrets = esc_secret_new(bytes.ptr, bytes.len);
        status = esc_handover_read(esc_buf_str(&job), secrets, handover, command, err);
    }
    if (bytes.ptr)
        esc_wipe(bytes.ptr, bytes.capacity);
    esc_buf_done(&bytes);
    esc_buf_done(&job);
    (void)close(ESC_HANDOVER_JOB_FD); /* read to their ends */
    (void)close(ESC_HANDOVER_SECRETS_FD);
    return status;
}

static enum esc_status set_up(struct esc_error *err)
{
    sigset_t signals;
    (void)sigfillset(&signals); /* these cannot fail; attempt.c reads three of them */
    (void)sigprocmask(SIG_BLOCK, &signals, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)umask(077);
    (void)setsid(); /* refused when it has one of its own already */
    enum esc_status status = esc_secret_harden_process(err);
    if (status == ESC_OK && prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
        status = esc_fail(err, ESC_IO, "no subreaper: %s", strerror(errno));
    return status;
}

/* The caller may show it, or be gone. */
static void tell_failure(const struct esc_error *err)
{
    struct esc_message head = {.kind = ESC_MESSAGE_FAILED};
    char packet[sizeof head + sizeof err->message];
    size_t len = strlen(err->message);
    memcpy(packet, &head, sizeof head);
    memcpy(packet + sizeof head, err->message, len);
    (void)send(ESC_HANDOVER_LIVE_FD, packet, sizeof head + len, MSG_DONTWAIT | MSG_NOSIGNAL);
}

int main(void)
{
    struct esc_handover handover = {0};
    struct esc_command command = {0};
    struct esc_error err = {0};
    int exit_code = EXIT_NO_JOB;
    if (fcntl(ESC_HANDOVER_LOCK_FD, F_GETFD) < 0) {
        (void)fputs("escher-run is started by escher, not by hand\n", stderr);
        return EXIT_NO_JOB;
    }
    enum esc_status status = set_up(&err);
    if (status == ESC_OK) {
        status = read_job(&handover, &command, &err);
        if (status == ESC_OK) {
            esc_command_pass(&command, ESC_HANDOVER_LOCK_FD, ESC_HANDOVER_HELD_FD);
            status = attempt_run(&handover, &command, ESC_HANDOVER_LIVE_FD, &err);
            exit_code = EXIT_NO_RECORD;
        }
        esc_command_done(&command);
        esc_handover_done(&handover);
    }
    if (status == ESC_OK)
        return EXIT_RECORDED;
    tell_failure(&err);
    return exit_code;
}
