/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/store/blocks.h"
#include "escher/store/estate.h"
#include "escher/work/impact_private.h"
#include "escher/work/work_private.h"
#include "tests/work/desk.h"

static struct esc_error err;

/* ---- an estate ---- */

static char *id_of(const char *account, const char *type, const char *identifier)
{
    return esc_resource_key(account, "us-east-1", type, identifier);
}

static struct esc_resource *make(const char *account, const char *type, const char *identifier)
{
    struct esc_resource *resource = esc_resource_new();
    resource->provider = esc_strdup("aws");
    resource->resource_type = esc_strdup(type);
    resource->identifier = esc_strdup(identifier);
    resource->name = esc_strdup(identifier);
    resource->arn = esc_sprintf("arn:aws:x:us-east-1:%s:%s/%s", account, type, identifier);
    resource->account_id = esc_strdup(account);
    resource->account_name = esc_strdup("production");
    resource->region = esc_strdup("us-east-1");
    resource->state = esc_strdup("available");
    resource->id = id_of(account, type, identifier);
    resource->last_synced_ms = 1000;
    return resource;
}

static void relate(struct esc_resource *holder, const char *kind, const char *type,
                   const char *identifier)
{
    ESC_CLEANUP(esc_freep) char *target = id_of(holder->account_id, type, identifier);
    esc_resource_relate(holder, kind, target);
}

/* Frees it. */
static void put(struct desk *desk, struct esc_resource *resource)
{
    static size_t times;
    const struct esc_resource *const batch[] = {resource};
    resource->content_hash = esc_sprintf("sha256:%064zx", ++times);
    expect_ok(esc_store_estate_put(desk->bench->store, batch, NULL, 1, NULL, &err));
    esc_index_put(desk->bench->index, resource, NULL);
    esc_resource_free(resource);
}

static void drop(struct desk *desk, const char *type, const char *identifier)
{
    ESC_CLEANUP(esc_freep) char *id = id_of(DESK_ACCOUNT, type, identifier);
    expect_ok(esc_store_estate_remove(desk->bench->store, id, &err));
    assert_true(esc_index_remove(desk->bench->index, id));
}

/* Machines in subnets of one network behind two groups of targets. */
static void put_machines(struct desk *desk, size_t count, size_t subnets)
{
    struct esc_resource *groups[] = {make(DESK_ACCOUNT, "target_group", "tg-a"),
                                     make(DESK_ACCOUNT, "target_group", "tg-b")};
    expect_ok(esc_store_begin(desk->bench->store, &err));
    put(desk, make(DESK_ACCOUNT, "vpc", "net"));
    for (size_t i = 0; i < subnets; i++) {
        ESC_CLEANUP(esc_freep) char *subnet = esc_sprintf("subnet-%zu", i);
        struct esc_resource *resource = make(DESK_ACCOUNT, "subnet", subnet);
        relate(resource, "in_vpc", "vpc", "net");
        put(desk, resource);
    }
    for (size_t i = 0; i < count; i++) {
        ESC_CLEANUP(esc_freep) char *name = esc_sprintf("web-%zu", i);
        ESC_CLEANUP(esc_freep) char *subnet = esc_sprintf("subnet-%zu", i % subnets);
        struct esc_resource *resource = make(DESK_ACCOUNT, "ec2_instance", name);
        relate(resource, "in_subnet", "subnet", subnet);
        relate(resource, "uses_image", "image", "unknown");
        relate(groups[i % 2], "has_target", "ec2_instance", name);
        put(desk, resource);
    }
    for (size_t i = 0; i < ESC_COUNT(groups); i++)
        put(desk, groups[i]);
    expect_ok(esc_store_commit(desk->bench->store, &err));
    work_index_keep_later(desk->bench);
}

/* ---- asking ---- */

static struct esc_json *ask(struct desk *desk, const char *name)
{
    struct esc_json *body = esc_json_object();
    esc_json_set_text(body, "text", name);
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(body, ESC_JSON_COMPACT);
    esc_json_free(body);
    return desk_expect(desk, ESC_OK, "POST", "/api/impact", text);
}

/* What is answered of each of them. Owned by the caller. */
static char *answers(struct desk *desk)
{
    static const char *const names[] = {"net", "subnet-0", "subnet-1", "web-0", "web-7", "tg-b"};
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_JSON);
    for (size_t i = 0; i < ESC_COUNT(names); i++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *body = ask(desk, names[i]);
        ESC_CLEANUP(esc_freep) char *text = esc_json_print(body, ESC_JSON_SORTED);
        esc_buf_add_text(&out, text);
        esc_buf_add_char(&out, '\n');
    }
    return esc_buf_take(&out);
}

static size_t kept_blocks(struct desk *desk, size_t *all)
{
    ESC_CLEANUP(esc_freep) int64_t *blocks = NULL;
    size_t kept = 0;
    expect_ok(esc_store_blocks(desk->bench->store, &blocks, all, &err));
    for (size_t i = 0; i < *all; i++) {
        bool is_kept = false;
        expect_ok(esc_store_block_is_kept(desk->bench->store, blocks[i], &is_kept, &err));
        kept += is_kept;
    }
    return kept;
}

/* The answers from rows of which some are not kept, and again when all of them are. */
static void expect_same_when_kept(struct desk *desk)
{
    size_t all = 0;
    assert_true(kept_blocks(desk, &all) < all);
    ESC_CLEANUP(esc_freep) char *from_rows = answers(desk);
    work_index_keep_now(desk->bench);
    assert_int_equal(all, kept_blocks(desk, &all));
    ESC_CLEANUP(esc_freep) char *from_kept = answers(desk);
    assert_string_equal(from_rows, from_kept);
    desk_restart(desk);
    ESC_CLEANUP(esc_freep) char *after_start = answers(desk);
    assert_string_equal(from_rows, after_start);
}

/* ---- the tests ---- */

static void what_was_kept_answers_as_the_rows_do(void **state)
{
    struct desk *desk = *state;
    put_machines(desk, 600, 3);
    expect_same_when_kept(desk);
}

static void what_was_written_and_what_is_gone_is_in_the_next_answer(void **state)
{
    struct desk *desk = *state;
    put_machines(desk, 600, 3);
    work_index_keep_now(desk->bench);
    ESC_CLEANUP(esc_json_freep) struct esc_json *before = ask(desk, "subnet-0");
    assert_int_equal(200, esc_json_num(before, "breaks", -1));
    drop(desk, "ec2_instance", "web-0");
    struct esc_resource *moved = make(DESK_ACCOUNT, "ec2_instance", "web-3");
    relate(moved, "in_subnet", "subnet", "subnet-1");
    put(desk, moved);
    work_index_keep_later(desk->bench);
    ESC_CLEANUP(esc_json_freep) struct esc_json *after = ask(desk, "subnet-0");
    assert_int_equal(198, esc_json_num(after, "breaks", -1));
    put(desk, make(DESK_ACCOUNT, "ec2_instance", "web-0")); /* in no subnet now */
    expect_same_when_kept(desk);
}

/* What nothing was kept of is made anew after the first question. */
static void a_question_has_what_it_lacks_kept(void **state)
{
    struct desk *desk = *state;
    size_t all = 0;
    put_machines(desk, 300, 2);
    work_index_keep_now(desk->bench);
    const size_t kept = kept_blocks(desk, &all);
    ESC_CLEANUP(esc_json_freep) struct esc_json *nothing_lacks = ask(desk, "net");
    assert_null(desk->bench->keeping);
    put(desk, make(DESK_ACCOUNT, "vpc", "other"));
    assert_true(kept_blocks(desk, &all) < kept);
    ESC_CLEANUP(esc_json_freep) struct esc_json *lacks = ask(desk, "net");
    assert_non_null(desk->bench->keeping);
}

/* It counts as kept, so a round of keeping would pass it over after each question. */
static void what_is_kept_and_damaged_is_answered_from_its_rows(void **state)
{
    const struct esc_str x = ESC_STR("x"), damaged[ESC_BLOCK_PARTS] = {x, x, x};
    struct desk *desk = *state;
    size_t all = 0;
    put_machines(desk, 300, 2);
    work_index_keep_now(desk->bench);
    ESC_CLEANUP(esc_freep) char *whole = answers(desk);
    ESC_CLEANUP(esc_freep) int64_t *blocks = NULL;
    expect_ok(esc_store_blocks(desk->bench->store, &blocks, &all, &err));
    expect_ok(esc_store_block_keep(desk->bench->store, blocks[0], damaged, &err));
    ESC_CLEANUP(esc_freep) char *from_rows = answers(desk);
    assert_string_equal(whole, from_rows);
    assert_null(desk->bench->keeping);
}

static void of_very_many_the_nearest_are_shown_and_all_are_counted(void **state)
{
    struct desk *desk = *state;
    put_machines(desk, 1500, 4);
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = ask(desk, "net");
    assert_int_equal(1000, esc_json_len(esc_json_member(body, "effects")));
    assert_int_equal(1506, esc_json_num(body, "breaks", -1));
    assert_int_equal(0, esc_json_num(body, "loses", -1));
    assert_string_equal("subnet-3", esc_json_str(body, "effects[3].resource.name", ""));
    assert_string_equal("ec2_instance",
                        esc_json_str(body, "effects[4].resource.resource_type", ""));
    ESC_CLEANUP(esc_json_freep) struct esc_json *few = ask(desk, "web-1");
    assert_int_equal(0, esc_json_num(few, "breaks", -1));
    assert_int_equal(1, esc_json_num(few, "loses", -1));
    assert_string_equal("tg-b sends requests to web-1; it has 749 others",
                        esc_json_str(few, "effects[0].because", ""));
}

static void put_zone(struct desk *desk, const char *account, const char *name, const char *flag)
{
    struct esc_resource *zone = make(account, "hosted_zone", name);
    if (flag)
        esc_json_set_bool(zone->metadata, flag, true);
    put(desk, zone);
}

/* Whether it leads to what is asked about is not known, so it is told, as a cell would be. */
static void a_zone_whose_records_are_not_all_known_is_a_gap(void **state)
{
    struct desk *desk = *state;
    put(desk, make(DESK_ACCOUNT, "load_balancer", "web"));
    put_zone(desk, DESK_ACCOUNT, "a-cut.example", "records_cut");
    put_zone(desk, DESK_ACCOUNT, "b-unread.example", "records_unread");
    put_zone(desk, DESK_ACCOUNT, "c-whole.example", NULL);
    put_zone(desk, "999999999999", "d-other.example", "records_cut");
    for (int round = 0; round < 2; round++) { /* from rows, and from what was kept */
        ESC_CLEANUP(esc_json_freep) struct esc_json *body = ask(desk, "web");
        assert_int_equal(2, esc_json_len(esc_json_member(body, "gaps")));
        assert_string_equal("of the records of a-cut.example only some were taken over",
                            esc_json_str(body, "gaps[0].message", ""));
        assert_string_equal("of the records of b-unread.example only some were taken over",
                            esc_json_str(body, "gaps[1].message", ""));
        assert_string_equal("ListResourceRecordSets", esc_json_str(body, "gaps[0].operation", ""));
        assert_string_equal("partial", esc_json_str(body, "gaps[0].state", ""));
        assert_string_equal(DESK_ACCOUNT, esc_json_str(body, "gaps[0].account_id", ""));
        assert_non_null(esc_json_member(esc_json_at(esc_json_member(body, "gaps"), 0), "age"));
        work_index_keep_later(desk->bench);
        work_index_keep_now(desk->bench);
    }
    put_zone(desk, DESK_ACCOUNT, "a-cut.example", NULL); /* all of them were read */
    drop(desk, "hosted_zone", "b-unread.example");
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = ask(desk, "web");
    assert_int_equal(0, esc_json_len(esc_json_member(body, "gaps")));
}

/* ---- the bytes of a block ---- */

static void write_block(struct esc_buf *out)
{
    ESC_CLEANUP(impact_block_freep) struct impact_block *block = impact_block_new();
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *web = make("1", "ec2_instance", "web");
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *zone = make("1", "hosted_zone", "z");
    struct esc_json *leads = esc_json_array();
    relate(web, "in_subnet", "subnet", "a");
    relate(web, "in_love_with", "subnet", "a");
    esc_json_set_text(web->metadata, "public_ip", "203.0.113.7");
    esc_json_push(leads, esc_json_text("a A 203.0.113.7"));
    esc_json_set(zone->metadata, "leads_to", leads);
    impact_block_add(block, web);
    impact_block_add(block, zone);
    impact_block_write(block, out);
}

static void what_is_no_block_is_refused_and_nothing_is_taken(void **)
{
    struct esc_buf bytes;
    struct impact_estate estate;
    struct esc_impacts impacts;
    esc_buf_init(&bytes, 10'000);
    write_block(&bytes);
    impact_estate_init(&estate, "1");
    for (size_t len = 0; len < bytes.len; len++) {
        ESC_CLEANUP(esc_freep) char *cut = esc_strndup(bytes.ptr, len);
        expect_status(ESC_CORRUPT, impact_block_read(&estate, (struct esc_str){cut, len}, &err));
    }
    for (size_t at = 0; at < bytes.len; at++) /* each byte another one: no crash, no endless loop */
        for (int bit = 0; bit < 8; bit++) {
            struct impact_estate other;
            impact_estate_init(&other, "1");
            bytes.ptr[at] ^= (char)(1 << bit);
            (void)impact_block_read(&other, esc_buf_str(&bytes), &err); /* either will do */
            bytes.ptr[at] ^= (char)(1 << bit);
            impact_estate_done(&other);
        }
    expect_ok(impact_block_read(&estate, esc_buf_str(&bytes), &err));
    impact_names_relate(&estate.names, estate.graph);
    ESC_CLEANUP(esc_freep) char *web = id_of("1", "ec2_instance", "web");
    esc_impact_of(estate.graph, web, &impacts);
    assert_int_equal(1, impacts.count);
    assert_string_equal("leads_to", impacts.items[0].kind->name);
    esc_impacts_done(&impacts);
    impact_estate_done(&estate);
    esc_buf_done(&bytes);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_kept_answers_as_the_rows_do),
        TEST(what_was_written_and_what_is_gone_is_in_the_next_answer),
        TEST(a_question_has_what_it_lacks_kept),
        TEST(what_is_kept_and_damaged_is_answered_from_its_rows),
        TEST(of_very_many_the_nearest_are_shown_and_all_are_counted),
        TEST(a_zone_whose_records_are_not_all_known_is_a_gap),
        cmocka_unit_test(what_is_no_block_is_refused_and_nothing_is_taken),
    };
    return cmocka_run_group_tests_name("work/impact", tests, NULL, NULL);
}
