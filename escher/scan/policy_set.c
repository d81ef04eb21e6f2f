/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/policy_set.h"

#include <stdlib.h>

#include "escher/base/alloc.h"
#include "escher/base/clock.h"
#include "escher/base/limits.h"
#include "escher/base/list.h"

struct layer {
    struct esc_list policies; /* struct esc_iam_policy * */
    char *unread;
    struct esc_iam_set set;
};

/* What stands above the account. */
struct levels {
    struct layer *layers;
    struct esc_iam_set *sets;
    size_t count;
    bool is_read;
};

struct esc_policy_set {
    struct esc_json *document;
    struct layer identity, boundary, session;
    struct levels scp, rcp;
    struct esc_iam_layers layers;
    struct esc_iam_principal principal;
    struct esc_iam_context *context;
    enum esc_organisation organisation;
    uint64_t read_at_ms;
};

static void free_policy(void *policy)
{
    esc_iam_policy_free(policy);
}

static void add_policy(struct layer *layer, const struct esc_json *entry)
{
    struct esc_error err;
    struct esc_iam_policy *policy = NULL;
    if (esc_iam_policy_read(esc_json_member(entry, "document"), esc_json_str(entry, "label", ""),
                            &policy, &err) == ESC_OK)
        esc_list_push(&layer->policies, policy);
    else if (!layer->unread)
        layer->unread = esc_strdup(err.message);
}

static void read_layer(struct layer *layer, const struct esc_json *json)
{
    const struct esc_json *policies = esc_json_member(json, "policies");
    esc_list_init(&layer->policies, free_policy);
    layer->unread = esc_strdup_null(esc_json_str(json, "unread", NULL));
    for (size_t i = 0; i < esc_json_len(policies); i++)
        add_policy(layer, esc_json_at(policies, i));
    layer->set = (struct esc_iam_set){
        .policies = (const struct esc_iam_policy *const *)(uintptr_t)layer->policies.items,
        .count = layer->policies.count,
        .unread = layer->unread,
    };
}

static void layer_done(struct layer *layer)
{
    esc_list_done(&layer->policies);
    free(layer->unread);
}

static void read_levels(struct levels *levels, const struct esc_json *json)
{
    levels->is_read = json != NULL;
    levels->count = esc_json_len(json);
    levels->layers = esc_alloc_array(levels->count + 1, sizeof *levels->layers);
    levels->sets = esc_alloc_array(levels->count + 1, sizeof *levels->sets);
    for (size_t i = 0; i < levels->count; i++) {
        read_layer(&levels->layers[i], esc_json_at(json, i));
        levels->sets[i] = levels->layers[i].set;
    }
}

static void levels_done(struct levels *levels)
{
    for (size_t i = 0; i < levels->count; i++)
        layer_done(&levels->layers[i]);
    free(levels->layers);
    free(levels->sets);
}

/* What holds for every request of this caller. Session tags are told by nobody, so only a user's
 * tags are all there are. @source IAM User Guide, "AWS global condition context keys" */

static void set_text(struct esc_iam_context *context, const char *key, const char *value)
{
    if (value)
        esc_iam_context_set(context, esc_str_of(key), esc_str_of(value));
}

static void set_absent(struct esc_iam_context *context, const char *const *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        esc_iam_context_set_absent(context, esc_str_of(keys[i]));
}

static void know_tags(struct esc_iam_context *context, const struct esc_json *tags)
{
    void *position = NULL;
    const char *name;
    const struct esc_json *value;
    while (esc_json_next(tags, &position, &name, &value)) {
        ESC_CLEANUP(esc_freep) char *key = esc_sprintf("aws:PrincipalTag/%s", name);
        set_text(context, key, esc_json_str(value, "", ""));
    }
    if (tags)
        esc_iam_context_set_absent(context, ESC_STR("aws:PrincipalTag/"));
}

static void know_organisation(struct esc_iam_context *context, const struct esc_json *organisation)
{
    static const char *const keys[] = {"aws:PrincipalOrgID", "aws:ResourceOrgID"};
    static const char *const paths[] = {"aws:PrincipalOrgPaths", "aws:ResourceOrgPaths"};
    const char *id = esc_json_str(organisation, "id", NULL);
    const bool none = esc_text_equal(esc_json_str(organisation, "state", ""), "none");
    for (size_t i = 0; i < ESC_COUNT(keys); i++)
        set_text(context, keys[i], id);
    if (none) {
        set_absent(context, keys, ESC_COUNT(keys));
        set_absent(context, paths, ESC_COUNT(paths));
    }
}

static void know_caller(struct esc_iam_context *context, const struct esc_json *document)
{
    const char *kind = esc_json_str(document, "caller.kind", "unknown");
    const struct {
        const char *kind, *type, *arn, *username;
    } kinds[] = {
        {"user", "User", esc_json_str(document, "caller.arn", NULL),
         esc_json_str(document, "caller.name", NULL)},
        {"role", "AssumedRole", esc_json_str(document, "caller.iam_arn", NULL), NULL},
        {"root", "Account", esc_json_str(document, "caller.arn", NULL), NULL},
        {"federated", "FederatedUser", esc_json_str(document, "caller.arn", NULL), NULL},
    };
    for (size_t i = 0; i < ESC_COUNT(kinds); i++) {
        if (!esc_text_equal(kind, kinds[i].kind))
            continue;
        set_text(context, "aws:PrincipalType", kinds[i].type);
        set_text(context, "aws:PrincipalArn", kinds[i].arn);
        esc_iam_context_set_absent(context, ESC_STR("aws:username"));
        set_text(context, "aws:username", kinds[i].username);
        if (i == 0) /* a session's tags stand above those of its role, and nobody tells them */
            know_tags(context, esc_json_member(document, "tags"));
    }
    set_text(context, "aws:userid", esc_json_str(document, "caller.user_id", NULL));
}

static struct esc_iam_context *context_of(const struct esc_json *document)
{
    static const char *const of_services[] = {
        "aws:CalledVia",      "aws:CalledViaFirst",       "aws:CalledViaLast",
        "aws:SourceArn",      "aws:SourceAccount",        "aws:SourceOrgID",
        "aws:SourceOrgPaths", "aws:PrincipalServiceName", "aws:PrincipalServiceNamesList",
    };
    struct esc_iam_context *context = esc_iam_context_new(ESC_IAM_UNKNOWN);
    const char *account = esc_json_str(document, "account_id", NULL);
    set_text(context, "aws:PrincipalAccount", account);
    set_text(context, "aws:ResourceAccount", account);
    set_text(context, "s3:ResourceAccount", account);
    set_text(context, "aws:ViaAWSService", "false");
    set_text(context, "aws:PrincipalIsAWSService", "false");
    set_absent(context, of_services, ESC_COUNT(of_services));
    if (!esc_json_flag(document, "emulator", false)) /* we and the AWS CLI speak nothing else */
        set_text(context, "aws:SecureTransport", "true");
    know_caller(context, document);
    know_organisation(context, esc_json_member(document, "organisation"));
    return context;
}

static enum esc_organisation organisation_of(const struct esc_json *document)
{
    static const struct {
        const char *text;
        enum esc_organisation organisation;
    } states[] = {{"none", ESC_ORGANISATION_NONE},
                  {"billing", ESC_ORGANISATION_BILLING},
                  {"management", ESC_ORGANISATION_MANAGEMENT},
                  {"member", ESC_ORGANISATION_MEMBER}};
    const char *state = esc_json_str(document, "organisation.state", "");
    for (size_t i = 0; i < ESC_COUNT(states); i++)
        if (esc_text_equal(state, states[i].text))
            return states[i].organisation;
    return ESC_ORGANISATION_UNREAD;
}

struct esc_policy_set *esc_policy_set_new(const struct esc_json *document)
{
    struct esc_policy_set *set = esc_alloc_zero(sizeof *set);
    set->document = esc_json_copy(document);
    document = set->document;
    read_layer(&set->identity, esc_json_member(document, "identity"));
    read_layer(&set->boundary, esc_json_member(document, "boundary"));
    read_layer(&set->session, esc_json_member(document, "session"));
    read_levels(&set->scp, esc_json_get(document, "organisation.scp"));
    read_levels(&set->rcp, esc_json_get(document, "organisation.rcp"));
    set->layers.identity = set->identity.set;
    set->layers.boundary = esc_json_member(document, "boundary") ? &set->boundary.set : NULL;
    set->layers.session = esc_json_member(document, "session") ? &set->session.set : NULL;
    set->organisation = organisation_of(document);
    set->principal.arn = esc_str_of(esc_json_str(document, "caller.arn", ""));
    set->principal.in_management_account = set->organisation == ESC_ORGANISATION_MANAGEMENT;
    if (esc_text_equal(esc_json_str(document, "caller.kind", ""), "role"))
        set->principal.role_arn = esc_str_of(esc_json_str(document, "caller.iam_arn", ""));
    set->context = context_of(document);
    (void)esc_time_parse(esc_str_of(esc_json_str(document, "read_at", "")),
                         &set->read_at_ms); /* else 0: not known */
    return set;
}

void esc_policy_set_free(struct esc_policy_set *set)
{
    if (!set)
        return;
    layer_done(&set->identity);
    layer_done(&set->boundary);
    layer_done(&set->session);
    levels_done(&set->scp);
    levels_done(&set->rcp);
    esc_iam_context_free(set->context);
    esc_json_free(set->document);
    free(set);
}

const struct esc_iam_layers *esc_policy_set_layers(const struct esc_policy_set *set)
{
    return &set->layers;
}

const struct esc_iam_principal *esc_policy_set_principal(const struct esc_policy_set *set)
{
    return &set->principal;
}

const struct esc_iam_context *esc_policy_set_context(const struct esc_policy_set *set)
{
    return set->context;
}

const char *esc_policy_set_account(const struct esc_policy_set *set)
{
    return esc_json_str(set->document, "account_id", "");
}

enum esc_organisation esc_policy_set_organisation(const struct esc_policy_set *set)
{
    return set->organisation;
}

const char *esc_policy_set_organisation_why(const struct esc_policy_set *set)
{
    return set->organisation == ESC_ORGANISATION_UNREAD
               ? esc_json_str(set->document, "organisation.why", "nobody has asked")
               : NULL;
}

bool esc_policy_set_levels(const struct esc_policy_set *set, enum esc_iam_layer layer,
                           const struct esc_iam_set **levels, size_t *count)
{
    const struct levels *of = layer == ESC_IAM_SCP ? &set->scp : &set->rcp;
    if (!of->is_read)
        return false;
    *levels = of->sets;
    *count = of->count;
    return true;
}

uint64_t esc_policy_set_read_at_ms(const struct esc_policy_set *set)
{
    return set->read_at_ms;
}

struct esc_user_context *esc_policy_set_user(const struct esc_policy_set *set)
{
    struct esc_user_context *user = esc_user_context_new();
    const char *session = esc_json_str(set->document, "caller.session", NULL);
    user->username =
        esc_strdup_null(session ? session : esc_json_str(set->document, "caller.name", NULL));
    if (esc_text_equal(esc_json_str(set->document, "caller.kind", ""), "role"))
        user->role_arn = esc_strdup_null(esc_json_str(set->document, "caller.iam_arn", NULL));
    return user;
}

void esc_policy_set_digest(const struct esc_json *document, char out[ESC_SHA256_TEXT])
{
    static const char *const deciding[] = {"account_id", "tags",         "identity",
                                           "boundary",   "organisation", "session"};
    static const char *const of_caller[] = {"kind", "name", "iam_arn"};
    struct esc_buf text;
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_json_object();
    for (size_t i = 0; i < ESC_COUNT(deciding); i++) {
        const struct esc_json *member = esc_json_member(document, deciding[i]);
        if (member)
            esc_json_set(json, deciding[i], esc_json_ref(member));
    }
    for (size_t i = 0; i < ESC_COUNT(of_caller); i++)
        esc_json_set_text(json, of_caller[i],
                          esc_json_str(esc_json_member(document, "caller"), of_caller[i], ""));
    esc_buf_init(&text, ESC_MAX_JSON);
    esc_json_write(json, ESC_JSON_SORTED, &text);
    esc_sha256_hex(esc_buf_str(&text), out);
    esc_buf_done(&text);
}
