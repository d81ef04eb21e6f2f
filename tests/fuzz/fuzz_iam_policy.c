/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/iam/explain.h"
#include "tests/fuzz/fuzz.h"

static struct esc_iam_context *some_context(void)
{
    struct esc_iam_context *context = esc_iam_context_new(ESC_IAM_UNKNOWN);
    const struct esc_str tags[] = {ESC_STR("team"), ESC_STR("Owner")};
    esc_iam_context_set(context, ESC_STR("aws:username"), ESC_STR("ada\xff*?"));
    esc_iam_context_set(context, ESC_STR("aws:SourceIp"), ESC_STR("10.0.0.1"));
    esc_iam_context_set_all(context, ESC_STR("aws:TagKeys"), tags, ESC_COUNT(tags));
    esc_iam_context_set_absent(context, ESC_STR("aws:PrincipalTag/"));
    return context;
}

/* What was said holds together, and can be said in words. */
static void check(const struct esc_iam_verdict *verdict, const struct esc_iam_request *request)
{
    ESC_ASSERT((verdict->decision == ESC_IAM_UNDECIDED) == (verdict->why != NULL));
    ESC_ASSERT(verdict->decision != ESC_IAM_CONDITIONAL || verdict->key_count > 0);
    ESC_ASSERT(verdict->decision != ESC_IAM_EXPLICIT_DENY || verdict->policy);
    struct esc_json *json = esc_iam_verdict_to_json(verdict, request);
    ESC_ASSERT(esc_json_str(json, "sentence", NULL));
    esc_json_free(json);
}

static void ask(const struct esc_iam_policy *policy, const struct esc_iam_context *context,
                bool is_resource)
{
    const struct esc_iam_principal ada = {.arn = ESC_STR("arn:aws:iam::111122223333:user/ada")};
    const struct esc_iam_set set = {.policies = &policy, .count = 1};
    const struct esc_iam_layers layers = {.identity = set, .resource = is_resource ? &set : NULL};
    const struct esc_iam_request request = {
        .principal = &ada,
        .action = ESC_STR("s3:GetObject"),
        .resource = ESC_STR("arn:aws:s3:::orders/\xc3\xa4\xff.csv"),
        .context = context,
    };
    struct esc_iam_verdict verdict;
    esc_iam_evaluate(&layers, &request, &verdict);
    check(&verdict, &request);
}

/* Any document is refused or answers every question. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    ESC_CLEANUP(esc_iam_policy_freep) struct esc_iam_policy *policy = NULL;
    if (esc_iam_policy_parse((struct esc_str){(const char *)bytes, len}, "fuzz", &policy, NULL) !=
        ESC_OK)
        return 0;
    ESC_CLEANUP(esc_iam_context_freep) struct esc_iam_context *context = some_context();
    ask(policy, context, false);
    ask(policy, context, true);
    return 0;
}
