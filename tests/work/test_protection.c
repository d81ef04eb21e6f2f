/* SPDX-License-Identifier: Apache-2.0 */

/* Whose termination protection is asked first, where a region has more instances than are asked. */

#include "escher/base/limits.h"
#include "escher/store/document.h"
#include "escher/work/protection_private.h"
#include "tests/work/desk.h"

#define REGION "us-west-2"
#define DAY_MS (INT64_C(24) * 3600 * 1000)

static struct esc_error err;

static uint64_t asked_ms(struct desk *desk, const char *identifier)
{
    struct work_protection *book = work_protection_new(desk->bench);
    const uint64_t at_ms = work_protection_asked_ms(book, DESK_ACCOUNT, REGION, identifier);
    work_protection_free(book);
    return at_ms;
}

/* Notes that this happened so many days before now. */
static void put_time(struct desk *desk, const char *kind, const char *identifier, int64_t days)
{
    static const char place[] = DESK_ACCOUNT " " REGION;
    ESC_CLEANUP(esc_json_freep) struct esc_json *times = NULL;
    char at[ESC_TIME_TEXT];
    if (esc_store_doc_get(desk->bench->store, WORK_PROTECTION, place, &times, NULL) != ESC_OK)
        times = esc_json_object(); /* the first */
    if (!esc_json_member(times, kind))
        esc_json_set(times, kind, esc_json_object());
    esc_time_format((uint64_t)((int64_t)desk->clock.wall_ms - days * DAY_MS), at);
    esc_json_set_text(esc_json_get_mutable(times, kind), identifier, at);
    expect_ok(esc_store_doc_put(desk->bench->store, WORK_PROTECTION, place, times, &err));
}

static void those_asked_longest_ago_come_first_and_those_that_may_have_changed_before(void **state)
{
    struct desk *desk = *state;
    put_time(desk, "told", "i-told", 2);
    put_time(desk, "told", "i-asked-again", 3);
    put_time(desk, "asked", "i-asked-again", 1);
    put_time(desk, "told", "i-doubted", 1);
    put_time(desk, "doubted", "i-doubted", 1);
    assert_true(asked_ms(desk, "i-doubted") < asked_ms(desk, "i-new"));
    assert_true(asked_ms(desk, "i-new") < asked_ms(desk, "i-told"));
    assert_true(asked_ms(desk, "i-told") < asked_ms(desk, "i-asked-again"));
}

/* Else all that were told while a clock was ahead would come after the others until that day. */
static void what_was_told_at_a_time_to_come_was_never_asked(void **state)
{
    struct desk *desk = *state;
    put_time(desk, "told", "i-told", -365);
    put_time(desk, "asked", "i-asked", -365);
    put_time(desk, "told", "i-both", 2);
    put_time(desk, "asked", "i-both", -365);
    assert_int_equal(asked_ms(desk, "i-new"), asked_ms(desk, "i-told"));
    assert_int_equal(asked_ms(desk, "i-new"), asked_ms(desk, "i-asked"));
    put_time(desk, "told", "i-told-alone", 2);
    assert_int_equal(asked_ms(desk, "i-told-alone"), asked_ms(desk, "i-both"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(those_asked_longest_ago_come_first_and_those_that_may_have_changed_before),
        TEST(what_was_told_at_a_time_to_come_was_never_asked),
    };
    return cmocka_run_group_tests_name("work/protection", tests, NULL, NULL);
}
