/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/iam/agreed.h"
#include "tests/iam/question.h"

#include "tests/support/test.h"

/*
 * Questions on which an independent evaluator said the same as ours, and what follows from what
 * is known: less knowledge may leave an answer open, but never turns it round.
 */

static struct esc_error err;

static enum esc_iam_decision decision_of(const struct esc_json *json)
{
    ESC_CLEANUP(question_freep) struct question *question = NULL;
    struct esc_iam_verdict verdict;
    expect_ok(question_new(json, &question, &err));
    esc_iam_evaluate(&question->layers, &question->request, &verdict);
    return verdict.decision;
}

/* ---- the same answer ---- */

static void is_answered_alike(const struct esc_json *json, unsigned line)
{
    const char *decision = esc_iam_decision_text(decision_of(json));
    const char *expected = esc_json_str(json, "expect", "");
    if (!esc_text_equal(decision, expected))
        fail_msg("agreed.jsonl:%u: %s instead of %s", line, decision, expected);
}

static void both_evaluators_give_the_same_answer(void **)
{
    assert_true(agreed_read(is_answered_alike) >= 200);
}

/* ---- keys that only the call knows ---- */

static uint64_t state;

static unsigned draw(unsigned below)
{
    state = state * 6364136223846793005 + 1442695040888963407;
    return (unsigned)(state >> 33) % below;
}

/* Values that the policies of the questions speak of, and some that they do not. */
static const struct {
    const char *key;
    bool is_list;
    const char *values[6];
} keys[] = {
    {"aws:PrincipalTag/team", false, {"orders", "Orders", "billing", "orders-eu", "x"}},
    {"aws:PrincipalOrgID", false, {"o-a1b2c3d4e5", "o-zzzzzzzzzz", "o-x"}},
    {"aws:username", false, {"ada", "orders", "grace"}},
    {"aws:RequestedRegion", false, {"eu-west-1", "us-east-1", "us-gov-west-1", "x"}},
    {"aws:UserAgent", false, {"aws-cli/2.15", "console", "a*b?c", "AXBYC"}},
    {"aws:MultiFactorAuthAge", false, {"0", "60", "60.5", "3600", "86400", "-5"}},
    {"aws:CurrentTime", false, {"2026-11-22T00:00:00Z", "2026-01-01T12:30:00Z", "2030-01-01"}},
    {"aws:TokenIssueTime", false, {"2026-11-21T23:00:00Z", "2025-02-28T00:00:00Z"}},
    {"aws:SecureTransport", false, {"true", "false"}},
    {"aws:MultiFactorAuthPresent", false, {"true", "false"}},
    {"aws:SourceIp", false, {"10.1.2.3", "192.0.2.77", "203.0.113.9", "2001:db8::17", "::1"}},
    {"aws:SourceArn", false, {"arn:aws:sns:us-east-1:111122223333:orders", "arn:aws:s3:::x"}},
    {"aws:PrincipalArn",
     false,
     {"arn:aws:iam::111122223333:user/team/ada", "arn:aws:iam::111122223333:role/Developer"}},
    {"aws:TagKeys", true, {"team", "Owner", "cost-centre", "env", "x"}},
    {"aws:CalledVia", true, {"cloudformation.amazonaws.com", "athena.amazonaws.com"}},
    {"aws:PrincipalTag/fingerprint", false, {"aGVsbG8=", "AAECAw=="}},
};

static struct esc_json *any_value(size_t index)
{
    unsigned count = 0;
    while (count < ESC_COUNT(keys[index].values) && keys[index].values[count])
        count++;
    if (draw(4) == 0)
        return esc_json_null();
    if (!keys[index].is_list)
        return esc_json_text(keys[index].values[draw(count)]);
    struct esc_json *list = esc_json_array();
    for (unsigned i = draw(3) + 1; i > 0; i--)
        esc_json_push(list, esc_json_text(keys[index].values[draw(count)]));
    return list;
}

/* A context spells a key in its own way; what is said of it is taken away. */
static void forget_key(struct esc_json *context, const char *key)
{
    void *position = NULL;
    const char *spelled, *found = NULL;
    const struct esc_json *value;
    while (esc_json_next(context, &position, &spelled, &value)) {
        if (esc_str_equal_nocase(esc_str_of(spelled), esc_str_of(key)))
            found = spelled;
    }
    if (found)
        esc_json_remove(context, found);
}

static bool is_definite(enum esc_iam_decision decision)
{
    return decision <= ESC_IAM_IMPLICIT_DENY;
}

/* Where an allow or a denial was said, more knowledge must say it, too. */
static void expect_kept(enum esc_iam_decision before, enum esc_iam_decision after, unsigned line)
{
    const bool is_kept = before == ESC_IAM_IMPLICIT_DENY
                             ? after == ESC_IAM_IMPLICIT_DENY || after == ESC_IAM_EXPLICIT_DENY
                             : after == before;
    if (is_definite(before) && !is_kept)
        fail_msg("agreed.jsonl:%u: said %s while less was known, then %s", line,
                 esc_iam_decision_text(before), esc_iam_decision_text(after));
}

static unsigned definite_count, open_count;

static void count_kind(enum esc_iam_decision decision)
{
    definite_count += is_definite(decision);
    open_count += !is_definite(decision);
}

static bool is_among(const bool unknown[ESC_COUNT(keys)], struct esc_str key)
{
    for (size_t i = 0; i < ESC_COUNT(keys); i++) {
        if (unknown[i] && esc_str_equal_nocase(key, esc_str_of(keys[i].key)))
            return true;
    }
    return false;
}

/* The decision; a conditional one waits for unknown keys only. */
static enum esc_iam_decision open_decision_of(const struct esc_json *json,
                                              const bool unknown[ESC_COUNT(keys)])
{
    ESC_CLEANUP(question_freep) struct question *question = NULL;
    struct esc_iam_verdict verdict;
    expect_ok(question_new(json, &question, &err));
    esc_iam_evaluate(&question->layers, &question->request, &verdict);
    assert_true(verdict.decision != ESC_IAM_CONDITIONAL || verdict.key_count > 0);
    for (size_t i = 0; i < verdict.key_count; i++)
        assert_true(is_among(unknown, verdict.keys[i]));
    return verdict.decision;
}

static void holds_for_every_value(const struct esc_json *json, unsigned line)
{
    bool unknown[ESC_COUNT(keys)] = {false};
    ESC_CLEANUP(esc_json_freep) struct esc_json *open = esc_json_copy(json);
    struct esc_json *context = esc_json_get_mutable(open, "context");
    for (size_t i = 0; i < ESC_COUNT(keys); i++) {
        unknown[i] = draw(3) > 0;
        if (unknown[i]) {
            forget_key(context, keys[i].key);
            esc_json_set(context, keys[i].key, esc_json_object());
        }
    }
    const enum esc_iam_decision before = open_decision_of(open, unknown);
    count_kind(before);
    for (int round = 0; round < 8 && is_definite(before); round++) {
        for (size_t i = 0; i < ESC_COUNT(keys); i++) {
            if (unknown[i])
                esc_json_set(context, keys[i].key, any_value(i));
        }
        expect_kept(before, decision_of(open), line);
    }
}

static void an_answer_holds_for_every_value_of_what_is_unknown(void **)
{
    state = test_seed(7);
    definite_count = open_count = 0;
    for (int round = test_rounds(4); round > 0; round--)
        (void)agreed_read(holds_for_every_value);
    print_message("# %u definite, %u open\n", definite_count, open_count);
    assert_true(definite_count >= open_count / 4 && open_count >= definite_count / 4);
}

/* ---- policies that were not read ---- */

/* Takes some policies, or levels, out of a layer and says that it was not read whole. */
static void unread_some(struct esc_json *question, const char *layer)
{
    struct esc_json *all = esc_json_get_mutable(question, layer);
    struct esc_json *rest = esc_json_array();
    for (size_t i = 0; i < esc_json_len(all); i++) {
        if (draw(2) == 0)
            esc_json_push(rest, esc_json_copy(esc_json_at(all, i)));
    }
    if (all || draw(2) == 0) {
        esc_json_set(question, layer, rest);
        esc_json_set_text(esc_json_get_mutable(question, "unread"), layer, "refused");
    } else {
        esc_json_free(rest);
    }
}

static void holds_with_what_was_not_read(const struct esc_json *json, unsigned line)
{
    static const char *const layers[] = {"identity", "boundary", "session",
                                         "scp",      "rcp",      "resource_policy"};
    ESC_CLEANUP(esc_json_freep) struct esc_json *less = esc_json_copy(json);
    esc_json_set(less, "unread", esc_json_object());
    unread_some(less, layers[draw(ESC_COUNT(layers))]);
    if (draw(3) == 0)
        unread_some(less, layers[draw(ESC_COUNT(layers))]);
    const enum esc_iam_decision before = decision_of(less);
    count_kind(before);
    expect_kept(before, decision_of(json), line);
}

static void an_answer_holds_whatever_the_unread_policies_say(void **)
{
    state = test_seed(11);
    definite_count = open_count = 0;
    for (int round = test_rounds(8); round > 0; round--)
        (void)agreed_read(holds_with_what_was_not_read);
    print_message("# %u definite, %u open\n", definite_count, open_count);
    assert_true(definite_count >= open_count / 4 && open_count >= definite_count / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_evaluators_give_the_same_answer),
        cmocka_unit_test(an_answer_holds_for_every_value_of_what_is_unknown),
        cmocka_unit_test(an_answer_holds_whatever_the_unread_policies_say),
    };
    return cmocka_run_group_tests_name("iam/agreed", tests, NULL, NULL);
}
