/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/key_policy.h"

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/model/arn.h"

const char *const esc_key_policy_actions[] = {
    "kms:DescribeKey",
    "kms:GetKeyPolicy",
    "kms:ListGrants",
    NULL,
};

static bool is_key(const char *text)
{
    struct esc_arn arn;
    return text && esc_arn_parse(esc_str_of(text), &arn) && esc_str_is(arn.service, "kms") &&
           esc_str_is(esc_arn_kind(&arn), "key");
}

struct esc_json *esc_key_page_new(const char *arn)
{
    struct esc_json *page = esc_json_object();
    if (is_key(arn))
        esc_json_set_text(page, "key", arn);
    return page;
}

static const struct esc_operation *ask(const char *operation, const char *key,
                                       struct esc_json **params)
{
    *params = esc_json_object();
    esc_json_set_text(*params, "KeyId", key);
    return esc_operation_find("kms", operation);
}

static bool is_read(const struct esc_json *page)
{
    return esc_json_member(page, "document") || esc_json_member(page, "managed");
}

const struct esc_operation *esc_key_page_next(const struct esc_json *page, const char *arn,
                                              const char *principal, struct esc_json **params)
{
    const char *key = esc_json_str(page, "key", NULL);
    const bool is_described = esc_json_flag(page, "described", false);
    const bool is_asked = is_read(page) || esc_json_member(page, "unread");
    if (!key || (is_asked && !is_read(page)))
        return is_described ? NULL : ask("DescribeKey", key ? key : arn, params);
    if (!is_asked) {
        const struct esc_operation *operation = ask("GetKeyPolicy", key, params);
        esc_json_set_text(*params, "PolicyName", "default"); /* the only one there is */
        return operation;
    }
    if (!principal || esc_json_member(page, "managed") ||
        esc_text_equal(esc_json_str(page, "grantee", NULL), principal))
        return NULL;
    const struct esc_operation *operation = ask("ListGrants", key, params);
    esc_json_set_text(*params, "GranteePrincipal", principal);
    return operation;
}

static void set_why(struct esc_json *page, const char *member,
                    const struct esc_operation *operation, const char *code)
{
    ESC_CLEANUP(esc_freep)
    char *text = esc_sprintf("%s: %s", operation->iam_action, code && *code ? code : "no answer");
    if (!esc_json_member(page, member)) /* the first reason counts */
        esc_json_set_text(page, member, text);
}

static void add_description(struct esc_json *page, const struct esc_operation *operation,
                            const struct esc_scan_answer *answer)
{
    const char *key = esc_json_str(answer->output, "KeyMetadata.Arn", NULL);
    const char *manager = esc_json_str(answer->output, "KeyMetadata.KeyManager", "");
    esc_json_set_bool(page, "described", true);
    if (is_key(key) && !esc_json_member(page, "key"))
        esc_json_set_text(page, "key", key);
    if (esc_text_equal(manager, "AWS")) {
        esc_json_set_bool(page, "managed", true);
        esc_json_remove(page, "unread");
    } else if (!esc_json_member(page, "key")) {
        set_why(page, "unread", operation, answer->code);
    }
}

static void add_policy(struct esc_json *page, const struct esc_operation *operation,
                       const struct esc_scan_answer *answer)
{
    const struct esc_json *text = esc_json_get(answer->output, "Policy");
    if (answer->category != ESC_CATEGORY_NONE)
        set_why(page, "unread", operation, answer->code);
    else if (!esc_json_is(text, ESC_JSON_STRING))
        set_why(page, "unread", operation, "it gave no document");
    else if (esc_json_value(text).len > ESC_MAX_IAM_POLICY)
        set_why(page, "unread", operation, "the document is too large");
    else
        esc_json_set_str(page, "document", esc_json_value(text));
}

static void add_grants(struct esc_json *page, const struct esc_operation *operation,
                       const char *principal, const struct esc_scan_answer *answer)
{
    const struct esc_json *grants = esc_json_get(answer->output, "Grants");
    esc_json_set_text(page, "grantee", principal);
    if (answer->category != ESC_CATEGORY_NONE)
        set_why(page, "grants_unread", operation, answer->code);
    else if (!esc_json_is(grants, ESC_JSON_ARRAY))
        set_why(page, "grants_unread", operation, "it gave no list");
    else
        esc_json_set_int(page, "grants",
                         esc_json_num(page, "grants", 0) + (int64_t)esc_json_len(grants));
}

void esc_key_page_add(struct esc_json *page, const struct esc_operation *operation,
                      const char *principal, const struct esc_scan_answer *answer)
{
    if (esc_text_equal(operation->operation, "DescribeKey"))
        add_description(page, operation, answer);
    else if (esc_text_equal(operation->operation, "GetKeyPolicy"))
        add_policy(page, operation, answer);
    else
        add_grants(page, operation, principal, answer);
}

/* Opening. */

/* What AWS's own keys say is documented: all in the account who may use the service, through it. */
static const char managed[] = "{\"Statement\":[{\"Sid\":\"Managed\",\"Effect\":\"Allow\","
                              "\"Principal\":\"*\",\"Action\":\"kms:*\",\"Resource\":\"*\"}]}";

static void open_policy(const struct esc_json *page, struct esc_permit_key *key,
                        struct esc_iam_policy **policy)
{
    struct esc_error err;
    const bool is_managed = esc_json_flag(page, "managed", false);
    const struct esc_str text =
        is_managed ? esc_str_of(managed) : esc_str_of(esc_json_str(page, "document", ""));
    const char *label = is_managed ? "a key that AWS manages" : "the key's own";
    if (text.len > 0 && esc_iam_policy_parse(text, label, policy, &err) != ESC_OK)
        key->text = esc_strdup(err.message);
    else if (text.len == 0)
        key->text = esc_strdup(esc_json_str(page, "unread", "nobody has read its policy"));
    key->policy = (struct esc_permit_policy){*policy, key->text};
}

static const char *grants_of(const struct esc_json *page, const char *principal)
{
    if (esc_json_num(page, "grants", 0) > 0)
        return "somebody has given a grant for it, which its policy does not show";
    if (!principal || !esc_text_equal(esc_json_str(page, "grantee", NULL), principal))
        return "whether there is a grant for it was not asked";
    return esc_json_str(page, "grants_unread", NULL);
}

void esc_key_page_open(const struct esc_json *page, const char *arn, const char *principal,
                       struct esc_permit_key *key, struct esc_iam_policy **policy)
{
    *policy = NULL;
    key->arn = esc_strdup(esc_json_str(page, "key", arn));
    key->name = esc_strdup(arn);
    open_policy(page, key, policy);
    key->grants = page ? grants_of(page, principal) : NULL;
}
