/* SPDX-License-Identifier: Apache-2.0 */

/* When a backup is due, and which may go, over random histories with failures, clocks that jump,
 * machines that sleep and names that come twice. */

#include "escher/work/backup_rules.h"

#include <stdio.h>
#include <string.h>

#include "escher/base/clock.h"
#include "escher/base/id.h"
#include "tests/support/test.h"

#define STORE "0f4c5c1e-2f5e-4a53-9d1b-0f2f3c1a9e55"

enum {
    HISTORIES = 1000,
    EVENTS = 60,
    MOST = 128,
    DAYS = 60,
};
static const uint64_t start_ms = UINT64_C(1795248000000); /* 2026-11-21T08:00:00Z */
static const uint64_t hour_ms = UINT64_C(3600000), day_ms = UINT64_C(86400000);
static const uint64_t minute_ms = UINT64_C(60000);

/* Retention */

struct world {
    struct esc_random_seeded random;
    uint64_t now_ms;  /* as the machine's clock says */
    uint64_t true_ms; /* as it is */
    struct backup_item items[MOST];
    uint64_t made_truly_ms[MOST];
    char names[MOST][BACKUP_NAME];
    size_t count;
    size_t gone; /* over all */
    bool last_failed;
};

static uint64_t below(struct world *world, uint64_t bound)
{
    return esc_random_below(&world->random.random, bound);
}

static void pass(struct world *world, uint64_t by_ms)
{
    world->now_ms += by_ms;
    world->true_ms += by_ms;
}

static void add_backup(struct world *world, bool verified)
{
    const size_t i = world->count;
    if (i == MOST)
        return;
    unsigned number = 1;
    bool taken = true;
    while (taken) { /* as it is done when one is made */
        backup_name(world->now_ms, STORE, number++, world->names[i]);
        taken = false;
        for (size_t k = 0; k < i; k++)
            taken = taken || strcmp(world->names[k], world->names[i]) == 0;
    }
    world->items[i] = (struct backup_item){world->names[i], world->now_ms, verified, false};
    world->made_truly_ms[i] = world->true_ms;
    world->count++;
}

/* The same file twice in the list. */
static void repeat_one(struct world *world)
{
    if (world->count == MOST || world->count == 0)
        return;
    const size_t from = below(world, world->count), to = world->count++;
    memcpy(world->names[to], world->names[from], BACKUP_NAME);
    world->items[to] = world->items[from];
    world->items[to].name = world->names[to];
    world->made_truly_ms[to] = world->made_truly_ms[from];
}

static bool counts(const struct world *world, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (strcmp(world->items[k].name, world->items[i].name) == 0)
            return false;
    }
    return world->items[i].is_verified && world->items[i].made_at_ms <= world->now_ms;
}

static size_t standing(const struct world *world)
{
    size_t found = 0;
    for (size_t i = 0; i < world->count; i++)
        found += counts(world, i);
    return found;
}

static void expect_well_chosen(const struct world *world, bool clock_is_right)
{
    size_t before = standing(world), gone = 0, kept_newest = 0;
    uint64_t oldest_kept = UINT64_MAX, newest_gone = 0;
    for (size_t i = 0; i < world->count; i++) {
        const struct backup_item *item = &world->items[i];
        gone += item->goes && counts(world, i);
        if (counts(world, i) && item->goes && item->made_at_ms > newest_gone)
            newest_gone = item->made_at_ms;
        if (counts(world, i) && !item->goes && item->made_at_ms < oldest_kept)
            oldest_kept = item->made_at_ms;
        kept_newest += counts(world, i) && !item->goes;
        if (!item->goes)
            continue;
        assert_true(item->is_verified);
        assert_true(item->made_at_ms <= world->now_ms);
        assert_true(world->now_ms - item->made_at_ms > 7 * day_ms);
        if (clock_is_right)
            assert_true(world->true_ms - world->made_truly_ms[i] > 7 * day_ms);
        assert_false(world->last_failed);
    }
    assert_true(before - gone >= (before < 3 ? before : 3)); /* the floor */
    if (gone)
        assert_true(newest_gone <= oldest_kept || kept_newest >= 3); /* the oldest go first */
}

static void apply(struct world *world)
{
    size_t kept = 0;
    for (size_t i = 0; i < world->count; i++) {
        world->gone += world->items[i].goes;
        if (world->items[i].goes)
            continue;
        if (kept != i) {
            memcpy(world->names[kept], world->names[i], BACKUP_NAME);
            world->items[kept] = world->items[i];
            world->items[kept].name = world->names[kept];
            world->made_truly_ms[kept] = world->made_truly_ms[i];
        }
        kept++;
    }
    world->count = kept;
}

static void look(struct world *world, bool clock_is_right)
{
    backup_retain(world->items, world->count, world->now_ms, world->last_failed,
                  &backup_policy_local);
    expect_well_chosen(world, clock_is_right);
    apply(world);
}

static void live(struct world *world, bool clock_jumps)
{
    for (int i = 0; i < EVENTS; i++) {
        switch (below(world, 8)) {
        case 0:
            pass(world, below(world, 9) * day_ms); /* it slept */
            break;
        case 1:
            if (clock_jumps)
                world->now_ms += below(world, 2) ? 30 * day_ms : (uint64_t)0 - 30 * day_ms;
            break;
        case 2:
            world->last_failed = true;
            if (below(world, 3) == 0)
                add_backup(world, false); /* something was left lying */
            break;
        case 3:
            repeat_one(world);
            break;
        default:
            pass(world, day_ms / 2 + below(world, day_ms));
            add_backup(world, true);
            world->last_failed = false;
        }
        look(world, !clock_jumps);
    }
}

static void no_history_of_backups_breaks_the_floor(void **)
{
    static struct world world;
    size_t gone = 0;
    for (int i = 0; i < test_rounds(HISTORIES); i++) {
        world = (struct world){.now_ms = start_ms, .true_ms = start_ms};
        esc_random_seeded_init(&world.random, test_seed(900) + (uint64_t)i);
        live(&world, i % 2 == 0);
        gone += world.gone;
    }
    assert_true(gone > (size_t)test_rounds(HISTORIES)); /* it is not for want of deleting */
}

static struct backup_item item_of(const char *name, uint64_t age_days, bool verified)
{
    return (struct backup_item){name, start_ms - age_days * day_ms, verified, false};
}

static void retain(struct backup_item *items, size_t count, bool last_failed)
{
    backup_retain(items, count, start_ms, last_failed, &backup_policy_local);
}

static void what_is_old_goes_and_three_stay(void **)
{
    struct backup_item items[] = {
        item_of("a", 40, true), item_of("b", 30, true), item_of("c", 20, true),
        item_of("d", 10, true), item_of("e", 9, false), item_of("f", 8, true),
    };
    retain(items, ESC_COUNT(items), false);
    const bool goes[] = {true, true, false, false, false, false};
    for (size_t i = 0; i < ESC_COUNT(items); i++)
        assert_int_equal(goes[i], items[i].goes);
    retain(items, ESC_COUNT(items), true);
    for (size_t i = 0; i < ESC_COUNT(items); i++)
        assert_false(items[i].goes);
}

static void what_is_dated_in_the_future_counts_for_nothing(void **)
{
    struct backup_item items[] = {
        item_of("a", 40, true),
        item_of("b", 30, true),
        item_of("c", 20, true),
        {"d", start_ms + 1, true, false},
        {"e", start_ms + day_ms, true, false},
    };
    retain(items, ESC_COUNT(items), false);
    for (size_t i = 0; i < ESC_COUNT(items); i++)
        assert_false(items[i].goes);
}

/* The schedule */

static void each_day_has_its_backup_and_no_hour_two(void **)
{
    struct backup_history history = {0};
    assert_true(backup_due_ms(&history, start_ms) <= start_ms); /* never made */
    history.last_ok_ms = history.last_try_ms = start_ms;
    const uint64_t midnight = (start_ms / day_ms + 1) * day_ms;
    assert_int_equal(midnight, backup_due_ms(&history, start_ms + hour_ms));
    history.last_ok_ms = history.last_try_ms = midnight - minute_ms;
    assert_int_equal(midnight - minute_ms + hour_ms, backup_due_ms(&history, midnight));
}

static void a_failure_is_tried_again_later_and_later(void **)
{
    struct backup_history history = {.last_ok_ms = start_ms - day_ms, .last_try_ms = start_ms};
    static const uint64_t minutes[] = {15, 30, 60, 120, 240, 360, 360, 360};
    for (unsigned i = 0; i < ESC_COUNT(minutes); i++) {
        history.failures = i + 1;
        assert_int_equal(start_ms + minutes[i] * minute_ms, backup_due_ms(&history, start_ms));
    }
    history.failures = UINT32_MAX;
    assert_int_equal(start_ms + 360 * minute_ms, backup_due_ms(&history, start_ms));
}

static void a_clock_that_was_put_back_makes_it_due(void **)
{
    const struct backup_history history = {.last_ok_ms = start_ms, .last_try_ms = start_ms};
    const uint64_t now = start_ms - 365 * day_ms;
    assert_true(backup_due_ms(&history, now) <= now);
}

/* A laptop that is used two hours on most days, at any time of day; it is looked at the schedule
 * every five minutes while it is awake, and a minute after it has woken up. */
static double days_with_a_backup(uint64_t seed)
{
    struct esc_random_seeded random;
    struct backup_history history = {0};
    unsigned used = 0, covered = 0;
    esc_random_seeded_init(&random, seed);
    for (uint64_t day = 0; day < DAYS; day++) {
        const uint64_t midnight = (start_ms / day_ms + day) * day_ms;
        const uint64_t woken = midnight + esc_random_below(&random.random, 22 * hour_ms);
        const uint64_t asleep = woken + 2 * hour_ms;
        bool made = false;
        if (esc_random_below(&random.random, 5) == 0)
            continue; /* not used at all */
        for (uint64_t now = woken + minute_ms; now < asleep; now += 5 * minute_ms) {
            if (backup_due_ms(&history, now) > now)
                continue;
            const bool fails = esc_random_below(&random.random, 10) == 0;
            history.last_try_ms = now;
            history.failures = fails ? history.failures + 1 : 0;
            history.last_ok_ms = fails ? history.last_ok_ms : now;
            made = made || !fails;
        }
        used++;
        covered += made;
    }
    return (double)covered / used;
}

static void a_laptop_has_a_backup_of_nearly_every_day_it_was_used_on(void **)
{
    double all = 0;
    for (uint64_t i = 0; i < 100; i++)
        all += days_with_a_backup(test_seed(31) + i);
    assert_true(all / 100 >= 0.95);
}

/* Names */

static void a_name_tells_time_and_store(void **)
{
    char name[BACKUP_NAME], id[ESC_UUID_TEXT];
    uint64_t at = 0;
    backup_name(start_ms + 123, STORE, 1, name);
    assert_string_equal("escher-20261121T080000Z-" STORE ".escb", name);
    assert_true(backup_name_read(esc_str_of(name), &at, id));
    assert_int_equal(start_ms, at);
    assert_string_equal(STORE, id);
    backup_name(start_ms, STORE, 2, name);
    assert_string_equal("escher-20261121T080000Z-" STORE "-2.escb", name);
    assert_true(backup_name_read(esc_str_of(name), &at, id));
}

static void other_names_are_none_of_ours(void **)
{
    static const char *const others[] = {
        "",
        "escher-",
        "escher-.escb",
        "store.db",
        ".work",
        "escher-20261121T080000Z-.escb",
        "escher-20261121T080000Z-" STORE,
        "escher-20261121T080000Z-" STORE ".esc",
        "escher-20261121T080000Z-" STORE "-.escb",
        "escher-20261121T080000Z-" STORE "-x.escb",
        "escher-20261121T080000Z-" STORE ".escb~",
        "escher-20261131T080000Z-" STORE ".escb",
        "escher-2026-11-21T08:00-" STORE ".escb",
        "Escher-20261121T080000Z-" STORE ".escb",
    };
    uint64_t at;
    char id[ESC_UUID_TEXT];
    for (size_t i = 0; i < ESC_COUNT(others); i++)
        assert_false(backup_name_read(esc_str_of(others[i]), &at, id));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_history_of_backups_breaks_the_floor),
        cmocka_unit_test(what_is_old_goes_and_three_stay),
        cmocka_unit_test(what_is_dated_in_the_future_counts_for_nothing),
        cmocka_unit_test(each_day_has_its_backup_and_no_hour_two),
        cmocka_unit_test(a_failure_is_tried_again_later_and_later),
        cmocka_unit_test(a_clock_that_was_put_back_makes_it_due),
        cmocka_unit_test(a_laptop_has_a_backup_of_nearly_every_day_it_was_used_on),
        cmocka_unit_test(a_name_tells_time_and_store),
        cmocka_unit_test(other_names_are_none_of_ours),
    };
    return cmocka_run_group_tests_name("work/backup_rules", tests, NULL, NULL);
}
