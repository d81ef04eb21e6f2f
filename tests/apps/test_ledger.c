/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/ledger.h"

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "tests/support/test.h"

static struct esc_error err;

typedef void print_fn(const struct cli *cli, struct esc_buf *out, const struct esc_json *cells);

static void expect_shown(print_fn *print, size_t width, const char *cells, const char *shown)
{
    const struct cli cli = {.width = width};
    ESC_CLEANUP(esc_json_freep) struct esc_json *read = NULL;
    struct esc_buf out;
    expect_ok(esc_json_parse(esc_str_of(cells), NULL, &read, &err));
    esc_buf_init(&out, ESC_MAX_FILE);
    print(&cli, &out, read);
    assert_string_equal(shown, esc_buf_text(&out));
    esc_buf_done(&out);
}

#define CELL(region, more)                                                                         \
    "{\"account_id\":\"1\",\"account_name\":\"one\",\"region\":\"" region                          \
    "\",\"state\":\"ok\",\"at\":\"2026-01-01T00:00:00Z\",\"age\":\"1 s ago\"," more "}"
#define LIST(type, count) "\"resource_type\":\"" type "\",\"resources\":" count

#define OTHER                                                                                      \
    "{\"account_id\":\"2\",\"account_name\":\"two\",\"region\":\"us-west-2\",\"state\":"           \
    "\"denied\"}"

static void what_is_asked_for_all_regions_stands_beside_the_region_it_is_asked_in(void **)
{
    expect_shown(cli_add_places, 100,
                 "[" CELL("us-east-1", LIST("vpc", "2")) "," OTHER "," CELL(
                     "us-east-1", "\"all_regions\":true," LIST("iam_role", "3")) "]",
                 "ACCOUNT  REGION       RESOURCES  SEEN    ASKED\n"
                 "one      us-east-1    2          1 of 1  1 s ago\n"
                 "one      all regions  3          1 of 1  1 s ago\n"
                 "two      us-west-2    0          0 of 1  \n");
}

static void what_there_is_none_of_is_a_paragraph_and_what_nobody_could_look_for_a_row(void **)
{
    expect_shown(
        cli_add_kinds, 30,
        "[" CELL("a", LIST("vpc", "2")) "," CELL("a", LIST("secret", "0")) "," CELL(
            "a", LIST("sqs_queue",
                      "0")) "," CELL("a", LIST("sns_topic",
                                               "0")) ","
                                                     "{\"region\":\"a\",\"state\":\"denied\","
                                                     "\"resource_type\":\"ami\"}]",
        "KIND  RESOURCES  SEEN IN\n"
        "vpc   2          1 of 1\n"
        "ami   –          0 of 1: coul…\n"
        "\nLooked for everywhere, and there is none:\n"
        "  secret, sqs_queue,\n"
        "  sns_topic\n");
}

/* Cells of so many places with so many kinds each; no list of another kind comes twice. */
static char *many_cells(int places, int kinds)
{
    struct esc_buf cells;
    esc_buf_init(&cells, ESC_MAX_FILE);
    for (int i = 0; i < places * kinds; i++)
        esc_buf_printf(&cells,
                       "%s{\"account_id\":\"%d\",\"account_name\":\"n%d\",\"region\":\"r%d\","
                       "\"state\":\"%s\",\"message\":\"%d\",\"age\":\"1 s ago\","
                       "\"resource_type\":\"k%d\",\"resources\":2}",
                       i ? "," : "[", i % 2, i % 2, i % places, i % 3 ? "ok" : "denied", i % 5,
                       i / places);
    esc_buf_add_char(&cells, ']');
    return esc_buf_take(&cells);
}

static size_t lines_of(print_fn *print, const struct esc_json *cells)
{
    const struct cli cli = {.width = 100};
    struct esc_buf out;
    size_t lines = 0;
    esc_buf_init(&out, ESC_MAX_FILE);
    print(&cli, &out, cells);
    for (const char *at = esc_buf_text(&out); *at; at++)
        lines += *at == '\n';
    esc_buf_done(&out);
    return lines;
}

static void twenty_thousand_cells_are_told_at_once(void **)
{
    enum {
        PLACES = 340,
        KINDS = 60,
    };
    ESC_CLEANUP(esc_freep) char *text = many_cells(PLACES, KINDS);
    ESC_CLEANUP(esc_json_freep) struct esc_json *cells = NULL;
    expect_ok(esc_json_parse(esc_str_of(text), NULL, &cells, &err));
    assert_int_equal(PLACES * KINDS, esc_json_len(cells));
    assert_int_equal(1 + PLACES, lines_of(cli_add_places, cells));
    assert_int_equal(1 + KINDS, lines_of(cli_add_kinds, cells));
    assert_int_equal(2 * 5, lines_of(cli_add_missing, cells)); /* a line and its reason each */
}

static void a_favoured_column_gives_way_last_and_not_below_a_third(void **)
{
    static const char *const titles[] = {"NAME", "TYPE", "ACCOUNT"};
    static const char *const rows[][3] = {
        {"pg-instance-main1", "a_long_type_of_things", "a-long-name-of-accounts"},
        {"a-name-that-is-longer-than-all-the-rest", "vpc", "one"},
    };
    const struct cli cli = {.width = 51};
    struct cli_table *table = cli_table_new(titles, ESC_COUNT(titles));
    struct esc_buf out;
    for (size_t i = 0; i < ESC_COUNT(rows); i++)
        cli_table_row(table, rows[i]);
    cli_table_favour(table, 0);
    esc_buf_init(&out, ESC_MAX_LINE);
    cli_table_print(&cli, table, &out);
    assert_string_equal("NAME               TYPE             ACCOUNT\n"
                        "pg-instance-main1  a_long_type_of…  a-long-name-of…\n"
                        "a-name-that-is-l…  vpc              one\n",
                        esc_buf_text(&out));
    esc_buf_done(&out);
    cli_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_asked_for_all_regions_stands_beside_the_region_it_is_asked_in),
        cmocka_unit_test(what_there_is_none_of_is_a_paragraph_and_what_nobody_could_look_for_a_row),
        cmocka_unit_test(twenty_thousand_cells_are_told_at_once),
        cmocka_unit_test(a_favoured_column_gives_way_last_and_not_below_a_third),
    };
    return cmocka_run_group_tests_name("apps/ledger", tests, NULL, NULL);
}
