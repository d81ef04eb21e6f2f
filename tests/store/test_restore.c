/* SPDX-License-Identifier: Apache-2.0 */

/* From a backup to a store again: here, and on an empty machine; and all that is no reason to touch
 * a file. */

#include "escher/store/anchor.h"
#include "escher/store/key_change.h"
#include "escher/store/key_slots_private.h"
#include "escher/store/recovery.h"
#include "escher/store/restore.h"
#include "escher/store/rotation.h"
#include "escher/store/store_private.h"
#include "tests/store/backup_support.h"

static const struct esc_argon2 cheap = {1, 8};

static struct esc_secret *seeded_code(uint64_t seed)
{
    struct esc_random_seeded random;
    esc_random_seeded_init(&random, seed);
    return esc_recovery_code_new(&random.random);
}

/* A store with a code, some rows and a backup; then a row that the backup does not have. */
struct lost {
    struct box box;
    struct esc_secret *code;
    char *backup;
    struct esc_restored restored;
};

static void lost_init_with(struct lost *lost, const struct esc_secret *passphrase)
{
    *lost = (struct lost){.code = seeded_code(5)};
    box_init(&lost->box);
    lost->box.options.new_code = lost->code;
    lost->box.options.price = cheap;
    lost->box.options.passphrase = passphrase;
    expect_ok(box_try(&lost->box));
    lost->box.options.new_code = NULL;
    fill_box(&lost->box, 10);
    lost->backup = back_up(&lost->box, "one.escb", NULL);
    put_resource(&lost->box, "later", "available", NULL);
    box_shut(&lost->box);
    lost->box.options.create = false;
    lost->box.told.puts = 0;
}

static void lost_init(struct lost *lost)
{
    lost_init_with(lost, NULL);
}

static void lost_done(struct lost *lost)
{
    box_done(&lost->box);
    esc_secret_free(lost->code);
    free(lost->backup);
}

static struct esc_restore_options options_of(const struct lost *lost)
{
    return (struct esc_restore_options){.backup = lost->backup,
                                        .path = lost->box.path,
                                        .lock_path = lost->box.lock,
                                        .keyring = lost->box.keyring,
                                        .key_name = "default",
                                        .passphrase = lost->box.options.passphrase,
                                        .clock = &lost->box.clock.clock};
}

static void expect_backed_up_rows(struct box *box)
{
    expect_ok(box_try(box));
    assert_int_equal(10, count_resources(box));
    put_resource(box, "after", "available", NULL); /* it is a store like any other */
    box_reopen(box);
    assert_int_equal(11, count_resources(box));
}

static void here_the_keyring_has_the_key_and_the_store_is_moved_aside(void **)
{
    struct lost lost;
    lost_init(&lost);
    const struct esc_restore_options options = options_of(&lost);
    expect_ok(esc_backup_restore(&options, &lost.restored, &err));
    assert_string_equal("store.db.before-restore-19700101T002955Z", lost.restored.aside);
    assert_false(lost.restored.key_put);
    assert_int_equal(1, lost.box.told.puts); /* of the anchor */
    expect_backed_up_rows(&lost.box);
    box_shut(&lost.box);
    ESC_CLEANUP(esc_freep) char *aside = in_box(&lost.box, lost.restored.aside);
    ESC_CLEANUP(esc_freep) char *other = in_box(&lost.box, "restored");
    assert_int_equal(0, rename(lost.box.path, other));
    assert_int_equal(0, rename(aside, lost.box.path));
    expect_ok(box_try(&lost.box)); /* what was moved aside is all there, too */
    assert_int_equal(11, count_resources(&lost.box));
    esc_resource_free(get_resource(&lost.box, "later"));
    lost_done(&lost);
}

static void a_second_restore_moves_aside_under_a_name_of_its_own(void **)
{
    struct lost lost;
    lost_init(&lost);
    const struct esc_restore_options options = options_of(&lost);
    expect_ok(esc_backup_restore(&options, &lost.restored, &err));
    expect_ok(esc_backup_restore(&options, &lost.restored, &err));
    assert_string_equal("store.db.before-restore-19700101T002955Z-2", lost.restored.aside);
    expect_backed_up_rows(&lost.box);
    lost_done(&lost);
}

static void an_older_state_that_was_restored_is_not_refused(void **)
{
    struct lost lost;
    struct esc_anchor anchor;
    lost_init(&lost);
    lost.box.options.anchor = true;
    expect_ok(box_try(&lost.box));
    expect_ok(esc_store_anchor_take(lost.box.store, &anchor, &err));
    expect_ok(esc_anchor_put(lost.box.keyring, &anchor, &err));
    box_shut(&lost.box);
    const struct esc_restore_options options = options_of(&lost);
    expect_ok(esc_backup_restore(&options, &lost.restored, &err));
    expect_backed_up_rows(&lost.box);
    lost_done(&lost);
}

static void an_empty_machine_needs_the_file_and_the_code(void **)
{
    struct lost lost;
    struct box empty;
    lost_init(&lost);
    box_init(&empty);
    ESC_CLEANUP(esc_freep) char *folder = in_box(&empty, "data/default");
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(folder, "store.db");
    struct esc_restore_options options = options_of(&lost);
    options.path = path;
    options.lock_path = empty.lock;
    options.keyring = empty.keyring;
    options.key_name = "new machine";
    options.code = lost.code;
    expect_ok(esc_backup_restore(&options, &lost.restored, &err));
    assert_string_equal("", lost.restored.aside);
    assert_string_equal("new machine", lost.restored.key_name);
    assert_true(lost.restored.key_put);
    assert_int_equal(10, lost.restored.facts.records);
    empty.options.path = path;
    empty.options.create = false;
    expect_backed_up_rows(&empty); /* by the keyring, as ever */
    box_shut(&empty);
    empty.options.code = lost.code;
    expect_ok(box_try(&empty)); /* and by the code, still */
    box_done(&empty);
    lost_done(&lost);
}

static void a_code_without_a_passphrase_says_that_it_is_gone(void **)
{
    struct lost lost;
    struct box empty;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *passphrase = esc_secret_of_text("half");
    lost_init_with(&lost, passphrase);
    box_init(&empty);
    struct esc_restore_options options = options_of(&lost);
    expect_ok(esc_backup_restore(&options, &lost.restored, &err)); /* both halves are here */
    assert_false(lost.restored.lost_passphrase);
    assert_false(lost.restored.key_put);
    expect_backed_up_rows(&lost.box);
    box_shut(&lost.box);
    options.path = empty.path;
    options.lock_path = empty.lock;
    options.keyring = empty.keyring;
    options.code = lost.code;
    expect_ok(esc_backup_restore(&options, &lost.restored, &err));
    assert_true(lost.restored.lost_passphrase);
    empty.options.create = false;
    expect_backed_up_rows(&empty);
    box_done(&empty);
    lost_done(&lost);
}

static void an_item_of_another_store_stays_as_it_is(void **)
{
    struct lost lost;
    struct box other;
    lost_init(&lost);
    box_open(&other); /* whose item is called `default` as well */
    put_resource(&other, "ours", "available", NULL);
    box_shut(&other);
    struct esc_restore_options options = options_of(&lost);
    options.path = other.path;
    options.lock_path = other.lock;
    options.keyring = other.keyring;
    options.code = lost.code;
    expect_ok(esc_backup_restore(&options, &lost.restored, &err));
    assert_string_equal("default 2", lost.restored.key_name);
    expect_backed_up_rows(&other);
    box_shut(&other);
    ESC_CLEANUP(esc_freep) char *aside = in_box(&other, lost.restored.aside);
    assert_int_equal(0, rename(aside, other.path));
    expect_ok(box_try(&other));
    assert_int_equal(1, count_resources(&other));
    box_done(&other);
    lost_done(&lost);
}

/* A new key, in an item of another name, and a backup under it; then the store's file is lost. */
static void rotate_and_lose(struct lost *lost)
{
    struct esc_key_change *change = NULL;
    struct esc_rotation rotation = {.state = ESC_ROTATION_SEALING};
    const struct esc_key_change_options options = {.kind = ESC_KEY_ROTATE,
                                                   .to = lost->box.keyring,
                                                   .passphrase = lost->box.options.passphrase,
                                                   .new_passphrase = lost->box.options.passphrase,
                                                   .price = cheap};
    expect_ok(box_try(&lost->box));
    expect_ok(esc_key_change_begin(lost->box.store, &options, &change, &err));
    expect_ok(esc_key_change_work(change, &err));
    expect_ok(esc_key_change_commit(change, &err));
    esc_key_change_free(change);
    while (rotation.state == ESC_ROTATION_SEALING)
        expect_ok(esc_store_rotation_step(lost->box.store, 100, &rotation, &err));
    free(lost->backup);
    lost->backup = back_up(&lost->box, "two.escb", NULL);
    box_shut(&lost->box);
    expect_ok(esc_file_remove(lost->box.path, &err));
}

static void the_keyring_is_enough_without_the_store_after_a_new_key(void **)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *half = esc_secret_of_text("half");
    for (int with_passphrase = 0; with_passphrase < 2; with_passphrase++) {
        struct lost lost;
        lost_init_with(&lost, with_passphrase ? half : NULL);
        rotate_and_lose(&lost);
        const struct esc_restore_options options = options_of(&lost);
        expect_ok(esc_backup_restore(&options, &lost.restored, &err));
        assert_false(lost.restored.key_put);
        assert_false(lost.restored.lost_passphrase);
        expect_ok(box_try(&lost.box));
        assert_int_equal(11, count_resources(&lost.box));
        lost_done(&lost);
    }
}

static void what_was_coming_and_leaving_is_not_restored(void **)
{
    struct lost lost;
    ESC_CLEANUP(esc_json_freep) struct esc_json *stale = NULL;
    lost_init(&lost);
    expect_ok(box_try(&lost.box));
    const struct slot slot = {
        .kind = SLOT_LEAVING, .kek = 1, .keyring = "memory", .item = "another's"};
    expect_ok(esc_store_begin(lost.box.store, &err));
    expect_ok(key_slot_insert(lost.box.store->db, &slot, 1, &err));
    expect_ok(esc_store_commit(lost.box.store, &err));
    free(lost.backup);
    lost.backup = back_up(&lost.box, "two.escb", NULL);
    box_shut(&lost.box);
    const struct esc_restore_options options = options_of(&lost);
    expect_ok(esc_backup_restore(&options, &lost.restored, &err));
    expect_ok(box_try(&lost.box));
    expect_ok(esc_store_stale_items(lost.box.store, &stale, &err));
    assert_int_equal(0, esc_json_len(stale));
    lost_done(&lost);
}

/* The log of a store that was killed has what the file has not. */
static void a_log_is_not_lost(void **)
{
    struct lost lost;
    lost_init(&lost);
    expect_ok(box_try(&lost.box));
    put_resource(&lost.box, "in the log", "available", NULL);
    struct esc_buf file = file_bytes(&lost.box, ""), log = file_bytes(&lost.box, "-wal");
    assert_true(log.len > 1000);
    box_shut(&lost.box);
    ESC_CLEANUP(esc_freep) char *log_path = in_box(&lost.box, "store.db-wal");
    expect_ok(esc_file_replace(lost.box.path, esc_buf_str(&file), 0600, &err));
    expect_ok(esc_file_replace(log_path, esc_buf_str(&log), 0600, &err));
    const struct esc_restore_options options = options_of(&lost);
    expect_ok(esc_backup_restore(&options, &lost.restored, &err));
    assert_false(esc_file_exists(log_path));
    expect_backed_up_rows(&lost.box);
    box_shut(&lost.box);
    ESC_CLEANUP(esc_freep) char *aside = in_box(&lost.box, lost.restored.aside);
    assert_int_equal(0, rename(aside, lost.box.path));
    expect_ok(box_try(&lost.box));
    esc_resource_free(get_resource(&lost.box, "in the log"));
    esc_buf_done(&file);
    esc_buf_done(&log);
    lost_done(&lost);
}

/* A store whose file is gone and whose log was left behind. */
static void a_restore_that_was_cut_off_goes_on(void **)
{
    struct lost lost;
    lost_init(&lost);
    ESC_CLEANUP(esc_freep) char *log = in_box(&lost.box, "store.db-wal");
    ESC_CLEANUP(esc_freep) char *rubbish = in_box(&lost.box, "store.db.restore/store.db");
    ESC_CLEANUP(esc_freep) char *folder = in_box(&lost.box, "store.db.restore");
    expect_ok(esc_file_make_folder(folder, &err));
    expect_ok(esc_file_replace(rubbish, ESC_STR("half"), 0600, &err));
    expect_ok(esc_file_remove(lost.box.path, &err));
    expect_ok(esc_file_replace(log, ESC_STR("log"), 0600, &err));
    const struct esc_restore_options options = options_of(&lost);
    expect_ok(esc_backup_restore(&options, &lost.restored, &err));
    assert_false(esc_file_exists(folder));
    ESC_CLEANUP(esc_freep)
    char *aside = esc_sprintf("%s/%s-wal", lost.box.folder, lost.restored.aside);
    assert_true(esc_file_exists(aside));
    expect_backed_up_rows(&lost.box);
    lost_done(&lost);
}

/* What is refused */

static enum esc_status refuse(struct lost *lost, const struct esc_restore_options *options)
{
    struct picture before = picture_take(&lost->box);
    const enum esc_status status = esc_backup_restore(options, &lost->restored, &err);
    expect_unchanged(&lost->box, &before);
    assert_int_equal(0, lost->box.told.puts);
    assert_null(strchr(err.message, '\n'));
    ESC_CLEANUP(esc_freep) char *folder = in_box(&lost->box, "store.db.restore");
    assert_false(esc_file_exists(folder));
    picture_done(&before);
    return status;
}

static void a_wrong_code_opens_nothing(void **)
{
    struct lost lost;
    lost_init(&lost);
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *other = seeded_code(6);
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *typo = esc_secret_of_text("8QW3E-7ZK2M");
    struct esc_restore_options options = options_of(&lost);
    options.code = other;
    expect_status(ESC_LOCKED, refuse(&lost, &options));
    options.code = typo;
    expect_status(ESC_INVALID, refuse(&lost, &options));
    lost_done(&lost);
}

static void the_keyring_says_why_it_has_no_key(void **)
{
    struct lost lost;
    lost_init(&lost);
    const struct esc_restore_options options = options_of(&lost);
    lost.box.told.get = ESC_LOCKED;
    expect_status(ESC_LOCKED, refuse(&lost, &options));
    lost.box.told.get = ESC_TIMEOUT;
    expect_status(ESC_TIMEOUT, refuse(&lost, &options));
    lost.box.told.get = ESC_OK;
    expect_ok(esc_keyring_del(lost.box.keyring, "default", &err));
    expect_status(ESC_CORRUPT, refuse(&lost, &options));
    expect_contains("recovery code", err.message);
    ESC_CLEANUP(esc_secret_freep)
    struct esc_secret *other = esc_secret_random(esc_random_system(), 32);
    expect_ok(esc_keyring_put(lost.box.keyring, "default", other, &err));
    lost.box.told.puts = 0;
    expect_status(ESC_CORRUPT, refuse(&lost, &options));
    expect_contains("does not fit", err.message);
    lost_done(&lost);
}

static void a_backup_without_a_code_says_so(void **)
{
    struct lost lost;
    struct box box;
    lost_init(&lost);
    box_open(&box); /* which never had a code */
    ESC_CLEANUP(esc_freep) char *backup = back_up(&box, "one.escb", NULL);
    struct esc_restore_options options = options_of(&lost);
    options.backup = backup;
    options.code = lost.code;
    expect_status(ESC_NOT_FOUND, refuse(&lost, &options));
    expect_contains("recovery code", err.message);
    box_done(&box);
    lost_done(&lost);
}

static void a_store_that_somebody_holds_stays(void **)
{
    struct lost lost;
    lost_init(&lost);
    const struct esc_restore_options options = options_of(&lost);
    expect_ok(box_try(&lost.box));
    expect_status(ESC_LOCKED, esc_backup_restore(&options, &lost.restored, &err));
    expect_contains("escher core stop", err.message);
    assert_int_equal(11, count_resources(&lost.box));
    lost_done(&lost);
}

static void what_is_no_backup_of_ours_is_refused(void **)
{
    static const struct {
        const char *text;
        enum esc_status status;
    } cases[] = {
        {"", ESC_CORRUPT},
        {"ESCB", ESC_CORRUPT},
        {"SQLite format 3", ESC_CORRUPT},
        {"ESCB\002????", ESC_CONFLICT},
        {"ESCB\001\377\377\377\377", ESC_CORRUPT},
        {"ESCB\001\002??{}", ESC_CORRUPT},
    };
    struct lost lost;
    lost_init(&lost);
    ESC_CLEANUP(esc_freep) char *path = in_box(&lost.box, "other.escb");
    struct esc_restore_options options = options_of(&lost);
    options.backup = path;
    expect_status(ESC_NOT_FOUND, refuse(&lost, &options));
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        expect_ok(esc_file_replace(path, esc_str_of(cases[i].text), 0600, &err));
        expect_status(cases[i].status, refuse(&lost, &options));
    }
    lost_done(&lost);
}

static void a_backup_of_a_newer_escher_is_said_to_be_one(void **)
{
    struct lost lost;
    struct esc_buf bytes;
    lost_init(&lost);
    esc_buf_init(&bytes, ESC_MAX_FILE);
    expect_ok(esc_file_read(lost.backup, &bytes, &err));
    char *format = strstr(bytes.ptr + 9, "\"store_format\":");
    assert_non_null(format);
    format[strlen("\"store_format\":")] = '9';
    expect_ok(esc_file_replace(lost.backup, esc_buf_str(&bytes), 0600, &err));
    const struct esc_restore_options options = options_of(&lost);
    expect_status(ESC_CONFLICT, refuse(&lost, &options));
    expect_contains("newer Escher", err.message);
    esc_buf_done(&bytes);
    lost_done(&lost);
}

static void a_drill_leaves_nothing(void **)
{
    struct lost lost;
    struct esc_backup_facts facts;
    lost_init(&lost);
    ESC_CLEANUP(esc_freep) char *folder = in_box(&lost.box, "drill");
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *other = seeded_code(6);
    struct picture before = picture_take(&lost.box);
    expect_ok(esc_backup_drill(lost.backup, lost.code, folder, NULL, &facts, &err));
    assert_int_equal(10, facts.records);
    assert_false(esc_file_exists(folder));
    expect_status(ESC_LOCKED, esc_backup_drill(lost.backup, other, folder, NULL, &facts, &err));
    expect_unchanged(&lost.box, &before);
    picture_done(&before);
    lost_done(&lost);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(here_the_keyring_has_the_key_and_the_store_is_moved_aside),
        cmocka_unit_test(a_second_restore_moves_aside_under_a_name_of_its_own),
        cmocka_unit_test(an_older_state_that_was_restored_is_not_refused),
        cmocka_unit_test(an_empty_machine_needs_the_file_and_the_code),
        cmocka_unit_test(a_code_without_a_passphrase_says_that_it_is_gone),
        cmocka_unit_test(an_item_of_another_store_stays_as_it_is),
        cmocka_unit_test(the_keyring_is_enough_without_the_store_after_a_new_key),
        cmocka_unit_test(what_was_coming_and_leaving_is_not_restored),
        cmocka_unit_test(a_log_is_not_lost),
        cmocka_unit_test(a_restore_that_was_cut_off_goes_on),
        cmocka_unit_test(a_wrong_code_opens_nothing),
        cmocka_unit_test(the_keyring_says_why_it_has_no_key),
        cmocka_unit_test(a_backup_without_a_code_says_so),
        cmocka_unit_test(a_store_that_somebody_holds_stays),
        cmocka_unit_test(what_is_no_backup_of_ours_is_refused),
        cmocka_unit_test(a_backup_of_a_newer_escher_is_said_to_be_one),
        cmocka_unit_test(a_drill_leaves_nothing),
    };
    return cmocka_run_group_tests_name("store/restore", tests, NULL, NULL);
}
