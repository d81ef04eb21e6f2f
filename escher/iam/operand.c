/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <string.h>

#include "escher/base/clock.h"
#include "escher/base/num.h"
#include "escher/iam/iam_private.h"

/* Operators by name, and the values they compare. */

/* ---- operators ---- */

static const struct {
    const char *name;
    struct iam_operator is;
} operators[] = {
    {"StringEquals", {.family = IAM_STRING}},
    {"StringNotEquals", {.family = IAM_STRING, .is_negated = true}},
    {"StringEqualsIgnoreCase", {.family = IAM_STRING_NOCASE}},
    {"StringNotEqualsIgnoreCase", {.family = IAM_STRING_NOCASE, .is_negated = true}},
    {"StringLike", {.family = IAM_LIKE}},
    {"StringNotLike", {.family = IAM_LIKE, .is_negated = true}},
    {"NumericEquals", {.family = IAM_NUMERIC}},
    {"NumericNotEquals", {.family = IAM_NUMERIC, .is_negated = true}},
    {"NumericLessThan", {.family = IAM_NUMERIC, .order = IAM_LESS}},
    {"NumericLessThanEquals", {.family = IAM_NUMERIC, .order = IAM_LESS_EQUAL}},
    {"NumericGreaterThan", {.family = IAM_NUMERIC, .order = IAM_GREATER}},
    {"NumericGreaterThanEquals", {.family = IAM_NUMERIC, .order = IAM_GREATER_EQUAL}},
    {"DateEquals", {.family = IAM_DATE}},
    {"DateNotEquals", {.family = IAM_DATE, .is_negated = true}},
    {"DateLessThan", {.family = IAM_DATE, .order = IAM_LESS}},
    {"DateLessThanEquals", {.family = IAM_DATE, .order = IAM_LESS_EQUAL}},
    {"DateGreaterThan", {.family = IAM_DATE, .order = IAM_GREATER}},
    {"DateGreaterThanEquals", {.family = IAM_DATE, .order = IAM_GREATER_EQUAL}},
    {"Bool", {.family = IAM_BOOL}},
    {"BinaryEquals", {.family = IAM_BINARY}},
    {"IpAddress", {.family = IAM_IP}},
    {"NotIpAddress", {.family = IAM_IP, .is_negated = true}},
    {"ArnEquals", {.family = IAM_ARN}},
    {"ArnLike", {.family = IAM_ARN}},
    {"ArnNotEquals", {.family = IAM_ARN, .is_negated = true}},
    {"ArnNotLike", {.family = IAM_ARN, .is_negated = true}},
    {"Null", {.family = IAM_NULL}},
};

static bool take_front(struct esc_str *name, struct esc_str front)
{
    if (name->len < front.len || !esc_str_equal_nocase(esc_str_slice(*name, 0, front.len), front))
        return false;
    *name = esc_str_slice(*name, front.len, name->len);
    return true;
}

static bool take_end(struct esc_str *name, struct esc_str end)
{
    if (name->len < end.len ||
        !esc_str_equal_nocase(esc_str_slice(*name, name->len - end.len, name->len), end))
        return false;
    *name = esc_str_slice(*name, 0, name->len - end.len);
    return true;
}

struct iam_operator iam_operator_of(struct esc_str name)
{
    struct iam_operator is = {.family = IAM_UNHEARD_OF};
    enum iam_quantifier quantifier = IAM_PLAIN;
    if (take_front(&name, ESC_STR("ForAllValues:")))
        quantifier = IAM_FOR_ALL;
    else if (take_front(&name, ESC_STR("ForAnyValue:")))
        quantifier = IAM_FOR_ANY;
    const bool if_exists = take_end(&name, ESC_STR("IfExists"));
    for (size_t i = 0; i < ESC_COUNT(operators); i++) {
        if (esc_str_equal_nocase(name, esc_str_of(operators[i].name)))
            is = operators[i].is;
    }
    is.quantifier = quantifier;
    is.if_exists = if_exists;
    return is;
}

/* ---- values ---- */

/* Whether the cloud reads exponents is not documented, so a number with one is none here. */
bool iam_number_parse(struct esc_str text, double *out)
{
    for (size_t i = 0; i < text.len; i++) {
        if (esc_is_alpha(text.ptr[i]))
            return false;
    }
    return esc_num_double(text, out);
}

static const int64_t LAST_SECOND = 253402300799; /* of the year 9999 */

static bool parse_epoch(struct esc_str text, int64_t *out_ms)
{
    int64_t seconds = 0;
    if (!esc_num_i64(text, &seconds) || seconds > LAST_SECOND || seconds < 0)
        return false; /* beyond, it may be milliseconds or nothing */
    *out_ms = seconds * 1000;
    return true;
}

/* RFC 3339, a day alone (its first moment in UTC), or seconds since 1970. */
bool iam_date_parse(struct esc_str text, int64_t *out_ms)
{
    uint64_t ms = 0;
    char whole_day[] = "0000-00-00T00:00:00Z";
    if (text.len == 10 && text.ptr[4] == '-') {
        memcpy(whole_day, text.ptr, text.len);
        text = esc_str_of(whole_day);
    }
    if (parse_epoch(text, out_ms))
        return true;
    if (!esc_time_parse(text, &ms) || ms > INT64_MAX)
        return false;
    *out_ms = (int64_t)ms;
    return true;
}

bool iam_bool_parse(struct esc_str text, bool *out)
{
    *out = esc_str_equal_nocase(text, ESC_STR("true"));
    return *out || esc_str_equal_nocase(text, ESC_STR("false"));
}

static bool parse_address(struct esc_str text, struct iam_network *out)
{
    char address[INET6_ADDRSTRLEN];
    if (text.len == 0 || text.len >= sizeof address)
        return false;
    memcpy(address, text.ptr, text.len);
    address[text.len] = '\0';
    const bool is_v6 = esc_str_contains(text, ESC_STR(":"));
    out->len = is_v6 ? 16 : 4;
    out->bits = out->len * 8;
    return inet_pton(is_v6 ? AF_INET6 : AF_INET, address, out->bytes) == 1;
}

/* "10.0.0.0/8", "2001:db8::/32", or one address. */
bool iam_network_parse(struct esc_str text, struct iam_network *out)
{
    const size_t slash = esc_str_find(text, ESC_STR("/"), 0);
    if (!parse_address(esc_str_slice(text, 0, slash), out))
        return false;
    uint64_t bits = out->bits;
    if (slash != SIZE_MAX &&
        (!esc_num_u64(esc_str_slice(text, slash + 1, text.len), &bits) || bits > out->bits))
        return false;
    out->bits = (unsigned)bits;
    return true;
}

static unsigned pattern_kind(enum iam_family family)
{
    return family == IAM_LIKE || family == IAM_ARN ? IAM_WILDCARDS : IAM_LITERAL;
}

void iam_operand_parse(struct esc_arena *arena, enum iam_family family, struct esc_str text,
                       bool has_variables, struct iam_operand *out)
{
    *out = (struct iam_operand){.is_valid = true};
    switch (family) {
    case IAM_STRING:
    case IAM_STRING_NOCASE:
    case IAM_LIKE:
    case IAM_BINARY:
    case IAM_ARN:
        iam_pattern_compile(arena, text, pattern_kind(family) | (has_variables ? IAM_VARIABLES : 0),
                            &out->pattern);
        break;
    case IAM_NUMERIC:
        out->is_valid = iam_number_parse(text, &out->number);
        break;
    case IAM_DATE:
        out->is_valid = iam_date_parse(text, &out->time_ms);
        break;
    case IAM_BOOL:
    case IAM_NULL:
        out->is_valid = iam_bool_parse(text, &out->flag);
        break;
    case IAM_IP:
        out->is_valid = iam_network_parse(text, &out->network);
        break;
    case IAM_UNHEARD_OF:
        break;
    }
}
