/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/iam/iam_private.h"
#include "escher/model/arn.h"

/* Whom a resource's policy names, and how closely that is the one who asks. */

static bool is_account_id(struct esc_str text)
{
    if (text.len != 12)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (!esc_is_digit(text.ptr[i]))
            return false;
    }
    return true;
}

/* An ARN of nobody in particular stays one that equals nobody: ids of deleted users, say. */
static struct iam_grantee aws_grantee(struct esc_str text)
{
    struct esc_arn arn;
    if (esc_str_is(text, "*"))
        return (struct iam_grantee){IAM_EVERYBODY, text};
    if (is_account_id(text))
        return (struct iam_grantee){IAM_ACCOUNT, text};
    if (esc_arn_parse(text, &arn) && esc_str_is(arn.resource, "root"))
        return (struct iam_grantee){IAM_ACCOUNT, arn.account};
    return (struct iam_grantee){IAM_IDENTITY_ARN, text};
}

struct iam_grantee iam_grantee_of(const char *type, struct esc_str text)
{
    if (esc_text_equal(type, "AWS"))
        return aws_grantee(text);
    if (esc_text_equal(type, "CanonicalUser"))
        return (struct iam_grantee){IAM_CANONICAL, text};
    return (struct iam_grantee){IAM_NOT_OURS, text};
}

/* The name of a session's role: "R" of "assumed-role/R/session". */
static struct esc_str session_role_name(const struct esc_arn *arn)
{
    if (!esc_str_is(esc_arn_kind(arn), "assumed-role"))
        return (struct esc_str){NULL, 0};
    const struct esc_str name = esc_arn_name(arn);
    return esc_str_slice(name, 0, esc_str_find(name, ESC_STR("/"), 0));
}

/* Whether @p text is a role of the session's name in its account, under whatever path. */
static bool may_be_role(struct esc_str text, const struct esc_arn *session)
{
    struct esc_arn role;
    const struct esc_str name = session_role_name(session);
    return name.len > 0 && esc_arn_parse(text, &role) && esc_str_is(esc_arn_kind(&role), "role") &&
           esc_str_equal(role.account, session->account) &&
           esc_str_equal(esc_arn_last(role.resource), name);
}

static void name(struct iam_naming *naming, enum iam_closeness closeness, enum iam_truth truth)
{
    naming->by[closeness] = iam_or(naming->by[closeness], truth);
}

void iam_grantee_match(const struct iam_grantee *grantee, const struct esc_iam_principal *principal,
                       struct iam_naming *naming)
{
    struct esc_arn arn = {0};
    (void)esc_arn_parse(principal->arn, &arn); /* of one that is none, nothing is named */
    switch (grantee->kind) {
    case IAM_EVERYBODY:
        name(naming, IAM_IN_PERSON, IAM_YES);
        naming->everybody = true;
        break;
    case IAM_ACCOUNT:
        if (esc_str_equal(grantee->text, arn.account))
            name(naming, IAM_BY_ACCOUNT, IAM_YES);
        break;
    case IAM_IDENTITY_ARN:
        if (esc_str_equal(grantee->text, principal->arn))
            name(naming, IAM_IN_PERSON, IAM_YES);
        else if (principal->role_arn.len > 0 && esc_str_equal(grantee->text, principal->role_arn))
            name(naming, IAM_BY_ROLE, IAM_YES);
        else if (principal->role_arn.len == 0 && may_be_role(grantee->text, &arn))
            name(naming, IAM_BY_ROLE, IAM_MAYBE);
        break;
    case IAM_CANONICAL: /* the account behind such an id is not known */
        name(naming, IAM_BY_ACCOUNT, IAM_MAYBE);
        break;
    case IAM_NOT_OURS:
        break;
    }
}

/*
 * NotPrincipal spares whom it names only when it names everything they are: the user and the
 * account, or session, role and account. Whom it names in part the cloud may deny or not.
 */
enum iam_truth iam_naming_excepts(const struct iam_naming *naming, bool is_session)
{
    const enum iam_truth any = iam_or(naming->by[IAM_IN_PERSON],
                                      iam_or(naming->by[IAM_BY_ROLE], naming->by[IAM_BY_ACCOUNT]));
    if (naming->everybody || any == IAM_NO)
        return iam_truth_of(naming->everybody);
    const enum iam_truth role = is_session ? naming->by[IAM_BY_ROLE] : IAM_YES;
    const enum iam_truth all =
        iam_and(naming->by[IAM_IN_PERSON], iam_and(role, naming->by[IAM_BY_ACCOUNT]));
    return all == IAM_YES ? IAM_YES : IAM_MAYBE;
}
