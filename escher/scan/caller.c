/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/caller.h"

#include <stdlib.h>

#include "escher/base/alloc.h"
#include "escher/model/account.h"
#include "escher/model/arn.h"

static bool take_session(struct esc_str name, struct esc_caller_arn *out)
{
    const size_t slash = esc_str_find(name, ESC_STR("/"), 0);
    if (slash == SIZE_MAX || slash == 0 || slash + 1 == name.len)
        return false;
    out->name = esc_str_dup(esc_str_slice(name, 0, slash));
    out->session = esc_str_dup(esc_str_slice(name, slash + 1, name.len));
    return true;
}

static enum esc_caller_kind kind_of(const struct esc_arn *arn)
{
    const struct esc_str kind = esc_arn_kind(arn);
    const bool is_iam = esc_str_is(arn->service, "iam"), is_sts = esc_str_is(arn->service, "sts");
    if (is_iam && esc_str_is(arn->resource, "root"))
        return ESC_CALLER_ROOT;
    if (is_iam && esc_str_is(kind, "user"))
        return ESC_CALLER_USER;
    if (is_sts && esc_str_is(kind, "assumed-role"))
        return ESC_CALLER_ROLE;
    if (is_sts && esc_str_is(kind, "federated-user"))
        return ESC_CALLER_FEDERATED;
    return ESC_CALLER_UNKNOWN;
}

bool esc_caller_arn_read(const char *text, struct esc_caller_arn *out)
{
    struct esc_arn arn;
    struct esc_caller_arn caller = {0};
    *out = caller;
    if (!text || !esc_arn_parse(esc_str_of(text), &arn) || !esc_account_id_is_valid(arn.account))
        return false;
    caller.kind = kind_of(&arn);
    const struct esc_str name = esc_arn_name(&arn);
    if (caller.kind == ESC_CALLER_ROLE && !take_session(name, &caller))
        return false;
    if (caller.kind == ESC_CALLER_USER || caller.kind == ESC_CALLER_FEDERATED)
        caller.name = esc_str_dup(esc_arn_last(name));
    caller.arn = esc_strdup(text);
    caller.account_id = esc_str_dup(arn.account);
    *out = caller;
    return caller.kind != ESC_CALLER_UNKNOWN;
}

void esc_caller_arn_done(struct esc_caller_arn *caller)
{
    free(caller->arn);
    free(caller->account_id);
    free(caller->name);
    free(caller->session);
    *caller = (struct esc_caller_arn){0};
}

static bool is_same(const struct esc_caller_arn *one, const struct esc_caller_arn *other)
{
    if (one->kind != other->kind || one->kind == ESC_CALLER_FEDERATED)
        return false;
    if (one->kind == ESC_CALLER_ROLE)
        return esc_text_equal(one->account_id, other->account_id) &&
               esc_text_equal(one->name, other->name);
    return esc_text_equal(one->arn, other->arn);
}

bool esc_caller_is_same(const char *one_arn, const char *other_arn)
{
    struct esc_caller_arn one, other = {0};
    const bool same = esc_caller_arn_read(one_arn, &one) &&
                      esc_caller_arn_read(other_arn, &other) && is_same(&one, &other);
    esc_caller_arn_done(&one);
    esc_caller_arn_done(&other);
    return same;
}

const char *esc_caller_kind_text(enum esc_caller_kind kind)
{
    static const char *const texts[] = {
        [ESC_CALLER_UNKNOWN] = "unknown",     [ESC_CALLER_USER] = "user",
        [ESC_CALLER_ROLE] = "role",           [ESC_CALLER_ROOT] = "root",
        [ESC_CALLER_FEDERATED] = "federated",
    };
    return texts[kind];
}
