/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/playbook/argv.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/utf8.h"

char *esc_argv_command(const struct esc_operation *operation)
{
    return esc_sprintf("aws %s %s", operation->cli_service, operation->cli_verb);
}

static void push_option(struct esc_json *args, const struct esc_operation_option *option,
                        const struct esc_json *value)
{
    if (esc_json_is(value, ESC_JSON_BOOL)) {
        const bool on = esc_json_flag(value, "", false);
        if (on || option->negation)
            esc_json_push_text(args, on ? option->option : option->negation);
        return;
    }
    if (!option->positional)
        esc_json_push_text(args, option->option);
    if (esc_json_is(value, ESC_JSON_STRING)) {
        esc_json_push(args, esc_json_string(esc_json_value(value)));
        return;
    }
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(value, ESC_JSON_COMPACT);
    esc_json_push_text(args, text);
}

struct esc_json *esc_argv_args(const struct esc_operation *operation, const struct esc_json *params,
                               const char *region)
{
    struct esc_json *args = esc_json_array();
    void *position = NULL;
    const char *member;
    const struct esc_json *value;
    while (esc_json_next(params, &position, &member, &value)) {
        const struct esc_operation_option *option = esc_operation_option(operation, member);
        if (option) /* others do not pass esc_operation_check(), and never run */
            push_option(args, option, value);
    }
    if (region) {
        esc_json_push_text(args, "--region");
        esc_json_push_text(args, region);
    }
    return args;
}

static bool is_plain(struct esc_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!esc_is_alnum(text.ptr[i]) && !memchr("@%+=:,./_-", text.ptr[i], 10))
            return false;
    return text.len > 0;
}

/* One word for a shell: in single quotes, each of its own as '\'' . */
static void add_word(struct esc_buf *out, struct esc_str text)
{
    if (is_plain(text)) {
        esc_buf_add(out, text);
        return;
    }
    struct esc_str piece;
    bool is_first = true;
    esc_buf_add_char(out, '\'');
    while (text.ptr && esc_str_next(&text, '\'', &piece)) {
        if (!is_first)
            esc_buf_add_text(out, "'\\''");
        esc_utf8_append_display(out, piece, false);
        is_first = false;
    }
    esc_buf_add_char(out, '\'');
}

void esc_argv_line(const struct esc_operation *operation, const struct esc_json *params,
                   const char *region, struct esc_buf *out)
{
    ESC_CLEANUP(esc_freep) char *command = esc_argv_command(operation);
    ESC_CLEANUP(esc_json_freep) struct esc_json *args = esc_argv_args(operation, params, region);
    esc_buf_add_text(out, command);
    for (size_t i = 0; i < esc_json_len(args); i++) {
        esc_buf_add_char(out, ' ');
        add_word(out, esc_json_value(esc_json_at(args, i)));
    }
}
