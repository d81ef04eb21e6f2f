/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/policy_tree.h"

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/scan/policy_reader_private.h"

enum {
    DEEPEST = 8, /* root, five units and the account, and one to spare */
};

/* "scp" or "rcp", and what the cloud calls it. */
static const struct {
    const char *kind, *filter;
} kinds[] = {{"scp", "SERVICE_CONTROL_POLICY"}, {"rcp", "RESOURCE_CONTROL_POLICY"}};

/* Reading. */

static bool is_id(const char *text)
{
    const struct esc_str id = esc_str_of(text);
    for (size_t i = 0; i < id.len; i++)
        if (!esc_is_alnum(id.ptr[i]) && id.ptr[i] != '-' && id.ptr[i] != '_')
            return false;
    return id.len > 0 && id.len <= ESC_MAX_NAME;
}

/* The member of "targets" or "policies" under that id, made when it is not there. */
static struct esc_json *entry_of(struct esc_policy_reader *reader, const char *of, const char *id)
{
    struct esc_json *all = esc_json_get_mutable(reader->set, of);
    if (!esc_json_member(all, id))
        esc_json_set(all, id, esc_json_object());
    ESC_CLEANUP(esc_freep) char *path = esc_sprintf("%s.%s", of, id);
    return esc_json_get_mutable(reader->set, path);
}

static bool ask_once(struct esc_policy_reader *reader, const char *id)
{
    if (!is_id(id) || esc_map_has(reader->asked, esc_str_of(id)))
        return false;
    esc_map_set(reader->asked, esc_str_of(id), reader);
    return true;
}

static void ask_target(struct esc_policy_reader *reader, const char *id);

static void take_parents(struct policy_task *task, const struct esc_json *output)
{
    const char *parent = esc_json_str(output, "Parents[0].Id", "");
    if (!is_id(parent))
        return; /* then nobody knows what stands above it */
    esc_json_set_text(entry_of(task->reader, "targets", task->name), "parent", parent);
    ask_target(task->reader, parent);
}

static void take_policy(struct policy_task *task, const struct esc_json *output)
{
    const struct esc_str content = esc_str_of(esc_json_str(output, "Policy.Content", ""));
    struct esc_json *policy = entry_of(task->reader, "policies", task->name);
    esc_json_set_text(policy, "label", task->label);
    if (content.len > 0 && content.len <= ESC_MAX_IAM_POLICY)
        esc_json_set_str(policy, "document", content);
}

static const struct policy_step list_parents = {
    "organizations", "ListParents", "organizations:ListParents", "ChildId", NULL, take_parents};
static const struct policy_step describe_policy = {
    "organizations", "DescribePolicy", "organizations:DescribePolicy", "PolicyId", NULL,
    take_policy};

static size_t kind_of(const struct policy_task *task)
{
    return esc_text_equal(task->detail, kinds[0].filter) ? 0 : 1;
}

/* Of the kind nothing is known for the target. */
static void mark_refused(struct policy_task *task)
{
    struct esc_json *target = entry_of(task->reader, "targets", task->name);
    if (!esc_json_member(target, "refused"))
        esc_json_set(target, "refused", esc_json_array());
    esc_json_push_text(esc_json_get_mutable(target, "refused"), kinds[kind_of(task)].kind);
}

static void take_attached(struct policy_task *task, const struct esc_json *output)
{
    struct esc_policy_reader *reader = task->reader;
    const struct esc_json *list = esc_json_get(output, "Policies");
    struct esc_json *target = entry_of(reader, "targets", task->name);
    const char *kind = kinds[kind_of(task)].kind;
    if (!esc_json_is(list, ESC_JSON_ARRAY)) {
        mark_refused(task);
        return;
    }
    if (!esc_json_member(target, kind))
        esc_json_set(target, kind, esc_json_array());
    for (size_t i = 0; i < esc_json_len(list); i++) {
        const char *id = esc_json_str(esc_json_at(list, i), "Id", "");
        const char *name = esc_json_str(esc_json_at(list, i), "Name", id);
        esc_json_push_text(esc_json_get_mutable(target, kind), id);
        if (ask_once(reader, id))
            policy_ask(reader, &describe_policy, POLICY_ORGANISATION, id, NULL)->label =
                esc_sprintf("%s (%s)", name, id);
    }
}

static const struct policy_step list_attached = {"organizations",
                                                 "ListPoliciesForTarget",
                                                 "organizations:ListPoliciesForTarget",
                                                 "TargetId",
                                                 "Filter",
                                                 take_attached};

static void ask_target(struct esc_policy_reader *reader, const char *id)
{
    if (!ask_once(reader, id))
        return;
    for (size_t i = 0; i < ESC_COUNT(kinds); i++)
        policy_ask(reader, &list_attached, POLICY_ORGANISATION, id, kinds[i].filter);
    if (!esc_str_starts_with(esc_str_of(id), ESC_STR("r-")))
        policy_ask(reader, &list_parents, POLICY_ORGANISATION, id, NULL);
}

void policy_tree_begin(struct esc_policy_reader *reader)
{
    esc_json_set(reader->set, "targets", esc_json_object());
    esc_json_set(reader->set, "policies", esc_json_object());
    for (size_t i = 0; reader->options.members[i]; i++)
        ask_target(reader, reader->options.members[i]);
}

void policy_tree_fail(struct policy_task *task)
{
    if (task->step == &list_attached)
        mark_refused(task);
}

/* What stands above an account. */

/* From the root down to the account; false when the way up is not known. */
static bool find_path(const struct esc_json *tree, const char *account_id, struct esc_list *path)
{
    const struct esc_json *targets = esc_json_member(tree, "targets");
    const char *id = account_id;
    esc_list_init(path, NULL);
    while (id && path->count < DEEPEST) {
        esc_list_push(path, (void *)(uintptr_t)id);
        if (esc_str_starts_with(esc_str_of(id), ESC_STR("r-")))
            return true;
        id = esc_json_str(esc_json_member(targets, id), "parent", NULL);
    }
    return false;
}

static bool is_refused(const struct esc_json *target, const char *kind)
{
    const struct esc_json *refused = esc_json_member(target, "refused");
    for (size_t i = 0; i < esc_json_len(refused); i++)
        if (esc_text_equal(esc_json_str(esc_json_at(refused, i), "", ""), kind))
            return true;
    return false;
}

/* NULL: one of them is not known. */
static struct esc_json *level_of(const struct esc_json *tree, const char *id, const char *kind)
{
    const struct esc_json *target = esc_json_member(esc_json_member(tree, "targets"), id);
    const struct esc_json *ids = esc_json_member(target, kind);
    if (!esc_json_is(ids, ESC_JSON_ARRAY) || is_refused(target, kind))
        return NULL;
    ESC_CLEANUP(esc_json_freep) struct esc_json *level = esc_json_object();
    struct esc_json *policies = esc_json_array();
    esc_json_set_text(level, "target", id);
    esc_json_set(level, "policies", policies);
    for (size_t i = 0; i < esc_json_len(ids); i++) {
        const char *policy_id = esc_json_str(esc_json_at(ids, i), "", "");
        const struct esc_json *policy =
            esc_json_member(esc_json_member(tree, "policies"), policy_id);
        if (!esc_json_member(policy, "document"))
            return NULL;
        esc_json_push(policies, esc_json_ref(policy));
    }
    return ESC_STEAL(level);
}

/* An organisation that uses a kind has a policy of it at each level; one that has none at all does
 * not use it. NULL: not known whole. */
static struct esc_json *levels_of(const struct esc_json *tree, const struct esc_list *path,
                                  const char *kind)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *levels = esc_json_array();
    size_t empty = 0;
    for (size_t i = path->count; i > 0; i--) {
        struct esc_json *level = level_of(tree, esc_list_at(path, i - 1), kind);
        if (!level)
            return NULL;
        empty += esc_json_len(esc_json_member(level, "policies")) == 0;
        esc_json_push(levels, level);
    }
    if (empty == path->count)
        return esc_json_array();
    return empty == 0 ? ESC_STEAL(levels) : NULL;
}

void esc_policy_tree_apply(const struct esc_json *tree, const char *account_id,
                           struct esc_json *organisation)
{
    struct esc_list path;
    if (find_path(tree, account_id, &path))
        for (size_t i = 0; i < ESC_COUNT(kinds); i++) {
            struct esc_json *levels = levels_of(tree, &path, kinds[i].kind);
            if (levels)
                esc_json_set(organisation, kinds[i].kind, levels);
        }
    esc_list_done(&path);
}
