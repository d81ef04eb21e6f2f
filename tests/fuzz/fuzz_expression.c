/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/playbook/expression.h"
#include "tests/fuzz/fuzz.h"

static const char facts[] =
    "{\"before\": {\"Status\": \"available\", \"MultiAZ\": true, \"List\": [1, \"a\", null],"
    " \"TagList\": [{\"Key\": \"env\", \"Value\": \"prod\"}, 5, {\"Key\": 1}], \"Size\": 100,"
    " \"Rate\": 1.5}, \"resource\": {\"tags\": {\"environment\": \"stage\"}}, \"a\": null}";

static const struct esc_json *environment(void)
{
    static struct esc_json *parsed;
    if (!parsed)
        ESC_ASSERT(esc_json_parse(ESC_STR(facts), NULL, &parsed, NULL) == ESC_OK);
    return parsed;
}

static enum esc_truth opposite(enum esc_truth truth)
{
    if (truth == ESC_TRUTH_UNKNOWN)
        return truth;
    return truth == ESC_TRUE ? ESC_FALSE : ESC_TRUE;
}

/* What parses has an answer, its negation the opposite one, and twice is like once. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    ESC_CLEANUP(esc_expression_freep) struct esc_expression *expression = NULL;
    struct esc_error err;
    if (esc_expression_parse((struct esc_str){(const char *)bytes, len}, &expression, &err) !=
        ESC_OK)
        return 0;
    const enum esc_truth truth = esc_expression_judge(expression, environment());
    ESC_ASSERT(truth == esc_expression_judge(expression, environment()));
    (void)esc_expression_judge(expression, NULL); /* only that it ends well */
    ESC_CLEANUP(esc_freep) char *negated = esc_sprintf("!(%s)", esc_expression_text(expression));
    enum esc_truth other;
    if (esc_expression_judge_text(esc_str_of(negated), environment(), &other, &err) == ESC_OK)
        ESC_ASSERT(other == opposite(truth)); /* else it grew over a limit */
    return 0;
}
