/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Every state of file and key, with every kind of keyring, under every fault: what must not write
 * writes nothing, neither into the keyring nor to any file of the store.
 *
 *     states      nothing at all · file and key · file after a crash, and key · file without key ·
 *                 file with another key · key without file · the key's other half is a passphrase
 *     keyrings    memory · a file under a passphrase · a real gnome-keyring
 *     faults      each function × each status · keeps nothing · gives another key, or half of one ·
 *                 locked, and wrong password (of a real one; for a file: its passphrase)
 *     acts        open · open or make · open with a recovery code that is wrong · rotate
 *
 * GLib keeps its bus for the life of a process, so the part with a real keyring starts this
 * program again inside a session of its own (tests/support/session.h).
 */
#include "escher/store/key_change.h"
#include "escher/store/recovery.h"
#include "tests/store/support.h"
#include "tests/support/keyring_faulty.h"
#include "tests/support/session.h"

static const struct esc_argon2 cheap = {1, 8};

enum backend {
    MEMORY,
    IN_FILE,
    SERVICE,
};
static const char *const backend_names[] = {"memory", "file", "service"};

enum state {
    NOTHING,
    WHOLE,
    AFTER_CRASH,
    KEY_GONE,
    KEY_OTHER,
    FILE_GONE,
    MIXED,
    STATE_COUNT,
};
static const char *const state_names[] = {"nothing",   "whole",     "after a crash", "key gone",
                                          "key other", "file gone", "mixed"};

enum act {
    OPEN,
    MAKE,
    OPEN_BY_CODE,
    ROTATE,
    ACT_COUNT,
};
static const char *const act_names[] = {"open", "make", "open by code", "rotate"};

/* What is tried in the matrix, beside every function with every status. */
enum trick {
    HONEST,
    GET_FAILS,
    PUT_FAILS,
    DEL_FAILS,
    PROBE_FAILS,
    FORGETS,
    LIES,
    CUTS,
    TRICK_COUNT,
};

static const enum esc_status statuses[] = {ESC_NOT_FOUND, ESC_LOCKED,  ESC_UNAVAILABLE,
                                           ESC_TIMEOUT,   ESC_CORRUPT, ESC_IO};

struct stage {
    struct box box;
    struct esc_keyring *inner, *faulty;
    struct keyring_faults faults;
    struct esc_secret *code, *wrong_code, *passphrase;
    enum backend backend;
    enum state state;
    const char *slot_passphrase; /* of the key file */
};

static enum esc_status give_passphrase(void *context, bool, struct esc_secret **out,
                                       struct esc_error *)
{
    *out = esc_secret_of_text(((struct stage *)context)->slot_passphrase);
    return ESC_OK;
}

static struct esc_keyring *make_inner(struct stage *stage)
{
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(stage->box.folder, "key.slot");
    const struct esc_keyring_file_options options = {
        .path = path, .passphrase = give_passphrase, .context = stage, .price = cheap};
    if (stage->backend == IN_FILE)
        return esc_keyring_file_new(&options);
    return stage->backend == SERVICE ? esc_keyring_libsecret_new(0) : esc_keyring_memory_new(NULL);
}

static void put_item(struct stage *stage, const char *bytes)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = esc_secret_of_text(bytes);
    expect_ok(esc_keyring_put(stage->inner, "default", key, &err));
}

static void leave_as_after_a_crash(struct stage *stage)
{
    struct box *box = &stage->box;
    struct picture living = picture_take(box);
    box_shut(box);
    for (size_t i = 0; i < 2; i++) {
        ESC_CLEANUP(esc_freep) char *path = esc_sprintf("%s%s", box->path, picture_ends[i]);
        expect_ok(esc_file_replace(path, esc_buf_str(&living.files[i]), 0600, &err));
    }
    picture_done(&living);
}

static void make_state(struct stage *stage)
{
    struct box *box = &stage->box;
    if (stage->state == NOTHING)
        return;
    box->options.passphrase = stage->state == MIXED ? stage->passphrase : NULL;
    box->options.new_code = stage->code;
    expect_ok(esc_store_open(&box->options, &box->store, &err));
    put_resource(box, "kept", "available", NULL);
    if (stage->state == AFTER_CRASH)
        leave_as_after_a_crash(stage);
    box_shut(box);
    box->options.new_code = NULL;
    box->options.passphrase = NULL;
    if (stage->state == KEY_GONE)
        expect_ok(esc_keyring_del(stage->inner, "default", &err));
    if (stage->state == KEY_OTHER)
        put_item(stage, "another key of thirty-two bytes.");
    if (stage->state == FILE_GONE)
        assert_int_equal(0, unlink(box->path));
}

static void stage_open(struct stage *stage, enum backend backend, enum state state)
{
    *stage = (struct stage){.backend = backend, .state = state, .slot_passphrase = "right"};
    box_init(&stage->box);
    stage->inner = make_inner(stage);
    stage->faulty = keyring_faulty_new(stage->inner, &stage->faults);
    stage->code = esc_recovery_code_new(esc_random_system());
    stage->wrong_code = esc_recovery_code_new(esc_random_system());
    stage->passphrase = esc_secret_of_text("correct horse");
    stage->box.options.keyring = stage->inner;
    stage->box.options.price = cheap;
    make_state(stage);
    stage->box.options.keyring = stage->faulty;
}

static void stage_close(struct stage *stage)
{
    (void)esc_keyring_del(stage->inner, "default", NULL); /* the next one begins without */
    esc_keyring_free(stage->faulty);
    esc_keyring_free(stage->inner);
    esc_secret_free(stage->code);
    esc_secret_free(stage->wrong_code);
    esc_secret_free(stage->passphrase);
    box_done(&stage->box);
}

static void set_trick(struct stage *stage, enum trick trick, enum esc_status status)
{
    stage->faults = (struct keyring_faults){
        .get = trick == GET_FAILS ? status : ESC_OK,
        .put = trick == PUT_FAILS ? status : ESC_OK,
        .del = trick == DEL_FAILS ? status : ESC_OK,
        .probe = trick == PROBE_FAILS ? status : ESC_OK,
        .forgets = trick == FORGETS,
        .lies = trick == LIES,
        .cuts = trick == CUTS,
    };
}

/* Whether the store may be opened, made or changed: then there is nothing to compare. */
static bool may_write(const struct stage *stage, enum act act, enum trick trick)
{
    const bool key_fits = stage->state == WHOLE || stage->state == AFTER_CRASH;
    const bool key_is_had = trick != GET_FAILS && trick != LIES && trick != CUTS;
    if (stage->state == NOTHING)
        return act == MAKE;
    return key_fits && key_is_had && act != OPEN_BY_CODE;
}

static enum esc_status rotate(struct stage *stage)
{
    ESC_CLEANUP(esc_key_change_freep) struct esc_key_change *change = NULL;
    const struct esc_key_change_options options = {
        .kind = ESC_KEY_ROTATE, .to = stage->faulty, .price = cheap};
    enum esc_status status = esc_key_change_begin(stage->box.store, &options, &change, &err);
    if (status == ESC_OK)
        status = esc_key_change_work(change, &err);
    return status == ESC_OK ? esc_key_change_commit(change, &err) : status;
}

static enum esc_status act_out(struct stage *stage, enum act act)
{
    struct box *box = &stage->box;
    box->options.create = act == MAKE;
    box->options.code = act == OPEN_BY_CODE ? stage->wrong_code : NULL;
    enum esc_status status = esc_store_open(&box->options, &box->store, &err);
    if (status == ESC_OK && act == ROTATE)
        status = rotate(stage);
    box_shut(box);
    return status;
}

enum {
    CASES = 629 /* of each kind of keyring: all that may not write */
};
static size_t cases, still;

static void check_silence(struct stage *stage, enum act act, enum trick trick,
                          enum esc_status status)
{
    struct picture before = picture_take(&stage->box);
    set_trick(stage, trick, status);
    const enum esc_status said = act_out(stage, act);
    const unsigned writes = stage->faults.puts + stage->faults.dels;
    cases++;
    if (!may_write(stage, act, trick)) {
        struct picture now = picture_take(&stage->box);
        bool is_same = true;
        for (size_t i = 0; i < ESC_COUNT(picture_ends); i++)
            is_same &= esc_str_equal(esc_buf_str(&before.files[i]), esc_buf_str(&now.files[i]));
        if (said == ESC_OK || writes || !is_same)
            print_error("%s, %s, %s, trick %d with %s: said %s, %u writes, files %s\n",
                        backend_names[stage->backend], state_names[stage->state], act_names[act],
                        (int)trick, esc_status_text(status), esc_status_text(said), writes,
                        is_same ? "the same" : "changed");
        assert_true(said != ESC_OK && writes == 0 && is_same);
        still++;
        picture_done(&now);
    }
    picture_done(&before);
}

/* Afterwards everything is as it was: the true key opens, or the code does. */
static void check_after(struct stage *stage)
{
    struct box *box = &stage->box;
    if (stage->state == NOTHING || stage->state == FILE_GONE)
        return;
    set_trick(stage, HONEST, ESC_OK);
    box->options.create = false;
    box->options.code = stage->state == KEY_GONE || stage->state == KEY_OTHER ? stage->code : NULL;
    box->options.passphrase = stage->state == MIXED ? stage->passphrase : NULL;
    expect_ok(esc_store_open(&box->options, &box->store, &err));
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = get_resource(box, "kept");
    assert_string_equal("available", resource->state);
    box_shut(box);
}

/* A keyring that has the key and says "not found" cannot be told from one that has none. */
static bool is_truth(enum state state, enum trick trick, enum esc_status status)
{
    return (state == NOTHING || state == FILE_GONE) && trick == GET_FAILS &&
           status == ESC_NOT_FOUND;
}

/* All of it on one stage: nothing of it may leave a trace. */
static void check_state(enum backend backend, enum state state)
{
    struct stage stage;
    stage_open(&stage, backend, state);
    for (enum act act = OPEN; act < ACT_COUNT; act++)
        for (enum trick trick = HONEST; trick < TRICK_COUNT; trick++)
            for (size_t i = 0; i < ESC_COUNT(statuses); i++) {
                const bool has_status = trick >= GET_FAILS && trick <= PROBE_FAILS;
                if ((has_status || i == 0) && !may_write(&stage, act, trick) &&
                    !is_truth(state, trick, statuses[i]))
                    check_silence(&stage, act, trick, statuses[i]);
            }
    check_after(&stage);
    stage_close(&stage);
}

static void expect_silence(enum backend backend)
{
    cases = still = 0;
    for (enum state state = NOTHING; state < STATE_COUNT; state++)
        check_state(backend, state);
    assert_int_equal(CASES, cases);
    assert_int_equal(CASES, still);
}

static void in_memory_what_must_not_write_writes_nothing(void **)
{
    expect_silence(MEMORY);
}

static void in_a_file_what_must_not_write_writes_nothing(void **)
{
    expect_silence(IN_FILE);
}

/* The passphrase of the file is wrong: locked, and not empty, whatever is asked for. */
static void a_wrong_passphrase_of_the_key_file_writes_nothing(void **)
{
    for (enum state state = WHOLE; state < STATE_COUNT; state++)
        for (enum act act = OPEN; act < ACT_COUNT; act++) {
            struct stage stage;
            stage_open(&stage, IN_FILE, state);
            esc_keyring_free(stage.faulty);
            esc_keyring_free(stage.inner);
            stage.slot_passphrase = "wrong";
            stage.inner = make_inner(&stage);
            stage.faulty = keyring_faulty_new(stage.inner, &stage.faults);
            stage.box.options.keyring = stage.faulty;
            struct picture before = picture_take(&stage.box);
            const enum esc_status said = act_out(&stage, act);
            assert_int_not_equal(ESC_OK, said);
            if (act != OPEN_BY_CODE && state != KEY_GONE && (state != FILE_GONE || act == MAKE))
                assert_int_equal(ESC_LOCKED, said);
            expect_unchanged(&stage.box, &before);
            assert_int_equal(0, stage.faults.puts + stage.faults.dels);
            picture_done(&before);
            stage.slot_passphrase = "right";
            stage_close(&stage);
        }
}

/* A change of keys that a keyring fails leaves what opened before. */
static void a_rotation_that_the_keyring_fails_changes_no_key(void **)
{
    for (enum trick trick = GET_FAILS; trick < TRICK_COUNT; trick++)
        for (size_t i = 0; i < ESC_COUNT(statuses); i++) {
            struct stage stage;
            stage_open(&stage, MEMORY, WHOLE);
            stage.box.options.create = false;
            expect_ok(esc_store_open(&stage.box.options, &stage.box.store, &err));
            set_trick(&stage, trick, statuses[i]);
            const bool must_fail = trick != DEL_FAILS && trick != PROBE_FAILS;
            assert_int_equal(must_fail, rotate(&stage) != ESC_OK);
            box_shut(&stage.box);
            check_after(&stage);
            stage_close(&stage);
        }
}

/* With a real keyring: this program again, in a session. */

/* A store that was made beside another keyring; here is one of the same name, which is locked. */
static void check_locked(enum state state)
{
    struct stage stage;
    stage_open(&stage, MEMORY, state);
    esc_keyring_free(stage.faulty);
    esc_keyring_free(stage.inner);
    stage.inner = esc_keyring_libsecret_new(0);
    struct faulty context = {{state == NOTHING ? "secret-service" : "memory", faulty_probe,
                              faulty_get, faulty_put, faulty_del, faulty_describe},
                             stage.inner,
                             &stage.faults};
    stage.faulty = esc_keyring_new(&context.table, &context, NULL);
    stage.box.options.keyring = stage.faulty;
    for (enum act act = OPEN; act <= MAKE; act++) {
        struct picture before = picture_take(&stage.box);
        const bool is_there = state != NOTHING && state != FILE_GONE;
        assert_int_equal(is_there || act == MAKE ? ESC_LOCKED : ESC_NOT_FOUND,
                         act_out(&stage, act));
        expect_unchanged(&stage.box, &before);
        assert_int_equal(0, stage.faults.puts + stage.faults.dels);
        picture_done(&before);
    }
    stage_close(&stage);
}

static int inside(int argc, char **argv)
{
    const bool is_locked = argc > 2;
    if (!is_locked) {
        expect_silence(SERVICE);
        printf("%zu=%zu ", cases, still);
        return 0;
    }
    for (enum state state = NOTHING; state < STATE_COUNT; state++)
        check_locked(state);
    printf("locked=%s ", argv[2]);
    return 0;
}

static void in_a_real_keyring_what_must_not_write_writes_nothing(void **)
{
    ESC_CLEANUP(esc_freep) char *home = test_folder();
    expect_session("629=629 ", WORDS("--home", home), WORDS("silence"));
    expect_session("locked=wrong ", WORDS("--home", home, "--password", "wrong"),
                   WORDS("silence", "wrong"));
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return inside(argc, argv);
    session_program = realpath("/proc/self/exe", NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_memory_what_must_not_write_writes_nothing),
        cmocka_unit_test(in_a_file_what_must_not_write_writes_nothing),
        cmocka_unit_test(a_wrong_passphrase_of_the_key_file_writes_nothing),
        cmocka_unit_test(a_rotation_that_the_keyring_fails_changes_no_key),
        cmocka_unit_test(in_a_real_keyring_what_must_not_write_writes_nothing),
    };
    int failed = cmocka_run_group_tests_name("store/key_states", tests, NULL, NULL);
    free(session_program);
    return failed;
}
