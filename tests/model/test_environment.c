/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/model/environment.h"

#include "escher/model/resource.h"
#include "tests/support/test.h"

static struct esc_error err;

static void assert_class(const char *expected, const char *actual, const char *what)
{
    if (!esc_text_equal(expected, actual))
        fail_msg("%s: %s instead of %s", what, actual ? actual : "none",
                 expected ? expected : "none");
}

static void words_of_one_class_are_one(void **)
{
    static const struct {
        const char *word, *environment;
    } cases[] = {
        {"prod", "production"}, {"PRD", "production"},
        {"live", "production"}, {"stg", "staging"},
        {"PreProd", "staging"}, {"dev", "development"},
        {"qa", "test"},         {"sandbox", "sandbox"},
        {"product", NULL},      {"", NULL},
        {"database", NULL},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        assert_class(cases[i].environment, esc_environment_of_word(esc_str_of(cases[i].word)),
                     cases[i].word);
}

static void the_first_environment_word_of_a_text_counts(void **)
{
    static const struct {
        const char *text, *environment;
    } cases[] = {
        {"acme-prod-eu", "production"},
        {"pre-prod", "staging"},
        {"non-prod", NULL},
        {"nonprod", NULL},
        {"not prod", NULL},
        {"team_dev", "development"},
        {"reproduction", NULL},
        {"Production!", "production"},
        {"non-prod dev", "development"},
        {"", NULL},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        assert_class(cases[i].environment, esc_environment_of_text(esc_str_of(cases[i].text)),
                     cases[i].text);
}

static void tags_say_more_than_the_account(void **)
{
    static const struct {
        const char *tags, *account, *environment;
    } cases[] = {
        {"{\"Environment\": \"prod\"}", "staging", "production"},
        {"{\"env\": \"dev\", \"environment\": \"prod\"}", "x", "development"},
        {"{\"STAGE\": \"qa\"}", "production", "test"},
        {"{\"environment\": \"blue\"}", "production", "production"},
        {"{\"app\": \"prod\"}", "acme", NULL},
        {"{}", "development", "development"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = esc_resource_new();
        esc_json_free(resource->tags);
        expect_ok(esc_json_parse(esc_str_of(cases[i].tags), NULL, &resource->tags, &err));
        resource->account_name = esc_strdup(cases[i].account);
        assert_class(cases[i].environment, esc_environment_of_resource(resource), cases[i].tags);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_of_one_class_are_one),
        cmocka_unit_test(the_first_environment_word_of_a_text_counts),
        cmocka_unit_test(tags_say_more_than_the_account),
    };
    return cmocka_run_group_tests_name("model/environment", tests, NULL, NULL);
}
