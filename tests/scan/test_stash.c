/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/stash_private.h"

#include <string.h>

#include "escher/base/limits.h"
#include "escher/scan/pack_private.h"
#include "tests/support/test.h"

/* A volume with something of every kind in it. */
static struct esc_resource *volume(unsigned number)
{
    struct esc_resource *made = esc_resource_new();
    struct esc_json *list = esc_json_array(), *inner = esc_json_object();
    made->provider = esc_strdup("aws");
    made->resource_type = esc_strdup("ebs_volume");
    made->identifier = esc_sprintf("vol-%08x", number);
    made->account_id = esc_strdup("111111111111");
    made->account_name = esc_strdup("production");
    made->region = esc_strdup("us-west-2");
    made->arn = esc_sprintf("arn:aws:ec2:us-west-2:111111111111:volume/vol-%08x", number);
    made->id = esc_resource_key("111111111111", "us-west-2", "ebs_volume", made->identifier);
    made->name = esc_sprintf("data of Zoë %u", number);
    made->state = number % 3 ? esc_strdup("in-use") : NULL;
    made->created_at_ms = 1'700'000'000'000 + number;
    made->last_synced_ms = 1'800'000'000'000;
    made->seen_in = esc_strdup("sync-1");
    esc_json_set_text(made->tags, "owner", number % 2 ? "team-a" : "");
    esc_json_push_text(list, "a");
    esc_json_push(list, esc_json_int(-5 - (int64_t)number));
    esc_json_set(inner, "list", list);
    esc_json_set(inner, "nothing", esc_json_null());
    esc_json_set(made->metadata, "inner", inner);
    esc_json_set(made->metadata, "rate", esc_json_real(0.25));
    esc_json_set(made->metadata, "least", esc_json_int(INT64_MIN));
    esc_json_set_bool(made->metadata, "encrypted", number % 2);
    esc_resource_relate(made, "attached_to", "111111111111-us-west-2-ec2_instance-i-00000001");
    esc_constraints_set(&made->constraints, ESC_CAN_DELETE, ESC_NO, "it is attached",
                        "Attachments");
    esc_constraints_set(&made->constraints, ESC_HAS_BACKUPS, ESC_YES, "it has a snapshot", NULL);
    return made;
}

static char *text_of(const struct esc_resource *resource)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_resource_to_json(resource);
    return esc_json_print(json, ESC_JSON_COMPACT);
}

static void expect_volume(unsigned number, const struct esc_resource *actual)
{
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *wanted = volume(number);
    ESC_CLEANUP(esc_freep) char *expected = text_of(wanted);
    ESC_CLEANUP(esc_freep) char *text = text_of(actual);
    assert_string_equal(expected, text);
}

static void a_resource_is_packed_with_all_that_is_in_it(void **)
{
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *full = volume(7);
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *empty = esc_resource_new();
    struct esc_buf bytes;
    esc_buf_init(&bytes, ESC_MAX_RESOURCE);
    scan_pack(full, &bytes);
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *again = scan_unpack(esc_buf_str(&bytes));
    expect_volume(7, again);
    assert_null(again->content_hash);
    esc_buf_reset(&bytes);
    scan_pack(empty, &bytes);
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *nothing = scan_unpack(esc_buf_str(&bytes));
    assert_null(nothing->name);
    assert_null(nothing->relations);
    assert_int_equal(0, esc_json_len(nothing->metadata));
    esc_buf_done(&bytes);
}

static void whatever_is_taken_out_is_as_it_was_put_in(void **)
{
    enum {
        COUNT = 300
    };
    struct stash stash;
    size_t squeezed = 0, bytes = 0;
    stash_init(&stash, 8);
    for (unsigned i = 0; i < COUNT; i++)
        stash_put(&stash, volume(i));
    for (size_t i = 0; i < COUNT; i++) {
        squeezed += stash.items[i].small != NULL;
        bytes += stash.items[i].small_len;
    }
    assert_true(squeezed > COUNT - 8);
    assert_true(bytes / squeezed < 120); /* of some 700 */
    for (unsigned i = COUNT; i-- > 0;) { /* and in another order */
        struct esc_resource *taken = stash_take(&stash, i);
        expect_volume(i, taken);
        stash_give_back(&stash, i, taken);
    }
    assert_int_equal(COUNT, stash.left);
    stash_done(&stash);
}

static void what_is_given_back_is_kept_as_it_was_given(void **)
{
    struct stash stash;
    stash_init(&stash, 2);
    for (unsigned i = 0; i < 5; i++)
        stash_put(&stash, volume(i));
    struct esc_resource *one = stash_take(&stash, 0), *other = stash_take(&stash, 4);
    esc_json_set_text(one->metadata, "added", "later");
    stash_give_back(&stash, 0, one);
    stash_give_back(&stash, 4, other);
    stash_give_back(&stash, 3, stash_take(&stash, 3));
    one = stash_take(&stash, 0);
    assert_string_equal("later", esc_json_str(one->metadata, "added", ""));
    esc_resource_free(one);
    stash_drop(&stash, 0);
    assert_int_equal(4, stash.left);
    assert_null(stash_type(&stash, 0));
    assert_string_equal("ebs_volume", stash_type(&stash, 4));
    stash_done(&stash);
}

static size_t count_squeezed(const struct stash *stash)
{
    size_t count = 0;
    for (size_t i = 0; i < stash->count; i++)
        count += stash->items[i].small != NULL;
    return count;
}

static void while_it_is_held_nothing_is_squeezed(void **)
{
    struct stash stash;
    stash_init(&stash, 4);
    stash_hold(&stash);
    stash_hold(&stash);
    for (unsigned i = 0; i < 50; i++)
        stash_put(&stash, volume(i));
    stash_unhold(&stash);
    assert_int_equal(0, count_squeezed(&stash));
    stash_unhold(&stash);
    assert_int_equal(50, count_squeezed(&stash));
    stash_hold(&stash);
    for (size_t i = 0; i < 50; i++)
        stash_give_back(&stash, i, stash_take(&stash, i));
    assert_int_equal(0, count_squeezed(&stash));
    stash_unhold(&stash);
    assert_int_equal(50, count_squeezed(&stash));
    stash_done(&stash);
}

static void count_dropped(void *context, const char *type)
{
    assert_string_equal("ebs_volume", type);
    ++*(size_t *)context;
}

static void of_doubles_the_last_stays(void **)
{
    static const unsigned numbers[] = {1, 2, 1, 3, 2, 1};
    struct stash stash;
    size_t dropped = 0;
    stash_init(&stash, 2);
    for (size_t i = 0; i < ESC_COUNT(numbers); i++)
        stash_put(&stash, volume(numbers[i]));
    stash_drop_doubles(&stash, count_dropped, &dropped);
    assert_int_equal(3, dropped);
    assert_int_equal(3, stash.left);
    for (size_t at = 0; at < stash.count; at++) {
        assert_int_equal(at >= 3, stash_type(&stash, at) != NULL);
        if (at < 3)
            continue;
        struct esc_resource *taken = stash_take(&stash, at);
        expect_volume(numbers[at], taken);
        stash_give_back(&stash, at, taken);
    }
    stash_drop_doubles(&stash, count_dropped, &dropped);
    assert_int_equal(3, dropped);
    stash_done(&stash);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_resource_is_packed_with_all_that_is_in_it),
        cmocka_unit_test(whatever_is_taken_out_is_as_it_was_put_in),
        cmocka_unit_test(what_is_given_back_is_kept_as_it_was_given),
        cmocka_unit_test(while_it_is_held_nothing_is_squeezed),
        cmocka_unit_test(of_doubles_the_last_stays),
    };
    return cmocka_run_group_tests_name("scan/stash", tests, NULL, NULL);
}
