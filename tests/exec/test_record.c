/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/exec/record.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "escher/base/file.h"
#include "tests/support/test.h"

static struct esc_error err;

static const struct esc_exit_record example = {
    .ending = ESC_ENDING_TIMED_OUT,
    .exit_code = -1,
    .signal = 15,
    .started_at_ms = 1'700'000'000'000,
    .ended_at_ms = 1'700'000'060'000,
    .out_bytes = 5'000'000'000,
    .err_bytes = 1,
    .out_kept = 64,
    .err_kept = 1,
    .leaked = true,
    .over_limit = true,
    .message = "why",
};

static void expect_example(const struct esc_exit_record *record)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *expected = esc_exit_record_to_json(&example);
    ESC_CLEANUP(esc_json_freep) struct esc_json *actual = esc_exit_record_to_json(record);
    assert_true(esc_json_equal(expected, actual));
}

static void a_record_comes_back_from_json(void **)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_exit_record_to_json(&example);
    struct esc_exit_record record;
    expect_ok(esc_exit_record_from_json(json, &record, &err));
    expect_example(&record);
}

static void a_record_that_is_not_exactly_one_is_refused(void **)
{
    static const char *const changes[][2] = {
        {"schema", "\"escher.exit/2\""}, {"ending", "\"gone\""}, {"ending", "null"},
        {"exit_code", "\"0\""},          {"exit_code", "256"},   {"signal", "-2"},
        {"started_at_ms", "-1"},         {"out_bytes", "1.5"},   {"leaked", "0"},
        {"output_lost", "null"},         {"unheard", "\"of\""},  {"over_limit", "\"true\""},
    };
    for (size_t i = 0; i < ESC_COUNT(changes); i++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_exit_record_to_json(&example);
        ESC_CLEANUP(esc_freep) char *text = esc_sprintf("[%s]", changes[i][1]);
        ESC_CLEANUP(esc_json_freep) struct esc_json *values = NULL;
        struct esc_exit_record record;
        expect_ok(esc_json_parse(esc_str_of(text), NULL, &values, &err));
        esc_json_set(json, changes[i][0], esc_json_ref(esc_json_at(values, 0)));
        expect_status(ESC_INVALID, esc_exit_record_from_json(json, &record, &err));
    }
}

/* A run's folder with its key. */
struct place {
    char *folder;
    struct esc_secret *run_key;
    struct esc_attempt attempt;
};

static void set_up_place(struct place *place)
{
    static const char bytes[ESC_RUN_KEY] = "a key of thirty-two bytes length";
    place->folder = test_folder();
    place->run_key = esc_secret_new(bytes, sizeof bytes);
    place->attempt = (struct esc_attempt){place->folder, "stop", 1};
}

static void tear_down_place(struct place *place)
{
    free(place->folder);
    esc_secret_free(place->run_key);
}

static void write_example(const struct place *place)
{
    ESC_CLEANUP(esc_secret_freep)
    struct esc_secret *key = esc_attempt_key(&place->attempt, place->run_key, "exit");
    expect_ok(esc_attempt_write_record(&place->attempt, key, &example, &err));
}

static void a_sealed_record_opens_with_its_key_only(void **)
{
    struct place place;
    struct esc_exit_record record;
    set_up_place(&place);
    expect_status(ESC_NOT_FOUND,
                  esc_attempt_read_record(&place.attempt, place.run_key, &record, &err));
    write_example(&place);
    expect_ok(esc_attempt_read_record(&place.attempt, place.run_key, &record, &err));
    expect_example(&record);
    ESC_CLEANUP(esc_secret_freep)
    struct esc_secret *other = esc_secret_new("another key of 32 bytes, not his", ESC_RUN_KEY);
    expect_status(ESC_CORRUPT, esc_attempt_read_record(&place.attempt, other, &record, &err));
    tear_down_place(&place);
}

static void a_record_cannot_stand_in_for_another(void **)
{
    struct place place;
    struct esc_exit_record record;
    set_up_place(&place);
    write_example(&place);
    struct esc_attempt second = place.attempt;
    second.attempt = 2;
    ESC_CLEANUP(esc_freep) char *from = esc_attempt_path(&place.attempt, "exit");
    ESC_CLEANUP(esc_freep) char *to = esc_attempt_path(&second, "exit");
    assert_int_equal(0, rename(from, to));
    expect_status(ESC_CORRUPT, esc_attempt_read_record(&second, place.run_key, &record, &err));
    tear_down_place(&place);
}

/* Without the syncs of esc_file_replace(), which some hundred times over take seconds. */
static void put_file(const char *path, struct esc_str bytes)
{
    ESC_CLEANUP(esc_fd_close) int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    expect_ok(esc_file_write_fd(fd, bytes, &err));
}

static void a_record_cut_or_changed_anywhere_is_damaged(void **)
{
    struct place place;
    struct esc_exit_record record;
    struct esc_buf bytes;
    set_up_place(&place);
    write_example(&place);
    ESC_CLEANUP(esc_freep) char *path = esc_attempt_path(&place.attempt, "exit");
    esc_buf_init(&bytes, ESC_EXIT_RECORD_MAX);
    expect_ok(esc_file_read(path, &bytes, &err));
    for (size_t at = 0; at < bytes.len; at++) {
        struct esc_str cut = esc_str_slice(esc_buf_str(&bytes), 0, at);
        put_file(path, cut);
        expect_status(ESC_CORRUPT,
                      esc_attempt_read_record(&place.attempt, place.run_key, &record, &err));
        bytes.ptr[at] ^= 1;
        put_file(path, esc_buf_str(&bytes));
        expect_status(ESC_CORRUPT,
                      esc_attempt_read_record(&place.attempt, place.run_key, &record, &err));
        bytes.ptr[at] ^= 1;
    }
    esc_buf_done(&bytes);
    tear_down_place(&place);
}

static void expect_trace(enum esc_attempt_trace expected, const struct place *place)
{
    enum esc_attempt_trace trace;
    expect_ok(esc_attempt_look(&place->attempt, &trace, &err));
    assert_int_equal(expected, trace);
}

static void the_files_tell_how_far_an_attempt_got(void **)
{
    struct place place;
    set_up_place(&place);
    expect_trace(ESC_TRACE_NONE, &place);
    ESC_CLEANUP(esc_freep) char *live = esc_attempt_path(&place.attempt, "live");
    int fd = open(live, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(0, flock(fd, LOCK_EX));
    expect_trace(ESC_TRACE_RUNNING, &place);
    esc_fd_close(&fd);
    expect_trace(ESC_TRACE_LOST, &place);
    expect_trace(ESC_TRACE_LOST, &place); /* looking changes nothing */
    write_example(&place);
    expect_trace(ESC_TRACE_ENDED, &place);
    tear_down_place(&place);
}

static void a_step_id_cannot_leave_its_folder(void **)
{
    static const char *const ids[] = {"", "..", "../x", "a/b", "a.b", "a b", "\xc3\xa9"};
    const struct esc_attempt good = {"/tmp", "step_1-a", 1};
    expect_ok(esc_attempt_check(&good, &err));
    for (size_t i = 0; i < ESC_COUNT(ids); i++) {
        const struct esc_attempt bad = {"/tmp", ids[i], 1};
        expect_status(ESC_INVALID, esc_attempt_check(&bad, &err));
    }
    expect_status(ESC_INVALID,
                  esc_attempt_check(&(struct esc_attempt){"relative", "step", 1}, &err));
    expect_status(ESC_INVALID, esc_attempt_check(&(struct esc_attempt){"/tmp", "step", 0}, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_comes_back_from_json),
        cmocka_unit_test(a_record_that_is_not_exactly_one_is_refused),
        cmocka_unit_test(a_sealed_record_opens_with_its_key_only),
        cmocka_unit_test(a_record_cannot_stand_in_for_another),
        cmocka_unit_test(a_record_cut_or_changed_anywhere_is_damaged),
        cmocka_unit_test(the_files_tell_how_far_an_attempt_got),
        cmocka_unit_test(a_step_id_cannot_leave_its_folder),
    };
    return cmocka_run_group_tests_name("exec/record", tests, NULL, NULL);
}
