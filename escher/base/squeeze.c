/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/squeeze.h"

#include <stdint.h>

#include "escher/base/varint.h"

/*
 * The form: runs of (how many bytes stand here, these bytes, how many follow again, from how far
 * back), numbers as varints. "Far back" may reach into what is known. The last run copies nothing.
 *
 * Where four bytes have stood before is kept by a hash of them, one place per hash: the newest.
 */

enum {
    SHORTEST = 4, /* a copy; a shorter one takes as much as the bytes */
    HASH_BITS = 11,
};

struct window {
    struct esc_str known, bytes;
    uint32_t last[1 << HASH_BITS]; /* position + 1; positions go through known, then bytes */
};

static uint8_t byte_at(const struct window *window, size_t at)
{
    const size_t known = window->known.len;
    return (uint8_t)(at < known ? window->known.ptr[at] : window->bytes.ptr[at - known]);
}

static uint32_t *slot_of(struct window *window, size_t at)
{
    uint32_t four = 0;
    for (size_t i = 0; i < SHORTEST; i++)
        four = four << 8 | byte_at(window, at + i);
    return &window->last[four * 2654435761u >> (32 - HASH_BITS)];
}

static size_t length_of_match(const struct window *window, size_t earlier, size_t at, size_t end)
{
    size_t len = 0;
    while (at + len < end && byte_at(window, earlier + len) == byte_at(window, at + len))
        len++;
    return len;
}

static void add_run(struct esc_buf *out, struct esc_str plain, size_t len, size_t back)
{
    esc_varint_add(out, plain.len);
    esc_buf_append(out, plain.ptr, plain.len);
    esc_varint_add(out, len);
    if (len)
        esc_varint_add(out, back);
}

static struct esc_str useful(struct esc_str known)
{
    return known.len > ESC_SQUEEZE_KNOWN
               ? esc_str_slice(known, known.len - ESC_SQUEEZE_KNOWN, known.len)
               : known;
}

void esc_squeeze(struct esc_str known, struct esc_str bytes, struct esc_buf *out)
{
    struct window window = {.known = useful(known), .bytes = bytes};
    const size_t begin = window.known.len, end = begin + bytes.len;
    size_t plain = begin; /* from here on nothing is written yet */
    for (size_t at = 0; at + SHORTEST <= end; at++) {
        uint32_t *slot = slot_of(&window, at);
        const size_t earlier = *slot;
        *slot = (uint32_t)at + 1;
        if (at < begin || at < plain || earlier == 0)
            continue;
        const size_t len = length_of_match(&window, earlier - 1, at, end);
        if (len < SHORTEST)
            continue;
        add_run(out, esc_str_slice(bytes, plain - begin, at - begin), len, at - (earlier - 1));
        plain = at + len;
    }
    add_run(out, esc_str_slice(bytes, plain - begin, bytes.len), 0, 0);
}

/* Byte by byte: what is copied may be what the copy has just made. */
static bool copy_back(struct esc_str known, struct esc_buf *out, size_t start, uint64_t len,
                      uint64_t back)
{
    const size_t made = out->len - start;
    if (back == 0 || back > known.len + made)
        return false;
    for (uint64_t i = 0; i < len && out->status == ESC_OK; i++) {
        const size_t at = known.len + (out->len - start) - back;
        esc_buf_add_char(out, at < known.len ? known.ptr[at] : out->ptr[start + at - known.len]);
    }
    return out->status == ESC_OK;
}

static bool take_run(struct esc_str known, struct esc_str *rest, struct esc_buf *out, size_t start)
{
    uint64_t plain, len, back = 0;
    if (!esc_varint_take(rest, &plain) || plain > rest->len)
        return false;
    esc_buf_append(out, rest->ptr, plain);
    *rest = esc_str_slice(*rest, plain, rest->len);
    if (!esc_varint_take(rest, &len) || (len > 0) != (rest->len > 0))
        return false;
    return len == 0 || (esc_varint_take(rest, &back) && rest->len > 0 &&
                        copy_back(known, out, start, len, back));
}

enum esc_status esc_unsqueeze(struct esc_str known, struct esc_str squeezed, struct esc_buf *out,
                              struct esc_error *err)
{
    const size_t start = out->len;
    bool is_good = squeezed.len > 0;
    known = useful(known);
    while (is_good && squeezed.len > 0)
        is_good = take_run(known, &squeezed, out, start);
    return is_good && out->status == ESC_OK
               ? ESC_OK
               : esc_fail(err, ESC_CORRUPT, "squeezed bytes do not fit what is known");
}
