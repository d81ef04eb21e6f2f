/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/model/retry_policy.h"

#include "escher/base/attr.h"

enum {
    MOST_ATTEMPTS = 100,
    LONGEST_WAIT_MS = 60 * 60 * 1000,
};
static const double largest_factor = 10;

static unsigned bit(enum esc_error_category category)
{
    return 1u << category;
}

struct esc_retry_policy esc_retry_policy_default(void)
{
    struct esc_retry_policy policy = {
        .max_attempts = 3, .base_ms = 2000, .factor = 2, .cap_ms = 60'000, .full_jitter = true};
    for (enum esc_error_category c = 0; c < ESC_CATEGORY_COUNT; c++)
        if (esc_error_category_may_retry(c))
            policy.on |= bit(c);
    return policy;
}

bool esc_retry_policy_covers(const struct esc_retry_policy *policy,
                             enum esc_error_category category)
{
    return policy->on & bit(category);
}

static enum esc_status read_number(const struct esc_json *json, const char *name, int64_t least,
                                   int64_t most, uint64_t *value, struct esc_error *err)
{
    const struct esc_json *member = esc_json_member(json, name);
    if (!member)
        return ESC_OK;
    const int64_t number = esc_json_num(member, "", -1);
    if (!esc_json_is(member, ESC_JSON_INT) || number < least || number > most)
        return esc_fail(err, ESC_INVALID, "`%s` must be a whole number from %lld to %lld", name,
                        (long long)least, (long long)most);
    *value = (uint64_t)number;
    return ESC_OK;
}

static enum esc_status read_factor(const struct esc_json *json, double *factor,
                                   struct esc_error *err)
{
    const struct esc_json *member = esc_json_member(json, "factor");
    if (!member)
        return ESC_OK;
    const double value = esc_json_is(member, ESC_JSON_INT) ? (double)esc_json_num(member, "", 0)
                                                           : esc_json_dbl(member, "", 0);
    if (!(value >= 1 && value <= largest_factor))
        return esc_fail(err, ESC_INVALID, "`factor` must be a number from 1 to 10");
    *factor = value;
    return ESC_OK;
}

static enum esc_status read_jitter(const struct esc_json *json, bool *full, struct esc_error *err)
{
    const struct esc_json *member = esc_json_member(json, "jitter");
    const struct esc_str word = esc_json_value(member);
    if (member && !esc_str_is(word, "full") && !esc_str_is(word, "none"))
        return esc_fail(err, ESC_INVALID, "`jitter` must be full or none");
    if (member)
        *full = esc_str_is(word, "full");
    return ESC_OK;
}

static enum esc_status read_on(const struct esc_json *json, unsigned *on, struct esc_error *err)
{
    const struct esc_json *list = esc_json_member(json, "on");
    if (!list)
        return ESC_OK;
    if (!esc_json_is(list, ESC_JSON_ARRAY))
        return esc_fail(err, ESC_INVALID, "`on` must be a list of error categories");
    *on = 0;
    for (size_t i = 0; i < esc_json_len(list); i++) {
        enum esc_error_category category;
        const enum esc_status status =
            esc_error_category_from_json(esc_json_at(list, i), &category, err);
        if (status != ESC_OK)
            return esc_wrap(err, status, "`on`");
        *on |= bit(category);
    }
    return ESC_OK;
}

enum esc_status esc_retry_policy_from_json(const struct esc_json *json,
                                           struct esc_retry_policy *out, struct esc_error *err)
{
    static const char *const members[] = {"max_attempts", "base_ms", "factor", "cap_ms",
                                          "jitter",       "on",      NULL};
    struct esc_retry_policy policy = esc_retry_policy_default();
    uint64_t attempts = policy.max_attempts;
    if (!esc_json_is(json, ESC_JSON_OBJECT))
        return esc_fail(err, ESC_INVALID, "a retry policy must be an object");
    enum esc_status status = esc_json_only(json, members, err);
    if (status == ESC_OK)
        status = read_number(json, "max_attempts", 1, MOST_ATTEMPTS, &attempts, err);
    if (status == ESC_OK)
        status = read_number(json, "base_ms", 0, LONGEST_WAIT_MS, &policy.base_ms, err);
    if (status == ESC_OK)
        status = read_number(json, "cap_ms", 0, LONGEST_WAIT_MS, &policy.cap_ms, err);
    if (status == ESC_OK)
        status = read_factor(json, &policy.factor, err);
    if (status == ESC_OK)
        status = read_jitter(json, &policy.full_jitter, err);
    if (status == ESC_OK)
        status = read_on(json, &policy.on, err);
    policy.max_attempts = (unsigned)attempts;
    if (status == ESC_OK)
        *out = policy;
    return status;
}

struct esc_json *esc_retry_policy_to_json(const struct esc_retry_policy *policy)
{
    struct esc_json *json = esc_json_object();
    struct esc_json *on = esc_json_array();
    for (enum esc_error_category c = 0; c < ESC_CATEGORY_COUNT; c++)
        if (esc_retry_policy_covers(policy, c))
            esc_json_push(on, esc_error_category_to_json(c));
    esc_json_set_int(json, "max_attempts", policy->max_attempts);
    esc_json_set_int(json, "base_ms", (int64_t)policy->base_ms);
    esc_json_set(json, "factor", esc_json_real(policy->factor));
    esc_json_set_int(json, "cap_ms", (int64_t)policy->cap_ms);
    esc_json_set_text(json, "jitter", policy->full_jitter ? "full" : "none");
    esc_json_set(json, "on", on);
    return json;
}
