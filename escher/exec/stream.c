/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/exec/stream.h"

#include <string.h>

#include "escher/base/limits.h"
#include "escher/base/utf8.h"

void esc_line_splitter_init(struct esc_line_splitter *splitter, esc_stream_line_fn *fn,
                            void *context)
{
    *splitter = (struct esc_line_splitter){.fn = fn, .context = context};
    esc_buf_init(&splitter->pending, ESC_MAX_LINE);
}

void esc_line_splitter_done(struct esc_line_splitter *splitter)
{
    esc_buf_done(&splitter->pending);
}

/* A line that returns to its beginning shows what came last; a final return is part of the end. */
static struct esc_str last_state(struct esc_str line)
{
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    for (size_t i = line.len; i > 0; i--) {
        if (line.ptr[i - 1] == '\r')
            return esc_str_slice(line, i, line.len);
    }
    return line;
}

/* Tells the first @p len pending bytes as text and drops them. */
static void tell(struct esc_line_splitter *splitter, size_t len, bool partial)
{
    struct esc_buf clean;
    struct esc_str line = esc_str_slice(esc_buf_str(&splitter->pending), 0, len);
    esc_buf_init(&clean, 3 * (size_t)ESC_MAX_LINE); /* U+FFFD has three bytes */
    esc_utf8_append_clean(&clean, last_state(line));
    splitter->fn(splitter->context, esc_buf_str(&clean), splitter->offset, partial);
    esc_buf_done(&clean);
    esc_buf_consume(&splitter->pending, len);
    splitter->offset += len;
}

static void add(struct esc_line_splitter *splitter, struct esc_str bytes)
{
    while (bytes.len > 0) {
        size_t room = ESC_MAX_LINE - splitter->pending.len;
        struct esc_str part = esc_str_slice(bytes, 0, room);
        esc_buf_add(&splitter->pending, part);
        bytes = esc_str_slice(bytes, part.len, bytes.len);
        if (splitter->pending.len < ESC_MAX_LINE)
            continue;
        size_t whole = esc_utf8_cut(esc_buf_str(&splitter->pending), ESC_MAX_LINE - 1).len;
        tell(splitter, whole > 0 ? whole : ESC_MAX_LINE, true);
    }
}

void esc_line_splitter_feed(struct esc_line_splitter *splitter, uint64_t offset,
                            struct esc_str bytes)
{
    if (offset != splitter->offset + splitter->pending.len) {
        esc_line_splitter_end(splitter);
        splitter->offset = offset;
    }
    struct esc_str rest = bytes;
    for (const char *end; rest.len > 0 && (end = memchr(rest.ptr, '\n', rest.len));) {
        size_t len = (size_t)(end - rest.ptr);
        add(splitter, esc_str_slice(rest, 0, len));
        tell(splitter, splitter->pending.len, false);
        splitter->offset++;
        rest = esc_str_slice(rest, len + 1, rest.len);
    }
    add(splitter, rest);
}

void esc_line_splitter_end(struct esc_line_splitter *splitter)
{
    if (splitter->pending.len > 0)
        tell(splitter, splitter->pending.len, true);
}
