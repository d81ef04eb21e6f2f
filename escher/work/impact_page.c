/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/find/filter.h"
#include "escher/work/impact_private.h"
#include "escher/work/work_private.h"

/*
 * "What breaks if": the relations of all resources of the account, followed from the one that is
 * asked about. Each effect names the relation it rests on and when that was seen; what could not be
 * looked at is told beside it, since it may need the resource, too. Of very many the nearest are
 * shown, and all are counted.
 */

enum {
    MOST_SHOWN = 1000
};

/* Of some zones not all records were taken over (service_route53.c): such a one may lead to what is
 * asked about and does not say so. */
static void add_cut_zone(struct esc_workbench *bench, const struct esc_resource *zone,
                         struct esc_json *gaps)
{
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

static void add_cut_zones(struct esc_workbench *bench, const struct impact_estate *estate,
                          struct esc_json *gaps)
{
    for (size_t i = 0; i < estate->cut_zones.count; i++) {
        ESC_CLEANUP(esc_resource_freep) struct esc_resource *zone = NULL;
        if (work_resource(bench, esc_list_at(&estate->cut_zones, i), &zone, NULL) == ESC_OK)
            add_cut_zone(bench, zone, gaps); /* a damaged row is told of */
    }
}

static char *because_of(const struct esc_impact *impact, const char *holder, const char *target)
{
    const bool is_holder = esc_text_equal(impact->resource, impact->holder);
    const enum esc_effect kind = is_holder ? impact->kind->on_holder : impact->kind->on_target;
    ESC_CLEANUP(esc_freep) char *others = NULL;
    if (kind == ESC_EFFECT_LAST && impact->left)
        others = esc_sprintf("; it has %zu other%s", impact->left, impact->left == 1 ? "" : "s");
    else if (kind == ESC_EFFECT_LAST && impact->had > 1)
        others = esc_strdup(", the last one left");
    return esc_sprintf("%s %s %s%s", holder, impact->kind->words, target, others ? others : "");
}

/* NULL when one of those concerned is in no index: it was removed with a damaged row. */
static struct esc_json *effect_page(struct esc_workbench *bench, const struct esc_impact *impact)
{
    struct esc_card card, holder, target;
    char at[ESC_TIME_TEXT];
    if (!esc_index_get(bench->index, impact->resource, &card) ||
        !esc_index_get(bench->index, impact->holder, &holder) ||
        !esc_index_get(bench->index, impact->target, &target))
        return NULL;
    struct esc_json *page = esc_json_object();
    ESC_CLEANUP(esc_freep) char *because = because_of(impact, holder.name, target.name);
    card.id = impact->resource;
    esc_time_format(holder.last_synced_ms, at);
    esc_json_set(page, "resource", work_row(bench, &card));
    esc_json_set_text(page, "effect", impact->effect == ESC_EFFECT_BREAKS ? "breaks" : "loses");
    esc_json_set_text(page, "because", because);
    esc_json_set_text(page, "kind", impact->kind->name);
    esc_json_set_text(page, "holder", impact->holder);
    esc_json_set_text(page, "target", impact->target);
    esc_json_set_int(page, "depth", impact->depth);
    esc_json_set_text(page, "at", at);
    work_add_age(bench, page, at);
    return page;
}

static void add_effects(struct esc_workbench *bench, const struct esc_impacts *impacts,
                        struct esc_json *body)
{
    struct esc_json *effects = esc_json_array();
    size_t broken = 0;
    for (size_t i = 0; i < impacts->count; i++) {
        struct esc_json *page = i < MOST_SHOWN ? effect_page(bench, &impacts->items[i]) : NULL;
        if (page)
            esc_json_push(effects, page);
        broken += impacts->items[i].effect == ESC_EFFECT_BREAKS;
    }
    esc_json_set(body, "effects", effects);
    esc_json_set_int(body, "breaks", (int64_t)broken);
    esc_json_set_int(body, "loses", (int64_t)(impacts->count - broken));
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

static struct esc_json *body_of(struct esc_workbench *bench, const struct esc_resource *resource,
                                struct impact_estate *estate)
{
    struct esc_json *gaps = gaps_around(bench, resource), *body = esc_json_object();
    struct esc_impacts impacts;
    struct esc_card card;
    add_cut_zones(bench, estate, gaps);
    if (esc_index_get(bench->index, resource->id, &card)) {
        card.id = resource->id;
        esc_json_set(body, "resource", work_row(bench, &card));
    }
    esc_impact_of(estate->graph, resource->id, &impacts);
    add_effects(bench, &impacts, body);
    esc_impacts_done(&impacts);
    esc_json_set(body, "gaps", gaps);
    return body;
}

static void answer(struct esc_api_call *call, const struct esc_resource *resource)
{
    struct esc_error err;
    struct impact_estate estate;
    struct esc_workbench *bench = call->bench;
    bool lacks = false;
    impact_estate_init(&estate, resource->account_id);
    const enum esc_status status = impact_estate_load(&estate, bench->store, &lacks, &err);
    if (status == ESC_OK)
        work_ok(call, body_of(bench, resource, &estate));
    else
        work_fail(call, &err);
    /* Looking at a damaged store changes nothing in it. */
    if (lacks && !bench->keeping && !bench->unreadable)
        work_index_keep_later(bench);
    impact_estate_done(&estate);
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
