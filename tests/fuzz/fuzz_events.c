/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/http/events.h"
#include "tests/fuzz/fuzz.h"

static void note(void *context, const struct esc_event *event)
{
    struct esc_buf *out = context;
    esc_buf_printf(out, "[%s|%s|%zu|", event->id, event->kind, event->data.len);
    esc_buf_add(out, event->data);
}

static char *parse(struct esc_str stream, size_t step)
{
    struct esc_buf out;
    enum esc_status status = ESC_OK;
    esc_buf_init(&out, 16 * 1024 * 1024);
    ESC_CLEANUP(esc_event_parser_freep)
    struct esc_event_parser *parser = esc_event_parser_new(4096, note, &out);
    for (size_t at = 0; at < stream.len && status == ESC_OK; at += step)
        status = esc_event_parser_feed(parser, esc_str_slice(stream, at, at + step), NULL);
    esc_buf_printf(&out, "%d", (int)status);
    return esc_buf_take(&out);
}

/* A stream says the same whether it comes whole or byte by byte. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const struct esc_str stream = {(const char *)bytes, len};
    ESC_CLEANUP(esc_freep) char *whole = parse(stream, len ? len : 1);
    ESC_CLEANUP(esc_freep) char *pieces = parse(stream, 1);
    ESC_ASSERT(esc_text_equal(whole, pieces));
    return 0;
}
