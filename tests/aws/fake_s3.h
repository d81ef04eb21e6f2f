/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A server that answers the n-th request with the n-th text of its script, byte by byte as it
 * stands there, then closes the connection: so it can also break off, stay silent or talk
 * nonsense. It keeps what it was sent. With an empty script it echoes the checksum of a PUT.
 */

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "escher/base/buf.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/loop/loop.h"
#include "tests/support/test.h"

enum {
    FAKE_S3_MAX = 64
};
#define FAKE_SILENCE ""  /* keeps the connection and says nothing */
#define FAKE_HANG_UP "-" /* closes the connection at once */

struct fake_s3_visit {
    struct fake_s3 *fake;
    int fd;
    struct esc_watch *watch;
    struct esc_buf got;
    bool answered;
};

struct fake_s3 {
    struct esc_loop *loop;
    int fd;
    struct esc_watch *watch;
    char url[64];
    const char *script[FAKE_S3_MAX];
    size_t script_count;
    char *requests[FAKE_S3_MAX]; /* head and body */
    size_t request_count;
    struct fake_s3_visit *visits[FAKE_S3_MAX];
    size_t visit_count;
};

static inline void fake_s3_leave(struct fake_s3_visit *visit)
{
    if (visit->watch)
        close(visit->fd);
    esc_watch_close(visit->watch);
    visit->watch = NULL;
}

/* The value of a header of the request, "" without it; owned by the caller. */
static inline char *fake_s3_header(const char *request, const char *name)
{
    ESC_CLEANUP(esc_freep) char *line = esc_sprintf("\r\n%s: ", name);
    const char *at = strcasestr(request, line);
    at = at ? at + strlen(line) : "\r";
    return esc_strndup(at, strcspn(at, "\r"));
}

static inline bool fake_s3_is_whole(const struct esc_buf *got)
{
    const char *end = got->len ? strstr(got->ptr, "\r\n\r\n") : NULL;
    uint64_t len = 0;
    if (!end)
        return false;
    ESC_CLEANUP(esc_freep) char *value = fake_s3_header(got->ptr, "Content-Length");
    (void)esc_num_u64(esc_str_of(value), &len);
    return got->len >= (size_t)(end + 4 - got->ptr) + len;
}

static inline void fake_s3_answer(struct fake_s3_visit *visit)
{
    struct fake_s3 *fake = visit->fake;
    assert_true(fake->request_count < FAKE_S3_MAX);
    const char *scripted =
        fake->request_count < fake->script_count ? fake->script[fake->request_count] : NULL;
    char *request = esc_strndup(visit->got.ptr, visit->got.len);
    ESC_CLEANUP(esc_freep) char *sum = fake_s3_header(request, "x-amz-checksum-sha256");
    ESC_CLEANUP(esc_freep)
    char *echo = esc_sprintf("HTTP/1.1 200 OK\r\nETag: \"e\"\r\nx-amz-checksum-sha256: %s\r\n"
                             "Content-Length: 0\r\nConnection: close\r\n\r\n",
                             sum);
    const char *answer = scripted ? scripted : echo;
    fake->requests[fake->request_count++] = request;
    visit->answered = true;
    if (!*answer)
        return;
    if (strcmp(answer, FAKE_HANG_UP) != 0)
        assert_true(send(visit->fd, answer, strlen(answer), MSG_NOSIGNAL) >= 0);
    fake_s3_leave(visit);
}

static inline void fake_s3_read(void *context, unsigned)
{
    struct fake_s3_visit *visit = context;
    char bytes[16 * 1024];
    ssize_t got = recv(visit->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (got <= 0) {
        fake_s3_leave(visit);
        return;
    }
    esc_buf_append(&visit->got, bytes, (size_t)got);
    if (!visit->answered && fake_s3_is_whole(&visit->got))
        fake_s3_answer(visit);
}

static inline void fake_s3_accept(void *context, unsigned)
{
    struct fake_s3 *fake = context;
    struct fake_s3_visit *visit = esc_alloc_zero(sizeof *visit);
    assert_true(fake->visit_count < FAKE_S3_MAX);
    fake->visits[fake->visit_count++] = visit;
    visit->fake = fake;
    visit->fd = accept4(fake->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    assert_true(visit->fd >= 0);
    esc_buf_init(&visit->got, ESC_MAX_RESPONSE);
    visit->watch = esc_loop_watch(fake->loop, visit->fd, ESC_READABLE, fake_s3_read, visit);
}

static inline void fake_s3_begin(struct fake_s3 *fake, struct esc_loop *loop)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;
    *fake = (struct fake_s3){.loop = loop};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fake->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(0, bind(fake->fd, (struct sockaddr *)&address, len));
    assert_int_equal(0, listen(fake->fd, 16));
    assert_int_equal(0, getsockname(fake->fd, (struct sockaddr *)&address, &len));
    (void)snprintf(fake->url, sizeof fake->url, "http://127.0.0.1:%d", ntohs(address.sin_port));
    fake->watch = esc_loop_watch(loop, fake->fd, ESC_READABLE, fake_s3_accept, fake);
}

/* Forgets what came; the next requests get these answers (ends with NULL). */
static inline void fake_s3_script(struct fake_s3 *fake, const char *const *script)
{
    while (fake->request_count > 0)
        free(fake->requests[--fake->request_count]);
    for (fake->script_count = 0; script[fake->script_count]; fake->script_count++)
        fake->script[fake->script_count] = script[fake->script_count];
    while (fake->visit_count > 0) {
        struct fake_s3_visit *visit = fake->visits[--fake->visit_count];
        fake_s3_leave(visit);
        esc_buf_done(&visit->got);
        free(visit);
    }
}

static inline void fake_s3_end(struct fake_s3 *fake)
{
    fake_s3_script(fake, (const char *const[]){NULL});
    esc_watch_close(fake->watch);
    close(fake->fd);
}

#define FAKE_XML(status, headers, body)                                                            \
    "HTTP/1.1 " status "\r\nContent-Type: application/xml\r\nConnection: close\r\n" headers        \
    "\r\n" body
#define FAKE_S3_ERROR(status, code, more)                                                          \
    FAKE_XML(status, "",                                                                           \
             "<?xml version=\"1.0\"?><Error><Code>" code "</Code><Message>said S3</Message>" more  \
             "</Error>")
