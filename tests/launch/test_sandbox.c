/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/launch/sandbox.h"

#include <string.h>

#include "escher/launch/core_start.h"
#include "tests/support/test.h"

static char bwrap[] = "/usr/bin/bwrap";

static void what_is_in_the_way_is_named_with_its_cure(void **)
{
    static const struct {
        struct esc_sandbox_system system;
        bool worked;
        const char *said, *says, *cure;
    } rows[] = {
        {{bwrap, true, false, 0, 1, 100}, true, "", "shut in by bubblewrap", ""},
        {{NULL, true, false, 0, 1, 100}, false, "", "bubblewrap is not", "apt install bubblewrap"},
        {{bwrap, false, false, 0, 1, 100}, true, "", "xdg-dbus-proxy is not", "xdg-dbus-proxy"},
        {{bwrap, true, true, 0, 1, 100}, true, "", "THIS_IS_DANGEROUS is set", "unset it"},
        {{bwrap, true, false, 0, 1, 100}, false, "", "here: it failed", "escher serve"},
        {{bwrap, true, false, 0, 1, 100}, false, "bwrap: no\nmore\n", "here: bwrap: no", "serve"},
        {{bwrap, true, false, 1, 1, 100}, false, "x", "here: x", "AppArmor"},
        {{bwrap, true, false, 1, 0, 100}, false, "x", "here: x", "userns_clone=1"},
        {{bwrap, true, false, 1, 0, 0}, false, "x", "here: x", "max_user_namespaces=10000"},
    };
    for (size_t i = 0; i < ESC_COUNT(rows); i++) {
        struct esc_sandbox_verdict verdict;
        esc_sandbox_judge(&rows[i].system, rows[i].worked, esc_str_of(rows[i].said), &verdict);
        assert_int_equal(i == 0, verdict.works);
        expect_contains(rows[i].says, verdict.says);
        expect_contains(rows[i].cure, verdict.cure);
        assert_int_equal(verdict.works, *verdict.cure == '\0');
    }
}

static void what_the_trial_says_is_one_line_and_has_an_end(void **)
{
    char noise[4096];
    memset(noise, 'x', sizeof noise - 1);
    noise[sizeof noise - 1] = '\0';
    const struct esc_sandbox_system system = {bwrap, true, false, 0, 1, 100};
    struct esc_sandbox_verdict verdict;
    esc_sandbox_judge(&system, false, esc_str_of(noise), &verdict);
    assert_in_range(strlen(verdict.says), 150, sizeof verdict.says - 1);
}

static void looking_around_changes_nothing(void **)
{
    struct esc_sandbox_system system;
    esc_sandbox_look(&system);
    assert_true(!system.bubblewrap || system.bubblewrap[0] == '/');
    esc_sandbox_system_done(&system);
    assert_null(system.bubblewrap);
}

static void a_program_beside_this_one_is_found(void **)
{
    static const char *const places[] = {"no-such-program", "launch-test_sandbox", NULL};
    static const char *const none[] = {"no-such-program", NULL};
    assert_null(esc_program_beside(none));
    char *found = esc_program_beside(places);
    assert_non_null(found);
    free(found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_in_the_way_is_named_with_its_cure),
        cmocka_unit_test(what_the_trial_says_is_one_line_and_has_an_end),
        cmocka_unit_test(looking_around_changes_nothing),
        cmocka_unit_test(a_program_beside_this_one_is_found),
    };
    return cmocka_run_group_tests_name("launch/sandbox", tests, NULL, NULL);
}
