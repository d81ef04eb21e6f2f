/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/json.h"
#include "escher/http/listener_private.h"
#include "escher/loop/timer.h"

/*
 * A visit is a connection until its head is judged.
 *
 *     accepted ──▶ LOOKING ──whole, fine──▶ handed over (the head is still in the socket)
 *                     │ malformed, refused, too slow
 *                     ▼
 *                  LEAVING: our answer is sent; what still arrives is thrown away for a moment,
 *                           since closing a socket with unread bytes would destroy the answer
 *
 * A head that comes in pieces stays readable, so the watch would fire without end: after a look
 * that was not enough the next one is a timer's.
 */

enum {
    LEAVE_MS = 1000,           /* how long a refused client may go on sending */
    LEAVE_BYTES = 1024 * 1024, /* and how much */
    FIRST_LOOK_MS = 1,
    LAST_LOOK_MS = 100,
    ACCEPT_PAUSE_MS = 100, /* when there are no descriptors left */
    ACCEPT_BURST = 32,
};

struct visit {
    struct visit *next, **link;
    struct door *door;
    int fd;
    uid_t peer;
    struct esc_watch *watch;
    struct esc_timer *deadline, *look;
    uint64_t look_ms;
    size_t thrown_away;
    bool leaving;
};

struct door {
    struct esc_loop *loop;
    struct door_options options;
    struct esc_watch *watch;
    struct esc_timer *pause;
    struct visit *visits;
    size_t visit_count;
};

/* Ends the visit; the descriptor is closed unless it was handed over (-1). */
static void end_visit(struct visit *visit)
{
    *visit->link = visit->next;
    if (visit->next)
        visit->next->link = visit->link;
    visit->door->visit_count--;
    esc_watch_close(visit->watch);
    esc_timer_stop(&visit->deadline);
    esc_timer_stop(&visit->look);
    esc_fd_close(&visit->fd);
    free(visit);
}

static void on_deadline(void *context);
static void look(struct visit *visit);

static const char *reason_of(int http_status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {
        {400, "Bad Request"},     {401, "Unauthorized"},
        {403, "Forbidden"},       {408, "Request Timeout"},
        {411, "Length Required"}, {413, "Content Too Large"},
        {414, "URI Too Long"},    {415, "Unsupported Media Type"},
        {421, "Misdirected"},     {431, "Request Header Fields Too Large"},
        {501, "Not Implemented"}, {505, "HTTP Version Not Supported"},
    };
    for (size_t i = 0; i < ESC_COUNT(reasons); i++)
        if (reasons[i].status == http_status)
            return reasons[i].reason;
    return "Refused";
}

char *error_document(const struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *document = esc_json_object();
    struct esc_json *error = esc_json_object();
    esc_json_set_text(error, "status", esc_status_text(err->status));
    esc_json_set_text(error, "category", esc_status_category(err->status));
    esc_json_set_text(error, "message", err->message);
    esc_json_set(document, "error", error);
    return esc_json_print(document, ESC_JSON_COMPACT);
}

/* Answers and lets the client finish sending; a client that does not read gets no more. */
static void refuse(struct visit *visit, int http_status, const struct esc_error *why)
{
    ESC_CLEANUP(esc_freep) char *body = error_document(why);
    ESC_CLEANUP(esc_freep)
    char *answer =
        esc_sprintf("HTTP/1.1 %d %s\r\nContent-Type: application/json\r\n"
                    "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
                    "%sConnection: close\r\nContent-Length: %zu\r\n\r\n%s",
                    http_status, reason_of(http_status),
                    http_status == 401 ? "WWW-Authenticate: Bearer\r\n" : "", strlen(body), body);
    (void)send(visit->fd, answer, strlen(answer), MSG_NOSIGNAL | MSG_DONTWAIT); /* best effort */
    (void)shutdown(visit->fd, SHUT_WR);
    visit->leaving = true;
    esc_timer_stop(&visit->look);
    esc_timer_stop(&visit->deadline);
    visit->deadline = esc_timer_start(visit->door->loop, LEAVE_MS, on_deadline, visit);
    esc_watch_change(visit->watch, ESC_READABLE);
}

static void refuse_with(struct visit *visit, int http_status, const char *message)
{
    struct esc_error why;
    (void)esc_fail(&why, http_status == 408 ? ESC_TIMEOUT : ESC_INVALID, "%s", message);
    refuse(visit, http_status, &why);
}

static void on_deadline(void *context)
{
    struct visit *visit = context;
    visit->deadline = NULL;
    if (visit->leaving)
        end_visit(visit);
    else
        refuse_with(visit, 408, "the head of the request took too long");
}

static void throw_away(struct visit *visit)
{
    char bytes[16 * 1024];
    ssize_t got = recv(visit->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    explicit_bzero(bytes, sizeof bytes); /* a stack keeps what was on it */
    visit->thrown_away += got > 0 ? (size_t)got : 0;
    if (got <= 0 || visit->thrown_away > LEAVE_BYTES)
        end_visit(visit);
}

static void look_again(void *context)
{
    struct visit *visit = context;
    visit->look = NULL;
    look(visit);
}

static void look_later(struct visit *visit)
{
    esc_watch_change(visit->watch, 0);
    visit->look = esc_timer_start(visit->door->loop, visit->look_ms, look_again, visit);
    visit->look_ms = visit->look_ms * 2 < LAST_LOOK_MS ? visit->look_ms * 2 : LAST_LOOK_MS;
}

/* Copies the head out of the peeked bytes and gives the connection away. */
static void hand_over(struct visit *visit, struct esc_str head_bytes)
{
    struct door *door = visit->door;
    struct visitor visitor = {.fd = visit->fd, .peer = visit->peer};
    size_t len = 0;
    visitor.bytes = esc_strndup(head_bytes.ptr, head_bytes.len);
    visitor.head = esc_alloc_zero(sizeof *visitor.head);
    (void)esc_http_head_parse((struct esc_str){visitor.bytes, head_bytes.len}, visitor.head,
                              &len); /* the same bytes were a head a moment ago */
    visit->fd = -1;
    end_visit(visit);
    door->options.on_visitor(door->options.context, &visitor);
}

static void judge(struct visit *visit, const struct esc_http_head *head, struct esc_str bytes)
{
    struct esc_error why;
    int http_status = 0;
    if (esc_gate_check(&visit->door->options.rules, head, &http_status, &why) == ESC_OK)
        hand_over(visit, bytes);
    else
        refuse(visit, http_status, &why);
}

static void look(struct visit *visit)
{
    char bytes[ESC_HEAD_MAX_BYTES];
    struct esc_http_head head;
    size_t len = 0;
    ssize_t got = recv(visit->fd, bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT);
    enum esc_head_state state = ESC_HEAD_MORE;
    if (got > 0)
        state = esc_http_head_parse((struct esc_str){bytes, (size_t)got}, &head, &len);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
        end_visit(visit);
    else if (state == ESC_HEAD_MORE)
        look_later(visit);
    else if (state == ESC_HEAD_MALFORMED)
        refuse_with(visit, 400, "the head of the request is malformed");
    else if (state == ESC_HEAD_TOO_LARGE)
        refuse_with(visit, 431, "the head of the request is too large");
    else
        judge(visit, &head, (struct esc_str){bytes, len});
    explicit_bzero(bytes, sizeof bytes); /* a body may stand behind the head, keys in it */
}

static void on_readable(void *context, unsigned)
{
    struct visit *visit = context;
    if (visit->leaving)
        throw_away(visit);
    else
        look(visit);
}

/* Over a Unix socket the kernel says who is there: only ourselves and root come in. */
static bool is_welcome(const struct door *door, int fd, uid_t *peer)
{
    *peer = (uid_t)-1;
    if (!door->options.bound->is_unix)
        return true;
    struct ucred who;
    socklen_t len = sizeof who;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) != 0)
        return false;
    *peer = who.uid;
    return who.uid == geteuid() || who.uid == 0;
}

static void begin_visit(struct door *door, int fd)
{
    uid_t peer;
    if (!is_welcome(door, fd, &peer) ||
        !door->options.has_room(door->options.context, door->visit_count)) {
        esc_fd_close(&fd);
        return;
    }
    struct visit *visit = esc_alloc_zero(sizeof *visit);
    visit->door = door;
    visit->fd = fd;
    visit->peer = peer;
    visit->look_ms = FIRST_LOOK_MS;
    visit->link = &door->visits;
    visit->next = door->visits;
    if (visit->next)
        visit->next->link = &visit->next;
    door->visits = visit;
    door->visit_count++;
    visit->watch = esc_loop_watch(door->loop, fd, ESC_READABLE, on_readable, visit);
    visit->deadline =
        esc_timer_start(door->loop, door->options.head_timeout_ms, on_deadline, visit);
}

static void resume_accepting(void *context)
{
    struct door *door = context;
    door->pause = NULL;
    esc_watch_change(door->watch, ESC_READABLE);
}

static void on_connection(void *context, unsigned)
{
    struct door *door = context;
    for (int i = 0; i < ACCEPT_BURST; i++) {
        int fd = accept4(door->options.bound->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            begin_visit(door, fd);
            continue;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
            esc_watch_change(door->watch, 0);
            door->pause = esc_timer_start(door->loop, ACCEPT_PAUSE_MS, resume_accepting, door);
        }
        return; /* nobody waits, or the one who did went away */
    }
}

struct door *door_open(struct esc_loop *loop, const struct door_options *options)
{
    struct door *door = esc_alloc_zero(sizeof *door);
    door->loop = loop;
    door->options = *options;
    door->watch = esc_loop_watch(loop, options->bound->fd, ESC_READABLE, on_connection, door);
    return door;
}

void door_close(struct door *door)
{
    while (door->visits)
        end_visit(door->visits);
    esc_timer_stop(&door->pause);
    esc_watch_close(door->watch);
    free(door);
}
