/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/fake_http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "escher/base/alloc.h"
#include "escher/base/clock.h"
#include "escher/base/limits.h"
#include "escher/base/list.h"
#include "escher/base/num.h"
#include "escher/loop/timer.h"

enum {
    MOST_SENT = 64 * 1024 * 1024, /* one answer: more than any client takes */
    MOST_WAITING = 128,           /* connections that are not accepted yet */
};

struct fake_http {
    struct esc_loop *loop;
    struct esc_watch *watch;
    int fd;
    char url[64];
    fake_http_fn *handler;
    void *context;
    struct esc_list visits; /* borrowed; each ends itself */
    unsigned connections;
};

struct fake_visit {
    struct fake_http *http;
    int fd;
    struct esc_watch *watch;
    struct esc_timer *timer;
    struct esc_buf got, sending;
    struct esc_http_head head;
    struct esc_str body;
    size_t request_len; /* of `got`, once a request is whole */
    size_t sent_len;    /* of `sending` */
    bool has_head, was_encouraged, busy, ends;
    enum fake_http_manner manner;
};

static void leave(struct fake_visit *visit)
{
    (void)esc_list_drop(&visit->http->visits, visit);
    esc_timer_stop(&visit->timer);
    esc_watch_close(visit->watch);
    close(visit->fd);
    esc_buf_done(&visit->got);
    esc_buf_done(&visit->sending);
    free(visit);
}

/* A close that the other side sees as a reset: what is unsent is thrown away. */
static void reset(struct fake_visit *visit)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(visit->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    leave(visit);
}

static uint64_t body_len_of(const struct esc_http_head *head)
{
    uint64_t len = 0;
    (void)esc_num_u64(esc_http_head_field(head, "Content-Length"), &len); /* without one: none */
    return len;
}

/* Whether `got` begins with a whole request; a malformed one is never whole. */
static bool take_request(struct fake_visit *visit)
{
    size_t head_len = 0;
    if (esc_http_head_parse(esc_buf_str(&visit->got), &visit->head, &head_len) != ESC_HEAD_DONE)
        return false;
    const uint64_t body_len = body_len_of(&visit->head);
    const bool waits = esc_http_head_count(&visit->head, "Expect") > 0;
    if (visit->got.len - head_len < body_len && waits && !visit->was_encouraged) {
        static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
        visit->was_encouraged = true;
        (void)send(visit->fd, go_on, sizeof go_on - 1, MSG_NOSIGNAL); /* else it waits a second */
    }
    if (visit->got.len - head_len < body_len)
        return false;
    visit->body = esc_str_slice(esc_buf_str(&visit->got), head_len, head_len + body_len);
    visit->request_len = head_len + body_len;
    return true;
}

static void serve(struct fake_visit *visit)
{
    if (visit->busy || !take_request(visit))
        return;
    visit->busy = true;
    visit->was_encouraged = false;
    visit->http->handler(visit->http->context, visit);
}

static void push_out(struct fake_visit *visit);

static void on_ready(void *context, unsigned events)
{
    struct fake_visit *visit = context;
    if (events & ESC_READABLE) {
        char bytes[64 * 1024];
        const ssize_t len = recv(visit->fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (len == 0 || (len < 0 && errno != EAGAIN && errno != EINTR)) {
            leave(visit);
            return;
        }
        if (len > 0)
            esc_buf_append(&visit->got, bytes, (size_t)len);
    }
    if (visit->sent_len < visit->sending.len && !visit->timer)
        push_out(visit);
    else
        serve(visit);
}

/* The answer is out: the connection goes on with the next request, or ends. */
static void after_answer(struct fake_visit *visit)
{
    if (visit->ends) {
        leave(visit);
        return;
    }
    esc_buf_consume(&visit->got, visit->request_len);
    visit->busy = false;
    esc_watch_change(visit->watch, ESC_READABLE);
    serve(visit);
}

static void push_out(struct fake_visit *visit)
{
    while (visit->sent_len < visit->sending.len) {
        const struct esc_str rest =
            esc_str_slice(esc_buf_str(&visit->sending), visit->sent_len, visit->sending.len);
        const ssize_t len = send(visit->fd, rest.ptr, rest.len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (len < 0 && (errno == EAGAIN || errno == EINTR)) {
            esc_watch_change(visit->watch, ESC_READABLE | ESC_WRITABLE);
            return;
        }
        if (len < 0) {
            leave(visit);
            return;
        }
        visit->sent_len += (size_t)len;
    }
    after_answer(visit);
}

static void begin_answer(void *context)
{
    struct fake_visit *visit = context;
    visit->timer = NULL;
    if (visit->manner == FAKE_RESET)
        reset(visit);
    else if (visit->manner != FAKE_SILENT)
        push_out(visit);
}

static void write_answer(struct fake_visit *visit, const struct fake_http_reply *reply)
{
    static const char days[] = "ThuFriSatSunMonTueWed"; /* 1970 began on a Thursday */
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct esc_buf *out = &visit->sending;
    char day[16] = "", month[8] = "", rest[32] = "";
    uint64_t month_number = 1;
    (void)esc_time_pattern(reply->wall_ms, ESC_STR("%d"), day, sizeof day);
    (void)esc_time_pattern(reply->wall_ms, ESC_STR("%m"), month, sizeof month);
    (void)esc_time_pattern(reply->wall_ms, ESC_STR("%Y %H:%M:%S"), rest, sizeof rest);
    (void)esc_num_u64(esc_str_of(month), &month_number);
    const size_t week_day = (size_t)(reply->wall_ms / 86'400'000 % 7);
    esc_buf_printf(out, "HTTP/1.1 %d Answer\r\nDate: %.3s, %s %.3s %s GMT\r\n", reply->status,
                   days + week_day * 3, day, months + (month_number - 1) * 3, rest);
    if (reply->content_type)
        esc_buf_printf(out, "Content-Type: %s\r\n", reply->content_type);
    esc_buf_printf(out, "%sContent-Length: %zu\r\n%s\r\n", reply->headers ? reply->headers : "",
                   reply->body.len, visit->ends ? "Connection: close\r\n" : "");
    const bool wants_head = esc_str_is(visit->head.method, "HEAD");
    const size_t part = reply->manner == FAKE_TRUNCATED ? reply->body.len / 2 : reply->body.len;
    if (!wants_head)
        esc_buf_add(out, esc_str_slice(reply->body, 0, part));
}

void fake_http_reply(struct fake_visit *visit, const struct fake_http_reply *reply)
{
    visit->manner = reply->manner;
    visit->ends =
        reply->manner == FAKE_TRUNCATED ||
        esc_str_equal_nocase(esc_http_head_field(&visit->head, "Connection"), ESC_STR("close"));
    esc_buf_reset(&visit->sending);
    visit->sent_len = 0;
    write_answer(visit, reply);
    visit->timer = esc_timer_start(visit->http->loop, reply->wait_ms, begin_answer, visit);
}

static void on_visitor(void *context, unsigned)
{
    struct fake_http *http = context;
    const int yes = 1;
    const int fd = accept4(http->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    struct fake_visit *visit = esc_alloc_zero(sizeof *visit);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    visit->http = http;
    visit->fd = fd;
    esc_buf_init(&visit->got, ESC_MAX_RESPONSE);
    esc_buf_init(&visit->sending, MOST_SENT);
    visit->watch = esc_loop_watch(http->loop, fd, ESC_READABLE, on_ready, visit);
    esc_list_push(&http->visits, visit);
    http->connections++;
}

static int listen_on(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    const int yes = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, MOST_WAITING) == 0)
        return fd;
    close(fd);
    return -1;
}

enum esc_status fake_http_open(struct esc_loop *loop, unsigned port, fake_http_fn *handler,
                               void *context, struct fake_http **out, struct esc_error *err)
{
    struct sockaddr_in address = {0};
    socklen_t len = sizeof address;
    const int fd = listen_on(port);
    if (fd < 0)
        return esc_fail(err, errno == EADDRINUSE ? ESC_EXISTS : ESC_IO, "port %u: %s", port,
                        strerror(errno));
    (void)getsockname(fd, (struct sockaddr *)&address, &len); /* it is bound, so it has a name */
    struct fake_http *http = esc_alloc_zero(sizeof *http);
    http->loop = loop;
    http->fd = fd;
    http->handler = handler;
    http->context = context;
    esc_list_init(&http->visits, NULL);
    (void)snprintf(http->url, sizeof http->url, "http://127.0.0.1:%u", ntohs(address.sin_port));
    http->watch = esc_loop_watch(loop, fd, ESC_READABLE, on_visitor, http);
    *out = http;
    return ESC_OK;
}

void fake_http_close(struct fake_http *http)
{
    if (!http)
        return;
    while (http->visits.count > 0)
        leave(http->visits.items[http->visits.count - 1]);
    esc_list_done(&http->visits);
    esc_watch_close(http->watch);
    close(http->fd);
    free(http);
}

const char *fake_http_url(const struct fake_http *http)
{
    return http->url;
}

unsigned fake_http_connections(const struct fake_http *http)
{
    return http->connections;
}

const struct esc_http_head *fake_visit_head(const struct fake_visit *visit)
{
    return &visit->head;
}

struct esc_str fake_visit_body(const struct fake_visit *visit)
{
    return visit->body;
}
