/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/error.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "escher/base/assert.h"
#include "escher/base/buf.h"
#include "escher/base/utf8.h"

struct row {
    const char *text, *category, *meaning;
    int http, exit_code;
};

#define ROW(name, text, category, http, exit_code, meaning)                                        \
    [ESC_##name] = {(text), (category), (meaning), (http), (exit_code)},
static const struct row rows[] = {ESC_STATUS_LIST(ROW)};
#undef ROW
static_assert(ESC_COUNT(rows) == ESC_STATUS_COUNT, "a row for every status");

/*
 * Keeps a message one line of text that is safe to show, whatever name from outside stands in it:
 * control and steering characters are escaped, and it is cut between characters.
 */
static void store(struct esc_error *err, const char *text)
{
    struct esc_buf shown;
    esc_buf_init(&shown, SIZE_MAX / 2); /* a few times the text, which is a kilobyte at most */
    esc_utf8_append_display(&shown, esc_str_of(text), false);
    const struct esc_str cut = esc_utf8_cut(esc_buf_str(&shown), sizeof err->message - 1);
    memcpy(err->message, cut.ptr, cut.len);
    err->message[cut.len] = '\0';
    esc_buf_done(&shown);
}

enum esc_status esc_fail(struct esc_error *err, enum esc_status status, const char *format, ...)
{
    if (!err)
        return status;
    char text[2 * ESC_ERROR_MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments); /* longer text is cut, as promised */
    va_end(arguments);
    err->status = status;
    store(err, text);
    return status;
}

enum esc_status esc_wrap(struct esc_error *err, enum esc_status status, const char *format, ...)
{
    if (!err)
        return status;
    char where[2 * ESC_ERROR_MESSAGE_SIZE], text[2 * ESC_ERROR_MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(where, sizeof where, format, arguments); /* cut below */
    va_end(arguments);
    const struct esc_str cut = esc_utf8_cut(esc_str_of(where), ESC_ERROR_MESSAGE_SIZE - 1);
    (void)snprintf(text, sizeof text, "%.*s: %s", ESC_STR_ARG(cut), err->message); /* cut too */
    err->status = status;
    store(err, text);
    return status;
}

static const struct row *row_of(enum esc_status status)
{
    ESC_ASSERT((unsigned)status < ESC_STATUS_COUNT);
    return &rows[status];
}

const char *esc_status_text(enum esc_status status)
{
    return row_of(status)->text;
}

const char *esc_status_category(enum esc_status status)
{
    return row_of(status)->category;
}

const char *esc_status_meaning(enum esc_status status)
{
    return row_of(status)->meaning;
}

int esc_status_http(enum esc_status status)
{
    return row_of(status)->http;
}

int esc_status_exit_code(enum esc_status status)
{
    return row_of(status)->exit_code;
}

enum esc_status esc_status_of_text(const char *text)
{
    for (size_t i = 0; text && i < ESC_COUNT(rows); i++) {
        if (strcmp(rows[i].text, text) == 0)
            return (enum esc_status)i;
    }
    return ESC_STATUS_COUNT;
}
