/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The disk is full from one write of a sync on: it says so in one sentence, all that was stored
 * before is whole, and once there is room the next sync does what this one could not. And how often
 * a sync waits for the disk.
 */

#include <string.h>

#include <sqlite3.h>

#include "escher/base/alloc.h"
#include "tests/work/cloud_desk.h"

static const char *const accounts[] = {"111111111111", NULL};
static const char *const regions[] = {"us-west-2", NULL};

/* ---- a disk that is full after so many writes: SQLite's own VFS with two other methods ---- */

enum {
    KINDS = 4 /* of files that SQLite has methods of their own for */
};

static struct {
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    struct {
        sqlite3_io_methods methods;
        const sqlite3_io_methods *real;
    } kinds[KINDS];
    size_t writes, room; /* writes that find some */
    size_t syncs;
} disk;

static int write_if_room(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 at)
{
    if (disk.writes++ >= disk.room)
        return SQLITE_FULL;
    return disk.kinds[0].real->xWrite(file, bytes, len, at);
}

static int count_sync(sqlite3_file *file, int flags)
{
    disk.syncs++;
    return disk.kinds[0].real->xSync(file, flags);
}

static const sqlite3_io_methods *methods_for(const sqlite3_io_methods *real)
{
    size_t at = 0;
    while (at < KINDS && disk.kinds[at].real && disk.kinds[at].real != real)
        at++;
    assert_true(at < KINDS);
    disk.kinds[at].real = real;
    disk.kinds[at].methods = *real;
    /* All kinds of the Unix VFS do both alike and differ in how they lock. */
    assert_ptr_equal(real->xWrite, disk.kinds[0].real->xWrite);
    assert_ptr_equal(real->xSync, disk.kinds[0].real->xSync);
    disk.kinds[at].methods.xWrite = write_if_room;
    disk.kinds[at].methods.xSync = count_sync;
    return &disk.kinds[at].methods;
}

static int open_file(sqlite3_vfs *, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
    const int code = disk.real->xOpen(disk.real, name, file, flags, out_flags);
    if (code == SQLITE_OK && file->pMethods)
        file->pMethods = methods_for(file->pMethods);
    return code;
}

static void lay_disk(void)
{
    disk.real = sqlite3_vfs_find(NULL);
    disk.vfs = *disk.real;
    disk.vfs.zName = "full";
    disk.vfs.xOpen = open_file;
    assert_int_equal(SQLITE_OK, sqlite3_vfs_register(&disk.vfs, 1));
}

static void give_room(size_t writes)
{
    disk.writes = 0;
    disk.room = writes;
}

/* ---- syncs ---- */

static void open_cloud(struct cloud_desk *at, size_t size)
{
    struct fake_aws_options options = {
        .seed = 5, .size = size, .accounts = accounts, .regions = regions};
    give_room(SIZE_MAX);
    cloud_desk_open(at, &options);
}

static struct esc_json *sync_all(struct cloud_desk *at, const char *more, enum esc_status *status)
{
    ESC_CLEANUP(esc_freep) char *body = esc_sprintf("\"transport\":\"native\",%s", more);
    return cloud_desk_sync(&at->desk, accounts[0], body, status);
}

static void sync_well(struct cloud_desk *at, const char *more)
{
    enum esc_status status;
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = sync_all(at, more, &status);
    if (status != ESC_OK) {
        ESC_CLEANUP(esc_freep) char *text = esc_json_print(body, ESC_JSON_COMPACT);
        fail_msg("%s: %.2000s", esc_status_text(status), text);
    }
}

/* Each line of @p few up to @p end is in @p all. */
static void expect_among(const char *few, char end, const char *all)
{
    struct esc_str rest = esc_str_of(few), line, piece;
    while (esc_str_next(&rest, '\n', &line)) {
        (void)esc_str_next(&line, end, &piece); /* it is there, or all of the line is meant */
        if (!esc_str_contains(esc_str_of(all), piece))
            fail_msg("lost: %.*s", ESC_STR_ARG(piece));
    }
}

/* What a sync comes to that nothing disturbs, and the writes it makes after one of RDS. */
static char *untroubled(size_t *writes)
{
    struct cloud_desk at;
    open_cloud(&at, 100);
    sync_well(&at, "\"service\":\"rds\",");
    give_room(SIZE_MAX);
    sync_well(&at, "");
    *writes = disk.writes;
    char *estate = cloud_desk_estate(&at.desk);
    cloud_desk_close(&at);
    return estate;
}

static void expect_sentence(const struct esc_json *body)
{
    const char *message = esc_json_str(body, "message", "");
    expect_contains("the disk is full; make room and try again", message);
    assert_null(strchr(message, '\n'));
}

static void fill_the_disk_after(size_t writes, const char *whole)
{
    struct cloud_desk at;
    enum esc_status status;
    open_cloud(&at, 100);
    sync_well(&at, "\"service\":\"rds\",");
    ESC_CLEANUP(esc_freep) char *before = cloud_desk_estate(&at.desk);
    give_room(writes);
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = sync_all(&at, "", &status);
    assert_int_equal(ESC_IO, status);
    expect_sentence(body);
    ESC_CLEANUP(esc_freep) char *during = cloud_desk_estate(&at.desk);
    expect_among(before, '\n', during);
    expect_among(during, ' ', whole); /* what its own policy says of it may be to come */
    give_room(SIZE_MAX);
    sync_well(&at, ""); /* goes on with the places that are not done */
    ESC_CLEANUP(esc_freep) char *after = cloud_desk_estate(&at.desk);
    expect_among(whole, ' ', after);
    sync_well(&at, ""); /* brings all, and so reads the policy of each that has one */
    fake_aws_close(ESC_STEAL(at.cloud)); /* it is on the loop of the core that ends */
    desk_restart(&at.desk);
    ESC_CLEANUP(esc_freep) char *reopened = cloud_desk_estate(&at.desk);
    assert_string_equal(whole, reopened);
    desk_done(&at.desk);
}

static void a_sync_on_a_full_disk_says_so_and_the_next_one_goes_on(void **)
{
    size_t writes;
    ESC_CLEANUP(esc_freep) char *whole = untroubled(&writes);
    const size_t points = (size_t)test_rounds(4);
    assert_true(writes > 20);
    for (size_t i = 0; i < points; i++)
        fill_the_disk_after(i * (writes - 1) / points, whole);
}

/* Each waits for the disk, and nobody is answered meanwhile. */
static void policies_that_come_together_are_written_together(void **)
{
    struct cloud_desk at;
    open_cloud(&at, 2400);
    disk.syncs = 0;
    sync_well(&at, "\"service\":\"sqs\",");
    const size_t queues = fake_aws_calls(at.cloud, "sqs", "GetQueueAttributes");
    assert_true(queues >= 20);
    assert_in_range(disk.syncs, 1, queues / 2);
    cloud_desk_close(&at);
}

int main(void)
{
    lay_disk();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sync_on_a_full_disk_says_so_and_the_next_one_goes_on),
        cmocka_unit_test(policies_that_come_together_are_written_together),
    };
    return cmocka_run_group_tests_name("work/sync_full_disk", tests, NULL, NULL);
}
