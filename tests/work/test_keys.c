/* SPDX-License-Identifier: Apache-2.0 */

/* The keys as the workbench keeps them: told, changed while it answers, taken up after a restart. */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "escher/loop/timer.h"
#include "escher/store/estate.h"
#include "escher/store/key_slots_private.h"
#include "escher/store/recovery.h"
#include "escher/work/work_private.h"
#include "tests/support/keyring_faulty.h"
#include "tests/work/desk.h"

static struct esc_error err;

/* A desk whose keyring fails as it is told, or hangs. */
struct key_desk {
    struct desk desk;
    struct esc_keyring *inner;
    struct keyring_faults faults;
    struct slow {
        struct faulty faulty;
        int ends[2];              /* get waits for a byte here while `hangs` */
        _Atomic bool hangs;       /* a worker reads it */
        _Atomic unsigned answers; /* of get */
    } slow;
};

static enum esc_status slow_get(void *context, const char *item, struct esc_secret **out,
                                struct esc_error *error)
{
    char byte;
    struct slow *slow = context;
    if (slow->hangs)
        assert_int_equal(1, read(slow->ends[0], &byte, 1));
    slow->answers++;
    return faulty_get(context, item, out, error);
}

static void open_desk(struct key_desk *key)
{
    *key = (struct key_desk){0};
    desk_init(&key->desk);
    key->inner = key->desk.keyring;
    key->slow.faulty =
        (struct faulty){{"memory", faulty_probe, slow_get, faulty_put, faulty_del, faulty_describe},
                        key->inner,
                        &key->faults};
    assert_int_equal(0, pipe(key->slow.ends));
    key->desk.keyring = esc_keyring_new(&key->slow.faulty.table, &key->slow, NULL);
    expect_ok(desk_open(&key->desk, true, &err));
}

static void close_desk(struct key_desk *key)
{
    desk_done(&key->desk);
    esc_keyring_free(key->inner);
    close(key->slow.ends[0]);
    close(key->slow.ends[1]);
}

static struct esc_json *page_of(struct desk *desk)
{
    return desk_expect(desk, ESC_OK, "GET", "/api/keys", NULL);
}

static const char *rotation_state(struct desk *desk)
{
    static char text[16];
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = page_of(desk);
    (void)snprintf(text, sizeof text, "%s", esc_json_str(page, "rotation.state", "none"));
    return text;
}

/* @p count resources in the estate. */
static void fill_estate(struct desk *desk, size_t count)
{
    struct esc_buf lines;
    esc_buf_init(&lines, ESC_MAX_FILE);
    for (size_t i = 0; i < count; i++)
        esc_buf_printf(
            &lines,
            "{\"id\":\"" DESK_ACCOUNT "-us-west-2-rds_instance-db-%zu\","
            "\"provider\":\"aws\",\"resource_type\":\"rds_instance\","
            "\"identifier\":\"db-%zu\",\"arn\":\"arn:aws:rds:us-west-2:" DESK_ACCOUNT
            ":db:db-%zu\",\"account_id\":\"" DESK_ACCOUNT
            "\",\"account_name\":\"production\",\"region\":\"us-west-2\","
            "\"state\":\"available\",\"name\":\"db-%zu\",\"tags\":{},\"metadata\":{},"
            "\"constraints\":{},\"relations\":[],\"last_synced\":\"2026-11-21T07:00:00Z\"}\n",
            i, i, i, i);
    ESC_CLEANUP(esc_freep) char *body = desk_lines(esc_buf_text(&lines));
    esc_json_free(desk_expect(desk, ESC_OK, "POST", "/api/estate/import", body));
    esc_buf_done(&lines);
}

static void expect_whole(struct desk *desk, size_t resources)
{
    size_t count = 0;
    expect_ok(esc_store_estate_count(desk->bench->store, &count, &err));
    assert_int_equal(resources, count);
    esc_json_free(desk_expect(desk, ESC_OK, "POST", "/api/audit/verify", NULL));
    assert_null(desk->bench->unreadable);
}

/* All of them, whatever key they were made under, by what the store has. */
static void expect_backups_to_open(struct desk *desk, size_t count)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *page = desk_expect(desk, ESC_OK, "POST", "/api/backups/verify", NULL);
    const struct esc_json *backups = esc_json_member(page, "backups");
    assert_int_equal(count, esc_json_len(backups));
    for (size_t i = 0; i < count; i++) {
        assert_true(esc_json_flag(esc_json_at(backups, i), "ok", false));
        assert_in_range(esc_json_num(esc_json_at(backups, i), "rows", 0), 250, 400);
    }
}

static void a_store_without_a_code_says_so_and_how_to_get_one(void **)
{
    struct key_desk key;
    open_desk(&key);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *before = desk_expect(&key.desk, ESC_OK, "GET", "/api/status", NULL);
    assert_false(esc_json_flag(before, "key.recovery", true));
    assert_string_equal("escher key recovery", esc_json_str(before, "key.cure", ""));
    esc_json_free(desk_expect(&key.desk, ESC_OK, "POST", "/api/keys/recovery", NULL));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *after = desk_expect(&key.desk, ESC_OK, "GET", "/api/status", NULL);
    assert_true(esc_json_flag(after, "key.recovery", false));
    assert_null(esc_json_get(after, "key.cure"));
    close_desk(&key);
}

static void the_code_that_was_given_opens_the_store_and_is_told_to_nobody_else(void **)
{
    struct key_desk key;
    open_desk(&key);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *body = desk_expect(&key.desk, ESC_OK, "POST", "/api/keys/recovery", NULL);
    ESC_CLEANUP(esc_secret_freep)
    struct esc_secret *code = esc_secret_of_text(esc_json_str(body, "code", ""));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *records = desk_expect(&key.desk, ESC_OK, "GET", "/api/audit", NULL);
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(records, ESC_JSON_COMPACT);
    assert_non_null(strstr(text, "recovery_code"));
    assert_null(strstr(text, esc_secret_view(code).ptr));
    ESC_CLEANUP(esc_freep) char *path = esc_strdup(key.desk.bench->paths.store);
    ESC_CLEANUP(esc_freep) char *lock = esc_strdup(key.desk.bench->paths.lock);
    desk_close(&key.desk);
    struct esc_store *store = NULL;
    const struct esc_store_options options = {
        .path = path, .lock_path = lock, .key_name = "default", .keyring = key.inner, .code = code};
    expect_ok(esc_store_open(&options, &store, &err));
    esc_store_close(store);
    close_desk(&key);
}

static void a_rotation_seals_everything_and_old_keys_go_after_a_backup(void **)
{
    struct key_desk key;
    open_desk(&key);
    fill_estate(&key.desk, 250);
    ESC_CLEANUP(esc_json_freep) struct esc_json *before = page_of(&key.desk);
    ESC_CLEANUP(esc_freep) char *item = esc_strdup(esc_json_str(before, "item", ""));
    esc_json_free(desk_expect(&key.desk, ESC_OK, "POST", "/api/backups", NULL));
    key.desk.clock.wall_ms += 1000;
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *after = desk_expect(&key.desk, ESC_OK, "POST", "/api/keys/rotate", NULL);
    assert_string_equal("sealed", esc_json_str(after, "rotation.state", ""));
    assert_true(esc_json_num(after, "rotation.sealed", 0) >= 250);
    expect_whole(&key.desk, 250);
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *old = NULL, *mark = NULL;
    expect_ok(esc_keyring_get(key.inner, item, &old, &err));
    key.desk.clock.wall_ms += 1000;
    esc_json_free(desk_expect(&key.desk, ESC_OK, "POST", "/api/backups", NULL));
    assert_string_equal("over", rotation_state(&key.desk));
    desk_restart(&key.desk);
    expect_backups_to_open(&key.desk, 2);
    expect_ok(esc_keyring_get(key.inner, item, &mark, &err)); /* of where the first key was */
    assert_true(esc_str_is(esc_secret_view(mark), ITEM_MARK));
    assert_int_equal(32, esc_secret_len(old));
    expect_whole(&key.desk, 250);
    close_desk(&key);
}

static void a_rotation_that_was_cut_off_goes_on_by_itself(void **)
{
    struct key_desk key;
    struct desk_call call;
    open_desk(&key);
    fill_estate(&key.desk, 350);
    desk_start(&key.desk, "POST", "/api/keys/rotate", NULL, &call);
    while (call.events.count < 2) /* two turns were taken */
        esc_json_free(desk_expect(&key.desk, ESC_OK, "GET", "/api/ping", NULL));
    assert_string_equal("sealing", rotation_state(&key.desk));
    desk_close(&key.desk);
    assert_int_equal(ESC_CANCELLED, call.status);
    desk_call_done(&call);
    expect_ok(desk_open(&key.desk, false, &err));
    for (int i = 0; i < 1000 && strcmp("sealed", rotation_state(&key.desk)) != 0; i++)
        continue;
    assert_string_equal("sealed", rotation_state(&key.desk));
    expect_whole(&key.desk, 350);
    close_desk(&key);
}

static void a_second_call_for_a_rotation_waits_for_the_one_under_way(void **)
{
    struct key_desk key;
    struct desk_call first, second;
    open_desk(&key);
    fill_estate(&key.desk, 350);
    desk_start(&key.desk, "POST", "/api/keys/rotate", NULL, &first);
    while (first.events.count < 1)
        esc_json_free(desk_expect(&key.desk, ESC_OK, "GET", "/api/ping", NULL));
    desk_start(&key.desk, "POST", "/api/keys/rotate", NULL, &second);
    desk_wait(&key.desk, &second);
    assert_int_equal(ESC_OK, second.status);
    assert_int_equal(2, esc_json_num(second.body, "kek", 0));
    assert_true(first.is_done);
    desk_call_done(&first);
    desk_call_done(&second);
    close_desk(&key);
}

static void a_keyring_that_hangs_does_not_freeze_the_core(void **)
{
    struct key_desk key;
    struct desk_call call;
    open_desk(&key);
    key.slow.hangs = true;
    desk_start(&key.desk, "POST", "/api/keys/recovery", NULL, &call);
    for (int i = 0; i < 50; i++)
        esc_json_free(desk_expect(&key.desk, ESC_OK, "GET", "/api/status", NULL));
    assert_false(call.is_done);
    ESC_CLEANUP(esc_json_freep) struct esc_json *busy = NULL;
    assert_int_equal(ESC_CONFLICT, desk_ask(&key.desk, "POST", "/api/keys/rotate", NULL, &busy));
    key.slow.hangs = false;
    assert_int_equal(1, write(key.slow.ends[1], "x", 1));
    desk_wait(&key.desk, &call);
    assert_int_equal(ESC_OK, call.status);
    desk_call_done(&call);
    close_desk(&key);
}

/* Nobody would see the code: then the one before must stay. */
static void a_code_that_nobody_waits_for_is_not_made(void **)
{
    struct key_desk key;
    struct desk_call call;
    open_desk(&key);
    esc_json_free(desk_expect(&key.desk, ESC_OK, "POST", "/api/keys/recovery", NULL));
    ESC_CLEANUP(esc_json_freep) struct esc_json *before = page_of(&key.desk);
    key.desk.clock.wall_ms += 5000;
    key.slow.hangs = true;
    desk_start(&key.desk, "POST", "/api/keys/recovery", NULL, &call);
    esc_json_free(desk_expect(&key.desk, ESC_OK, "GET", "/api/ping", NULL));
    esc_api_cancel(call.call);
    key.slow.hangs = false;
    assert_int_equal(1, write(key.slow.ends[1], "x", 1));
    desk_wait(&key.desk, &call);
    assert_int_equal(ESC_CANCELLED, call.status);
    desk_call_done(&call);
    ESC_CLEANUP(esc_json_freep) struct esc_json *after = page_of(&key.desk);
    assert_string_equal(esc_json_str(before, "recovery_since", "-"),
                        esc_json_str(after, "recovery_since", "+"));
    close_desk(&key);
}

static void let_go(void *context)
{
    struct key_desk *key = context;
    assert_int_equal(1, write(key->slow.ends[1], "x", 1));
}

/* The anchor fits, so that nothing else of the end waits for the keyring. */
static void a_core_that_ends_waits_for_a_worker_in_the_keyring(void **)
{
    struct key_desk key;
    struct desk_call call;
    open_desk(&key);
    ESC_CLEANUP(esc_freep)
    char *body = esc_sprintf("{\"id\":\"" DESK_ACCOUNT "\",\"name\":\"production\",\"regions\":"
                             "[\"us-west-2\"],\"endpoint_url\":\"http://127.0.0.1:%u\","
                             "\"keychain\":true," DESK_KEYS "}",
                             key.desk.sts_port);
    esc_json_free(desk_expect(&key.desk, ESC_OK, "POST", "/api/accounts", body));
    desk_restart(&key.desk);
    key.slow.hangs = true;
    key.slow.answers = 0;
    desk_start(&key.desk, "POST", "/api/accounts/production/test", "{}", &call);
    for (int i = 0; i < 5; i++)
        esc_json_free(desk_expect(&key.desk, ESC_OK, "GET", "/api/ping", NULL));
    assert_false(call.is_done);
    struct esc_timer *timer = esc_timer_start(key.desk.loop, 100, let_go, &key);
    assert_non_null(timer);
    esc_workbench_close(ESC_STEAL(key.desk.bench));
    assert_int_equal(1, key.slow.answers);
    assert_int_equal(ESC_CANCELLED, call.status);
    desk_call_done(&call);
    key.slow.hangs = false;
    close_desk(&key);
}

static void a_keyring_that_fails_leaves_the_keys_as_they_are(void **)
{
    static const enum esc_status statuses[] = {ESC_LOCKED, ESC_UNAVAILABLE, ESC_TIMEOUT};
    struct key_desk key;
    open_desk(&key);
    for (size_t i = 0; i < ESC_COUNT(statuses); i++) {
        key.faults.put = statuses[i];
        esc_json_free(desk_expect(&key.desk, statuses[i], "POST", "/api/keys/rotate", NULL));
        key.faults.put = ESC_OK;
        assert_string_equal("none", rotation_state(&key.desk));
    }
    desk_restart(&key.desk);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *after = desk_expect(&key.desk, ESC_OK, "POST", "/api/keys/rotate", NULL);
    assert_int_equal(2, esc_json_num(after, "kek", 0));
    close_desk(&key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_store_without_a_code_says_so_and_how_to_get_one),
        cmocka_unit_test(the_code_that_was_given_opens_the_store_and_is_told_to_nobody_else),
        cmocka_unit_test(a_rotation_seals_everything_and_old_keys_go_after_a_backup),
        cmocka_unit_test(a_rotation_that_was_cut_off_goes_on_by_itself),
        cmocka_unit_test(a_second_call_for_a_rotation_waits_for_the_one_under_way),
        cmocka_unit_test(a_keyring_that_hangs_does_not_freeze_the_core),
        cmocka_unit_test(a_code_that_nobody_waits_for_is_not_made),
        cmocka_unit_test(a_core_that_ends_waits_for_a_worker_in_the_keyring),
        cmocka_unit_test(a_keyring_that_fails_leaves_the_keys_as_they_are),
    };
    return cmocka_run_group_tests_name("work/keys", tests, NULL, NULL);
}
