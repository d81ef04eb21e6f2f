/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/crypt/keyring.h"

#include <string.h>
#include <sys/stat.h>

#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "tests/support/test.h"

static struct esc_error err;

/* What the person at the prompt types, and how often it was asked for. */
struct person {
    const char *passphrase; /* NULL: nobody is there */
    unsigned asked, asked_fresh;
};

static enum esc_status answer(void *context, bool fresh, struct esc_secret **out,
                              struct esc_error *error)
{
    struct person *person = context;
    person->asked++;
    person->asked_fresh += fresh;
    if (!person->passphrase)
        return esc_fail(error, ESC_LOCKED, "there is nobody to ask for the passphrase");
    *out = esc_secret_of_text(person->passphrase);
    return ESC_OK;
}

/* A keyring over @p path with the cheapest price there is. */
static struct esc_keyring *file_keyring(const char *path, struct person *person)
{
    const struct esc_keyring_file_options options = {
        .path = path, .passphrase = answer, .context = person, .price = {1, 8}};
    return esc_keyring_file_new(&options);
}

static char *slot_path(void)
{
    ESC_CLEANUP(esc_freep) char *folder = test_folder();
    return esc_path_join(folder, "key.slot");
}

static void expect_item(struct esc_keyring *keyring, const char *item, const char *text)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *secret = NULL;
    expect_ok(esc_keyring_get(keyring, item, &secret, &err));
    assert_string_equal(text, esc_secret_view(secret).ptr);
}

static void put_text(struct esc_keyring *keyring, const char *item, const char *text)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *secret = esc_secret_of_text(text);
    expect_ok(esc_keyring_put(keyring, item, secret, &err));
}

static char *read_text(const char *path)
{
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_REQUEST);
    expect_ok(esc_file_read(path, &text, &err));
    return esc_buf_take(&text);
}

/* The same life in every back end that needs no desktop. */
static void check_life(struct esc_keyring *keyring)
{
    struct esc_secret *none = NULL;
    expect_ok(esc_keyring_probe(keyring, &err));
    expect_status(ESC_NOT_FOUND, esc_keyring_get(keyring, "default", &none, &err));
    put_text(keyring, "default", "first");
    put_text(keyring, "other", "second");
    expect_item(keyring, "default", "first");
    put_text(keyring, "default", "replaced");
    expect_item(keyring, "default", "replaced");
    expect_item(keyring, "other", "second");
    expect_ok(esc_keyring_del(keyring, "default", &err));
    expect_ok(esc_keyring_del(keyring, "default", &err));
    expect_status(ESC_NOT_FOUND, esc_keyring_get(keyring, "default", &none, &err));
    expect_item(keyring, "other", "second");
    assert_null(none);
}

static void the_memory_keeps_replaces_and_deletes(void **)
{
    ESC_CLEANUP(esc_keyring_freep) struct esc_keyring *keyring = esc_keyring_memory_new(NULL);
    check_life(keyring);
    assert_string_equal("memory", esc_keyring_name(keyring));
}

static void the_file_keeps_replaces_and_deletes(void **)
{
    ESC_CLEANUP(esc_freep) char *path = slot_path();
    struct person person = {.passphrase = "correct horse"};
    ESC_CLEANUP(esc_keyring_freep) struct esc_keyring *keyring = file_keyring(path, &person);
    check_life(keyring);
    assert_string_equal("file", esc_keyring_name(keyring));
    assert_int_equal(1, person.asked); /* once, for the new slot, then it knows the key */
    assert_int_equal(1, person.asked_fresh);
}

static void the_file_opens_again_with_the_passphrase(void **)
{
    ESC_CLEANUP(esc_freep) char *path = slot_path();
    struct person person = {.passphrase = "correct horse"};
    struct esc_keyring *first = file_keyring(path, &person);
    put_text(first, "default", "the key");
    esc_keyring_free(first);
    ESC_CLEANUP(esc_keyring_freep) struct esc_keyring *again = file_keyring(path, &person);
    expect_item(again, "default", "the key");
    assert_int_equal(2, person.asked);
    assert_int_equal(1, person.asked_fresh);
    struct stat stat_of;
    assert_int_equal(0, stat(path, &stat_of));
    assert_int_equal(0600, stat_of.st_mode & 0777);
}

static void a_wrong_passphrase_is_locked_and_changes_nothing(void **)
{
    ESC_CLEANUP(esc_freep) char *path = slot_path();
    struct person right = {.passphrase = "correct horse"};
    struct esc_keyring *first = file_keyring(path, &right);
    put_text(first, "default", "the key");
    esc_keyring_free(first);
    ESC_CLEANUP(esc_freep) char *before = read_text(path);
    static const char *const wrong[] = {"correct horsf", "", NULL};
    for (size_t i = 0; i < ESC_COUNT(wrong); i++) {
        struct person person = {.passphrase = wrong[i]};
        ESC_CLEANUP(esc_keyring_freep) struct esc_keyring *keyring = file_keyring(path, &person);
        ESC_CLEANUP(esc_secret_freep) struct esc_secret *other = esc_secret_of_text("other");
        struct esc_secret *none = NULL;
        expect_status(ESC_LOCKED, esc_keyring_get(keyring, "default", &none, &err));
        expect_status(ESC_LOCKED, esc_keyring_put(keyring, "default", other, &err));
        ESC_CLEANUP(esc_freep) char *after = read_text(path);
        assert_string_equal(before, after);
    }
}

static void a_new_slot_needs_a_passphrase_that_is_not_empty(void **)
{
    ESC_CLEANUP(esc_freep) char *path = slot_path();
    struct person person = {.passphrase = ""};
    ESC_CLEANUP(esc_keyring_freep) struct esc_keyring *keyring = file_keyring(path, &person);
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = esc_secret_of_text("key");
    expect_status(ESC_INVALID, esc_keyring_put(keyring, "default", key, &err));
    assert_false(esc_file_exists(path));
}

static void any_change_of_the_file_is_damage_and_not_a_wrong_passphrase(void **)
{
    ESC_CLEANUP(esc_freep) char *path = slot_path();
    struct person person = {.passphrase = "correct horse"};
    ESC_CLEANUP(esc_keyring_freep) struct esc_keyring *keyring = file_keyring(path, &person);
    put_text(keyring, "default", "the key");
    ESC_CLEANUP(esc_freep) char *text = read_text(path);
    size_t len = strlen(text);
    for (size_t i = 0; i < len; i++) {
        if (esc_is_space(text[i]))
            continue; /* outside of texts white space means nothing */
        char kept = text[i];
        text[i] = kept == '0' ? '1' : '0';
        expect_ok(esc_file_replace(path, (struct esc_str){text, len}, 0600, &err));
        struct esc_secret *none = NULL;
        expect_status(ESC_CORRUPT, esc_keyring_get(keyring, "default", &none, &err));
        expect_status(ESC_CORRUPT, esc_keyring_probe(keyring, &err));
        assert_null(none);
        text[i] = kept;
    }
    expect_ok(esc_file_replace(path, (struct esc_str){text, len / 2}, 0600, &err));
    expect_status(ESC_CORRUPT, esc_keyring_probe(keyring, &err));
}

static void the_file_shows_neither_key_nor_passphrase(void **)
{
    ESC_CLEANUP(esc_freep) char *path = slot_path();
    struct person person = {.passphrase = "correct horse"};
    ESC_CLEANUP(esc_keyring_freep) struct esc_keyring *keyring = file_keyring(path, &person);
    put_text(keyring, "default", "KEYKEYKEY");
    ESC_CLEANUP(esc_freep) char *text = read_text(path);
    assert_null(strstr(text, "KEYKEYKEY"));
    assert_null(strstr(text, "4b45594b4559")); /* in hex */
    assert_null(strstr(text, "correct horse"));
}

static void memory_fails_as_it_is_told_and_counts(void **)
{
    struct esc_keyring_memory told = {.probe = ESC_LOCKED, .get = ESC_TIMEOUT, .put = ESC_IO};
    ESC_CLEANUP(esc_keyring_freep) struct esc_keyring *keyring = esc_keyring_memory_new(&told);
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = esc_secret_of_text("key");
    struct esc_secret *none = NULL;
    expect_status(ESC_LOCKED, esc_keyring_probe(keyring, &err));
    expect_status(ESC_TIMEOUT, esc_keyring_get(keyring, "default", &none, &err));
    expect_status(ESC_IO, esc_keyring_put(keyring, "default", key, &err));
    told = (struct esc_keyring_memory){.forgets = true};
    expect_ok(esc_keyring_put(keyring, "default", key, &err));
    expect_status(ESC_NOT_FOUND, esc_keyring_get(keyring, "default", &none, &err));
    assert_int_equal(1, told.puts);
    assert_int_equal(1, told.gets);
    expect_status(ESC_IO, esc_keyring_keep(keyring, "default", key, &err));
    told = (struct esc_keyring_memory){0};
    expect_ok(esc_keyring_keep(keyring, "default", key, &err));
    told.get = ESC_TIMEOUT;
    expect_status(ESC_TIMEOUT, esc_keyring_keep(keyring, "default", key, &err));
}

static void odd_names_and_huge_keys_are_refused(void **)
{
    ESC_CLEANUP(esc_keyring_freep) struct esc_keyring *keyring = esc_keyring_memory_new(NULL);
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = esc_secret_of_text("key");
    char name[200], huge[ESC_KEYRING_MAX_SECRET + 1] = {0};
    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = '\0';
    const char *const names[] = {"", "a\nb", "\xff", "a\xe2\x80\xae", name};
    for (size_t i = 0; i < ESC_COUNT(names); i++)
        expect_status(ESC_INVALID, esc_keyring_put(keyring, names[i], key, &err));
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *long_key = esc_secret_new(huge, sizeof huge);
    expect_status(ESC_LIMIT, esc_keyring_put(keyring, "default", long_key, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_memory_keeps_replaces_and_deletes),
        cmocka_unit_test(the_file_keeps_replaces_and_deletes),
        cmocka_unit_test(the_file_opens_again_with_the_passphrase),
        cmocka_unit_test(a_wrong_passphrase_is_locked_and_changes_nothing),
        cmocka_unit_test(a_new_slot_needs_a_passphrase_that_is_not_empty),
        cmocka_unit_test(any_change_of_the_file_is_damage_and_not_a_wrong_passphrase),
        cmocka_unit_test(the_file_shows_neither_key_nor_passphrase),
        cmocka_unit_test(memory_fails_as_it_is_told_and_counts),
        cmocka_unit_test(odd_names_and_huge_keys_are_refused),
    };
    return cmocka_run_group_tests_name("crypt/keyring", tests, NULL, NULL);
}
