/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Nine faults at every cell of the world. There are nine accounts; in each round one operation
 * goes wrong in all of them, in each in another way, so that each account tells about its fault
 * alone. What may be lost is the cell itself and what is asked of its rows.
 */

#include "tests/scan/fake_scan.h"

#include "escher/scan/scan_private.h"

static const char *const accounts[] = {
    "100000000000", "200000000000", "300000000000", "400000000000", "500000000000",
    "600000000000", "700000000000", "800000000000", "900000000000", NULL};
static_assert(ESC_COUNT(accounts) == FAKE_FAULT_NINE + 1);
static const char *const one_region[] = {"us-west-2", NULL};

enum {
    DEADLINE_MS = 250, /* for what never comes; everything else takes milliseconds */
    LONGEST_MS = 60'000
};

/* What the cell of a fault must say. */
static const struct {
    enum esc_scan_state state;
    bool has_code; /* one that the cloud has given */
} expected[FAKE_FAULT_NINE] = {
    [FAKE_FAULT_DENIED] = {ESC_SCAN_DENIED, true},
    [FAKE_FAULT_SCP] = {ESC_SCAN_SCP, true},
    [FAKE_FAULT_THROTTLED] = {ESC_SCAN_THROTTLED, true},
    [FAKE_FAULT_BROKEN] = {ESC_SCAN_ERROR, true},
    [FAKE_FAULT_RESET] = {ESC_SCAN_ERROR, false},
    [FAKE_FAULT_TRUNCATED] = {ESC_SCAN_ERROR, false},
    [FAKE_FAULT_HTML] = {ESC_SCAN_ERROR, false},
    [FAKE_FAULT_SILENT] = {ESC_SCAN_ERROR, false},
    [FAKE_FAULT_EXPIRED] = {ESC_SCAN_DENIED, true},
};

static bool same_place(const struct esc_scan_cell *a, const struct esc_scan_cell *b)
{
    return esc_text_equal(a->account_id, b->account_id) && a->all_regions == b->all_regions;
}

/* What is asked of the rows of a list cannot be whole without it; S3 needs the tags besides. */
static bool follows(const struct esc_scan_cell *cell, const struct esc_scan_cell *faulty)
{
    return same_place(cell, faulty) && esc_text_equal(cell->service, faulty->service) &&
           faulty->resource_type && cell->failed_count == 0;
}

/* Node groups are nowhere without their details: their list is not whole then, and no row of it is
 * taken for gone. */
static bool is_placed_by(const struct esc_scan_cell *cell, const struct esc_scan_cell *faulty)
{
    return same_place(cell, faulty) && cell->state == ESC_SCAN_PARTIAL &&
           esc_text_equal(cell->operation, "ListNodegroups") &&
           esc_text_equal(faulty->operation, "DescribeNodegroup");
}

static void fail_at(const struct esc_scan_cell *cell, const char *what)
{
    ESC_CLEANUP(esc_freep) char *text = fake_cell_text(cell);
    fail_msg("%s\n    %s", what, text);
}

static void check_faulty(const struct esc_scan_cell *cell, enum fake_fault_kind kind)
{
    if (cell->state != expected[kind].state)
        fail_at(cell, fake_fault_text(kind));
    if (!*cell->message || (expected[kind].has_code && !*cell->code))
        fail_at(cell, "no reason is given");
    if (esc_scan_cell_is_complete(cell))
        fail_at(cell, "it is taken for complete");
}

/* The operation that goes wrong, of botocore, and the scanner that asks it. */
struct target {
    char *service, *operation;
    const char *scanner;
};

static const char *scanner_of(const struct esc_scan_cell *cell)
{
    for (size_t i = 0; i < esc_scanner_count(); i++) {
        const struct esc_scanner *scanner = esc_scanner_at(i);
        for (size_t j = 0; j < scanner->step_count; j++)
            if (esc_text_equal(scanner->service, cell->service) &&
                esc_text_equal(scanner->steps[j].operation, cell->operation))
                return scanner->name;
    }
    fail_msg("no scanner asks %s.%s", cell->service, cell->operation);
    return NULL;
}

static void free_target(void *item)
{
    struct target *target = item;
    free(target->service);
    free(target->operation);
    free(target);
}

static enum fake_fault_kind kind_of(const char *account)
{
    return (enum fake_fault_kind)(*account - '1');
}

/* Grows where even a refusal takes longer to come. */
static uint64_t patience_ms = DEADLINE_MS;

/* Only what never comes is not waited for. */
static uint64_t deadline_of(const struct fake_scan *scan, const struct esc_scan_call *call)
{
    const struct target *target = scan->context;
    const enum fake_fault_kind kind = kind_of(call->account->id);
    const bool is_hopeless = kind == FAKE_FAULT_SILENT || kind == FAKE_FAULT_THROTTLED;
    return is_hopeless && target && esc_text_equal(target->service, call->operation->service) &&
                   esc_text_equal(target->operation, call->operation->operation)
               ? patience_ms
               : LONGEST_MS;
}

static bool was_impatient(const struct fake_scan *scan, const struct target *target)
{
    const struct esc_scan_cell *throttled = fake_scan_cell(
        scan, accounts[FAKE_FAULT_THROTTLED], NULL, target->service, target->operation);
    return throttled->state == ESC_SCAN_ERROR && patience_ms < LONGEST_MS;
}

static void check_cell(const struct fake_scan *scan, const struct esc_map *before,
                       const struct esc_scan_cell *cell)
{
    const struct target *target = scan->context;
    const struct esc_scan_cell *faulty =
        fake_scan_cell(scan, cell->account_id, NULL, target->service, target->operation);
    if (cell == faulty)
        check_faulty(cell, kind_of(cell->account_id));
    else if (cell->state != ESC_SCAN_OK && !follows(cell, faulty) && !is_placed_by(cell, faulty))
        fail_at(cell, "another cell is hurt");
    else if (cell->state == ESC_SCAN_OK &&
             fake_scan_seen(scan, before, cell) != fake_rows_of(before, cell))
        fail_at(cell, "rows of another cell are missing");
}

static void try_target(struct fake_scan *scan, const struct esc_map *before,
                       const struct target *target)
{
    /* By default among a few other services, in a long test among all. */
    const char *const few[] = {target->scanner, "rds", "vpc", "s3", NULL};
    const char *id = NULL;
    scan->services = test_rounds(1) > 1 ? NULL : few;
    for (enum fake_fault_kind kind = 0; kind < FAKE_FAULT_NINE; kind++)
        fake_aws_fault(scan->cloud, &(struct fake_fault){.kind = kind,
                                                         .account = accounts[kind],
                                                         .service = target->service,
                                                         .operation = target->operation});
    scan->context = target;
    fake_scan_run(scan);
    while (was_impatient(scan, target)) {
        patience_ms *= 2;
        fake_scan_run(scan);
    }
    for (size_t i = 0; i < scan->cells.count; i++)
        check_cell(scan, before, &((struct fake_cell *)scan->cells.items[i])->seen);
    if (fake_scan_gone(scan, before, &id) > 0)
        fail_msg("%s.%s: %s would be taken for gone", target->service, target->operation, id);
    fake_aws_heal(scan->cloud);
    scan->services = NULL;
}

/* What the first account was asked, all of it without a fault. */
static void list_targets(struct fake_scan *scan, struct esc_list *targets)
{
    esc_list_init(targets, free_target);
    for (size_t i = 0; i < scan->cells.count; i++) {
        const struct esc_scan_cell *cell = &((struct fake_cell *)scan->cells.items[i])->seen;
        if (cell->state != ESC_SCAN_OK)
            fail_at(cell, "without a fault");
        if (!esc_text_equal(cell->account_id, accounts[0]) || cell->call_count == 0)
            continue; /* a detail that nothing here needs is no cell to break */
        struct target *target = esc_alloc_zero(sizeof *target);
        *target = (struct target){esc_strdup(cell->service), esc_strdup(cell->operation),
                                  scanner_of(cell)};
        esc_list_push(targets, target);
    }
}

static void any_fault_at_any_cell_costs_that_cell_and_nothing_else(void **)
{
    struct fake_scan scan;
    struct esc_list targets;
    fake_scan_open(&scan, &(struct fake_aws_options){
                              .seed = 11, .size = 1, .accounts = accounts, .regions = one_region});
    scan.deadline_ms = deadline_of;
    fake_scan_run(&scan);
    struct esc_map *before = fake_scan_keep(&scan);
    list_targets(&scan, &targets);
    assert_true(targets.count > 15);
    for (size_t i = 0; i < targets.count; i++)
        try_target(&scan, before, targets.items[i]);
    assert_null(fake_aws_puzzled(scan.cloud));
    print_message("# %d faults at each of %zu operations\n", FAKE_FAULT_NINE, targets.count);
    fake_found_free(before);
    esc_list_done(&targets);
    fake_scan_close(&scan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_fault_at_any_cell_costs_that_cell_and_nothing_else),
    };
    return cmocka_run_group_tests_name("scan/faults", tests, NULL, NULL);
}
