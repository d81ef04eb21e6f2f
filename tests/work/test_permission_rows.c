/* SPDX-License-Identifier: Apache-2.0 */

/* Rows that a sync did not bring, judged by other policies while the core answers others. */

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/store/estate.h"
#include "escher/store/store_private.h"
#include "escher/work/work_private.h"
#include "tests/work/desk.h"

enum {
    MANY = 800,
    MOST_A_TURN = 100, /* rows that may be read in one turn: fifty, and a batch to be embedded */
};

static struct esc_error err;

/* The linker sends the reading of rows here (--wrap). */
static size_t rows_read;
enum esc_status __real_esc_resource_from_json(const struct esc_json *json,
                                              struct esc_resource **out, struct esc_error *failure);
enum esc_status __wrap_esc_resource_from_json(const struct esc_json *json,
                                              struct esc_resource **out, struct esc_error *failure);
enum esc_status __wrap_esc_resource_from_json(const struct esc_json *json,
                                              struct esc_resource **out, struct esc_error *failure)
{
    rows_read++;
    return __real_esc_resource_from_json(json, out, failure);
}

/* And their judging: others read them too, some time after a sync. */
static size_t rows_judged;
struct work_permit;
bool __real_work_permit_judge_again(struct work_permit *permit, struct esc_resource *resource);
bool __wrap_work_permit_judge_again(struct work_permit *permit, struct esc_resource *resource);
bool __wrap_work_permit_judge_again(struct work_permit *permit, struct esc_resource *resource)
{
    rows_judged++;
    return __real_work_permit_judge_again(permit, resource);
}

static struct esc_resource *make_resource(size_t number)
{
    struct esc_resource *resource = esc_resource_new();
    resource->provider = esc_strdup("aws");
    resource->resource_type = esc_strdup("rds_instance");
    resource->identifier = esc_sprintf("many-%03zu", number);
    resource->name = esc_strdup(resource->identifier);
    resource->arn =
        esc_sprintf("arn:aws:rds:us-west-2:" DESK_ACCOUNT ":db:%s", resource->identifier);
    resource->account_id = esc_strdup(DESK_ACCOUNT);
    resource->account_name = esc_strdup("production");
    resource->region = esc_strdup("us-west-2");
    resource->id = esc_resource_key(resource->account_id, resource->region, resource->resource_type,
                                    resource->identifier);
    return resource;
}

static void put_rows(const struct desk *desk)
{
    expect_ok(esc_store_begin(desk->bench->store, &err));
    for (size_t i = 0; i < MANY; i++) {
        ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = make_resource(i);
        const struct esc_resource *const one[] = {resource};
        expect_ok(esc_store_estate_put(desk->bench->store, one, NULL, 1, NULL, &err));
        esc_index_put(desk->bench->index, resource, NULL);
    }
    expect_ok(esc_store_commit(desk->bench->store, &err));
}

static void put_policy(const struct desk *desk, const char *effect)
{
    ESC_CLEANUP(esc_freep)
    char *text = esc_sprintf("{\"PolicyDocument\": {\"Statement\": [{\"Effect\": \"%s\","
                             " \"Action\": \"*\", \"Resource\": \"*\"}]}}",
                             effect);
    desk_cloud_put(desk, "get-role-policy.json", text);
}

/* MANY databases, and a caller whose policy allows all. */
static int setup(void **state)
{
    desk_setup(state);
    const struct desk *desk = *state;
    desk_add_account(*state);
    put_rows(desk);
    desk_cloud_put(desk, "get-caller-identity.json",
                   "{\"UserId\": \"AROA1:i-0123456789abcdef0\", \"Account\": \"" DESK_ACCOUNT
                   "\", \"Arn\": \"arn:aws:sts::" DESK_ACCOUNT
                   ":assumed-role/Developer/i-0123456789abcdef0\"}");
    desk_cloud_put(desk, "get-role.json",
                   "{\"Role\": {\"Arn\": \"arn:aws:iam::" DESK_ACCOUNT ":role/Developer\"}}");
    desk_cloud_put(desk, "list-attached-role-policies.json", "{\"AttachedPolicies\": []}");
    desk_cloud_put(desk, "list-role-policies.json", "{\"PolicyNames\": [\"own\"]}");
    desk_cloud_put(desk, "describe-organization.sh",
                   "echo 'An error occurred (AWSOrganizationsNotInUseException) when calling the"
                   " thing operation: no' >&2; exit 254\n");
    desk_cloud_put(desk, "list-buckets.json", "{\"Buckets\": []}");
    put_policy(desk, "Allow");
    return 0;
}

/* A sync of a service that brings none of the rows, watched turn by turn. */
struct watch {
    struct desk *desk;
    struct desk_call sync, other;
    size_t read_before, read_most, read_sum;
    bool other_is_started;
    void (*in_between)(struct watch *watch); /* once, after the first rows; may be NULL */
};

static bool turn_is_over(void *context)
{
    struct watch *watch = context;
    const size_t now = rows_read - watch->read_before;
    watch->read_before = rows_read;
    watch->read_sum += now;
    if (now > watch->read_most)
        watch->read_most = now;
    if (watch->read_sum && watch->in_between) {
        watch->in_between(watch);
        watch->in_between = NULL;
    }
    return watch->sync.is_done;
}

static void sync_buckets(struct watch *watch)
{
    watch->read_before = rows_read;
    desk_start(watch->desk, "POST", "/api/sync", "{\"service\":\"s3\"," DESK_KEYS "}",
               &watch->sync);
    assert_true(esc_loop_run_until(watch->desk->loop, turn_is_over, watch));
    desk_call_done(&watch->sync);
}

struct counts {
    size_t allowed, denied;
};

static bool count_row(void *context, const struct esc_resource *resource, const float *)
{
    struct counts *counts = context;
    const enum esc_permission stop =
        esc_permissions_of(resource->permissions, ESC_STR("rds:StopDBInstance"));
    counts->allowed += stop == ESC_PERMISSION_ALLOWED;
    counts->denied += stop == ESC_PERMISSION_DENIED;
    return true;
}

static struct counts count_rows(const struct desk *desk)
{
    struct counts counts = {0};
    expect_ok(esc_store_estate_each(desk->bench->store, count_row, &counts, NULL, &err));
    return counts;
}

static void ask_for_status(struct watch *watch)
{
    watch->other_is_started = true;
    desk_start(watch->desk, "GET", "/api/status", NULL, &watch->other);
}

static void other_policies_are_followed_a_few_rows_a_turn_and_others_are_answered(void **state)
{
    struct watch watch = {.desk = *state, .in_between = ask_for_status};
    sync_buckets(&watch);
    assert_in_range(watch.read_most, 1, MOST_A_TURN);
    assert_true(watch.read_sum >= MANY);
    assert_true(watch.other_is_started && watch.other.is_done);
    assert_int_equal(ESC_OK, watch.other.status);
    desk_call_done(&watch.other);
    assert_int_equal(MANY, count_rows(watch.desk).allowed);
    struct watch again = {.desk = *state};
    const size_t judged = rows_judged;
    sync_buckets(&again);
    assert_int_equal(judged, rows_judged); /* the same policies: nothing to judge */
    put_policy(watch.desk, "Deny");
    struct watch denied = {.desk = *state};
    sync_buckets(&denied);
    assert_in_range(denied.read_most, 1, MOST_A_TURN);
    assert_int_equal(MANY, count_rows(watch.desk).denied);
}

static void remove_first_rows(struct watch *watch)
{
    for (size_t i = 0; i < 100; i++) {
        ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = make_resource(i);
        expect_ok(esc_store_estate_remove(watch->desk->bench->store, resource->id, &err));
        assert_true(esc_index_remove(watch->desk->bench->index, resource->id));
    }
}

static void rows_that_go_meanwhile_take_no_others_along(void **state)
{
    struct watch watch = {.desk = *state, .in_between = remove_first_rows};
    sync_buckets(&watch);
    assert_int_equal(MANY - 100, count_rows(watch.desk).allowed);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *status = desk_expect(watch.desk, ESC_OK, "GET", "/api/status", NULL);
    assert_int_equal(0, esc_json_num(status, "permissions.denied", -1));
}

static void cancel_it(struct watch *watch)
{
    esc_api_cancel(watch->sync.call);
}

static void what_a_cancelled_sync_left_is_judged_by_the_next(void **state)
{
    struct watch watch = {.desk = *state, .in_between = cancel_it};
    sync_buckets(&watch);
    assert_in_range(count_rows(watch.desk).allowed, 1, MOST_A_TURN);
    struct watch next = {.desk = *state};
    sync_buckets(&next);
    assert_in_range(next.read_most, 1, MOST_A_TURN);
    assert_int_equal(MANY, count_rows(watch.desk).allowed);
}

static bool is_told(const struct watch *watch, const char *words)
{
    const char *unreadable = watch->desk->bench->unreadable;
    return unreadable && strncmp(unreadable, words, strlen(words)) == 0;
}

static void damage_row(const struct desk *desk)
{
    static const char sql[] =
        "UPDATE rows SET sealed = zeroblob(length(sealed)) WHERE n = (SELECT min(n) + 300 FROM rows"
        " WHERE tag = (SELECT tag FROM rows GROUP BY tag ORDER BY count(*) DESC LIMIT 1))";
    expect_ok(esc_store_begin(desk->bench->store, &err));
    expect_ok(db_run(desk->bench->store->db, sql, &err));
    expect_ok(esc_store_commit(desk->bench->store, &err));
}

/* Rows go without the index hearing of it, as damaged ones do. */
static void what_has_no_row_leaves_the_index_a_few_rows_a_turn(void **state)
{
    struct watch first = {.desk = *state};
    sync_buckets(&first);
    const size_t all = esc_index_count(first.desk->bench->index);
    for (size_t i = 0; i < MANY; i += 100) {
        ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = make_resource(i);
        expect_ok(esc_store_estate_remove(first.desk->bench->store, resource->id, &err));
    }
    struct watch watch = {.desk = *state, .in_between = ask_for_status};
    sync_buckets(&watch);
    assert_in_range(watch.read_most, 1, MOST_A_TURN);
    assert_int_equal(all - MANY / 100, esc_index_count(watch.desk->bench->index));
    assert_true(watch.other_is_started && watch.other.is_done);
    desk_call_done(&watch.other);
}

static void damage_is_counted_a_few_rows_a_turn(void **state)
{
    struct watch first = {.desk = *state};
    sync_buckets(&first);
    damage_row(first.desk);
    esc_json_free(desk_expect(first.desk, ESC_PARTIAL, "POST", "/api/estate/export", NULL));
    assert_true(is_told(&first, "1 row "));
    struct watch watch = {.desk = *state};
    sync_buckets(&watch);
    assert_in_range(watch.read_most, 1, MOST_A_TURN);
    assert_true(is_told(&watch, "1 row "));
    put_rows(watch.desk); /* whole again */
    struct watch last = {.desk = *state};
    sync_buckets(&last);
    assert_in_range(last.read_most, 1, MOST_A_TURN);
    assert_null(watch.desk->bench->unreadable);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(other_policies_are_followed_a_few_rows_a_turn_and_others_are_answered),
        TEST(rows_that_go_meanwhile_take_no_others_along),
        TEST(what_a_cancelled_sync_left_is_judged_by_the_next),
        TEST(what_has_no_row_leaves_the_index_a_few_rows_a_turn),
        TEST(damage_is_counted_a_few_rows_a_turn),
    };
    return cmocka_run_group_tests_name("work/permission_rows", tests, NULL, NULL);
}
