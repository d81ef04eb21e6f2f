/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/find/find_private.h"

#include "escher/base/buf.h"
#include "tests/support/test.h"

/* The pieces of @p text, fine ones in brackets, one space between; owned by the caller. */
static char *cut(const char *text)
{
    struct piece pieces[FIND_MAX_PIECES];
    struct esc_arena arena;
    struct esc_buf out;
    esc_arena_init(&arena);
    esc_buf_init(&out, 4096);
    struct esc_str lower = lower_copy(&arena, esc_str_of(text));
    size_t count = pieces_cut(esc_str_of(text), lower, pieces, FIND_MAX_PIECES);
    for (size_t i = 0; i < count; i++)
        esc_buf_printf(&out, pieces[i].fine ? "%s(%.*s)" : "%s%.*s", i > 0 ? " " : "",
                       ESC_STR_ARG(pieces[i].text));
    esc_arena_done(&arena);
    esc_buf_add_text(&out, "");
    return esc_buf_take(&out);
}

static void expect_pieces(const char *expected, const char *text)
{
    ESC_CLEANUP(esc_freep) char *pieces = cut(text);
    assert_string_equal(expected, pieces);
}

static void separators_cut(void **)
{
    expect_pieces("pg backups", "pg-backups");
    expect_pieces("a b c d e f", "a-b_c.d/e:f");
    expect_pieces("", "--");
    expect_pieces("", "");
}

static void edges_cut_finely(void **)
{
    expect_pieces("pg instance main1 (main) (1)", "pg-instance-main1");
    expect_pieces("orderworker2 (order) (worker) (2)", "OrderWorker2");
    expect_pieces("xmlparser (xml) (parser)", "XMLParser");
    expect_pieces("web", "WEB");
}

static void a_text_without_end_has_a_bounded_number_of_pieces(void **)
{
    char text[1000];
    struct piece pieces[FIND_MAX_PIECES];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = i % 2 ? '-' : 'a';
    struct esc_str all = {text, sizeof text};
    assert_int_equal(FIND_MAX_PIECES, pieces_cut(all, all, pieces, FIND_MAX_PIECES));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(separators_cut),
        cmocka_unit_test(edges_cut_finely),
        cmocka_unit_test(a_text_without_end_has_a_bounded_number_of_pieces),
    };
    return cmocka_run_group_tests_name("find/pieces", tests, NULL, NULL);
}
