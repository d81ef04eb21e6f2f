/* SPDX-License-Identifier: Apache-2.0 */

/* Backups of a workbench: made on request and when due, listed, tried again, let go. */

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/store/store_private.h"
#include "escher/work/backup_private.h"
#include "tests/work/desk.h"

static struct esc_error err;

static const uint64_t day_ms = UINT64_C(86400000);

static struct esc_json *back_up(struct desk *desk)
{
    return desk_expect(desk, ESC_OK, "POST", "/api/backups", NULL);
}

static struct esc_json *list(struct desk *desk)
{
    return desk_expect(desk, ESC_OK, "GET", "/api/backups", NULL);
}

static size_t count(struct desk *desk)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = list(desk);
    return esc_json_len(esc_json_get(page, "backups"));
}

static const char *text(const struct esc_json *page, const char *path)
{
    return esc_json_str(page, path, "(missing)");
}

/* Names in the folder of backups. */
static size_t file_count(const struct desk *desk)
{
    struct esc_list names;
    ESC_CLEANUP(esc_freep) char *folder = backup_folder(desk->bench);
    esc_list_init(&names, free);
    expect_ok(esc_file_list(folder, &names, &err));
    const size_t found = names.count;
    esc_list_done(&names);
    return found;
}

static void spoil(const struct desk *desk, const char *name)
{
    struct esc_buf bytes;
    ESC_CLEANUP(esc_freep) char *path = backup_path(desk->bench, name);
    esc_buf_init(&bytes, ESC_MAX_FILE);
    expect_ok(esc_file_read(path, &bytes, &err));
    bytes.ptr[bytes.len / 2] ^= 1;
    expect_ok(esc_file_replace(path, esc_buf_str(&bytes), 0600, &err));
    esc_buf_done(&bytes);
}

static void a_backup_is_made_tried_and_listed(void **state)
{
    struct desk *desk = *state;
    desk_add_database(desk);
    ESC_CLEANUP(esc_json_freep) struct esc_json *made = back_up(desk), *page = list(desk);
    assert_true(esc_json_flag(made, "verified", false));
    assert_true(esc_json_num(made, "rows", 0) >= 1);
    assert_string_equal("2026-11-21T08:00:00Z", text(made, "at"));
    expect_contains("escher-20261121T080000Z-", text(made, "name"));
    const struct esc_json *entry = esc_json_get(page, "backups[0]");
    assert_string_equal(text(made, "name"), text(entry, "name"));
    assert_string_equal(text(made, "sha256"), text(entry, "sha256"));
    assert_true(esc_json_flag(entry, "verified", false));
    assert_string_equal("just now", text(entry, "age"));
    assert_int_equal(1, file_count(desk)); /* and nothing lies beside it */
    struct stat file;
    assert_int_equal(0, stat(text(made, "path"), &file));
    assert_int_equal(0600, file.st_mode & 0777);
}

static void the_state_of_backups_is_told(void **state)
{
    struct desk *desk = *state;
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *before = desk_expect(desk, ESC_OK, "GET", "/api/status", NULL);
    expect_contains("no backup", text(before, "backup.warning"));
    assert_int_equal(0, esc_json_num(before, "backup.verified", -1));
    esc_json_free(back_up(desk));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *after = desk_expect(desk, ESC_OK, "GET", "/api/status", NULL);
    assert_string_equal("(missing)", text(after, "backup.warning"));
    assert_string_equal("just now", text(after, "backup.age"));
    assert_string_equal("2026-11-22T00:00:00Z", text(after, "backup.due_at"));
    esc_clock_fixed_advance(&desk->clock, 4 * day_ms);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *later = desk_expect(desk, ESC_OK, "GET", "/api/status", NULL);
    assert_string_equal("the newest backup was made 4 days ago", text(later, "backup.warning"));
    desk->clock.wall_ms -= 365 * day_ms; /* what is of the future does not count */
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *earlier = desk_expect(desk, ESC_OK, "GET", "/api/status", NULL);
    expect_contains("no backup", text(earlier, "backup.warning"));
}

static void two_of_one_second_have_two_names(void **state)
{
    struct desk *desk = *state;
    ESC_CLEANUP(esc_json_freep) struct esc_json *one = back_up(desk), *two = back_up(desk);
    expect_contains("-2.escb", text(two, "name"));
    assert_int_equal(2, count(desk));
}

static void two_at_a_time_are_one_too_many(void **state)
{
    struct desk *desk = *state;
    struct desk_call one, two;
    desk_start(desk, "POST", "/api/backups", NULL, &one);
    desk_start(desk, "POST", "/api/backups", NULL, &two);
    desk_wait(desk, &one);
    desk_wait(desk, &two);
    assert_int_equal(ESC_OK, one.status);
    assert_int_equal(ESC_CONFLICT, two.status);
    desk_call_done(&one);
    desk_call_done(&two);
}

static void what_is_cancelled_leaves_nothing(void **state)
{
    struct desk *desk = *state;
    struct desk_call call;
    for (unsigned turns = 0; turns < 6; turns++) {
        desk_start(desk, "POST", "/api/backups", NULL, &call);
        for (unsigned i = 0; i < turns && !call.is_done; i++)
            esc_loop_turn(desk->loop);
        if (call.call)
            esc_api_cancel(call.call);
        desk_wait(desk, &call);
        assert_true(call.status == ESC_CANCELLED || call.status == ESC_OK);
        assert_int_equal(call.status == ESC_OK, count(desk) > 0);
        desk_call_done(&call);
    }
    desk_close(desk); /* in the middle of one */
    expect_ok(desk_open(desk, false, &err));
    desk_start(desk, "POST", "/api/backups", NULL, &call);
    esc_loop_turn(desk->loop);
    esc_loop_turn(desk->loop);
    esc_workbench_close(ESC_STEAL(desk->bench));
    assert_true(call.is_done);
    desk_call_done(&call);
    desk_close(desk);
    expect_ok(desk_open(desk, false, &err));
    ESC_CLEANUP(esc_freep) char *work = backup_path(desk->bench, ".work");
    assert_false(esc_file_exists(work));
}

static void old_ones_go_and_three_stay(void **state)
{
    struct desk *desk = *state;
    for (int i = 0; i < 4; i++) {
        esc_json_free(back_up(desk));
        esc_clock_fixed_advance(&desk->clock, day_ms);
    }
    assert_int_equal(4, count(desk));
    esc_clock_fixed_advance(&desk->clock, 30 * day_ms);
    ESC_CLEANUP(esc_json_freep) struct esc_json *made = back_up(desk);
    assert_int_equal(2, esc_json_len(esc_json_get(made, "gone")));
    assert_int_equal(3, count(desk));
    assert_int_equal(3, file_count(desk));
}

static void what_nobody_vouches_for_neither_counts_nor_goes(void **state)
{
    struct desk *desk = *state;
    ESC_CLEANUP(esc_json_freep) struct esc_json *made = back_up(desk);
    ESC_CLEANUP(esc_freep) char *from = esc_strdup(text(made, "path"));
    char name[BACKUP_NAME];
    struct esc_buf bytes;
    esc_buf_init(&bytes, ESC_MAX_FILE);
    expect_ok(esc_file_read(from, &bytes, &err));
    for (uint64_t i = 0; i < 5; i++) { /* copies, from before and from the future */
        backup_name(esc_clock_wall_ms(&desk->clock.clock) + i * day_ms,
                    "0f4c5c1e-2f5e-4a53-9d1b-0f2f3c1a9e55", 1, name);
        ESC_CLEANUP(esc_freep) char *path = backup_path(desk->bench, name);
        expect_ok(esc_file_replace(path, esc_buf_str(&bytes), 0600, &err));
    }
    esc_buf_done(&bytes);
    esc_clock_fixed_advance(&desk->clock, 30 * day_ms);
    ESC_CLEANUP(esc_json_freep) struct esc_json *again = back_up(desk);
    assert_int_equal(0, esc_json_len(esc_json_get(again, "gone")));
    assert_int_equal(7, count(desk));
}

static void trying_again_finds_what_was_spoilt(void **state)
{
    struct desk *desk = *state;
    ESC_CLEANUP(esc_json_freep) struct esc_json *one = back_up(desk), *two = back_up(desk);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *well = desk_expect(desk, ESC_OK, "POST", "/api/backups/verify", NULL);
    assert_int_equal(2, esc_json_len(esc_json_get(well, "backups")));
    spoil(desk, text(one, "name"));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *bad = desk_expect(desk, ESC_CORRUPT, "POST", "/api/backups/verify", NULL);
    assert_string_equal("1 of 2 backups cannot be restored", text(bad, "message"));
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = list(desk);
    assert_int_equal(1, esc_json_num(page, "backup.verified", 0)); /* it no longer counts */
    ESC_CLEANUP(esc_freep) char *body = esc_sprintf("{\"name\":\"%s\"}", text(two, "name"));
    esc_json_free(desk_expect(desk, ESC_OK, "POST", "/api/backups/verify", body));
    esc_json_free(
        desk_expect(desk, ESC_NOT_FOUND, "POST", "/api/backups/verify", "{\"name\":\"x\"}"));
    assert_int_equal(2, file_count(desk));
}

static void two_that_try_again_do_not_meet(void **state)
{
    struct desk *desk = *state;
    struct desk_call one, two;
    for (int i = 0; i < 3; i++)
        esc_json_free(back_up(desk));
    desk_start(desk, "POST", "/api/backups/verify", NULL, &one);
    desk_start(desk, "POST", "/api/backups/verify", NULL, &two);
    desk_wait(desk, &one);
    desk_wait(desk, &two);
    assert_int_equal(ESC_OK, one.status);
    assert_int_equal(ESC_CONFLICT, two.status);
    desk_call_done(&one);
    desk_call_done(&two);
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = list(desk);
    assert_int_equal(3, esc_json_num(page, "backup.verified", 0));
    esc_json_free(desk_expect(desk, ESC_OK, "POST", "/api/backups/verify", NULL));
}

/* What was made under a key that has been changed since is tried with that one. */
static void backups_of_earlier_keys_are_tried_too(void **state)
{
    struct desk *desk = *state;
    desk_add_database(desk);
    esc_json_free(back_up(desk));
    esc_json_free(desk_expect(desk, ESC_OK, "POST", "/api/keys/rotate", NULL));
    esc_json_free(back_up(desk)); /* after which the old keys are dropped */
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *well = desk_expect(desk, ESC_OK, "POST", "/api/backups/verify", NULL);
    assert_int_equal(2, esc_json_len(esc_json_get(well, "backups")));
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = list(desk);
    assert_int_equal(2, esc_json_num(page, "backups[0].kek", 0));
    assert_int_equal(1, esc_json_num(page, "backups[1].kek", 0));
    assert_int_equal(2, esc_json_num(page, "backup.verified", 0));
}

/* A file where the folder should be. */
static void a_failure_is_said_and_lets_nothing_go(void **state)
{
    struct desk *desk = *state;
    ESC_CLEANUP(esc_freep) char *folder = backup_folder(desk->bench);
    expect_ok(esc_file_replace(folder, ESC_STR(""), 0600, &err));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *answer = desk_expect(desk, ESC_EXISTS, "POST", "/api/backups", NULL);
    expect_contains("backups", text(answer, "message"));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *page = desk_expect(desk, ESC_OK, "GET", "/api/status", NULL);
    expect_contains("backups", text(page, "backup.warning"));
    expect_ok(esc_file_remove(folder, &err));
    esc_json_free(back_up(desk));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *after = desk_expect(desk, ESC_OK, "GET", "/api/status", NULL);
    assert_string_equal("(missing)", text(after, "backup.warning"));
}

/* The schedule */

static bool is_idle(void *context)
{
    return ((struct desk *)context)->bench->calls.count == 0;
}

static void look(struct desk *desk)
{
    work_backup_look(desk->bench);
    assert_true(esc_loop_run_until(desk->loop, is_idle, desk));
}

static void what_is_due_is_made_once_a_day(void **state)
{
    struct desk *desk = *state;
    look(desk);
    assert_int_equal(1, count(desk)); /* there was none */
    look(desk);
    assert_int_equal(1, count(desk));
    esc_clock_fixed_advance(&desk->clock, 15 * 3600 * 1000); /* before midnight */
    look(desk);
    assert_int_equal(1, count(desk));
    desk_restart(desk);
    esc_clock_fixed_advance(&desk->clock, 2 * 3600 * 1000);
    look(desk);
    assert_int_equal(2, count(desk));
    desk->clock.wall_ms -= 365 * day_ms; /* the clock is put back */
    look(desk);
    assert_int_equal(3, count(desk));
    look(desk);
    assert_int_equal(3, count(desk));
    desk->clock.wall_ms += 2 * 365 * day_ms;
    look(desk);
    look(desk);
    assert_in_range(count(desk), 3, 4); /* the floor stands */
}

/* Other places */

static struct {
    unsigned puts;
    bool is_full;
    char sha256[65];
    struct backup_watch watch;
} attic;

static bool has_attic(struct esc_workbench *)
{
    return true;
}

static void put_done(void *)
{
    struct esc_error full;
    (void)esc_fail(&full, ESC_IO, "the attic is full");
    attic.watch.done(attic.watch.context, NULL, attic.is_full ? &full : NULL);
}

static struct backup_transfer *put_in_attic(struct esc_workbench *bench,
                                            const struct esc_aws_environment *,
                                            const struct backup_object *object,
                                            const struct backup_watch *watch)
{
    assert_true(esc_file_exists(object->path));
    memcpy(attic.sha256, object->sha256, sizeof attic.sha256);
    attic.puts++;
    attic.watch = *watch;
    watch->progress(watch->context, 1, 2);
    esc_loop_post(bench->loop, put_done, NULL);
    return (struct backup_transfer *)&attic;
}

static const struct backup_place attic_place = {
    .name = "attic", .is_set_up = has_attic, .put = put_in_attic};
static const struct backup_place *const with_attic[] = {&attic_place, NULL};

static void another_place_gets_the_same_bytes(void **state)
{
    struct desk *desk = *state;
    memset(&attic, 0, sizeof attic);
    desk->bench->places = with_attic;
    ESC_CLEANUP(esc_json_freep) struct esc_json *made = back_up(desk);
    assert_true(esc_json_flag(made, "places[0].ok", false));
    assert_string_equal(attic.sha256, text(made, "sha256"));
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = list(desk);
    assert_string_equal("2026-11-21T08:00:00Z", text(page, "backups[0].places.attic"));
    esc_json_free(desk_expect(desk, ESC_OK, "POST", "/api/backups/upload", NULL));
    assert_int_equal(1, attic.puts); /* it has it */
    esc_json_free(desk_expect(desk, ESC_OK, "POST", "/api/backups/verify", NULL));
    ESC_CLEANUP(esc_json_freep) struct esc_json *after = list(desk);
    assert_string_equal("2026-11-21T08:00:00Z", text(after, "backups[0].places.attic"));
}

static void a_place_that_fails_costs_the_backup_nothing_and_is_tried_again(void **state)
{
    struct desk *desk = *state;
    memset(&attic, 0, sizeof attic);
    attic.is_full = true;
    desk->bench->places = with_attic;
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *made = desk_expect(desk, ESC_PARTIAL, "POST", "/api/backups", NULL);
    assert_string_equal("the attic is full", text(made, "places[0].message"));
    assert_int_equal(1, count(desk));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *status = desk_expect(desk, ESC_OK, "GET", "/api/status", NULL);
    assert_null(esc_json_str(status, "backup.warning", NULL)); /* the one here is good */
    assert_string_equal("the attic is full", text(status, "backup.places[0].message"));
    look(desk);
    assert_int_equal(2, attic.puts);
    attic.is_full = false;
    look(desk);
    assert_int_equal(2, attic.puts); /* not within the hour */
    esc_clock_fixed_advance(&desk->clock, 3600 * 1000);
    look(desk);
    assert_int_equal(3, attic.puts);
    esc_clock_fixed_advance(&desk->clock, 3600 * 1000);
    look(desk);
    assert_int_equal(3, attic.puts);
    assert_int_equal(1, count(desk));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *later = desk_expect(desk, ESC_OK, "GET", "/api/status", NULL);
    assert_true(esc_json_flag(later, "backup.places[0].ok", false));
}

static void a_damaged_row_fails_the_backup_and_is_named(void **state)
{
    struct desk *desk = *state;
    desk_add_database(desk);
    esc_json_free(back_up(desk));
    struct esc_store *store = desk->bench->store;
    expect_ok(esc_store_begin(store, &err));
    expect_ok(db_run(store->db, "UPDATE rows SET sealed = zeroblob(284) WHERE n = 1", &err));
    expect_ok(esc_store_commit(store, &err));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *answer = desk_expect(desk, ESC_CORRUPT, "POST", "/api/backups", NULL);
    expect_contains("row", text(answer, "message"));
    assert_int_equal(1, file_count(desk)); /* the good one stays */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_backup_is_made_tried_and_listed),
        TEST(the_state_of_backups_is_told),
        TEST(two_of_one_second_have_two_names),
        TEST(two_at_a_time_are_one_too_many),
        TEST(what_is_cancelled_leaves_nothing),
        TEST(old_ones_go_and_three_stay),
        TEST(what_nobody_vouches_for_neither_counts_nor_goes),
        TEST(trying_again_finds_what_was_spoilt),
        TEST(two_that_try_again_do_not_meet),
        TEST(backups_of_earlier_keys_are_tried_too),
        TEST(a_failure_is_said_and_lets_nothing_go),
        TEST(what_is_due_is_made_once_a_day),
        TEST(another_place_gets_the_same_bytes),
        TEST(a_place_that_fails_costs_the_backup_nothing_and_is_tried_again),
        TEST(a_damaged_row_fails_the_backup_and_is_named),
    };
#undef TEST
    return cmocka_run_group_tests_name("work/backups", tests, NULL, NULL);
}
