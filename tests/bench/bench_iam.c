/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/limits.h"
#include "escher/iam/evaluate.h"
#include "tests/bench/bench.h"

/*
 * usage: bench-iam
 *
 * What an operator may do with 1,000 resources: 8 actions each, against 120 statements that all
 * have conditions, in ten policies and an SCP. Half of the statements speak of the service that is
 * asked for and match its actions, so that the conditions are really read. The time has everything
 * in it but reading the documents, which has a line of its own.
 */

enum {
    ROUNDS = 15,
    POLICIES = 10,
    STATEMENTS = 12, /* of a policy */
    RESOURCES = 1000,
    TAGS = 5,
    OTHER_KEYS = 200, /* known to be absent */
};

static const char *const actions[] = {
    "rds:StopDBInstance",     "rds:StartDBInstance",   "rds:RebootDBInstance",
    "rds:DeleteDBInstance",   "rds:ModifyDBInstance",  "rds:CreateDBSnapshot",
    "rds:PromoteReadReplica", "rds:AddTagsToResource",
};

static const char *const other_services[] = {"ec2", "s3", "lambda", "dynamodb", "sqs", "kms"};

/* Conditions of different families; of half of them the key is known only at the call. */
static const char *const conditions[] = {
    "\"StringEquals\":{\"aws:ResourceTag/team\":[\"orders\",\"billing\",\"stock\"]}",
    "\"StringLike\":{\"aws:PrincipalArn\":\"arn:aws:iam::*:role/team/*\"},"
    "\"Bool\":{\"aws:MultiFactorAuthPresent\":\"true\"}",
    "\"StringNotEquals\":{\"aws:RequestedRegion\":[\"eu-west-1\",\"eu-central-1\"]}",
    "\"IpAddress\":{\"aws:SourceIp\":[\"192.0.2.0/24\",\"203.0.113.0/24\"]}",
    "\"StringEquals\":{\"aws:ResourceTag/owner\":\"${aws:PrincipalTag/owner}\"}",
    "\"ArnLike\":{\"aws:PrincipalArn\":\"arn:aws:iam::111122223333:role/*/Developer\"},"
    "\"StringLike\":{\"aws:ResourceTag/env\":[\"prod*\",\"test*\"]}",
};

static void add_statement(struct esc_buf *text, int number)
{
    const bool is_ours = number % 2 == 0;
    const char *service = is_ours ? "rds" : other_services[number % 6];
    esc_buf_printf(text,
                   "%s{\"Sid\":\"S%d\",\"Effect\":\"%s\",\"Action\":[\"%s:*Tags*\",\"%s:*DB*\"],"
                   "\"Resource\":[\"arn:aws:%s:*:111122223333:db:team-%d-*\","
                   "\"arn:aws:%s:*:111122223333:*\"],\"Condition\":{%s}}",
                   number % STATEMENTS ? "," : "", number, number % 5 == 4 ? "Deny" : "Allow",
                   service, service, service, number, service,
                   conditions[number / 2 % (int)ESC_COUNT(conditions)]);
}

static struct esc_iam_policy *parse(const char *text)
{
    struct esc_error err;
    struct esc_iam_policy *policy = NULL;
    bench_need(esc_iam_policy_parse(esc_str_of(text), "bench", &policy, &err), &err);
    return policy;
}

static struct esc_iam_policy *make_policy(int index)
{
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_IAM_POLICY);
    esc_buf_add_text(&text, "{\"Version\":\"2012-10-17\",\"Statement\":[");
    for (int i = 0; i < STATEMENTS; i++)
        add_statement(&text, index * STATEMENTS + i);
    esc_buf_add_text(&text, "]}");
    struct esc_iam_policy *policy = parse(esc_buf_text(&text));
    esc_buf_done(&text);
    return policy;
}

static void describe_resource(struct esc_iam_context *context, int index)
{
    static const char *const names[TAGS] = {"team", "owner", "env", "Name", "cost"};
    esc_iam_context_clear(context);
    for (int i = 0; i < TAGS; i++) {
        char key[64], value[64];
        (void)snprintf(key, sizeof key, "aws:ResourceTag/%s", names[i]);
        (void)snprintf(value, sizeof value, "%s-%d", i == 2 ? "dev" : "value", index % 7);
        esc_iam_context_set(context, esc_str_of(key), esc_str_of(value));
    }
    esc_iam_context_set_absent(context, ESC_STR("aws:ResourceTag/"));
}

/* Returns how many of the answers were open, so that nothing can be left out. */
static size_t ask_all(const struct esc_iam_layers *layers, const struct esc_iam_context *base)
{
    const struct esc_iam_principal principal = {
        .arn = ESC_STR("arn:aws:sts::111122223333:assumed-role/Developer/ada"),
        .role_arn = ESC_STR("arn:aws:iam::111122223333:role/team/Developer"),
    };
    size_t open = 0;
    ESC_CLEANUP(esc_iam_context_freep)
    struct esc_iam_context *context = esc_iam_context_child(base);
    for (int r = 0; r < RESOURCES; r++) {
        char arn[96];
        (void)snprintf(arn, sizeof arn, "arn:aws:rds:eu-west-1:111122223333:db:orders-%d", r);
        describe_resource(context, r);
        for (size_t a = 0; a < ESC_COUNT(actions); a++) {
            const struct esc_iam_request request = {.principal = &principal,
                                                    .action = esc_str_of(actions[a]),
                                                    .resource = esc_str_of(arn),
                                                    .context = context};
            struct esc_iam_verdict verdict;
            esc_iam_evaluate(layers, &request, &verdict);
            open += verdict.decision == ESC_IAM_CONDITIONAL;
        }
    }
    return open;
}

static struct esc_iam_context *make_base(void)
{
    struct esc_iam_context *base = esc_iam_context_new(ESC_IAM_UNKNOWN);
    esc_iam_context_set(base, ESC_STR("aws:PrincipalArn"),
                        ESC_STR("arn:aws:iam::111122223333:role/team/Developer"));
    esc_iam_context_set(base, ESC_STR("aws:PrincipalAccount"), ESC_STR("111122223333"));
    esc_iam_context_set(base, ESC_STR("aws:PrincipalTag/owner"), ESC_STR("ada"));
    esc_iam_context_set(base, ESC_STR("aws:RequestedRegion"), ESC_STR("eu-west-1"));
    esc_iam_context_set_absent(base, ESC_STR("aws:PrincipalTag/"));
    for (int i = 0; i < OTHER_KEYS; i++) {
        char key[32];
        (void)snprintf(key, sizeof key, "rds:OtherKey%d", i);
        esc_iam_context_set_absent(base, esc_str_of(key));
    }
    return base;
}

int main(void)
{
    struct esc_iam_policy *policies[POLICIES];
    struct bench_samples samples = {0};
    const uint64_t began = bench_now_ns();
    for (int i = 0; i < POLICIES; i++)
        policies[i] = make_policy(i);
    bench_say("read 120 statements", "ms", (double)(bench_now_ns() - began) / 1e6, 1);

    struct esc_iam_policy *scp = parse(
        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\","
        "\"Resource\":\"*\"},{\"Effect\":\"Deny\",\"NotAction\":[\"iam:*\",\"sts:*\"],\"Resource\":"
        "\"*\",\"Condition\":{\"StringNotEquals\":{\"aws:RequestedRegion\":\"eu-west-1\"}}}]}");
    const struct esc_iam_policy *const scps[] = {scp};
    const struct esc_iam_set level = {.policies = scps, .count = 1};
    const struct esc_iam_layers layers = {
        .identity = {.policies = (const struct esc_iam_policy *const *)policies, .count = POLICIES},
        .scp_levels = &level,
        .scp_level_count = 1,
    };
    struct esc_iam_context *base = make_base();
    size_t open = 0;
    for (int i = 0; i < ROUNDS; i++) {
        const uint64_t start = bench_now_ns();
        open = ask_all(&layers, base);
        bench_add(&samples, (double)(bench_now_ns() - start) / 1e6);
    }
    bench_say("open answers", "count", (double)open, 1);
    bench_say_samples("1,000 resources, 8 actions, 120 statements", "ms", &samples);
    esc_iam_context_free(base);
    esc_iam_policy_free(scp);
    for (int i = 0; i < POLICIES; i++)
        esc_iam_policy_free(policies[i]);
    return 0;
}
