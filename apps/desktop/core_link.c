/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/desktop/core_link.h"

#include <glib.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apps/desktop/core_link_private.h"
#include "escher/base/alloc.h"
#include "escher/base/clock.h"
#include "escher/base/file.h"
#include "escher/base/log.h"

enum {
    RETRY_AFTER_MS = 5'000,
    PING_TIMEOUT_MS = 5'000,
    RACE_PINGS = 20, /* while another, who was quicker, starts the core */
    RACE_PAUSE_MS = 100
};

/* What the loop thread says to the GTK thread. */
struct news {
    struct core_link *link;
    bool is_ready;
    struct esc_error err;
};

static gboolean tell(gpointer context)
{
    struct news *news = context;
    const struct core_link_options *options = &news->link->options;
    if (news->is_ready)
        options->on_ready(options->context);
    else
        options->on_trouble(options->context, news->err.status, news->err.message);
    free(news);
    return G_SOURCE_REMOVE;
}

static void post_news(struct core_link *link, bool is_ready)
{
    struct news *news = esc_alloc_zero(sizeof *news);
    *news = (struct news){link, is_ready, link->failure};
    g_idle_add(tell, news);
}

static void release_waiting(struct core_link *link)
{
    struct esc_list waiting = link->waiting;
    esc_list_init(&link->waiting, NULL);
    for (size_t i = 0; i < waiting.count; i++) {
        if (link->state == LINK_READY)
            core_call_send(waiting.items[i]);
        else
            core_call_refuse(waiting.items[i], &link->failure);
    }
    esc_list_done(&waiting);
}

static void become_ready(struct core_link *link)
{
    link->state = LINK_READY;
    if (link->failure.status != ESC_OK)
        post_news(link, true);
    link->failure = (struct esc_error){0};
    release_waiting(link);
}

static void start_core(struct core_link *link, int passphrase_fd);

static void unlock(struct core_link *link, int *passphrase_fd)
{
    link->was_unlocking = true;
    start_core(link, *passphrase_fd);
    esc_fd_close(passphrase_fd);
}

static void become_down(struct core_link *link, const struct esc_error *err)
{
    if (link->passphrase_fd >= 0) { /* it came while we tried without */
        int passphrase_fd = link->passphrase_fd;
        link->passphrase_fd = -1;
        unlock(link, &passphrase_fd);
        return;
    }
    const bool is_new = link->failure.status != err->status;
    link->state = LINK_DOWN;
    link->failure = *err;
    link->failed_ms = esc_clock_monotonic_ms(esc_clock_system());
    if (is_new || link->was_unlocking)
        post_news(link, false);
    link->was_unlocking = false;
    release_waiting(link);
}

static void ping(struct core_link *link);

/* Another may have started one meanwhile: who lost that race asks again for a while. */
static void start_failed(struct core_link *link, const struct esc_error *err)
{
    link->refusal = *err;
    link->pings_left =
        esc_str_contains(esc_str_of(err->message), ESC_STR("another")) ? RACE_PINGS : 0;
    if (link->pings_left)
        ping(link);
    else
        become_down(link, err);
}

static void on_core_said(void *context, unsigned)
{
    struct core_link *link = context;
    struct esc_error err = {0};
    esc_watch_close(ESC_STEAL(link->core_watch));
    const enum esc_status status = esc_core_await(&link->core, &err);
    if (status == ESC_OK)
        become_ready(link);
    else
        start_failed(link, &err);
}

static void start_core(struct core_link *link, int passphrase_fd)
{
    struct esc_error err;
    if (link->core.pid > 0)
        (void)waitpid(link->core.pid, NULL, WNOHANG); /* the one before, which has ended */
    const struct esc_core_start start = {link->program, link->options.paths, passphrase_fd};
    const enum esc_status status = esc_core_spawn(&start, &link->core, &err);
    if (status != ESC_OK) {
        become_down(link, &err);
        return;
    }
    link->state = LINK_STARTING;
    link->core_watch =
        esc_loop_watch(link->loop, link->core.ready_fd, ESC_READABLE, on_core_said, link);
}

static void ping_again(void *context)
{
    ping(context);
}

static void on_ping(void *context, const struct esc_http_response *response,
                    const struct esc_error *)
{
    struct core_link *link = context;
    if (link->is_closing)
        return;
    if (response && response->status == 200) {
        link->pings_left = 0;
        become_ready(link);
    } else if (link->pings_left == 0) {
        start_core(link, -1);
    } else if (--link->pings_left) {
        (void)esc_timer_start(link->loop, RACE_PAUSE_MS, ping_again, link);
    } else {
        become_down(link, &link->refusal);
    }
}

static void ping(struct core_link *link)
{
    const struct esc_http_request request = {.url = "http://escher/api/ping",
                                             .unix_socket = link->options.paths->socket,
                                             .timeout_ms = PING_TIMEOUT_MS};
    link->state = LINK_ASKING;
    (void)esc_http_send(link->client, &request, on_ping, link);
}

void core_link_lost(struct core_link *link)
{
    if (link->state == LINK_READY && !link->is_closing)
        ping(link);
}

/* On the loop thread: what was posted from the other. */

static void take_call(void *context)
{
    struct core_call *call = context;
    struct core_link *link = call->link;
    if (link->state == LINK_READY) {
        core_call_send(call);
        return;
    }
    if (link->state == LINK_DOWN &&
        esc_clock_monotonic_ms(esc_clock_system()) - link->failed_ms < RETRY_AFTER_MS) {
        core_call_refuse(call, &link->failure);
        return;
    }
    esc_list_push(&link->waiting, call);
    if (link->state == LINK_DOWN)
        ping(link);
}

struct unlock {
    struct core_link *link;
    int passphrase_fd;
};

static void take_passphrase(void *context)
{
    struct unlock *wish = context;
    struct core_link *link = wish->link;
    if (link->state == LINK_DOWN) {
        unlock(link, &wish->passphrase_fd);
    } else if (link->state != LINK_READY && wish->passphrase_fd >= 0) {
        esc_fd_close(&link->passphrase_fd);
        link->passphrase_fd = wish->passphrase_fd;
        wish->passphrase_fd = -1;
    }
    esc_fd_close(&wish->passphrase_fd);
    free(wish);
}

static void on_quit(void *context, unsigned)
{
    esc_loop_stop(((struct core_link *)context)->loop);
}

static gpointer turn(gpointer context)
{
    struct core_link *link = context;
    struct esc_error err;
    ping(link);
    if (esc_loop_run(link->loop, &err) != ESC_OK)
        esc_log(ESC_ERROR, "the way to the core is broken", F("why", err.message));
    link->is_closing = true;
    esc_http_client_free(link->client); /* its calls end, and their pipes with them */
    esc_watch_close(link->core_watch);
    esc_watch_close(link->quit_watch);
    esc_loop_free(link->loop);
    return NULL;
}

/* On the GTK thread. */

enum esc_status core_link_open(const struct core_link_options *options, struct core_link **out,
                               struct esc_error *err)
{
    struct core_link *link = esc_alloc_zero(sizeof *link);
    *link = (struct core_link){
        .options = *options, .program = esc_core_program(), .core = {0, -1}, .passphrase_fd = -1};
    link->quit_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    enum esc_status status = link->quit_fd < 0 ? esc_fail(err, ESC_IO, "no event descriptor")
                                               : esc_loop_new(&link->loop, err);
    if (status == ESC_OK)
        status = esc_http_client_new(link->loop, NULL, &link->client, err);
    if (status != ESC_OK) {
        esc_loop_free(link->loop);
        esc_fd_close(&link->quit_fd);
        free(link->program);
        free(link);
        return status;
    }
    link->quit_watch = esc_loop_watch(link->loop, link->quit_fd, ESC_READABLE, on_quit, link);
    link->thread = g_thread_new("core", turn, link);
    *out = link;
    return ESC_OK;
}

void core_link_close(struct core_link *link)
{
    if (!link)
        return;
    (void)eventfd_write(link->quit_fd, 1);
    (void)g_thread_join(link->thread);
    esc_fd_close(&link->quit_fd);
    esc_fd_close(&link->core.ready_fd);
    esc_fd_close(&link->passphrase_fd);
    for (size_t i = 0; i < link->waiting.count; i++)
        core_call_free(link->waiting.items[i]);
    esc_list_done(&link->waiting);
    free(link->program);
    free(link);
}

void core_link_call(struct core_link *link, const struct core_link_request *request,
                    core_link_reply_fn *on_reply, void *context)
{
    esc_loop_post_threadsafe(link->loop, take_call,
                             core_call_new(link, request, on_reply, context));
}

void core_link_unlock(struct core_link *link, int passphrase_fd)
{
    struct unlock *wish = esc_alloc_zero(sizeof *wish);
    *wish = (struct unlock){link, passphrase_fd};
    esc_loop_post_threadsafe(link->loop, take_passphrase, wish);
}
