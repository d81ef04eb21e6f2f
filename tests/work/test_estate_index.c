/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/store/blocks.h"
#include "escher/store/estate.h"
#include "escher/store/store_private.h"
#include "escher/work/work_private.h"
#include "tests/work/desk.h"

/* ---- an estate that is larger than a block ---- */

enum {
    MANY = 600
};

static struct esc_resource *make_resource(size_t number, const char *state)
{
    static const char *const types[] = {"rds_instance", "ec2_instance", "s3_bucket"};
    struct esc_resource *resource = esc_resource_new();
    resource->provider = esc_strdup("aws");
    resource->resource_type = esc_strdup(types[number % 3]);
    resource->identifier = esc_sprintf("many-%zu", number);
    resource->name = number % 4 ? esc_strdup(resource->identifier) : esc_strdup("Main");
    resource->arn = esc_sprintf("arn:aws:x:us-east-1:123456789012:thing/%s", resource->identifier);
    resource->account_id = esc_strdup("123456789012");
    resource->account_name = esc_strdup("production");
    resource->region = esc_strdup(number % 2 ? "us-east-1" : "eu-west-1");
    resource->state = esc_strdup(state);
    resource->id = esc_resource_key(resource->account_id, resource->region, resource->resource_type,
                                    resource->identifier);
    resource->content_hash = esc_sprintf("sha256:%064zx", number * 100 + strlen(state));
    resource->embedded_hash = esc_sprintf("sha256:%064zx", number);
    esc_json_set_text(resource->tags, "app", number % 5 ? "orders" : resource->name);
    return resource;
}

static void put(struct desk *desk, size_t from, size_t end, const char *state)
{
    struct esc_error err;
    expect_ok(esc_store_begin(desk->bench->store, &err));
    for (size_t i = from; i < end; i++) {
        float vector[ESC_STORE_DIMENSIONS] = {0};
        vector[i % ESC_STORE_DIMENSIONS] = 1;
        const float *const vectors[] = {i % 7 ? vector : NULL};
        ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = make_resource(i, state);
        const struct esc_resource *const batch[] = {resource};
        expect_ok(esc_store_estate_put(desk->bench->store, batch, vectors, 1, NULL, &err));
        esc_index_put(desk->bench->index, resource, vectors[0]);
    }
    expect_ok(esc_store_commit(desk->bench->store, &err));
    work_index_keep_later(desk->bench);
}

/* ---- what can be asked ---- */

static enum esc_status embed(void *, struct esc_str, float *out, struct esc_error *)
{
    memset(out, 0, ESC_FIND_DIMENSIONS * sizeof *out);
    out[17] = 0.8f;
    out[100] = 0.6f;
    return ESC_OK;
}

static void write_found(const struct esc_index *index, const char *text, const char *filter,
                        struct esc_buf *out)
{
    struct esc_error err;
    struct esc_find_result found;
    const struct esc_find_query query = {
        .text = esc_str_of(text), .filter = esc_str_of(filter), .limit = 5000, .embed = embed};
    expect_ok(esc_find(index, &query, &found, &err));
    esc_buf_printf(out, "%s %s %zu\n", text, filter, found.total);
    for (size_t i = 0; i < found.count; i++)
        esc_buf_printf(out, "%s %s %s %llu\n", found.hits[i].card.id, found.hits[i].card.state,
                       found.hits[i].why, (unsigned long long)found.hits[i].card.last_synced_ms);
    esc_find_result_done(&found);
}

/* Owned by the caller. */
static char *everything(const struct esc_index *index)
{
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_JSON);
    write_found(index, "", "", &out);
    write_found(index, "many-17", "", &out);
    write_found(index, "mani-171", "", &out);
    write_found(index, "something else in words", "", &out);
    write_found(index, "", "app=Main OR state=stopped", &out);
    return esc_buf_take(&out);
}

static bool put_one(void *context, const struct esc_resource *resource, const float *vector)
{
    esc_index_put(context, resource, vector);
    return true;
}

/* The index of the core is what the rows say, one by one. */
static void expect_index_of_rows(const struct desk *desk)
{
    struct esc_error err;
    ESC_CLEANUP(esc_index_freep) struct esc_index *rows = esc_index_new();
    expect_ok(esc_store_estate_each(desk->bench->store, put_one, rows, NULL, &err));
    ESC_CLEANUP(esc_freep) char *wanted = everything(rows);
    ESC_CLEANUP(esc_freep) char *found = everything(desk->bench->index);
    assert_string_equal(wanted, found);
}

static size_t kept_blocks(const struct desk *desk)
{
    struct esc_error err;
    ESC_CLEANUP(esc_freep) int64_t *blocks = NULL;
    size_t count = 0, kept = 0;
    expect_ok(esc_store_blocks(desk->bench->store, &blocks, &count, &err));
    for (size_t i = 0; i < count; i++) {
        bool is_kept = false;
        expect_ok(esc_store_block_is_kept(desk->bench->store, blocks[i], &is_kept, &err));
        kept += is_kept;
    }
    assert_true(count >= 3);
    return kept;
}

static void damage(struct desk *desk, const char *where)
{
    struct esc_error err;
    ESC_CLEANUP(esc_freep)
    char *sql = esc_sprintf("UPDATE rows SET sealed = zeroblob(length(sealed)) WHERE %s", where);
    struct esc_store *store = desk->bench->store;
    expect_ok(esc_store_begin(store, &err));
    expect_ok(db_run(store->db, sql, &err));
    expect_ok(esc_store_commit(store, &err));
}

/* ---- the tests ---- */

static void a_start_takes_what_the_last_core_kept(void **state)
{
    struct desk *desk = *state;
    put(desk, 0, MANY, "available");
    expect_index_of_rows(desk);
    assert_int_equal(0, kept_blocks(desk));
    desk_restart(desk);
    assert_true(kept_blocks(desk) >= 3);
    assert_null(desk->bench->keeping); /* nothing was lacking */
    expect_index_of_rows(desk);
}

static void a_start_reads_the_rows_of_what_was_written_since(void **state)
{
    struct desk *desk = *state;
    put(desk, 0, MANY, "available");
    desk_restart(desk);
    const size_t all = kept_blocks(desk);
    put(desk, 10, 12, "stopped");
    struct esc_error err;
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *gone = make_resource(599, "available");
    expect_ok(esc_store_estate_remove(desk->bench->store, gone->id, &err));
    assert_true(esc_index_remove(desk->bench->index, gone->id));
    assert_int_equal(all - 2, kept_blocks(desk));
    desk->bench->index_is_whole = false; /* so that closing keeps nothing, as a kill would */
    desk_restart(desk);
    assert_int_equal(all - 2, kept_blocks(desk));
    assert_non_null(desk->bench->keeping);
    expect_index_of_rows(desk);
    work_index_keep_now(desk->bench);
    assert_int_equal(all, kept_blocks(desk));
    desk_restart(desk);
    expect_index_of_rows(desk);
}

static bool all_is_kept(void *context)
{
    const struct desk *desk = context;
    return !desk->bench->keeping;
}

static void what_is_lacking_is_kept_while_nothing_else_is_to_be_done(void **state)
{
    struct desk *desk = *state;
    put(desk, 0, MANY, "available");
    assert_int_equal(0, kept_blocks(desk));
    assert_true(esc_loop_run_until(desk->loop, all_is_kept, desk));
    assert_true(kept_blocks(desk) >= 3);
}

static void a_damaged_index_costs_time_and_nothing_else(void **state)
{
    struct desk *desk = *state;
    put(desk, 0, MANY, "available");
    desk_restart(desk);
    const size_t all = kept_blocks(desk);
    damage(desk, "n > (SELECT max(n) FROM rows) - 6"); /* two blocks with all parts */
    desk_restart(desk);
    assert_null(desk->bench->unreadable);
    expect_index_of_rows(desk);
    assert_null(desk->bench->keeping); /* looking at damage changes nothing */
    assert_int_equal(all, kept_blocks(desk));
    put(desk, 0, MANY, "stopped");
    desk_restart(desk);
    assert_int_equal(all, kept_blocks(desk));
    expect_index_of_rows(desk);
}

static void a_damaged_row_goes_on_being_told(void **state)
{
    struct desk *desk = *state;
    put(desk, 0, MANY, "available");
    damage(desk, "n = (SELECT max(n) FROM rows) - 5"); /* a resource: nothing is kept yet */
    for (int start = 0; start < 3; start++) {
        desk_restart(desk);
        assert_non_null(desk->bench->unreadable);
        assert_true(strncmp(desk->bench->unreadable, "1 row ", 6) == 0);
        expect_index_of_rows(desk);
    }
}

/* The index was kept when the row was whole: whoever looks at the resource finds out. */
static void a_row_that_is_damaged_later_is_told_from_the_first_look_on(void **state)
{
    struct desk *desk = *state;
    put(desk, 0, MANY, "available");
    desk_restart(desk);
    damage(desk, "n = (SELECT min(n) + 30 FROM rows WHERE tag = (SELECT tag FROM rows GROUP BY tag"
                 " ORDER BY count(*) DESC LIMIT 1))"); /* a resource */
    desk_restart(desk);
    assert_null(desk->bench->unreadable);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *body = desk_expect(desk, ESC_PARTIAL, "POST", "/api/estate/export", NULL);
    assert_int_equal(MANY - 1, esc_json_len(esc_json_member(body, "resources")));
    assert_true(strncmp(desk->bench->unreadable, "1 row ", 6) == 0);
    const size_t kept = kept_blocks(desk);
    for (int start = 0; start < 2; start++) {
        desk_restart(desk);
        ESC_CLEANUP(esc_json_freep)
        struct esc_json *status = desk_expect(desk, ESC_OK, "GET", "/api/status", NULL);
        assert_true(strncmp(esc_json_str(status, "unreadable", ""), "1 row ", 6) == 0);
        assert_int_equal(kept, kept_blocks(desk)); /* looking has changed nothing */
    }
}

static bool all_is_checked(void *context)
{
    const struct desk *desk = context;
    return !desk->bench->checking;
}

static void damage_that_nobody_looks_at_is_told_in_the_end(void **state)
{
    struct desk *desk = *state;
    put(desk, 0, MANY, "available");
    desk_restart(desk);
    assert_true(esc_loop_run_until(desk->loop, all_is_checked, desk));
    assert_null(desk->bench->unreadable);
    damage(desk, "n = (SELECT min(n) + 30 FROM rows WHERE tag = (SELECT tag FROM rows GROUP BY tag"
                 " ORDER BY count(*) DESC LIMIT 1))");
    desk_restart(desk);
    assert_true(esc_loop_run_until(desk->loop, all_is_checked, desk));
    assert_non_null(desk->bench->unreadable);
}

static void scans_that_saw_nothing_new_are_known_after_a_start(void **state)
{
    struct desk *desk = *state;
    struct esc_error err;
    put(desk, 0, MANY, "available");
    desk_restart(desk);
    expect_ok(esc_store_begin(desk->bench->store, &err));
    for (size_t i = 0; i < MANY; i += 6) { /* one cell, seen in part */
        ESC_CLEANUP(esc_resource_freep) struct esc_resource *seen = make_resource(i, "available");
        const struct esc_resource *const batch[] = {seen};
        seen->seen_in = esc_strdup("scan");
        seen->last_synced_ms = 5000;
        expect_ok(esc_store_estate_put(desk->bench->store, batch, NULL, 1, NULL, &err));
    }
    expect_ok(esc_store_commit(desk->bench->store, &err));
    const struct esc_estate_cell cell = {.account_id = "123456789012",
                                         .region = "eu-west-1",
                                         .resource_type = "rds_instance",
                                         .sync_id = "scan",
                                         .at_ms = 5000};
    expect_ok(esc_store_cell_done(desk->bench->store, &cell, NULL, &err));
    desk_restart(desk);
    expect_index_of_rows(desk);
    struct esc_card card;
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *seen = make_resource(6, "available");
    assert_true(esc_index_get(desk->bench->index, seen->id, &card));
    assert_int_equal(5000, card.last_synced_ms);
}

struct mended {
    unsigned count;
};

static void note_mended(void *context)
{
    ((struct mended *)context)->count++;
}

static bool is_mended(void *context)
{
    return ((const struct mended *)context)->count;
}

/* Nobody knows whose row it was when it goes. */
static void a_damaged_row_that_goes_leaves_the_index(void **state)
{
    struct desk *desk = *state;
    struct esc_error err;
    const struct esc_estate_cell cell = {.account_id = DESK_ACCOUNT,
                                         .region = "eu-west-1",
                                         .resource_type = "rds_instance",
                                         .sync_id = "the scan",
                                         .at_ms = 1,
                                         .complete = true};
    struct esc_list gone;
    put(desk, 0, MANY, "available");
    desk_restart(desk);
    damage(desk, "n = (SELECT min(n) + 30 FROM rows WHERE tag = (SELECT tag FROM rows GROUP BY tag"
                 " ORDER BY count(*) DESC LIMIT 1))");
    desk_restart(desk);
    esc_list_init(&gone, free);
    expect_ok(esc_store_cell_done(desk->bench->store, &cell, &gone, &err));
    for (size_t i = 0; i < gone.count; i++)
        (void)esc_index_remove(desk->bench->index, gone.items[i]);
    esc_list_done(&gone);
    assert_int_equal(MANY - MANY / 6 + 1, esc_index_count(desk->bench->index));
    struct mended mended = {0};
    (void)work_index_mend(desk->bench, note_mended, &mended);
    assert_int_equal(0, mended.count); /* in turns of the loop */
    assert_true(esc_loop_run_until(desk->loop, is_mended, &mended));
    expect_index_of_rows(desk);
    assert_null(desk->bench->unreadable); /* it was the only one */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_start_takes_what_the_last_core_kept),
        TEST(a_start_reads_the_rows_of_what_was_written_since),
        TEST(what_is_lacking_is_kept_while_nothing_else_is_to_be_done),
        TEST(a_damaged_index_costs_time_and_nothing_else),
        TEST(a_damaged_row_goes_on_being_told),
        TEST(a_row_that_is_damaged_later_is_told_from_the_first_look_on),
        TEST(damage_that_nobody_looks_at_is_told_in_the_end),
        TEST(a_damaged_row_that_goes_leaves_the_index),
        TEST(scans_that_saw_nothing_new_are_known_after_a_start),
    };
    return cmocka_run_group_tests_name("work/estate_index", tests, NULL, NULL);
}
