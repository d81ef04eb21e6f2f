/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/conversation.h"

#include "escher/store/rows_private.h"
#include "tests/store/support.h"

static void add_message(struct box *box, const char *conversation, const char *role,
                        const char *text)
{
    char id[ESC_UUID_TEXT];
    esc_uuid_format(esc_uuid_v4(esc_random_system()), id);
    struct esc_chat_message *message = esc_chat_message_new();
    message->id = esc_strdup(id);
    message->conversation = esc_strdup(conversation);
    message->role = esc_strdup(role);
    message->text = esc_strdup(text);
    message->at_ms = box->clock.wall_ms;
    expect_ok(esc_store_message_add(box->store, message, &err));
    esc_chat_message_free(message);
}

static bool join_messages(void *context, const struct esc_chat_message *message)
{
    esc_buf_printf(context, "%s: %s\n", message->role, message->text);
    return true;
}

static void expect_messages(struct box *box, const char *conversation, const char *expected)
{
    struct esc_buf all;
    esc_buf_init(&all, ESC_MAX_LINE);
    expect_ok(esc_store_messages(box->store, conversation, join_messages, &all, NULL, &err));
    assert_string_equal(expected, esc_buf_text(&all));
    esc_buf_done(&all);
}

static bool join_titles(void *context, const struct esc_conversation *conversation)
{
    esc_buf_printf(context, "%s(%zu) ", conversation->title ? conversation->title : "-",
                   conversation->message_count);
    return true;
}

static void expect_titles(struct box *box, const struct esc_conversation_filter *filter,
                          const char *expected)
{
    struct esc_buf all;
    esc_buf_init(&all, ESC_MAX_LINE);
    expect_ok(esc_store_conversations(box->store, filter, join_titles, &all, NULL, &err));
    assert_string_equal(expected, esc_buf_text(&all));
    esc_buf_done(&all);
}

static void messages_come_back_in_order(void **)
{
    struct box box;
    char one[ESC_UUID_TEXT], two[ESC_UUID_TEXT];
    box_open(&box);
    expect_ok(esc_store_conversation_new(box.store, "john", "databases", one, &err));
    expect_ok(esc_store_conversation_new(box.store, "john", NULL, two, &err));
    add_message(&box, one, "user", "Stop pg-instance-main1");
    add_message(&box, two, "user", "hello");
    add_message(&box, one, "assistant", "I will stop it.");
    box_reopen(&box);
    expect_messages(&box, one, "user: Stop pg-instance-main1\nassistant: I will stop it.\n");
    expect_messages(&box, two, "user: hello\n");
    expect_titles(&box, NULL, "databases(2) -(1) ");
    box_done(&box);
}

static void conversations_are_found_by_person_and_time(void **)
{
    struct box box;
    char id[ESC_UUID_TEXT];
    box_open(&box);
    expect_ok(esc_store_conversation_new(box.store, "john", "old", id, &err));
    esc_clock_fixed_advance(&box.clock, 1000);
    expect_ok(esc_store_conversation_new(box.store, "jane", "hers", id, &err));
    expect_ok(esc_store_conversation_new(box.store, "john", "new", id, &err));
    expect_titles(&box, &(struct esc_conversation_filter){.user_id = "john"}, "old(0) new(0) ");
    expect_titles(&box, &(struct esc_conversation_filter){.from_ms = NOW_MS + 1},
                  "hers(0) new(0) ");
    expect_titles(&box, &(struct esc_conversation_filter){.before_ms = NOW_MS + 1}, "old(0) ");
    expect_ok(esc_store_conversation_rename(box.store, id, "newest", &err));
    expect_titles(&box, &(struct esc_conversation_filter){.user_id = "john"}, "old(0) newest(0) ");
    box_done(&box);
}

static void a_message_is_added_once_and_only_where_there_is_a_conversation(void **)
{
    struct box box;
    char id[ESC_UUID_TEXT];
    box_open(&box);
    expect_ok(esc_store_conversation_new(box.store, "john", NULL, id, &err));
    struct esc_chat_message *message = esc_chat_message_new();
    message->id = esc_strdup("1b4e28ba-2fa1-4d2b-883f-0016d3cca427");
    message->conversation = esc_strdup(id);
    message->role = esc_strdup("user");
    message->text = esc_strdup("once");
    message->at_ms = NOW_MS;
    expect_ok(esc_store_message_add(box.store, message, &err));
    expect_status(ESC_EXISTS, esc_store_message_add(box.store, message, &err));
    message->conversation[0] = message->conversation[0] == '0' ? '1' : '0';
    expect_status(ESC_NOT_FOUND, esc_store_message_add(box.store, message, &err));
    expect_messages(&box, id, "user: once\n");
    esc_chat_message_free(message);
    box_done(&box);
}

static int64_t number_of(const struct box *box, const char *sql)
{
    ESC_CLEANUP(db_closep) struct db *db = NULL;
    ESC_CLEANUP(db_releasep) struct db_statement *select = NULL;
    bool is_row = false;
    expect_ok(db_open(box->path, DB_PEEK, &db, &err));
    expect_ok(db_prepare(db, sql, &select, &err));
    expect_ok(db_step(select, &is_row, &err));
    int64_t number = db_int(select, 0);
    db_release(ESC_STEAL(select));
    return number;
}

static bool is_on_disk(const struct box *box, struct esc_str bytes)
{
    bool found = false;
    for (size_t i = 0; i < ESC_COUNT(picture_ends); i++) {
        struct esc_buf file = file_bytes(box, picture_ends[i]);
        found |= esc_str_contains(esc_buf_str(&file), bytes);
        esc_buf_done(&file);
    }
    return found;
}

/* The wrapped data key of the conversation that was started last. */
static struct esc_buf newest_key(const struct box *box)
{
    ESC_CLEANUP(db_closep) struct db *db = NULL;
    ESC_CLEANUP(db_releasep) struct db_statement *select = NULL;
    bool is_row = false;
    struct esc_buf wrapped;
    esc_buf_init(&wrapped, 1000);
    expect_ok(db_open(box->path, DB_PEEK, &db, &err));
    expect_ok(
        db_prepare(db, "SELECT wrapped FROM keys ORDER BY key_id DESC LIMIT 1", &select, &err));
    expect_ok(db_step(select, &is_row, &err));
    esc_buf_add(&wrapped, db_bytes(select, 0));
    db_release(ESC_STEAL(select));
    return wrapped;
}

/* What the rows under the newest key are on disk, as many as there are. */
static size_t sealed_rows(const struct box *box, struct esc_buf *out, size_t max)
{
    ESC_CLEANUP(db_closep) struct db *db = NULL;
    ESC_CLEANUP(db_releasep) struct db_statement *select = NULL;
    bool is_row = false;
    size_t count = 0;
    expect_ok(db_open(box->path, DB_PEEK, &db, &err));
    expect_ok(db_prepare(db,
                         "SELECT sealed FROM rows WHERE key_id = (SELECT max(key_id) FROM keys)",
                         &select, &err));
    for (;;) {
        expect_ok(db_step(select, &is_row, &err));
        if (!is_row)
            break;
        assert_true(count < max);
        esc_buf_init(&out[count], ESC_MAX_FILE);
        esc_buf_add(&out[count++], db_bytes(select, 0));
    }
    db_release(ESC_STEAL(select));
    return count;
}

static void a_turn_keeps_the_run_it_led_to(void **)
{
    struct box box;
    char id[ESC_UUID_TEXT], *run = NULL;
    box_open(&box);
    expect_ok(esc_store_conversation_new(box.store, "john", NULL, id, &err));
    expect_status(ESC_NOT_FOUND, esc_store_turn_run_get(box.store, id, "m1", &run, &err));
    expect_ok(esc_store_turn_run_put(box.store, id, "m1", "run-1", &err));
    expect_ok(esc_store_turn_run_put(box.store, id, "m1", "run-2", &err));
    box_shut(&box);
    expect_ok(box_try(&box));
    expect_ok(esc_store_turn_run_get(box.store, id, "m1", &run, &err));
    assert_string_equal("run-2", run);
    free(run);
    expect_status(ESC_NOT_FOUND, esc_store_turn_run_get(box.store, id, "m2", &run, &err));
    expect_ok(esc_store_begin(box.store, &err)); /* it costs a transaction nothing */
    expect_status(ESC_NOT_FOUND, esc_store_turn_run_put(box.store, "none", "m1", "run", &err));
    expect_ok(esc_store_commit(box.store, &err));
    expect_ok(esc_store_conversation_delete(box.store, id, &err));
    expect_status(ESC_NOT_FOUND, esc_store_turn_run_get(box.store, id, "m1", &run, &err));
    box_done(&box);
}

static void no_row_of_a_deleted_conversation_is_left_in_file_or_log(void **)
{
    struct box box;
    char kept[ESC_UUID_TEXT], gone[ESC_UUID_TEXT];
    struct esc_buf rows[8];
    box_open(&box);
    expect_ok(esc_store_conversation_new(box.store, "john", "kept", kept, &err));
    expect_ok(esc_store_conversation_new(box.store, "john", "gone", gone, &err));
    for (int i = 0; i < 5; i++)
        add_message(&box, gone, "user", "something that was said");
    expect_ok(esc_store_turn_run_put(box.store, gone, "m", "run-1", &err));
    box_shut(&box);
    const size_t count = sealed_rows(&box, rows, ESC_COUNT(rows));
    assert_int_equal(7, count); /* the conversation, its messages, and the turn */
    expect_ok(box_try(&box));
    for (size_t i = 0; i < count; i++)
        assert_true(is_on_disk(&box, esc_str_slice(esc_buf_str(&rows[i]), 0, 64)));
    expect_ok(esc_store_conversation_delete(box.store, gone, &err));
    for (size_t i = 0; i < count; i++) {
        const struct esc_str sealed = esc_buf_str(&rows[i]);
        for (size_t at = 0; at + 32 <= sealed.len; at += 32)
            assert_false(is_on_disk(&box, esc_str_slice(sealed, at, at + 32)));
        esc_buf_done(&rows[i]);
    }
    expect_titles(&box, NULL, "kept(0) ");
    box_done(&box);
}

static void each_conversation_has_a_key_and_deleting_destroys_it(void **)
{
    struct box box;
    char kept[ESC_UUID_TEXT], gone[ESC_UUID_TEXT];
    box_open(&box);
    expect_ok(esc_store_conversation_new(box.store, "john", "kept", kept, &err));
    expect_ok(esc_store_conversation_new(box.store, "john", "gone", gone, &err));
    add_message(&box, kept, "user", "one");
    add_message(&box, gone, "user", "two");
    box_shut(&box);
    assert_int_equal(2, number_of(&box, "SELECT count(DISTINCT owner) FROM keys"
                                        " WHERE owner <> zeroblob(16)"));
    struct esc_buf wrapped = newest_key(&box);
    expect_ok(box_try(&box));
    assert_true(is_on_disk(&box, esc_buf_str(&wrapped)));
    expect_ok(esc_store_conversation_delete(box.store, gone, &err));
    assert_false(is_on_disk(&box, esc_buf_str(&wrapped))); /* neither in the file nor in its log */
    expect_titles(&box, NULL, "kept(1) ");
    expect_messages(&box, kept, "user: one\n");
    struct esc_buf none;
    esc_buf_init(&none, 100);
    expect_status(ESC_NOT_FOUND,
                  esc_store_messages(box.store, gone, join_messages, &none, NULL, &err));
    expect_status(ESC_NOT_FOUND, esc_store_conversation_delete(box.store, gone, &err));
    box_shut(&box);
    assert_int_equal(2, number_of(&box, "SELECT count(*) FROM rows"));
    assert_int_equal(1, number_of(&box, "SELECT count(*) FROM keys WHERE owner <> zeroblob(16)"));
    esc_buf_done(&wrapped);
    esc_buf_done(&none);
    box_done(&box);
}

static void a_deletion_that_is_rolled_back_did_not_happen(void **)
{
    struct box box;
    char id[ESC_UUID_TEXT];
    box_open(&box);
    expect_ok(esc_store_conversation_new(box.store, "john", "kept", id, &err));
    add_message(&box, id, "user", "one");
    expect_ok(esc_store_begin(box.store, &err));
    expect_ok(esc_store_conversation_delete(box.store, id, &err));
    expect_titles(&box, NULL, "");
    esc_store_rollback(box.store);
    expect_messages(&box, id, "user: one\n");
    add_message(&box, id, "user", "two");
    expect_messages(&box, id, "user: one\nuser: two\n");
    box_done(&box);
}

static void moved_messages_are_noticed(void **)
{
    struct box box;
    char id[ESC_UUID_TEXT];
    struct esc_store_tally tally;
    struct esc_buf all;
    box_open(&box);
    expect_ok(esc_store_conversation_new(box.store, "john", NULL, id, &err));
    add_message(&box, id, "user", "one");
    add_message(&box, id, "assistant", "two");
    box_shut(&box);
    struct db *db = NULL;
    expect_ok(db_open(box.path, DB_OPEN, &db, &err));
    expect_ok(db_run(db, "UPDATE rows SET n = 99 WHERE n = 2", &err)); /* n 1 is the conversation */
    db_close(db);
    expect_ok(box_try(&box));
    esc_buf_init(&all, ESC_MAX_LINE);
    expect_ok(esc_store_messages(box.store, id, join_messages, &all, &tally, &err));
    assert_int_equal(1, tally.corrupt);
    expect_contains("message 1 does not follow message 2", tally.first.message);
    esc_buf_done(&all);
    box_done(&box);
}

/* More conversations than keys are kept ready. */
static void many_conversations_all_open(void **)
{
    enum {
        COUNT = 600
    };
    struct box box;
    char ids[COUNT][ESC_UUID_TEXT];
    struct esc_buf all;
    struct esc_store_tally tally;
    box_open(&box);
    expect_ok(esc_store_begin(box.store, &err));
    for (int i = 0; i < COUNT; i++)
        expect_ok(esc_store_conversation_new(box.store, "john", "t", ids[i], &err));
    expect_ok(esc_store_commit(box.store, &err));
    esc_buf_init(&all, ESC_MAX_LINE);
    expect_ok(esc_store_conversations(box.store, NULL, join_titles, &all, &tally, &err));
    assert_int_equal(COUNT, tally.read);
    for (int i = 0; i < COUNT; i += 50)
        add_message(&box, ids[i], "user", "late");
    expect_messages(&box, ids[550], "user: late\n");
    esc_buf_done(&all);
    box_done(&box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_turn_keeps_the_run_it_led_to),
        cmocka_unit_test(no_row_of_a_deleted_conversation_is_left_in_file_or_log),
        cmocka_unit_test(messages_come_back_in_order),
        cmocka_unit_test(conversations_are_found_by_person_and_time),
        cmocka_unit_test(a_message_is_added_once_and_only_where_there_is_a_conversation),
        cmocka_unit_test(each_conversation_has_a_key_and_deleting_destroys_it),
        cmocka_unit_test(a_deletion_that_is_rolled_back_did_not_happen),
        cmocka_unit_test(moved_messages_are_noticed),
        cmocka_unit_test(many_conversations_all_open),
    };
    return cmocka_run_group_tests_name("store/conversation", tests, NULL, NULL);
}
