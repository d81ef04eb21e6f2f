/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/store/runs.h"
#include "escher/work/history_private.h"
#include "escher/work/protection_private.h"
#include "escher/work/view_private.h"

/* Looking into the estate: find, complete, show. Offline, on the index alone. */

enum {
    MOST_HITS = 1000
};

static size_t wanted_count(const struct esc_api_call *call, int64_t otherwise)
{
    const int64_t n = esc_json_num(call->args, "n", otherwise);
    return n < 1 ? 1 : n > MOST_HITS ? MOST_HITS : (size_t)n;
}

struct esc_json *work_hit(struct esc_workbench *bench, const struct esc_find_hit *hit)
{
    struct esc_json *page = esc_json_object();
    work_set_card(bench, page, &hit->card);
    esc_json_set_text(page, "tier", esc_find_tier_text(hit->tier));
    esc_json_set(page, "score", esc_json_real(hit->score));
    esc_json_set_text(page, "why", hit->why ? hit->why : "");
    return page;
}

static struct esc_json *result_page(struct esc_workbench *bench,
                                    const struct esc_find_result *result)
{
    struct esc_json *hits = esc_json_array();
    for (size_t i = 0; i < result->count; i++)
        esc_json_push(hits, work_hit(bench, &result->hits[i]));
    struct esc_json *body = esc_json_object();
    esc_json_set(body, "hits", hits);
    esc_json_set_int(body, "total", (int64_t)result->total);
    esc_json_set_bool(body, "semantic", result->semantic);
    return body;
}

/* Nothing is found; where rows are damaged, that may be why. */
static enum esc_status say_empty(const struct esc_workbench *bench, struct esc_error *err)
{
    if (bench->unreadable)
        return esc_fail(err, ESC_CORRUPT,
                        "the estate is damaged; `escher sync` reads it from the cloud again: %s",
                        bench->unreadable);
    if (esc_index_count(bench->index) > 0)
        return ESC_OK;
    if (bench->accounts.count == 0)
        return esc_fail(err, ESC_NOT_FOUND,
                        "no accounts yet; `escher accounts add --discover` finds them");
    return esc_fail(err, ESC_NOT_FOUND, "the estate is empty; `escher sync` fills it");
}

static enum esc_status say_no_name(const struct esc_workbench *bench, const char *text,
                                   bool has_choices, struct esc_error *err)
{
    const enum esc_status status = say_empty(bench, err);
    if (status != ESC_OK)
        return status;
    return esc_fail(err, ESC_NOT_FOUND, "nothing is called `%s`%s", text,
                    has_choices ? "" : "; `escher find` searches by words and by meaning");
}

static enum esc_status say_no_match(const struct esc_api_call *call, struct esc_error *err)
{
    const enum esc_status status = say_empty(call->bench, err);
    if (status != ESC_OK)
        return status;
    if (work_lacks_place(call, err))
        return ESC_NOT_FOUND;
    return esc_fail(err, ESC_NOT_FOUND,
                    "nothing in the estate matches; `escher status` says what was looked at");
}

/* *view is owned by the caller; NULL when none was asked for. */
static enum esc_status read_view(const struct esc_api_call *call, struct esc_json **view,
                                 struct esc_error *err)
{
    const char *name = work_text(call, "view");
    enum esc_status status = name ? work_view_get(call->bench, name, view, err) : ESC_OK;
    if (status == ESC_OK && name)
        status = work_filter_check(esc_json_str(*view, "filter", ""), err);
    return status == ESC_INVALID ? esc_wrap(err, status, "the view `%s`", name) : status;
}

void work_find(struct esc_api_call *call)
{
    struct esc_workbench *bench = call->bench;
    struct esc_find_result result;
    struct esc_error err;
    ESC_CLEANUP(esc_json_freep) struct esc_json *view = NULL;
    if (read_view(call, &view, &err) != ESC_OK) {
        work_fail(call, &err);
        return;
    }
    const struct esc_find_query query = {
        .text = esc_str_of(work_text(call, "text")),
        .words = esc_str_of(esc_json_str(view, "text", "")),
        .filter = esc_str_of(work_text(call, "filter")),
        .within = esc_str_of(esc_json_str(view, "filter", "")),
        .type = work_text(call, "type"),
        .account = work_text(call, "account"),
        .region = work_text(call, "region"),
        .limit = wanted_count(call, 20),
        .embed = work_embed,
        .embed_context = bench,
    };
    if (esc_find(bench->index, &query, &result, &err) != ESC_OK) {
        work_fail(call, &err);
        return;
    }
    struct esc_json *body = result_page(bench, &result);
    esc_json_set_int(body, "estate", (int64_t)esc_index_count(bench->index));
    if (bench->unreadable)
        esc_json_set_text(body, "unreadable", bench->unreadable);
    const enum esc_status status = result.count == 0 ? say_no_match(call, &err) : ESC_OK;
    esc_find_result_done(&result);
    if (status != ESC_OK)
        esc_json_set_text(body, "message", err.message);
    work_done(call, status, body);
}

void work_complete(struct esc_api_call *call)
{
    struct esc_find_result result;
    esc_complete(call->bench->index, esc_str_of(work_text(call, "prefix")), wanted_count(call, 10),
                 &result);
    struct esc_json *names = esc_json_array(), *rows = esc_json_array();
    for (size_t i = 0; i < result.count; i++) {
        esc_json_push_text(names, result.hits[i].card.name);
        esc_json_push(rows, work_row(call->bench, &result.hits[i].card));
    }
    esc_find_result_done(&result);
    struct esc_json *body = esc_json_object();
    esc_json_set(body, "names", names);
    esc_json_set(body, "resources", rows);
    work_ok(call, body);
}

/* The relations, each with the resource at the other end where the estate has it. */
static struct esc_json *relations_page(struct esc_workbench *bench,
                                       const struct esc_resource *resource)
{
    struct esc_json *relations = esc_json_array();
    for (size_t i = 0; i < resource->relation_count; i++) {
        struct esc_json *relation = esc_json_object();
        esc_json_set_text(relation, "kind", resource->relations[i].kind);
        esc_json_set_text(relation, "target", resource->relations[i].target);
        struct esc_card other;
        if (esc_index_get(bench->index, resource->relations[i].target, &other)) {
            other.id = resource->relations[i].target;
            esc_json_set_text(relation, "name", other.name);
            esc_json_set(relation, "resource", work_row(bench, &other));
        }
        esc_json_push(relations, relation);
    }
    return relations;
}

/* What may be asked for: the playbooks of its type, and why one is not possible as it stands. */

static const char *refusal_of(const struct esc_playbook *playbook,
                              const struct esc_resource *resource)
{
    const bool stops = esc_text_equal(playbook->verb, "stop");
    const bool starts = esc_text_equal(playbook->verb, "start");
    if (!stops && !starts)
        return NULL;
    const enum esc_constraint constraint = stops ? ESC_CAN_STOP : ESC_CAN_START;
    if (esc_constraints_get(&resource->constraints, constraint) != ESC_NO)
        return NULL;
    const struct esc_constraint_reason *reason =
        esc_constraints_reason(&resource->constraints, constraint);
    return reason ? reason->because : "not in its present state";
}

static struct esc_json *action_page(const struct esc_playbook *playbook,
                                    const struct esc_resource *resource)
{
    ESC_CLEANUP(esc_freep)
    char *label = esc_strdup(playbook->word_count ? playbook->words[0] : playbook->verb);
    if (esc_is_lower(label[0]))
        label[0] = (char)(label[0] - 'a' + 'A');
    ESC_CLEANUP(esc_freep) char *prompt = esc_sprintf("%s %s", label, resource->name);
    const char *why = refusal_of(playbook, resource);
    struct esc_json *action = esc_json_object();
    esc_json_set_text(action, "playbook", playbook->id);
    esc_json_set_text(action, "title", playbook->title);
    esc_json_set_text(action, "label", label);
    esc_json_set_text(action, "prompt", prompt);
    esc_json_set_bool(action, "possible", why == NULL);
    esc_json_set_text(action, "why", why ? why : "");
    return action;
}

static struct esc_json *actions_page(const struct esc_workbench *bench,
                                     const struct esc_resource *resource)
{
    struct esc_json *actions = esc_json_array();
    for (size_t i = 0; i < esc_shelf_count(bench->shelf); i++) {
        const struct esc_playbook *playbook = esc_shelf_at(bench->shelf, i);
        if (esc_text_equal(playbook->type->name, resource->resource_type))
            esc_json_push(actions, action_page(playbook, resource));
    }
    return actions;
}

/* The runs that touched it, newest first. */

struct touching {
    const char *id;
    struct esc_json *runs;
};

static bool add_touching(void *context, const char *key, const struct esc_json *document)
{
    const struct touching *touching = context;
    const struct esc_json *targets = esc_json_member(document, "targets");
    for (size_t i = 0; i < esc_json_len(targets); i++) {
        if (!esc_text_equal(esc_json_str(esc_json_at(targets, i), "id", ""), touching->id))
            continue;
        struct esc_json *run = esc_json_object();
        esc_json_set_text(run, "id", key);
        esc_json_set_text(run, "prompt", esc_json_str(document, "prompt", ""));
        esc_json_set_text(run, "state", esc_json_str(document, "run.state", ""));
        esc_json_set_text(run, "outcome", esc_json_str(document, "outcome", ""));
        esc_json_set_text(run, "created_at", esc_json_str(document, "run.created_at", ""));
        esc_json_push(touching->runs, run);
        break;
    }
    return true;
}

static struct esc_json *runs_page(const struct esc_workbench *bench,
                                  const struct esc_resource *resource)
{
    struct touching touching = {resource->id, esc_json_array()};
    (void)esc_store_runs(bench->store, add_touching, &touching, NULL,
                         NULL); /* a row that does not open is told by status */
    return touching.runs;
}

static bool is_exact(const struct esc_find_hit *hit)
{
    return hit->tier <= ESC_TIER_EXACT_NAME;
}

static void add_history(const struct esc_api_call *call, const char *id, struct esc_json *body)
{
    struct esc_json *history = NULL;
    if (esc_json_flag(esc_json_member(call->args, "history"), "", false) &&
        work_history_of(call->bench, id, &history, NULL) == ESC_OK)
        esc_json_set(body, "history", history);
}

static void show_one(struct esc_api_call *call, const char *id)
{
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = NULL;
    struct esc_error err;
    if (work_resource(call->bench, id, &resource, &err) != ESC_OK) {
        work_fail(call, &err);
        return;
    }
    struct esc_json *body = esc_json_object();
    work_protection_say_age(call->bench, resource);
    work_set_resource(body, resource);
    work_add_age(call->bench, body, esc_json_str(body, "resource.last_synced", NULL));
    work_account_add_session(call->bench, resource->account_id,
                             esc_json_get_mutable(body, "resource.iam.user_context"));
    esc_json_set(body, "relations", relations_page(call->bench, resource));
    esc_json_set(body, "actions", actions_page(call->bench, resource));
    esc_json_set(body, "runs", runs_page(call->bench, resource));
    add_history(call, resource->id, body);
    work_ok(call, body);
}

/* A name that begins so is nearer than anything else the text may be. */
static bool some_begin_so(const struct esc_find_result *result, struct esc_str text)
{
    for (size_t i = 0; i < result->count; i++) {
        const struct esc_str name = esc_str_of(result->hits[i].card.name);
        if (esc_str_starts_with_nocase(name, text))
            return true;
    }
    return false;
}

/* One exact match is meant; several, or only near ones, are choices: then the call is answered. */
static char *choose(struct esc_api_call *call, const struct esc_find_result *result,
                    work_otherwise_fn *otherwise)
{
    const char *text = work_text(call, "text");
    size_t exact = 0;
    while (exact < result->count && is_exact(&result->hits[exact]))
        exact++;
    if (exact == 1)
        return esc_strdup(result->hits[0].card.id);
    if (exact == 0 && otherwise && !some_begin_so(result, esc_str_of(text)) && otherwise(call))
        return NULL;
    struct esc_error err;
    if (exact > 1)
        (void)esc_fail(&err, ESC_AMBIGUOUS, "`%s` is the name of %zu resources", text, exact);
    else
        (void)say_no_name(call->bench, text, result->count > 0, &err);
    struct esc_json *body = work_failure(&err);
    struct esc_json *choices = esc_json_array();
    for (size_t i = 0; i < (exact ? exact : result->count); i++)
        esc_json_push(choices, work_hit(call->bench, &result->hits[i]));
    esc_json_set(body, "choices", choices);
    work_done(call, err.status, body);
    return NULL;
}

char *work_named_or(struct esc_api_call *call, work_otherwise_fn *otherwise)
{
    struct esc_error err;
    const char *text = work_text(call, "text");
    const struct esc_find_query query = {.text = esc_str_of(text), .limit = 10};
    struct esc_find_result result;
    if (!text || !*text)
        (void)esc_fail(&err, ESC_INVALID, "which resource?");
    else if (esc_find(call->bench->index, &query, &result, &err) == ESC_OK) {
        char *id = choose(call, &result, otherwise);
        esc_find_result_done(&result);
        return id;
    }
    work_fail(call, &err);
    return NULL;
}

char *work_named(struct esc_api_call *call)
{
    return work_named_or(call, NULL);
}

void work_show(struct esc_api_call *call)
{
    ESC_CLEANUP(esc_freep) char *id = work_named(call);
    if (id)
        show_one(call, id);
}
