/* SPDX-License-Identifier: Apache-2.0 */

/* Stores that earlier versions left behind open in this one, whole, and go on. */

#include <string.h>

#include "escher/base/num.h"
#include "escher/base/paths.h"
#include "escher/store/audit.h"
#include "escher/store/document.h"
#include "escher/store/header_private.h"
#include "escher/store/recovery.h"
#include "escher/store/snapshot.h"
#include "tests/store/golden.h"
#include "tests/store/history.h"
#include "tests/support/test.h"
#include "tests/support/vfs_image.h"

enum {
    FIRST_WITH_BACKUPS = 2
};

static struct esc_error err;

/* A golden store in a folder where it may be written to. */
struct copy {
    char *golden, *folder, *path, *lock, *content;
    struct esc_keyring *keyring;
    struct esc_clock_fixed clock;
    struct esc_store *store;
    unsigned format;
};

static char *cases_folder(void)
{
    const char *root = esc_env("ESCHER_SOURCE");
    return esc_path_join(root ? root : ".", "tests/cases/store");
}

static void read_content(struct copy *copy)
{
    struct esc_buf text;
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(copy->golden, "content.txt");
    esc_buf_init(&text, ESC_MAX_FILE);
    expect_ok(esc_file_read(path, &text, &err));
    copy->content = esc_buf_take(&text);
}

static void copy_init(struct copy *copy, const char *cases, const char *name)
{
    uint64_t format = 0;
    *copy = (struct copy){.golden = esc_path_join(cases, name), .folder = test_folder()};
    assert_int_equal(0, strncmp(name, "format-", 7));
    assert_true(esc_num_u64(esc_str_of(name + 7), &format));
    copy->format = (unsigned)format;
    copy->path = esc_path_join(copy->folder, "store.db");
    copy->lock = esc_path_join(copy->folder, "store.lock");
    for (size_t i = 0; i < ESC_COUNT(golden_files); i++)
        expect_ok(golden_copy(copy->golden, copy->folder, golden_files[i], &err));
    read_content(copy);
    copy->keyring = golden_keyring(copy->folder, esc_random_system());
    esc_clock_fixed_init(&copy->clock, UINT64_C(1795000000000));
}

static struct esc_store_options options_of(const struct copy *copy)
{
    return (struct esc_store_options){.path = copy->path,
                                      .lock_path = copy->lock,
                                      .key_name = "default",
                                      .keyring = copy->keyring,
                                      .clock = &copy->clock.clock};
}

static void copy_open(struct copy *copy)
{
    const struct esc_store_options options = options_of(copy);
    esc_store_close(ESC_STEAL(copy->store));
    expect_ok(esc_store_open(&options, &copy->store, &err));
}

static void copy_done(struct copy *copy)
{
    esc_store_close(copy->store);
    esc_keyring_free(copy->keyring);
    free(copy->golden);
    free(copy->folder);
    free(copy->path);
    free(copy->lock);
    free(copy->content);
}

static void expect_content(const struct copy *copy)
{
    ESC_CLEANUP(esc_freep) char *now = NULL;
    expect_ok(history_read(copy->store, &now, &err));
    assert_string_equal(copy->content, now);
}

static void expect_format(const struct copy *copy, unsigned format)
{
    struct esc_store_peek peek;
    expect_ok(esc_store_peek(copy->path, &peek, &err));
    assert_int_equal(format, peek.format);
}

/* Something of its own collection, so that the rest can be compared as it was. */
static void expect_it_goes_on(struct copy *copy)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *word = esc_json_object(), *back = NULL;
    esc_json_set_text(word, "says", "still here");
    expect_ok(esc_store_doc_put(copy->store, "golden", "word", word, &err));
    copy_open(copy);
    expect_ok(esc_store_doc_get(copy->store, "golden", "word", &back, &err));
    assert_string_equal("still here", esc_json_str(back, "says", ""));
}

static void look_at(const char *cases, const char *name)
{
    struct copy copy;
    copy_init(&copy, cases, name);
    expect_format(&copy, copy.format);
    copy_open(&copy);
    expect_content(&copy);
    expect_it_goes_on(&copy);
    expect_content(&copy);
    esc_store_close(ESC_STEAL(copy.store));
    expect_format(&copy, STORE_FORMAT);
    copy_done(&copy);
}

/* Backups */

static struct esc_buf read_golden(const char *folder, const char *name)
{
    struct esc_buf bytes;
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(folder, name);
    esc_buf_init(&bytes, ESC_MAX_FILE);
    expect_ok(esc_file_read(path, &bytes, &err));
    return bytes;
}

/* On a machine that has nothing but the file, and a person with the code. */
static void restore_on_trial(const char *golden)
{
    struct esc_backup_facts facts;
    struct esc_buf words = read_golden(golden, "code.txt");
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(golden, "store.escb");
    ESC_CLEANUP(esc_freep) char *folder = test_folder();
    ESC_CLEANUP(esc_json_freep) struct esc_json *slots = NULL;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *code = NULL, *kek = NULL;
    expect_ok(esc_backup_peek(path, &facts, &slots, &err));
    expect_ok(esc_recovery_code_check(esc_buf_str(&words), &code, &err));
    expect_ok(esc_slots_open_with_code(slots, code, &kek, &err));
    ESC_CLEANUP(esc_backup_opener_freep)
    struct esc_backup_opener *opener = esc_backup_opener_of_kek(kek);
    expect_ok(esc_backup_check(path, opener, folder, NULL, &facts, &err));
    assert_in_range(facts.rows, 10, 1000);
    assert_in_range(facts.records, 3, 100);
    esc_buf_done(&words);
}

static void a_backup_of_every_format_is_restored_with_its_code(void **)
{
    size_t tried = 0;
    ESC_CLEANUP(esc_freep) char *cases = cases_folder();
    for (unsigned format = FIRST_WITH_BACKUPS; format <= STORE_FORMAT; format++, tried++) {
        ESC_CLEANUP(esc_freep) char *folder = esc_sprintf("%s/format-%u", cases, format);
        restore_on_trial(folder);
    }
    assert_int_equal(STORE_FORMAT - FIRST_WITH_BACKUPS + 1, tried);
}

/* In the middle of opening and bringing it up */

static bool opens(struct copy *copy)
{
    const struct esc_store_options options = options_of(copy);
    return esc_store_open(&options, &copy->store, &err) == ESC_OK;
}

/* The copy as it was before. */
static void copy_again(struct copy *copy)
{
    esc_store_close(ESC_STEAL(copy->store));
    for (size_t i = 0; i < ESC_COUNT(golden_files); i++)
        expect_ok(golden_copy(copy->golden, copy->folder, golden_files[i], &err));
}

static struct vfs_sim *first_copy_on_a_disk(struct copy *copy)
{
    static const struct vfs_device device = {.keeps_neighbours = true, .sector = 4096};
    ESC_CLEANUP(esc_freep) char *cases = cases_folder();
    copy_init(copy, cases, "format-1");
    struct vfs_sim *sim = vfs_sim_new(copy->folder, device, test_seed(1));
    vfs_sim_mark(sim, 0); /* what lies before it is the copy */
    return sim;
}

/* Whatever was cut off: what is on the disk then is opened, and is whole. */
static void the_power_may_go_while_an_older_one_is_opened(void **)
{
    struct copy copy, after;
    struct esc_random_seeded dice;
    struct vfs_sim *sim = first_copy_on_a_disk(&copy);
    ESC_CLEANUP(esc_freep) char *cases = cases_folder();
    esc_random_seeded_init(&dice, test_seed(2));
    copy_open(&copy);
    esc_store_close(ESC_STEAL(copy.store));
    vfs_sim_stop(sim);
    copy_init(&after, cases, "format-1");
    struct vfs_disk *disk = vfs_disk_new(sim);
    unsigned images = 0;
    while (vfs_disk_step(disk)) {
        if (vfs_disk_mark(disk) == UINT64_MAX)
            continue;
        vfs_disk_write(disk, (enum vfs_loss)esc_random_below(&dice.random, VFS_LOSS_COUNT), 512,
                       &dice.random, after.folder);
        copy_open(&after);
        expect_content(&after);
        esc_store_close(ESC_STEAL(after.store));
        images++;
    }
    print_message("# %u images\n", images);
    assert_in_range(images, 10, 1000);
    vfs_disk_free(disk);
    vfs_sim_free(sim);
    copy_done(&after);
    copy_done(&copy);
}

static void any_call_may_fail_while_an_older_one_is_opened(void **)
{
    struct copy copy;
    struct vfs_sim *sim = first_copy_on_a_disk(&copy);
    for (int kind = VFS_EIO; kind <= VFS_SHORT_WRITE; kind++) {
        struct vfs_fault fault = {.kind = (enum vfs_fault_kind)kind};
        bool was_hit = true;
        while (was_hit) {
            fault.at++;
            copy_again(&copy);
            vfs_sim_fail(sim, fault);
            bool did_open = opens(&copy);
            was_hit = vfs_sim_calls(sim) >= fault.at;
            assert_true(was_hit || did_open);
            vfs_sim_fail(sim, (struct vfs_fault){0});
            copy_open(&copy);
            expect_content(&copy);
        }
        assert_in_range(fault.at, 2, 1000);
    }
    esc_store_close(ESC_STEAL(copy.store));
    vfs_sim_stop(sim);
    vfs_sim_free(sim);
    copy_done(&copy);
}

static void a_store_of_every_format_opens_whole_and_goes_on(void **)
{
    struct esc_list names;
    ESC_CLEANUP(esc_freep) char *cases = cases_folder();
    esc_list_init(&names, free);
    expect_ok(esc_file_list(cases, &names, &err));
    size_t looked = 0;
    for (size_t i = 0; i < names.count; i++) {
        if (strncmp(names.items[i], "format-", 7) != 0)
            continue;
        print_message("# %s\n", (const char *)names.items[i]);
        look_at(cases, names.items[i]);
        looked++;
    }
    assert_int_equal(STORE_FORMAT, looked); /* one of each */
    esc_list_done(&names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_store_of_every_format_opens_whole_and_goes_on),
        cmocka_unit_test(a_backup_of_every_format_is_restored_with_its_code),
        cmocka_unit_test(the_power_may_go_while_an_older_one_is_opened),
        cmocka_unit_test(any_call_may_fail_while_an_older_one_is_opened),
    };
    return cmocka_run_group_tests_name("store/golden", tests, NULL, NULL);
}
