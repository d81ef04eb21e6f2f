/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/playbook/assess.h"
#include "tests/fuzz/fuzz.h"

static const char given[] =
    "{\"resource\": {\"resource_type\": \"rds_instance\", \"identifier\": \"a\", \"region\":"
    " \"us-west-2\", \"account_id\": \"123456789012\", \"name\": \"--x\", \"engine\": \"mysql\"},"
    " \"prompt\": {\"memory_mb\": 512}, \"before\": {\"DBInstanceStatus\": \"available\","
    " \"MemorySize\": 128}}";

static const struct esc_json *facts(void)
{
    static struct esc_json *parsed;
    if (!parsed)
        ESC_ASSERT(esc_json_parse(ESC_STR(given), NULL, &parsed, NULL) == ESC_OK);
    return parsed;
}

/* No argument of a call, but for the options themselves, begins like an option. */
static void check_args(const struct esc_json *args, const struct esc_operation *operation)
{
    for (size_t i = 0; i < esc_json_len(args); i++) {
        const char *arg = esc_json_str(esc_json_at(args, i), "", "");
        ESC_ASSERT(arg[0] != '-' || esc_operation_option(operation, arg) ||
                   strcmp(arg, "--region") == 0);
    }
}

/* What loads can be filled or is refused, and what is filled can be told and shown. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    ESC_CLEANUP(esc_playbook_freep) struct esc_playbook *playbook = NULL;
    ESC_CLEANUP(esc_filled_freep) struct esc_filled *filled = NULL;
    struct esc_error err;
    if (esc_playbook_load((struct esc_str){(const char *)bytes, len}, "a/fuzzed.yaml", &playbook,
                          &err) != ESC_OK ||
        esc_fill(playbook, facts(), &filled, &err) != ESC_OK ||
        esc_fill_bind(filled, 0, "0000", &err) != ESC_OK)
        return 0;
    ESC_CLEANUP(esc_json_freep) struct esc_json *script = esc_fill_script(filled);
    for (size_t i = 0, row = 0; i < playbook->step_count; i++)
        if (playbook->steps[i].kind == ESC_PLAYBOOK_AWS)
            check_args(esc_json_member(esc_json_at(script, row++), "args"),
                       playbook->steps[i].call.operation);
    esc_json_free(esc_assess(filled));
    esc_json_free(esc_observed(filled));
    free(esc_explain(filled));
    struct esc_verdict verdict;
    esc_verdict_init(&verdict);
    esc_preconditions_judge(filled, true, &verdict);
    esc_verdict_done(&verdict);
    return 0;
}
