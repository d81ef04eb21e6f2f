/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/policy_reader.h"

#include <stdlib.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/limits.h"
#include "escher/base/map.h"
#include "escher/loop/timer.h"
#include "escher/scan/caller.h"

/*
 * One row per kind of read, one task per read. A task's answer may make further tasks; the reader
 * is done when none is left.
 */

enum layer {
    IDENTITY,
    BOUNDARY,
    ORGANISATION,
    LAYER_COUNT,
};

struct task {
    struct esc_policy_reader *reader;
    const struct step *step;
    enum layer layer; /* that is unread without its answer */
    char *name;       /* of the user, role or group, or the policy's ARN */
    char *detail;     /* of a policy: its name or version */
    char *label;      /* of a document: which policy it is */
    unsigned attempt;
    void *handle;
    struct esc_timer *timer;
};

struct step {
    const char *service, *operation, *action;
    const char *name_member, *detail_member; /* of the input; NULL: not asked */
    void (*take)(struct task *task, const struct esc_json *output);
};

struct esc_policy_reader {
    struct esc_loop *loop;
    struct esc_policy_reader_options options;
    struct esc_list waiting, active; /* struct task * */
    struct esc_map *asked;           /* "layer ARN" of each policy that is read already */
    struct esc_json *set;
    struct esc_list policies[ORGANISATION]; /* struct esc_json *, of identity and boundary */
    char *unread[ORGANISATION];
    struct esc_caller_arn caller;
    unsigned calls;
    bool cancelled, posted;
};

static void pump(void *context);

static void task_free(void *item)
{
    struct task *task = item;
    free(task->name);
    free(task->detail);
    free(task->label);
    free(task);
}

static void free_json(void *json)
{
    esc_json_free(json);
}

static struct task *ask(struct esc_policy_reader *reader, const struct step *step, enum layer layer,
                        const char *name, const char *detail)
{
    struct task *task = esc_alloc_zero(sizeof *task);
    task->reader = reader;
    task->step = step;
    task->layer = layer;
    task->name = esc_strdup_null(name);
    task->detail = esc_strdup_null(detail);
    esc_list_push(&reader->waiting, task);
    return task;
}

static void mark_unread(struct esc_policy_reader *reader, enum layer layer, const char *why)
{
    if (layer != ORGANISATION) {
        if (!reader->unread[layer])
            reader->unread[layer] = esc_strdup(why);
        return;
    }
    struct esc_json *organisation = esc_json_object();
    esc_json_set_text(organisation, "state", "unread");
    esc_json_set_text(organisation, "why", why);
    esc_json_set(reader->set, "organisation", organisation);
}

/* Documents. */

static void add_document(struct task *task, const struct esc_json *document)
{
    struct esc_policy_reader *reader = task->reader;
    if (!document) {
        ESC_CLEANUP(esc_freep)
        char *why = esc_sprintf("%s gave no document", task->step->action);
        mark_unread(reader, task->layer, why);
        return;
    }
    struct esc_json *policy = esc_json_object();
    esc_json_set_text(policy, "label", task->label);
    esc_json_set(policy, "document", esc_json_copy(document));
    esc_list_push(&reader->policies[task->layer], policy);
}

static void take_inline(struct task *task, const struct esc_json *output)
{
    add_document(task, esc_json_member(output, "PolicyDocument"));
}

static void take_version(struct task *task, const struct esc_json *output)
{
    add_document(task, esc_json_get(output, "PolicyVersion.Document"));
}

static const struct step get_version = {"iam",       "GetPolicyVersion", "iam:GetPolicyVersion",
                                        "PolicyArn", "VersionId",        take_version};

static void take_policy(struct task *task, const struct esc_json *output)
{
    const char *version = esc_json_str(output, "Policy.DefaultVersionId", NULL);
    if (version)
        ask(task->reader, &get_version, task->layer, task->name, version)->label =
            esc_strdup(task->label);
    else
        mark_unread(task->reader, task->layer, "a policy has no default version");
}

static const struct step get_policy = {"iam",       "GetPolicy", "iam:GetPolicy",
                                       "PolicyArn", NULL,        take_policy};

/* "AdministratorAccess" of "arn:aws:iam::aws:policy/AdministratorAccess". */
static const char *name_of_policy(const char *arn)
{
    const char *slash = strrchr(arn, '/');
    return slash ? slash + 1 : arn;
}

/* A managed policy is read once, however often it is attached. */
static void ask_managed(struct esc_policy_reader *reader, enum layer layer, const char *arn,
                        char *label)
{
    ESC_CLEANUP(esc_freep) char *owned = label;
    ESC_CLEANUP(esc_freep) char *key = esc_sprintf("%d %s", layer, arn);
    if (esc_map_has(reader->asked, esc_str_of(key)))
        return;
    esc_map_set(reader->asked, esc_str_of(key), reader);
    ask(reader, &get_policy, layer, arn, NULL)->label = ESC_STEAL(owned);
}

/* Users, roles and groups have the same three reads under other names. */

static void take_attached(struct task *task, const struct esc_json *output);
static void take_names(struct task *task, const struct esc_json *output);

struct holder {
    const char *word;
    struct step attached, names, inlined;
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

static const struct holder *holder_of(const struct task *task)
{
    size_t i = 0;
    while (task->step != &holders[i].attached && task->step != &holders[i].names)
        i++;
    return &holders[i];
}

static void take_attached(struct task *task, const struct esc_json *output)
{
    const struct esc_json *list = esc_json_get(output, "AttachedPolicies");
    for (size_t i = 0; i < esc_json_len(list); i++) {
        const char *arn = esc_json_str(esc_json_at(list, i), "PolicyArn", NULL);
        if (arn)
            ask_managed(task->reader, IDENTITY, arn,
                        esc_sprintf("%s, attached to the %s %s", name_of_policy(arn),
                                    holder_of(task)->word, task->name));
    }
}

static void take_names(struct task *task, const struct esc_json *output)
{
    const struct holder *holder = holder_of(task);
    const struct esc_json *list = esc_json_get(output, "PolicyNames");
    for (size_t i = 0; i < esc_json_len(list); i++) {
        const char *name = esc_json_str(esc_json_at(list, i), "", "");
        ask(task->reader, &holder->inlined, IDENTITY, task->name, name)->label =
            esc_sprintf("%s, of the %s %s", name, holder->word, task->name);
    }
}

static void ask_holder(struct esc_policy_reader *reader, const struct holder *holder,
                       const char *name)
{
    ask(reader, &holder->attached, IDENTITY, name, NULL);
    ask(reader, &holder->names, IDENTITY, name, NULL);
}

static void take_groups(struct task *task, const struct esc_json *output)
{
    const struct esc_json *list = esc_json_get(output, "Groups");
    for (size_t i = 0; i < esc_json_len(list); i++) {
        const char *name = esc_json_str(esc_json_at(list, i), "GroupName", NULL);
        if (name)
            ask_holder(task->reader, &holders[GROUP], name);
    }
}

static const struct step list_groups = {
    "iam", "ListGroupsForUser", "iam:ListGroupsForUser", "UserName", NULL, take_groups};

/* The user or role itself: where it stands, its tags, its boundary. */
static void take_entity(struct task *task, const struct esc_json *entity)
{
    struct esc_policy_reader *reader = task->reader;
    struct esc_json *caller = esc_json_get_mutable(reader->set, "caller");
    const char *arn = esc_json_str(entity, "Arn", NULL);
    const char *boundary = esc_json_str(entity, "PermissionsBoundary.PermissionsBoundaryArn", NULL);
    const struct esc_json *list = esc_json_member(entity, "Tags");
    struct esc_json *tags = esc_json_object();
    for (size_t i = 0; i < esc_json_len(list); i++)
        esc_json_set_text(tags, esc_json_str(esc_json_at(list, i), "Key", ""),
                          esc_json_str(esc_json_at(list, i), "Value", ""));
    esc_json_set(reader->set, "tags", tags);
    if (arn)
        esc_json_set_text(caller, "iam_arn", arn);
    if (boundary)
        ask_managed(reader, BOUNDARY, boundary,
                    esc_sprintf("%s, the boundary of %s", name_of_policy(boundary), task->name));
}

static void take_user(struct task *task, const struct esc_json *output)
{
    take_entity(task, esc_json_member(output, "User"));
}

static void take_role(struct task *task, const struct esc_json *output)
{
    take_entity(task, esc_json_member(output, "Role"));
}

static const struct step get_user = {"iam", "GetUser", "iam:GetUser", "UserName", NULL, take_user};
static const struct step get_role = {"iam", "GetRole", "iam:GetRole", "RoleName", NULL, take_role};

/* Whether service control policies apply at all. */
static void take_organisation(struct task *task, const struct esc_json *output)
{
    struct esc_policy_reader *reader = task->reader;
    const char *management = esc_json_str(output, "Organization.MasterAccountId", NULL);
    struct esc_json *organisation = esc_json_object();
    const char *id = esc_json_str(output, "Organization.Id", NULL);
    const bool is_management = esc_text_equal(management, reader->caller.account_id);
    esc_json_set_text(organisation, "state", is_management ? "management" : "member");
    if (id)
        esc_json_set_text(organisation, "id", id);
    esc_json_set(reader->set, "organisation", organisation);
}

static const struct step describe_organisation = {
    "organizations",  "DescribeOrganization", "organizations:DescribeOrganization", NULL, NULL,
    take_organisation};

static void set_organisation(struct esc_policy_reader *reader, const char *state)
{
    struct esc_json *organisation = esc_json_object();
    esc_json_set_text(organisation, "state", state);
    esc_json_set(reader->set, "organisation", organisation);
}

/* Root has no policies: it may do all that the organisation leaves. */
static void allow_root(struct esc_policy_reader *reader)
{
    struct esc_json *policy = esc_json_object();
    esc_json_set_text(policy, "label", "the rights of the root user");
    esc_json_set_text(policy, "document",
                      "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\","
                      "\"Action\":\"*\",\"Resource\":\"*\"}]}");
    esc_list_push(&reader->policies[IDENTITY], policy);
}

/* What a federated user may is in the call that made the session, and in the policies of somebody
 * whom the session does not name. */
static void mark_federated(struct esc_policy_reader *reader)
{
    static const char why[] = "the policies of a federated session cannot be read";
    struct esc_json *session = esc_json_object();
    esc_json_set(session, "policies", esc_json_array());
    esc_json_set_text(session, "unread", why);
    esc_json_set(reader->set, "session", session);
    mark_unread(reader, IDENTITY, why);
    mark_unread(reader, BOUNDARY, why);
}

static void ask_for_caller(struct esc_policy_reader *reader)
{
    const char *name = reader->caller.name;
    switch (reader->caller.kind) {
    case ESC_CALLER_USER:
        ask(reader, &get_user, BOUNDARY, name, NULL);
        ask_holder(reader, &holders[USER], name);
        ask(reader, &list_groups, IDENTITY, name, NULL);
        break;
    case ESC_CALLER_ROLE:
        ask(reader, &get_role, BOUNDARY, name, NULL);
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
        mark_unread(reader, IDENTITY, "who is calling could not be told");
        mark_unread(reader, BOUNDARY, "who is calling could not be told");
    }
    ask(reader, &describe_organisation, ORGANISATION, NULL, NULL);
}

static void take_identity(struct task *task, const struct esc_json *output)
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

static const struct step get_identity = {"sts", "GetCallerIdentity", "sts:GetCallerIdentity", NULL,
                                         NULL,  take_identity};

/* sts:GetCallerIdentity needs no permission, and is named all the same. */
const char *const esc_policy_reader_actions[] = {
    "iam:GetGroupPolicy",
    "iam:GetPolicy",
    "iam:GetPolicyVersion",
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:GetUser",
    "iam:GetUserPolicy",
    "iam:ListAttachedGroupPolicies",
    "iam:ListAttachedRolePolicies",
    "iam:ListAttachedUserPolicies",
    "iam:ListGroupPolicies",
    "iam:ListGroupsForUser",
    "iam:ListRolePolicies",
    "iam:ListUserPolicies",
    "iam:SimulatePrincipalPolicy",
    "organizations:DescribeOrganization",
    "sts:GetCallerIdentity",
    NULL,
};

/* Failures. */

static void note_refusal(const struct task *task, const struct esc_scan_answer *answer)
{
    struct esc_json *refusal = esc_json_object();
    esc_json_set_text(refusal, "action", task->step->action);
    esc_json_set_text(refusal, "code", answer->code ? answer->code : "");
    esc_json_set_text(refusal, "message", answer->message ? answer->message : "");
    esc_json_push(esc_json_get_mutable(task->reader->set, "refused"), refusal);
}

static void take_failure(struct task *task, const struct esc_scan_answer *answer)
{
    struct esc_policy_reader *reader = task->reader;
    if (task->layer == ORGANISATION &&
        esc_text_equal(answer->code, "AWSOrganizationsNotInUseException")) {
        set_organisation(reader, "none");
        return;
    }
    note_refusal(task, answer);
    ESC_CLEANUP(esc_freep)
    char *why = esc_sprintf("%s: %s", task->step->action,
                            answer->code && *answer->code ? answer->code : "no answer");
    mark_unread(reader, task->layer, why);
    if (task->step == &get_identity) {
        mark_unread(reader, BOUNDARY, why);
        mark_unread(reader, ORGANISATION, why);
    }
}

/* Calls. */

static void wait_is_over(void *context)
{
    struct task *task = context;
    struct esc_policy_reader *reader = task->reader;
    task->timer = NULL;
    (void)esc_list_drop(&reader->active, task);
    esc_list_push(&reader->waiting, task);
    pump(reader);
}

static bool may_retry(const struct task *task, const struct esc_scan_answer *answer)
{
    return !task->reader->cancelled && !answer->final &&
           esc_error_category_may_retry(answer->category) &&
           task->attempt < task->reader->options.max_attempts;
}

static void on_answer(void *token, const struct esc_scan_answer *answer)
{
    struct task *task = token;
    struct esc_policy_reader *reader = task->reader;
    if (answer->more) { /* each page speaks for itself, and the last one ends the task */
        if (!reader->cancelled)
            task->step->take(task, answer->output);
        return;
    }
    task->handle = NULL;
    if (may_retry(task, answer)) {
        const uint64_t wait_ms =
            esc_backoff_ms(&reader->options.backoff, task->attempt - 1, reader->options.random);
        task->timer = esc_timer_start(reader->loop, wait_ms, wait_is_over, task);
        return;
    }
    (void)esc_list_drop(&reader->active, task);
    if (reader->cancelled)
        ; /* nobody wants it any more */
    else if (answer->category == ESC_CATEGORY_NONE)
        task->step->take(task, answer->output);
    else
        take_failure(task, answer);
    task_free(task);
    pump(reader);
}

static struct esc_json *params_of(const struct task *task)
{
    struct esc_json *params = esc_json_object();
    if (task->step->name_member)
        esc_json_set_text(params, task->step->name_member, task->name);
    if (task->step->detail_member)
        esc_json_set_text(params, task->step->detail_member, task->detail);
    return params;
}

static void start(struct esc_policy_reader *reader, struct task *task)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *params = params_of(task);
    const struct esc_scan_call call = {
        .account = reader->options.account,
        .region = reader->options.region,
        .operation = esc_operation_find(task->step->service, task->step->operation),
        .params = params,
    };
    ESC_ASSERT(call.operation); /* the table of operations has what we read */
    task->attempt++;
    reader->calls++;
    esc_list_push(&reader->active, task);
    task->handle = reader->options.call(reader->options.context, &call, on_answer, task);
}

/* The end. */

static int by_label(const void *a, const void *b)
{
    return strcmp(esc_json_str(a, "label", ""), esc_json_str(b, "label", ""));
}

/* Sorted, so that equal policies make equal documents, whatever was answered first. */
static struct esc_json *layer_of(struct esc_policy_reader *reader, enum layer layer)
{
    struct esc_json *json = esc_json_object(), *policies = esc_json_array();
    esc_list_sort(&reader->policies[layer], by_label);
    for (size_t i = 0; i < reader->policies[layer].count; i++)
        esc_json_push(policies, esc_json_ref(esc_list_at(&reader->policies[layer], i)));
    esc_json_set(json, "policies", policies);
    if (reader->unread[layer])
        esc_json_set_text(json, "unread", reader->unread[layer]);
    return json;
}

static struct esc_json *conclude(struct esc_policy_reader *reader)
{
    char now[ESC_TIME_TEXT];
    esc_time_format(esc_clock_wall_ms(reader->options.clock), now);
    esc_json_set_text(reader->set, "read_at", now);
    esc_json_set_int(reader->set, "calls", reader->calls);
    esc_json_set(reader->set, "identity", layer_of(reader, IDENTITY));
    if (reader->policies[BOUNDARY].count || reader->unread[BOUNDARY])
        esc_json_set(reader->set, "boundary", layer_of(reader, BOUNDARY));
    return ESC_STEAL(reader->set);
}

static void finish(struct esc_policy_reader *reader)
{
    const struct esc_policy_reader_options options = reader->options;
    struct esc_json *set = reader->cancelled ? NULL : conclude(reader);
    for (size_t i = 0; i < ORGANISATION; i++) {
        esc_list_done(&reader->policies[i]);
        free(reader->unread[i]);
    }
    esc_list_done(&reader->waiting);
    esc_list_done(&reader->active);
    esc_map_free(reader->asked);
    esc_json_free(reader->set);
    esc_caller_arn_done(&reader->caller);
    free(reader);
    options.done(options.context, set);
}

/* Starts what may start; ends the reader after the last task. */
static void pump(void *context)
{
    struct esc_policy_reader *reader = context;
    while (!reader->cancelled && reader->waiting.count &&
           reader->active.count < reader->options.workers)
        start(reader, esc_list_remove(&reader->waiting, 0));
    if (!reader->posted && reader->active.count == 0)
        finish(reader);
}

static void pump_posted(void *context)
{
    struct esc_policy_reader *reader = context;
    reader->posted = false;
    pump(reader);
}

static void pump_later(struct esc_policy_reader *reader)
{
    if (!reader->posted)
        esc_loop_post(reader->loop, pump_posted, reader);
    reader->posted = true;
}

struct esc_policy_reader *esc_policy_reader_start(struct esc_loop *loop,
                                                  const struct esc_policy_reader_options *options)
{
    ESC_ASSERT(options->workers > 0 && options->max_attempts > 0 && options->account);
    struct esc_policy_reader *reader = esc_alloc_zero(sizeof *reader);
    reader->loop = loop;
    reader->options = *options;
    reader->asked = esc_map_new(NULL);
    reader->set = esc_json_object();
    esc_list_init(&reader->waiting, task_free);
    esc_list_init(&reader->active, NULL);
    for (size_t i = 0; i < ORGANISATION; i++)
        esc_list_init(&reader->policies[i], free_json);
    esc_json_set_text(reader->set, "account_id", options->account->id);
    struct esc_json *caller = esc_json_object();
    esc_json_set_text(caller, "kind", "unknown");
    esc_json_set(reader->set, "caller", caller);
    esc_json_set(reader->set, "refused", esc_json_array());
    ask(reader, &get_identity, IDENTITY, NULL, NULL);
    pump_later(reader);
    return reader;
}

void esc_policy_reader_cancel(struct esc_policy_reader *reader)
{
    reader->cancelled = true;
    for (size_t i = reader->active.count; i > 0; i--) {
        struct task *task = esc_list_at(&reader->active, i - 1);
        if (task->timer) {
            esc_timer_stop(&task->timer);
            (void)esc_list_drop(&reader->active, task);
            task_free(task);
        } else if (task->handle && reader->options.cancel_call) {
            reader->options.cancel_call(reader->options.context, task->handle);
        }
    }
    pump_later(reader);
}
