/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/blocks.h"

#include "escher/base/alloc.h"
#include "escher/store/document.h"
#include "escher/store/store_private.h"
#include "tests/store/support.h"

/* ---- what is kept in these tests: who is in the block, and in which state ---- */

static bool write_one(void *context, uint8_t place, const struct esc_resource *resource,
                      const float *vector)
{
    struct esc_buf *parts = context;
    esc_buf_printf(&parts[ESC_BLOCK_CARDS], "%u %s %s\n", place, resource->name, resource->state);
    esc_buf_printf(&parts[ESC_BLOCK_VECTORS], "%u %.0f\n", place, vector ? (double)*vector : -1);
    esc_buf_printf(&parts[ESC_BLOCK_RELATIONS], "%u %s\n", place, resource->state);
    return true;
}

static void make(struct box *box, int64_t block, struct esc_buf parts[ESC_BLOCK_PARTS])
{
    for (size_t i = 0; i < ESC_BLOCK_PARTS; i++)
        esc_buf_init(&parts[i], ESC_MAX_FILE);
    expect_ok(esc_store_block_each(box->store, block, write_one, parts, NULL, &err));
}

static void parts_done(struct esc_buf parts[ESC_BLOCK_PARTS])
{
    for (size_t i = 0; i < ESC_BLOCK_PARTS; i++)
        esc_buf_done(&parts[i]);
}

static void keep(struct box *box, int64_t block)
{
    struct esc_buf parts[ESC_BLOCK_PARTS];
    struct esc_str bytes[ESC_BLOCK_PARTS];
    make(box, block, parts);
    for (size_t i = 0; i < ESC_BLOCK_PARTS; i++)
        bytes[i] = esc_buf_str(&parts[i]);
    expect_ok(esc_store_block_keep(box->store, block, bytes, &err));
    parts_done(parts);
}

/* How many parts are kept, and true; what is stale fails. */
static size_t kept_parts(struct box *box, int64_t block)
{
    struct esc_buf parts[ESC_BLOCK_PARTS], kept;
    size_t count = 0;
    make(box, block, parts);
    esc_buf_init(&kept, ESC_MAX_FILE);
    for (int part = 0; part < ESC_BLOCK_PARTS; part++) {
        esc_buf_reset(&kept);
        const enum esc_status status =
            esc_store_block_get(box->store, block, (enum esc_block_part)part, &kept, &err);
        if (status == ESC_NOT_FOUND)
            continue;
        expect_ok(status);
        assert_true(esc_str_equal(esc_buf_str(&kept), esc_buf_str(&parts[part])));
        count++;
    }
    esc_buf_done(&kept);
    parts_done(parts);
    return count;
}

static int64_t *all_blocks(struct box *box, size_t *count)
{
    int64_t *blocks = NULL;
    expect_ok(esc_store_blocks(box->store, &blocks, count, &err));
    return blocks;
}

static size_t kept_of_all(struct box *box)
{
    size_t count = 0, kept = 0;
    ESC_CLEANUP(esc_freep) int64_t *blocks = all_blocks(box, &count);
    for (size_t i = 0; i < count; i++)
        kept += kept_parts(box, blocks[i]);
    return kept;
}

static void keep_all(struct box *box)
{
    size_t count = 0;
    ESC_CLEANUP(esc_freep) int64_t *blocks = all_blocks(box, &count);
    for (size_t i = 0; i < count; i++)
        keep(box, blocks[i]);
}

/* ---- an estate of several blocks ---- */

enum {
    MANY = 700 /* with what else the store writes, some four blocks */
};

static void put_many(struct box *box, const char *state, size_t from, size_t end)
{
    expect_ok(esc_store_begin(box->store, &err));
    for (size_t i = from; i < end; i++) {
        ESC_CLEANUP(esc_freep) char *name = esc_sprintf("r%zu", i);
        (void)put_resource(box, name, state, NULL);
    }
    expect_ok(esc_store_commit(box->store, &err));
}

static void put_with_vector(struct box *box, const char *name, const char *state, float first)
{
    float vector[ESC_STORE_DIMENSIONS] = {first};
    const float *const vectors[] = {vector};
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = resource_of(name, state);
    const struct esc_resource *const batch[] = {resource};
    resource->embedded_hash = esc_sprintf("sha256:%064x", (unsigned)first);
    expect_ok(esc_store_estate_put(box->store, batch, vectors, 1, NULL, &err));
}

static void remove_one(struct box *box, const char *name)
{
    ESC_CLEANUP(esc_freep)
    char *id = esc_resource_key("123456789012", "us-west-2", "rds_instance", name);
    expect_ok(esc_store_estate_remove(box->store, id, &err));
}

/* ---- the tests ---- */

static void what_is_kept_is_there_after_reopening(void **)
{
    struct box box;
    box_open(&box);
    put_many(&box, "available", 0, MANY);
    size_t count = 0;
    ESC_CLEANUP(esc_freep) int64_t *blocks = all_blocks(&box, &count);
    assert_true(count >= 3);
    assert_int_equal(0, kept_of_all(&box));
    keep_all(&box);
    box_reopen(&box);
    assert_int_equal(ESC_BLOCK_PARTS * count, kept_of_all(&box));
    box_done(&box);
}

static void a_write_takes_away_what_was_kept_of_its_block_and_of_no_other(void **)
{
    struct box box;
    box_open(&box);
    put_many(&box, "available", 0, MANY);
    keep_all(&box);
    const size_t all = kept_of_all(&box);
    (void)put_resource(&box, "r0", "available", NULL); /* unchanged */
    assert_int_equal(all, kept_of_all(&box));
    (void)put_resource(&box, "r0", "stopped", NULL);
    assert_int_equal(all - 2, kept_of_all(&box)); /* no vector has changed */
    put_with_vector(&box, "r1", "stopped", 1);
    assert_int_equal(all - 3, kept_of_all(&box));
    remove_one(&box, "r400");
    assert_int_equal(all - 6, kept_of_all(&box));
    remove_one(&box, "never-there");
    ESC_CLEANUP(esc_json_freep) struct esc_json *other = esc_json_object();
    expect_ok(esc_store_doc_put(box.store, "settings", "a", other, &err));
    assert_int_equal(all - 6, kept_of_all(&box));
    box_done(&box);
}

static void a_vector_that_stays_leaves_the_vectors_of_its_block(void **)
{
    struct box box;
    box_open(&box);
    put_with_vector(&box, "a", "up", 1);
    put_with_vector(&box, "b", "up", 2);
    keep_all(&box);
    put_with_vector(&box, "a", "down", 1);
    assert_int_equal(1, kept_of_all(&box));
    keep_all(&box);
    put_with_vector(&box, "a", "down", 3);
    assert_int_equal(0, kept_of_all(&box));
    box_done(&box);
}

static void what_is_undone_leaves_what_was_kept(void **)
{
    struct box box;
    box_open(&box);
    put_many(&box, "available", 0, MANY);
    keep_all(&box);
    const size_t all = kept_of_all(&box);
    expect_ok(esc_store_begin(box.store, &err));
    (void)put_resource(&box, "r0", "stopped", NULL);
    remove_one(&box, "r300");
    esc_store_rollback(box.store);
    assert_int_equal(all, kept_of_all(&box));
    (void)put_resource(&box, "r650", "stopped", NULL);
    assert_int_equal(all - 2, kept_of_all(&box));
    box_done(&box);
}

static void closing_a_cell_takes_away_what_was_kept_of_what_is_gone(void **)
{
    struct box box;
    box_open(&box);
    put_many(&box, "available", 0, MANY);
    keep_all(&box);
    const size_t all = kept_of_all(&box);
    expect_ok(esc_store_begin(box.store, &err));
    for (size_t i = 0; i < MANY - 1; i++) { /* the last one is gone */
        ESC_CLEANUP(esc_freep) char *name = esc_sprintf("r%zu", i);
        (void)put_resource(&box, name, "available", "scan");
    }
    expect_ok(esc_store_commit(box.store, &err));
    assert_int_equal(all, kept_of_all(&box));
    const struct esc_estate_cell cell = {.account_id = "123456789012",
                                         .region = "us-west-2",
                                         .resource_type = "rds_instance",
                                         .sync_id = "scan",
                                         .at_ms = NOW_MS,
                                         .complete = true};
    expect_ok(esc_store_cell_done(box.store, &cell, NULL, &err));
    assert_int_equal(all - ESC_BLOCK_PARTS, kept_of_all(&box));
    box_done(&box);
}

/* Any row of those kept may be damaged: then it is said, and nothing else is lost. */
static void what_is_kept_and_damaged_is_said_to_be(void **)
{
    struct box box;
    struct esc_buf kept;
    box_open(&box);
    put_many(&box, "available", 0, 10);
    keep_all(&box);
    expect_ok(esc_store_begin(box.store, &err));
    expect_ok(db_run(box.store->db,
                     "UPDATE rows SET sealed = zeroblob(length(sealed))"
                     " WHERE n > (SELECT max(n) FROM rows) - 3",
                     &err));
    expect_ok(esc_store_commit(box.store, &err));
    esc_buf_init(&kept, ESC_MAX_FILE);
    size_t count = 0;
    ESC_CLEANUP(esc_freep) int64_t *blocks = all_blocks(&box, &count);
    for (int part = 0; part < ESC_BLOCK_PARTS; part++)
        expect_status(ESC_CORRUPT, esc_store_block_get(box.store, blocks[0],
                                                       (enum esc_block_part)part, &kept, &err));
    assert_int_equal(0, kept.len);
    keep_all(&box); /* made anew where it stood */
    assert_int_equal(ESC_BLOCK_PARTS, kept_of_all(&box));
    esc_buf_done(&kept);
    box_done(&box);
}

static void when_a_resource_was_seen_is_known_by_cell(void **)
{
    struct box box;
    struct esc_estate_seen seen;
    box_open(&box);
    (void)put_resource(&box, "a", "up", "first");
    (void)put_resource(&box, "b", "up", "first");
    struct esc_estate_cell cell = {"123456789012", "us-west-2", "rds_instance",
                                   "first",        NOW_MS + 5,  true};
    expect_ok(esc_store_cell_done(box.store, &cell, NULL, &err));
    expect_ok(esc_estate_seen_load(box.store, &seen, &err));
    assert_int_equal(NOW_MS + 5,
                     esc_estate_seen_cell(&seen, "123456789012", "us-west-2", "rds_instance"));
    assert_int_equal(0, esc_estate_seen_cell(&seen, "123456789012", "us-west-2", "vpc"));
    esc_estate_seen_done(&seen);
    (void)put_resource(&box, "a", "up", "second");
    cell = (struct esc_estate_cell){"123456789012", "us-west-2", "rds_instance",
                                    "second",       NOW_MS + 9,  false};
    expect_ok(esc_store_cell_done(box.store, &cell, NULL, &err));
    expect_ok(esc_estate_seen_load(box.store, &seen, &err));
    assert_true(UINT64_MAX ==
                esc_estate_seen_cell(&seen, "123456789012", "us-west-2", "rds_instance"));
    static const struct {
        const char *name;
        uint64_t at_ms;
    } cases[] = {{"a", NOW_MS + 9}, {"b", NOW_MS + 5}};
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_resource_freep)
        struct esc_resource *resource = get_resource(&box, cases[i].name);
        assert_int_equal(cases[i].at_ms, resource->last_synced_ms);
        assert_int_equal(cases[i].at_ms,
                         esc_estate_seen_resource(&seen, resource->id, "123456789012", "us-west-2",
                                                  "rds_instance"));
    }
    esc_estate_seen_done(&seen);
    box_done(&box);
}

static void what_could_not_be_read_is_not_written(void **)
{
    struct box box;
    box_open(&box);
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = resource_of("a", "up");
    const struct esc_resource *const batch[] = {resource};
    free(resource->arn);
    resource->arn = NULL;
    expect_status(ESC_INVALID, esc_store_estate_put(box.store, batch, NULL, 1, NULL, &err));
    assert_int_equal(0, count_resources(&box));
    box_done(&box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_kept_is_there_after_reopening),
        cmocka_unit_test(a_write_takes_away_what_was_kept_of_its_block_and_of_no_other),
        cmocka_unit_test(a_vector_that_stays_leaves_the_vectors_of_its_block),
        cmocka_unit_test(what_is_undone_leaves_what_was_kept),
        cmocka_unit_test(closing_a_cell_takes_away_what_was_kept_of_what_is_gone),
        cmocka_unit_test(what_is_kept_and_damaged_is_said_to_be),
        cmocka_unit_test(when_a_resource_was_seen_is_known_by_cell),
        cmocka_unit_test(what_could_not_be_read_is_not_written),
    };
    return cmocka_run_group_tests_name("store/blocks", tests, NULL, NULL);
}
