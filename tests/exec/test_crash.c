/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Killed at any moment, nothing mutating is ever started twice. A caller with the engine and the
 * real helper is killed (or the helper, or both) after a random time; a next life reads the
 * journal and reconciles. The command counts how often it has acted, in a ledger: the oracle.
 */

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/exec/engine.h"
#include "tests/exec/programs.h"
#include "tests/exec/survivors.h"
#include "tests/support/test.h"

static struct esc_error err;

enum {
    LIVES_COUNT = 48,
    EARLY_KILL_US = 8 * 1000, /* journal, live file, helper, command: all begin in here */
    LATE_KILL_US = 50 * 1000, /* and all is over */
};

/* One run in a folder of its own; the journal is a file beside it. */
struct world {
    char *folder, *journal, *ledger;
    struct esc_secret *key;
    const char *mark;
    bool over;
};

static void set_up(struct world *world)
{
    *world = (struct world){.folder = test_folder(), .mark = survivors_mark()};
    world->journal = esc_path_join(world->folder, "journal.json");
    world->ledger = esc_path_join(world->folder, "ledger");
    world->key = esc_secret_new("a key of thirty-two bytes length", ESC_RUN_KEY);
}

static void tear_down(struct world *world)
{
    free(world->folder);
    free(world->journal);
    free(world->ledger);
    esc_secret_free(world->key);
}

static size_t acts(const struct world *world)
{
    struct esc_buf text;
    esc_buf_init(&text, 100);
    (void)esc_file_read(world->ledger, &text, NULL); /* no ledger: no act */
    size_t count = text.len;
    esc_buf_done(&text);
    return count;
}

static enum esc_status write_journal(void *context, const struct esc_run *run,
                                     const struct esc_step *step, struct esc_error *error)
{
    const struct world *world = context;
    (void)step;
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_run_to_json(run);
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(json, ESC_JSON_COMPACT);
    return esc_file_replace(world->journal, esc_str_of(text), 0600, error);
}

static struct esc_run *read_journal(const struct world *world)
{
    struct esc_buf text;
    struct esc_run *run = NULL;
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    esc_buf_init(&text, ESC_MAX_FILE);
    if (esc_file_read(world->journal, &text, NULL) == ESC_OK) {
        expect_ok(esc_json_parse(esc_buf_str(&text), NULL, &json, &err));
        expect_ok(esc_run_from_json(json, &run, &err));
    }
    esc_buf_done(&text);
    return run;
}

static void before(void *context, struct esc_turn *turn)
{
    const struct world *world = context;
    struct esc_command command;
    esc_command_init(&command, VICTIM);
    esc_command_arg(&command, "victim");
    esc_command_arg(&command, "count-amid");
    esc_command_arg(&command, world->ledger);
    esc_command_arg(&command, world->mark);
    esc_turn_go(turn, &command);
}

static void perform(void *context, struct esc_turn *turn)
{
    (void)context;
    esc_turn_end(turn, ESC_STEP_SUCCEEDED, ESC_CATEGORY_NONE, NULL);
}

static void settle(void *context, struct esc_turn *turn)
{
    const struct world *world = context;
    esc_turn_end(turn, acts(world) ? ESC_STEP_SUCCEEDED : ESC_STEP_FAILED, ESC_CATEGORY_NONE,
                 "looked into the ledger");
}

static void ended(void *context, struct esc_run *run)
{
    struct world *world = context;
    (void)run;
    world->over = true;
}

static bool is_over(void *context)
{
    return ((struct world *)context)->over;
}

static void drive(struct world *world, struct esc_run *run, bool only_looks)
{
    ESC_CLEANUP(esc_loop_freep) struct esc_loop *loop = NULL;
    expect_ok(esc_loop_new(&loop, &err));
    const struct esc_engine_options options = {
        .run = run,
        .hooks = {.context = world,
                  .before = before,
                  .perform = perform,
                  .settle = settle,
                  .intent = write_journal,
                  .result = write_journal,
                  .ended = ended},
        .folder = world->folder,
        .helper_program = ESCHER_RUN,
        .run_key = world->key,
        .only_looks = only_looks,
        .grace_ms = 100,
    };
    world->over = false;
    expect_ok(esc_engine_start(loop, &options, NULL, &err));
    assert_true(esc_loop_run_until(loop, is_over, world));
}

static void live_first_life(struct world *world)
{
    struct esc_run *run = esc_run_new("run", NULL, ESC_STRATEGY_SERIAL, 1, 1);
    const struct esc_step_options act = {.id = "act", .kind = ESC_STEP_AWS, .mutates = true};
    expect_ok(esc_run_add_step(run, &act, &err));
    drive(world, run, false);
    _exit(0);
}

/* The helper, when it has signed the live file by now; 0 otherwise. */
static pid_t find_helper(const struct world *world)
{
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(world->folder, "act-1.live");
    struct esc_buf text;
    struct esc_str rest, word;
    uint64_t pid = 0;
    esc_buf_init(&text, 256);
    if (esc_file_read(path, &text, NULL) == ESC_OK && text.len > 0) {
        rest = esc_buf_str(&text);
        if (!esc_str_next(&rest, ' ', &word) || !esc_num_u64(word, &pid))
            pid = 0;
    }
    esc_buf_done(&text);
    return (pid_t)pid;
}

/* What must hold once the next life has reconciled; a run without intent was never journalled. */
static void check(const struct world *world, const struct esc_run *run)
{
    size_t count = acts(world);
    assert_true(count <= 1);
    if (!run) {
        assert_int_equal(0, count);
        return;
    }
    switch (run->steps[0].state) {
    case ESC_STEP_SUCCEEDED:
        assert_int_equal(1, count);
        break;
    case ESC_STEP_QUEUED: /* never started: it may be, once a person says so */
    case ESC_STEP_FAILED:
        assert_int_equal(0, count);
        break;
    default:
        print_error("state %s\n", esc_step_state_text(run->steps[0].state));
        fail();
    }
}

static void kill_and_reconcile(uint64_t after_us, bool kill_caller, bool kill_helper)
{
    struct world world;
    set_up(&world);
    pid_t caller = fork();
    if (caller == 0)
        live_first_life(&world);
    (void)usleep((useconds_t)after_us);
    pid_t helper = kill_helper ? find_helper(&world) : 0;
    if (kill_caller)
        (void)kill(caller, SIGKILL);
    if (helper > 0)
        (void)kill(helper, SIGKILL);
    int status;
    assert_int_equal(caller, waitpid(caller, &status, 0));
    struct esc_run *run = read_journal(&world);
    if (run && !esc_run_is_over(run))
        drive(&world, run, true);
    check(&world, run);
    assert_int_equal(0, survivors_after(world.mark, PATIENCE_MS));
    esc_run_free(run);
    tear_down(&world);
}

static void nothing_is_done_twice_whoever_is_killed(void **)
{
    struct esc_random_seeded random;
    esc_random_seeded_init(&random, test_seed(7));
    for (int life = 0; life < test_rounds(LIVES_COUNT); life++)
        kill_and_reconcile(
            esc_random_below(&random.random, life % 2 ? EARLY_KILL_US : LATE_KILL_US),
            life % 3 != 1, life % 3 != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_done_twice_whoever_is_killed),
    };
    return cmocka_run_group_tests_name("exec/crash", tests, NULL, NULL);
}
