/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/buf.h"
#include "escher/base/limits.h"
#include "escher/http/events.h"
#include "escher/http/listener_private.h"
#include "escher/loop/timer.h"

struct esc_http_stream {
    struct esc_http_stream *next, **link; /* link is NULL outside of a list */
    struct stream_options options;
    struct esc_buf waiting;  /* sent by us */
    size_t taken;            /* of it; dropped by and by, so that a long event is not moved often */
    struct esc_timer *timer; /* the heartbeat, then the way to on_closed */
    bool ended, over;
    bool quiet; /* nothing was sent since the last beat */
};

static size_t unread(const struct esc_http_stream *stream)
{
    return stream->waiting.len - stream->taken;
}

static void beat(void *context)
{
    struct esc_http_stream *stream = context;
    stream->timer =
        esc_timer_start(stream->options.loop, stream->options.heartbeat_ms, beat, stream);
    if (stream->quiet && unread(stream) == 0) {
        esc_event_write_comment(&stream->waiting);
        if (stream->options.exchange)
            stream->options.wake(stream->options.exchange);
    }
    stream->quiet = true;
}

struct esc_http_stream *stream_new(const struct stream_options *options,
                                   struct esc_http_stream **list)
{
    struct esc_http_stream *stream = esc_alloc_zero(sizeof *stream);
    stream->options = *options;
    esc_buf_init(&stream->waiting, ESC_MAX_FILE);
    stream->timer = esc_timer_start(options->loop, options->heartbeat_ms, beat, stream);
    if (list) {
        stream->link = list;
        stream->next = *list;
        if (stream->next)
            stream->next->link = &stream->next;
        *list = stream;
    }
    return stream;
}

struct esc_http_exchange *stream_exchange(const struct esc_http_stream *stream)
{
    return stream->options.exchange;
}

size_t stream_take(struct esc_http_stream *stream, char *out, size_t max)
{
    size_t count = unread(stream) < max ? unread(stream) : max;
    if (count > 0)
        memcpy(out, stream->waiting.ptr + stream->taken, count);
    stream->taken += count;
    if (stream->taken >= unread(stream)) {
        esc_buf_consume(&stream->waiting, stream->taken);
        stream->taken = 0;
    }
    return count;
}

bool stream_is_ended(const struct esc_http_stream *stream)
{
    return stream->ended;
}

void stream_detach(struct esc_http_stream *stream)
{
    stream->options.exchange = NULL;
}

void stream_end_now(struct esc_http_stream *stream)
{
    if (stream->link)
        *stream->link = stream->next;
    if (stream->next)
        stream->next->link = stream->link;
    esc_timer_stop(&stream->timer);
    esc_buf_done(&stream->waiting);
    stream->options.on_closed(stream->options.context);
    free(stream);
}

static void on_over(void *context)
{
    struct esc_http_stream *stream = context;
    stream->timer = NULL;
    stream_end_now(stream);
}

void stream_end_soon(struct esc_http_stream *stream)
{
    stream_detach(stream);
    stream->over = true;
    esc_timer_stop(&stream->timer);
    stream->timer = esc_timer_start(stream->options.loop, 0, on_over, stream);
}

void esc_http_stream_send(struct esc_http_stream *stream, struct esc_str bytes)
{
    if (stream->over || stream->ended || !stream->options.exchange)
        return;
    stream->quiet = false;
    const bool is_behind = unread(stream) > ESC_MAX_RESPONSE; /* one long event is none */
    esc_buf_add(&stream->waiting, bytes);
    if (stream->waiting.status == ESC_OK && !is_behind)
        stream->options.wake(stream->options.exchange);
    else
        stream->options.cut(stream->options.exchange);
}

void esc_http_stream_end(struct esc_http_stream *stream)
{
    stream->ended = true;
    if (stream->options.exchange)
        stream->options.wake(stream->options.exchange);
}
