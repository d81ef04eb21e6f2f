/* SPDX-License-Identifier: Apache-2.0 */

/* What a sync writes and what it does not, what it remembers, and how it goes on. */

#include <stdlib.h>
#include <string.h>

#include "escher/store/document.h"
#include "escher/work/keep_private.h"
#include "escher/work/schedule_private.h"
#include "escher/work/sync_events_private.h"
#include "tests/work/desk.h"

static struct esc_error err;

#define RDS "{\"service\":\"rds\"," DESK_KEYS "}"
#define CLUSTER DESK_ACCOUNT "-us-west-2-rds_cluster-orders"

static const char *text(const struct esc_json *json, const char *path)
{
    return esc_json_str(json, path, "");
}

static struct esc_json *sync_with(struct desk *desk, enum esc_status expected, const char *body)
{
    return desk_expect(desk, expected, "POST", "/api/sync", body);
}

static int setup(void **state)
{
    desk_setup(state);
    struct desk *desk = *state;
    desk_add_account(desk);
    desk_add_database(desk);
    desk_cloud_put(desk, "describe-db-clusters.json", "{\"DBClusters\":[]}");
    desk_cloud_put(desk, "describe-db-snapshots.json", "{\"DBSnapshots\":[]}");
    desk_cloud_put(desk, "describe-db-cluster-snapshots.json", "{\"DBClusterSnapshots\":[]}");
    return 0;
}

static void set_cluster(struct desk *desk, const char *status)
{
    ESC_CLEANUP(esc_freep)
    char *answer = esc_sprintf("{\"DBClusters\":[{\"DBClusterIdentifier\":\"orders\","
                               "\"Status\":\"%s\"}]}",
                               status);
    desk_cloud_put(desk, "describe-db-clusters.json", answer);
}

/* Embedding, counted or failing */

static int embedded_count;

static enum esc_status count_embedding(struct esc_encoder *encoder,
                                       const struct esc_resource *resource, float *out,
                                       struct esc_error *failure)
{
    embedded_count++;
    return work_embed_resource(encoder, resource, out, failure);
}

static enum esc_status fail_embedding(struct esc_encoder *, const struct esc_resource *, float *,
                                      struct esc_error *failure)
{
    return esc_fail(failure, ESC_IO, "the weights are gone");
}

static bool has_vector(struct desk *desk, const char *id)
{
    struct esc_card card;
    return esc_index_get(desk->bench->index, id, &card) && card.has_vector;
}

static void an_unchanged_sync_writes_and_embeds_nothing(void **state)
{
    struct desk *desk = *state;
    set_cluster(desk, "available");
    esc_json_free(sync_with(desk, ESC_OK, RDS));
    desk->bench->embed_resource = count_embedding;
    embedded_count = 0;
    desk->clock.wall_ms += 60'000;
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = sync_with(desk, ESC_OK, RDS);
    assert_int_equal(2, esc_json_num(body, "resources", 0));
    assert_int_equal(0, esc_json_num(body, "added", -1));
    assert_int_equal(0, esc_json_num(body, "changed", -1));
    assert_int_equal(0, embedded_count);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *shown =
        desk_expect(desk, ESC_OK, "POST", "/api/show", "{\"text\":\"orders\"}");
    assert_string_equal("2026-11-21T08:01:00Z", text(shown, "resource.last_synced"));
    struct esc_card card;
    assert_true(esc_index_get(desk->bench->index, CLUSTER, &card));
    assert_int_equal(desk->clock.wall_ms, card.last_synced_ms);
    set_cluster(desk, "stopped");
    esc_json_free(sync_with(desk, ESC_OK, RDS));
    assert_int_equal(0, embedded_count); /* its state says nothing that is embedded */
}

static bool vector_came(void *context)
{
    return has_vector(context, CLUSTER);
}

static void what_cannot_be_embedded_is_found_by_words_and_embedded_later(void **state)
{
    struct desk *desk = *state;
    set_cluster(desk, "available");
    desk->bench->embed_resource = fail_embedding;
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = sync_with(desk, ESC_OK, RDS);
    assert_true(esc_json_num(body, "wordless", 0) >= 1);
    assert_false(has_vector(desk, CLUSTER));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *found =
        desk_expect(desk, ESC_OK, "POST", "/api/find", "{\"text\":\"orders\"}");
    assert_string_equal("orders", text(found, "hits[0].resource.name"));
    desk->bench->embed_resource = work_embed_resource;
    assert_true(esc_loop_run_until(desk->loop, vector_came, desk));
    desk_restart(desk);
    assert_true(has_vector(desk, CLUSTER));
    ESC_CLEANUP(esc_json_freep) struct esc_json *again = sync_with(desk, ESC_OK, RDS);
    assert_int_equal(0, esc_json_num(again, "changed", -1));
}

/* A keeper that was given interfaces all at once and then closed */

struct keeping {
    size_t wordless;
    bool is_over;
    enum esc_status status;
    struct esc_error failure;
    struct work_keeper *keeper;
};

static enum esc_status point_embedding(struct esc_encoder *, const struct esc_resource *,
                                       float *out, struct esc_error *)
{
    embedded_count++;
    memset(out, 0, ESC_EMBED_DIMENSIONS * sizeof *out);
    out[0] = 1;
    return ESC_OK;
}

static void keep_done(void *context, enum esc_status status, const struct esc_estate_change *,
                      const struct esc_error *failure)
{
    struct keeping *keeping = context;
    keeping->wordless = work_keeper_wordless(keeping->keeper);
    keeping->failure = *failure;
    keeping->status = status;
    keeping->is_over = true;
}

static bool is_over(void *context)
{
    return ((struct keeping *)context)->is_over;
}

static struct esc_resource *make_interface(int number, const char *name)
{
    struct esc_resource *made = esc_resource_new();
    made->provider = esc_strdup("aws");
    made->account_id = esc_strdup(DESK_ACCOUNT);
    made->account_name = esc_strdup("production");
    made->region = esc_strdup("us-west-2");
    made->resource_type = esc_strdup("network_interface");
    made->identifier = esc_sprintf("eni-%08x", (unsigned)number);
    made->arn = esc_sprintf("arn:aws:ec2:us-west-2:" DESK_ACCOUNT ":network-interface/%s",
                            made->identifier);
    made->name = name ? esc_sprintf("%s-%d", name, number) : esc_strdup(made->identifier);
    made->id = esc_sprintf(DESK_ACCOUNT "-us-west-2-network_interface-%s", made->identifier);
    return made;
}

static size_t keep_interfaces(struct desk *desk, int count, const char *name, size_t awaited)
{
    struct keeping keeping = {0};
    const struct work_keeper_options options = {
        .vectors_awaited = awaited, .done = keep_done, .context = &keeping};
    desk->bench->embed_resource = point_embedding;
    embedded_count = 0;
    keeping.keeper = work_keeper_new(desk->bench, &options);
    work_keeper_hold(keeping.keeper, true);
    for (int i = 0; i < count; i++)
        work_keeper_add(keeping.keeper, make_interface(i, name));
    work_keeper_close(keeping.keeper);
    work_keeper_hold(keeping.keeper, false);
    assert_true(esc_loop_run_until(desk->loop, is_over, &keeping));
    err = keeping.failure;
    expect_ok(keeping.status);
    return keeping.wordless;
}

static void what_reads_the_same_is_embedded_once_a_batch(void **state)
{
    struct desk *desk = *state;
    assert_int_equal(0, keep_interfaces(desk, 60, NULL, 0));
    assert_int_equal(1, embedded_count);
    struct esc_card card;
    assert_true(esc_index_get(desk->bench->index,
                              DESK_ACCOUNT "-us-west-2-network_interface-eni-0000003b", &card));
    assert_true(card.has_vector);
}

static bool all_have_vectors(void *context)
{
    struct desk *desk = context;
    for (size_t i = 0; i < esc_index_count(desk->bench->index); i++)
        if (!esc_index_at(desk->bench->index, i, NULL).has_vector)
            return false;
    return true;
}

static void nobody_waits_for_more_than_some_vectors(void **state)
{
    struct desk *desk = *state;
    assert_int_equal(2 * ESC_BATCH_COUNT,
                     keep_interfaces(desk, 3 * ESC_BATCH_COUNT, "billing", ESC_BATCH_COUNT));
    assert_int_equal(ESC_BATCH_COUNT, embedded_count);
    assert_true(esc_loop_run_until(desk->loop, all_have_vectors, desk));
    assert_int_equal(0, keep_interfaces(desk, 3 * ESC_BATCH_COUNT, "invoices", 0));
}

/* History */

static struct esc_json *history_of(struct desk *desk, const char *name)
{
    ESC_CLEANUP(esc_freep)
    char *body = esc_sprintf("{\"text\":\"%s\",\"history\":true}", name);
    struct esc_json *shown = desk_expect(desk, ESC_OK, "POST", "/api/show", body);
    struct esc_json *history = esc_json_copy(esc_json_member(shown, "history"));
    esc_json_free(shown);
    return history;
}

static void what_has_changed_is_remembered_field_by_field(void **state)
{
    struct desk *desk = *state;
    set_cluster(desk, "available");
    esc_json_free(sync_with(desk, ESC_OK, RDS));
    desk->clock.wall_ms += 3'600'000;
    set_cluster(desk, "stopped");
    esc_json_free(sync_with(desk, ESC_OK, RDS));
    ESC_CLEANUP(esc_json_freep) struct esc_json *history = history_of(desk, "orders");
    assert_int_equal(2, esc_json_len(history));
    const struct esc_json *newest = esc_json_at(history, 0), *first = esc_json_at(history, 1);
    assert_string_equal("changed", text(newest, "what"));
    assert_string_equal("2026-11-21T09:00:00Z", text(newest, "at"));
    assert_string_equal("partial", text(newest, "kind"));
    ESC_CLEANUP(esc_freep)
    char *fields = esc_json_print(esc_json_member(newest, "fields"), ESC_JSON_SORTED);
    expect_contains("{\"field\":\"state\",\"from\":\"available\",\"to\":\"stopped\"}", fields);
    assert_string_equal("added", text(first, "what"));

    desk_cloud_put(desk, "describe-db-clusters.json", "{\"DBClusters\":[]}");
    desk->clock.wall_ms += 3'600'000;
    esc_json_free(sync_with(desk, ESC_OK, RDS));
    desk_restart(desk);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *changes =
        desk_expect(desk, ESC_OK, "POST", "/api/changes", "{\"since\":\"90m\"}");
    assert_int_equal(2, esc_json_num(changes, "total", 0));
    assert_string_equal("removed", text(changes, "changes[0].what"));
    assert_string_equal("orders", text(changes, "changes[0].name"));
    assert_string_equal("changed", text(changes, "changes[1].what"));
    esc_json_free(
        desk_expect(desk, ESC_INVALID, "POST", "/api/changes", "{\"since\":\"yesterdayish\"}"));
}

static void what_a_sync_sees_first_in_a_region_is_told_as_one(void **state)
{
    struct desk *desk = *state;
    set_cluster(desk, "available");
    desk_cloud_put(desk, "describe-db-snapshots.json",
                   "{\"DBSnapshots\":[{\"DBSnapshotIdentifier\":\"night-us-west-2-lambda_layer\","
                   "\"DBInstanceIdentifier\":\"pg-instance-main1\"}]}");
    esc_json_free(sync_with(desk, ESC_OK, RDS));
    set_cluster(desk, "stopped");
    esc_json_free(sync_with(desk, ESC_OK, RDS));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *told = desk_expect(desk, ESC_OK, "POST", "/api/changes", "{\"groups\":true}");
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *each = desk_expect(desk, ESC_OK, "POST", "/api/changes", "{}");
    const size_t all = esc_json_len(esc_json_member(each, "changes"));
    assert_int_equal(all, esc_json_num(each, "total", 0));
    assert_int_equal(all, esc_json_num(told, "total", 0));
    const struct esc_json *entries = esc_json_member(told, "changes");
    const struct esc_json *group = NULL;
    for (size_t i = 0; i < esc_json_len(entries); i++)
        if (esc_json_num(esc_json_at(entries, i), "count", 0))
            group = esc_json_at(entries, i);
    assert_non_null(group);
    assert_int_equal(all, esc_json_len(entries) - 1 + (size_t)esc_json_num(group, "count", 0));
    assert_string_equal("us-west-2", text(group, "region"));
    assert_null(esc_json_member(group, "id"));
    assert_string_equal("changed", text(told, "changes[0].what"));
    assert_string_equal("rds_cluster", text(told, "changes[0].resource_type"));
    assert_string_equal("production", text(told, "changes[0].account_name"));
    assert_string_equal("us-west-2", text(told, "changes[0].region"));
    for (size_t i = 0; i < all; i++) /* an identifier may look like more of an id */
        assert_string_equal(
            "us-west-2",
            esc_json_str(esc_json_at(esc_json_member(each, "changes"), i), "region", ""));
}

static size_t count_changes(struct desk *desk)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *changes = desk_expect(desk, ESC_OK, "POST", "/api/changes", "{}");
    return (size_t)esc_json_num(changes, "total", 0);
}

static void old_changes_go_and_a_clock_that_leaps_takes_none_along(void **state)
{
    static const uint64_t day = UINT64_C(86'400'000);
    struct desk *desk = *state;
    esc_json_free(sync_with(desk, ESC_OK, RDS));
    set_cluster(desk, "available");
    esc_json_free(sync_with(desk, ESC_OK, RDS));
    const size_t before = count_changes(desk);
    assert_true(before > 0);
    desk->clock.wall_ms += 400 * day;
    set_cluster(desk, "stopped");
    esc_json_free(sync_with(desk, ESC_OK, RDS)); /* a leap: it is only noted */
    assert_int_equal(before + 1, count_changes(desk));
    desk->clock.wall_ms += day + 1;
    esc_json_free(sync_with(desk, ESC_OK, RDS)); /* a day later it still says so */
    assert_int_equal(1, count_changes(desk));
}

/* The ledger */

static const char *cell_text(const struct esc_json *status, const char *operation, const char *name)
{
    const struct esc_json *cells = esc_json_member(status, "cells");
    for (size_t i = 0; i < esc_json_len(cells); i++)
        if (esc_text_equal(operation, text(esc_json_at(cells, i), "operation")))
            return text(esc_json_at(cells, i), name);
    fail_msg("no cell %s", operation);
    return "";
}

static void a_cell_that_is_denied_still_says_when_it_was_seen_whole(void **state)
{
    struct desk *desk = *state;
    set_cluster(desk, "available");
    esc_json_free(sync_with(desk, ESC_OK, RDS));
    for (int turn = 0; turn < 2; turn++) {
        desk->clock.wall_ms += 3'600'000;
        if (desk_cloud_has(desk, "describe-db-clusters.json"))
            desk_cloud_drop(desk, "describe-db-clusters.json");
        esc_json_free(sync_with(desk, ESC_PARTIAL, RDS));
        ESC_CLEANUP(esc_json_freep)
        struct esc_json *status = desk_expect(desk, ESC_OK, "GET", "/api/status", NULL);
        assert_string_equal("denied", cell_text(status, "DescribeDBClusters", "state"));
        assert_string_equal("AccessDenied", cell_text(status, "DescribeDBClusters", "code"));
        assert_string_equal("2026-11-21T08:00:00Z",
                            cell_text(status, "DescribeDBClusters", "whole_at"));
    }
    struct esc_card card;
    assert_true(esc_index_get(desk->bench->index, CLUSTER, &card)); /* nothing was removed */
}

/* Narrow syncs */

static void a_narrow_sync_forgets_nothing_that_others_have_told(void **state)
{
    struct desk *desk = *state;
    desk_cloud_put(desk, "describe-instances.json",
                   "{\"Reservations\":[{\"Instances\":[{\"InstanceId\":\"i-00000001\","
                   "\"State\":{\"Name\":\"running\"},\"RootDeviceType\":\"ebs\","
                   "\"SecurityGroups\":[{\"GroupId\":\"sg-00000001\"}]}]}]}");
    desk_cloud_put(desk, "describe-security-groups.json",
                   "{\"SecurityGroups\":[{\"GroupId\":\"sg-00000001\",\"GroupName\":\"web\"}]}");
    desk_cloud_put(desk, "describe-vpcs.json", "{\"Vpcs\":[]}");
    desk_cloud_put(desk, "describe-subnets.json", "{\"Subnets\":[]}");
    esc_json_free(desk_expect(desk, ESC_PARTIAL, "POST", "/api/sync", "{" DESK_KEYS "}"));
    struct esc_json *body = NULL;
    (void)desk_ask(desk, "POST", "/api/sync", "{\"service\":\"vpc\"," DESK_KEYS "}", &body);
    assert_int_equal(0, esc_json_num(body, "changed", -1));
    esc_json_free(body);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *shown =
        desk_expect(desk, ESC_OK, "POST", "/api/show", "{\"text\":\"sg-00000001\"}");
    assert_true(esc_json_flag(shown, "resource.constraints.has_dependencies", false));
}

static void an_incremental_sync_lists_only_what_changes_by_itself(void **state)
{
    struct desk *desk = *state;
    struct esc_json *body = NULL;
    (void)desk_ask(desk, "POST", "/api/sync", "{\"kind\":\"incremental\"," DESK_KEYS "}", &body);
    assert_string_equal("incremental", text(body, "kind"));
    esc_json_free(body);
    assert_int_equal(1, desk_cloud_calls(desk, "describe-db-instances"));
    assert_int_equal(1, desk_cloud_calls(desk, "describe-instances"));
    assert_int_equal(0, desk_cloud_calls(desk, "describe-vpcs"));
    assert_int_equal(0, desk_cloud_calls(desk, "list-buckets"));
    esc_json_free(
        desk_expect(desk, ESC_INVALID, "POST", "/api/sync", "{\"kind\":\"weekly\"," DESK_KEYS "}"));
}

/* Cut off */

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

/* The schedule */

static void set_schedule(struct desk *desk, const char *body)
{
    esc_json_free(desk_expect(desk, ESC_OK, "PUT", "/api/schedule", body));
}

/* A change on each of so many days, and the sync that sees it. */
static void live_with_changes(struct desk *desk, int days)
{
    for (int i = 0; i < days; i++) {
        desk->clock.wall_ms += UINT64_C(86'400'000);
        set_cluster(desk, desk->clock.wall_ms / 86'400'000 % 2 ? "stopped" : "available");
        esc_json_free(sync_with(desk, ESC_OK, RDS));
    }
}

static void changes_are_kept_for_the_days_that_were_asked_for(void **state)
{
    struct desk *desk = *state;
    set_schedule(desk, "{\"history_days\":3}");
    live_with_changes(desk, 7);
    assert_int_equal(4, count_changes(desk)); /* today's, and those of three days before */
    set_schedule(desk, "{\"history_days\":1}");
    assert_int_equal(4, count_changes(desk)); /* they go with a sync */
    live_with_changes(desk, 1);
    assert_int_equal(2, count_changes(desk));
    desk_restart(desk);
    set_schedule(desk, "{\"history_days\":90}");
    live_with_changes(desk, 4);
    assert_int_equal(6, count_changes(desk));
}

static bool is_idle(void *context)
{
    const struct desk *desk = context;
    return desk->bench->calls.count == 0 && !work_schedule_is_busy(desk->bench);
}

static void look(struct desk *desk)
{
    work_schedule_look(desk->bench);
    assert_true(esc_loop_run_until(desk->loop, is_idle, desk));
}

static void accounts_of_emulators_are_not_synced_by_themselves(void **state)
{
    struct desk *desk = *state;
    work_schedule_start(desk->bench);
    look(desk);
    assert_int_equal(0, desk_cloud_calls(desk, "describe-db-instances"));
}

static void without_keys_nothing_is_asked_and_the_account_is_named(void **state)
{
    struct desk *desk = *state;
    work_schedule_start(desk->bench);
    set_schedule(desk, "{\"emulators\":true}");
    look(desk);
    assert_int_equal(0, desk_cloud_calls(desk, "describe-db-instances"));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *page = desk_expect(desk, ESC_OK, "GET", "/api/schedule", NULL);
    assert_string_equal("production", text(page, "missed[0].account_name"));
    assert_int_equal(1, esc_json_num(page, "failures", 0));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *status = desk_expect(desk, ESC_OK, "GET", "/api/status", NULL);
    assert_int_equal(0,
                     esc_json_len(esc_json_member(status, "cells"))); /* the ledger says nothing */
    look(desk);                                                       /* too early */
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *again = desk_expect(desk, ESC_OK, "GET", "/api/schedule", NULL);
    assert_int_equal(1, esc_json_num(again, "failures", 0));
}

static void with_keys(bool has)
{
    if (has) {
        assert_int_equal(0, setenv("AWS_ACCESS_KEY_ID", "AK" DESK_ACCOUNT, 1));
        assert_int_equal(0, setenv("AWS_SECRET_ACCESS_KEY", "canary-secret", 1));
    } else {
        assert_int_equal(0, unsetenv("AWS_ACCESS_KEY_ID"));
        assert_int_equal(0, unsetenv("AWS_SECRET_ACCESS_KEY"));
    }
}

static void what_is_due_is_made_and_not_twice(void **state)
{
    struct desk *desk = *state;
    work_schedule_start(desk->bench);
    set_schedule(desk, "{\"emulators\":true}");
    with_keys(true);
    look(desk);
    with_keys(false);
    assert_int_equal(1, desk_cloud_calls(desk, "describe-db-instances"));
    assert_int_equal(1, desk_cloud_calls(desk, "list-buckets")); /* a full one */
    look(desk);
    assert_int_equal(1, desk_cloud_calls(desk, "describe-db-instances"));
    desk->clock.wall_ms += 17 * 60'000; /* the longest quarter of an hour */
    with_keys(true);
    look(desk);
    assert_int_equal(2, desk_cloud_calls(desk, "describe-db-instances"));
    assert_int_equal(1, desk_cloud_calls(desk, "list-buckets")); /* an incremental one */
    desk->clock.wall_ms += UINT64_C(24) * 3'600'000;
    set_schedule(desk, "{\"full_minutes\":0,\"incremental_minutes\":0}");
    look(desk);
    with_keys(false);
    assert_int_equal(2, desk_cloud_calls(desk, "describe-db-instances"));
}

static bool scheduled_sync_is_under_way(void *context)
{
    const struct desk *desk = context;
    return desk->bench->scheduled_sync != NULL;
}

static void a_scheduled_sync_gives_way_to_a_persons(void **state)
{
    struct desk *desk = *state;
    work_schedule_start(desk->bench);
    set_schedule(desk, "{\"emulators\":true}");
    desk_cloud_put(desk, "describe-vpcs.sh", "sleep 600\n");
    with_keys(true);
    work_schedule_look(desk->bench);
    assert_true(esc_loop_run_until(desk->loop, scheduled_sync_is_under_way, desk));
    with_keys(false);
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = sync_with(desk, ESC_OK, RDS);
    assert_string_equal("partial", text(body, "kind"));
    assert_true(esc_loop_run_until(desk->loop, is_idle, desk));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *page = desk_expect(desk, ESC_OK, "GET", "/api/schedule", NULL);
    assert_int_equal(0, esc_json_num(page, "failures", -1)); /* it has not failed */
}

static void a_schedule_takes_only_what_makes_sense(void **state)
{
    static const char *const bad[] = {
        "{\"full_minutes\":1}",
        "{\"incremental_minutes\":-5}",
        "{\"history_days\":100000}",
        "{\"queue_url\":\"ftp://"
        "x\",\"queue_account\":\"production\",\"queue_region\":\"us-west-2\"}",
        "{\"queue_url\":\"https://x/q\",\"queue_account\":\"production\"}",
    };
    struct desk *desk = *state;
    for (size_t i = 0; i < ESC_COUNT(bad); i++)
        esc_json_free(desk_expect(desk, ESC_INVALID, "PUT", "/api/schedule", bad[i]));
    esc_json_free(desk_expect(desk, ESC_NOT_FOUND, "PUT", "/api/schedule",
                              "{\"queue_url\":\"https://x/q\",\"queue_account\":\"nobody\","
                              "\"queue_region\":\"us-west-2\"}"));
    set_schedule(desk, "{\"full_minutes\":720}");
    desk_restart(desk);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *page = desk_expect(desk, ESC_OK, "GET", "/api/schedule", NULL);
    assert_int_equal(720, esc_json_num(page, "full.every_minutes", 0));
    assert_int_equal(15, esc_json_num(page, "incremental.every_minutes", 0));
}

/* Events */

static struct esc_json *take_events(struct desk *desk, enum esc_status expected)
{
    return desk_expect(desk, expected, "POST", "/api/sync/events", "{" DESK_KEYS "}");
}

static void set_queue(struct desk *desk)
{
    set_schedule(desk, "{\"queue_url\":\"https://sqs.us-west-2.amazonaws.com/" DESK_ACCOUNT
                       "/escher\",\"queue_account\":\"production\",\"queue_region\":\"us-west-2\","
                       "\"emulators\":true}");
    desk_cloud_put(desk, "delete-message-batch.json", "{\"Successful\":[],\"Failed\":[]}");
}

#define EVENT(receipt, account, region)                                                            \
    "{\"ReceiptHandle\":\"" receipt "\",\"Body\":\"{\\\"source\\\":\\\"aws.rds\\\","               \
    "\\\"detail-type\\\":\\\"x\\\",\\\"account\\\":\\\"" account "\\\",\\\"region\\\":\\\"" region \
    "\\\"}\"}"

static void an_event_leads_to_a_look_and_goes_once_what_was_seen_is_stored(void **state)
{
    struct desk *desk = *state;
    set_queue(desk);
    desk_cloud_put(desk, "receive-message.json",
                   "{\"Messages\":[" EVENT("one", DESK_ACCOUNT, "us-west-2") "," EVENT(
                       "two", DESK_ACCOUNT, "us-west-2") "]}");
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = take_events(desk, ESC_OK);
    assert_int_equal(2, esc_json_num(body, "messages", 0));
    assert_int_equal(1, esc_json_len(esc_json_member(body, "cells")));
    assert_int_equal(1, desk_cloud_calls(desk, "describe-db-instances"));
    assert_int_equal(0, desk_cloud_calls(desk, "describe-instances"));
    assert_int_equal(1, desk_cloud_calls(desk, "delete-message-batch"));
}

static void an_event_of_what_is_not_ours_leads_nowhere_and_does_not_come_again(void **state)
{
    struct desk *desk = *state;
    set_queue(desk);
    desk_cloud_put(desk, "receive-message.json",
                   "{\"Messages\":[" EVENT("one", "999999999999", "us-west-2") "," EVENT(
                       "two", DESK_ACCOUNT, "moon-base-1") "]}");
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = take_events(desk, ESC_OK);
    assert_int_equal(2, esc_json_num(body, "ignored", 0));
    assert_int_equal(0, desk_cloud_calls(desk, "describe-db-instances"));
    assert_int_equal(1, desk_cloud_calls(desk, "delete-message-batch"));
}

#define ORDER "{\"ReceiptHandle\":\"three\",\"Body\":\"{\\\"order\\\":4711}\"}"

static bool has_looked(void *context)
{
    const struct desk *desk = context;
    return !work_events_is_busy(desk->bench);
}

/* One round without anybody who asked. */
static void look_by_itself(struct desk *desk)
{
    with_keys(true);
    work_events_look(desk->bench);
    assert_true(esc_loop_run_until(desk->loop, has_looked, desk));
    with_keys(false);
}

static char *problem_of(struct desk *desk)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *page = desk_expect(desk, ESC_OK, "GET", "/api/schedule", NULL);
    return esc_strdup(esc_json_str(page, "queue_problem", ""));
}

static void a_queue_with_what_is_no_event_is_left_alone(void **state)
{
    struct desk *desk = *state;
    set_queue(desk);
    desk_cloud_put(desk, "receive-message.json",
                   "{\"Messages\":[" EVENT("one", DESK_ACCOUNT, "us-west-2") "," EVENT(
                       "two", "999999999999", "us-west-2") "," ORDER "]}");
    look_by_itself(desk);
    assert_int_equal(1, desk_cloud_calls(desk, "receive-message"));
    assert_int_equal(0, desk_cloud_calls(desk, "delete-message-batch"));
    ESC_CLEANUP(esc_freep) char *problem = problem_of(desk);
    expect_contains("no event of EventBridge", problem);
    desk_restart(desk);
    look_by_itself(desk); /* it waits for the person, by whom it is asked still */
    assert_int_equal(1, desk_cloud_calls(desk, "receive-message"));
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = take_events(desk, ESC_CONFLICT);
    expect_contains("no event of EventBridge", text(body, "message"));
    assert_int_equal(2, desk_cloud_calls(desk, "receive-message"));
    assert_int_equal(0, desk_cloud_calls(desk, "delete-message-batch"));
    set_queue(desk);
    look_by_itself(desk);
    assert_int_equal(3, desk_cloud_calls(desk, "receive-message"));
    assert_int_equal(0, desk_cloud_calls(desk, "delete-message-batch"));
}

static void a_round_that_goes_well_lets_the_queue_be_read_again(void **state)
{
    struct desk *desk = *state;
    set_queue(desk);
    desk_cloud_put(desk, "receive-message.json", "{\"Messages\":[" ORDER "]}");
    esc_json_free(take_events(desk, ESC_CONFLICT));
    desk_cloud_put(desk, "receive-message.json", "{\"Messages\":[]}");
    esc_json_free(take_events(desk, ESC_OK));
    ESC_CLEANUP(esc_freep) char *problem = problem_of(desk);
    assert_string_equal("", problem);
    look_by_itself(desk);
    assert_int_equal(3, desk_cloud_calls(desk, "receive-message"));
}

static void an_event_whose_place_could_not_be_seen_comes_again(void **state)
{
    struct desk *desk = *state;
    set_queue(desk);
    desk_cloud_put(desk, "describe-db-clusters.json", "no JSON");
    desk_cloud_put(desk, "receive-message.json",
                   "{\"Messages\":[" EVENT("one", DESK_ACCOUNT, "us-west-2") "]}");
    esc_json_free(take_events(desk, ESC_OK));
    assert_int_equal(0, desk_cloud_calls(desk, "delete-message-batch"));
}

static void without_a_queue_there_are_no_events(void **state)
{
    struct desk *desk = *state;
    esc_json_free(take_events(desk, ESC_NOT_FOUND));
    set_queue(desk);
    struct esc_json *body = NULL;
    assert_int_not_equal(ESC_OK, desk_ask(desk, "POST", "/api/sync/events", "{" DESK_KEYS "}",
                                          &body)); /* reading it is denied */
    expect_contains("the queue", text(body, "message"));
    esc_json_free(body);
}

static void ask_for_events(struct desk *desk, struct desk_call *call)
{
    set_queue(desk);
    desk_start(desk, "POST", "/api/sync/events", "{" DESK_KEYS "}", call);
}

static void expect_cancelled(struct desk_call *call)
{
    assert_true(call->is_done);
    assert_int_equal(ESC_CANCELLED, call->status);
    desk_call_done(call);
}

static void a_core_that_ends_before_the_queue_is_asked_does_not_ask_it(void **state)
{
    struct desk *desk = *state;
    struct desk_call call;
    ask_for_events(desk, &call);
    esc_json_free(desk_expect(desk, ESC_OK, "GET", "/api/ping", NULL)); /* it has begun */
    desk_restart(desk);
    expect_cancelled(&call);
    assert_int_equal(0, desk_cloud_calls(desk, "receive-message"));
}

static void a_core_that_ends_does_not_wait_for_the_queue(void **state)
{
    struct desk *desk = *state;
    struct desk_call call;
    desk_cloud_put(desk, "receive-message.sh",
                   ">\"$here/begun\"\nsleep 3600\n>\"$here/answered\"\n");
    ask_for_events(desk, &call);
    while (!desk_cloud_has(desk, "begun"))
        esc_json_free(desk_expect(desk, ESC_OK, "GET", "/api/ping", NULL));
    desk_restart(desk);
    expect_cancelled(&call);
    assert_false(desk_cloud_has(desk, "answered"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_unchanged_sync_writes_and_embeds_nothing),
        TEST(what_reads_the_same_is_embedded_once_a_batch),
        TEST(nobody_waits_for_more_than_some_vectors),
        TEST(what_cannot_be_embedded_is_found_by_words_and_embedded_later),
        TEST(what_has_changed_is_remembered_field_by_field),
        TEST(what_a_sync_sees_first_in_a_region_is_told_as_one),
        TEST(old_changes_go_and_a_clock_that_leaps_takes_none_along),
        TEST(changes_are_kept_for_the_days_that_were_asked_for),
        TEST(a_cell_that_is_denied_still_says_when_it_was_seen_whole),
        TEST(a_narrow_sync_forgets_nothing_that_others_have_told),
        TEST(an_incremental_sync_lists_only_what_changes_by_itself),
        TEST(a_sync_that_was_cut_off_goes_on_with_the_places_that_are_not_done),
        TEST(a_place_that_was_refused_is_asked_again_by_whoever_goes_on),
        TEST(who_goes_on_asks_the_region_that_has_named_the_others),
        TEST(what_goes_after_it_was_cut_off_is_gone_for_whoever_goes_on),
        TEST(a_sync_that_was_cut_off_long_ago_begins_anew),
        TEST(a_sync_goes_on_only_with_what_the_same_keys_have_begun),
        TEST(accounts_of_emulators_are_not_synced_by_themselves),
        TEST(without_keys_nothing_is_asked_and_the_account_is_named),
        TEST(what_is_due_is_made_and_not_twice),
        TEST(a_scheduled_sync_gives_way_to_a_persons),
        TEST(a_schedule_takes_only_what_makes_sense),
        TEST(an_event_leads_to_a_look_and_goes_once_what_was_seen_is_stored),
        TEST(an_event_of_what_is_not_ours_leads_nowhere_and_does_not_come_again),
        TEST(a_queue_with_what_is_no_event_is_left_alone),
        TEST(a_round_that_goes_well_lets_the_queue_be_read_again),
        TEST(an_event_whose_place_could_not_be_seen_comes_again),
        TEST(without_a_queue_there_are_no_events),
        TEST(a_core_that_ends_before_the_queue_is_asked_does_not_ask_it),
        TEST(a_core_that_ends_does_not_wait_for_the_queue),
    };
    return cmocka_run_group_tests_name("work/sync", tests, NULL, NULL);
}
