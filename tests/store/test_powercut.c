/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The power goes at any moment: random histories of a store on a simulated disk, and for each act
 * of their logs images of what the disk may hold. The real code opens every image, reads all of
 * it, and what it finds must be the whole of what was acknowledged, or that and the whole of what
 * was being written.
 *
 * A failure names a seed: with it in ESCHER_TEST_SEED the history that failed is the first.
 */

#include <stdio.h>
#include <string.h>

#include "escher/base/file.h"
#include "escher/store/document.h"
#include "escher/store/store_private.h"
#include "escher/store/whole.h"
#include "tests/store/history.h"
#include "tests/support/test.h"
#include "tests/support/vfs_image.h"

static struct esc_error err;

enum {
#ifdef ESC_SANITIZED
    IMAGES = 5'000, /* each takes four times as long */
#else
    IMAGES = 20'000,
#endif
    STEPS = 16,
};

/* Images of one history. */
struct trial {
    uint64_t seed;
    struct history *history;
    struct esc_random_seeded random;
    char *folder, *second; /* of an image, and of an image of what opening it did */
    size_t images;
    bool is_careless;
};

/* One image, for whoever has to look at it. */
struct place {
    size_t act;
    enum vfs_loss loss;
    size_t unit;
    const struct moment *moment;
    bool is_second;
};

static void give_up(const struct trial *trial, const struct place *place)
{
    print_error("image %zu of ESCHER_TEST_SEED=%llu (act %zu, %s %zu%s), at step %u, `%s`: %s\n",
                trial->images, (unsigned long long)trial->seed, place->act,
                vfs_loss_text(place->loss), place->unit,
                place->is_second ? ", cut again while it was opened" : "", place->moment->step,
                place->moment->doing, err.message);
    fail();
}

/* What may be there is there. */
static enum esc_status compare(const struct trial *trial, const struct moment *moment,
                               const char *found)
{
    for (size_t i = moment->from; i <= moment->to; i++)
        if (strcmp(found, history_state(trial->history, i)) == 0)
            return ESC_OK;
    return esc_fail(&err, ESC_CORRUPT, "it holds none of the states %zu to %zu, but\n%s",
                    moment->from, moment->to, found);
}

static enum esc_status check_pages(struct esc_store *store)
{
    ESC_CLEANUP(db_releasep) struct db_statement *check = NULL;
    bool is_row = false;
    enum esc_status status = db_prepare(store->db, "PRAGMA integrity_check", &check, &err);
    if (status == ESC_OK)
        status = db_step(check, &is_row, &err);
    if (status == ESC_OK && !esc_str_is(db_bytes(check, 0), "ok"))
        return esc_fail(&err, ESC_CORRUPT, "%.*s", ESC_STR_ARG(db_bytes(check, 0)));
    return status;
}

static enum esc_status check_store(const struct trial *trial, const struct moment *moment,
                                   struct esc_store *store)
{
    ESC_CLEANUP(esc_freep) char *found = NULL;
    if (moment->is_made && strcmp(esc_store_id(store), history_id(trial->history)) != 0)
        return esc_fail(&err, ESC_CORRUPT, "it is another store");
    enum esc_status status = trial->images % 2 ? ESC_OK : check_pages(store);
    if (status == ESC_OK)
        status = esc_store_check(store, NULL, &err);
    if (status == ESC_OK)
        status = history_read(store, &found, &err);
    return status == ESC_OK ? compare(trial, moment, found) : status;
}

/* It goes on: one more document, acknowledged, is there after the next opening. */
static enum esc_status write_on(const struct trial *trial, const char *folder,
                                struct reopened **reopened)
{
    struct esc_json *found = NULL;
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_json_text("after");
    enum esc_status status =
        esc_store_doc_put(reopened_store(*reopened), "later", "after", json, &err);
    history_shut(ESC_STEAL(*reopened));
    if (status == ESC_OK)
        status = history_reopen(trial->history, folder, true, reopened, &err);
    if (status == ESC_OK)
        status = esc_store_doc_get(reopened_store(*reopened), "later", "after", &found, &err);
    esc_json_free(found);
    return status;
}

static enum esc_status check_folder(struct trial *trial, const struct moment *moment,
                                    const char *folder)
{
    struct reopened *reopened = NULL;
    trial->images++;
    enum esc_status status =
        history_reopen(trial->history, folder, moment->has_key, &reopened, &err);
    if (status != ESC_OK)
        return status;
    status = check_store(trial, moment, reopened_store(reopened));
    if (status == ESC_OK && moment->is_made && trial->images % 8 == 0)
        status = write_on(trial, folder, &reopened);
    history_shut(reopened);
    return status;
}

/*
 * The power goes again while the image is being opened, read and closed. Only where the device
 * keeps neighbours: where it does not, SQLite keeps a distance between transactions in the log
 * only until it has been recovered from an image once.
 */
static void cut_again(struct trial *trial, const struct place *first)
{
    struct place place = *first;
    struct vfs_sim *sim = vfs_sim_new(trial->folder, vfs_sim_device(history_sim(trial->history)),
                                      trial->seed + trial->images);
    vfs_sim_mark(sim, 0); /* what lies before it is the image */
    if (check_folder(trial, first->moment, trial->folder) != ESC_OK)
        give_up(trial, first);
    vfs_sim_stop(sim);
    struct vfs_disk *disk = vfs_disk_new(sim);
    place.is_second = true;
    while (vfs_disk_step(disk)) {
        place.act = vfs_disk_position(disk);
        place.loss = (enum vfs_loss)esc_random_below(&trial->random.random, VFS_LOSS_COUNT);
        if (vfs_disk_mark(disk) == UINT64_MAX || vfs_disk_is_settled(disk))
            continue;
        vfs_disk_write(disk, place.loss, place.unit, &trial->random.random, trial->second);
        if (check_folder(trial, place.moment, trial->second) != ESC_OK)
            give_up(trial, &place);
    }
    vfs_disk_free(disk);
    vfs_sim_free(sim);
}

static void try_image(struct trial *trial, const struct vfs_disk *disk, enum vfs_loss loss)
{
    const struct vfs_device device = vfs_sim_device(history_sim(trial->history));
    struct place place = {.act = vfs_disk_position(disk), .loss = loss, .unit = 512};
    place.moment = history_moment(trial->history, vfs_disk_mark(disk));
    if (!device.keeps_neighbours)
        place.unit = (size_t)device.sector;
    else if (esc_random_below(&trial->random.random, 2) == 0)
        place.unit = 4096;
    vfs_disk_write(disk, loss, place.unit, &trial->random.random, trial->folder);
    if (place.moment->is_made && device.keeps_neighbours && trial->images % 64 == 63)
        cut_again(trial, &place);
    else if (check_folder(trial, place.moment, trial->folder) != ESC_OK)
        give_up(trial, &place);
}

/* All kinds of images where something is acknowledged, two of them everywhere else. */
static void try_disk(struct trial *trial, const struct vfs_disk *disk, enum vfs_act_kind kind)
{
    if (vfs_disk_is_settled(disk)) {
        if (kind != VFS_WRITE)
            try_image(trial, disk, VFS_KEEP);
    } else if (kind == VFS_MARK) {
        for (enum vfs_loss loss = VFS_KEEP; loss < VFS_LOSS_COUNT; loss++)
            try_image(trial, disk, loss);
    } else {
        const uint64_t first = esc_random_below(&trial->random.random, VFS_LOSS_COUNT);
        const uint64_t step = 1 + esc_random_below(&trial->random.random, VFS_LOSS_COUNT - 1);
        try_image(trial, disk, (enum vfs_loss)first);
        try_image(trial, disk, (enum vfs_loss)((first + step) % VFS_LOSS_COUNT));
    }
}

static void try_all_acts(struct trial *trial)
{
    struct vfs_sim *sim = history_sim(trial->history);
    struct vfs_disk *disk = vfs_disk_new(sim);
    while (vfs_disk_step(disk))
        if (vfs_disk_mark(disk) != UINT64_MAX)
            try_disk(trial, disk, vfs_sim_act(sim, vfs_disk_position(disk) - 1)->kind);
    vfs_disk_free(disk);
}

/* Opens the store; in a history with a failure in it the second time. */
static void open_store(struct history *history)
{
    if (history_open(history, &err) != ESC_OK)
        expect_ok(history_open(history, &err));
}

/* A third of the histories have one call that fails in them; then the step is undone. */
static void live(struct trial *trial)
{
    const struct esc_random *random = &trial->random.random;
    if (!trial->is_careless && esc_random_below(random, 3) == 0)
        vfs_sim_fail(history_sim(trial->history),
                     (struct vfs_fault){(enum vfs_fault_kind)esc_random_below(random, 3),
                                        1 + esc_random_below(random, 300), false});
    open_store(trial->history);
    for (int i = 0; i < STEPS; i++)
        if (history_step(trial->history, &err) != ESC_OK && !history_store(trial->history))
            open_store(trial->history);
    history_close(trial->history);
    vfs_sim_stop(history_sim(trial->history));
}

static void trial_begin(struct trial *trial, uint64_t seed, bool is_careless)
{
    static const struct vfs_device devices[] = {
        {true, 4096}, {true, 512}, {false, 512}, {false, 4096}};
    static const int checkpoints[] = {0, 8, 24};
    *trial = (struct trial){
        .seed = seed, .folder = test_folder(), .second = test_folder(), .is_careless = is_careless};
    esc_random_seeded_init(&trial->random, seed);
    const struct history_options options = {
        seed, devices[esc_random_below(&trial->random.random, ESC_COUNT(devices))],
        checkpoints[esc_random_below(&trial->random.random, ESC_COUNT(checkpoints))], is_careless};
    trial->history = history_new(&options);
}

static void trial_end(struct trial *trial)
{
    history_free(trial->history);
    (void)esc_file_remove(trial->folder, NULL); /* what stays is removed at exit */
    (void)esc_file_remove(trial->second, NULL);
    free(trial->folder);
    free(trial->second);
}

static size_t try_history(uint64_t seed)
{
    struct trial trial;
    trial_begin(&trial, seed, false);
    live(&trial);
    try_all_acts(&trial);
    trial_end(&trial);
    return trial.images;
}

/* Histories that lost something once; the first: a commit that failed after the sync of its last
 * frame came back with the log, whose removal was not durable. The second: the next commit had
 * nothing to write, so the failed one stayed in the log; the third: the next step was undone. */
static void what_was_lost_once_stays_found(void **)
{
    static const uint64_t seeds[] = {20261174, 20261282, 20261905};
    for (size_t i = 0; i < ESC_COUNT(seeds); i++)
        (void)try_history(seeds[i]);
}

static void nothing_acknowledged_is_lost_and_nothing_torn_is_taken_when_the_power_goes(void **)
{
    const size_t wanted = (size_t)test_rounds(IMAGES);
    size_t images = 0, histories = 0;
    for (; images < wanted; histories++)
        images += try_history(test_seed(histories));
    print_message("# %zu images of %zu histories\n", images, histories);
}

/* Of these tests: without syncs there are images that have lost something, and they are found. */
static void a_store_that_does_not_sync_is_found_out(void **)
{
    struct trial trial;
    size_t bad = 0;
    trial_begin(&trial, test_seed(0), true);
    live(&trial);
    struct vfs_disk *disk = vfs_disk_new(history_sim(trial.history));
    while (vfs_disk_step(disk)) {
        if (vfs_disk_mark(disk) == UINT64_MAX)
            continue;
        const struct moment *moment = history_moment(trial.history, vfs_disk_mark(disk));
        const size_t loss = 1 + vfs_disk_position(disk) % (VFS_LOSS_COUNT - 1);
        vfs_disk_write(disk, (enum vfs_loss)loss, 512, &trial.random.random, trial.folder);
        bad += check_folder(&trial, moment, trial.folder) != ESC_OK;
    }
    assert_in_range(bad, trial.images / 4, trial.images);
    vfs_disk_free(disk);
    trial_end(&trial);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_store_that_does_not_sync_is_found_out),
        cmocka_unit_test(what_was_lost_once_stays_found),
        cmocka_unit_test(
            nothing_acknowledged_is_lost_and_nothing_torn_is_taken_when_the_power_goes),
    };
    return cmocka_run_group_tests_name("store/powercut", tests, NULL, NULL);
}
