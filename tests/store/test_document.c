/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/document.h"

#include "tests/store/support.h"

static void put_number(struct box *box, const char *collection, const char *key, int number)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_json_object();
    esc_json_set_int(json, "number", number);
    expect_ok(esc_store_doc_put(box->store, collection, key, json, &err));
}

static int64_t get_number(struct box *box, const char *collection, const char *key)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    expect_ok(esc_store_doc_get(box->store, collection, key, &json, &err));
    return esc_json_num(json, "number", -1);
}

static bool collect(void *context, const char *key, const struct esc_json *json)
{
    struct esc_buf *out = context;
    esc_buf_printf(out, "%s=%d ", key, (int)esc_json_num(json, "number", -1));
    return !esc_str_is(esc_str_of(key), "last");
}

static void expect_all(struct box *box, const char *collection, const char *expected)
{
    struct esc_buf all;
    esc_buf_init(&all, ESC_MAX_LINE);
    struct esc_store_tally tally;
    expect_ok(esc_store_docs(box->store, collection, collect, &all, &tally, &err));
    assert_string_equal(expected, esc_buf_text(&all));
    assert_int_equal(0, tally.corrupt);
    esc_buf_done(&all);
}

static void documents_are_put_replaced_walked_and_deleted(void **)
{
    struct box box;
    box_open(&box);
    put_number(&box, "accounts", "b", 1);
    put_number(&box, "accounts", "a", 2);
    put_number(&box, "accounts", "b", 3);
    put_number(&box, "settings", "b", 4);
    box_reopen(&box);
    assert_int_equal(3, get_number(&box, "accounts", "b"));
    expect_all(&box, "accounts", "b=3 a=2 ");
    expect_all(&box, "settings", "b=4 ");
    expect_all(&box, "empty", "");
    expect_ok(esc_store_doc_del(box.store, "accounts", "b", &err));
    expect_ok(esc_store_doc_del(box.store, "accounts", "b", &err));
    expect_all(&box, "accounts", "a=2 ");
    struct esc_json *none = NULL;
    expect_status(ESC_NOT_FOUND, esc_store_doc_get(box.store, "accounts", "b", &none, &err));
    assert_null(none);
    box_done(&box);
}

static void a_walk_ends_when_told_to(void **)
{
    struct box box;
    box_open(&box);
    put_number(&box, "settings", "first", 1);
    put_number(&box, "settings", "last", 2);
    put_number(&box, "settings", "more", 3);
    expect_all(&box, "settings", "first=1 last=2 ");
    box_done(&box);
}

static void a_collection_is_a_word(void **)
{
    static const char *const names[] = {"", "Accounts", "a.b", "a b",
                                        "a_word_longer_than_thirty_two_bytes"};
    struct box box;
    box_open(&box);
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_json_object();
    for (size_t i = 0; i < ESC_COUNT(names); i++)
        expect_status(ESC_INVALID, esc_store_doc_put(box.store, names[i], "key", json, &err));
    box_done(&box);
}

static void an_uncommitted_transaction_leaves_nothing(void **)
{
    struct box box;
    box_open(&box);
    put_number(&box, "settings", "kept", 1);
    expect_ok(esc_store_begin(box.store, &err));
    put_number(&box, "settings", "kept", 2);
    put_number(&box, "settings", "dropped", 3);
    put_number(&box, "fresh_collection", "dropped", 3); /* with a data key of its own */
    assert_int_equal(2, get_number(&box, "settings", "kept"));
    esc_store_rollback(box.store);
    expect_all(&box, "settings", "kept=1 ");
    expect_all(&box, "fresh_collection", "");
    put_number(&box, "fresh_collection", "again", 4); /* with a new key, not the one undone */
    expect_ok(esc_store_begin(box.store, &err));
    put_number(&box, "settings", "also dropped", 5);
    box_reopen(&box); /* closing rolls back */
    expect_all(&box, "settings", "kept=1 ");
    expect_all(&box, "fresh_collection", "again=4 ");
    box_done(&box);
}

static void a_transaction_is_kept_as_a_whole(void **)
{
    struct box box;
    box_open(&box);
    expect_ok(esc_store_begin(box.store, &err));
    put_number(&box, "settings", "one", 1);
    put_number(&box, "accounts", "two", 2);
    expect_ok(esc_store_commit(box.store, &err));
    box_reopen(&box);
    expect_all(&box, "settings", "one=1 ");
    expect_all(&box, "accounts", "two=2 ");
    box_done(&box);
}

static void a_failed_write_spoils_its_transaction(void **)
{
    struct box box;
    box_open(&box);
    put_number(&box, "settings", "kept", 1);
    expect_ok(esc_store_begin(box.store, &err));
    put_number(&box, "settings", "kept", 2);
    ESC_CLEANUP(esc_json_freep) struct esc_json *huge = esc_json_array();
    ESC_CLEANUP(esc_freep) char *text = esc_alloc_zero(1024 * 1024 + 1);
    memset(text, 'x', 1024 * 1024);
    for (int i = 0; i < 65; i++)
        esc_json_push_text(huge, text);
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = resource_of("big", "running");
    esc_json_set(resource->metadata, "text", esc_json_text(text));
    const struct esc_resource *const batch[] = {resource};
    expect_status(ESC_LIMIT, esc_store_estate_put(box.store, batch, NULL, 1, NULL, &err));
    ESC_CLEANUP(esc_json_freep) struct esc_json *small = esc_json_object();
    expect_status(ESC_CONFLICT, esc_store_doc_put(box.store, "settings", "later", small, &err));
    expect_status(ESC_CONFLICT, esc_store_commit(box.store, &err));
    expect_all(&box, "settings", "kept=1 ");
    put_number(&box, "settings", "kept", 3); /* and the store goes on */
    expect_status(ESC_LIMIT, esc_store_doc_put(box.store, "settings", "huge", huge, &err));
    expect_all(&box, "settings", "kept=3 ");
    box_done(&box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_are_put_replaced_walked_and_deleted),
        cmocka_unit_test(a_walk_ends_when_told_to),
        cmocka_unit_test(a_collection_is_a_word),
        cmocka_unit_test(an_uncommitted_transaction_leaves_nothing),
        cmocka_unit_test(a_transaction_is_kept_as_a_whole),
        cmocka_unit_test(a_failed_write_spoils_its_transaction),
    };
    return cmocka_run_group_tests_name("store/document", tests, NULL, NULL);
}
