/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Growing bytes with a ceiling. A buf remembers its first failure, so twenty appends need one
 * check: after a failure nothing more is added and esc_buf_status() says ESC_LIMIT.
 * One that is wiped overwrites its memory whenever it gives some back, as it grows and in the end.
 * The content is always NUL-terminated (the NUL is not counted).
 */

#include <stdbool.h>
#include <stddef.h>

#include "escher/base/error.h"
#include "escher/base/str.h"

struct esc_buf {
    char *ptr; /* never NULL after the first append */
    size_t len, capacity, max;
    enum esc_status status;
    bool is_wiped;
};

void esc_buf_init(struct esc_buf *buf, size_t max_bytes); /* a ceiling of base/limits.h */
void esc_buf_init_wiped(struct esc_buf *buf, size_t max_bytes);
void esc_buf_done(struct esc_buf *buf);  /* twice is fine */
void esc_buf_reset(struct esc_buf *buf); /* empty, ok, memory kept */
/** Room for so many bytes more at once, where that is within the ceiling; else nothing. */
void esc_buf_expect(struct esc_buf *buf, size_t more);

void esc_buf_append(struct esc_buf *buf, const void *bytes, size_t len);
void esc_buf_add(struct esc_buf *buf, struct esc_str text);
void esc_buf_add_text(struct esc_buf *buf, const char *text);
void esc_buf_add_char(struct esc_buf *buf, char c);
void esc_buf_printf(struct esc_buf *buf, const char *format, ...) ESC_PRINTF(2, 3);
/** Drops the first @p count bytes (at most all). */
void esc_buf_consume(struct esc_buf *buf, size_t count);

struct esc_str esc_buf_str(const struct esc_buf *buf); /* borrowed until the next change */
const char *esc_buf_text(const struct esc_buf *buf);   /* the same, NUL-terminated; "" if empty */
/** The content, owned by the caller, who wipes it; the buf is empty again. */
ESC_RETURNS_NONNULL char *esc_buf_take(struct esc_buf *buf);
/** ESC_OK, or ESC_LIMIT with a message that names @p what. */
enum esc_status esc_buf_status(const struct esc_buf *buf, const char *what, struct esc_error *err);
