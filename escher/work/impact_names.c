/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Which resources the records of hosted zones and the origins of distributions lead to. They name
 * a host or an address, and whose that is stands at the resource. The two are put together when
 * somebody asks, not by a scan: both stand in no region and what they lead to does, so a scan of
 * one region would have to know what others have found.
 */

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/work/impact_private.h"

/* Members of metadata that hold a name or an address of the resource itself. */
static const struct {
    const char *type, *member;
} names[] = {
    {"load_balancer", "dns_name"},
    {"classic_load_balancer", "dns_name"},
    {"cloudfront_distribution", "domain_name"},
    {"rds_instance", "endpoint"},
    {"rds_cluster", "endpoint"},
    {"rds_cluster", "reader_endpoint"},
    {"elasticache_cluster", "endpoint"},
    {"elasticache_replication_group", "endpoint"},
    {"elasticache_replication_group", "primary_endpoint"},
    {"elastic_ip", "public_ip"},
    {"ec2_instance", "public_ip"},
};

/* Names are alike in either case, and with what only asks for both kinds of addresses. */
static char *usual(struct esc_str host)
{
    static const struct esc_str dual = {"dualstack.", 10};
    char *name = esc_str_dup(host);
    for (char *c = name; *c; c++)
        *c = esc_to_lower(*c);
    if (!esc_str_starts_with(esc_str_of(name), dual))
        return name;
    char *rest = esc_strdup(name + dual.len);
    free(name);
    return rest;
}

static void tell(struct esc_str host, impact_host_fn *fn, void *context)
{
    ESC_CLEANUP(esc_freep) char *name = usual(host);
    fn(context, esc_str_of(name));
}

/* Texts "NAME TYPE WHERE" of service_route53.c. */
static void tell_records(const struct esc_json *records, impact_host_fn *fn, void *context)
{
    for (size_t i = 0; i < esc_json_len(records); i++) {
        struct esc_str rest = esc_json_value(esc_json_at(records, i)), name, type;
        if (esc_str_next(&rest, ' ', &name) && esc_str_next(&rest, ' ', &type) && rest.len > 0)
            tell(rest, fn, context);
    }
}

void impact_leads_of(const struct esc_resource *resource, impact_host_fn *fn, void *context)
{
    if (esc_text_equal(resource->resource_type, "hosted_zone")) {
        tell_records(esc_json_member(resource->metadata, "leads_to"), fn, context);
        tell_records(esc_json_member(resource->metadata, "leads_to_address"), fn, context);
    }
    if (!esc_text_equal(resource->resource_type, "cloudfront_distribution"))
        return;
    const struct esc_json *origins = esc_json_member(resource->metadata, "origins");
    for (size_t i = 0; i < esc_json_len(origins); i++)
        tell(esc_json_value(esc_json_at(origins, i)), fn, context);
}

void impact_names_of(const struct esc_resource *resource, impact_host_fn *fn, void *context)
{
    for (size_t i = 0; i < ESC_COUNT(names); i++) {
        const char *name = esc_json_str(resource->metadata, names[i].member, "");
        if (*name && esc_text_equal(resource->resource_type, names[i].type))
            tell(esc_str_of(name), fn, context);
    }
}

/* ---- put together ---- */

struct zones {
    uint32_t *nodes;
    size_t count, capacity;
};

struct named {
    uint32_t node;
    char host[];
};

static void free_zones(void *item)
{
    struct zones *zones = item;
    free(zones->nodes);
    free(zones);
}

void impact_names_init(struct impact_names *all)
{
    all->zones_of = esc_map_new(free_zones);
    esc_list_init(&all->named, free);
}

void impact_names_done(struct impact_names *all)
{
    esc_map_free(all->zones_of);
    esc_list_done(&all->named);
}

void impact_names_lead(struct impact_names *all, uint32_t zone, struct esc_str host)
{
    struct zones *zones = esc_map_get(all->zones_of, host);
    if (!zones) {
        zones = esc_alloc_zero(sizeof *zones);
        esc_map_set(all->zones_of, host, zones);
    }
    if (zones->count && zones->nodes[zones->count - 1] == zone)
        return; /* by another record */
    if (zones->count == zones->capacity) {
        zones->capacity = zones->capacity * 2 + 1;
        zones->nodes = esc_realloc_array(zones->nodes, zones->capacity, sizeof *zones->nodes);
    }
    zones->nodes[zones->count++] = zone;
}

void impact_names_name(struct impact_names *all, uint32_t node, struct esc_str host)
{
    struct named *named = esc_alloc(sizeof *named + host.len + 1);
    named->node = node;
    memcpy(named->host, host.ptr, host.len);
    named->host[host.len] = '\0';
    esc_list_push(&all->named, named);
}

void impact_names_relate(const struct impact_names *all, struct esc_impact_graph *graph)
{
    const struct esc_relation_kind *leads = esc_relation_kind_find("leads_to");
    ESC_ASSERT(leads);
    for (size_t i = 0; i < all->named.count; i++) {
        const struct named *named = esc_list_at(&all->named, i);
        const struct zones *zones = esc_map_get(all->zones_of, esc_str_of(named->host));
        for (size_t k = 0; zones && k < zones->count; k++)
            esc_impact_graph_relate(graph, zones->nodes[k], leads, named->node);
    }
}
