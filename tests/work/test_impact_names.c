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

static void read_in(struct impact_estate *estate, const struct esc_resource *resource)
{
    struct esc_buf bytes;
    ESC_CLEANUP(impact_block_freep) struct impact_block *block = impact_block_new();
    esc_buf_init(&bytes, 100'000);
    impact_block_add(block, resource);
    impact_block_write(block, &bytes);
    expect_ok(impact_block_read(estate, esc_buf_str(&bytes), &err));
    esc_buf_done(&bytes);
}

/* Whether the zone goes on with less without the other one, when these are all there is. */
static bool leads(const char *zone_type, const char *zone_metadata, const char *type,
                  const char *metadata)
{
    struct impact_estate estate;
    struct esc_impacts impacts;
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *zone = resource_of("a-zone", zone_type, zone_metadata);
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *other = resource_of("a-x y", type, metadata);
    impact_estate_init(&estate, "a");
    read_in(&estate, zone);
    read_in(&estate, other);
    impact_names_relate(&estate.names, estate.graph);
    esc_impact_of(estate.graph, "a-x y", &impacts);
    assert_true(impacts.count <= 1);
    const bool found = impacts.count == 1;
    if (found) {
        assert_string_equal("leads_to", impacts.items[0].kind->name);
        assert_string_equal("a-zone", impacts.items[0].resource);
    }
    esc_impacts_done(&impacts);
    impact_estate_done(&estate);
    return found;
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
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        if (cases[i].leads != leads("hosted_zone", cases[i].zone, cases[i].type, cases[i].metadata))
            fail_msg("%s", cases[i].zone);
}

static void a_distribution_leads_to_the_balancer_it_serves(void **)
{
    assert_true(leads("cloudfront_distribution",
                      "{\"origins\": [7, \"web-1.us-west-2.elb.amazonaws.com\"]}", "load_balancer",
                      "{\"dns_name\": \"WEB-1.us-west-2.elb.amazonaws.com\"}"));
}

/* A zone that names the same host in many records is told of once. */
static void many_records_are_one_relation(void **)
{
    assert_true(leads("hosted_zone",
                      "{\"leads_to\": [\"a A h.example\", \"b A H.example\", \"c A h.example\"]}",
                      "load_balancer", "{\"dns_name\": \"h.example\"}"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_records_are_one_relation),
        cmocka_unit_test(a_distribution_leads_to_the_balancer_it_serves),
        cmocka_unit_test(a_zone_leads_to_what_has_the_name_of_its_records),
    };
    return cmocka_run_group_tests_name("work/impact_names", tests, NULL, NULL);
}
