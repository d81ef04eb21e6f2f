/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What bad input gets: the cell says so, all other cells are intact, and nothing is taken for
 * gone that only was not seen.
 */

#include "tests/scan/fake_scan.h"

#include <string.h>

static const char *const accounts[] = {"111111111111", NULL};
static const char *const regions[] = {"us-west-2", "eu-west-1", NULL};

/* Where it goes wrong: the snapshots of databases, a list of several pages. */
#define PLACE .account = "111111111111", .region = "us-west-2", .operation = "DescribeDBSnapshots"

static struct fake_scan scan;
static struct esc_map *before;

static int set_up(void **)
{
    fake_scan_open(&scan, &(struct fake_aws_options){.seed = 5,
                                                     .size = 400,
                                                     .accounts = accounts,
                                                     .regions = regions,
                                                     .page_size = 3,
                                                     .jitter_ms = 300});
    fake_scan_run(&scan);
    before = fake_scan_keep(&scan);
    return 0;
}

static int tear_down(void **)
{
    fake_found_free(before);
    fake_scan_close(&scan);
    return 0;
}

static const struct esc_scan_cell *hurt_cell(void)
{
    return fake_scan_cell(&scan, "111111111111", "us-west-2", "rds", "DescribeDBSnapshots");
}

static void fail_at(const struct esc_scan_cell *cell, const char *what)
{
    ESC_CLEANUP(esc_freep) char *text = fake_cell_text(cell);
    fail_msg("%s: %s", what, text);
}

/* All cells but those that @p may_hurt says are as they were. */
static void expect_others_intact(bool (*may_hurt)(const struct esc_scan_cell *cell))
{
    const char *id = NULL;
    for (size_t i = 0; i < scan.cells.count; i++) {
        const struct esc_scan_cell *cell = &((struct fake_cell *)scan.cells.items[i])->seen;
        if (may_hurt(cell))
            continue;
        if (cell->state != ESC_SCAN_OK)
            fail_at(cell, "another cell is hurt");
        if (fake_scan_seen(&scan, before, cell) != fake_rows_of(before, cell))
            fail_at(cell, "rows of another cell are missing");
    }
    if (fake_scan_gone(&scan, before, &id) > 0)
        fail_msg("%s would be taken for gone", id);
}

static bool is_hurt_cell(const struct esc_scan_cell *cell)
{
    return cell == hurt_cell();
}

static void run_with(const struct fake_fault *fault)
{
    fake_aws_fault(scan.cloud, fault);
    fake_scan_run(&scan);
    fake_aws_heal(scan.cloud);
}

/* The state of the cell where it went wrong; everything else is intact. */
static const struct esc_scan_cell *expect_hurt(const struct fake_fault *fault,
                                               enum esc_scan_state state)
{
    run_with(fault);
    const struct esc_scan_cell *cell = hurt_cell();
    if (cell->state != state || (state != ESC_SCAN_OK && !*cell->message))
        fail_at(cell, fake_fault_text(fault->kind));
    expect_others_intact(is_hurt_cell);
    return cell;
}

static void a_world_of_small_pages_is_seen_whole(void **)
{
    fake_scan_run(&scan);
    for (size_t i = 0; i < scan.cells.count; i++) {
        const struct esc_scan_cell *cell = &((struct fake_cell *)scan.cells.items[i])->seen;
        if (cell->state != ESC_SCAN_OK)
            fail_at(cell, "not whole");
    }
    assert_true(hurt_cell()->page_count > 2);
    assert_int_equal(fake_aws_count(scan.cloud, "rds_snapshot", accounts[0], regions[0]),
                     fake_rows_of(scan.found, hurt_cell()));
    assert_int_equal(esc_map_count(before), esc_map_count(scan.found));
    assert_int_equal(0, scan.double_count);
    assert_null(fake_aws_puzzled(scan.cloud));
    if (fake_aws_exceeded(scan.cloud))
        fail_msg("%s", fake_aws_exceeded(scan.cloud));
    assert_true(fake_aws_connections(scan.cloud) < fake_aws_calls(scan.cloud, NULL, NULL) / 4);
}

static void a_page_of_html_or_half_a_page_leaves_the_cell_partial(void **)
{
    static const enum fake_fault_kind kinds[] = {FAKE_FAULT_HTML, FAKE_FAULT_TRUNCATED,
                                                 FAKE_FAULT_RESET, FAKE_FAULT_BROKEN,
                                                 FAKE_FAULT_DENIED};
    for (size_t i = 0; i < ESC_COUNT(kinds); i++) {
        const struct esc_scan_cell *cell =
            expect_hurt(&(struct fake_fault){PLACE, .kind = kinds[i], .page = 2}, ESC_SCAN_PARTIAL);
        assert_int_equal(1, cell->page_count);
        assert_int_equal(3, fake_scan_seen(&scan, before, cell)); /* its first page */
    }
}

static void what_passes_is_tried_again_and_leaves_no_trace(void **)
{
    static const enum fake_fault_kind kinds[] = {FAKE_FAULT_HTML,      FAKE_FAULT_TRUNCATED,
                                                 FAKE_FAULT_RESET,     FAKE_FAULT_BROKEN,
                                                 FAKE_FAULT_THROTTLED, FAKE_FAULT_EXPIRED};
    for (size_t i = 0; i < ESC_COUNT(kinds); i++)
        (void)expect_hurt(&(struct fake_fault){PLACE, .kind = kinds[i], .page = 2, .times = 1},
                          ESC_SCAN_OK);
}

static void a_token_that_repeats_ends_the_list(void **)
{
    const struct esc_scan_cell *cell = expect_hurt(
        &(struct fake_fault){PLACE, .kind = FAKE_FAULT_SAME_TOKEN, .page = 2}, ESC_SCAN_PARTIAL);
    assert_true(cell->call_count <= 4);
}

static void an_empty_page_with_a_token_is_a_page_like_others(void **)
{
    const struct esc_scan_cell *cell = expect_hurt(
        &(struct fake_fault){PLACE, .kind = FAKE_FAULT_EMPTY_PAGE, .page = 2}, ESC_SCAN_OK);
    assert_int_equal(fake_rows_of(before, cell), fake_scan_seen(&scan, before, cell));
}

static void an_item_that_comes_twice_is_one(void **)
{
    const struct esc_scan_cell *cell =
        expect_hurt(&(struct fake_fault){PLACE, .kind = FAKE_FAULT_TWICE, .page = 1}, ESC_SCAN_OK);
    assert_int_equal(fake_rows_of(before, cell), fake_rows_of(scan.found, cell));
    assert_int_equal(0, scan.double_count);
}

static void a_token_that_expires_begins_the_list_anew(void **)
{
    const struct fake_fault once = {.account = "111111111111",
                                    .region = "us-west-2",
                                    .operation = "DescribeVolumes",
                                    .kind = FAKE_FAULT_LATE_TOKEN,
                                    .page = 3,
                                    .times = 1};
    run_with(&once);
    const struct esc_scan_cell *cell =
        fake_scan_cell(&scan, "111111111111", "us-west-2", "ec2", "DescribeVolumes");
    assert_int_equal(ESC_SCAN_OK, cell->state);
    assert_int_equal(fake_rows_of(before, cell), fake_rows_of(scan.found, cell));
    assert_int_equal(0, scan.double_count);
    expect_others_intact(is_hurt_cell);
    (void)expect_hurt(&(struct fake_fault){PLACE, .kind = FAKE_FAULT_LATE_TOKEN, .page = 2},
                      ESC_SCAN_PARTIAL);
}

static void ten_megabytes_of_tags_cost_the_tags_of_one(void **)
{
    const struct esc_scan_cell *cell = expect_hurt(
        &(struct fake_fault){PLACE, .kind = FAKE_FAULT_MANY_TAGS, .page = 1}, ESC_SCAN_PARTIAL);
    assert_int_equal(1, cell->unread_count);
    assert_int_equal(fake_rows_of(before, cell), fake_scan_seen(&scan, before, cell));
}

static void an_arn_of_another_partition_is_not_believed(void **)
{
    run_with(&(struct fake_fault){PLACE, .kind = FAKE_FAULT_PARTITION});
    const struct esc_scan_cell *cell = hurt_cell();
    if (cell->state != ESC_SCAN_PARTIAL && cell->state != ESC_SCAN_ERROR)
        fail_at(cell, "ARNs of another partition");
    assert_int_equal(fake_rows_of(before, cell), cell->unread_count);
    expect_others_intact(is_hurt_cell);
}

/* A whole region. */

static bool is_in_hurt_region(const struct esc_scan_cell *cell)
{
    return esc_text_equal(cell->account_id, "111111111111") &&
           (esc_text_equal(cell->region, "us-west-2") || cell->all_regions);
}

static void a_region_that_is_not_enabled_is_disabled_and_no_error(void **)
{
    run_with(&(struct fake_fault){
        .kind = FAKE_FAULT_NOT_OPTED_IN, .account = "111111111111", .region = "us-west-2"});
    if (hurt_cell()->state != ESC_SCAN_DISABLED && hurt_cell()->state != ESC_SCAN_SKIPPED)
        fail_at(hurt_cell(), "not enabled");
    assert_true(scan.summary.cells[ESC_SCAN_DISABLED] > 0);
    assert_int_equal(0, scan.summary.cells[ESC_SCAN_ERROR]);
    expect_others_intact(is_in_hurt_region);
}

static void a_region_that_an_organisation_forbids_says_so_and_the_others_work(void **)
{
    run_with(&(struct fake_fault){
        .kind = FAKE_FAULT_SCP, .account = "111111111111", .region = "us-west-2"});
    assert_true(scan.summary.cells[ESC_SCAN_SCP] > 0);
    expect_others_intact(is_in_hurt_region);
}

static void a_session_that_expires_in_the_middle_is_renewed(void **)
{
    scan.uses_sessions = true;
    (void)expect_hurt(
        &(struct fake_fault){PLACE, .kind = FAKE_FAULT_EXPIRED, .page = 2, .times = 1},
        ESC_SCAN_OK);
    assert_int_equal(1, scan.renewals);
    scan.keeps_sessions = true;
    (void)expect_hurt(&(struct fake_fault){PLACE, .kind = FAKE_FAULT_EXPIRED, .page = 2},
                      ESC_SCAN_PARTIAL);
    assert_string_equal("ExpiredToken", hurt_cell()->code);
    scan.uses_sessions = scan.keeps_sessions = false;
}

/* Throttling. */

static uint64_t an_hour_ms(const struct fake_scan *, const struct esc_scan_call *)
{
    return 3600 * 1000; /* so that no slow machine ends a read */
}

static void scan_throttled(unsigned percent)
{
    scan.deadline_ms = an_hour_ms;
    fake_aws_throttle(scan.cloud, percent);
    fake_scan_run(&scan);
    fake_aws_heal(scan.cloud);
    scan.deadline_ms = NULL;
}

static bool is_none(const struct esc_scan_cell *)
{
    return false;
}

static void throttling_of_thirty_percent_costs_at_most_as_many_calls_again(void **)
{
    fake_scan_run(&scan);
    const unsigned usual = scan.calls;
    scan_throttled(30);
    print_message("%u calls, %u when throttled\n", usual, scan.calls);
    assert_true(scan.calls > usual);
    assert_true(scan.calls <= 2 * usual);
    expect_others_intact(is_none);
    assert_int_equal(esc_map_count(before), esc_map_count(scan.found));
}

/* Whether a cell that lists such rows says that it has not seen all of them. */
static bool is_said_to_be_missing(const struct fake_found *row, bool *is_listed)
{
    *is_listed = false;
    for (size_t i = 0; i < scan.cells.count; i++) {
        const struct esc_scan_cell *cell = &((struct fake_cell *)scan.cells.items[i])->seen;
        if (!fake_cell_lists(cell, row))
            continue;
        *is_listed = true;
        if (!esc_scan_cell_is_complete(cell) && *cell->message)
            return true;
    }
    return false;
}

static void what_throttling_hides_is_said_to_be_missing(void **)
{
    const char *id = NULL;
    static const char *const services[] = {"eks", NULL};
    struct esc_str key;
    void *row;
    scan.services = services; /* few calls: what is throttled is asked ever more slowly */
    scan_throttled(95);
    scan.services = NULL;
    size_t missing = 0;
    for (size_t at = 0; esc_map_next(before, &at, &key, &row);) {
        bool is_listed = false;
        const bool is_said = is_said_to_be_missing(row, &is_listed);
        if (!is_listed || esc_map_has(scan.found, key))
            continue;
        missing++;
        if (!is_said)
            fail_msg("%.*s is missing, and no cell says so", ESC_STR_ARG(key));
    }
    assert_true(missing > 0);
    assert_true(scan.summary.cells[ESC_SCAN_THROTTLED] > 0);
    if (fake_scan_gone(&scan, before, &id) > 0)
        fail_msg("%s would be taken for gone", id);
}

/* Of which most had to wait as bytes. */
static void what_waited_squeezed_comes_out_the_same(void **)
{
    const size_t count = esc_map_count(before);
    struct esc_str id;
    void *row;
    scan.most_loose = 1;
    fake_scan_run(&scan);
    scan.most_loose = 0;
    assert_true(count > 300);
    assert_int_equal(count, esc_map_count(scan.found));
    for (size_t at = 0; esc_map_next(before, &at, &id, &row);) {
        const struct fake_found *found = esc_map_get(scan.found, id);
        if (!found || !esc_text_equal(found->hash, ((struct fake_found *)row)->hash))
            fail_msg("%.*s is another one", ESC_STR_ARG(id));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_waited_squeezed_comes_out_the_same),
        cmocka_unit_test(a_world_of_small_pages_is_seen_whole),
        cmocka_unit_test(a_page_of_html_or_half_a_page_leaves_the_cell_partial),
        cmocka_unit_test(what_passes_is_tried_again_and_leaves_no_trace),
        cmocka_unit_test(a_token_that_repeats_ends_the_list),
        cmocka_unit_test(an_empty_page_with_a_token_is_a_page_like_others),
        cmocka_unit_test(an_item_that_comes_twice_is_one),
        cmocka_unit_test(a_token_that_expires_begins_the_list_anew),
        cmocka_unit_test(ten_megabytes_of_tags_cost_the_tags_of_one),
        cmocka_unit_test(an_arn_of_another_partition_is_not_believed),
        cmocka_unit_test(a_region_that_is_not_enabled_is_disabled_and_no_error),
        cmocka_unit_test(a_region_that_an_organisation_forbids_says_so_and_the_others_work),
        cmocka_unit_test(a_session_that_expires_in_the_middle_is_renewed),
        cmocka_unit_test(throttling_of_thirty_percent_costs_at_most_as_many_calls_again),
        cmocka_unit_test(what_throttling_hides_is_said_to_be_missing),
    };
    return cmocka_run_group_tests_name("scan/hostile", tests, set_up, tear_down);
}
