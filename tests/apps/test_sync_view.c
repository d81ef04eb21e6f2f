/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/sync_view.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/paths.h"
#include "escher/base/utf8.h"
#include "tests/support/test.h"

/* What a sync says on stderr while it is under way, line by line. */

static struct esc_error err;

static void tell(struct cli *cli, struct sync_view *view, const char *event)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    expect_ok(esc_json_parse(esc_str_of(event), NULL, &json, &err));
    sync_view_event(cli, json, view);
}

#define PROGRESS(done, rest, account)                                                              \
    "{\"kind\":\"sync.progress\",\"data\":{\"done\":" done                                         \
    ",\"known\":1234,\"took_ms\":5000,\"rest_ms\":" rest ",\"account_name\":\"" account            \
    "\",\"region\":\"ap-southeast-2\"}}"
#define FIRST(done)                                                                                \
    "{\"kind\":\"sync.progress\",\"data\":{\"done\":" done                                         \
    ",\"known\":9,\"took_ms\":5000,\"account_name\":\"production\",\"region\":\"ap-southeast-2\"}" \
    "}"
#define CELL(region, state, resources)                                                             \
    "{\"kind\":\"sync.cell\",\"data\":{\"account_name\":\"production\",\"region\":\"" region       \
    "\",\"service\":\"rds\",\"operation\":\"DescribeDBInstances\",\"resource_type\":"              \
    "\"rds_instance\",\"state\":\"" state "\",\"code\":\"AccessDenied\",\"resources\":" resources  \
    "}}"

/* What is said of a small sync; owned by the caller. */
static char *said(struct cli *cli)
{
    ESC_CLEANUP(esc_freep) char *folder = test_folder();
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(folder, "stderr");
    struct sync_view view;
    struct esc_buf text;
    const int file = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600), own = dup(STDERR_FILENO);
    assert_true(file >= 0 && own >= 0);
    assert_int_equal(STDERR_FILENO, dup2(file, STDERR_FILENO));
    sync_view_init(&view);
    tell(cli, &view, FIRST("7"));
    tell(cli, &view, PROGRESS("250", "19680", "production"));
    tell(cli, &view, CELL("us-west-2", "ok", "12"));
    tell(cli, &view, CELL("us-west-2", "denied", "0"));
    tell(cli, &view, PROGRESS("600", "400000", "生産生産生産生産生産生産生産生産生産生産生産生産"));
    tell(cli, &view, PROGRESS("1200", "100", "production"));
    sync_view_done(cli, &view);
    assert_int_equal(STDERR_FILENO, dup2(own, STDERR_FILENO));
    (void)close(own);  /* nothing more is written */
    (void)close(file); /* likewise */
    esc_buf_init(&text, ESC_MAX_FILE);
    expect_ok(esc_file_read(path, &text, &err));
    return esc_buf_take(&text);
}

static void the_line_that_changes_says_how_fast_and_how_long_still(void **)
{
    struct cli cli = {.interactive = true, .width = 100};
    ESC_CLEANUP(esc_freep) char *text = said(&cli);
    expect_contains("  250 of ~1234 calls, 50 a second, about 19 s left · production · "
                    "ap-southeast-2\r\033[K",
                    text);
    expect_contains("600 of ~1234 calls, 120 a second, about 6 min left", text);
    expect_contains("1200 of ~1234 calls, 240 a second · production", text); /* nearly over */
    expect_contains("production · us-west-2  12 resources, 1 of 2 cells seen\n", text);
    expect_contains("    denied    rds DescribeDBInstances  AccessDenied\n", text);
}

static void where_nobody_knows_how_many_calls_there_will_be_no_number_is_made_up(void **)
{
    struct cli cli = {.interactive = true, .width = 100};
    ESC_CLEANUP(esc_freep) char *text = said(&cli);
    expect_contains("  7 calls, 1 a second · production · ap-southeast-2\r", text);
}

static void it_never_wraps_however_narrow_the_terminal_is(void **)
{
    for (size_t width = 40; width <= 120; width += 8) {
        struct cli cli = {.interactive = true, .width = width};
        ESC_CLEANUP(esc_freep) char *text = said(&cli);
        for (const char *at = text; (at = strstr(at, " of ~1234 calls")); at++) {
            const char *begin = at, *end = at + strcspn(at, "\r\n");
            while (begin > text && begin[-1] != 'K' && begin[-1] != '\n')
                begin--;
            const struct esc_str line = {begin, (size_t)(end - begin)};
            if (esc_utf8_columns(line) >= width)
                fail_msg("%zu columns of %zu: %.*s", esc_utf8_columns(line), width,
                         ESC_STR_ARG(line));
        }
    }
}

static void without_a_terminal_there_is_a_line_for_each_place_and_no_control_codes(void **)
{
    struct cli cli = {.width = 100};
    ESC_CLEANUP(esc_freep) char *text = said(&cli);
    assert_string_equal("⊘ production · us-west-2  12 resources, 1 of 2 cells seen\n", text);
}

static void quietly_nothing_is_said(void **)
{
    struct cli cli = {.interactive = true, .quiet = true, .width = 80};
    ESC_CLEANUP(esc_freep) char *text = said(&cli);
    assert_string_equal("", text);
}

static void what_it_came_to_is_said_in_whole_words(void **)
{
    static const char *const cases[][2] = {
        {"{'resources':2,'added':1,'cells_ok':0,'cells':[{}],'calls':9,'took_ms':1260}",
         "2 resources; 1 new, 0 changed, 0 gone; 0 of 1 cells seen; 9 calls in 1.3 s\n"},
        {"{'resources':1,'places_resumed':1,'wordless':1,'cells':[]}",
         "it went on with one that was cut off: 1 place was done already\n"
         "1 resource is found by words alone for now, by meaning soon\n"
         "1 resource; 0 new, 0 changed, 0 gone; 0 of 0 cells seen; 0 calls in 0.0 s\n"},
        {"{'resources':0,'places_resumed':2,'wordless':3,'cells':[]}",
         "it went on with one that was cut off: 2 places were done already\n"
         "3 resources are found by words alone for now, by meaning soon\n"
         "0 resources; 0 new, 0 changed, 0 gone; 0 of 0 cells seen; 0 calls in 0.0 s\n"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *body = test_json(cases[i][0]);
        struct esc_buf out;
        esc_buf_init(&out, ESC_MAX_LINE);
        sync_view_result(body, &out);
        assert_string_equal(cases[i][1], esc_buf_text(&out));
        esc_buf_done(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_line_that_changes_says_how_fast_and_how_long_still),
        cmocka_unit_test(where_nobody_knows_how_many_calls_there_will_be_no_number_is_made_up),
        cmocka_unit_test(it_never_wraps_however_narrow_the_terminal_is),
        cmocka_unit_test(without_a_terminal_there_is_a_line_for_each_place_and_no_control_codes),
        cmocka_unit_test(quietly_nothing_is_said),
        cmocka_unit_test(what_it_came_to_is_said_in_whole_words),
    };
    return cmocka_run_group_tests_name("apps/sync_view", tests, NULL, NULL);
}
