/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A client that sends exactly the bytes it is told, on the same loop as the server it tests. */

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "escher/base/buf.h"
#include "escher/base/limits.h"
#include "escher/loop/loop.h"
#include "tests/support/test.h"

struct raw {
    struct esc_loop *loop;
    int fd;
    struct esc_watch *watch;
    struct esc_buf got;
    bool ended; /* the server closed */
};

static inline void raw_on_ready(void *context, unsigned)
{
    struct raw *raw = context;
    char bytes[4096];
    ssize_t got = recv(raw->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (got > 0)
        esc_buf_append(&raw->got, bytes, (size_t)got);
    if (got < 0 && errno == EAGAIN)
        return;
    if (got > 0)
        return;
    raw->ended = true;
    esc_watch_close(raw->watch);
    raw->watch = NULL;
}

static inline void raw_begin(struct raw *raw, struct esc_loop *loop, int family,
                             const struct sockaddr *address, socklen_t len)
{
    *raw = (struct raw){.loop = loop};
    esc_buf_init(&raw->got, ESC_MAX_RESPONSE);
    raw->fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(raw->fd >= 0);
    assert_int_equal(0, connect(raw->fd, address, len));
    raw->watch = esc_loop_watch(loop, raw->fd, ESC_READABLE, raw_on_ready, raw);
}

static inline void raw_connect(struct raw *raw, struct esc_loop *loop, uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    raw_begin(raw, loop, AF_INET, (struct sockaddr *)&address, sizeof address);
}

static inline void raw_connect_unix(struct raw *raw, struct esc_loop *loop, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    assert_true(strlen(path) < sizeof address.sun_path);
    memcpy(address.sun_path, path, strlen(path));
    raw_begin(raw, loop, AF_UNIX, (struct sockaddr *)&address, sizeof address);
}

static inline void raw_send(struct raw *raw, struct esc_str bytes)
{
    while (bytes.len > 0) {
        ssize_t sent = send(raw->fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
        if (sent <= 0)
            return; /* the server has closed: what it said is what counts */
        bytes = esc_str_slice(bytes, (size_t)sent, bytes.len);
    }
}

static inline bool raw_has_ended(void *context)
{
    return ((struct raw *)context)->ended;
}

/** Everything the server says until it closes the connection. */
static inline const char *raw_read_all(struct raw *raw)
{
    assert_true(esc_loop_run_until(raw->loop, raw_has_ended, raw));
    return esc_buf_text(&raw->got);
}

static inline void raw_done(struct raw *raw)
{
    esc_watch_close(raw->watch);
    close(raw->fd);
    esc_buf_done(&raw->got);
}
