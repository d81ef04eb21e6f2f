/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/read_policy.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/catalog/operation.h"
#include "escher/iam/policy_document.h"
#include "tests/support/test.h"

static struct esc_error err;

static size_t chars(const struct esc_json *json)
{
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(json, ESC_JSON_COMPACT);
    return strlen(text);
}

/* The action's operation, among all the cloud's; NULL when the table has none of that action. */
static const struct esc_operation *operation_of(const char *action)
{
    for (size_t i = 0; i < esc_operation_count(); i++)
        if (esc_text_equal(esc_operation_at(i)->iam_action, action))
            return esc_operation_at(i);
    return NULL;
}

static size_t count_reads(const struct esc_json *documents)
{
    size_t count = 0;
    for (size_t i = 0; i < esc_json_len(documents); i++) {
        const struct esc_json *statements = esc_json_member(esc_json_at(documents, i), "Statement");
        for (size_t j = 0; j < esc_json_len(statements); j++) {
            const struct esc_json *actions = esc_json_member(esc_json_at(statements, j), "Action");
            assert_true(esc_json_len(actions) > 0);
            for (size_t k = 0; k < esc_json_len(actions); k++) {
                const char *action = esc_json_str(esc_json_at(actions, k), "", "");
                assert_non_null(operation_of(action));
                assert_false(operation_of(action)->mutates);
                count++;
            }
        }
    }
    return count;
}

static void the_policy_of_a_scan_names_reads_alone_and_fits(void **)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *all = NULL, *small = NULL, *rds = NULL;
    expect_ok(esc_read_policies(NULL, ESC_READ_PERMISSIONS, ESC_MANAGED_POLICY_CHARS, &all, &err));
    const size_t count = count_reads(all);
    assert_true(count > 40);
    for (size_t i = 0; i < esc_json_len(all); i++) {
        struct esc_iam_policy *policy = NULL;
        assert_true(chars(esc_json_at(all, i)) <= ESC_MANAGED_POLICY_CHARS);
        expect_ok(esc_iam_policy_read(esc_json_at(all, i), "", &policy, &err));
        esc_iam_policy_free(policy);
    }
    expect_ok(esc_read_policies(NULL, ESC_READ_PERMISSIONS, 500, &small, &err));
    assert_int_equal(count, count_reads(small));
    assert_true(esc_json_len(small) > 3);
    for (size_t i = 0; i < esc_json_len(small); i++)
        assert_true(chars(esc_json_at(small, i)) <= 500);
    static const char *const services[] = {"rds", NULL}, *const unknown[] = {"rsd", NULL};
    expect_ok(esc_read_policies(services, ESC_READ_ESTATE, ESC_MANAGED_POLICY_CHARS, &rds, &err));
    assert_int_equal(1, esc_json_len(rds));
    assert_true(count_reads(rds) < 10);
    expect_status(ESC_INVALID, esc_read_policies(unknown, ESC_READ_ESTATE, 6144, &rds, &err));
}

static size_t count_of(const struct esc_json *policies, const char *service)
{
    size_t count = 0;
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(policies, ESC_JSON_COMPACT);
    for (const char *at = text; (at = strstr(at, service)); at++)
        count++;
    return count;
}

static void what_only_a_management_account_reads_is_in_its_policy_alone(void **)
{
    static const char *const services[] = {"rds", NULL};
    ESC_CLEANUP(esc_json_freep) struct esc_json *one = NULL, *management = NULL;
    expect_ok(esc_read_policies(services, ESC_READ_PERMISSIONS, 6144, &one, &err));
    expect_ok(esc_read_policies(services, ESC_READ_ORGANIZATION, 6144, &management, &err));
    assert_int_equal(1, count_of(one, "organizations:"));
    assert_int_equal(1, count_of(one, "organizations:DescribeOrganization"));
    assert_int_equal(4, count_of(management, "organizations:"));
    assert_int_equal(count_reads(one) + 3, count_reads(management));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_only_a_management_account_reads_is_in_its_policy_alone),
        cmocka_unit_test(the_policy_of_a_scan_names_reads_alone_and_fits),
    };
    return cmocka_run_group_tests_name("scan/read_policy", tests, NULL, NULL);
}
