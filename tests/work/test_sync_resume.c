/* SPDX-License-Identifier: Apache-2.0 */

/* Syncs that were cut off: what whoever goes on asks again, and what has gone meanwhile. */

#include <stdlib.h>

#include "escher/store/document.h"
#include "escher/store/estate.h"
#include "escher/work/work_private.h"
#include "tests/work/sync_desk.h"

static struct esc_error err;

static bool saw_a_cell(void *context)
{
    const struct desk_call *call = context;
    for (size_t i = 0; i < call->events.count; i++)
        if (esc_text_equal("sync.cell", text(call->events.items[i], "kind")))
            return true;
    return false;
}

/* An account with these regions, as JSON; none: those that are enabled. */
static void set_regions(struct desk *desk, const char *regions)
{
    ESC_CLEANUP(esc_freep)
    char *account =
        esc_sprintf("{\"id\":\"" DESK_ACCOUNT "\",\"name\":\"production\",\"regions\":%s,"
                    "\"endpoint_url\":\"http://127.0.0.1:%u\"," DESK_KEYS "}",
                    regions, desk->sts_port);
    esc_json_free(desk_expect(desk, ESC_OK, "POST", "/api/accounts", account));
}

/* A sync in whose @p region nothing answers, cut off after its first place; then the core starts
 * again, and all answer. */
static void cut_off(struct desk *desk, const char *request, const char *region)
{
    struct desk_call first;
    ESC_CLEANUP(esc_freep)
    char *script = esc_sprintf("case \"$*\" in *%s*) sleep 600;; esac\n", region);
    desk_cloud_put(desk, "describe-db-instances.sh", script);
    desk_start(desk, "POST", "/api/sync", request, &first);
    assert_true(esc_loop_run_until(desk->loop, saw_a_cell, &first));
    esc_api_cancel(first.call);
    desk_wait(desk, &first);
    assert_int_equal(ESC_CANCELLED, first.status);
    desk_call_done(&first);
    desk_cloud_drop(desk, "describe-db-instances.sh");
    desk_restart(desk);
}

static const char two_regions[] =
    "{\"service\":\"rds\",\"regions\":[\"us-west-2\",\"eu-west-1\"]," DESK_KEYS "}";

static void a_sync_that_was_cut_off_goes_on_with_the_places_that_are_not_done(void **state)
{
    struct desk *desk = *state;
    set_regions(desk, "[\"us-west-2\",\"eu-west-1\"]");
    cut_off(desk, two_regions, "eu-west-1");
    const size_t calls = desk_cloud_calls(desk, "describe-db-instances");
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = sync_with(desk, ESC_OK, two_regions);
    assert_int_equal(1, esc_json_num(body, "places_resumed", 0));
    assert_int_equal(4, esc_json_len(esc_json_member(body, "cells")));
    assert_int_equal(calls + 1, desk_cloud_calls(desk, "describe-db-instances"));
    /* Once it is over the next begins anew. */
    ESC_CLEANUP(esc_json_freep) struct esc_json *next = sync_with(desk, ESC_OK, two_regions);
    assert_int_equal(0, esc_json_num(next, "places_resumed", 0));
    assert_int_equal(8, esc_json_len(esc_json_member(next, "cells")));
}

static void a_place_that_was_refused_is_asked_again_by_whoever_goes_on(void **state)
{
    struct desk *desk = *state;
    set_regions(desk, "[\"us-west-2\",\"eu-west-1\"]");
    if (desk_cloud_has(desk, "describe-db-clusters.json"))
        desk_cloud_drop(desk, "describe-db-clusters.json"); /* what nobody answers is denied */
    cut_off(desk, two_regions, "eu-west-1");
    set_cluster(desk, "available");
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = sync_with(desk, ESC_OK, two_regions);
    assert_int_equal(0, esc_json_num(body, "places_resumed", 0));
    assert_int_equal(8, esc_json_len(esc_json_member(body, "cells")));
}

/* The region that names the others is one of them, too. */
static void who_goes_on_asks_the_region_that_has_named_the_others(void **state)
{
    static const char all_regions[] = "{\"service\":\"rds\"," DESK_KEYS "}";
    struct desk *desk = *state;
    set_regions(desk, "[\"enabled\"]");
    desk_cloud_put(desk, "describe-regions.json",
                   "{\"Regions\":[{\"RegionName\":\"us-east-1\"},"
                   "{\"RegionName\":\"eu-west-1\"}]}");
    cut_off(desk, all_regions, "-1"); /* of both regions */
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = sync_with(desk, ESC_OK, all_regions);
    assert_int_equal(0, esc_json_num(body, "places_resumed", 0));
    assert_int_equal(1 + 2 * 4, esc_json_len(esc_json_member(body, "cells")));
}

/* Puts the cluster into another region, as the sync of that id would have. */
static void put_seen(struct desk *desk, const char *region, const char *sync_id)
{
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *seen = NULL;
    expect_ok(esc_store_estate_get(desk->bench->store, CLUSTER, &seen, NULL, NULL, &err));
    free(seen->region);
    free(seen->id);
    free(seen->seen_in);
    seen->region = esc_strdup(region);
    seen->id = esc_resource_key(seen->account_id, region, seen->resource_type, seen->identifier);
    seen->seen_in = esc_strdup(sync_id);
    const struct esc_resource *const batch[] = {seen};
    expect_ok(esc_store_estate_put(desk->bench->store, batch, NULL, 1, NULL, &err));
}

/* In the same core, so that it still knows what the one that was cut off had put. */
static void what_goes_after_it_was_cut_off_is_gone_for_whoever_goes_on(void **state)
{
    struct desk *desk = *state;
    ESC_CLEANUP(esc_json_freep) struct esc_json *journal = NULL;
    set_cluster(desk, "available");
    set_regions(desk, "[\"us-west-2\",\"eu-west-1\"]");
    cut_off(desk, two_regions, "eu-west-1");
    expect_ok(esc_store_doc_get(desk->bench->store, "syncs", "open", &journal, &err));
    put_seen(desk, "eu-west-1", text(journal, "sync_id"));
    desk_cloud_put(desk, "describe-db-clusters.json", "{\"DBClusters\":[]}");
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = sync_with(desk, ESC_OK, two_regions);
    assert_string_equal(text(journal, "sync_id"), text(body, "sync_id"));
    assert_int_equal(1, esc_json_num(body, "places_resumed", 0));
    assert_int_equal(1, esc_json_num(body, "removed", 0));
}

/* Those of the place that was closed last, too. */
static void what_was_removed_before_it_was_cut_off_is_counted(void **state)
{
    struct desk *desk = *state;
    set_regions(desk, "[\"us-west-2\",\"eu-west-1\"]");
    set_cluster(desk, "available");
    esc_json_free(sync_with(desk, ESC_OK, two_regions));
    desk_cloud_put(desk, "describe-db-clusters.json", "{\"DBClusters\":[]}");
    cut_off(desk, two_regions, "eu-west-1");
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = sync_with(desk, ESC_OK, two_regions);
    assert_int_equal(1, esc_json_num(body, "places_resumed", 0));
    assert_int_equal(2, esc_json_num(body, "removed", 0)); /* one in each region */
}

static void a_sync_that_was_cut_off_long_ago_begins_anew(void **state)
{
    struct desk *desk = *state;
    set_regions(desk, "[\"us-west-2\",\"eu-west-1\"]");
    cut_off(desk, two_regions, "eu-west-1");
    desk->clock.wall_ms += 3'600'001;
    ESC_CLEANUP(esc_json_freep) struct esc_json *anew = sync_with(desk, ESC_OK, two_regions);
    assert_int_equal(0, esc_json_num(anew, "places_resumed", 0));
    assert_int_equal(8, esc_json_len(esc_json_member(anew, "cells")));
}

/* What others may not see, these keys may. */
static void a_sync_goes_on_only_with_what_the_same_keys_have_begun(void **state)
{
    static const char other_profile[] =
        "{\"service\":\"rds\",\"regions\":[\"us-west-2\",\"eu-west-1\"],\"environment\":{"
        "\"AWS_ACCESS_KEY_ID\":\"AK" DESK_ACCOUNT "\",\"AWS_SECRET_ACCESS_KEY\":"
        "\"canary-secret\",\"AWS_REGION\":\"us-west-2\",\"AWS_PROFILE\":\"other\"}}";
    struct desk *desk = *state;
    set_regions(desk, "[\"us-west-2\",\"eu-west-1\"]");
    for (int scheduled = 0; scheduled <= 1; scheduled++) {
        struct desk_call call;
        cut_off(desk, two_regions, "eu-west-1");
        desk_start(desk, "POST", "/api/sync", scheduled ? two_regions : other_profile, &call);
        call.call->scheduled = scheduled;
        desk_wait(desk, &call);
        assert_int_equal(ESC_OK, call.status);
        assert_int_equal(0, esc_json_num(call.body, "places_resumed", 0));
        assert_int_equal(8, esc_json_len(esc_json_member(call.body, "cells")));
        desk_call_done(&call);
    }
}

/* Its rows went with it, so that no place of it is done. */
static void an_account_that_was_removed_meanwhile_is_seen_anew(void **state)
{
    struct desk *desk = *state;
    set_regions(desk, "[\"us-west-2\",\"eu-west-1\"]");
    cut_off(desk, two_regions, "eu-west-1");
    esc_json_free(desk_expect(desk, ESC_OK, "DELETE", "/api/accounts/production", NULL));
    set_regions(desk, "[\"us-west-2\",\"eu-west-1\"]");
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = sync_with(desk, ESC_OK, two_regions);
    assert_int_equal(0, esc_json_num(body, "places_resumed", 0));
    assert_int_equal(8, esc_json_len(esc_json_member(body, "cells")));
    assert_int_equal(2, esc_json_num(body, "resources", 0)); /* the database, in both regions */
}

/* Another role sees other things, and another endpoint is another cloud. */
static void an_account_that_is_reached_in_another_way_is_seen_anew(void **state)
{
    struct desk *desk = *state;
    set_regions(desk, "[\"us-west-2\",\"eu-west-1\"]");
    cut_off(desk, two_regions, "eu-west-1");
    ESC_CLEANUP(esc_freep)
    char *account =
        esc_sprintf("{\"id\":\"" DESK_ACCOUNT "\",\"name\":\"production\",\"regions\":"
                    "[\"us-west-2\",\"eu-west-1\"],\"endpoint_url\":\"http://127.0.0.1:%u\","
                    "\"role_arn\":\"arn:aws:iam::" DESK_ACCOUNT ":role/Reader\"," DESK_KEYS "}",
                    desk->sts_port);
    esc_json_free(desk_expect(desk, ESC_OK, "POST", "/api/accounts", account));
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = sync_with(desk, ESC_OK, two_regions);
    assert_int_equal(0, esc_json_num(body, "places_resumed", 0));
    assert_int_equal(8, esc_json_len(esc_json_member(body, "cells")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_sync_that_was_cut_off_goes_on_with_the_places_that_are_not_done),
        TEST(a_place_that_was_refused_is_asked_again_by_whoever_goes_on),
        TEST(who_goes_on_asks_the_region_that_has_named_the_others),
        TEST(what_goes_after_it_was_cut_off_is_gone_for_whoever_goes_on),
        TEST(what_was_removed_before_it_was_cut_off_is_counted),
        TEST(a_sync_that_was_cut_off_long_ago_begins_anew),
        TEST(a_sync_goes_on_only_with_what_the_same_keys_have_begun),
        TEST(an_account_that_was_removed_meanwhile_is_seen_anew),
        TEST(an_account_that_is_reached_in_another_way_is_seen_anew),
    };
    return cmocka_run_group_tests_name("work/sync_resume", tests, NULL, NULL);
}
