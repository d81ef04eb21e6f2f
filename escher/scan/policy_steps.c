/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/model/arn.h"
#include "escher/scan/policy_reader_private.h"

/* What is read of the caller, and what each answer leads to. */

/* Documents. */

/* An answer that does not say what it was asked for is as good as none: that nothing stands in it
 * is not that there is nothing. */
static void gave_no(struct policy_task *task, const char *what)
{
    ESC_CLEANUP(esc_freep) char *why = esc_sprintf("%s gave no %s", task->step->action, what);
    policy_mark_unread(task->reader, task->layer, why);
}

static bool is_too_large(const struct esc_json *document)
{
    ESC_CLEANUP(esc_freep)
    char *text =
        esc_json_is(document, ESC_JSON_STRING) ? NULL : esc_json_print(document, ESC_JSON_COMPACT);
    return (text ? strlen(text) : esc_json_value(document).len) > ESC_MAX_IAM_POLICY;
}

static void add_document(struct policy_task *task, const struct esc_json *document)
{
    struct esc_policy_reader *reader = task->reader;
    if (!document || is_too_large(document)) {
        gave_no(task, document ? "document of a size that a policy may have" : "document");
        return;
    }
    struct esc_json *policy = esc_json_object();
    esc_json_set_text(policy, "label", task->label);
    esc_json_set(policy, "document", esc_json_copy(document));
    esc_list_push(&reader->policies[task->layer], policy);
}

static void take_inline(struct policy_task *task, const struct esc_json *output)
{
    add_document(task, esc_json_member(output, "PolicyDocument"));
}

static void take_version(struct policy_task *task, const struct esc_json *output)
{
    add_document(task, esc_json_get(output, "PolicyVersion.Document"));
}

static const struct policy_step get_version = {
    "iam", "GetPolicyVersion", "iam:GetPolicyVersion", "PolicyArn", "VersionId", take_version};

static void take_policy(struct policy_task *task, const struct esc_json *output)
{
    const char *version = esc_json_str(output, "Policy.DefaultVersionId", NULL);
    if (version)
        policy_ask(task->reader, &get_version, task->layer, task->name, version)->label =
            esc_strdup(task->label);
    else
        policy_mark_unread(task->reader, task->layer, "a policy has no default version");
}

static const struct policy_step get_policy = {"iam",       "GetPolicy", "iam:GetPolicy",
                                              "PolicyArn", NULL,        take_policy};

/* A managed policy is read once, however often it is attached. */
static void ask_managed(struct esc_policy_reader *reader, enum policy_layer layer, const char *arn,
                        char *label)
{
    ESC_CLEANUP(esc_freep) char *owned = label;
    ESC_CLEANUP(esc_freep) char *key = esc_sprintf("%d %s", layer, arn);
    if (esc_map_has(reader->asked, esc_str_of(key)))
        return;
    esc_map_set(reader->asked, esc_str_of(key), reader);
    policy_ask(reader, &get_policy, layer, arn, NULL)->label = ESC_STEAL(owned);
}

/* Users, roles and groups have the same three reads under other names. */

static void take_attached(struct policy_task *task, const struct esc_json *output);
static void take_names(struct policy_task *task, const struct esc_json *output);

struct holder {
    const char *word;
    struct policy_step attached, names, inlined;
};

static const struct holder holders[] = {
    {"user",
     {"iam", "ListAttachedUserPolicies", "iam:ListAttachedUserPolicies", "UserName", NULL,
      take_attached},
     {"iam", "ListUserPolicies", "iam:ListUserPolicies", "UserName", NULL, take_names},
     {"iam", "GetUserPolicy", "iam:GetUserPolicy", "UserName", "PolicyName", take_inline}},
    {"role",
     {"iam", "ListAttachedRolePolicies", "iam:ListAttachedRolePolicies", "RoleName", NULL,
      take_attached},
     {"iam", "ListRolePolicies", "iam:ListRolePolicies", "RoleName", NULL, take_names},
     {"iam", "GetRolePolicy", "iam:GetRolePolicy", "RoleName", "PolicyName", take_inline}},
    {"group",
     {"iam", "ListAttachedGroupPolicies", "iam:ListAttachedGroupPolicies", "GroupName", NULL,
      take_attached},
     {"iam", "ListGroupPolicies", "iam:ListGroupPolicies", "GroupName", NULL, take_names},
     {"iam", "GetGroupPolicy", "iam:GetGroupPolicy", "GroupName", "PolicyName", take_inline}},
};
enum {
    USER,
    ROLE,
    GROUP,
};

static const struct holder *holder_of(const struct policy_task *task)
{
    size_t i = 0;
    while (task->step != &holders[i].attached && task->step != &holders[i].names)
        i++;
    return &holders[i];
}

static void take_attached(struct policy_task *task, const struct esc_json *output)
{
    const struct esc_json *list = esc_json_get(output, "AttachedPolicies");
    if (!esc_json_is(list, ESC_JSON_ARRAY))
        gave_no(task, "list");
    for (size_t i = 0; i < esc_json_len(list); i++) {
        const char *arn = esc_json_str(esc_json_at(list, i), "PolicyArn", NULL);
        if (!arn)
            gave_no(task, "name of a policy");
        else
            ask_managed(task->reader, POLICY_IDENTITY, arn,
                        esc_sprintf("%s, attached to the %s %s", esc_arn_last(esc_str_of(arn)).ptr,
                                    holder_of(task)->word, task->name));
    }
}

static void take_names(struct policy_task *task, const struct esc_json *output)
{
    const struct holder *holder = holder_of(task);
    const struct esc_json *list = esc_json_get(output, "PolicyNames");
    if (!esc_json_is(list, ESC_JSON_ARRAY))
        gave_no(task, "list");
    for (size_t i = 0; i < esc_json_len(list); i++) {
        const char *name = esc_json_str(esc_json_at(list, i), "", "");
        if (!*name) {
            gave_no(task, "name of a policy");
            continue;
        }
        policy_ask(task->reader, &holder->inlined, POLICY_IDENTITY, task->name, name)->label =
            esc_sprintf("%s, of the %s %s", name, holder->word, task->name);
    }
}

static void ask_holder(struct esc_policy_reader *reader, const struct holder *holder,
                       const char *name)
{
    policy_ask(reader, &holder->attached, POLICY_IDENTITY, name, NULL);
    policy_ask(reader, &holder->names, POLICY_IDENTITY, name, NULL);
}

static void take_groups(struct policy_task *task, const struct esc_json *output)
{
    const struct esc_json *list = esc_json_get(output, "Groups");
    if (!esc_json_is(list, ESC_JSON_ARRAY))
        gave_no(task, "list");
    for (size_t i = 0; i < esc_json_len(list); i++) {
        const char *name = esc_json_str(esc_json_at(list, i), "GroupName", NULL);
        if (name)
            ask_holder(task->reader, &holders[GROUP], name);
        else
            gave_no(task, "name of a group");
    }
}

static const struct policy_step list_groups = {
    "iam", "ListGroupsForUser", "iam:ListGroupsForUser", "UserName", NULL, take_groups};

/* The user or role itself: where it stands, its tags, its boundary. */
static void take_entity(struct policy_task *task, const struct esc_json *entity)
{
    struct esc_policy_reader *reader = task->reader;
    struct esc_json *caller = esc_json_get_mutable(reader->set, "caller");
    const char *arn = esc_json_str(entity, "Arn", NULL);
    const struct esc_json *bounds = esc_json_member(entity, "PermissionsBoundary");
    const char *boundary = esc_json_str(bounds, "PermissionsBoundaryArn", NULL);
    const struct esc_json *list = esc_json_member(entity, "Tags");
    if (!arn) {
        gave_no(task, "such one");
        return;
    }
    struct esc_json *tags = esc_json_object();
    for (size_t i = 0; i < esc_json_len(list); i++)
        esc_json_set_text(tags, esc_json_str(esc_json_at(list, i), "Key", ""),
                          esc_json_str(esc_json_at(list, i), "Value", ""));
    esc_json_set(reader->set, "tags", tags);
    esc_json_set_text(caller, "iam_arn", arn);
    if (boundary)
        ask_managed(reader, POLICY_BOUNDARY, boundary,
                    esc_sprintf("%s, the boundary of %s", esc_arn_last(esc_str_of(boundary)).ptr,
                                task->name));
    else if (bounds && !esc_json_is(bounds, ESC_JSON_NULL))
        gave_no(task, "name of a boundary");
}

static void take_user(struct policy_task *task, const struct esc_json *output)
{
    take_entity(task, esc_json_member(output, "User"));
}

static void take_role(struct policy_task *task, const struct esc_json *output)
{
    take_entity(task, esc_json_member(output, "Role"));
}

static const struct policy_step get_user = {"iam",      "GetUser", "iam:GetUser",
                                            "UserName", NULL,      take_user};
static const struct policy_step get_role = {"iam",      "GetRole", "iam:GetRole",
                                            "RoleName", NULL,      take_role};

/* Root has no policies: it may do all that the organisation leaves. */
static void allow_root(struct esc_policy_reader *reader)
{
    struct esc_json *policy = esc_json_object();
    esc_json_set_text(policy, "label", "the rights of the root user");
    esc_json_set_text(policy, "document",
                      "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\","
                      "\"Action\":\"*\",\"Resource\":\"*\"}]}");
    esc_list_push(&reader->policies[POLICY_IDENTITY], policy);
}

static void mark_session(struct esc_policy_reader *reader, const char *why)
{
    struct esc_json *session = esc_json_object();
    esc_json_set(session, "policies", esc_json_array());
    esc_json_set_text(session, "unread", why);
    esc_json_set(reader->set, "session", session);
}

static bool is_machine(struct esc_str session)
{
    size_t at = 2;
    while (at < session.len && esc_is_alnum(session.ptr[at]))
        at++;
    return esc_str_starts_with(session, ESC_STR("i-")) && at == session.len &&
           (at == sizeof "i-0123456789abcdef0" - 1 || at == sizeof "i-01234567" - 1);
}

/*
 * Whoever makes a session of a role may narrow it by a policy, and nobody tells afterwards. Those
 * that we have made, which takes a role or a profile, are whole, as are those of AWS SSO and of machines, which are named by the id
 * of the machine.
 */
static bool is_whole_session(const struct esc_caller_arn *caller, const struct esc_account *account)
{
    const struct esc_str session = esc_str_of(caller->session);
    const bool assumes = account->role_arn || account->profile;
    return (assumes && esc_str_starts_with(session, ESC_STR("escher-"))) || is_machine(session) ||
           esc_str_starts_with(esc_str_of(caller->name), ESC_STR("AWSReservedSSO_"));
}

/* What a federated user may is in the call that made the session, and in the policies of somebody
 * whom the session does not name. */
static void mark_federated(struct esc_policy_reader *reader)
{
    static const char why[] = "the policies of a federated session cannot be read";
    mark_session(reader, why);
    policy_mark_unread(reader, POLICY_IDENTITY, why);
    policy_mark_unread(reader, POLICY_BOUNDARY, why);
}

static void ask_for_caller(struct esc_policy_reader *reader)
{
    const char *name = reader->caller.name;
    switch (reader->caller.kind) {
    case ESC_CALLER_USER:
        policy_ask(reader, &get_user, POLICY_BOUNDARY, name, NULL);
        ask_holder(reader, &holders[USER], name);
        policy_ask(reader, &list_groups, POLICY_IDENTITY, name, NULL);
        break;
    case ESC_CALLER_ROLE:
        if (!is_whole_session(&reader->caller, reader->options.account))
            mark_session(reader, "whether the session was narrowed when it was made is told by "
                                 "nobody");
        policy_ask(reader, &get_role, POLICY_BOUNDARY, name, NULL);
        ask_holder(reader, &holders[ROLE], name);
        break;
    case ESC_CALLER_ROOT:
        allow_root(reader);
        break;
    case ESC_CALLER_FEDERATED:
        mark_federated(reader);
        break;
    case ESC_CALLER_UNKNOWN:
    default:
        policy_mark_unread(reader, POLICY_IDENTITY, "who is calling could not be told");
        policy_mark_unread(reader, POLICY_BOUNDARY, "who is calling could not be told");
    }
    policy_ask(reader, &policy_describe_organisation, POLICY_ORGANISATION, NULL, NULL);
}

static void take_identity(struct policy_task *task, const struct esc_json *output)
{
    struct esc_policy_reader *reader = task->reader;
    const char *user_id = esc_json_str(output, "UserId", NULL);
    (void)esc_caller_arn_read(esc_json_str(output, "Arn", NULL),
                              &reader->caller); /* else unknown */
    if (reader->caller.account_id &&
        !esc_text_equal(reader->caller.account_id, reader->options.account->id))
        esc_caller_arn_done(&reader->caller); /* keys of another account say nothing of this one */
    struct esc_json *caller = esc_json_object();
    esc_json_set_text(caller, "kind", esc_caller_kind_text(reader->caller.kind));
    if (reader->caller.arn)
        esc_json_set_text(caller, "arn", reader->caller.arn);
    if (reader->caller.name)
        esc_json_set_text(caller, "name", reader->caller.name);
    if (reader->caller.session)
        esc_json_set_text(caller, "session", reader->caller.session);
    if (user_id)
        esc_json_set_text(caller, "user_id", user_id);
    esc_json_set(reader->set, "caller", caller);
    ask_for_caller(reader);
}

const struct policy_step policy_get_identity = {
    "sts", "GetCallerIdentity", "sts:GetCallerIdentity", NULL, NULL, take_identity};
