/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Calls fail, one in each life: every read, write, sync ... of a history, and SQLite's allocations.
 * The store answers an error, holds what it held, and does the same thing when asked again; after
 * the next opening nothing acknowledged is missing.
 */

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "escher/store/store_private.h"
#include "escher/store/whole.h"
#include "tests/store/history.h"
#include "tests/support/test.h"

static struct esc_error err;

enum {
    STEPS = 9,
    STORIES = 2,
};

/* Every kind of step, in two stories, because what a failure costs grows with what came before. */
static const char *const stories[STORIES][STEPS] = {
    {"put a document", "approve", "intend", "think better of it", "put a result", "write a note",
     "drop a document", "read it all", "open again"},
    {"put resources", "scan", "close a cell", "drop a resource", "start a conversation",
     "add a message", "read it all", "delete a conversation", "open again"},
};

/* Allocations that fail */

static struct {
    sqlite3_mem_methods real;
    uint64_t calls, at; /* at 0: none fails */
    bool forever;
} memory;

static bool may_allocate(void)
{
    memory.calls++;
    return !memory.at || memory.calls < memory.at || (memory.calls > memory.at && !memory.forever);
}

static void *allocate(int len)
{
    return may_allocate() ? memory.real.xMalloc(len) : NULL;
}

static void *reallocate(void *old, int len)
{
    return may_allocate() ? memory.real.xRealloc(old, len) : NULL;
}

/* Before SQLite is used for the first time. Without lookaside it asks for every bit of memory. */
static void count_allocations(void)
{
    assert_int_equal(SQLITE_OK, sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory.real));
    sqlite3_mem_methods ours = memory.real;
    ours.xMalloc = allocate;
    ours.xRealloc = reallocate;
    assert_int_equal(SQLITE_OK, sqlite3_config(SQLITE_CONFIG_MALLOC, &ours));
    assert_int_equal(SQLITE_OK, sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0));
}

/* One failure to live through: of a call or, when that has no number, of an allocation. */
struct failure {
    struct vfs_fault call;
    uint64_t allocation;
    bool forever; /* until the error was answered */
    const char *const *story;
    uint64_t seed;
};

static bool was_answered; /* by an error */
static char now[200];     /* which one it is, for whoever looks at a failed assertion */

static void name_failure(const struct failure *failure)
{
    static const char *const kinds[] = {"EIO", "ENOSPC", "short write"};
    (void)snprintf(
        now, sizeof now, "ESCHER_TEST_SEED=%llu, the story of `%s`, %s %llu%s\n",
        (unsigned long long)failure->seed - 1, failure->story[0],
        failure->allocation ? "allocation" : kinds[failure->call.kind],
        (unsigned long long)(failure->allocation ? failure->allocation : failure->call.at),
        failure->forever ? " and all after it" : "");
}

static void tell_failure(int)
{
    (void)!write(STDERR_FILENO, now, strlen(now)); /* the process ends anyway */
}

static void arm(struct history *history, const struct failure *failure)
{
    struct vfs_fault call = failure->call;
    call.forever = failure->forever;
    vfs_sim_fail(history_sim(history), call);
    was_answered = false;
    memory.calls = 0;
    memory.at = failure->allocation;
    memory.forever = failure->forever;
}

static void give_up(const struct history *history, const char *what)
{
    print_error("%s%s, after `%s`: %s\n", now, what, history_doing(history), err.message);
    fail();
}

/* What lasted until the error was answered is over: there is room again. */
static void lift(struct history *history, const struct failure *failure)
{
    if (err.message[0] == '\0')
        give_up(history, "an error without a message");
    was_answered = true;
    if (failure->forever) {
        vfs_sim_fail(history_sim(history), (struct vfs_fault){0});
        memory.at = 0;
    }
}

static void expect_holds(const struct history *history)
{
    ESC_CLEANUP(esc_freep) char *found = NULL;
    if (esc_store_check(history_store(history), NULL, &err) != ESC_OK)
        give_up(history, "its rows are not those that were written");
    if (history_read(history_store(history), &found, &err) != ESC_OK)
        give_up(history, "it cannot be read");
    if (strcmp(found, history_state(history, history_acknowledged(history))) != 0)
        give_up(history, "it holds something else");
}

static void open_store(struct history *history, const struct failure *failure)
{
    if (history_open(history, &err) == ESC_OK)
        return;
    lift(history, failure);
    if (history_open(history, &err) != ESC_OK)
        give_up(history, "it does not open");
}

/* A step, and the same again when it failed. */
static void take_step(struct history *history, const struct failure *failure, const char *kind)
{
    memset(&err, 0, sizeof err);
    if (history_take(history, kind, &err) == ESC_OK)
        return;
    lift(history, failure);
    if (!history_store(history))
        open_store(history, failure);
    expect_holds(history);
    if (history_repeat(history, &err) != ESC_OK)
        give_up(history, "it does not go on");
}

static bool has_come(struct history *history, const struct failure *failure)
{
    if (was_answered)
        return true;
    return failure->allocation ? memory.calls >= failure->allocation
                               : vfs_sim_calls(history_sim(history)) >= failure->call.at;
}

/* The story until the failure has come, and a step more. Tells whether it came. */
static bool live_through(const struct failure *failure)
{
    const struct history_options options = {
        .seed = failure->seed, .device = {true, 4096}, .checkpoint_pages = 12};
    name_failure(failure);
    struct history *history = history_new(&options);
    arm(history, failure);
    open_store(history, failure);
    bool came = false;
    for (int i = 0; i < STEPS && !came; i++) {
        came = has_come(history, failure);
        take_step(history, failure, failure->story[i]);
    }
    history_close(history);
    came = has_come(history, failure);
    arm(history, &(struct failure){0});
    open_store(history, failure);
    expect_holds(history);
    history_free(history);
    return came;
}

static struct failure failure_of(size_t story, bool forever)
{
    return (struct failure){.story = stories[story], .seed = test_seed(1), .forever = forever};
}

static void fail_every_call(enum vfs_fault_kind kind, bool forever)
{
    for (size_t story = 0; story < STORIES; story++) {
        struct failure failure = failure_of(story, forever);
        failure.call.kind = kind;
        do
            failure.call.at++;
        while (live_through(&failure));
        assert_in_range(failure.call.at, 50, 10'000);
    }
}

static void any_call_may_fail_once(void **)
{
    fail_every_call(VFS_EIO, false);
}

static void any_call_may_fail_until_it_was_said(void **)
{
    fail_every_call(VFS_EIO, true);
}

static void the_disk_may_be_full_at_any_call(void **)
{
    fail_every_call(VFS_ENOSPC, false);
}

static void the_disk_may_stay_full_from_any_call_on(void **)
{
    fail_every_call(VFS_ENOSPC, true);
}

static void any_write_may_end_half_way(void **)
{
    fail_every_call(VFS_SHORT_WRITE, false);
}

/* One of @p usual of them, others with another seed; in a soak all. Under a sanitizer each takes
 * four times as long. */
static void fail_allocations(bool forever, uint64_t usual)
{
#ifdef ESC_SANITIZED
    usual *= 4;
#endif
    const uint64_t stride = 1 + (usual - 1) / (uint64_t)test_rounds(1);
    for (size_t story = 0; story < STORIES; story++) {
        struct failure failure = failure_of(story, forever);
        failure.allocation = 1 + failure.seed % stride;
        while (live_through(&failure))
            failure.allocation += stride;
        assert_in_range(failure.allocation, 1000, 1'000'000);
        print_message("# one in %llu of %llu allocations\n", (unsigned long long)stride,
                      (unsigned long long)failure.allocation);
    }
}

static void any_allocation_may_fail_once(void **)
{
    fail_allocations(false, 3);
}

static void memory_may_be_used_up_from_any_allocation_on(void **)
{
    fail_allocations(true, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_call_may_fail_once),
        cmocka_unit_test(any_call_may_fail_until_it_was_said),
        cmocka_unit_test(the_disk_may_be_full_at_any_call),
        cmocka_unit_test(the_disk_may_stay_full_from_any_call_on),
        cmocka_unit_test(any_write_may_end_half_way),
        cmocka_unit_test(any_allocation_may_fail_once),
        cmocka_unit_test(memory_may_be_used_up_from_any_allocation_on),
    };
    count_allocations();
    (void)signal(SIGABRT, tell_failure);
    return cmocka_run_group_tests_name("store/faults", tests, NULL, NULL);
}
