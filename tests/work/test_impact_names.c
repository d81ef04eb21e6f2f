/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/impact_private.h"

#include "escher/base/json.h"
#include "tests/support/test.h"

static struct esc_error err;

static struct esc_resource *resource_of(const char *id, const char *type, const char *metadata)
{
    struct esc_resource *resource = esc_resource_new();
    resource->id = esc_strdup(id);
    resource->resource_type = esc_strdup(type);
    esc_json_free(resource->metadata);
    resource->metadata = NULL;
    expect_ok(esc_json_parse(esc_str_of(metadata), NULL, &resource->metadata, &err));
    return resource;
}

/* What the zone leads to when it and the other one are all there is; NULL: nothing. */
static char *lead_of(const char *zone_type, const char *zone_metadata, const char *type,
                     const char *metadata)
{
    struct impact_names names;
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *zone = resource_of("zone", zone_type, zone_metadata);
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *other = resource_of("x y", type, metadata);
    impact_names_init(&names);
    impact_names_note(&names, zone, zone);
    impact_names_note(&names, other, other);
    impact_names_relate(&names);
    impact_names_relate(&names); /* once more is not twice */
    impact_names_done(&names);
    assert_int_equal(0, other->relation_count);
    assert_true(zone->relation_count <= 1);
    if (zone->relation_count == 0)
        return NULL;
    assert_string_equal("leads_to", zone->relations[0].kind);
    return esc_strdup(zone->relations[0].target);
}

static void a_zone_leads_to_what_has_the_name_of_its_records(void **)
{
#define WEB "{\"dns_name\": \"Shop-WEB-1.us-west-2.elb.amazonaws.com\"}"
    static const struct {
        const char *zone, *type, *metadata;
        bool leads;
    } cases[] = {
        {"{\"leads_to\": [\"a.example A dualstack.shop-web-1.us-west-2.elb.amazonaws.com\"]}",
         "load_balancer", WEB, true},
        {"{\"leads_to\": [\"a.example A shop-web-1.us-west-2.elb.amazonaws.com\"]}",
         "classic_load_balancer", WEB, true},
        {"{\"leads_to\": [\"a.example A shop-web-2.us-west-2.elb.amazonaws.com\"]}",
         "load_balancer", WEB, false},
        {"{\"leads_to\": [\"a.example A d1.cloudfront.net\"]}", "cloudfront_distribution",
         "{\"domain_name\": \"d1.cloudfront.net\"}", true},
        {"{\"leads_to\": [\"db.example CNAME r.x.rds.amazonaws.com\"]}", "rds_cluster",
         "{\"endpoint\": \"w.x.rds.amazonaws.com\", \"reader_endpoint\": "
         "\"r.x.rds.amazonaws.com\"}",
         true},
        {"{\"leads_to\": [\"c.example CNAME p.x.cache.amazonaws.com\"]}",
         "elasticache_replication_group", "{\"primary_endpoint\": \"p.x.cache.amazonaws.com\"}",
         true},
        {"{\"leads_to_address\": [\"h.example A 203.0.113.7\"]}", "elastic_ip",
         "{\"public_ip\": \"203.0.113.7\"}", true},
        {"{\"leads_to_address\": [\"h.example A 203.0.113.7\"]}", "nat_gateway",
         "{\"public_ip\": \"203.0.113.7\"}", false},
        {"{\"leads_to\": [\"\", \"a\", \"a A\", \"a A \", 7, null]}", "load_balancer",
         "{\"dns_name\": \"\"}", false},
        {"{\"leads_to\": 7}", "load_balancer", "{\"dns_name\": 7}", false},
        {"{}", "hosted_zone", "{\"leads_to\": [\"a A b\"], \"dns_name\": \"b\"}", false},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_freep)
        char *lead = lead_of("hosted_zone", cases[i].zone, cases[i].type, cases[i].metadata);
        if (cases[i].leads != (lead != NULL) || (lead && !esc_text_equal(lead, "x y")))
            fail_msg("%s: %s", cases[i].zone, lead ? lead : "leads nowhere");
    }
}

static void a_distribution_leads_to_the_balancer_it_serves(void **)
{
    ESC_CLEANUP(esc_freep)
    char *lead = lead_of("cloudfront_distribution",
                         "{\"origins\": [7, \"web-1.us-west-2.elb.amazonaws.com\"]}",
                         "load_balancer", "{\"dns_name\": \"WEB-1.us-west-2.elb.amazonaws.com\"}");
    assert_string_equal("x y", lead);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_distribution_leads_to_the_balancer_it_serves),
        cmocka_unit_test(a_zone_leads_to_what_has_the_name_of_its_records),
    };
    return cmocka_run_group_tests_name("work/impact_names", tests, NULL, NULL);
}
