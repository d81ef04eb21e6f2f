/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/find/segment.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/id.h"
#include "escher/base/limits.h"
#include "escher/find/query.h"
#include "tests/find/estate.h"

/* ---- estates of all shapes ---- */

enum {
    BLOCKS = 3
};

struct made {
    struct esc_random_seeded seeded;
    struct esc_resource *resources[BLOCKS * 40];
    float vectors[BLOCKS * 40][ESC_FIND_DIMENSIONS];
    bool has_vector[BLOCKS * 40];
    size_t count;
};

static size_t below(struct made *made, size_t end)
{
    return esc_random_below(&made->seeded.random, (uint32_t)end);
}

static void add_tags(struct made *made, struct esc_resource *resource)
{
    static const char *const keys[] = {"Name", "app", "env", "Umgebung", ""};
    static const char *const values[] = {"", "Orders", "prod", "a longer value, in pieces", "x"};
    for (size_t i = 0; i < ESC_COUNT(keys); i++) {
        if (below(made, 2))
            esc_json_set_text(resource->tags, keys[i],
                              below(made, 3) ? values[below(made, ESC_COUNT(values))]
                                             : resource->name);
    }
}

static struct esc_resource *some_resource(struct made *made, size_t number)
{
    static const char *const types[] = {"rds_instance", "ec2_instance", "s3_bucket"};
    static const char *const accounts[] = {"production", "staging", "development"};
    static const char *const states[] = {NULL, "running", "stopped", ""};
    static const char *const names[] = {"main", "MAIN-1", "default", "Größe", "-"};
    ESC_CLEANUP(esc_freep) char *identifier = esc_sprintf("Db-%zu-instance", number);
    const struct thing thing = {types[below(made, 3)],
                                identifier,
                                below(made, 2) ? names[below(made, ESC_COUNT(names))] : NULL,
                                accounts[below(made, 3)],
                                below(made, 2) ? "us-east-1" : "eu-west-1",
                                states[below(made, ESC_COUNT(states))],
                                NULL,
                                NULL};
    struct esc_resource *resource = make_resource(&thing);
    if (below(made, 4) == 0) {
        free(resource->arn);
        resource->arn = below(made, 2) ? NULL : esc_strdup("arn:of/another:Kind");
    }
    if (below(made, 4) == 0) {
        free(resource->account_name);
        resource->account_name = NULL;
    }
    resource->created_at_ms = below(made, 2) ? 1'700'000'000'000 + number : 0;
    resource->last_synced_ms = number;
    esc_constraints_set(&resource->constraints, ESC_CAN_STOP, below(made, 2) ? ESC_YES : ESC_NO,
                        NULL, NULL);
    esc_json_set_bool(resource->metadata, "multi_az", below(made, 2) == 0);
    add_tags(made, resource);
    return resource;
}

static void make(struct made *made, uint64_t seed)
{
    memset(made, 0, sizeof *made);
    esc_random_seeded_init(&made->seeded, seed);
    made->count = below(made, ESC_COUNT(made->resources));
    for (size_t i = 0; i < made->count; i++) {
        made->resources[i] = some_resource(made, i);
        made->has_vector[i] = below(made, 3) > 0;
        for (size_t k = 0; k < ESC_FIND_DIMENSIONS; k++)
            made->vectors[i][k] = (float)below(made, 2001) / 1000 - 1;
    }
}

static void made_done(struct made *made)
{
    for (size_t i = 0; i < made->count; i++)
        esc_resource_free(made->resources[i]);
}

/* ---- both ways into a table ---- */

static struct esc_index *index_by_putting(const struct made *made)
{
    struct esc_index *index = esc_index_new();
    for (size_t i = 0; i < made->count; i++)
        esc_index_put(index, made->resources[i], made->has_vector[i] ? made->vectors[i] : NULL);
    return index;
}

struct bytes {
    struct esc_buf cards, vectors;
};

static struct bytes bytes_of_block(const struct made *made, size_t block)
{
    struct bytes bytes;
    ESC_CLEANUP(esc_segment_freep) struct esc_segment *segment = esc_segment_new();
    for (size_t i = block; i < made->count; i += BLOCKS)
        esc_segment_add(segment, (uint8_t)(i / BLOCKS * 2), made->resources[i],
                        made->has_vector[i] ? made->vectors[i] : NULL);
    esc_buf_init(&bytes.cards, ESC_MAX_JSON);
    esc_buf_init(&bytes.vectors, ESC_MAX_JSON);
    esc_segment_write(segment, &bytes.cards, &bytes.vectors);
    return bytes;
}

static void bytes_done(struct bytes *bytes)
{
    esc_buf_done(&bytes->cards);
    esc_buf_done(&bytes->vectors);
}

static struct esc_index *index_by_taking(const struct made *made)
{
    struct esc_error err;
    struct esc_index *index = esc_index_new();
    for (size_t block = 0; block < BLOCKS; block++) {
        struct esc_index_block taken;
        struct bytes bytes = bytes_of_block(made, block);
        expect_ok(esc_index_take(index, esc_buf_str(&bytes.cards), &taken, &err));
        expect_ok(esc_index_take_vectors(index, &taken, esc_buf_str(&bytes.vectors), &err));
        bytes_done(&bytes);
    }
    esc_index_settle(index);
    return index;
}

/* ---- what a table answers ---- */

static enum esc_status embed(void *context, struct esc_str, float *out, struct esc_error *)
{
    memcpy(out, context, ESC_FIND_DIMENSIONS * sizeof *out);
    return ESC_OK;
}

static void write_answer(const struct esc_index *index, const char *text, const char *filter,
                         struct esc_buf *out)
{
    float vector[ESC_FIND_DIMENSIONS];
    for (size_t i = 0; i < ESC_FIND_DIMENSIONS; i++)
        vector[i] = (float)(i % 7) - 3;
    struct esc_error err;
    struct esc_find_result found;
    const struct esc_find_query query = {.text = esc_str_of(text),
                                         .filter = esc_str_of(filter),
                                         .limit = 1000,
                                         .embed = embed,
                                         .embed_context = vector};
    expect_ok(esc_find(index, &query, &found, &err));
    esc_buf_printf(out, "%s/%s: %zu\n", text, filter, found.total);
    for (size_t i = 0; i < found.count; i++)
        esc_buf_printf(out, "%s %s %.9f\n", found.hits[i].card.id, found.hits[i].why,
                       found.hits[i].score);
    esc_find_result_done(&found);
}

static void write_card(const struct esc_card *card, struct esc_buf *out)
{
    esc_buf_printf(out, "%s|%s|%s|%s|%s|%s|%s|%s|%s|%llu|%llu|%d\n", card->id, card->identifier,
                   card->name, card->account_id, card->account_name ? card->account_name : "(none)",
                   card->region, card->resource_type, card->state ? card->state : "(none)",
                   card->environment ? card->environment : "(none)",
                   (unsigned long long)card->created_at_ms,
                   (unsigned long long)card->last_synced_ms, card->can_stop);
}

/* All that can be asked of a table; owned by the caller. */
static char *everything(const struct esc_index *index)
{
    static const char *const texts[] = {"Db-1-instance", "main",      "dfault",     "another",
                                        "instance 1",    "pieces",    "running db", "größe",
                                        "arn:aws:test",  "something", "default"};
    static const char *const filters[] = {"env=prod",  "Name~a AND NOT state=running",
                                          "app=*",     "account=staging OR region~eu",
                                          "id~of/ano", "Umgebung=x"};
    struct esc_buf out;
    struct esc_arena arena;
    esc_buf_init(&out, ESC_MAX_JSON);
    esc_arena_init(&arena);
    for (size_t i = 0; i < esc_index_count(index); i++) {
        const struct esc_card card = esc_index_at(index, i, &arena);
        write_card(&card, &out);
    }
    for (size_t i = 0; i < ESC_COUNT(texts); i++)
        write_answer(index, texts[i], "", &out);
    for (size_t i = 0; i < ESC_COUNT(filters); i++)
        write_answer(index, "", filters[i], &out);
    esc_arena_done(&arena);
    return esc_buf_take(&out);
}

static void expect_same_answers(const struct esc_index *a, const struct esc_index *b)
{
    ESC_CLEANUP(esc_freep) char *first = everything(a);
    ESC_CLEANUP(esc_freep) char *second = everything(b);
    assert_string_equal(first, second);
}

/* ---- the tests ---- */

static void a_table_of_segments_answers_as_one_of_resources(void **)
{
    static struct made made;
    const uint64_t seed = test_seed(21);
    for (uint64_t i = 0; i < 40; i++) {
        make(&made, seed + i);
        ESC_CLEANUP(esc_index_freep) struct esc_index *put = index_by_putting(&made);
        ESC_CLEANUP(esc_index_freep) struct esc_index *taken = index_by_taking(&made);
        expect_same_answers(put, taken);
        made_done(&made);
    }
}

static void a_table_of_segments_changes_as_any_other(void **)
{
    static struct made made;
    const uint64_t seed = test_seed(22);
    for (uint64_t i = 0; i < 20; i++) {
        make(&made, seed + i);
        ESC_CLEANUP(esc_index_freep) struct esc_index *put = index_by_putting(&made);
        ESC_CLEANUP(esc_index_freep) struct esc_index *taken = index_by_taking(&made);
        for (size_t k = 0; k < made.count; k++) {
            if (below(&made, 2) == 0) {
                assert_true(esc_index_remove(put, made.resources[k]->id));
                assert_true(esc_index_remove(taken, made.resources[k]->id));
            } else if (below(&made, 2) == 0) {
                esc_json_set_text(made.resources[k]->tags, "app", "changed");
                esc_index_put(put, made.resources[k], NULL);
                esc_index_put(taken, made.resources[k], NULL);
            }
        }
        expect_same_answers(put, taken);
        made_done(&made);
    }
}

/* "us-east-1" and "us-east-1-x" of one account: the beginnings of ids do not tell all apart. */
static void ids_that_begin_alike_stand_in_their_order_too(void **)
{
    static struct made made;
    static const char *const regions[] = {"us-east-1", "us-east-1-vpc", "us-east-1-vpc-a"};
    static const char *const types[] = {"vpc", "a", "vpc-a"};
    make(&made, test_seed(24));
    made_done(&made);
    for (made.count = 0; made.count < 60; made.count++) {
        ESC_CLEANUP(esc_freep) char *identifier = esc_sprintf("a-vpc-%zu", made.count * 7 % 60);
        const struct thing thing = {types[made.count / 3 % 3], identifier, NULL, "production",
                                    regions[made.count % 3],   NULL,       NULL, NULL};
        made.resources[made.count] = make_resource(&thing);
        made.has_vector[made.count] = false;
    }
    ESC_CLEANUP(esc_index_freep) struct esc_index *put = index_by_putting(&made);
    ESC_CLEANUP(esc_index_freep) struct esc_index *taken = index_by_taking(&made);
    expect_same_answers(put, taken);
    made_done(&made);
}

/* The store answers for the bytes; but what is read must not break on any of them. */
static void damaged_bytes_are_refused_or_read_and_nothing_else(void **)
{
    static struct made made;
    struct esc_error err;
    make(&made, test_seed(23));
    struct bytes bytes = bytes_of_block(&made, 0);
    size_t refused = 0;
    for (size_t i = 0; i < 3000; i++) {
        struct esc_index_block taken;
        ESC_CLEANUP(esc_index_freep) struct esc_index *index = esc_index_new();
        struct esc_buf *part = i % 2 ? &bytes.cards : &bytes.vectors;
        const size_t at = below(&made, part->len), cut = below(&made, 4) ? part->len : at;
        const char old = part->ptr[at];
        part->ptr[at] = (char)(old ^ 1 << below(&made, 8));
        const enum esc_status status = esc_index_take(
            index, esc_str_slice(esc_buf_str(&bytes.cards), 0, i % 2 ? cut : SIZE_MAX), &taken,
            &err);
        if (status != ESC_OK)
            assert_int_equal(0, esc_index_count(index));
        if (status != ESC_OK || esc_index_take_vectors(index, &taken,
                                                       esc_str_slice(esc_buf_str(&bytes.vectors), 0,
                                                                     i % 2 ? SIZE_MAX : cut),
                                                       &err) != ESC_OK)
            refused++;
        esc_index_settle(index);
        free(everything(index));
        part->ptr[at] = old;
    }
    assert_true(refused > 500);
    bytes_done(&bytes);
    made_done(&made);
}

static void other_versions_are_refused(void **)
{
    struct esc_error err;
    struct esc_index_block taken;
    ESC_CLEANUP(esc_index_freep) struct esc_index *index = esc_index_new();
    expect_status(ESC_CORRUPT, esc_index_take(index, ESC_STR(""), &taken, &err));
    expect_status(ESC_CORRUPT, esc_index_take(index, ESC_STR("\2\0\0\0\0"), &taken, &err));
    expect_ok(esc_index_take(index, ESC_STR("\1\0\0\0\0"), &taken, &err));
    expect_status(ESC_CORRUPT, esc_index_take_vectors(index, &taken, ESC_STR("\2\0"), &err));
    expect_ok(esc_index_take_vectors(index, &taken, ESC_STR("\1\0"), &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_of_segments_answers_as_one_of_resources),
        cmocka_unit_test(a_table_of_segments_changes_as_any_other),
        cmocka_unit_test(ids_that_begin_alike_stand_in_their_order_too),
        cmocka_unit_test(damaged_bytes_are_refused_or_read_and_nothing_else),
        cmocka_unit_test(other_versions_are_refused),
    };
    return cmocka_run_group_tests_name("find/segment", tests, NULL, NULL);
}
