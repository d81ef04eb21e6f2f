/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Calls of SQLite that fail while a store is copied, each of them once: it is
 * said, the store goes on, and nothing is left of the backup.
 */

#include "tests/store/backup_support.h"
#include "tests/support/vfs_sim.h"

static enum esc_status try_backup(struct box *box, const char *folder)
{
    struct esc_backup_facts facts;
    struct esc_snapshot *snapshot = NULL;
    bool done = false;
    enum esc_status status = esc_snapshot_begin(box->store, folder, "0.1.0", &snapshot, &err);
    while (status == ESC_OK && !done)
        status = esc_snapshot_step(snapshot, 8, &done, &err);
    if (status == ESC_OK)
        status = esc_snapshot_finish(snapshot, NULL, &facts, &err);
    esc_snapshot_free(snapshot);
    return status;
}

/* Returns how many calls there are that can fail like this. */
static uint64_t fail_each(struct box *box, struct vfs_sim *sim, const char *folder,
                          enum vfs_fault_kind kind)
{
    uint64_t at = 0, calls = 0;
    do {
        vfs_sim_fail(sim, (struct vfs_fault){.kind = kind, .at = ++at});
        const enum esc_status status = try_backup(box, folder);
        calls = vfs_sim_calls(sim);
        vfs_sim_fail(sim, (struct vfs_fault){0});
        if (calls >= at && status != ESC_OK) {
            assert_true(status == ESC_IO || status == ESC_CORRUPT);
            assert_null(strchr(err.message, '\n'));
        }
        if (calls < at)
            expect_ok(status);
        assert_false(esc_file_exists(folder));
        assert_int_equal(30, count_resources(box));
    } while (calls >= at);
    return at;
}

static void a_call_that_fails_is_said_and_leaves_nothing(void **)
{
    static const enum vfs_fault_kind kinds[] = {VFS_EIO, VFS_ENOSPC, VFS_SHORT_WRITE};
    struct box box;
    ESC_CLEANUP(esc_freep) char *folder = test_folder();
    struct vfs_sim *sim = vfs_sim_new(folder, (struct vfs_device){true, 512}, 1);
    box_open(&box);
    fill_box(&box, 30);
    for (size_t i = 0; i < ESC_COUNT(kinds); i++)
        assert_true(fail_each(&box, sim, folder, kinds[i]) > 3);
    expect_ok(try_backup(&box, folder));
    box_done(&box);
    vfs_sim_stop(sim);
    vfs_sim_free(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_that_fails_is_said_and_leaves_nothing),
    };
    return cmocka_run_group_tests_name("store/backup_faults", tests, NULL, NULL);
}
