/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A service on the test's own loop that answers as it is told: the replies one after the other,
 * the last again and again. It remembers what the last request looked like, and how many were
 * there at once.
 */

#include <string.h>

#include "escher/base/clock.h"
#include "escher/base/list.h"
#include "escher/http/listener.h"
#include "escher/loop/timer.h"
#include "tests/support/test.h"

struct fake_reply {
    int status;
    const char *body; /* NULL: no answer, ever */
    const char *header, *value;
};

struct fake_replies {
    struct esc_loop *loop;
    struct esc_http_listener *listener;
    const struct fake_reply *replies;
    size_t reply_count, call_count;
    uint64_t delay_ms; /* before each answer */
    unsigned gather;   /* no answer before so many have been there at once; then 0 */
    bool strict_clock; /* refuses what is more than five minutes off, before anything else */
    unsigned there, most_there;
    struct esc_list silent;   /* exchanges that got no answer */
    struct esc_list gathered; /* struct fake_pending */
    char target[512], authorization[512], amz_target[128], token[128], body[4096];
};

struct fake_pending {
    struct fake_replies *fake;
    struct esc_http_exchange *exchange;
    const struct fake_reply *reply;
};

static inline void fake_keep(char *out, size_t size, struct esc_str text)
{
    const size_t len = text.len < size ? text.len : size - 1;
    if (len > 0)
        memcpy(out, text.ptr, len);
    out[len] = '\0';
}

static inline void fake_send(void *context)
{
    struct fake_pending *pending = context;
    const struct esc_http_header header = {pending->reply->header, pending->reply->value};
    const struct esc_http_reply reply = {
        .status = pending->reply->status,
        .content_type = "text/xml",
        .headers = &header,
        .header_count = header.name ? 1 : 0,
        .body = esc_str_of(pending->reply->body),
    };
    pending->fake->there--;
    esc_http_reply_full(pending->exchange, &reply);
    free(pending);
}

static inline void fake_answer_later(struct fake_replies *fake, struct fake_pending *pending)
{
    esc_list_push(&fake->gathered, pending);
    if (fake->there < fake->gather)
        return;
    fake->gather = 0;
    for (size_t i = 0; i < fake->gathered.count; i++)
        (void)esc_timer_start(fake->loop, fake->delay_ms, fake_send, fake->gathered.items[i]);
    esc_list_clear(&fake->gathered);
}

static inline bool fake_is_off(struct fake_replies *fake)
{
    const char *date = strstr(fake->authorization, "Credential=");
    char today[ESC_TIME_TEXT];
    esc_time_format_basic(esc_clock_wall_ms(esc_clock_system()), today);
    today[8] = '\0';
    return fake->strict_clock && (!date || !strstr(date, today));
}

static inline void fake_handle(void *context, struct esc_http_exchange *exchange)
{
    static const struct fake_reply off = {
        403,
        "<Response><Errors><Error><Code>RequestTimeTooSkewed</Code><Message>x</Message></Error>"
        "</Errors></Response>",
        NULL, NULL};
    struct fake_replies *fake = context;
    const struct esc_http_head *head = esc_http_exchange_head(exchange);
    const size_t last = fake->reply_count - 1;
    const size_t at = fake->call_count < last ? fake->call_count : last;
    fake_keep(fake->target, sizeof fake->target, head->target);
    fake_keep(fake->authorization, sizeof fake->authorization,
              esc_http_head_field(head, "Authorization"));
    fake_keep(fake->amz_target, sizeof fake->amz_target, esc_http_head_field(head, "X-Amz-Target"));
    fake_keep(fake->token, sizeof fake->token, esc_http_head_field(head, "X-Amz-Security-Token"));
    fake_keep(fake->body, sizeof fake->body, esc_http_exchange_body(exchange));
    fake->call_count++;
    fake->there++;
    fake->most_there = fake->there > fake->most_there ? fake->there : fake->most_there;
    struct fake_pending *pending = esc_alloc_zero(sizeof *pending);
    *pending = (struct fake_pending){fake, exchange, &fake->replies[at]};
    if (fake_is_off(fake)) {
        fake->call_count--;
        pending->reply = &off;
    }
    if (!pending->reply->body) {
        esc_list_push(&fake->silent, exchange);
        free(pending);
        return;
    }
    fake_answer_later(fake, pending);
}

static inline void fake_open(struct fake_replies *fake, struct esc_loop *loop)
{
    struct esc_error err;
    const struct esc_http_listener_options options = {
        .address = "127.0.0.1:0", .handler = fake_handle, .context = fake};
    *fake = (struct fake_replies){.loop = loop};
    expect_ok(esc_http_listener_open(loop, &options, &fake->listener, &err));
}

/* Those who wait get an answer after all. */
static inline void fake_close(struct fake_replies *fake)
{
    for (size_t i = 0; i < fake->silent.count; i++)
        esc_http_reply(esc_list_at(&fake->silent, i), 500, NULL, ESC_STR(""));
    esc_list_done(&fake->silent);
    esc_list_done(&fake->gathered);
    esc_http_listener_close(fake->listener);
}

#define FAKE_REPLIES(fake, list)                                                                   \
    ((fake)->replies = (list), (fake)->reply_count = sizeof(list) / sizeof *(list),                \
     (fake)->call_count = 0, (fake)->most_there = 0)
