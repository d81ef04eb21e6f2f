/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A backup that is cut off: the program is killed, or the disk is full, at each of its calls to the
 * system. There is the whole backup afterwards or none, those of before are as they were, and what
 * lies about goes with the next one. (What SQLite itself writes: tests/store/test_backup_faults.c.)
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "escher/base/file.h"
#include "escher/work/backup_private.h"
#include "escher/work/backup_restore.h"
#include "tests/work/desk.h"

static struct esc_error err;

enum {
    LOOK_EVERY = 4, /* kills; what one leaves the next has to cope with */
};

/* Calls are counted while this is armed, whoever makes them. */
static struct {
    atomic_bool is_armed;
    _Atomic unsigned calls;
    unsigned at; /* this one does not happen */
    bool kills;  /* else the disk is full */
} cut;

static bool is_cut(void)
{
    if (!atomic_load(&cut.is_armed) || atomic_fetch_add(&cut.calls, 1) + 1 != cut.at)
        return false;
    if (cut.kills)
        (void)kill(getpid(), SIGKILL);
    errno = ENOSPC;
    return true;
}

/* The linker sends the calls of our code here (--wrap). */
int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to)
{
    return is_cut() ? -1 : __real_rename(from, to);
}

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
    return is_cut() ? -1 : __real_fsync(fd);
}

int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return flags & O_CREAT && is_cut() ? -1 : __real_open64(path, flags, mode);
}

ssize_t __real_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_write(int fd, const void *bytes, size_t len)
{
    return is_cut() ? -1 : __real_write(fd, bytes, len);
}

int __real_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode)
{
    return is_cut() ? -1 : __real_mkdir(path, mode);
}

int __real_unlinkat(int folder, const char *name, int flags);
int __wrap_unlinkat(int folder, const char *name, int flags);
int __wrap_unlinkat(int folder, const char *name, int flags)
{
    return is_cut() ? -1 : __real_unlinkat(folder, name, flags);
}

static void arm(unsigned at, bool kills)
{
    cut.at = at;
    cut.kills = kills;
    atomic_store(&cut.calls, 0);
    atomic_store(&cut.is_armed, true);
}

static bool disarm(void)
{
    atomic_store(&cut.is_armed, false);
    return atomic_load(&cut.calls) >= cut.at; /* it struck */
}

/* What there is, each of which must count and open. */
static size_t expect_all_well(struct desk *desk)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *page = desk_expect(desk, ESC_OK, "GET", "/api/backups", NULL);
    const struct esc_json *backups = esc_json_get(page, "backups");
    for (size_t i = 0; i < esc_json_len(backups); i++)
        assert_true(esc_json_flag(esc_json_at(backups, i), "verified", false));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *found = desk_expect(desk, ESC_OK, "POST", "/api/backups/verify", NULL);
    assert_int_equal(esc_json_len(backups), esc_json_len(esc_json_get(found, "backups")));
    return esc_json_len(backups);
}

static void expect_no_rubbish(struct desk *desk)
{
    struct esc_list names;
    const size_t before = expect_all_well(desk);
    esc_json_free(desk_expect(desk, ESC_OK, "POST", "/api/backups", NULL));
    ESC_CLEANUP(esc_freep) char *folder = backup_folder(desk->bench);
    esc_list_init(&names, free);
    expect_ok(esc_file_list(folder, &names, &err));
    assert_int_equal(before + 1, names.count);
    esc_list_done(&names);
}

/* Backs up in a child and is killed; false when the child came to its end. */
static bool back_up_and_die(struct desk *desk, unsigned at)
{
    int status = 0;
    const pid_t child = fork();
    if (child == 0) {
        expect_ok(desk_open(desk, false, &err));
        arm(at, true);
        (void)desk_ask(desk, "POST", "/api/backups", NULL, NULL);
        _exit(0);
    }
    assert_int_equal(child, waitpid(child, &status, 0));
    return WIFSIGNALED(status);
}

static void a_kill_at_any_step_leaves_the_whole_backup_or_none(void **state)
{
    struct desk *desk = *state;
    unsigned at = 1;
    size_t count = 1;
    desk_add_database(desk);
    esc_json_free(desk_expect(desk, ESC_OK, "POST", "/api/backups", NULL));
    desk_close(desk);
    for (; back_up_and_die(desk, at); at++) {
        if (at % LOOK_EVERY != 0)
            continue;
        expect_ok(desk_open(desk, false, &err));
        const size_t now = expect_all_well(desk);
        assert_in_range(now, count, count + LOOK_EVERY);
        expect_no_rubbish(desk);
        count = now + 1;
        desk_close(desk);
    }
    assert_true(at > 10);
    expect_ok(desk_open(desk, false, &err));
    expect_no_rubbish(desk);
}

static void a_full_disk_at_any_step_is_said_and_leaves_nothing(void **state)
{
    struct desk *desk = *state;
    bool struck = true;
    unsigned at = 1;
    size_t count = 1;
    desk_add_database(desk);
    esc_json_free(desk_expect(desk, ESC_OK, "POST", "/api/backups", NULL));
    for (; struck; at++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *answer = NULL;
        arm(at, false);
        const enum esc_status status = desk_ask(desk, "POST", "/api/backups", NULL, &answer);
        struck = disarm();
        if (status != ESC_OK)
            expect_contains("No space", esc_json_str(answer, "message", ""));
        const size_t now = expect_all_well(desk);
        assert_in_range(now, count + (status == ESC_OK),
                        count + 1); /* its name may not be synced */
        count = now;
    }
    assert_true(at > 10);
    expect_no_rubbish(desk);
}

/* Restoring */

static enum esc_status restore(struct desk *desk, struct esc_error *why)
{
    struct esc_restored restored;
    const struct esc_restore_task task = {.clock = &desk->clock.clock,
                                          .keyring_of_caller = desk->keyring};
    return esc_restore_run(&task, &restored, why);
}

/* The backup has the database, and the store another resource as well. */
static size_t count_resources(struct desk *desk)
{
    expect_ok(desk_open(desk, false, &err));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *status = desk_expect(desk, ESC_OK, "GET", "/api/status", NULL);
    const size_t count = (size_t)esc_json_num(status, "resources", 0);
    desk_close(desk);
    return count;
}

static void lay_restore(struct desk *desk)
{
    ESC_CLEANUP(esc_freep)
    char *lines = desk_lines(
        "{\"id\":\"123456789012-us-west-2-rds_instance-later\","
        "\"provider\":\"aws\",\"resource_type\":\"rds_instance\","
        "\"identifier\":\"later\",\"name\":\"later\",\"arn\":\"arn:aws:rds:us-"
        "west-2:123456789012:db:later\","
        "\"account_id\":\"123456789012\",\"account_name\":\"production\",\"region\":\"us-west-2\","
        "\"state\":\"available\",\"tags\":{},\"metadata\":{},"
        "\"constraints\":{},\"relations\":[],"
        "\"last_synced\":\"2026-11-21T07:00:00Z\"}");
    desk_add_database(desk);
    esc_json_free(desk_expect(desk, ESC_OK, "POST", "/api/backups", NULL));
    esc_json_free(desk_expect(desk, ESC_OK, "POST", "/api/estate/import", lines));
    desk_close(desk);
    assert_int_equal(2, count_resources(desk));
}

static void a_restore_without_room_changes_nothing(void **state)
{
    struct desk *desk = *state;
    bool struck = true, restored = false;
    lay_restore(desk);
    for (unsigned at = 1; struck; at++) {
        struct esc_error why = {0};
        arm(at, false);
        const enum esc_status status = restore(desk, &why);
        struck = disarm();
        if (status != ESC_OK)
            expect_contains("No space", why.message);
        restored = restored || status == ESC_OK || strstr(why.message, "restored, but");
        if (!restored)
            assert_int_equal(2, count_resources(desk));
    }
    assert_true(restored);
    assert_int_equal(1, count_resources(desk));
}

static void a_restore_that_is_killed_is_done_by_the_next(void **state)
{
    struct desk *desk = *state;
    int status = 0;
    lay_restore(desk);
    for (unsigned at = 1;; at++) {
        const pid_t child = fork();
        if (child == 0) {
            struct esc_error why;
            arm(at, true);
            _exit(restore(desk, &why) == ESC_OK ? 0 : 1);
        }
        assert_int_equal(child, waitpid(child, &status, 0));
        if (!WIFSIGNALED(status))
            break;
        expect_ok(restore(desk, &err));
    }
    assert_int_equal(0, WEXITSTATUS(status));
    assert_int_equal(1, count_resources(desk));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_kill_at_any_step_leaves_the_whole_backup_or_none,
                                        desk_setup, desk_teardown),
        cmocka_unit_test_setup_teardown(a_full_disk_at_any_step_is_said_and_leaves_nothing,
                                        desk_setup, desk_teardown),
        cmocka_unit_test_setup_teardown(a_restore_without_room_changes_nothing, desk_setup,
                                        desk_teardown),
        cmocka_unit_test_setup_teardown(a_restore_that_is_killed_is_done_by_the_next, desk_setup,
                                        desk_teardown),
    };
    return cmocka_run_group_tests_name("work/backup_cut", tests, NULL, NULL);
}
