/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/key_policy.h"

#include <stdlib.h>

#include "escher/base/alloc.h"
#include "escher/scan/key_use.h"
#include "tests/scan/permit_case.h"

#define KEY "arn:aws:kms:us-west-2:123456789012:key/1234abcd"
#define ALIAS "arn:aws:kms:us-west-2:123456789012:alias/orders"
#define ADA "arn:aws:iam::123456789012:user/ada"

struct answered {
    const char *operation, *output, *code; /* code: it was refused */
};

/* Asks what the page wants asked, and answers in the order of @p answers, which ends with NULL. */
static struct esc_json *read_page(const char *arn, const char *principal,
                                  const struct answered *answers)
{
    struct esc_json *page = esc_key_page_new(arn);
    for (size_t i = 0;; i++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *params = NULL;
        const struct esc_operation *operation = esc_key_page_next(page, arn, principal, &params);
        assert_true((operation == NULL) == (answers[i].operation == NULL));
        if (!operation)
            return page;
        assert_string_equal(answers[i].operation, operation->operation);
        assert_false(operation->mutates);
        ESC_CLEANUP(esc_json_freep)
        struct esc_json *output = answers[i].output ? test_json(answers[i].output) : NULL;
        esc_key_page_add(page, operation, principal,
                         &(struct esc_scan_answer){.category = output ? ESC_CATEGORY_NONE
                                                                      : ESC_CATEGORY_PERMISSION,
                                                   .code = answers[i].code,
                                                   .output = output});
    }
}

static void each_answer_says_what_is_asked_next(void **)
{
    static const struct {
        const char *arn, *principal;
        struct answered answers[5];
        const char *page;
    } cases[] = {
        {KEY,
         ADA,
         {{"GetKeyPolicy", "{'Policy': 'P'}", NULL}, {"ListGrants", "{'Grants': []}", NULL}},
         "{'key': '" KEY "', 'document': 'P', 'grantee': '" ADA "', 'grants': 0}"},
        {KEY,
         NULL,
         {{"GetKeyPolicy", "{'Policy': 'P'}", NULL}},
         "{'key': '" KEY "', 'document': 'P'}"},
        {ALIAS,
         ADA,
         {{"DescribeKey", "{'KeyMetadata': {'Arn': '" KEY "', 'KeyManager': 'CUSTOMER'}}", NULL},
          {"GetKeyPolicy", "{'Policy': 'P'}", NULL},
          {"ListGrants", NULL, "AccessDeniedException"}},
         "{'key': '" KEY "', 'described': true, 'document': 'P', 'grantee': '" ADA
         "', 'grants_unread': 'kms:ListGrants: AccessDeniedException'}"},
        {ALIAS,
         ADA,
         {{"DescribeKey", NULL, "NotFoundException"}},
         "{'described': true, 'unread': 'kms:DescribeKey: NotFoundException'}"},
        {ALIAS, /* an answer that names no key */
         ADA,
         {{"DescribeKey", "{'KeyMetadata': {'Arn': '" ALIAS "'}}", NULL}},
         "{'described': true, 'unread': 'kms:DescribeKey: no answer'}"},
        {KEY,
         ADA,
         {{"GetKeyPolicy", NULL, "AccessDeniedException"},
          {"DescribeKey", "{'KeyMetadata': {'Arn': '" KEY "', 'KeyManager': 'AWS'}}", NULL}},
         "{'key': '" KEY "', 'described': true, 'managed': true}"},
        {KEY,
         ADA,
         {{"GetKeyPolicy", NULL, "AccessDeniedException"},
          {"DescribeKey", "{'KeyMetadata': {'Arn': '" KEY "', 'KeyManager': 'CUSTOMER'}}", NULL}},
         "{'key': '" KEY "', 'described': true,"
         " 'unread': 'kms:GetKeyPolicy: AccessDeniedException'}"},
        {KEY,
         ADA,
         {{"GetKeyPolicy", "{'Policy': 7}", NULL}, {"DescribeKey", NULL, NULL}},
         "{'key': '" KEY "', 'described': true,"
         " 'unread': 'kms:GetKeyPolicy: it gave no document'}"},
        {KEY,
         ADA,
         {{"GetKeyPolicy", "{'Policy': 'P'}", NULL}, {"ListGrants", "{'Grants': 'all'}", NULL}},
         "{'key': '" KEY "', 'document': 'P', 'grantee': '" ADA
         "', 'grants_unread': 'kms:ListGrants: it gave no list'}"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_json_freep)
        struct esc_json *page = read_page(cases[i].arn, cases[i].principal, cases[i].answers);
        ESC_CLEANUP(esc_json_freep) struct esc_json *wanted = test_json(cases[i].page);
        ESC_CLEANUP(esc_freep) char *found = esc_json_print(page, ESC_JSON_SORTED);
        if (!esc_json_equal(wanted, page))
            fail_msg("case %zu: %s", i, found);
    }
}

static void open_page(const char *text, const char *principal, struct esc_permit_key *key,
                      struct esc_iam_policy **policy)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = text ? test_json(text) : NULL;
    *key = (struct esc_permit_key){0};
    esc_key_page_open(page, ALIAS, principal, key, policy);
}

static void close_page(struct esc_permit_key *key, struct esc_iam_policy *policy)
{
    esc_iam_policy_free(policy);
    free(key->arn);
    free(key->name);
    free(key->text);
}

/* Nobody's grants are those of another, and what was not asked is not known. */
static void a_page_opens_as_what_is_known(void **)
{
    static const struct {
        const char *page, *principal, *arn, *unread;
        bool has_policy, may_be_granted;
    } cases[] = {
        {NULL, ADA, ALIAS, "nobody has read its policy", false, false},
        {"{'key': '" KEY "', 'document': '{\\\"Statement\\\": []}', 'grantee': '" ADA
         "', 'grants': 0}",
         ADA, KEY, NULL, true, false},
        {"{'key': '" KEY "', 'document': '{\\\"Statement\\\": []}', 'grantee': '" ADA
         "', 'grants': 2}",
         ADA, KEY, NULL, true, true},
        {"{'key': '" KEY "', 'document': '{\\\"Statement\\\": []}', 'grantee': 'another',"
         " 'grants': 0}",
         ADA, KEY, NULL, true, true},
        {"{'key': '" KEY "', 'document': '{\\\"Statement\\\": []}', 'grantee': '" ADA
         "', 'grants_unread': 'no'}",
         ADA, KEY, NULL, true, true},
        {"{'key': '" KEY "', 'document': 'nonsense'}", NULL, KEY, "", false, true},
        {"{'unread': 'kms:DescribeKey: NotFoundException'}", ADA, ALIAS,
         "kms:DescribeKey: NotFoundException", false, true},
        {"{'key': '" KEY "', 'managed': true}", ADA, KEY, NULL, true, true},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct esc_permit_key key;
        struct esc_iam_policy *policy;
        open_page(cases[i].page, cases[i].principal, &key, &policy);
        assert_string_equal(cases[i].arn, key.arn);
        assert_string_equal(ALIAS, key.name);
        assert_true(cases[i].has_policy == (policy != NULL));
        assert_true(cases[i].may_be_granted == (key.grants != NULL));
        assert_true((cases[i].unread == NULL) == (key.policy.unread == NULL));
        if (cases[i].unread)
            assert_true(
                esc_str_starts_with(esc_str_of(key.policy.unread), esc_str_of(cases[i].unread)));
        close_page(&key, policy);
    }
}

static void a_resource_names_its_key_in_many_ways(void **)
{
    static const struct {
        const char *metadata, *key;
    } cases[] = {
        {"{}", NULL},
        {"{'kms_key_id': ''}", NULL},
        {"{'kms_key_id': 7}", NULL},
        {"{'kms_key_id': '" KEY "'}", KEY},
        {"{'kms_key_id': '1234abcd'}", KEY},
        {"{'kms_key_id': 'mrk-12ab'}", "arn:aws:kms:us-west-2:123456789012:key/mrk-12ab"},
        {"{'kms_key_id': 'alias/orders'}", ALIAS},
        {"{'kms_key_id': '" ALIAS "'}", ALIAS},
        {"{'kms_key_id': 'alias/aws/sqs'}", NULL},
        {"{'kms_key_id': 'arn:aws:kms:us-west-2:123456789012:alias/aws/ebs'}", NULL},
        {"{'kms_key_id': '../../etc'}", "../../etc"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_resource_freep)
        struct esc_resource *queue =
            permit_case_resource("sqs_queue", "orders", "{}", cases[i].metadata);
        ESC_CLEANUP(esc_freep) char *key = esc_key_named_by(queue);
        if (!esc_text_equal(cases[i].key, key))
            fail_msg("%s: %s", cases[i].metadata, key ? key : "none");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_answer_says_what_is_asked_next),
        cmocka_unit_test(a_page_opens_as_what_is_known),
        cmocka_unit_test(a_resource_names_its_key_in_many_ways),
    };
    return cmocka_run_group_tests_name("scan/key_policy", tests, NULL, NULL);
}
