/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/estate.h"

#include <sys/stat.h>

#include "escher/store/store_private.h"
#include "tests/store/support.h"

static void fill_vector(float *vector, float start)
{
    for (int i = 0; i < ESC_STORE_DIMENSIONS; i++)
        vector[i] = start + (float)i / 1000;
}

static void put_with_vector(struct box *box, const char *state, const char *embedded,
                            const float *vector, struct esc_estate_change *change)
{
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = resource_of("db", state);
    resource->embedded_hash = embedded ? esc_sprintf("sha256:%062d%s", 0, embedded) : NULL;
    const struct esc_resource *const batch[] = {resource};
    const float *const vectors[] = {vector};
    expect_ok(esc_store_estate_put(box->store, batch, vectors, 1, change, &err));
}

/* Whether "db" has a vector, and that it is the one that starts with @p start. */
static bool has_vector(struct box *box, float start)
{
    float vector[ESC_STORE_DIMENSIONS], expected[ESC_STORE_DIMENSIONS];
    bool has = false;
    struct esc_resource *resource = NULL;
    ESC_CLEANUP(esc_freep)
    char *id = esc_resource_key("123456789012", "us-west-2", "rds_instance", "db");
    expect_ok(esc_store_estate_get(box->store, id, &resource, vector, &has, &err));
    esc_resource_free(resource);
    fill_vector(expected, start);
    if (has)
        assert_memory_equal(expected, vector, sizeof vector);
    return has;
}

static void a_resource_comes_back_as_it_was(void **)
{
    struct box box;
    box_open(&box);
    put_resource(&box, "pg-instance-main1", "available", NULL);
    box_reopen(&box);
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *expected = resource_of("pg-instance-main1", "available");
    expected->last_synced_ms = NOW_MS;
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *resource = get_resource(&box, "pg-instance-main1");
    ESC_CLEANUP(esc_json_freep) struct esc_json *a = esc_resource_to_json(expected);
    ESC_CLEANUP(esc_json_freep) struct esc_json *b = esc_resource_to_json(resource);
    ESC_CLEANUP(esc_freep) char *first = esc_json_print(a, ESC_JSON_SORTED);
    ESC_CLEANUP(esc_freep) char *second = esc_json_print(b, ESC_JSON_SORTED);
    assert_string_equal(first, second);
    box_done(&box);
}

static void an_unknown_id_is_not_found(void **)
{
    struct box box;
    struct esc_resource *none = NULL;
    box_open(&box);
    expect_status(ESC_NOT_FOUND,
                  esc_store_estate_get(box.store, "nobody", &none, NULL, NULL, &err));
    assert_null(none);
    expect_ok(esc_store_estate_remove(box.store, "nobody", &err));
    box_done(&box);
}

static void a_changed_resource_is_written_and_an_unchanged_one_is_not(void **)
{
    struct box box;
    box_open(&box);
    assert_int_equal(1, put_resource(&box, "db", "available", NULL).added);
    assert_int_equal(1, put_resource(&box, "db", "available", NULL).unchanged);
    assert_int_equal(1, put_resource(&box, "db", "stopped", NULL).changed);
    assert_int_equal(1, put_resource(&box, "db", "stopped", NULL).unchanged);
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = get_resource(&box, "db");
    assert_string_equal("stopped", resource->state);
    assert_int_equal(1, count_resources(&box));
    box_done(&box);
}

static void without_a_content_hash_a_resource_is_always_written(void **)
{
    struct box box;
    struct esc_estate_change change;
    box_open(&box);
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = resource_of("db", "available");
    free(ESC_STEAL(resource->content_hash));
    const struct esc_resource *const batch[] = {resource};
    expect_ok(esc_store_estate_put(box.store, batch, NULL, 1, &change, &err));
    expect_ok(esc_store_estate_put(box.store, batch, NULL, 1, &change, &err));
    assert_int_equal(1, change.changed);
    box_done(&box);
}

static void a_vector_lives_as_long_as_its_text(void **)
{
    struct box box;
    struct esc_estate_change change;
    float one[ESC_STORE_DIMENSIONS], two[ESC_STORE_DIMENSIONS];
    fill_vector(one, 1);
    fill_vector(two, 2);
    box_open(&box);
    put_with_vector(&box, "available", NULL, NULL, &change); /* no vector yet */
    assert_false(has_vector(&box, 1));
    put_with_vector(&box, "available", "aa", one, &change); /* it comes later */
    assert_int_equal(1, change.changed);
    assert_true(has_vector(&box, 1));
    put_with_vector(&box, "available", NULL, NULL, &change); /* nobody looked at vectors */
    assert_int_equal(1, change.unchanged);
    assert_true(has_vector(&box, 1));
    put_with_vector(&box, "stopped", "aa", NULL, &change); /* the text is the same */
    assert_int_equal(1, change.changed);
    assert_true(has_vector(&box, 1));
    put_with_vector(&box, "stopped", "bb", two, &change); /* the text is another */
    assert_true(has_vector(&box, 2));
    put_with_vector(&box, "starting", "cc", NULL, &change); /* another, without its vector */
    assert_false(has_vector(&box, 2));
    box_done(&box);
}

struct walked {
    unsigned count, with_vector;
    char last[64];
};

static bool count_one(void *context, const struct esc_resource *resource, const float *vector)
{
    struct walked *walked = context;
    walked->count++;
    walked->with_vector += vector != NULL;
    (void)snprintf(walked->last, sizeof walked->last, "%s", resource->name);
    return walked->count < 3;
}

static void a_walk_goes_in_order_and_ends_when_told_to(void **)
{
    struct box box;
    struct walked walked = {0};
    box_open(&box);
    const char *const names[] = {"one", "two", "three", "four"};
    for (size_t i = 0; i < ESC_COUNT(names); i++)
        put_resource(&box, names[i], "available", NULL);
    put_resource(&box, "one", "stopped", NULL); /* keeps its place */
    expect_ok(esc_store_estate_each(box.store, count_one, &walked, NULL, &err));
    assert_int_equal(3, walked.count);
    assert_string_equal("three", walked.last);
    box_done(&box);
}

static void close_cell(struct box *box, const char *sync, bool complete, struct esc_list *removed)
{
    const struct esc_estate_cell cell = {"123456789012", "us-west-2",        "rds_instance",
                                         sync,           box->clock.wall_ms, complete};
    expect_ok(esc_store_cell_done(box->store, &cell, removed, &err));
}

static void a_complete_cell_loses_what_was_not_seen(void **)
{
    struct box box;
    struct esc_list removed;
    esc_list_init(&removed, free);
    box_open(&box);
    put_resource(&box, "stays", "available", "sync-1");
    put_resource(&box, "goes", "available", "sync-1");
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *other = resource_of("away", "available");
    free(other->id);
    free(other->region);
    other->region = esc_strdup("eu-west-1");
    other->id = esc_resource_key("123456789012", "eu-west-1", "rds_instance", "away");
    const struct esc_resource *const batch[] = {other};
    expect_ok(esc_store_estate_put(box.store, batch, NULL, 1, NULL, &err));
    close_cell(&box, "sync-1", true, &removed);
    assert_int_equal(0, removed.count);
    put_resource(&box, "stays", "available", "sync-2");
    put_resource(&box, "new", "available", "sync-2");
    close_cell(&box, "sync-2", true, &removed);
    assert_int_equal(1, removed.count);
    assert_string_equal("123456789012-us-west-2-rds_instance-goes", removed.items[0]);
    assert_int_equal(3, count_resources(&box)); /* the other cell is untouched */
    esc_list_done(&removed);
    box_done(&box);
}

static void an_incomplete_cell_loses_nothing(void **)
{
    struct box box;
    box_open(&box);
    put_resource(&box, "seen", "available", "sync-1");
    put_resource(&box, "unseen", "available", "sync-1");
    close_cell(&box, "sync-1", true, NULL);
    esc_clock_fixed_advance(&box.clock, 1000);
    put_resource(&box, "seen", "available", "sync-2");
    close_cell(&box, "sync-2", false, NULL);
    assert_int_equal(2, count_resources(&box));
    box_reopen(&box);
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *seen = get_resource(&box, "seen");
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *unseen = get_resource(&box, "unseen");
    assert_string_equal("sync-2", seen->seen_in);
    assert_int_equal(NOW_MS + 1000, seen->last_synced_ms);
    assert_string_equal("sync-1", unseen->seen_in);
    assert_int_equal(NOW_MS, unseen->last_synced_ms);
    box_done(&box);
}

static bool add_mark(void *context, const char *id, const struct esc_estate_mark *mark)
{
    struct esc_buf *text = context;
    esc_buf_printf(text, "%s %s %d\n", id, mark->content_hash, mark->has_vector);
    return true;
}

static void a_cell_is_seen_again_as_it_is(void **)
{
    struct box box;
    struct esc_buf text;
    esc_buf_init(&text, 4096);
    box_open(&box);
    put_resource(&box, "one", "available", "sync-1");
    put_resource(&box, "two", "available", "sync-1");
    close_cell(&box, "sync-1", true, NULL);
    put_resource(&box, "one", "available", "sync-2");
    close_cell(&box, "sync-2", false, NULL); /* which it no longer says afterwards */
    esc_clock_fixed_advance(&box.clock, 7000);
    const struct esc_estate_cell cell = {"123456789012", "us-west-2",       "rds_instance",
                                         "sync-3",       box.clock.wall_ms, true};
    expect_ok(esc_store_cell_again(box.store, &cell, &err));
    box_reopen(&box);
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *one = get_resource(&box, "one");
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *two = get_resource(&box, "two");
    assert_string_equal("sync-3", one->seen_in);
    assert_string_equal("sync-3", two->seen_in);
    assert_int_equal(NOW_MS + 7000, two->last_synced_ms);
    expect_ok(esc_store_cell_marks(box.store, &cell, add_mark, &text, &err));
    expect_contains("rds_instance-one ", esc_buf_text(&text));
    expect_contains("rds_instance-two ", esc_buf_text(&text));
    esc_buf_done(&text);
    box_done(&box);
}

static void the_marks_of_a_cell_with_a_damaged_row_are_none(void **)
{
    struct box box;
    struct esc_buf text;
    esc_buf_init(&text, 4096);
    box_open(&box);
    put_resource(&box, "one", "available", "sync-1");
    put_resource(&box, "two", "available", "sync-1");
    const struct esc_estate_cell cell = {
        .account_id = "123456789012", .region = "us-west-2", .resource_type = "rds_instance"};
    expect_ok(esc_store_begin(box.store, &err));
    expect_ok(db_run(box.store->db,
                     "UPDATE rows SET sealed = zeroblob(length(sealed)) WHERE n = (SELECT max(n) "
                     "FROM rows)",
                     &err));
    expect_ok(esc_store_commit(box.store, &err));
    expect_status(ESC_CORRUPT, esc_store_cell_marks(box.store, &cell, add_mark, &text, &err));
    esc_buf_done(&text);
    box_done(&box);
}

static bool note_sync(void *context, const struct esc_resource *resource, const float *)
{
    char *sync = context;
    (void)snprintf(sync, 16, "%s", resource->seen_in);
    return true;
}

static void an_unchanged_resource_is_known_to_have_been_seen(void **)
{
    struct box box;
    char sync[16] = "";
    box_open(&box);
    put_resource(&box, "db", "available", "sync-1");
    close_cell(&box, "sync-1", true, NULL);
    esc_clock_fixed_advance(&box.clock, 5000);
    put_resource(&box, "db", "available", "sync-2");
    close_cell(&box, "sync-2", true, NULL);
    box_reopen(&box);
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = get_resource(&box, "db");
    assert_string_equal("sync-2", resource->seen_in);
    assert_int_equal(NOW_MS + 5000, resource->last_synced_ms);
    expect_ok(esc_store_estate_each(box.store, note_sync, sync, NULL, &err));
    assert_string_equal("sync-2", sync);
    box_done(&box);
}

static void an_unchanged_scan_writes_almost_nothing(void **)
{
    enum {
        COUNT = 200
    };
    struct box box;
    box_open(&box);
    char name[16];
    expect_ok(esc_store_begin(box.store, &err));
    for (int i = 0; i < COUNT; i++) {
        (void)snprintf(name, sizeof name, "db-%d", i);
        put_resource(&box, name, "available", "sync-1");
    }
    close_cell(&box, "sync-1", true, NULL);
    expect_ok(esc_store_commit(box.store, &err));
    box_reopen(&box); /* empties the log */
    expect_ok(esc_store_begin(box.store, &err));
    for (int i = 0; i < COUNT; i++) {
        (void)snprintf(name, sizeof name, "db-%d", i);
        assert_int_equal(1, put_resource(&box, name, "available", "sync-2").unchanged);
    }
    close_cell(&box, "sync-2", true, NULL);
    expect_ok(esc_store_commit(box.store, &err));
    struct esc_buf log = file_bytes(&box, "-wal");
    assert_in_range(log.len, 1, 64 * 1024); /* of more than 400 KiB that the rows take */
    esc_buf_done(&log);
    box_done(&box);
}

static void a_scan_that_died_removes_nothing_until_the_next_is_complete(void **)
{
    struct box box;
    box_open(&box);
    put_resource(&box, "a", "available", "sync-1");
    put_resource(&box, "b", "available", "sync-1");
    close_cell(&box, "sync-1", true, NULL);
    put_resource(&box, "a", "available", "sync-2");
    box_reopen(&box); /* died here */
    assert_int_equal(2, count_resources(&box));
    put_resource(&box, "b", "available", "sync-3");
    close_cell(&box, "sync-3", true, NULL);
    assert_int_equal(1, count_resources(&box));
    box_done(&box);
}

static void a_batch_is_stored_as_a_whole_or_not_at_all(void **)
{
    struct box box;
    box_open(&box);
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *good = resource_of("good", "available");
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *huge = resource_of("huge", "available");
    ESC_CLEANUP(esc_freep) char *text = esc_alloc_zero(ESC_MAX_RESOURCE + 1);
    memset(text, 'x', ESC_MAX_RESOURCE);
    esc_json_set_text(huge->metadata, "text", text);
    const struct esc_resource *const batch[] = {good, huge};
    expect_status(ESC_LIMIT, esc_store_estate_put(box.store, batch, NULL, 2, NULL, &err));
    expect_contains("huge", err.message);
    assert_int_equal(0, count_resources(&box));
    box_done(&box);
}

static void a_used_up_key_has_a_successor_in_the_same_transaction(void **)
{
    struct box box;
    box_init(&box);
    box.options.seal_budget = 7;
    expect_ok(box_try(&box));
    char name[16];
    for (int i = 0; i < 50; i++) {
        if (i == 20 || i == 33)
            box_reopen(&box); /* counts go on from the disk */
        (void)snprintf(name, sizeof name, "db-%d", i);
        put_resource(&box, name, "available", NULL);
    }
    box_reopen(&box);
    struct esc_store_tally tally;
    struct walked walked = {0};
    expect_ok(esc_store_estate_each(box.store, count_one, &walked, &tally, &err));
    assert_int_equal(0, tally.corrupt);
    for (int i = 0; i < 50; i++) {
        (void)snprintf(name, sizeof name, "db-%d", i);
        esc_resource_free(get_resource(&box, name));
    }
    box_done(&box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_resource_comes_back_as_it_was),
        cmocka_unit_test(an_unknown_id_is_not_found),
        cmocka_unit_test(a_changed_resource_is_written_and_an_unchanged_one_is_not),
        cmocka_unit_test(without_a_content_hash_a_resource_is_always_written),
        cmocka_unit_test(a_vector_lives_as_long_as_its_text),
        cmocka_unit_test(a_walk_goes_in_order_and_ends_when_told_to),
        cmocka_unit_test(a_complete_cell_loses_what_was_not_seen),
        cmocka_unit_test(an_incomplete_cell_loses_nothing),
        cmocka_unit_test(an_unchanged_resource_is_known_to_have_been_seen),
        cmocka_unit_test(a_cell_is_seen_again_as_it_is),
        cmocka_unit_test(the_marks_of_a_cell_with_a_damaged_row_are_none),
        cmocka_unit_test(an_unchanged_scan_writes_almost_nothing),
        cmocka_unit_test(a_scan_that_died_removes_nothing_until_the_next_is_complete),
        cmocka_unit_test(a_batch_is_stored_as_a_whole_or_not_at_all),
        cmocka_unit_test(a_used_up_key_has_a_successor_in_the_same_transaction),
    };
    return cmocka_run_group_tests_name("store/estate", tests, NULL, NULL);
}
