/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/playbook/argv.h"

#include "escher/base/alloc.h"
#include "escher/base/utf8.h"

char *esc_argv_command(const struct esc_operation *operation)
{
    return esc_sprintf("aws %s %s", operation->cli_service, operation->cli_verb);
}

/* Nothing that runs is left out: what the CLI has no word for is shown all the same. */
static void push_flag(struct esc_json *args, const struct esc_operation_option *option, bool on)
{
    ESC_CLEANUP(esc_freep) char *off = esc_sprintf("%s=false", option->option);
    esc_json_push_text(args, on ? option->option : option->negation ? option->negation : off);
}

static void push_option(struct esc_json *args, const struct esc_operation_option *option,
                        const struct esc_json *value)
{
    if (esc_json_is(value, ESC_JSON_BOOL)) {
        push_flag(args, option, esc_json_flag(value, "", false));
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

void esc_argv_line(const struct esc_operation *operation, const struct esc_json *params,
                   const char *region, struct esc_buf *out)
{
    ESC_CLEANUP(esc_freep) char *command = esc_argv_command(operation);
    ESC_CLEANUP(esc_json_freep) struct esc_json *args = esc_argv_args(operation, params, region);
    esc_buf_add_text(out, command);
    for (size_t i = 0; i < esc_json_len(args); i++) {
        esc_buf_add_char(out, ' ');
        esc_utf8_append_word(out, esc_json_value(esc_json_at(args, i)));
    }
}
