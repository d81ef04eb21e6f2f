/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The Secret Service back end against a real gnome-keyring. GLib keeps its bus for the life of a
 * process, so each test starts this program again, as `test_keyring_service VERB...` inside a
 * session of its own (tests/support/keyring-session), and compares what it prints.
 */

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "escher/base/file.h"
#include "escher/crypt/keyring.h"
#include "tests/support/session.h"

static const char key_bytes[32] = "a key\0with a NUL and \xff\xfe bytes";

/* Inside the session: each verb prints the word of its status. */

static enum esc_status get_and_compare(struct esc_keyring *keyring)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *back = NULL;
    enum esc_status status = esc_keyring_get(keyring, "default", &back, &err);
    if (status != ESC_OK)
        return status;
    bool equal = esc_secret_len(back) == sizeof key_bytes &&
                 memcmp(key_bytes, esc_secret_view(back).ptr, sizeof key_bytes) == 0;
    return equal ? ESC_OK : ESC_CORRUPT;
}

static enum esc_status act(struct esc_keyring *keyring, const char *verb)
{
    ESC_CLEANUP(esc_secret_freep)
    struct esc_secret *key = esc_secret_new(key_bytes, sizeof key_bytes);
    if (strcmp(verb, "probe") == 0)
        return esc_keyring_probe(keyring, &err);
    if (strcmp(verb, "get") == 0)
        return get_and_compare(keyring);
    if (strcmp(verb, "put") == 0)
        return esc_keyring_put(keyring, "default", key, &err);
    if (strcmp(verb, "del") == 0)
        return esc_keyring_del(keyring, "default", &err);
    return session_lock();
}

static int inside(int argc, char **argv)
{
    bool short_deadline = strcmp(argv[1], "soon") == 0;
    ESC_CLEANUP(esc_keyring_freep)
    struct esc_keyring *keyring = esc_keyring_libsecret_new(short_deadline ? 200 : 0);
    for (int i = 1 + short_deadline; i < argc; i++)
        printf("%s=%s ", argv[i], esc_status_text(act(keyring, argv[i])));
    return 0;
}

/* Outside: starts a session and reads what was printed. */

static void a_key_is_stored_read_back_and_deleted(void **)
{
    expect_session(
        "probe=ok get=not_found put=ok get=ok put=ok get=ok del=ok get=not_found del=ok ", NO_WORDS,
        WORDS("probe", "get", "put", "get", "put", "get", "del", "get", "del"));
}

static void a_key_lives_on_in_the_next_session(void **)
{
    ESC_CLEANUP(esc_freep) char *home = test_folder();
    expect_session("put=ok ", WORDS("--home", home), WORDS("put"));
    expect_session("probe=ok get=ok ", WORDS("--home", home), WORDS("probe", "get"));
}

static void a_locked_keyring_is_locked_and_not_empty(void **)
{
    expect_session("put=ok lock=ok probe=locked get=locked put=locked del=locked ", NO_WORDS,
                   WORDS("put", "lock", "probe", "get", "put", "del"));
}

static void a_wrong_password_is_locked_and_not_empty(void **)
{
    ESC_CLEANUP(esc_freep) char *home = test_folder();
    expect_session("put=ok ", WORDS("--home", home), WORDS("put"));
    expect_session("probe=locked get=locked put=locked ",
                   WORDS("--home", home, "--password", "wrong"), WORDS("probe", "get", "put"));
    expect_session("get=ok ", WORDS("--home", home), WORDS("get"));
}

static void without_a_keyring_or_a_service_it_is_unavailable(void **)
{
    expect_session("probe=unavailable get=unavailable put=unavailable ", WORDS("--password", ""),
                   WORDS("probe", "get", "put"));
    expect_session("probe=unavailable get=unavailable put=unavailable ", WORDS("--no-service"),
                   WORDS("probe", "get", "put"));
}

/* A child with @p address as its bus: what probe, get and put say. */
static char *on_bus(const char *address)
{
    ESC_CLEANUP(esc_freep) char *home = test_folder();
    ESC_CLEANUP(esc_freep) char *variable = esc_sprintf("DBUS_SESSION_BUS_ADDRESS=%s", address);
    ESC_CLEANUP(esc_freep) char *runtime = esc_sprintf("XDG_RUNTIME_DIR=%s", home);
    char *environment[] = {variable, runtime, NULL};
    const char *const argv[] = {session_program, "probe", "get", "put", NULL};
    return session_run(argv, environment);
}

static void without_a_bus_it_is_unavailable(void **)
{
    ESC_CLEANUP(esc_freep) char *output = on_bus("unix:path=/nonexistent/bus");
    assert_string_equal("probe=unavailable get=unavailable put=unavailable ", output);
}

static void a_bus_that_never_answers_meets_the_deadline(void **)
{
    ESC_CLEANUP(esc_freep) char *home = test_folder();
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(home, "bus");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    assert_true(strlen(path) < sizeof address.sun_path);
    memcpy(address.sun_path, path, strlen(path));
    int silent = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(0, bind(silent, (const struct sockaddr *)&address, sizeof address));
    assert_int_equal(0, listen(silent, 5));
    ESC_CLEANUP(esc_freep) char *bus = esc_sprintf("unix:path=%s", path);
    ESC_CLEANUP(esc_freep) char *variable = esc_sprintf("DBUS_SESSION_BUS_ADDRESS=%s", bus);
    char *environment[] = {variable, NULL};
    const char *const argv[] = {session_program, "soon", "get", NULL};
    ESC_CLEANUP(esc_freep) char *output = session_run(argv, environment);
    assert_string_equal("get=timeout ", output);
    close(silent);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return inside(argc, argv);
    session_program = realpath("/proc/self/exe", NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_stored_read_back_and_deleted),
        cmocka_unit_test(a_key_lives_on_in_the_next_session),
        cmocka_unit_test(a_locked_keyring_is_locked_and_not_empty),
        cmocka_unit_test(a_wrong_password_is_locked_and_not_empty),
        cmocka_unit_test(without_a_keyring_or_a_service_it_is_unavailable),
        cmocka_unit_test(without_a_bus_it_is_unavailable),
        cmocka_unit_test(a_bus_that_never_answers_meets_the_deadline),
    };
    int failed = cmocka_run_group_tests_name("crypt/keyring_service", tests, NULL, NULL);
    free(session_program);
    return failed;
}
