/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/iam/iam_private.h"

/*
 * One key under one operator. Operands are joined by OR; a negated operator asks for none of them,
 * so it is the plain one turned round after the join.
 *
 *     the key is     plain    negated    IfExists    ForAllValues    ForAnyValue    Null
 *     absent         no       yes        yes         yes             no             as asked
 *     unknown        maybe    maybe      maybe       maybe           maybe          maybe
 *
 * What the cloud does not document stays undecided: a single-valued operator on a key of several
 * values, ForAnyValue with IfExists on a missing key, a value or operand that is not of its kind,
 * and where a value without text, as of an empty tag, passes for none (ForAllValues and Null).
 * @source IAM User Guide, "Multivalued context key examples", on values that are empty
 */

/* ---- one value against one operand ---- */

static enum iam_truth undecided(const struct iam_asking *asking, const char *why)
{
    iam_doubt_why(asking, why);
    return IAM_MAYBE;
}

static bool in_order(enum iam_order order, int compared)
{
    switch (order) {
    case IAM_EQUAL:
        return compared == 0;
    case IAM_LESS:
        return compared < 0;
    case IAM_LESS_EQUAL:
        return compared <= 0;
    case IAM_GREATER:
        return compared > 0;
    case IAM_GREATER_EQUAL:
        return compared >= 0;
    }
    return false;
}

static bool is_ascii(struct esc_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] >= 0x80)
            return false;
    }
    return true;
}

/* How the cloud folds letters beyond ASCII is not documented. */
static enum iam_truth equal_nocase(const struct iam_asking *asking, struct esc_str a,
                                   struct esc_str b)
{
    if (esc_str_equal_nocase(a, b))
        return IAM_YES;
    if (is_ascii(a) || is_ascii(b))
        return IAM_NO;
    return undecided(asking, "letters beyond ASCII compared without case");
}

enum {
    ARN_FIELDS = 6
};

/* Six fields; the last takes the rest. */
static bool cut_fields(struct esc_str text, struct esc_str fields[ARN_FIELDS])
{
    for (int i = 0; i < ARN_FIELDS - 1; i++) {
        const size_t colon = esc_str_find(text, ESC_STR(":"), 0);
        if (colon == SIZE_MAX)
            return false;
        fields[i] = esc_str_slice(text, 0, colon);
        text = esc_str_slice(text, colon + 1, text.len);
    }
    fields[ARN_FIELDS - 1] = text;
    return true;
}

static enum iam_truth arn_like(const struct iam_asking *asking, struct esc_str glob,
                               struct esc_str text)
{
    struct esc_str wanted[ARN_FIELDS], fields[ARN_FIELDS];
    if (!cut_fields(glob, wanted))
        return undecided(asking, "a pattern of an ARN condition has not six fields");
    if (!cut_fields(text, fields))
        return undecided(asking, "the value under an ARN condition is no ARN");
    for (int i = 0; i < ARN_FIELDS; i++) {
        if (!iam_glob(wanted[i], fields[i]))
            return IAM_NO;
    }
    return IAM_YES;
}

static enum iam_truth compare_texts(const struct iam_asking *asking, enum iam_family family,
                                    struct esc_str wanted, struct esc_str value)
{
    switch (family) {
    case IAM_STRING_NOCASE:
        return equal_nocase(asking, wanted, value);
    case IAM_ARN:
        return arn_like(asking, wanted, value);
    default:
        return iam_truth_of(esc_str_equal(wanted, value));
    }
}

static enum iam_truth match_text(const struct iam_asking *asking, const struct iam_test *test,
                                 const struct iam_operand *operand, struct esc_str value)
{
    if (operand->pattern.piece_count == 0 && test->is.family != IAM_LIKE)
        return compare_texts(asking, test->is.family, operand->pattern.text, value);
    if (test->is.family == IAM_LIKE)
        return iam_pattern_match(asking, &operand->pattern, value);
    struct iam_expanded expanded;
    enum iam_truth truth = iam_pattern_expand(asking, &operand->pattern, &expanded);
    if (truth == IAM_YES)
        truth = compare_texts(asking, test->is.family, expanded.text, value);
    iam_expanded_done(&expanded);
    return truth;
}

static enum iam_truth match_number(const struct iam_asking *asking, const struct iam_test *test,
                                   const struct iam_operand *operand, struct esc_str value)
{
    double number;
    if (!iam_number_parse(value, &number))
        return undecided(asking, "the value under a numeric condition is no number");
    return iam_truth_of(
        in_order(test->is.order, (number > operand->number) - (number < operand->number)));
}

static enum iam_truth match_date(const struct iam_asking *asking, const struct iam_test *test,
                                 const struct iam_operand *operand, struct esc_str value)
{
    int64_t time_ms;
    if (!iam_date_parse(value, &time_ms))
        return undecided(asking, "the value under a date condition is no date");
    return iam_truth_of(
        in_order(test->is.order, (time_ms > operand->time_ms) - (time_ms < operand->time_ms)));
}

static enum iam_truth match_bool(const struct iam_asking *asking, const struct iam_operand *operand,
                                 struct esc_str value)
{
    bool flag;
    if (!iam_bool_parse(value, &flag))
        return undecided(asking, "the value under a Bool condition is neither true nor false");
    return iam_truth_of(flag == operand->flag);
}

static bool in_network(const struct iam_network *network, const struct iam_network *address)
{
    const unsigned whole = network->bits / 8, rest = network->bits % 8;
    if (network->len != address->len || memcmp(network->bytes, address->bytes, whole) != 0)
        return false;
    const unsigned mask = rest ? 0xFFu << (8 - rest) & 0xFFu : 0;
    return rest == 0 || ((network->bytes[whole] ^ address->bytes[whole]) & mask) == 0;
}

static enum iam_truth match_address(const struct iam_asking *asking,
                                    const struct iam_operand *operand, struct esc_str value)
{
    struct iam_network address;
    if (!iam_network_parse(value, &address) || address.bits != address.len * 8)
        return undecided(asking, "the value under an address condition is no address");
    return iam_truth_of(in_network(&operand->network, &address));
}

static enum iam_truth match_operand(const struct iam_asking *asking, const struct iam_test *test,
                                    const struct iam_operand *operand, struct esc_str value)
{
    if (!operand->is_valid)
        return undecided(asking, "a value of a condition is not of its operator's kind");
    switch (test->is.family) {
    case IAM_STRING:
    case IAM_STRING_NOCASE:
    case IAM_LIKE:
    case IAM_BINARY:
    case IAM_ARN:
        return match_text(asking, test, operand, value);
    case IAM_NUMERIC:
        return match_number(asking, test, operand, value);
    case IAM_DATE:
        return match_date(asking, test, operand, value);
    case IAM_BOOL:
        return match_bool(asking, operand, value);
    case IAM_IP:
        return match_address(asking, operand, value);
    case IAM_NULL:
    case IAM_UNHEARD_OF:
        break;
    }
    return IAM_MAYBE;
}

/* ---- a key ---- */

static enum iam_truth match_value(const struct iam_asking *asking, const struct iam_test *test,
                                  struct esc_str value)
{
    enum iam_truth any = IAM_NO;
    for (size_t i = 0; i < test->operand_count && any != IAM_YES; i++)
        any = iam_or(any, match_operand(asking, test, &test->operands[i], value));
    return test->is.is_negated ? iam_not(any) : any;
}

static const char empty_value[] = "a key whose value is empty may count as one that is missing";

static enum iam_truth match_values(const struct iam_asking *asking, const struct iam_test *test,
                                   const struct esc_str *values, size_t count)
{
    if (test->is.quantifier == IAM_PLAIN && count > 1)
        return undecided(asking, "a condition for one value meets a key of several");
    const bool is_any = test->is.quantifier == IAM_FOR_ANY;
    enum iam_truth joined = is_any ? IAM_NO : IAM_YES;
    for (size_t i = 0; i < count; i++) {
        enum iam_truth truth = match_value(asking, test, values[i]);
        if (test->is.quantifier == IAM_FOR_ALL && truth == IAM_NO && values[i].len == 0)
            truth = undecided(asking, empty_value);
        joined = is_any ? iam_or(joined, truth) : iam_and(joined, truth);
    }
    return joined;
}

static enum iam_truth holds_without(const struct iam_asking *asking, const struct iam_test *test)
{
    if (test->is.quantifier == IAM_FOR_ALL)
        return IAM_YES;
    if (test->is.quantifier == IAM_FOR_ANY && test->is.if_exists)
        return undecided(asking, "ForAnyValue with IfExists on a key that is missing");
    if (test->is.quantifier == IAM_FOR_ANY)
        return IAM_NO;
    return iam_truth_of(test->is.if_exists || test->is.is_negated);
}

static enum iam_truth null_holds(const struct iam_asking *asking, const struct iam_test *test,
                                 bool is_absent)
{
    enum iam_truth any = IAM_NO;
    for (size_t i = 0; i < test->operand_count; i++) {
        const struct iam_operand *operand = &test->operands[i];
        any = iam_or(any, operand->is_valid ? iam_truth_of(operand->flag == is_absent)
                                            : undecided(asking, "Null is neither true nor false"));
    }
    return any;
}

enum iam_truth iam_test_holds(const struct iam_asking *asking, const struct iam_test *test)
{
    const struct esc_str *values = NULL;
    size_t count = 0;
    if (test->is.family == IAM_UNHEARD_OF)
        return undecided(asking, "a condition operator that is not known here");
    const enum esc_iam_knowledge knowledge =
        iam_context_find(asking->context, &test->key, &values, &count);
    if (knowledge == ESC_IAM_UNKNOWN) {
        iam_doubt_key(asking, test->key.name);
        return IAM_MAYBE;
    }
    if (test->is.family == IAM_NULL && count == 1 && values[0].len == 0)
        return undecided(asking, empty_value);
    if (test->is.family == IAM_NULL)
        return null_holds(asking, test, knowledge == ESC_IAM_ABSENT);
    if (knowledge == ESC_IAM_ABSENT)
        return holds_without(asking, test);
    return match_values(asking, test, values, count);
}
