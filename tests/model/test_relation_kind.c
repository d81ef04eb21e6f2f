/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/str.h"
#include "escher/model/relation_kind.h"
#include "tests/support/test.h"

static void each_kind_has_one_row_that_reads_as_a_sentence(void **)
{
    for (size_t i = 0; i < esc_relation_kind_count(); i++) {
        const struct esc_relation_kind *kind = esc_relation_kind_at(i);
        assert_ptr_equal(kind, esc_relation_kind_find(kind->name));
        assert_true(esc_str_of(kind->words).len > 0);
        assert_true(!kind->passes_loss || kind->on_holder != ESC_EFFECT_NONE);
    }
    assert_null(esc_relation_kind_at(esc_relation_kind_count()));
}

static void nothing_else_is_a_kind(void **)
{
    assert_null(esc_relation_kind_find("in_love"));
    assert_null(esc_relation_kind_find(""));
    assert_null(esc_relation_kind_find(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_has_one_row_that_reads_as_a_sentence),
        cmocka_unit_test(nothing_else_is_a_kind),
    };
    return cmocka_run_group_tests_name("model/relation_kind", tests, NULL, NULL);
}
