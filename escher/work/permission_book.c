/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/map.h"
#include "escher/scan/resource_policy.h"
#include "escher/store/document.h"
#include "escher/work/permission_book_private.h"

struct work_permit {
    struct esc_workbench *bench;
    char *account_id;
    struct esc_json *document, *probes;
    struct esc_permit *permit;
    struct esc_map *actions; /* type → const char ** */
    struct esc_map *learned; /* "ID ACTION" → struct esc_json * */
    struct permission_keys *keys;
    struct permission_tally *tally;
    char digest[ESC_SHA256_TEXT];
};

static struct esc_json *stored(struct esc_workbench *bench, const char *collection, const char *key)
{
    struct esc_json *document = NULL;
    return esc_store_doc_get(bench->store, collection, key, &document, NULL) == ESC_OK ? document
                                                                                       : NULL;
}

static void open_permit(struct work_permit *permit)
{
    esc_permit_free(permit->permit);
    permit->permit = esc_permit_new(permit->document, permit->probes);
    esc_permit_set_keys(permit->permit, permission_keys_find, permit->keys);
}

struct work_permit *work_permit_new(struct esc_workbench *bench, const char *account_id,
                                    const struct esc_json *set)
{
    struct esc_json *document =
        set ? esc_json_ref(set) : stored(bench, WORK_IAM_POLICIES, account_id);
    if (!document)
        return NULL;
    struct work_permit *permit = esc_alloc_zero(sizeof *permit);
    permit->bench = bench;
    permit->account_id = esc_strdup(account_id);
    permit->document = document;
    permit->probes = stored(bench, WORK_IAM_PROBES, account_id);
    permit->tally = permission_tally_new(stored(bench, WORK_IAM_TALLY, account_id));
    permit->keys =
        permission_keys_new(bench, account_id, esc_json_str(document, "caller.iam_arn", NULL),
                            esc_json_flag(document, "emulator", false));
    open_permit(permit);
    permit->actions = esc_map_new(free);
    esc_policy_set_digest(document, permit->digest);
    permit->learned = permission_learned_read(bench, permit->digest);
    return permit;
}

void work_permit_free(struct work_permit *permit)
{
    if (!permit)
        return;
    esc_permit_free(permit->permit);
    permission_keys_free(permit->keys);
    esc_map_free(permit->actions);
    esc_map_free(permit->learned);
    esc_json_free(permit->document);
    esc_json_free(permit->probes);
    permission_tally_free(permit->tally);
    free(permit->account_id);
    free(permit);
}

const struct esc_json *work_permit_document(const struct work_permit *permit)
{
    return permit->document;
}

bool work_permit_is_of(const struct work_permit *permit, const struct esc_json *document)
{
    char digest[ESC_SHA256_TEXT];
    esc_policy_set_digest(document, digest);
    return esc_text_equal(digest, permit->digest);
}

void work_permit_mark(const struct work_permit *permit, struct esc_digest *digest)
{
    ESC_CLEANUP(esc_freep)
    char *probes = permit->probes ? esc_json_print(permit->probes, ESC_JSON_SORTED) : NULL;
    struct esc_str key;
    esc_digest_add_sized(digest, esc_str_of(permit->digest));
    esc_digest_add_sized(digest, esc_str_of(probes));
    for (size_t at = 0; esc_map_next(permit->learned, &at, &key, NULL);)
        esc_digest_add_sized(digest, key);
    permission_keys_mark(permit->bench->store, permit->account_id, digest);
}

bool work_permit_is_probed(const struct work_permit *permit,
                           bool (*is_young)(const struct esc_workbench *bench, const char *at))
{
    if (!esc_text_equal(esc_json_str(permit->document, "organisation.state", ""), "member") ||
        esc_json_get(permit->document, "organisation.scp"))
        return true;
    bool is_young_each = esc_json_len(permit->probes) > 0;
    void *position = NULL;
    const char *name;
    const struct esc_json *probe;
    while (is_young_each && esc_json_next(permit->probes, &position, &name, &probe))
        is_young_each = is_young(permit->bench, esc_json_str(probe, "at", NULL));
    return is_young_each;
}

void work_permit_set_probes(struct work_permit *permit, struct esc_json *probes)
{
    esc_json_free(permit->probes);
    permit->probes = probes;
    open_permit(permit);
}

const struct esc_json *work_permit_probes(const struct work_permit *permit)
{
    return permit->probes;
}

const struct esc_list *work_permit_last_keys(const struct work_permit *permit)
{
    return esc_permit_last_keys(permit->permit);
}

void work_permit_forget_key(struct work_permit *permit, const char *arn)
{
    permission_keys_forget(permit->keys, arn);
    esc_permit_renew_keys(permit->permit);
}

/* Actions. */

static bool lists(const char **actions, size_t count, const char *action)
{
    for (size_t i = 0; i < count; i++)
        if (esc_text_equal(actions[i], action))
            return true;
    return false;
}

static size_t add_action(const char **actions, size_t count, const char *action)
{
    if (lists(actions, count, action))
        return count;
    actions[count] = action;
    return count + 1;
}

const char *const *work_actions_of(const struct esc_workbench *bench, const char *name)
{
    const struct esc_resource_type *type = esc_resource_type_find(name);
    size_t most = 1, count = 0;
    for (size_t i = 0; type && type->actions[i]; i++)
        most++;
    for (size_t i = 0; i < esc_shelf_count(bench->shelf); i++)
        most += esc_shelf_at(bench->shelf, i)->action_count;
    const char **actions = esc_alloc_array(most, sizeof *actions);
    for (size_t i = 0; type && type->actions[i]; i++)
        count = add_action(actions, count, type->actions[i]);
    for (size_t i = 0; i < esc_shelf_count(bench->shelf); i++) {
        const struct esc_playbook *playbook = esc_shelf_at(bench->shelf, i);
        for (size_t j = 0; type && playbook->type == type && j < playbook->action_count; j++)
            count = add_action(actions, count, playbook->actions[j]);
    }
    actions[count] = NULL;
    return (const char *const *)actions;
}

const char *const *work_permit_actions(struct work_permit *permit, const char *type)
{
    const char *const *actions = esc_map_get(permit->actions, esc_str_of(type));
    if (!actions) {
        actions = work_actions_of(permit->bench, type);
        esc_map_set(permit->actions, esc_str_of(type), (void *)(uintptr_t)actions);
    }
    return actions;
}

/* The policy of the resource itself. */
struct own_policy {
    struct esc_permit_policy known;
    struct esc_iam_policy *policy;
    struct esc_json *document;
    struct esc_error err;
};

/* NULL when nobody has asked for it. */
static const struct esc_permit_policy *own_policy_open(const struct work_permit *permit,
                                                       const struct esc_resource *resource,
                                                       struct own_policy *own)
{
    *own = (struct own_policy){0};
    if (!esc_resource_policy_is_had(resource->resource_type))
        return NULL;
    own->document = stored(permit->bench, WORK_IAM_RESOURCE, resource->id);
    if (!own->document)
        return NULL;
    const struct esc_json *policy = esc_json_member(own->document, "document");
    own->known.unread = esc_json_str(own->document, "unread", NULL);
    if (policy &&
        esc_iam_policy_read(policy, "the resource's own", &own->policy, &own->err) != ESC_OK)
        own->known.unread = own->err.message;
    own->known.policy = own->policy;
    return &own->known;
}

static void own_policy_done(struct own_policy *own)
{
    esc_iam_policy_free(own->policy);
    esc_json_free(own->document);
}

static void count(struct work_permit *permit, const struct esc_resource *resource, int sign)
{
    permission_tally_add(permit->tally, resource,
                         work_permit_actions(permit, resource->resource_type), sign);
}

void work_permit_judge_apart(struct work_permit *permit, struct esc_resource *resource)
{
    struct own_policy own;
    const char *const *actions = work_permit_actions(permit, resource->resource_type);
    const struct esc_permit_policy *policy = own_policy_open(permit, resource, &own);
    esc_permissions_free(resource->permissions);
    resource->permissions = esc_permit_resource(permit->permit, resource, actions, policy, NULL);
    permission_learned_apply(permit->learned, resource->id, actions, resource->permissions);
    own_policy_done(&own);
}

void work_permit_judge(struct work_permit *permit, struct esc_resource *resource)
{
    permission_tally_begin(permit->tally, resource);
    work_permit_judge_apart(permit, resource);
    count(permit, resource, 1);
}

bool work_permit_judge_again(struct work_permit *permit, struct esc_resource *resource)
{
    struct esc_permissions *before = resource->permissions;
    if (before)
        count(permit, resource, -1);
    resource->permissions = NULL;
    work_permit_judge_apart(permit, resource);
    count(permit, resource, 1);
    const bool same = esc_permit_same(before, resource->permissions);
    esc_permissions_free(before);
    return !same;
}

struct esc_json *work_permit_explain(struct work_permit *permit,
                                     const struct esc_resource *resource, const char *action)
{
    struct own_policy own;
    const struct esc_permit_policy *policy = own_policy_open(permit, resource, &own);
    struct esc_json *page = esc_permit_explain(permit->permit, resource, action, policy);
    own_policy_done(&own);
    permission_learned_explain(permit->learned, resource->id, action, page);
    return page;
}

static void join_keys(struct esc_json *page)
{
    struct esc_buf text;
    const struct esc_json *keys = esc_json_member(page, "keys");
    esc_buf_init(&text, ESC_MAX_LINE);
    for (size_t i = 0; i < esc_json_len(keys); i++)
        esc_buf_printf(&text, "%s%s", i ? ", " : "", esc_json_str(esc_json_at(keys, i), "", ""));
    esc_json_set_str(page, "words", esc_buf_str(&text));
    esc_buf_done(&text);
}

struct esc_known_action work_known_action(struct esc_json *page)
{
    static const struct {
        enum esc_permission known;
        const char *words; /* the member that says why */
    } meanings[] = {
        {ESC_PERMISSION_ALLOWED, "none"},
        {ESC_PERMISSION_DENIED, "sentence"},
        {ESC_PERMISSION_CONDITIONAL, "words"},
        {ESC_PERMISSION_UNKNOWN, "why"},
    };
    const char *verdict = esc_json_str(page, "verdict", "");
    struct esc_known_action known = {.action = esc_json_str(page, "action", "")};
    join_keys(page);
    for (size_t i = 0; i < ESC_COUNT(meanings); i++) {
        if (!esc_text_equal(verdict, esc_permission_text(meanings[i].known)))
            continue;
        known.known = meanings[i].known;
        known.is_explicit = esc_json_flag(page, "explicit", false);
        known.because = esc_json_str(page, meanings[i].words, NULL);
    }
    const char *learned = esc_json_str(page, "learned.message", NULL);
    if (learned && !known.is_explicit)
        known.because = learned;
    return known;
}

/* Keeping. */

enum esc_status work_permit_store(struct work_permit *permit, struct esc_error *err)
{
    struct esc_store *store = permit->bench->store;
    permission_tally_forget(permit->tally, permit->bench->index, permit->account_id);
    enum esc_status status =
        esc_store_doc_put(store, WORK_IAM_POLICIES, permit->account_id, permit->document, err);
    if (status == ESC_OK)
        status = esc_store_doc_put(store, WORK_IAM_TALLY, permit->account_id,
                                   permission_tally_json(permit->tally), err);
    if (status == ESC_OK && permit->probes)
        status = esc_store_doc_put(store, WORK_IAM_PROBES, permit->account_id, permit->probes, err);
    return status;
}

enum esc_status work_permissions_forget(const struct esc_workbench *bench, const char *id,
                                        struct esc_error *err)
{
    return esc_store_doc_del(bench->store, WORK_IAM_RESOURCE, id, err);
}

enum esc_status work_permissions_forget_account(const struct esc_workbench *bench,
                                                const char *account_id, struct esc_error *err)
{
    static const char *const collections[] = {WORK_IAM_POLICIES, WORK_IAM_ORGANISATION,
                                              WORK_IAM_PROBES, WORK_IAM_TALLY};
    enum esc_status status = permission_keys_forget_account(bench->store, account_id, err);
    for (size_t i = 0; status == ESC_OK && i < ESC_COUNT(collections); i++)
        status = esc_store_doc_del(bench->store, collections[i], account_id, err);
    return status;
}
