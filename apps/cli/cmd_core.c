/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "apps/cli/rooms.h"
#include "escher/base/alloc.h"
#include "escher/base/file.h"

static bool is_held(const char *lock)
{
    ESC_CLEANUP(esc_fd_close) int fd = open(lock, O_RDONLY | O_CLOEXEC);
    return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

/* Waits until the store's lock is free again, so that a next command may take it. The socket goes
 * first, the lock last. */
static bool await_end(const struct cli *cli)
{
    enum {
        EVERY_MS = 25,
        PATIENCE_MS = 60'000
    };
    for (int waited_ms = 0; waited_ms < PATIENCE_MS; waited_ms += EVERY_MS) {
        if (!esc_file_exists(cli->paths.socket) && !is_held(cli->paths.lock))
            return true;
        (void)usleep(EVERY_MS * 1000);
    }
    return false;
}

static int stop_core(struct cli *cli)
{
    const bool answered = cli_core_obeys(cli, "POST", "/api/stop");
    if (answered && !await_end(cli))
        return cli_fail(cli, ESC_LOCKED,
                        "the core was told to stop and still holds the store; look again in a "
                        "minute");
    if (!answered && esc_file_exists(cli->paths.socket) && is_held(cli->paths.lock))
        return cli_fail(cli, ESC_LOCKED,
                        "the core holds the store and did not answer; look again in a minute");
    cli_note(cli, answered ? "the core has stopped" : "no core is running");
    return 0;
}

static int start_here(struct cli *cli)
{
    struct esc_error err;
    const struct cli_rooms *rooms = cli_rooms(cli, &err);
    return rooms ? rooms->run_core(cli) : cli_fail(cli, err.status, err.message);
}

int cmd_core(struct cli *cli)
{
    const char *act = cli_argument(&cli->arguments, 0);
    if (!act)
        return start_here(cli);
    if (esc_text_equal(act, "stop"))
        return stop_core(cli);
    return cli_fail(cli, ESC_INVALID, "usage: escher core [stop]");
}
