/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/launch/core_link.h"

#include <sys/wait.h>

#include "escher/base/alloc.h"
#include "escher/base/clock.h"
#include "escher/base/file.h"
#include "escher/launch/core_link_private.h"
#include "escher/loop/timer.h"

enum {
    RETRY_AFTER_MS = 5'000,
    PING_TIMEOUT_MS = 5'000,
    RACE_PINGS = 100, /* while another, who was quicker, starts the core */
    RACE_PAUSE_MS = 100
};

static void release_waiting(struct esc_core_link *link)
{
    struct esc_list waiting = link->waiting;
    esc_list_init(&link->waiting, NULL);
    for (size_t i = 0; i < waiting.count; i++) {
        if (link->state == LINK_READY)
            core_call_send(waiting.items[i]);
        else
            core_call_refuse(waiting.items[i]);
    }
    esc_list_done(&waiting);
}

static void become_ready(struct esc_core_link *link)
{
    const bool was_in_trouble = link->failure.status != ESC_OK;
    link->state = LINK_READY;
    link->failure = (struct esc_error){0};
    release_waiting(link);
    if (was_in_trouble)
        link->options.on_ready(link->options.context);
}

static void start_core(struct esc_core_link *link, int passphrase_fd);

static void unlock(struct esc_core_link *link, int *passphrase_fd)
{
    link->was_unlocking = true;
    start_core(link, *passphrase_fd);
    esc_fd_close(passphrase_fd);
}

static void become_down(struct esc_core_link *link, const struct esc_error *err)
{
    if (link->passphrase_fd >= 0) { /* it came while we tried without */
        int passphrase_fd = link->passphrase_fd;
        link->passphrase_fd = -1;
        unlock(link, &passphrase_fd);
        return;
    }
    const bool is_news = link->failure.status != err->status || link->was_unlocking;
    link->state = LINK_DOWN;
    link->failure = *err;
    link->failed_ms = esc_clock_monotonic_ms(esc_clock_system());
    link->was_unlocking = false;
    release_waiting(link);
    if (is_news)
        link->options.on_trouble(link->options.context, err->status, link->failure.message);
}

static void ping(struct esc_core_link *link);

/* Another may have started one meanwhile: who lost that race asks again for a while. */
static void start_failed(struct esc_core_link *link, const struct esc_error *err)
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
    struct esc_core_link *link = context;
    struct esc_error err = {0};
    esc_watch_close(ESC_STEAL(link->core_watch));
    const enum esc_status status = esc_core_await(&link->core, &err);
    if (status == ESC_OK)
        become_ready(link);
    else
        start_failed(link, &err);
}

static void start_core(struct esc_core_link *link, int passphrase_fd)
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
    struct esc_core_link *link = context;
    link->pinging = NULL;
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

static void ping(struct esc_core_link *link)
{
    const struct esc_local_request request = {.socket = link->options.paths->socket,
                                              .method = "GET",
                                              .path = "/api/ping",
                                              .timeout_ms = PING_TIMEOUT_MS};
    link->state = LINK_ASKING;
    link->pinging = esc_local_send(link->loop, &request, on_ping, link);
}

void core_link_lost(struct esc_core_link *link)
{
    if (link->state == LINK_READY && !link->is_closing)
        ping(link);
}

void esc_core_link_call(struct esc_core_link *link, const struct esc_core_request *request,
                        esc_core_reply_fn *on_reply, void *context)
{
    struct core_call *call = core_call_new(link, request, on_reply, context);
    if (link->state == LINK_READY) {
        core_call_send(call);
        return;
    }
    if (link->state == LINK_DOWN &&
        esc_clock_monotonic_ms(esc_clock_system()) - link->failed_ms < RETRY_AFTER_MS) {
        core_call_refuse(call);
        return;
    }
    esc_list_push(&link->waiting, call);
    if (link->state == LINK_DOWN)
        ping(link);
}

void esc_core_link_unlock(struct esc_core_link *link, int passphrase_fd)
{
    if (link->state == LINK_DOWN) {
        unlock(link, &passphrase_fd);
    } else if (link->state != LINK_READY && passphrase_fd >= 0) {
        esc_fd_close(&link->passphrase_fd);
        link->passphrase_fd = passphrase_fd;
        return;
    }
    esc_fd_close(&passphrase_fd);
}

enum esc_status esc_core_link_open(const struct esc_core_link_options *options,
                                   struct esc_core_link **out, struct esc_error *err)
{
    struct esc_core_link *link = esc_alloc_zero(sizeof *link);
    *link = (struct esc_core_link){
        .options = *options, .program = esc_core_program(), .core = {0, -1}, .passphrase_fd = -1};
    const enum esc_status status = esc_loop_new(&link->loop, err);
    if (status != ESC_OK) {
        esc_core_link_close(link);
        return status;
    }
    ping(link);
    *out = link;
    return ESC_OK;
}

void esc_core_link_close(struct esc_core_link *link)
{
    if (!link)
        return;
    link->is_closing = true;
    esc_local_end(link->pinging);
    while (link->calls.count) /* their pipes end with them */
        core_call_end(link->calls.items[0]);
    esc_list_done(&link->calls);
    esc_watch_close(link->core_watch);
    for (size_t i = 0; i < link->waiting.count; i++)
        core_call_free(link->waiting.items[i]);
    esc_list_done(&link->waiting);
    esc_loop_free(link->loop); /* what was to be refused ends here */
    esc_fd_close(&link->core.ready_fd);
    esc_fd_close(&link->passphrase_fd);
    free(link->program);
    free(link);
}

struct esc_loop *esc_core_link_loop(struct esc_core_link *link)
{
    return link->loop;
}
