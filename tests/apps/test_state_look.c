/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/cards.h"
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/catalog/resource_type.h"
#include "tests/support/test.h"

static struct esc_error err;

static void expect_look(const char *look, const char *state)
{
    const struct cli cli = {0};
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_LINE);
    cli_add_state(&cli, &out, state);
    assert_string_equal(look, esc_buf_text(&out));
    esc_buf_done(&out);
}

static void a_state_looks_the_same_in_capitals(void **)
{
    expect_look("● available", "available");
    expect_look("● active", "active");
    expect_look("● ACTIVE", "ACTIVE"); /* EKS, ECS, DynamoDB */
    expect_look("● Active", "Active");
    expect_look("● OK", "OK"); /* alarms */
    expect_look("▲ ALARM", "ALARM");
    expect_look("○ INACTIVE", "INACTIVE");
}

static void a_word_that_says_so_is_on_its_way_and_none_is_a_dash(void **)
{
    expect_look("◐ modifying", "modifying");
    expect_look("◐ CREATING", "CREATING");
    expect_look("–", NULL);
}

static void expect_looks(const struct esc_json *kinds, const char *name)
{
    static const struct {
        const char *tone, *shape;
    } looks[] = {{"ok", "●"}, {"off", "○"}, {"busy", "◐"}, {"bad", "▲"}, {"unknown", "?"}};
    const struct esc_json *kind = esc_json_member(kinds, name);
    if (!kind)
        fail_msg("the states of %s are not in tests/cases/states.json", name);
    for (size_t i = 0; i < ESC_COUNT(looks); i++) {
        const struct esc_json *words = esc_json_member(kind, looks[i].tone);
        for (size_t k = 0; k < esc_json_len(words); k++) {
            const char *word = esc_json_str(esc_json_at(words, k), "", "");
            ESC_CLEANUP(esc_freep) char *look = esc_sprintf("%s %s", looks[i].shape, word);
            expect_look(look, word);
        }
    }
}

/* tests/cases/states.json holds for the page, too; "escher" are our own, of runs and plans. */
static void every_state_of_every_kind_of_resource_looks_as_it_is(void **)
{
    ESC_CLEANUP(esc_freep) char *text = test_source("tests/cases/states.json");
    ESC_CLEANUP(esc_json_freep) struct esc_json *kinds = NULL;
    expect_ok(esc_json_parse(esc_str_of(text), NULL, &kinds, &err));
    for (size_t i = 0; i < esc_resource_type_count(); i++)
        expect_looks(kinds, esc_resource_type_at(i)->name);
    expect_looks(kinds, "escher");
    assert_int_equal(esc_resource_type_count() + 1, esc_json_len(kinds));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_state_looks_the_same_in_capitals),
        cmocka_unit_test(a_word_that_says_so_is_on_its_way_and_none_is_a_dash),
        cmocka_unit_test(every_state_of_every_kind_of_resource_looks_as_it_is),
    };
    return cmocka_run_group_tests_name("apps/state_look", tests, NULL, NULL);
}
