/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/program.h"

#include "tests/support/test.h"

/* Without it syncs would leave nothing out, and nobody would notice. */
static void a_program_knows_which_it_is(void **)
{
    const struct esc_str id = esc_program_build_id();
    assert_true(id.len >= 8);
    assert_true(esc_str_equal(id, esc_program_build_id()));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_knows_which_it_is),
    };
    return cmocka_run_group_tests_name("base/program", tests, NULL, NULL);
}
