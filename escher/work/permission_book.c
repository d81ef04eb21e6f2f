/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/map.h"
#include "escher/store/document.h"
#include "escher/work/permission_private.h"

enum {
    LEARNED_MS = 24 * 60 * 60 * 1000, /* what a run has learned is believed so long */
};

struct work_permit {
    struct esc_workbench *bench;
    char *account_id;
    struct esc_json *document, *probes, *tally;
    struct esc_permit *permit;
    struct esc_map *actions; /* type → const char ** */
    struct esc_map *learned; /* "ID ACTION" → struct esc_json * */
    struct esc_map *counted; /* "TYPE REGION" of what was counted anew */
    char digest[ESC_SHA256_TEXT];
};

static void free_json(void *json)
{
    esc_json_free(json);
}

/* What runs have learned by these policies, and lately: the cloud may have other policies now, of
 * the organisation for instance, that nobody here can read. */
struct learning {
    struct work_permit *permit;
    uint64_t now_ms;
};

static bool add_learned(void *context, const char *key, const struct esc_json *document)
{
    const struct learning *learning = context;
    uint64_t at_ms = 0;
    const bool has_time = esc_time_parse(esc_str_of(esc_json_str(document, "at", "")), &at_ms);
    const bool is_lately = has_time && at_ms <= learning->now_ms && /* else a clock was wrong */
                           learning->now_ms - at_ms < LEARNED_MS;
    if (is_lately && esc_text_equal(esc_json_str(document, "digest", ""), learning->permit->digest))
        esc_map_set(learning->permit->learned, esc_str_of(key), esc_json_copy(document));
    return true;
}

static struct esc_json *stored(struct esc_workbench *bench, const char *collection, const char *key)
{
    struct esc_json *document = NULL;
    return esc_store_doc_get(bench->store, collection, key, &document, NULL) == ESC_OK ? document
                                                                                       : NULL;
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
    permit->tally = stored(bench, WORK_IAM_TALLY, account_id);
    if (!permit->tally)
        permit->tally = esc_json_object();
    permit->permit = esc_permit_new(document, permit->probes);
    permit->actions = esc_map_new(free);
    permit->learned = esc_map_new(free_json);
    permit->counted = esc_map_new(NULL);
    esc_policy_set_digest(document, permit->digest);
    struct learning learning = {permit, esc_clock_wall_ms(bench->clock)};
    (void)esc_store_docs(bench->store, WORK_IAM_LEARNED, add_learned, &learning, NULL,
                         NULL); /* a row that does not open teaches nothing */
    return permit;
}

void work_permit_free(struct work_permit *permit)
{
    if (!permit)
        return;
    esc_permit_free(permit->permit);
    esc_map_free(permit->actions);
    esc_map_free(permit->learned);
    esc_map_free(permit->counted);
    esc_json_free(permit->document);
    esc_json_free(permit->probes);
    esc_json_free(permit->tally);
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

void work_permit_set_probes(struct work_permit *permit, struct esc_json *probes)
{
    esc_json_free(permit->probes);
    permit->probes = probes;
    esc_permit_free(permit->permit);
    permit->permit = esc_permit_new(permit->document, probes);
}

const struct esc_json *work_permit_probes(const struct work_permit *permit)
{
    return permit->probes;
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

/* The policy of a resource, where it could say no. */
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
    if (!esc_permit_needs_policy(resource->resource_type))
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

/* What runs have learned stands above what policies say: the cloud itself has spoken. */

static const struct esc_json *learned_of(const struct work_permit *permit, const char *id,
                                         const char *action)
{
    if (esc_map_count(permit->learned) == 0)
        return NULL;
    ESC_CLEANUP(esc_freep) char *key = esc_sprintf("%s %s", id, action);
    return esc_map_get(permit->learned, esc_str_of(key));
}

static void drop_text(struct esc_list *texts, const char *text)
{
    for (size_t i = texts->count; i > 0; i--)
        if (esc_text_equal(esc_list_at(texts, i - 1), text))
            free(esc_list_remove(texts, i - 1));
}

static void apply_learned(const struct work_permit *permit, const struct esc_resource *resource,
                          const char *const *actions, struct esc_permissions *permissions)
{
    for (size_t i = 0; actions[i]; i++) {
        if (!learned_of(permit, resource->id, actions[i]) ||
            esc_permissions_of(permissions, esc_str_of(actions[i])) == ESC_PERMISSION_DENIED)
            continue;
        drop_text(&permissions->allowed_actions, actions[i]);
        esc_list_push(&permissions->denied_actions, esc_strdup(actions[i]));
        free(permissions->source);
        permissions->source = esc_strdup("learned");
    }
}

/* Counting, by type and region: what a narrow sync does not see stays counted. */

enum {
    ALLOWED,
    DENIED,
    CONDITIONAL,
    UNKNOWN,
    COUNTS,
};

static void count(struct work_permit *permit, const struct esc_resource *resource, int sign)
{
    int64_t counts[COUNTS] = {0};
    const char *const *actions = work_permit_actions(permit, resource->resource_type);
    ESC_CLEANUP(esc_freep)
    char *key = esc_sprintf("%s %s", resource->resource_type, resource->region);
    for (size_t i = 0; actions[i]; i++) {
        switch (esc_permissions_of(resource->permissions, esc_str_of(actions[i]))) {
        case ESC_PERMISSION_ALLOWED:
            counts[ALLOWED]++;
            break;
        case ESC_PERMISSION_DENIED:
            counts[DENIED]++;
            break;
        case ESC_PERMISSION_CONDITIONAL:
            counts[CONDITIONAL]++;
            break;
        case ESC_PERMISSION_UNKNOWN:
            counts[UNKNOWN]++;
            break;
        }
    }
    const struct esc_json *before = esc_json_member(permit->tally, key);
    struct esc_json *after = esc_json_array();
    for (size_t i = 0; i < COUNTS; i++) {
        const int64_t sum = esc_json_num(esc_json_at(before, i), "", 0) + sign * counts[i];
        esc_json_push(after, esc_json_int(sum > 0 ? sum : 0));
    }
    esc_json_set(permit->tally, key, after);
}

static void judge(struct work_permit *permit, struct esc_resource *resource)
{
    struct own_policy own;
    const char *const *actions = work_permit_actions(permit, resource->resource_type);
    const struct esc_permit_policy *policy = own_policy_open(permit, resource, &own);
    esc_permissions_free(resource->permissions);
    resource->permissions = esc_permit_resource(permit->permit, resource, actions, policy, NULL);
    apply_learned(permit, resource, actions, resource->permissions);
    own_policy_done(&own);
}

/* The first of its type and region in a sync begins the count anew. */
static void begin_count(struct work_permit *permit, const struct esc_resource *resource)
{
    ESC_CLEANUP(esc_freep)
    char *key = esc_sprintf("%s %s", resource->resource_type, resource->region);
    if (esc_map_has(permit->counted, esc_str_of(key)))
        return;
    esc_map_set(permit->counted, esc_str_of(key), permit);
    esc_json_remove(permit->tally, key);
}

void work_permit_judge(struct work_permit *permit, struct esc_resource *resource)
{
    begin_count(permit, resource);
    judge(permit, resource);
    count(permit, resource, 1);
}

bool work_permit_judge_again(struct work_permit *permit, struct esc_resource *resource)
{
    struct esc_permissions *before = resource->permissions;
    if (before)
        count(permit, resource, -1);
    resource->permissions = NULL;
    judge(permit, resource);
    count(permit, resource, 1);
    const bool same = esc_permit_same(before, resource->permissions);
    esc_permissions_free(before);
    return !same;
}

static void explain_learned(const struct esc_json *learned, struct esc_json *page)
{
    struct esc_json *says = esc_json_object();
    esc_json_set_text(says, "at", esc_json_str(learned, "at", ""));
    esc_json_set_text(says, "message", esc_json_str(learned, "message", ""));
    esc_json_set(page, "learned", says);
    if (esc_text_equal(esc_json_str(page, "verdict", ""), "denied"))
        return;
    static const char *const of_policies[] = {"layer", "policy", "statement", "keys", "why"};
    for (size_t i = 0; i < ESC_COUNT(of_policies); i++)
        esc_json_remove(page, of_policies[i]);
    esc_json_set_text(page, "verdict", esc_permission_text(ESC_PERMISSION_DENIED));
    esc_json_set_text(page, "source", "learned");
    esc_json_set_text(page, "sentence", "the cloud has refused it in a run");
}

struct esc_json *work_permit_explain(struct work_permit *permit,
                                     const struct esc_resource *resource, const char *action)
{
    struct own_policy own;
    const struct esc_permit_policy *policy = own_policy_open(permit, resource, &own);
    const struct esc_json *learned = learned_of(permit, resource->id, action);
    struct esc_json *page = esc_permit_explain(permit->permit, resource, action, policy);
    own_policy_done(&own);
    if (learned)
        explain_learned(learned, page);
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

/* Types and regions of which the estate has nothing any more count no longer. */
static void forget_what_is_gone(struct work_permit *permit)
{
    const struct esc_index *index = permit->bench->index;
    struct esc_map *there = esc_map_new(NULL);
    for (size_t i = 0; i < esc_index_count(index); i++) {
        const struct esc_card card = esc_index_at(index, i, NULL);
        if (!esc_text_equal(card.account_id, permit->account_id))
            continue;
        ESC_CLEANUP(esc_freep) char *key = esc_sprintf("%s %s", card.resource_type, card.region);
        esc_map_set(there, esc_str_of(key), permit);
    }
    struct esc_json *kept = esc_json_object();
    void *position = NULL;
    const char *key;
    const struct esc_json *counts;
    while (esc_json_next(permit->tally, &position, &key, &counts))
        if (esc_map_has(there, esc_str_of(key)))
            esc_json_set(kept, key, esc_json_ref(counts));
    esc_map_free(there);
    esc_json_free(permit->tally);
    permit->tally = kept;
}

enum esc_status work_permit_store(struct work_permit *permit, struct esc_error *err)
{
    struct esc_store *store = permit->bench->store;
    forget_what_is_gone(permit);
    enum esc_status status =
        esc_store_doc_put(store, WORK_IAM_POLICIES, permit->account_id, permit->document, err);
    if (status == ESC_OK)
        status = esc_store_doc_put(store, WORK_IAM_TALLY, permit->account_id, permit->tally, err);
    if (status == ESC_OK && permit->probes)
        status = esc_store_doc_put(store, WORK_IAM_PROBES, permit->account_id, permit->probes, err);
    return status;
}

/* Status. */

struct summing {
    struct esc_workbench *bench;
    struct esc_json *accounts;
    int64_t sums[COUNTS];
};

static const char *const count_names[] = {"allowed", "denied", "conditional", "unknown"};

static void add_tally(struct summing *summing, const char *account_id, struct esc_json *page)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *tally = stored(summing->bench, WORK_IAM_TALLY, account_id);
    int64_t sums[COUNTS] = {0};
    void *position = NULL;
    const char *key;
    const struct esc_json *counts;
    while (esc_json_next(tally, &position, &key, &counts))
        for (size_t i = 0; i < COUNTS; i++)
            sums[i] += esc_json_num(esc_json_at(counts, i), "", 0);
    for (size_t i = 0; i < COUNTS; i++) {
        esc_json_set_int(page, count_names[i], sums[i]);
        summing->sums[i] += sums[i];
    }
}

static void add_unread(const struct esc_json *document, struct esc_json *page)
{
    static const char *const layers[] = {"identity", "boundary", "session"};
    struct esc_json *unread = esc_json_array();
    for (size_t i = 0; i < ESC_COUNT(layers); i++) {
        const char *why = esc_json_str(esc_json_member(document, layers[i]), "unread", NULL);
        ESC_CLEANUP(esc_freep) char *text = why ? esc_sprintf("%s: %s", layers[i], why) : NULL;
        if (text)
            esc_json_push_text(unread, text);
    }
    const char *why = esc_json_str(document, "organisation.why", NULL);
    ESC_CLEANUP(esc_freep) char *text = why ? esc_sprintf("organisation: %s", why) : NULL;
    if (text)
        esc_json_push_text(unread, text);
    esc_json_set(page, "unread", unread);
}

static bool add_account(void *context, const char *account_id, const struct esc_json *document)
{
    struct summing *summing = context;
    const struct esc_account *account = work_account_find(summing->bench, account_id);
    if (!account)
        return true; /* it was removed */
    struct esc_json *page = esc_json_object();
    const char *at = esc_json_str(document, "read_at", "");
    esc_json_set_text(page, "account_id", account_id);
    esc_json_set_text(page, "account_name", account->name);
    esc_json_set_text(page, "principal", esc_json_str(document, "caller.arn", ""));
    esc_json_set_text(page, "read_at", at);
    work_add_age(summing->bench, page, at);
    add_tally(summing, account_id, page);
    add_unread(document, page);
    esc_json_push(summing->accounts, page);
    return true;
}

struct esc_json *work_permissions_page(struct esc_workbench *bench)
{
    struct summing summing = {.bench = bench, .accounts = esc_json_array()};
    (void)esc_store_docs(bench->store, WORK_IAM_POLICIES, add_account, &summing, NULL,
                         NULL); /* what does not open is not told */
    struct esc_json *page = esc_json_object();
    for (size_t i = 0; i < COUNTS; i++)
        esc_json_set_int(page, count_names[i], summing.sums[i]);
    esc_json_set(page, "accounts", summing.accounts);
    if (esc_json_len(summing.accounts) > 0)
        return page;
    esc_json_free(page);
    return NULL;
}
