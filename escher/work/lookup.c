/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/work/work_private.h"

/* Looking into the estate: find, complete, show. Offline, on the index alone. */

enum {
    MOST_HITS = 1000
};

static size_t wanted_count(const struct esc_api_call *call, int64_t otherwise)
{
    const int64_t n = esc_json_num(call->args, "n", otherwise);
    return n < 1 ? 1 : n > MOST_HITS ? MOST_HITS : (size_t)n;
}

static struct esc_json *hit_page(const struct esc_find_hit *hit)
{
    struct esc_json *page = esc_json_object();
    esc_json_set(page, "resource", esc_resource_to_json(hit->resource));
    esc_json_set_text(page, "tier", esc_find_tier_text(hit->tier));
    esc_json_set(page, "score", esc_json_real(hit->score));
    esc_json_set_text(page, "why", hit->why ? hit->why : "");
    return page;
}

static struct esc_json *result_page(const struct esc_find_result *result)
{
    struct esc_json *hits = esc_json_array();
    for (size_t i = 0; i < result->count; i++)
        esc_json_push(hits, hit_page(&result->hits[i]));
    struct esc_json *body = esc_json_object();
    esc_json_set(body, "hits", hits);
    esc_json_set_int(body, "total", (int64_t)result->total);
    esc_json_set_bool(body, "semantic", result->semantic);
    return body;
}

/* Nothing is found; where rows are damaged, that may be why. */
static enum esc_status say_nothing(const struct esc_workbench *bench, const char *text,
                                   struct esc_error *err)
{
    if (bench->unreadable)
        return esc_fail(err, ESC_CORRUPT,
                        "the estate is damaged; `escher sync` reads it from the cloud again: %s",
                        bench->unreadable);
    if (esc_index_count(bench->index) == 0)
        return esc_fail(err, ESC_NOT_FOUND, "the estate is empty; `escher sync` fills it");
    return text ? esc_fail(err, ESC_NOT_FOUND, "nothing is called `%s`", text)
                : esc_fail(err, ESC_NOT_FOUND, "nothing in the estate matches");
}

void work_find(struct esc_api_call *call)
{
    struct esc_workbench *bench = call->bench;
    const struct esc_find_query query = {
        .text = esc_str_of(work_text(call, "text")),
        .filter = esc_str_of(work_text(call, "filter")),
        .type = work_text(call, "type"),
        .account = work_text(call, "account"),
        .region = work_text(call, "region"),
        .limit = wanted_count(call, 20),
        .embed = work_embed,
        .embed_context = bench,
    };
    struct esc_find_result result;
    struct esc_error err;
    if (esc_find(bench->index, &query, &result, &err) != ESC_OK) {
        work_fail(call, &err);
        return;
    }
    struct esc_json *body = result_page(&result);
    esc_json_set_int(body, "estate", (int64_t)esc_index_count(bench->index));
    if (bench->unreadable)
        esc_json_set_text(body, "unreadable", bench->unreadable);
    const enum esc_status status = result.count == 0 ? say_nothing(bench, NULL, &err) : ESC_OK;
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
    struct esc_json *names = esc_json_array();
    for (size_t i = 0; i < result.count; i++)
        esc_json_push_text(names, result.hits[i].resource->name);
    esc_find_result_done(&result);
    struct esc_json *body = esc_json_object();
    esc_json_set(body, "names", names);
    work_ok(call, body);
}

/* The relations, each with the resource at the other end where the estate has it. */
static struct esc_json *relations_page(const struct esc_workbench *bench,
                                       const struct esc_resource *resource)
{
    struct esc_json *relations = esc_json_array();
    for (size_t i = 0; i < resource->relation_count; i++) {
        struct esc_json *relation = esc_json_object();
        esc_json_set_text(relation, "kind", resource->relations[i].kind);
        esc_json_set_text(relation, "target", resource->relations[i].target);
        const struct esc_resource *other =
            esc_index_get(bench->index, resource->relations[i].target);
        if (other)
            esc_json_set_text(relation, "name", other->name);
        esc_json_push(relations, relation);
    }
    return relations;
}

static bool is_exact(const struct esc_find_hit *hit)
{
    return hit->tier <= ESC_TIER_EXACT_NAME;
}

/* One exact match is shown; several, or only near ones, are choices. */
static void answer_show(struct esc_api_call *call, const struct esc_find_result *result)
{
    const char *text = work_text(call, "text");
    size_t exact = 0;
    while (exact < result->count && is_exact(&result->hits[exact]))
        exact++;
    if (exact == 1) {
        struct esc_json *body = esc_json_object();
        esc_json_set(body, "resource", esc_resource_to_json(result->hits[0].resource));
        esc_json_set(body, "relations", relations_page(call->bench, result->hits[0].resource));
        work_ok(call, body);
        return;
    }
    struct esc_error err;
    if (exact > 1)
        (void)esc_fail(&err, ESC_AMBIGUOUS, "`%s` is the name of %zu resources", text, exact);
    else
        (void)say_nothing(call->bench, text, &err);
    struct esc_json *body = work_failure(&err);
    struct esc_json *choices = esc_json_array();
    for (size_t i = 0; i < (exact ? exact : result->count); i++)
        esc_json_push(choices, hit_page(&result->hits[i]));
    esc_json_set(body, "choices", choices);
    work_done(call, err.status, body);
}

void work_show(struct esc_api_call *call)
{
    struct esc_error err;
    const char *text = work_text(call, "text");
    const struct esc_find_query query = {.text = esc_str_of(text), .limit = 10};
    struct esc_find_result result;
    if (!text || !*text)
        (void)esc_fail(&err, ESC_INVALID, "which resource?");
    else if (esc_find(call->bench->index, &query, &result, &err) == ESC_OK) {
        answer_show(call, &result);
        esc_find_result_done(&result);
        return;
    }
    work_fail(call, &err);
}
