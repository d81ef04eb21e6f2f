/* SPDX-License-Identifier: Apache-2.0 */

/* Writes the table of operations as JSON lines, for tests/catalog/test_cli.py. */

#include <stdio.h>

#include "escher/base/alloc.h"
#include "escher/catalog/operation.h"

static struct esc_json *option_json(const struct esc_operation_option *option)
{
    struct esc_json *json = esc_json_object();
    esc_json_set_text(json, "option", option->option);
    esc_json_set_text(json, "negation", option->negation);
    esc_json_set_text(json, "member", option->member);
    esc_json_set_bool(json, "required", option->required);
    esc_json_set_bool(json, "positional", option->positional);
    return json;
}

static struct esc_json *operation_json(const struct esc_operation *operation)
{
    struct esc_json *json = esc_json_object();
    struct esc_json *options = esc_json_array();
    for (size_t i = 0; i < operation->option_count; i++)
        esc_json_push(options, option_json(&operation->options[i]));
    esc_json_set_text(json, "operation", operation->operation);
    esc_json_set_text(json, "cli_service", operation->cli_service);
    esc_json_set_text(json, "cli_verb", operation->cli_verb);
    esc_json_set_bool(json, "json_input", operation->json_input);
    esc_json_set(json, "options", options);
    return json;
}

int main(void)
{
    for (size_t i = 0; i < esc_operation_count(); i++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *json = operation_json(esc_operation_at(i));
        ESC_CLEANUP(esc_freep) char *line = esc_json_print(json, ESC_JSON_COMPACT);
        printf("%s\n", line);
    }
    return 0;
}
