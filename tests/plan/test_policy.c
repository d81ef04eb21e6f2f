/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/plan/policy.h"

#include "escher/base/limits.h"
#include "tests/support/test.h"

static struct esc_error err;

static enum esc_status read(const char *text, struct esc_policy *out)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    expect_ok(esc_json_parse(esc_str_of(text), NULL, &json, &err));
    return esc_policy_from_json(json, out, &err);
}

static void the_default_is_what_the_rules_say(void **)
{
    const struct esc_policy policy = esc_policy_default();
    assert_int_equal(100, policy.max_steps);
    assert_int_equal(10, policy.max_targets);
    assert_int_equal(ESC_RISK_DISRUPT, policy.max_class);
    assert_int_equal(15 * 60 * 1000, policy.approval_ttl_ms);
    assert_int_equal(5 * 60 * 1000, policy.approval_ttl_destructive_ms);
    assert_true(policy.type_name_production);
    assert_true(policy.type_name_destructive);
}

static void nothing_said_is_the_default(void **)
{
    struct esc_policy policy;
    const struct esc_policy usual = esc_policy_default();
    expect_ok(read("{}", &policy));
    char one[65], other[65];
    esc_policy_sha256(&policy, one);
    esc_policy_sha256(&usual, other);
    assert_string_equal(one, other);
}

static void a_policy_may_be_stricter(void **)
{
    struct esc_policy policy;
    expect_ok(read("{\"max_steps\":3,\"max_targets\":1,\"max_class\":\"read\","
                   "\"privilege_from_playbook\":false,\"approval_ttl_ms\":60000,"
                   "\"approval_ttl_destructive_ms\":0,\"type_name_production\":true,"
                   "\"type_name_destructive\":true}",
                   &policy));
    assert_int_equal(3, policy.max_steps);
    assert_int_equal(1, policy.max_targets);
    assert_int_equal(ESC_RISK_READ, policy.max_class);
    assert_false(policy.privilege_from_playbook);
    assert_int_equal(60000, policy.approval_ttl_ms);
    assert_int_equal(0, policy.approval_ttl_destructive_ms);
}

static void what_was_written_reads_back_the_same(void **)
{
    struct esc_policy policy, back;
    expect_ok(read("{\"max_steps\":7,\"max_class\":\"write\"}", &policy));
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_policy_to_json(&policy);
    expect_ok(esc_policy_from_json(json, &back, &err));
    char one[65], other[65];
    esc_policy_sha256(&policy, one);
    esc_policy_sha256(&back, other);
    assert_string_equal(one, other);
}

static void nothing_may_be_laxer_or_unknown(void **)
{
    static const struct {
        const char *text, *named;
    } table[] = {
        {"{\"max_steps\":101}", "max_steps"},
        {"{\"max_steps\":-1}", "max_steps"},
        {"{\"max_steps\":\"3\"}", "max_steps"},
        {"{\"max_steps\":3.0}", "max_steps"},
        {"{\"max_steps\":null}", "max_steps"},
        {"{\"max_targets\":11}", "max_targets"},
        {"{\"max_targets\":4294967297}", "max_targets"},
        {"{\"max_class\":\"destroy\"}", "max_class"},
        {"{\"max_class\":\"privilege\"}", "max_class"},
        {"{\"max_class\":\"Read\"}", "max_class"},
        {"{\"max_class\":0}", "max_class"},
        {"{\"privilege_from_playbook\":1}", "privilege_from_playbook"},
        {"{\"approval_ttl_ms\":900001}", "approval_ttl_ms"},
        {"{\"approval_ttl_destructive_ms\":300001}", "approval_ttl_destructive_ms"},
        {"{\"type_name_production\":false}", "type_name_production"},
        {"{\"type_name_destructive\":false}", "type_name_destructive"},
        {"{\"type_name_destructive\":null}", "type_name_destructive"},
        {"{\"allow_shell\":true}", "allow_shell"},
        {"[]", "a policy is an object"},
        {"null", "a policy is an object"},
    };
    for (size_t i = 0; i < ESC_COUNT(table); i++) {
        struct esc_policy policy = {.max_steps = 42};
        expect_status(ESC_INVALID, read(table[i].text, &policy));
        expect_contains(table[i].named, err.message);
        assert_int_equal(42, policy.max_steps); /* untouched */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_is_what_the_rules_say),
        cmocka_unit_test(nothing_said_is_the_default),
        cmocka_unit_test(a_policy_may_be_stricter),
        cmocka_unit_test(what_was_written_reads_back_the_same),
        cmocka_unit_test(nothing_may_be_laxer_or_unknown),
    };
    return cmocka_run_group_tests_name("plan/policy", tests, NULL, NULL);
}
