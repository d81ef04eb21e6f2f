/* SPDX-License-Identifier: Apache-2.0 */

/* The store with its key in a real keychain: made, opened again, and left alone while locked. */

#include <stdio.h>
#include <string.h>

#include "escher/store/document.h"
#include "tests/support/session.h"

/* Inside the session: opens the store in STORE_FOLDER, and prints how that went. */

static enum esc_status open_store(bool create)
{
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(esc_env("STORE_FOLDER"), "store.db");
    ESC_CLEANUP(esc_freep) char *lock = esc_path_join(esc_env("STORE_FOLDER"), "store.lock");
    ESC_CLEANUP(esc_keyring_freep) struct esc_keyring *keyring = esc_keyring_libsecret_new(0);
    const struct esc_store_options options = {.path = path,
                                              .lock_path = lock,
                                              .key_name = "default",
                                              .keyring = keyring,
                                              .create = create};
    ESC_CLEANUP(esc_store_closep) struct esc_store *store = NULL;
    enum esc_status status = esc_store_open(&options, &store, &err);
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_json_object();
    if (status == ESC_OK)
        status = esc_store_doc_put(store, "settings", "kept", json, &err);
    return status;
}

static int inside(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        enum esc_status status = strcmp(argv[i], "lock") == 0
                                     ? session_lock()
                                     : open_store(strcmp(argv[i], "create") == 0);
        printf("%s=%s ", argv[i], esc_status_text(status));
    }
    return 0;
}

/* Outside */

static struct esc_buf store_bytes(const char *folder)
{
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(folder, "store.db");
    struct esc_buf bytes;
    esc_buf_init(&bytes, ESC_MAX_FILE);
    expect_ok(esc_file_read(path, &bytes, &err));
    return bytes;
}

static void a_key_in_the_keychain_opens_the_store_unless_it_is_locked(void **)
{
    ESC_CLEANUP(esc_freep) char *home = test_folder();
    ESC_CLEANUP(esc_freep) char *folder = test_folder();
    assert_int_equal(0, setenv("STORE_FOLDER", folder, 1));
    const char *const *same_home = WORDS("--home", home);
    const char *const *wrong = WORDS("--home", home, "--password", "wrong");
    expect_session("open=not_found create=ok open=ok ", same_home, WORDS("open", "create", "open"));
    struct esc_buf before = store_bytes(folder);
    expect_session("create=locked open=locked ", wrong, WORDS("create", "open"));
    expect_session("lock=ok create=locked open=locked ", same_home,
                   WORDS("lock", "create", "open"));
    expect_session("create=corrupt ", NO_WORDS, WORDS("create")); /* another, empty keychain */
    struct esc_buf after = store_bytes(folder);
    assert_true(esc_str_equal(esc_buf_str(&before), esc_buf_str(&after)));
    expect_session("open=ok ", same_home, WORDS("open"));
    esc_buf_done(&before);
    esc_buf_done(&after);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return inside(argc, argv);
    session_program = realpath("/proc/self/exe", NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_in_the_keychain_opens_the_store_unless_it_is_locked),
    };
    int failed = cmocka_run_group_tests_name("store/keychain", tests, NULL, NULL);
    free(session_program);
    return failed;
}
