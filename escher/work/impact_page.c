/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/arena.h"
#include "escher/find/filter.h"
#include "escher/model/arn.h"
#include "escher/model/impact.h"
#include "escher/work/impact_private.h"
#include "escher/work/work_private.h"

/*
 * "What breaks if": the relations of all resources of the account around the one that is asked
 * about, followed from it. Each effect names the relation it rests on and when that was seen; what
 * could not be looked at is told beside it, since it may need the resource, too.
 */

/* Of the resource only what impact.h reads: there may be very many. */
static struct esc_resource *slim(struct esc_resource *whole)
{
    struct esc_resource *resource = esc_resource_new();
    resource->id = ESC_STEAL(whole->id);
    resource->name = ESC_STEAL(whole->name);
    resource->relations = ESC_STEAL(whole->relations);
    resource->relation_count = whole->relation_count;
    resource->last_synced_ms = whole->last_synced_ms;
    whole->relation_count = 0;
    return resource;
}

static bool is_related(const struct esc_resource *resource, const char *id)
{
    for (size_t i = 0; i < resource->relation_count; i++)
        if (esc_text_equal(resource->relations[i].target, id))
            return true;
    return false;
}

static bool is_global(const struct esc_resource *resource)
{
    struct esc_arn arn;
    return resource->arn && esc_arn_parse(esc_str_of(resource->arn), &arn) && arn.region.len == 0;
}

/* What stands in no region and leads to what does. */
static bool leads_anywhere(const struct esc_card *card)
{
    return esc_text_equal(card->resource_type, "hosted_zone") ||
           esc_text_equal(card->resource_type, "cloudfront_distribution");
}

/* Relations stay within an account and region, but for replicas, of which both ends tell, and for
 * what is in no region. */
static bool is_near(const struct esc_resource *origin, const struct esc_card *card)
{
    return esc_text_equal(card->account_id, origin->account_id) &&
           (is_global(origin) || esc_text_equal(card->region, origin->region) ||
            leads_anywhere(card) || is_related(origin, card->id));
}

/* Of some zones not all records were taken over (service_route53.c): such a one may lead to what is
 * asked about and does not say so. */
static void note_cut_zone(struct esc_workbench *bench, const struct esc_resource *zone,
                          struct esc_json *gaps)
{
    if (!esc_text_equal(zone->resource_type, "hosted_zone") ||
        (!esc_json_flag(zone->metadata, "records_cut", false) &&
         !esc_json_flag(zone->metadata, "records_unread", false)))
        return;
    struct esc_json *gap = esc_json_object();
    char at[ESC_TIME_TEXT];
    ESC_CLEANUP(esc_freep)
    char *message = esc_sprintf("of the records of %s only some were taken over", zone->name);
    static const char *const counts[] = {"resources", "calls", "failed", "took_ms"};
    esc_time_format(zone->last_synced_ms, at);
    esc_json_set_text(gap, "account_id", zone->account_id);
    esc_json_set_text(gap, "account_name", zone->account_name);
    esc_json_set_text(gap, "region", zone->region);
    esc_json_set_bool(gap, "all_regions", true);
    esc_json_set_text(gap, "service", "route53");
    esc_json_set_text(gap, "operation", "ListResourceRecordSets");
    esc_json_set_text(gap, "state", "partial");
    esc_json_set_int(gap, "unread", 1);
    for (size_t i = 0; i < ESC_COUNT(counts); i++)
        esc_json_set_int(gap, counts[i], 0);
    esc_json_set_text(gap, "message", message);
    esc_json_set_text(gap, "at", at);
    work_add_age(bench, gap, at);
    esc_json_push(gaps, gap);
}

static struct esc_list resources_near(struct esc_workbench *bench,
                                      const struct esc_resource *origin, struct esc_json *gaps)
{
    struct esc_list resources;
    struct esc_arena arena;
    struct impact_names names;
    impact_names_init(&names);
    esc_list_init(&resources, esc_resource_free_item);
    esc_arena_init(&arena);
    for (size_t i = 0; i < esc_index_count(bench->index); i++) {
        ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = NULL;
        const struct esc_card card = esc_index_at(bench->index, i, &arena);
        if (is_near(origin, &card) && work_resource(bench, card.id, &resource, NULL) ==
                                          ESC_OK) { /* a damaged row is told of */
            struct esc_resource *kept = slim(resource);
            impact_names_note(&names, resource, kept);
            note_cut_zone(bench, resource, gaps);
            esc_list_push(&resources, kept);
        }
    }
    impact_names_relate(&names);
    impact_names_done(&names);
    esc_arena_done(&arena);
    return resources;
}

static char *because_of(const struct esc_impact *impact)
{
    const bool is_holder = impact->resource == impact->holder;
    const enum esc_effect kind = is_holder ? impact->kind->on_holder : impact->kind->on_target;
    ESC_CLEANUP(esc_freep) char *others = NULL;
    if (kind == ESC_EFFECT_LAST && impact->left)
        others = esc_sprintf("; it has %zu other%s", impact->left, impact->left == 1 ? "" : "s");
    else if (kind == ESC_EFFECT_LAST && impact->had > 1)
        others = esc_strdup(", the last one left");
    return esc_sprintf("%s %s %s%s", impact->holder->name, impact->kind->words,
                       impact->target->name, others ? others : "");
}

static struct esc_json *effect_page(struct esc_workbench *bench, const struct esc_impact *impact)
{
    struct esc_json *page = esc_json_object();
    struct esc_card card;
    char at[ESC_TIME_TEXT];
    ESC_CLEANUP(esc_freep) char *because = because_of(impact);
    if (!esc_index_get(bench->index, impact->resource->id, &card))
        return page;
    card.id = impact->resource->id;
    esc_time_format(impact->holder->last_synced_ms, at);
    esc_json_set(page, "resource", work_row(bench, &card));
    esc_json_set_text(page, "effect", impact->effect == ESC_EFFECT_BREAKS ? "breaks" : "loses");
    esc_json_set_text(page, "because", because);
    esc_json_set_text(page, "kind", impact->kind->name);
    esc_json_set_text(page, "holder", impact->holder->id);
    esc_json_set_text(page, "target", impact->target->id);
    esc_json_set_int(page, "depth", impact->depth);
    esc_json_set_text(page, "at", at);
    work_add_age(bench, page, at);
    return page;
}

static struct esc_json *gaps_around(const struct esc_workbench *bench,
                                    const struct esc_resource *resource)
{
    ESC_CLEANUP(esc_filter_freep) struct esc_filter *scope = NULL;
    ESC_CLEANUP(esc_freep) char *text = esc_sprintf("account=%s", resource->account_id);
    if (esc_filter_parse(esc_str_of(text), &scope, NULL) != ESC_OK)
        return work_gaps(bench, NULL);
    return work_gaps(bench, scope);
}

static void answer(struct esc_api_call *call, const struct esc_resource *resource)
{
    struct esc_workbench *bench = call->bench;
    struct esc_json *gaps = gaps_around(bench, resource);
    struct esc_list around = resources_near(bench, resource, gaps);
    struct esc_impacts impacts;
    struct esc_card card;
    esc_impact_of((struct esc_resource *const *)(uintptr_t)around.items, around.count, resource->id,
                  &impacts);
    struct esc_json *effects = esc_json_array(), *body = esc_json_object();
    for (size_t i = 0; i < impacts.count; i++)
        esc_json_push(effects, effect_page(bench, &impacts.items[i]));
    if (esc_index_get(bench->index, resource->id, &card)) {
        card.id = resource->id;
        esc_json_set(body, "resource", work_row(bench, &card));
    }
    esc_json_set(body, "effects", effects);
    esc_json_set(body, "gaps", gaps);
    esc_impacts_done(&impacts);
    esc_list_done(&around);
    work_ok(call, body);
}

void work_impact(struct esc_api_call *call)
{
    struct esc_error err;
    ESC_CLEANUP(esc_freep) char *id = work_named(call);
    if (!id)
        return;
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = NULL;
    if (work_resource(call->bench, id, &resource, &err) == ESC_OK)
        answer(call, resource);
    else
        work_fail(call, &err);
}
