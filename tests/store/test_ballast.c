/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The disk is full, at every write there is: what belongs to the audit trail, and what deletes,
 * fits all the same, because room was kept for it. What does not, waits; and nobody else takes the
 * room. Once on a simulated disk, where each write fails in its turn, and once on a real small one.
 */

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "escher/store/audit.h"
#include "escher/store/ballast.h"
#include "escher/store/document.h"
#include "escher/store/runs.h"
#include "escher/store/whole.h"
#include "tests/store/support.h"
#include "tests/support/vfs_sim.h"

enum {
    SIZE = 256 * 1024,
};

static char *path_of_ballast;

static void box_with_ballast(struct box *box)
{
    box_init(box);
    path_of_ballast = esc_path_join(box->folder, "store.ballast");
    box->options.ballast_path = path_of_ballast;
    box->options.ballast_size = SIZE;
}

static void ballast_box_done(struct box *box)
{
    box_done(box);
    free(path_of_ballast);
}

static uint64_t ballast_size(void)
{
    struct stat file;
    assert_int_equal(0, stat(path_of_ballast, &file));
    return (uint64_t)file.st_blocks * 512;
}

static enum esc_status put(struct box *box, const char *key, size_t len)
{
    ESC_CLEANUP(esc_freep) char *text = esc_alloc_zero(len + 1);
    memset(text, 'x', len);
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_json_text(text);
    return esc_store_doc_put(box->store, "settings", key, json, &err);
}

/* The result of a run: its row and its record, in one transaction. */
static enum esc_status record_result(struct box *box)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *event = esc_json_object();
    esc_json_set_text(event, "kind", "result");
    enum esc_status status = esc_store_begin(box->store, &err);
    if (status == ESC_OK)
        status = esc_store_run_put(box->store, "run", event, &err);
    if (status == ESC_OK)
        status = esc_store_audit_append(box->store, event, NULL, &err);
    if (status == ESC_OK)
        return esc_store_commit(box->store, &err);
    esc_store_rollback(box->store);
    return status;
}

static enum esc_status delete_document(struct box *box)
{
    return esc_store_doc_del(box->store, "settings", "old", &err);
}

static enum esc_status put_document(struct box *box)
{
    return put(box, "new", 20'000);
}

/* A scan replaces blocks of the estate, which deletes rows: that is no reason to spend. */
static enum esc_status put_estate(struct box *box)
{
    struct esc_resource *resources[40];
    const struct esc_resource *batch[ESC_COUNT(resources)];
    for (size_t i = 0; i < ESC_COUNT(resources); i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "db-%zu", i);
        batch[i] = resources[i] = resource_of(name, "available");
    }
    enum esc_status status =
        esc_store_estate_put(box->store, batch, NULL, ESC_COUNT(batch), NULL, &err);
    for (size_t i = 0; i < ESC_COUNT(resources); i++)
        esc_resource_free(resources[i]);
    return status;
}

static enum esc_status put_estate_again(struct box *box)
{
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = resource_of("db-1", "gone");
    const struct esc_resource *const batch[] = {resource};
    return esc_store_estate_put(box->store, batch, NULL, 1, NULL, &err);
}

static void room_is_kept_from_the_first_opening_on(void **)
{
    struct box box;
    box_with_ballast(&box);
    expect_ok(box_try(&box));
    assert_int_equal(ESC_BALLAST_READY, esc_store_ballast_state(box.store));
    assert_in_range(ballast_size(), SIZE, 2 * SIZE);
    box_reopen(&box);
    assert_int_equal(ESC_BALLAST_READY, esc_store_ballast_state(box.store));
    box.options.ballast_path = NULL;
    box_reopen(&box);
    assert_int_equal(ESC_BALLAST_OFF, esc_store_ballast_state(box.store));
    ballast_box_done(&box);
}

static unsigned answered_well; /* of the calls that found no room */

/* The n-th write of @p act finds no room. Tells whether there was an n-th. */
static bool fail_one(enum esc_status (*act)(struct box *), uint64_t at)
{
    struct box box;
    box_with_ballast(&box);
    struct vfs_sim *sim = vfs_sim_new(box.folder, (struct vfs_device){true, 4096}, at);
    expect_ok(box_try(&box));
    expect_ok(put(&box, "old", 30'000));
    expect_ok(record_result(&box));
    expect_ok(act == put_estate_again ? put_estate(&box) : ESC_OK);
    vfs_sim_fail(sim, (struct vfs_fault){VFS_ENOSPC, at, false});
    const enum esc_status status = act(&box);
    const bool came = vfs_sim_calls(sim) >= at;
    const enum esc_ballast_state state = esc_store_ballast_state(box.store);
    vfs_sim_fail(sim, (struct vfs_fault){0});
    assert_int_equal(ESC_BALLAST_READY, state); /* there is room again, and it was taken */
    assert_int_not_equal(0, ballast_size());
    answered_well += came && status == ESC_OK;
    if (status != ESC_OK)
        assert_int_equal(ESC_IO, status);
    expect_ok(esc_store_check(box.store, NULL, &err));
    expect_ok(esc_store_audit_verify(box.store, NULL, &err));
    box_shut(&box);
    vfs_sim_stop(sim);
    expect_ok(box_try(&box));
    expect_ok(esc_store_check(box.store, NULL, &err));
    vfs_sim_free(sim);
    ballast_box_done(&box);
    return came;
}

static void fail_each(enum esc_status (*act)(struct box *), bool fits)
{
    uint64_t at = 1;
    answered_well = 0;
    while (fail_one(act, at))
        at++;
    assert_in_range(at, 3, 100);
    assert_int_equal(fits ? at - 2 : 0,
                     answered_well); /* all but the sync, which is not repeated */
}

static void a_result_fits_whichever_write_finds_the_disk_full(void **)
{
    fail_each(record_result, true);
}

static void what_deletes_fits_too(void **)
{
    fail_each(delete_document, true);
}

static void anything_else_leaves_the_room_alone(void **)
{
    fail_each(put_document, false);
    fail_each(put_estate, false);
    fail_each(put_estate_again, false);
}

/* A real disk of 4 MiB */

static void fill(const char *path)
{
    static const char bytes[4096];
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    while (write(fd, bytes, sizeof bytes) > 0)
        continue;
    esc_fd_close(&fd);
}

static void expect_full(struct box *box)
{
    expect_status(ESC_IO, put(box, "more", 50'000));
    expect_contains("the disk is full", err.message);
}

static void on_a_full_disk_the_trail_goes_on_and_the_rest_waits(void **)
{
    struct box box;
    box_with_ballast(&box);
    if (mount("tmpfs", box.folder, "tmpfs", 0, "size=4m,mode=700") != 0) {
        box_done(&box);
        skip();
    }
    ESC_CLEANUP(esc_freep) char *filler = esc_path_join(box.folder, "filler");
    expect_ok(box_try(&box));
    expect_ok(put(&box, "old", 30'000));
    expect_ok(record_result(&box));
    fill(filler);
    expect_full(&box);
    assert_int_equal(ESC_BALLAST_READY, esc_store_ballast_state(box.store));
    expect_ok(record_result(&box));
    assert_int_equal(ESC_BALLAST_SPENT, esc_store_ballast_state(box.store));
    expect_full(&box); /* there would be room, which is not for this */
    expect_contains("kept for the audit trail", err.message);
    expect_ok(record_result(&box));
    expect_ok(delete_document(&box));
    box_reopen(&box); /* which empties the log, so that there may be room again */
    expect_ok(record_result(&box));
    expect_ok(esc_store_audit_verify(box.store, NULL, &err));
    expect_ok(esc_file_remove(filler, &err));
    expect_ok(put(&box, "more", 50'000));
    assert_int_equal(ESC_BALLAST_READY, esc_store_ballast_state(box.store));
    box_shut(&box);
    assert_int_equal(0, umount2(box.folder, MNT_DETACH));
    ballast_box_done(&box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(room_is_kept_from_the_first_opening_on),
        cmocka_unit_test(a_result_fits_whichever_write_finds_the_disk_full),
        cmocka_unit_test(what_deletes_fits_too),
        cmocka_unit_test(anything_else_leaves_the_room_alone),
        cmocka_unit_test(on_a_full_disk_the_trail_goes_on_and_the_rest_waits),
    };
    return cmocka_run_group_tests_name("store/ballast", tests, NULL, NULL);
}
