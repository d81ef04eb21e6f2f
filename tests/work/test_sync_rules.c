/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/sync_rules.h"

#include "tests/support/test.h"

static const uint64_t minute = UINT64_C(60'000), hour = UINT64_C(3'600'000);
static const uint64_t morning = UINT64_C(1795248000000); /* 2026-11-21T08:00:00Z */

static const struct sync_plan usual = {.full_every_ms = UINT64_C(6) * 3'600'000,
                                       .incremental_every_ms = UINT64_C(15) * 60'000};

/* A machine that looks each minute, as the core does. */
struct machine {
    struct sync_plan plan;
    struct sync_times times;
    uint64_t now_ms;
    unsigned full, incremental; /* how many were made */
};

static void look(struct machine *machine)
{
    const enum sync_due due = sync_due_now(&machine->plan, &machine->times, machine->now_ms);
    if (due == SYNC_DUE_FULL) {
        machine->full++;
        machine->times.full_ms = machine->now_ms;
    } else if (due == SYNC_DUE_INCREMENTAL) {
        machine->incremental++;
        machine->times.incremental_ms = machine->now_ms;
    }
}

static void run_for(struct machine *machine, uint64_t ms)
{
    for (uint64_t passed = 0; passed < ms; passed += minute) {
        machine->now_ms += minute;
        look(machine);
    }
}

static struct machine machine_of(struct sync_plan plan)
{
    return (struct machine){.plan = plan, .now_ms = morning};
}

static void a_day_has_four_full_syncs_and_incremental_ones_between(void **)
{
    struct machine machine = machine_of(usual);
    run_for(&machine, 24 * hour);
    assert_int_equal(4, machine.full);
    assert_int_equal(92, machine.incremental); /* 96 quarters of an hour, without the four */
}

static void the_first_sync_is_a_full_one_and_due_at_once(void **)
{
    struct sync_times never = {0};
    assert_int_equal(SYNC_DUE_FULL, sync_due_now(&usual, &never, morning));
    assert_int_equal(morning, sync_full_due_ms(&usual, &never, morning));
}

static void after_a_night_of_sleep_one_sync_is_made_and_not_thirty(void **)
{
    struct machine machine = machine_of(usual);
    run_for(&machine, 2 * hour);
    const unsigned incremental = machine.incremental;
    machine.now_ms += 10 * hour; /* the lid is closed */
    look(&machine);
    assert_int_equal(2, machine.full);
    run_for(&machine, 14 * minute);
    assert_int_equal(2, machine.full);
    assert_int_equal(incremental, machine.incremental);
    run_for(&machine, 2 * minute);
    assert_int_equal(incremental + 1, machine.incremental);
}

static void a_reboot_changes_nothing(void **)
{
    struct machine machine = machine_of(usual);
    run_for(&machine, hour);
    struct machine after = {.plan = usual, .times = machine.times, .now_ms = machine.now_ms};
    run_for(&machine, 5 * hour);
    run_for(&after, 5 * hour);
    assert_int_equal(machine.full - 1, after.full); /* the first was before */
    assert_int_equal(machine.times.full_ms, after.times.full_ms);
}

static void a_clock_that_goes_back_costs_one_sync_and_stops_none(void **)
{
    struct machine machine = machine_of(usual);
    run_for(&machine, 2 * hour);
    machine.now_ms -= 30 * 24 * hour;
    look(&machine);
    assert_int_equal(2, machine.full);
    run_for(&machine, 24 * hour);
    assert_int_equal(6, machine.full);
}

static void a_clock_that_leaps_on_costs_one_sync(void **)
{
    struct machine machine = machine_of(usual);
    run_for(&machine, hour);
    machine.now_ms += 365 * 24 * hour;
    look(&machine);
    assert_int_equal(2, machine.full);
    machine.now_ms -= 365 * 24 * hour; /* and is put right */
    look(&machine);
    assert_int_equal(3, machine.full);
    run_for(&machine, 5 * hour);
    assert_int_equal(3, machine.full);
}

static void a_full_sync_makes_an_incremental_one_needless(void **)
{
    const struct sync_times times = {.full_ms = morning, .incremental_ms = morning - 14 * minute};
    assert_int_equal(morning + 15 * minute,
                     sync_incremental_due_ms(&usual, &times, morning + minute));
}

static void what_is_off_is_never_due(void **)
{
    struct machine machine = machine_of((struct sync_plan){0});
    run_for(&machine, 48 * hour);
    assert_int_equal(0, machine.full + machine.incremental);
    struct machine only = machine_of((struct sync_plan){.incremental_every_ms = hour});
    run_for(&only, 24 * hour);
    assert_int_equal(0, only.full);
    assert_int_equal(24, only.incremental);
}

static void failures_wait_longer_and_longer_and_at_most_six_hours(void **)
{
    static const uint64_t waits[] = {15, 30, 60, 120, 240, 360, 360, 360};
    for (unsigned i = 0; i < ESC_COUNT(waits); i++) {
        const struct sync_times times = {.try_ms = morning, .failures = i + 1};
        assert_int_equal(morning + waits[i] * minute,
                         sync_full_due_ms(&usual, &times, morning + minute));
        assert_int_equal(SYNC_DUE_NONE,
                         sync_due_now(&usual, &times, morning + waits[i] * minute - 1));
    }
    const struct sync_times future = {.try_ms = morning + hour, .failures = 3};
    assert_int_equal(SYNC_DUE_FULL, sync_due_now(&usual, &future, morning));
}

static void jitter_adds_a_tenth_at_most(void **)
{
    const struct sync_times times = {.full_ms = morning};
    for (unsigned jitter = 0; jitter <= 1000; jitter += 100) {
        struct sync_plan plan = usual;
        plan.jitter = jitter;
        const uint64_t due_ms = sync_full_due_ms(&plan, &times, morning + minute);
        assert_int_equal(morning + 6 * hour + 6 * hour / 10'000 * jitter, due_ms);
        assert_true(due_ms <= morning + 6 * hour + 36 * minute);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_has_four_full_syncs_and_incremental_ones_between),
        cmocka_unit_test(the_first_sync_is_a_full_one_and_due_at_once),
        cmocka_unit_test(after_a_night_of_sleep_one_sync_is_made_and_not_thirty),
        cmocka_unit_test(a_reboot_changes_nothing),
        cmocka_unit_test(a_clock_that_goes_back_costs_one_sync_and_stops_none),
        cmocka_unit_test(a_clock_that_leaps_on_costs_one_sync),
        cmocka_unit_test(a_full_sync_makes_an_incremental_one_needless),
        cmocka_unit_test(what_is_off_is_never_due),
        cmocka_unit_test(failures_wait_longer_and_longer_and_at_most_six_hours),
        cmocka_unit_test(jitter_adds_a_tenth_at_most),
    };
    return cmocka_run_group_tests_name("work/sync_rules", tests, NULL, NULL);
}
