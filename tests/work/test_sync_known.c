/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Places that a sync leaves out because all of them is known: what it takes, what ends it, and that
 * the estate is right whatever happens in between.
 */

#include "escher/base/limits.h"
#include "escher/scan/content_hash.h"
#include "escher/store/document.h"
#include "escher/store/estate.h"
#include "escher/store/store_private.h"
#include "escher/work/permission_private.h"
#include "escher/work/protection_private.h"
#include "tests/work/known_desk.h"

#define PLACES "places_known"

static struct esc_error err;

enum {
    ALL = 3, /* places */
    HOUR_MS = 3'600'000,
};

/* How many places it left out. */
static int64_t known_to(struct cloud_desk *at, const char *more)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = sync_as(at, more);
    at->desk.clock.wall_ms += 60'000;
    return esc_json_num(body, "places_known", 0);
}

static void settle(struct cloud_desk *at)
{
    for (int i = 0; i < 6; i++)
        if (known_to(at, "") == ALL)
            return;
    fail_msg("an unchanged cloud does not become known");
}

static void open_known(struct cloud_desk *at)
{
    open_world(at, 5, 60);
    settle(at);
}

/* By its kind and number in us-east-1; owned by the caller. */
static char *id_of(struct cloud_desk *at, const char *kind, size_t number)
{
    ESC_CLEANUP(esc_freep)
    char *identifier = fake_aws_id(at->cloud, kind, ACCOUNT, known_regions[0], number);
    return esc_resource_key(ACCOUNT, known_regions[0], kind, identifier);
}

static struct esc_resource *row_of(struct cloud_desk *at, const char *id)
{
    struct esc_resource *row = NULL;
    expect_ok(esc_store_estate_get(at->desk.bench->store, id, &row, NULL, NULL, &err));
    return row;
}

static void put_row(struct cloud_desk *at, struct esc_resource *row)
{
    char hash[ESC_HASH_TEXT];
    esc_content_hash(row, hash);
    free(row->content_hash);
    row->content_hash = esc_strdup(hash);
    const struct esc_resource *const one[] = {row};
    expect_ok(esc_store_estate_put(at->desk.bench->store, one, NULL, 1, NULL, &err));
}

/* What it is like */

static void what_is_known_is_left_out_and_has_its_new_time(void **)
{
    struct cloud_desk at;
    open_known(&at);
    ESC_CLEANUP(esc_freep) char *before = cloud_desk_estate(&at.desk);
    at.desk.clock.wall_ms += HOUR_MS;
    fake_aws_forget(at.cloud);
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = sync_as(&at, "");
    ESC_CLEANUP(esc_freep) char *after = cloud_desk_estate(&at.desk);
    ESC_CLEANUP(esc_freep) char *id = id_of(&at, "rds_instance", 0);
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *row = row_of(&at, id);
    struct esc_card card;
    assert_int_equal(ALL, esc_json_num(body, "places_known", 0));
    assert_int_equal(esc_index_count(at.desk.bench->index), esc_json_num(body, "resources", 0));
    assert_true(fake_aws_calls(at.cloud, "rds", "DescribeDBInstances") >= 2); /* it was asked */
    assert_string_equal(before, after);
    assert_int_equal(at.desk.clock.wall_ms, row->last_synced_ms);
    assert_string_equal(esc_json_str(body, "sync_id", ""), row->seen_in);
    assert_true(esc_index_get(at.desk.bench->index, id, &card));
    assert_int_equal(at.desk.clock.wall_ms, card.last_synced_ms);
    cloud_desk_close(&at);
}

static void it_goes_on_after_a_restart_of_the_store(void **)
{
    struct cloud_desk at;
    open_known(&at);
    fake_aws_close(at.cloud);
    desk_close(&at.desk);
    expect_ok(desk_open(&at.desk, false, &err));
    ESC_CLEANUP(esc_json_freep) struct esc_json *known = NULL;
    expect_ok(
        esc_store_doc_get(at.desk.bench->store, PLACES, ACCOUNT " us-east-1 full", &known, &err));
    desk_done(&at.desk);
}

static void each_kind_of_sync_knows_for_itself(void **)
{
    struct cloud_desk at;
    open_known(&at);
    assert_int_equal(0, known_to(&at, "\"kind\":\"incremental\","));
    assert_int_equal(0, known_to(&at, "\"kind\":\"incremental\","));
    assert_true(known_to(&at, "\"kind\":\"incremental\",") >= 2);
    assert_int_equal(ALL, known_to(&at, ""));
    assert_int_equal(0, known_to(&at, "\"service\":\"rds\",")); /* nothing is kept of these */
    assert_int_equal(1, known_to(&at, "\"region\":\"us-west-2\","));
    cloud_desk_close(&at);
}

/* What ends it */

static void another_answer_ends_it(void **)
{
    struct cloud_desk at;
    open_known(&at);
    fake_aws_turn(at.cloud, "rds_instance", 1);
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = sync_as(&at, "");
    assert_int_equal(1, esc_json_num(body, "places_known", 0)); /* what is global */
    assert_true(esc_json_num(body, "changed", 0) > 0);
    for (uint64_t turn = 2; turn < 4; turn++) { /* rows are not opened for what never stays */
        ESC_CLEANUP(esc_json_freep) struct esc_json *known = NULL;
        fake_aws_turn(at.cloud, "rds_instance", turn);
        (void)known_to(&at, "");
        expect_ok(esc_store_doc_get(at.desk.bench->store, PLACES, ACCOUNT " us-east-1 full", &known,
                                    &err));
        assert_null(esc_json_member(known, "rows"));
    }
    cloud_desk_close(&at);
}

static void another_detail_ends_it(void **)
{
    struct cloud_desk at;
    open_known(&at);
    fake_aws_fault(at.cloud, &(struct fake_fault){.kind = FAKE_FAULT_DENIED,
                                                  .service = "s3",
                                                  .operation = "GetBucketVersioning"});
    assert_int_equal(2, known_to(&at, ""));
    fake_aws_heal(at.cloud);
    assert_true(known_to(&at, "") < ALL);
    settle(&at);
    cloud_desk_close(&at);
}

/* Buckets have theirs from there. */
static void another_tag_in_a_region_ends_it_for_what_is_global(void **)
{
    struct cloud_desk at;
    open_known(&at);
    fake_aws_fault(at.cloud, &(struct fake_fault){.kind = FAKE_FAULT_DENIED,
                                                  .region = "us-west-2",
                                                  .operation = "GetResources"});
    assert_int_equal(1, known_to(&at, ""));
    cloud_desk_close(&at);
}

static void a_thing_that_is_gone_ends_it(void **)
{
    struct cloud_desk at;
    open_known(&at);
    fake_aws_remove(at.cloud, "sns_topic", 1);
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = sync_as(&at, "");
    assert_int_equal(2, esc_json_num(body, "removed", 0));
    assert_true(esc_json_num(body, "places_known", 0) <= 1);
    cloud_desk_close(&at);
}

/* The cloud says what it said at first: the row was another only in between. */
static void a_row_that_others_have_written_ends_it(void **)
{
    struct cloud_desk at;
    open_known(&at);
    ESC_CLEANUP(esc_freep) char *id = id_of(&at, "rds_instance", 0);
    ESC_CLEANUP(esc_freep) char *before = cloud_desk_estate(&at.desk);
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *row = row_of(&at, id);
    free(row->state);
    row->state = esc_strdup("stopped by an event");
    put_row(&at, row);
    assert_int_equal(2, known_to(&at, ""));
    ESC_CLEANUP(esc_freep) char *after = cloud_desk_estate(&at.desk);
    assert_string_equal(before, after);
    settle(&at);
    cloud_desk_close(&at);
}

static void a_narrow_sync_that_has_seen_another_state_ends_it(void **)
{
    struct cloud_desk at;
    open_known(&at);
    ESC_CLEANUP(esc_freep) char *before = cloud_desk_estate(&at.desk);
    fake_aws_turn(at.cloud, "rds_instance", 1);
    (void)known_to(&at, "\"service\":\"rds\",");
    fake_aws_turn(at.cloud, "rds_instance", 0);
    assert_int_equal(1, known_to(&at, ""));
    ESC_CLEANUP(esc_freep) char *after = cloud_desk_estate(&at.desk);
    assert_string_equal(before, after);
    cloud_desk_close(&at);
}

static void a_row_that_is_lost_ends_it(void **)
{
    struct cloud_desk at;
    open_known(&at);
    ESC_CLEANUP(esc_freep) char *id = id_of(&at, "vpc", 0);
    ESC_CLEANUP(esc_freep) char *before = cloud_desk_estate(&at.desk);
    expect_ok(esc_store_estate_remove(at.desk.bench->store, id, &err));
    assert_int_equal(2, known_to(&at, ""));
    ESC_CLEANUP(esc_freep) char *after = cloud_desk_estate(&at.desk);
    assert_string_equal(before, after);
    cloud_desk_close(&at);
}

/* The rows with the least numbers are keys and settings; any of the estate will do. */
static void a_row_that_does_not_open_ends_it(void **)
{
    struct cloud_desk at;
    open_known(&at);
    struct esc_store *store = at.desk.bench->store;
    ESC_CLEANUP(esc_freep) char *before = cloud_desk_estate(&at.desk);
    expect_ok(esc_store_begin(store, &err));
    expect_ok(
        db_run(store->db,
               "UPDATE rows SET sealed = zeroblob(length(sealed)) WHERE n = (SELECT min(n) + "
               "30 FROM rows WHERE tag = (SELECT tag FROM rows WHERE parent IS NOT NULL GROUP "
               "BY tag ORDER BY count(*) DESC LIMIT 1))",
               &err));
    expect_ok(esc_store_commit(store, &err));
    assert_true(known_to(&at, "") < ALL);
    ESC_CLEANUP(esc_freep) char *after = cloud_desk_estate(&at.desk);
    assert_string_equal(before, after);
    cloud_desk_close(&at);
}

static void a_row_without_a_vector_ends_it(void **)
{
    struct cloud_desk at;
    open_known(&at);
    ESC_CLEANUP(esc_freep) char *id = id_of(&at, "vpc", 0);
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *row = row_of(&at, id);
    free(row->embedded_hash);
    row->embedded_hash = esc_strdup("sha256:of another text");
    put_row(&at, row);
    assert_int_equal(2, known_to(&at, ""));
    cloud_desk_close(&at);
}

static void an_account_by_another_name_ends_it(void **)
{
    struct cloud_desk at;
    open_known(&at);
    struct esc_account *account = esc_list_at(&at.desk.bench->accounts, 0);
    free(account->name);
    account->name = esc_strdup("renamed");
    assert_int_equal(0, known_to(&at, ""));
    ESC_CLEANUP(esc_freep) char *id = id_of(&at, "vpc", 0);
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *row = row_of(&at, id);
    assert_string_equal("renamed", row->account_name);
    cloud_desk_close(&at);
}

static void change_known(struct cloud_desk *at, const char *member)
{
    static const char *const places[] = {ACCOUNT " us-east-1 full", ACCOUNT " us-west-2 full",
                                         ACCOUNT " global full"};
    for (size_t i = 0; i < ESC_COUNT(places); i++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *known = NULL;
        expect_ok(esc_store_doc_get(at->desk.bench->store, PLACES, places[i], &known, &err));
        assert_true(esc_json_member(known, member));
        esc_json_set_text(known, member, "00");
        expect_ok(esc_store_doc_put(at->desk.bench->store, PLACES, places[i], known, &err));
    }
}

/* Another program, or another encoder, has another mark of who looked. */
static void another_program_looks_at_all_of_it(void **)
{
    struct cloud_desk at;
    open_known(&at);
    change_known(&at, "by");
    assert_int_equal(0, known_to(&at, ""));
    settle(&at);
    change_known(&at, "rows");
    assert_int_equal(0, known_to(&at, ""));
    cloud_desk_close(&at);
}

static void other_policies_end_it(void **)
{
    struct cloud_desk at;
    ESC_CLEANUP(esc_json_freep) struct esc_json *policies = NULL;
    open_known(&at);
    struct esc_store *store = at.desk.bench->store;
    expect_ok(esc_store_doc_get(store, WORK_IAM_POLICIES, ACCOUNT, &policies, &err));
    esc_json_set_text(esc_json_get_mutable(policies, "caller"), "name", "somebody else");
    expect_ok(esc_store_doc_put(store, WORK_IAM_POLICIES, ACCOUNT, policies, &err));
    assert_int_equal(0, known_to(&at, "")); /* those that are read now are others */
    settle(&at);
    cloud_desk_close(&at);
}

#define KEY ACCOUNT " arn:aws:kms:us-east-1:" ACCOUNT ":key/1234abcd"
#define QUARTERLY "\"kind\":\"incremental\","

static void put_key(struct cloud_desk *at, const char *member, const char *text)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = esc_json_object();
    esc_json_set_time(page, "at", at->desk.clock.wall_ms);
    esc_json_set_text(page, member, text);
    expect_ok(esc_store_doc_put(at->desk.bench->store, WORK_IAM_KEY, KEY, page, &err));
}

static void settle_quarterly(struct cloud_desk *at)
{
    for (int i = 0; i < 6; i++)
        if (known_to(at, QUARTERLY) == ALL - 1)
            return;
    fail_msg("an unchanged cloud does not become known");
}

/* What instances may depends on the keys of their volumes. */
static void another_policy_of_a_key_ends_it(void **)
{
    struct cloud_desk at;
    open_world(&at, 5, 60);
    put_key(&at, "document", "{}");
    settle_quarterly(&at);
    put_key(&at, "document", "{\"Statement\":[]}");
    assert_int_equal(0, known_to(&at, QUARTERLY));
    cloud_desk_close(&at);
}

/* Of a place that is left out nobody brings what names the key. */
static void a_key_that_is_to_be_read_again_is_read_for_what_is_left_out(void **)
{
    struct cloud_desk at;
    open_known(&at);
    put_key(&at, "document", "{\"Statement\":[]}");
    fake_aws_forget(at.cloud);
    settle(&at);
    assert_true(fake_aws_calls(at.cloud, "kms", "GetKeyPolicy") > 0);
    fake_aws_forget(at.cloud);
    assert_int_equal(ALL, known_to(&at, "")); /* a full sync wants them anew */
    assert_true(fake_aws_calls(at.cloud, "kms", "GetKeyPolicy") > 0);
    put_key(&at, "unread", "kms:GetKeyPolicy: AccessDenied");
    assert_int_equal(0, known_to(&at, ""));
    settle(&at);
    cloud_desk_close(&at);
}

/* Of another kind of sync than the one that has noted it. */
static void a_row_that_this_kind_of_sync_does_not_ask_for_ends_it(void **)
{
    struct cloud_desk at;
    open_world(&at, 5, 60);
    esc_json_free(sync_as(&at, ""));
    settle_quarterly(&at);
    ESC_CLEANUP(esc_freep) char *id = id_of(&at, "vpc", 0);
    expect_ok(esc_store_estate_remove(at.desk.bench->store, id, &err));
    assert_int_equal(ALL - 2, known_to(&at, QUARTERLY));
    cloud_desk_close(&at);
}

static bool is_denied(struct cloud_desk *at, const char *id, const char *action)
{
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *row = row_of(at, id);
    return row->permissions &&
           esc_permissions_of(row->permissions, esc_str_of(action)) == ESC_PERMISSION_DENIED;
}

/* It is believed for a day. */
static void what_a_run_was_refused_ends_it_and_so_does_its_end(void **)
{
    struct cloud_desk at;
    open_known(&at);
    ESC_CLEANUP(esc_freep) char *id = id_of(&at, "rds_instance", 0);
    const struct permission_refusal refusal = {.account_id = ACCOUNT,
                                               .id = id,
                                               .action = "rds:StopDBInstance",
                                               .message = "not authorized",
                                               .step_action = "rds:StopDBInstance",
                                               .step_id = id};
    const bool before = is_denied(&at, id, refusal.action);
    work_permission_remember(at.desk.bench, &refusal);
    assert_int_equal(0, known_to(&at, ""));
    assert_true(is_denied(&at, id, refusal.action));
    settle(&at);
    at.desk.clock.wall_ms += 25 * HOUR_MS;
    assert_int_equal(0, known_to(&at, ""));
    assert_int_equal(before, is_denied(&at, id, refusal.action));
    cloud_desk_close(&at);
}

static void a_doubt_about_protection_ends_it(void **)
{
    struct cloud_desk at;
    open_known(&at);
    ESC_CLEANUP(esc_freep)
    char *instance = fake_aws_id(at.cloud, "ec2_instance", ACCOUNT, known_regions[1], 0);
    struct work_protection *book = work_protection_new(at.desk.bench);
    work_protection_doubt(book, ACCOUNT " us-west-2", instance);
    expect_ok(work_protection_keep(book, ACCOUNT " us-west-2", &err));
    work_protection_free(book);
    assert_true(known_to(&at, "") < ALL);
    cloud_desk_close(&at);
}

/* More instances than are asked about their protection each time. */
static void whose_turn_it_is_ends_nothing_once_each_had_its_turn(void **)
{
    struct cloud_desk at;
    open_world(&at, 7, 900);
    assert_true(fake_aws_count(at.cloud, "ec2_instance", ACCOUNT, known_regions[0]) > 50);
    settle(&at);
    for (int i = 0; i < 3; i++)
        assert_int_equal(ALL, known_to(&at, ""));
    cloud_desk_close(&at);
}

static void an_account_that_leaves_takes_it_along(void **)
{
    struct cloud_desk at;
    open_known(&at);
    ESC_CLEANUP(esc_json_freep) struct esc_json *known = NULL;
    expect_ok(work_known_forget(at.desk.bench, "222222222222", &err));
    expect_ok(
        esc_store_doc_get(at.desk.bench->store, PLACES, ACCOUNT " global full", &known, &err));
    esc_json_free(desk_expect(&at.desk, ESC_OK, "DELETE", "/api/accounts/" ACCOUNT, "{}"));
    expect_status(ESC_NOT_FOUND, esc_store_doc_get(at.desk.bench->store, PLACES,
                                                   ACCOUNT " global full", &known, &err));
    cloud_desk_close(&at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_known_is_left_out_and_has_its_new_time),
        cmocka_unit_test(it_goes_on_after_a_restart_of_the_store),
        cmocka_unit_test(each_kind_of_sync_knows_for_itself),
        cmocka_unit_test(another_answer_ends_it),
        cmocka_unit_test(another_detail_ends_it),
        cmocka_unit_test(another_tag_in_a_region_ends_it_for_what_is_global),
        cmocka_unit_test(a_thing_that_is_gone_ends_it),
        cmocka_unit_test(a_row_that_others_have_written_ends_it),
        cmocka_unit_test(a_narrow_sync_that_has_seen_another_state_ends_it),
        cmocka_unit_test(a_row_that_is_lost_ends_it),
        cmocka_unit_test(a_row_that_does_not_open_ends_it),
        cmocka_unit_test(a_row_without_a_vector_ends_it),
        cmocka_unit_test(an_account_by_another_name_ends_it),
        cmocka_unit_test(another_program_looks_at_all_of_it),
        cmocka_unit_test(other_policies_end_it),
        cmocka_unit_test(another_policy_of_a_key_ends_it),
        cmocka_unit_test(a_key_that_is_to_be_read_again_is_read_for_what_is_left_out),
        cmocka_unit_test(a_row_that_this_kind_of_sync_does_not_ask_for_ends_it),
        cmocka_unit_test(what_a_run_was_refused_ends_it_and_so_does_its_end),
        cmocka_unit_test(a_doubt_about_protection_ends_it),
        cmocka_unit_test(whose_turn_it_is_ends_nothing_once_each_had_its_turn),
        cmocka_unit_test(an_account_that_leaves_takes_it_along),
    };
    return cmocka_run_group_tests_name("work/sync_known", tests, NULL, NULL);
}
