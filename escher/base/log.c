/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/log.h"

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "escher/base/buf.h"
#include "escher/base/clock.h"
#include "escher/base/file.h"
#include "escher/base/paths.h"
#include "escher/base/utf8.h"

enum {
    MAX_LINE = 4096
};

static const char *const names[] = {
    [ESC_ERROR] = "error", [ESC_WARN] = "warn", [ESC_INFO] = "info", [ESC_DEBUG] = "debug"};
static atomic_int level = -1; /* -1: ask the environment at first use */

void esc_log_set_level(enum esc_log_level new_level)
{
    atomic_store(&level, (int)new_level);
}

static int current_level(void)
{
    int now = atomic_load(&level);
    if (now >= 0)
        return now;
    now = ESC_WARN;
    const char *wanted = esc_env("ESCHER_LOG");
    for (size_t i = 0; wanted && i < ESC_COUNT(names); i++) {
        if (esc_text_equal(wanted, names[i]))
            now = (int)i;
    }
    atomic_store(&level, now);
    return now;
}

/* A value that could be taken for more than one stands in quotes, with its own escaped. */
static void add_value(struct esc_buf *line, const struct esc_log_field *field)
{
    if (!field->text) {
        esc_buf_printf(line, "%lld%s", (long long)field->number, field->unit);
        return;
    }
    if (*field->text && !strpbrk(field->text, " =\"\\")) {
        esc_utf8_append_display(line, esc_str_of(field->text), false);
        return;
    }
    esc_buf_add_char(line, '"');
    struct esc_str rest = esc_str_of(field->text);
    while (rest.len) {
        const size_t plain = strcspn(rest.ptr, "\"\\");
        esc_utf8_append_display(line, esc_str_slice(rest, 0, plain), false);
        if (plain < rest.len)
            esc_buf_printf(line, "\\%c", rest.ptr[plain]);
        rest = esc_str_slice(rest, plain + 1, rest.len);
    }
    esc_buf_add_char(line, '"');
}

void esc_log_fields(enum esc_log_level at, const char *message, const struct esc_log_field *fields)
{
    if ((int)at > current_level())
        return;
    char now[ESC_TIME_TEXT];
    esc_time_format(esc_clock_wall_ms(esc_clock_system()), now);
    struct esc_buf line;
    esc_buf_init(&line, MAX_LINE);
    esc_buf_printf(&line, "%s %s ", now, names[at]);
    esc_utf8_append_display(&line, esc_str_of(message), false);
    for (; fields->name; fields++) {
        esc_buf_printf(&line, " %s=", fields->name);
        add_value(&line, fields);
    }
    line.status = ESC_OK; /* a line over its ceiling is cut, but ends */
    line.max++;
    esc_buf_add_char(&line, '\n');
    (void)esc_file_write_fd(STDERR_FILENO, esc_buf_str(&line), NULL); /* nowhere else to say it */
    esc_buf_done(&line);
}
