/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Which resources the records of hosted zones and the origins of distributions lead to. They name
 * a host or an address, and whose that is stands at the resource. The two are put together when
 * somebody asks, not by a scan: both stand in no region and what they lead to does, so a scan of
 * one region would have to know what others have found.
 */

#include "escher/base/alloc.h"
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

static void free_zones(void *zones)
{
    esc_list_done(zones);
    free(zones);
}

void impact_names_init(struct impact_names *all)
{
    all->zones_of = esc_map_new(free_zones);
    all->name_of = esc_map_new(free);
}

void impact_names_done(struct impact_names *all)
{
    esc_map_free(all->zones_of);
    esc_map_free(all->name_of);
}

static void note_lead(struct impact_names *all, struct esc_resource *zone, struct esc_str host)
{
    ESC_CLEANUP(esc_freep) char *name = usual(host);
    struct esc_list *zones = esc_map_get(all->zones_of, esc_str_of(name));
    if (!zones) {
        zones = esc_alloc_zero(sizeof *zones);
        esc_list_init(zones, NULL);
        esc_map_set(all->zones_of, esc_str_of(name), zones);
    }
    esc_list_push(zones, zone);
}

/* Texts "NAME TYPE WHERE" of service_route53.c. */
static void note_records(struct impact_names *all, struct esc_resource *zone,
                         const struct esc_json *records)
{
    for (size_t i = 0; i < esc_json_len(records); i++) {
        struct esc_str rest = esc_json_value(esc_json_at(records, i)), name, type;
        if (esc_str_next(&rest, ' ', &name) && esc_str_next(&rest, ' ', &type) && rest.len > 0)
            note_lead(all, zone, rest);
    }
}

void impact_names_note(struct impact_names *all, const struct esc_resource *whole,
                       struct esc_resource *kept)
{
    if (esc_text_equal(whole->resource_type, "hosted_zone")) {
        note_records(all, kept, esc_json_member(whole->metadata, "leads_to"));
        note_records(all, kept, esc_json_member(whole->metadata, "leads_to_address"));
    }
    const struct esc_json *origins = esc_json_member(whole->metadata, "origins");
    const bool is_distribution = esc_text_equal(whole->resource_type, "cloudfront_distribution");
    for (size_t i = 0; is_distribution && i < esc_json_len(origins); i++)
        note_lead(all, kept, esc_json_value(esc_json_at(origins, i)));
    for (size_t i = 0; i < ESC_COUNT(names); i++) {
        const char *name = esc_json_str(whole->metadata, names[i].member, "");
        if (!*name || !esc_text_equal(whole->resource_type, names[i].type))
            continue;
        ESC_CLEANUP(esc_freep) char *key = esc_sprintf("%s %s", names[i].member, kept->id);
        esc_map_set(all->name_of, esc_str_of(key), usual(esc_str_of(name)));
    }
}

void impact_names_relate(const struct impact_names *all)
{
    size_t at = 0;
    struct esc_str key, member;
    void *name;
    while (esc_map_next(all->name_of, &at, &key, &name)) {
        const struct esc_list *zones = esc_map_get(all->zones_of, esc_str_of(name));
        if (!zones || !esc_str_next(&key, ' ', &member))
            continue;
        ESC_CLEANUP(esc_freep) char *id = esc_str_dup(key);
        for (size_t i = 0; i < zones->count; i++)
            esc_resource_relate(esc_list_at(zones, i), "leads_to", id);
    }
}
