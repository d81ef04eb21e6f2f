/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/exec/command_aws.h"

#include "escher/base/alloc.h"
#include "escher/base/utf8.h"

/* Text as it is, everything else as compact JSON. */
static void push_value(struct esc_json *args, const struct esc_json *value)
{
    if (esc_json_is(value, ESC_JSON_STRING)) {
        esc_json_push(args, esc_json_ref(value));
        return;
    }
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(value, ESC_JSON_COMPACT);
    esc_json_push_text(args, text);
}

static void push_option(struct esc_json *args, const struct esc_operation_option *option,
                        const struct esc_json *value)
{
    if (option->positional) {
        push_value(args, value);
    } else if (option->negation && esc_json_is(value, ESC_JSON_BOOL)) {
        bool on = esc_json_flag(value, "", false);
        esc_json_push_text(args, on ? option->option : option->negation);
    } else {
        esc_json_push_text(args, option->option);
        push_value(args, value);
    }
}

struct esc_json *esc_aws_command_argv_display(const struct esc_operation *operation,
                                              const struct esc_json *params, const char *region)
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
    esc_json_push_text(args, "--region");
    esc_json_push_text(args, region);
    return args;
}

static bool needs_quotes(struct esc_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!esc_is_alnum(text.ptr[i]) &&
            !esc_str_contains(ESC_STR("@%+=:,./_-"), esc_str_slice(text, i, i + 1)))
            return true;
    }
    return text.len == 0;
}

/* One word for a shell. What steers a terminal is shown as its number, inside the quotes. */
static void add_word(struct esc_buf *out, struct esc_str text)
{
    if (!needs_quotes(text)) {
        esc_buf_add(out, text);
        return;
    }
    esc_buf_add_char(out, '\'');
    struct esc_str piece;
    for (bool first = true; text.ptr && esc_str_next(&text, '\'', &piece); first = false) {
        if (!first)
            esc_buf_add_text(out, "'\\''");
        esc_utf8_append_display(out, piece, false);
    }
    esc_buf_add_char(out, '\'');
}

void esc_aws_command_display(const struct esc_operation *operation, const struct esc_json *params,
                             const char *region, struct esc_buf *out)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *args = esc_aws_command_argv_display(operation, params, region);
    esc_buf_printf(out, "aws %s %s", operation->cli_service, operation->cli_verb);
    for (size_t i = 0; i < esc_json_len(args); i++) {
        esc_buf_add_char(out, ' ');
        add_word(out, esc_json_value(esc_json_at(args, i)));
    }
}
