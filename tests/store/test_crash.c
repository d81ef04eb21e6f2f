/* SPDX-License-Identifier: Apache-2.0 */

/* The writer is killed, the disk is full: what was acknowledged is there, half of nothing is. */

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "escher/store/audit.h"
#include "escher/store/document.h"
#include "tests/store/support.h"

static enum esc_status put_number(struct esc_store *store, const char *key, int64_t number)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_json_object();
    esc_json_set_int(json, "number", number);
    return esc_store_doc_put(store, "settings", key, json, &err);
}

static int64_t get_number(struct box *box, const char *key)
{
    struct esc_json *json = NULL;
    enum esc_status status = esc_store_doc_get(box->store, "settings", key, &json, &err);
    if (status == ESC_NOT_FOUND)
        return 0;
    expect_ok(status);
    int64_t number = esc_json_num(json, "number", -1);
    esc_json_free(json);
    return number;
}

/* Writes 1, 2, 3 ... under three keys and into the audit trail, each number in one transaction,
 * and tells each one that is committed; lives until it is killed. */
ESC_NORETURN static void write_until_killed(struct box *box, int64_t number, int told)
{
    static const char *const keys[] = {"a", "b", "c"};
    if (box_try(box) != ESC_OK)
        _exit(1);
    for (;; number++) {
        bool ok = esc_store_begin(box->store, &err) == ESC_OK;
        for (size_t i = 0; i < ESC_COUNT(keys); i++)
            ok = ok && put_number(box->store, keys[i], number) == ESC_OK;
        ESC_CLEANUP(esc_json_freep) struct esc_json *event = esc_json_int(number);
        ok = ok && esc_store_audit_append(box->store, event, NULL, &err) == ESC_OK;
        ok = ok && esc_store_commit(box->store, &err) == ESC_OK;
        if (!ok || write(told, &number, sizeof number) != sizeof number)
            _exit(2);
    }
}

/* Lets a child write until @p acknowledged numbers came, kills it, and returns the last of them. */
static int64_t kill_writer(struct box *box, int64_t from, int acknowledged)
{
    int ends[2], status = 0;
    int64_t last = 0;
    assert_int_equal(0, pipe(ends));
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        write_until_killed(box, from, ends[1]);
    }
    close(ends[1]);
    for (int i = 0; i < acknowledged; i++)
        assert_int_equal(sizeof last, read(ends[0], &last, sizeof last));
    kill(child, SIGKILL);
    int64_t more;
    while (read(ends[0], &more, sizeof more) == sizeof more)
        last = more;
    close(ends[0]);
    assert_int_equal(child, waitpid(child, &status, 0));
    assert_true(WIFSIGNALED(status)); /* it did not end by itself */
    return last;
}

static void a_killed_writer_loses_nothing_acknowledged_and_leaves_no_half(void **)
{
    enum {
        ROUNDS = 200
    };
    struct box box;
    struct esc_audit_report report;
    int64_t next = 1;
    box_open(&box);
    box_shut(&box);
    for (int round = 0; round < test_rounds(ROUNDS); round++) {
        int64_t acknowledged = kill_writer(&box, next, 1 + round % 5);
        expect_ok(box_try(&box));
        int64_t found = get_number(&box, "a");
        assert_in_range(found, acknowledged, acknowledged + 1); /* one may be on its way */
        assert_int_equal(found, get_number(&box, "b"));
        assert_int_equal(found, get_number(&box, "c"));
        expect_ok(esc_store_audit_verify(box.store, &report, &err));
        assert_int_equal(found, report.records);
        box_shut(&box);
        next = found + 1;
    }
    box_done(&box);
}

/* More than SQLite keeps in memory, so that it goes to the log before the commit. */
ESC_NORETURN static void write_much_and_die(struct box *box)
{
    ESC_CLEANUP(esc_freep) char *text = esc_alloc_zero(64 * 1024 + 1);
    memset(text, 'x', 64 * 1024);
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_json_text(text);
    if (box_try(box) != ESC_OK || esc_store_begin(box->store, &err) != ESC_OK)
        _exit(1);
    for (int i = 0; i < 300; i++) {
        ESC_CLEANUP(esc_freep) char *key = esc_sprintf("uncommitted-%d", i);
        if (esc_store_doc_put(box->store, "settings", key, json, &err) != ESC_OK)
            _exit(2);
    }
    kill(getpid(), SIGKILL);
    _exit(3);
}

static void a_transaction_that_was_killed_is_not_there(void **)
{
    struct box box;
    struct esc_json *none = NULL;
    box_open(&box);
    put_resource(&box, "kept", "available", NULL);
    box_shut(&box);
    pid_t child = fork();
    if (child == 0)
        write_much_and_die(&box);
    int status = 0;
    assert_int_equal(child, waitpid(child, &status, 0));
    assert_true(WIFSIGNALED(status));
    struct esc_buf log = file_bytes(&box, "-wal");
    assert_true(log.len > 1024 * 1024); /* much of it is on disk */
    esc_buf_done(&log);
    expect_ok(box_try(&box));
    assert_int_equal(1, count_resources(&box));
    esc_resource_free(get_resource(&box, "kept"));
    expect_status(ESC_NOT_FOUND,
                  esc_store_doc_get(box.store, "settings", "uncommitted-0", &none, &err));
    put_resource(&box, "later", "available", NULL);
    assert_int_equal(2, count_resources(&box));
    box_done(&box);
}

/* Puts resources until one fails; returns how many were stored. */
static int fill_up(struct box *box, const char *stem, enum esc_status *status)
{
    char name[64];
    *status = ESC_OK;
    for (int i = 0;; i++) {
        (void)snprintf(name, sizeof name, "%s-%d", stem, i);
        ESC_CLEANUP(esc_resource_freep)
        struct esc_resource *resource = resource_of(name, "available");
        const struct esc_resource *const batch[] = {resource};
        *status = esc_store_estate_put(box->store, batch, NULL, 1, NULL, &err);
        if (*status != ESC_OK || i == 100'000)
            return i;
    }
}

static bool count_walked(void *context, const struct esc_resource *, const float *)
{
    ++*(int *)context;
    return true;
}

static void expect_readable(struct box *box, int expected)
{
    struct esc_store_tally tally;
    int count = 0;
    expect_ok(esc_store_estate_each(box->store, count_walked, &count, &tally, &err));
    assert_int_equal(expected, count);
    assert_int_equal(0, tally.corrupt);
}

static void set_file_limit(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(0, getrlimit(RLIMIT_FSIZE, &limit));
    limit.rlim_cur = bytes;
    assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &limit));
}

static void a_file_that_may_not_grow_is_a_clean_error(void **)
{
    struct box box;
    enum esc_status status;
    box_open(&box);
    put_resource(&box, "before", "available", NULL);
    struct rlimit kept;
    assert_int_equal(0, getrlimit(RLIMIT_FSIZE, &kept));
    (void)signal(SIGXFSZ, SIG_IGN);
    set_file_limit(512 * 1024);
    int stored = fill_up(&box, "filling", &status);
    assert_int_equal(ESC_IO, status);
    expect_readable(&box, stored + 1);
    set_file_limit(kept.rlim_cur);
    put_resource(&box, "after", "available", NULL); /* it goes on once there is room */
    expect_readable(&box, stored + 2);
    box_reopen(&box);
    expect_readable(&box, stored + 2);
    box_done(&box);
}

/* Mounts a small file system over @p folder, seen by this process alone. */
static bool mount_small(const char *folder)
{
    return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("tmpfs", folder, "tmpfs", 0, "size=4m") == 0;
}

static void a_full_disk_is_a_clean_error(void **)
{
    struct box box;
    enum esc_status status;
    box_init(&box);
    if (!mount_small(box.folder)) { /* only root may */
        box_done(&box);
        skip();
    }
    expect_ok(box_try(&box));
    int stored = fill_up(&box, "filling", &status);
    assert_int_equal(ESC_IO, status);
    expect_contains("disk is full", err.message);
    assert_true(stored > 20);
    expect_readable(&box, stored);
    expect_status(ESC_IO, put_number(box.store, "still", 1));
    assert_int_equal(0, mount(NULL, box.folder, NULL, MS_REMOUNT, "size=16m"));
    expect_ok(put_number(box.store, "again", 1));
    box_reopen(&box);
    expect_readable(&box, stored);
    box_shut(&box);
    assert_int_equal(0, umount(box.folder));
    box_done(&box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_killed_writer_loses_nothing_acknowledged_and_leaves_no_half),
        cmocka_unit_test(a_transaction_that_was_killed_is_not_there),
        cmocka_unit_test(a_file_that_may_not_grow_is_a_clean_error),
        cmocka_unit_test(a_full_disk_is_a_clean_error),
    };
    return cmocka_run_group_tests_name("store/crash", tests, NULL, NULL);
}
