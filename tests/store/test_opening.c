/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/store.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "escher/store/db_private.h"
#include "tests/store/support.h"

static void put_key(struct box *box, const char *bytes)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = esc_secret_new(bytes, 32);
    expect_ok(esc_keyring_put(box->keyring, "default", key, &err));
}

/* Runs one statement on the closed store. */
static void change_file(const struct box *box, const char *sql)
{
    ESC_CLEANUP(db_closep) struct db *db = NULL;
    expect_ok(db_open(box->path, DB_OPEN, &db, &err));
    expect_ok(db_run(db, sql, &err));
}

static void replace_file(const struct box *box, const char *end, struct esc_str bytes)
{
    ESC_CLEANUP(esc_freep) char *path = esc_sprintf("%s%s", box->path, end);
    expect_ok(esc_file_replace(path, bytes, 0600, &err));
}

/* Opening fails like this, and touches neither file nor keyring. */
static void expect_refusal(struct box *box, enum esc_status status, const char *message)
{
    struct picture before = picture_take(box);
    unsigned puts = box->told.puts, dels = box->told.dels;
    for (int create = 0; create < 2; create++) {
        box->options.create = create;
        expect_status(status, box_try(box));
        assert_null(box->store);
        expect_contains(message, err.message);
        expect_unchanged(box, &before);
    }
    assert_int_equal(puts, box->told.puts);
    assert_int_equal(dels, box->told.dels);
    picture_done(&before);
}

/* A store with a row in it, shut. */
static void box_with_data(struct box *box)
{
    box_open(box);
    put_resource(box, "kept", "available", NULL);
    box_shut(box);
}

/* A store as a crash leaves it: what was committed is still in the log. */
static void box_after_crash(struct box *box)
{
    box_open(box);
    put_resource(box, "kept", "available", NULL);
    struct picture living = picture_take(box);
    box_shut(box);
    for (size_t i = 0; i < 2; i++) /* the file and its log */
        replace_file(box, picture_ends[i], esc_buf_str(&living.files[i]));
    picture_done(&living);
}

static void expect_kept(struct box *box)
{
    expect_ok(box_try(box));
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = get_resource(box, "kept");
    assert_string_equal("available", resource->state);
}

static void a_new_store_keeps_what_is_put_and_opens_again(void **)
{
    struct box box;
    box_with_data(&box);
    box.options.create = false;
    expect_kept(&box);
    assert_int_equal(1, box.told.puts); /* one key, at the beginning */
    box_done(&box);
}

static void only_its_owner_may_read_the_file(void **)
{
    struct box box;
    struct stat stat_of;
    box_with_data(&box);
    assert_int_equal(0, stat(box.path, &stat_of));
    assert_int_equal(0600, stat_of.st_mode & 0777);
    box_done(&box);
}

static void a_clean_close_leaves_one_file(void **)
{
    struct box box;
    box_with_data(&box);
    struct esc_list names;
    esc_list_init(&names, free);
    expect_ok(esc_file_list(box.folder, &names, &err));
    assert_int_equal(2, names.count);
    assert_string_equal("store.db", names.items[0]);
    assert_string_equal("store.lock", names.items[1]);
    esc_list_done(&names);
    box_done(&box);
}

static void nothing_is_made_unless_asked_for(void **)
{
    struct box box;
    box_init(&box);
    box.options.create = false;
    expect_status(ESC_NOT_FOUND, box_try(&box));
    struct esc_list names;
    esc_list_init(&names, free);
    expect_ok(esc_file_list(box.folder, &names, &err));
    assert_int_equal(0, names.count);
    assert_int_equal(0, box.told.gets + box.told.puts);
    esc_list_done(&names);
    box_done(&box);
}

static void without_a_readable_keyring_nothing_is_made(void **)
{
    static const enum esc_status states[] = {ESC_LOCKED, ESC_UNAVAILABLE, ESC_TIMEOUT, ESC_CORRUPT};
    struct box box;
    box_init(&box);
    for (size_t i = 0; i < ESC_COUNT(states); i++) {
        box.told.get = states[i];
        expect_status(states[i], box_try(&box));
        assert_int_equal(0, box.told.puts);
        assert_false(esc_file_exists(box.path));
    }
    box_done(&box);
}

static void a_keyring_that_keeps_nothing_makes_no_store(void **)
{
    struct box box;
    box_init(&box);
    box.told.forgets = true;
    expect_status(ESC_IO, box_try(&box));
    expect_contains("does not keep the key", err.message);
    box.told = (struct esc_keyring_memory){.put = ESC_LOCKED};
    expect_status(ESC_LOCKED, box_try(&box));
    struct picture left = picture_take(&box);
    for (size_t i = 0; i < ESC_COUNT(picture_ends); i++)
        assert_true(esc_str_is(esc_buf_str(&left.files[i]), "(absent)"));
    picture_done(&left);
    box_done(&box);
}

/* Each state of the key, with a file shut cleanly and with one that a crash left. */
static void expect_key_states(void (*prepare)(struct box *))
{
    static const enum esc_status states[] = {ESC_LOCKED, ESC_UNAVAILABLE, ESC_TIMEOUT, ESC_CORRUPT};
    struct box box;
    prepare(&box);
    for (size_t i = 0; i < ESC_COUNT(states); i++) {
        box.told.get = states[i];
        expect_refusal(&box, states[i], "key of the store");
    }
    box.told.get = ESC_OK;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = NULL;
    expect_ok(esc_keyring_get(box.keyring, "default", &key, &err));
    expect_ok(esc_keyring_del(box.keyring, "default", &err));
    expect_refusal(&box, ESC_CORRUPT, "is no longer in");
    put_key(&box, "another key of thirty-two bytes.");
    expect_refusal(&box, ESC_CORRUPT, "the key does not fit");
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *shorter = esc_secret_of_text("short");
    expect_ok(esc_keyring_put(box.keyring, "default", shorter, &err));
    expect_refusal(&box, ESC_CORRUPT, "is not a key of ours");
    expect_ok(esc_keyring_put(box.keyring, "default", key, &err));
    expect_kept(&box);
    box_done(&box);
}

static void a_key_that_cannot_be_had_changes_no_byte(void **)
{
    expect_key_states(box_with_data);
}

static void a_key_that_cannot_be_had_changes_no_byte_after_a_crash(void **)
{
    expect_key_states(box_after_crash);
}

static void a_crash_leaves_a_log_that_the_next_opening_reads(void **)
{
    struct box box;
    box_after_crash(&box);
    struct esc_buf log = file_bytes(&box, "-wal");
    assert_true(log.len > 1000);
    esc_buf_done(&log);
    expect_kept(&box);
    box_done(&box);
}

static void a_key_without_its_store_is_not_replaced(void **)
{
    struct box box;
    box_with_data(&box);
    ESC_CLEANUP(esc_freep) char *away = esc_sprintf("%s.away", box.path);
    assert_int_equal(0, rename(box.path, away));
    box.options.create = true;
    expect_status(ESC_CONFLICT, box_try(&box));
    expect_contains("restore it, or delete the key", err.message);
    assert_false(esc_file_exists(box.path));
    assert_int_equal(1, box.told.puts);
    assert_int_equal(0, rename(away, box.path));
    expect_kept(&box);
    box_done(&box);
}

static void a_log_without_its_store_is_not_taken_for_a_new_one(void **)
{
    struct box box;
    box_after_crash(&box);
    expect_ok(esc_keyring_del(box.keyring, "default", &err));
    assert_int_equal(0, unlink(box.path));
    expect_status(ESC_CONFLICT, box_try(&box));
    expect_contains("without its store", err.message);
    box_done(&box);
}

static void a_second_opening_is_told_who_holds_it(void **)
{
    struct box box;
    struct esc_store *second = NULL;
    box_open(&box);
    expect_status(ESC_LOCKED, esc_store_open(&box.options, &second, &err));
    expect_contains("another Escher holds the store", err.message);
    box_shut(&box);
    expect_ok(esc_store_open(&box.options, &second, &err));
    esc_store_close(second);
    box_done(&box);
}

static void another_kind_of_keyring_is_named(void **)
{
    struct box box;
    box_with_data(&box);
    struct esc_keyring *other = esc_keyring_libsecret_new(0);
    box.options.keyring = other;
    expect_refusal(&box, ESC_INVALID, "is kept in `memory`, not in `secret-service`");
    esc_keyring_free(other);
    box_done(&box);
}

static void a_newer_format_is_refused(void **)
{
    struct box box;
    box_with_data(&box);
    change_file(&box, "PRAGMA user_version = 3");
    expect_refusal(&box, ESC_CONFLICT, "newer Escher (format 3)");
    box_done(&box);
}

static void a_file_that_is_no_store_is_refused(void **)
{
    static const struct esc_str contents[] = {
        {"", 0}, {"plain text", 10}, {"SQLite format 3\0and then something else", 39}};
    struct box box;
    box_with_data(&box);
    struct esc_buf whole = file_bytes(&box, "");
    for (size_t i = 0; i < ESC_COUNT(contents); i++) {
        replace_file(&box, "", contents[i]);
        expect_refusal(&box, ESC_CORRUPT, "");
    }
    for (size_t len = 512; len < whole.len; len += 4096) { /* cut short */
        replace_file(&box, "", esc_str_slice(esc_buf_str(&whole), 0, len));
        expect_refusal(&box, ESC_CORRUPT, "");
    }
    replace_file(&box, "", esc_buf_str(&whole));
    change_file(&box, "PRAGMA application_id = 0");
    expect_refusal(&box, ESC_CORRUPT, "not a store of Escher");
    esc_buf_done(&whole);
    box_done(&box);
}

static void the_store_of_another_profile_is_told_by_its_key(void **)
{
    struct box mine, other;
    box_with_data(&mine);
    box_with_data(&other);
    struct esc_buf bytes = file_bytes(&other, "");
    replace_file(&mine, "", esc_buf_str(&bytes));
    expect_refusal(&mine, ESC_CORRUPT, "the key does not fit");
    esc_buf_done(&bytes);
    box_done(&mine);
    box_done(&other);
}

static void peeking_tells_what_holds_the_key_and_changes_nothing(void **)
{
    struct box box;
    struct esc_store_peek peek;
    box_after_crash(&box);
    struct picture before = picture_take(&box);
    expect_ok(esc_store_peek(box.path, &peek, &err));
    assert_string_equal("memory", peek.keyring);
    assert_string_equal("default", peek.key_name);
    assert_int_equal(2, peek.format);
    expect_unchanged(&box, &before);
    picture_done(&before);
    expect_kept(&box);
    assert_string_equal(peek.id, esc_store_id(box.store));
    expect_status(ESC_NOT_FOUND, esc_store_peek("/nonexistent/store.db", &peek, &err));
    box_done(&box);
}

/* A creation that is cut off: a keyring in a file, whose put ends the process. */

static enum esc_status passphrase(void *, bool, struct esc_secret **out, struct esc_error *)
{
    *out = esc_secret_of_text("correct horse");
    return ESC_OK;
}

static struct esc_keyring *file_keyring(const struct box *box)
{
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(box->folder, "key.slot");
    const struct esc_keyring_file_options options = {
        .path = path, .passphrase = passphrase, .price = {1, 8}};
    return esc_keyring_file_new(&options);
}

struct deadly {
    struct esc_keyring *keyring;
    bool after; /* dies after the key was stored, not before */
};

static enum esc_status deadly_probe(void *, struct esc_error *)
{
    return ESC_OK;
}

static enum esc_status deadly_get(void *context, const char *item, struct esc_secret **out,
                                  struct esc_error *error)
{
    struct deadly *deadly = context;
    return esc_keyring_get(deadly->keyring, item, out, error);
}

static enum esc_status deadly_put(void *context, const char *item, const struct esc_secret *secret,
                                  struct esc_error *error)
{
    struct deadly *deadly = context;
    if (deadly->after && esc_keyring_put(deadly->keyring, item, secret, error) != ESC_OK)
        _exit(2);
    _exit(0);
}

static enum esc_status deadly_del(void *, const char *, struct esc_error *)
{
    return ESC_OK;
}

static void deadly_describe(void *, struct esc_buf *out)
{
    esc_buf_add_text(out, "a deadly keyring");
}

static void create_and_die(struct box *box, bool after)
{
    static const struct esc_keyring_table table = {"file",     deadly_probe, deadly_get,
                                                   deadly_put, deadly_del,   deadly_describe};
    pid_t child = fork();
    if (child == 0) {
        struct deadly deadly = {file_keyring(box), after};
        box->options.keyring = esc_keyring_new(&table, &deadly, NULL);
        (void)box_try(box);
        _exit(1); /* it came back alive */
    }
    int status = -1;
    assert_int_equal(child, waitpid(child, &status, 0));
    assert_int_equal(0, status);
}

static void a_creation_that_was_cut_off_goes_on_or_starts_anew(void **)
{
    for (int after = 0; after < 2; after++) {
        struct box box;
        box_init(&box);
        create_and_die(&box, after);
        assert_false(esc_file_exists(box.path));
        ESC_CLEANUP(esc_keyring_freep) struct esc_keyring *keyring = file_keyring(&box);
        box.options.keyring = keyring;
        expect_ok(box_try(&box));
        put_resource(&box, "kept", "available", NULL);
        box_shut(&box);
        expect_kept(&box);
        struct esc_buf pending = file_bytes(&box, ".new");
        assert_true(esc_str_is(esc_buf_str(&pending), "(absent)"));
        esc_buf_done(&pending);
        box_done(&box);
    }
}

static enum esc_status wrong_passphrase(void *, bool, struct esc_secret **out, struct esc_error *)
{
    *out = esc_secret_of_text("wrong horse");
    return ESC_OK;
}

static void a_wrong_passphrase_is_locked_and_changes_no_byte(void **)
{
    struct box box;
    box_init(&box);
    struct esc_keyring *right = file_keyring(&box);
    box.options.keyring = right;
    expect_ok(box_try(&box));
    put_resource(&box, "kept", "available", NULL);
    box_shut(&box);
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(box.folder, "key.slot");
    const struct esc_keyring_file_options options = {.path = path, .passphrase = wrong_passphrase};
    struct esc_keyring *wrong = esc_keyring_file_new(&options);
    box.options.keyring = wrong;
    expect_refusal(&box, ESC_LOCKED, "the passphrase does not open");
    box.options.keyring = right;
    expect_kept(&box);
    box_shut(&box);
    esc_keyring_free(right);
    esc_keyring_free(wrong);
    box_done(&box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_store_keeps_what_is_put_and_opens_again),
        cmocka_unit_test(only_its_owner_may_read_the_file),
        cmocka_unit_test(a_clean_close_leaves_one_file),
        cmocka_unit_test(nothing_is_made_unless_asked_for),
        cmocka_unit_test(without_a_readable_keyring_nothing_is_made),
        cmocka_unit_test(a_keyring_that_keeps_nothing_makes_no_store),
        cmocka_unit_test(a_key_that_cannot_be_had_changes_no_byte),
        cmocka_unit_test(a_key_that_cannot_be_had_changes_no_byte_after_a_crash),
        cmocka_unit_test(a_crash_leaves_a_log_that_the_next_opening_reads),
        cmocka_unit_test(a_key_without_its_store_is_not_replaced),
        cmocka_unit_test(a_log_without_its_store_is_not_taken_for_a_new_one),
        cmocka_unit_test(a_second_opening_is_told_who_holds_it),
        cmocka_unit_test(another_kind_of_keyring_is_named),
        cmocka_unit_test(a_newer_format_is_refused),
        cmocka_unit_test(a_file_that_is_no_store_is_refused),
        cmocka_unit_test(the_store_of_another_profile_is_told_by_its_key),
        cmocka_unit_test(peeking_tells_what_holds_the_key_and_changes_nothing),
        cmocka_unit_test(a_creation_that_was_cut_off_goes_on_or_starts_anew),
        cmocka_unit_test(a_wrong_passphrase_is_locked_and_changes_no_byte),
    };
    return cmocka_run_group_tests_name("store/opening", tests, NULL, NULL);
}
