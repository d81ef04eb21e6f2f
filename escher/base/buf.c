/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "escher/base/alloc.h"

void esc_buf_init(struct esc_buf *buf, size_t max_bytes)
{
    *buf = (struct esc_buf){.max = max_bytes};
}

void esc_buf_init_wiped(struct esc_buf *buf, size_t max_bytes)
{
    *buf = (struct esc_buf){.max = max_bytes, .is_wiped = true};
}

static void give_back(struct esc_buf *buf)
{
    if (buf->is_wiped && buf->ptr)
        explicit_bzero(buf->ptr, buf->capacity);
    free(buf->ptr);
}

void esc_buf_done(struct esc_buf *buf)
{
    give_back(buf);
    *buf = (struct esc_buf){.max = buf->max, .is_wiped = buf->is_wiped};
}

void esc_buf_reset(struct esc_buf *buf)
{
    buf->len = 0;
    buf->status = ESC_OK;
    if (buf->ptr)
        buf->ptr[0] = '\0';
}

/* realloc() would leave the old place as it was. */
static void move_to(struct esc_buf *buf, char *memory)
{
    if (buf->ptr)
        memcpy(memory, buf->ptr, buf->len + 1);
    give_back(buf);
    buf->ptr = memory;
}

static bool fits(const struct esc_buf *buf, size_t more)
{
    return buf->len <= buf->max && more <= buf->max - buf->len;
}

static void set_capacity(struct esc_buf *buf, size_t capacity)
{
    if (buf->is_wiped)
        move_to(buf, esc_alloc_array(capacity, 1));
    else
        buf->ptr = esc_realloc_array(buf->ptr, capacity, 1);
    buf->capacity = capacity;
}

/* Room for `more` bytes and the NUL; false, remembered, when that would pass the ceiling. */
static bool grow(struct esc_buf *buf, size_t more)
{
    if (buf->status != ESC_OK)
        return false;
    if (!fits(buf, more)) {
        buf->status = ESC_LIMIT;
        return false;
    }
    const size_t needed = buf->len + more + 1;
    if (needed <= buf->capacity)
        return true;
    const size_t capacity = buf->capacity ? buf->capacity * 2 : 64;
    set_capacity(buf, capacity < needed ? needed : capacity);
    return true;
}

void esc_buf_expect(struct esc_buf *buf, size_t more)
{
    if (buf->status != ESC_OK || !fits(buf, more) || buf->len + more + 1 <= buf->capacity)
        return;
    const bool is_new = !buf->ptr;
    set_capacity(buf, buf->len + more + 1);
    if (is_new)
        buf->ptr[0] = '\0';
}

void esc_buf_append(struct esc_buf *buf, const void *bytes, size_t len)
{
    if (!grow(buf, len))
        return;
    if (len)
        memcpy(buf->ptr + buf->len, bytes, len);
    buf->len += len;
    buf->ptr[buf->len] = '\0';
}

void esc_buf_add(struct esc_buf *buf, struct esc_str text)
{
    esc_buf_append(buf, text.ptr, text.len);
}

void esc_buf_add_text(struct esc_buf *buf, const char *text)
{
    esc_buf_add(buf, esc_str_of(text));
}

void esc_buf_add_char(struct esc_buf *buf, char c)
{
    esc_buf_append(buf, &c, 1);
}

void esc_buf_printf(struct esc_buf *buf, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    const int len = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (len >= 0 && grow(buf, (size_t)len)) {
        (void)vsnprintf(buf->ptr + buf->len, (size_t)len + 1, format, again); /* measured above */
        buf->len += (size_t)len;
    }
    va_end(again);
}

void esc_buf_consume(struct esc_buf *buf, size_t count)
{
    if (count > buf->len)
        count = buf->len;
    if (count == 0)
        return;
    memmove(buf->ptr, buf->ptr + count, buf->len - count + 1);
    buf->len -= count;
}

struct esc_str esc_buf_str(const struct esc_buf *buf)
{
    return (struct esc_str){esc_buf_text(buf), buf->len};
}

const char *esc_buf_text(const struct esc_buf *buf)
{
    return buf->ptr ? buf->ptr : "";
}

char *esc_buf_take(struct esc_buf *buf)
{
    char *text = buf->ptr ? buf->ptr : esc_strdup("");
    *buf = (struct esc_buf){.max = buf->max};
    return text;
}

enum esc_status esc_buf_status(const struct esc_buf *buf, const char *what, struct esc_error *err)
{
    if (buf->status == ESC_OK)
        return ESC_OK;
    return esc_fail(err, buf->status, "%s is larger than %zu bytes", what, buf->max);
}
