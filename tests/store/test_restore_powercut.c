/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The power goes while a restored store takes the place of another. Whatever names the disk has
 * then, they are never a mixture: what opens is the one or the other, whole, or nothing opens and
 * the same restore goes on.
 */

#include "escher/store/restore.h"
#include "escher/store/whole.h"
#include "tests/store/backup_support.h"
#include "tests/support/vfs_image.h"

enum {
    OLD = 41,
    RESTORED = 40,
};

struct scene {
    struct box box;
    struct vfs_sim *sim;
    char *backup, *image;
    size_t opened_old, opened_restored, refused;
};

static void put_back(const struct box *box, const char *end, struct esc_buf *bytes)
{
    ESC_CLEANUP(esc_freep) char *path = esc_sprintf("%s%s", box->path, end);
    expect_ok(esc_file_replace(path, esc_buf_str(bytes), 0600, &err));
    esc_buf_done(bytes);
}

/* A store that was killed, with a row in its log that its backup does not have; and the restore,
 * logged from its begin. */
static void scene_init(struct scene *scene)
{
    *scene = (struct scene){.image = test_folder()};
    ESC_CLEANUP(esc_freep) char *elsewhere = test_folder();
    struct esc_restored restored;
    box_open(&scene->box);
    fill_box(&scene->box, RESTORED);
    ESC_CLEANUP(esc_freep) char *made = back_up(&scene->box, "one.escb", NULL);
    scene->backup = esc_path_join(elsewhere, "one.escb");
    assert_int_equal(0, rename(made, scene->backup));
    for (int i = 0; i < RESTORED; i++) { /* what the backup has is not where it was */
        ESC_CLEANUP(esc_freep) char *name = esc_sprintf("database-%d", i);
        put_resource(&scene->box, name, "stopped", NULL);
    }
    box_reopen(&scene->box); /* its log is empty: from here on it has a part of the pages */
    put_resource(&scene->box, "later", "available", NULL);
    struct esc_buf file = file_bytes(&scene->box, ""), log = file_bytes(&scene->box, "-wal");
    assert_true(log.len > 10'000);
    box_shut(&scene->box);
    put_back(&scene->box, "", &file);
    put_back(&scene->box, "-wal", &log);
    scene->sim = vfs_sim_new(scene->box.folder, (struct vfs_device){true, 512}, 3);
    const struct esc_restore_options options = {.backup = scene->backup,
                                                .path = scene->box.path,
                                                .lock_path = scene->box.lock,
                                                .keyring = scene->box.keyring,
                                                .key_name = "default",
                                                .clock = &scene->box.clock.clock};
    vfs_sim_mark(scene->sim, 1);
    expect_ok(esc_backup_restore(&options, &restored, &err));
    vfs_sim_mark(scene->sim, 2);
    vfs_sim_stop(scene->sim);
}

static void scene_done(struct scene *scene)
{
    vfs_sim_free(scene->sim);
    box_done(&scene->box);
    free(scene->backup);
    free(scene->image);
}

static void look_at_image(struct scene *scene)
{
    struct box found = scene->box;
    found.store = NULL;
    found.path = esc_path_join(scene->image, "store.db");
    found.lock = esc_path_join(scene->image, "store.lock");
    found.options.path = found.path;
    found.options.lock_path = found.lock;
    found.options.create = false;
    if (box_try(&found) == ESC_OK) {
        const size_t rows = count_resources(&found);
        expect_ok(esc_store_check(found.store, NULL, &err));
        assert_true(rows == OLD || rows == RESTORED);
        expect_ok(esc_store_audit_verify(found.store, NULL, &err));
        esc_resource_free(get_resource(&found, "database-39"));
        scene->opened_old += rows == OLD;
        scene->opened_restored += rows == RESTORED;
    } else {
        scene->refused++;
    }
    box_shut(&found);
    free(found.path);
    free(found.lock);
}

/* Bytes are not what this is about: the log and the file are moved and dropped. */
static bool is_of_names(const struct vfs_act *act)
{
    return act->kind == VFS_CREATE || act->kind == VFS_DELETE || act->kind == VFS_RENAME ||
           act->kind == VFS_TRUNCATE;
}

static void a_power_cut_while_restoring_mixes_nothing(void **)
{
    struct scene scene;
    struct esc_random_seeded random;
    esc_random_seeded_init(&random, test_seed(12));
    scene_init(&scene);
    struct vfs_disk *disk = vfs_disk_new(scene.sim);
    while (vfs_disk_step(disk)) {
        if (vfs_disk_mark(disk) == UINT64_MAX)
            continue;
        const struct vfs_act *act = vfs_sim_act(scene.sim, vfs_disk_position(disk) - 1);
        const int images = is_of_names(act) ? 10 * VFS_LOSS_COUNT : 1;
        for (int i = 0; i < test_rounds(images); i++) {
            vfs_disk_write(disk, images == 1 ? VFS_SCATTER : (enum vfs_loss)(i % VFS_LOSS_COUNT),
                           512, &random.random, scene.image);
            look_at_image(&scene);
        }
    }
    vfs_disk_free(disk);
    assert_true(scene.opened_old > 0 && scene.opened_restored > 0);
    scene_done(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_power_cut_while_restoring_mixes_nothing),
    };
    return cmocka_run_group_tests_name("store/restore_powercut", tests, NULL, NULL);
}
