/* SPDX-License-Identifier: Apache-2.0 */

/* What a sync writes and embeds and what it does not, what it remembers, and what it asks. */

#include <string.h>

#include "escher/work/keep_private.h"
#include "tests/work/sync_desk.h"

static struct esc_error err;

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

struct keeping {
    size_t wordless, brought;
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

static bool is_nearly_through(void *context)
{
    const struct keeping *keeping = context;
    return keeping->brought - work_keeper_sum(keeping->keeper)->added < ESC_BATCH_COUNT;
}

/* Of what fills the queue only the first batch and the last few are embedded meanwhile. */
static void what_comes_faster_than_it_is_embedded_gets_its_vector_later(void **state)
{
    struct desk *desk = *state;
    struct keeping keeping = {0};
    const struct work_keeper_options options = {.done = keep_done, .context = &keeping};
    desk->bench->embed_resource = point_embedding;
    keeping.keeper = work_keeper_new(desk->bench, &options);
    while (!work_keeper_is_full(keeping.keeper))
        work_keeper_add(keeping.keeper, make_interface((int)keeping.brought++, "billing"));
    assert_true(esc_loop_run_until(desk->loop, is_nearly_through, &keeping));
    const size_t rest = keeping.brought - work_keeper_sum(keeping.keeper)->added;
    work_keeper_close(keeping.keeper);
    assert_true(esc_loop_run_until(desk->loop, is_over, &keeping));
    assert_int_equal(keeping.brought - ESC_BATCH_COUNT - rest, keeping.wordless);
}

static size_t count_until_full(struct desk *desk, bool held)
{
    struct keeping keeping = {0};
    const struct work_keeper_options options = {.done = keep_done, .context = &keeping};
    desk->bench->embed_resource = point_embedding;
    keeping.keeper = work_keeper_new(desk->bench, &options);
    work_keeper_hold(keeping.keeper, held);
    while (!work_keeper_is_full(keeping.keeper))
        work_keeper_add(keeping.keeper, make_interface((int)keeping.brought++, NULL));
    work_keeper_cancel(keeping.keeper);
    work_keeper_close(keeping.keeper);
    assert_true(esc_loop_run_until(desk->loop, is_over, &keeping));
    assert_int_equal(ESC_CANCELLED, keeping.status);
    return keeping.brought;
}

static void who_scans_goes_on_while_permissions_are_read(void **state)
{
    assert_true(count_until_full(*state, true) > 2 * count_until_full(*state, false));
}

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_unchanged_sync_writes_and_embeds_nothing),
        TEST(what_reads_the_same_is_embedded_once_a_batch),
        TEST(nobody_waits_for_more_than_some_vectors),
        TEST(what_comes_faster_than_it_is_embedded_gets_its_vector_later),
        TEST(who_scans_goes_on_while_permissions_are_read),
        TEST(what_cannot_be_embedded_is_found_by_words_and_embedded_later),
        TEST(what_has_changed_is_remembered_field_by_field),
        TEST(what_a_sync_sees_first_in_a_region_is_told_as_one),
        TEST(old_changes_go_and_a_clock_that_leaps_takes_none_along),
        TEST(a_cell_that_is_denied_still_says_when_it_was_seen_whole),
        TEST(a_narrow_sync_forgets_nothing_that_others_have_told),
        TEST(an_incremental_sync_lists_only_what_changes_by_itself),
    };
    return cmocka_run_group_tests_name("work/sync", tests, NULL, NULL);
}
