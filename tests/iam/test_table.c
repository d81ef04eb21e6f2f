/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/str.h"
#include "escher/iam/explain.h"
#include "tests/iam/question.h"
#include "tests/iam/table.h"

#include "tests/support/test.h"

/* The tables of tests/cases/iam: each line with an arrow is a question and its answer. */

static struct esc_error err;
static unsigned cases;

static void fail_case(const struct table_case *one, const char *sentence,
                      const struct esc_iam_verdict *verdict)
{
    fail_msg("%s:%u: %s\n  expected %.*s\n  got %s by %s: %s", one->file, one->line, one->title,
             ESC_STR_ARG(one->expect), esc_iam_decision_text(verdict->decision),
             esc_iam_layer_text(verdict->layer), sentence);
}

static bool has_key(const struct esc_iam_verdict *verdict, struct esc_str key)
{
    for (size_t i = 0; i < verdict->key_count; i++) {
        if (esc_str_equal(verdict->keys[i], key))
            return true;
    }
    return false;
}

/* "conditional on a, b": just these keys */
static bool has_keys(const struct esc_iam_verdict *verdict, struct esc_str keys)
{
    size_t count = 0;
    struct esc_str key;
    while (keys.len > 0 && esc_str_next(&keys, ',', &key)) {
        count++;
        if (!has_key(verdict, esc_str_trim(key)))
            return false;
    }
    return count == verdict->key_count;
}

static bool starts(struct esc_str *rest, const char *start)
{
    if (!esc_str_starts_with(*rest, esc_str_of(start)))
        return false;
    *rest = esc_str_trim(esc_str_slice(*rest, esc_str_of(start).len, rest->len));
    return true;
}

static bool is_expected(const struct esc_iam_verdict *verdict, struct esc_str expect)
{
    static const struct {
        const char *words;
        enum esc_iam_decision decision;
    } known[] = {{"allow", ESC_IAM_ALLOW},
                 {"explicit deny", ESC_IAM_EXPLICIT_DENY},
                 {"implicit deny", ESC_IAM_IMPLICIT_DENY}};
    if (starts(&expect, "conditional on"))
        return verdict->decision == ESC_IAM_CONDITIONAL && has_keys(verdict, expect);
    if (starts(&expect, "unknown:"))
        return verdict->decision == ESC_IAM_UNDECIDED &&
               esc_str_contains(esc_str_of(verdict->why), expect);
    for (size_t i = 0; i < ESC_COUNT(known); i++) {
        if (starts(&expect, known[i].words))
            return verdict->decision == known[i].decision &&
                   (!starts(&expect, "by") ||
                    esc_str_is(expect, esc_iam_layer_text(verdict->layer)));
    }
    return false;
}

static void ask(const struct table_case *one)
{
    ESC_CLEANUP(question_freep) struct question *question = NULL;
    struct esc_iam_verdict verdict;
    if (question_new(one->question, &question, &err) != ESC_OK)
        fail_msg("%s:%u: %s", one->file, one->line, err.message);
    esc_iam_evaluate(&question->layers, &question->request, &verdict);
    ESC_CLEANUP(esc_freep) char *sentence = esc_iam_sentence(&verdict, &question->request);
    if (!is_expected(&verdict, one->expect))
        fail_case(one, sentence, &verdict);
    if (one->says.len > 0 && !esc_str_equal(esc_str_of(sentence), one->says))
        fail_msg("%s:%u: it says\n  %s", one->file, one->line, sentence);
}

static void ask_table(const char *name)
{
    ESC_CLEANUP(esc_freep) char *path = esc_sprintf("tests/cases/iam/%s.txt", name);
    ESC_CLEANUP(esc_freep) char *text = test_source(path);
    cases += table_read(path, esc_str_of(text), ask);
}

static void actions_and_resources_are_matched_by_globs(void **)
{
    ask_table("globs");
}

static void variables_are_filled_in(void **)
{
    ask_table("variables");
}

static void conditions_hold_as_documented(void **)
{
    ask_table("conditions");
}

static void layers_are_joined_as_documented(void **)
{
    ask_table("layers");
}

static void policies_of_resources_reach_whom_they_name(void **)
{
    ask_table("resources");
}

static void keys_are_used_as_their_policies_let_the_account(void **)
{
    ask_table("keys");
}

static void what_is_not_known_is_never_a_denial(void **)
{
    ask_table("unknowns");
}

static void real_policies_of_well_known_kinds_answer_as_people_expect(void **)
{
    ask_table("everyday");
}

static void there_are_four_hundred_cases(void **)
{
    print_message("# %u cases\n", cases);
    assert_true(cases >= 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(actions_and_resources_are_matched_by_globs),
        cmocka_unit_test(variables_are_filled_in),
        cmocka_unit_test(conditions_hold_as_documented),
        cmocka_unit_test(layers_are_joined_as_documented),
        cmocka_unit_test(policies_of_resources_reach_whom_they_name),
        cmocka_unit_test(keys_are_used_as_their_policies_let_the_account),
        cmocka_unit_test(what_is_not_known_is_never_a_denial),
        cmocka_unit_test(real_policies_of_well_known_kinds_answer_as_people_expect),
        cmocka_unit_test(there_are_four_hundred_cases),
    };
    return cmocka_run_group_tests_name("iam/table", tests, NULL, NULL);
}
