/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/scan/fake_scan.h"

#include <string.h>

static struct esc_error err;

enum {
    WORKERS = 16
};

static void no_chance(void *, void *bytes, size_t len)
{
    memset(bytes, 0, len);
}

static void free_account(void *account)
{
    esc_account_free(account);
}

static void free_found(void *item)
{
    struct fake_found *found = item;
    free(found->account);
    free(found->region);
    free(found->type);
    free(found->hash);
    free(found);
}

static void free_text(const char *text)
{
    free((char *)(uintptr_t)text);
}

static void free_cell(void *item)
{
    struct fake_cell *cell = item;
    free_text(cell->seen.account_id);
    free_text(cell->seen.account_name);
    free_text(cell->seen.region);
    free(cell);
}

static void add_account(struct fake_scan *scan, const char *id, const char *const *regions)
{
    struct esc_account *account = esc_account_new();
    account->id = esc_strdup(id);
    account->name = esc_sprintf("account-%s", id);
    account->emulator = true;
    account->endpoint_url = esc_strdup(fake_aws_url(scan->cloud));
    for (size_t i = 0; regions[i]; i++)
        esc_list_push(&account->regions, esc_strdup(regions[i]));
    esc_list_push(&scan->accounts, account);
}

void fake_scan_open(struct fake_scan *scan, const struct fake_aws_options *options)
{
    *scan = (struct fake_scan){.no_wait = {.fill = no_chance}, .workers = WORKERS};
    expect_ok(esc_loop_new(&scan->loop, &err));
    expect_ok(fake_aws_open(scan->loop, options, &scan->cloud, &err));
    const struct esc_aws_options aws = {.random = &scan->no_wait};
    expect_ok(esc_aws_new(scan->loop, &aws, &scan->aws, &err));
    esc_list_init(&scan->accounts, free_account);
    for (size_t i = 0; fake_aws_accounts(scan->cloud)[i]; i++)
        add_account(scan, fake_aws_accounts(scan->cloud)[i], fake_aws_regions(scan->cloud));
    scan->found = esc_map_new(free_found);
    esc_list_init(&scan->cells, free_cell);
}

void fake_scan_close(struct fake_scan *scan)
{
    esc_aws_free(scan->aws);
    fake_aws_close(scan->cloud);
    esc_loop_free(scan->loop);
    esc_list_done(&scan->accounts);
    esc_map_free(scan->found);
    esc_list_done(&scan->cells);
}

/* One read of the scan. */
struct call {
    struct fake_scan *scan;
    const struct esc_account *account;
    esc_scan_answer_fn *done;
    void *token;
};

static struct esc_credentials *keys_of(struct fake_scan *scan, const struct esc_account *account)
{
    ESC_CLEANUP(esc_freep) char *long_lived = fake_aws_key(account->id);
    ESC_CLEANUP(esc_freep) char *role = esc_sprintf("ASIAFAKE%s", account->id);
    const char *key = scan->uses_sessions ? role : long_lived;
    ESC_CLEANUP(esc_freep) char *secret = fake_aws_secret(key);
    ESC_CLEANUP(esc_freep)
    char *token = esc_sprintf("fake-%s-%u-99999999999999", account->id, scan->session);
    return esc_credentials_new(key, secret, scan->uses_sessions ? token : NULL, 0);
}

static void on_page(void *context, const struct esc_json *output)
{
    struct call *call = context;
    const struct esc_scan_answer answer = {.output = output, .more = true};
    call->done(call->token, &answer);
}

static void on_read(void *context, const struct esc_aws_read_result *result)
{
    struct call *call = context;
    const struct esc_scan_answer answer = {.category = result->category,
                                           .code = result->code,
                                           .message = result->message,
                                           .output = result->output,
                                           .final = true,
                                           .pages = result->page_count,
                                           .calls = result->call_count};
    call->scan->calls += result->call_count;
    call->done(call->token, &answer);
    free(call);
}

static void on_expired(void *context, struct esc_aws_reading *reading)
{
    struct call *call = context;
    call->scan->renewals++;
    if (call->scan->keeps_sessions) {
        esc_aws_read_renew(reading, NULL);
        return;
    }
    call->scan->session++;
    struct esc_credentials *keys = keys_of(call->scan, call->account);
    esc_aws_read_renew(reading, keys);
    esc_credentials_free(keys);
}

static void *start_call(void *context, const struct esc_scan_call *what, esc_scan_answer_fn *done,
                        void *token)
{
    struct fake_scan *scan = context;
    struct call *call = esc_alloc_zero(sizeof *call);
    *call = (struct call){scan, what->account, done, token};
    struct esc_credentials *keys = keys_of(scan, what->account);
    const struct esc_aws_read read = {
        .credentials = keys,
        .account_id = what->account->id,
        .place = {.region = what->region, .endpoint_url = what->account->endpoint_url},
        .operation = what->operation,
        .params = what->params,
        .deadline_ms = scan->deadline_ms ? scan->deadline_ms(scan, what) : 60'000,
        .on_page = on_page,
        .on_expired = on_expired,
    };
    assert_true(esc_aws_can_read(what->operation));
    struct esc_aws_reading *reading = esc_aws_read(scan->aws, &read, on_read, call);
    esc_credentials_free(keys);
    return reading;
}

static void cancel_call(void *, void *reading)
{
    esc_aws_read_cancel(reading);
}

/* What the scan says */

static void take_batch(void *context, struct esc_resource *const *resources, size_t count)
{
    struct fake_scan *scan = context;
    for (size_t i = 0; i < count; i++) {
        const struct esc_resource *resource = resources[i];
        struct fake_found *found = esc_alloc_zero(sizeof *found);
        *found = (struct fake_found){esc_strdup(resource->account_id), esc_strdup(resource->region),
                                     esc_strdup(resource->resource_type),
                                     esc_strdup(resource->content_hash)};
        scan->double_count += esc_map_has(scan->found, esc_str_of(resource->id));
        esc_map_set(scan->found, esc_str_of(resource->id), found);
    }
}

static void take_cell(void *context, const struct esc_scan_cell *seen)
{
    struct fake_scan *scan = context;
    struct fake_cell *cell = esc_alloc_zero(sizeof *cell);
    cell->seen = *seen;
    cell->seen.account_id = esc_strdup(seen->account_id);
    cell->seen.account_name = esc_strdup(seen->account_name);
    cell->seen.region = esc_strdup(seen->region);
    esc_list_push(&scan->cells, cell);
}

static void on_scanned(void *context, const struct esc_scan_summary *summary)
{
    struct fake_scan *scan = context;
    scan->summary = *summary;
    scan->done = true;
}

static bool is_done(void *context)
{
    return ((struct fake_scan *)context)->done;
}

void fake_scan_run(struct fake_scan *scan)
{
    const struct esc_scan_options options = {
        .accounts = (const struct esc_account *const *)(uintptr_t)scan->accounts.items,
        .account_count = scan->accounts.count,
        .services = scan->services,
        .most_loose = scan->most_loose,
        .workers = scan->workers,
        .max_attempts = 1,
        .clock = esc_clock_system(),
        .call = start_call,
        .cancel_call = cancel_call,
        .on_batch = take_batch,
        .on_cell = take_cell,
        .done = on_scanned,
        .context = scan,
    };
    struct esc_scan *started = NULL;
    esc_map_free(scan->found);
    scan->found = esc_map_new(free_found);
    esc_list_clear(&scan->cells);
    scan->calls = scan->double_count = scan->renewals = 0;
    scan->done = false;
    expect_ok(esc_scan_start(scan->loop, &options, &started, &err));
    assert_true(esc_loop_run_until(scan->loop, is_done, scan));
}

struct esc_map *fake_scan_keep(struct fake_scan *scan)
{
    struct esc_map *kept = scan->found;
    scan->found = esc_map_new(free_found);
    return kept;
}

void fake_found_free(struct esc_map *found)
{
    esc_map_free(found);
}

/* Comparing */

const struct esc_scan_cell *fake_scan_cell(const struct fake_scan *scan, const char *account,
                                           const char *region, const char *service,
                                           const char *operation)
{
    for (size_t i = 0; i < scan->cells.count; i++) {
        const struct esc_scan_cell *cell = &((struct fake_cell *)scan->cells.items[i])->seen;
        if (esc_text_equal(cell->account_id, account) && esc_text_equal(cell->service, service) &&
            esc_text_equal(cell->operation, operation) &&
            (!region || esc_text_equal(cell->region, region)))
            return cell;
    }
    return NULL;
}

bool fake_cell_lists(const struct esc_scan_cell *cell, const struct fake_found *row)
{
    return esc_text_equal(cell->resource_type, row->type) &&
           esc_text_equal(cell->account_id, row->account) &&
           (cell->all_regions || esc_text_equal(cell->region, row->region));
}

size_t fake_scan_gone(const struct fake_scan *scan, const struct esc_map *before, const char **id)
{
    size_t gone = 0;
    struct esc_str key;
    void *row;
    for (size_t at = 0; esc_map_next(before, &at, &key, &row);) {
        if (esc_map_has(scan->found, key))
            continue;
        for (size_t i = 0; i < scan->cells.count; i++) {
            const struct esc_scan_cell *cell = &((struct fake_cell *)scan->cells.items[i])->seen;
            if (!esc_scan_cell_is_complete(cell) || !fake_cell_lists(cell, row))
                continue;
            gone++;
            if (id)
                *id = key.ptr;
        }
    }
    return gone;
}

size_t fake_rows_of(const struct esc_map *rows, const struct esc_scan_cell *cell)
{
    size_t count = 0;
    struct esc_str key;
    void *row;
    for (size_t at = 0; esc_map_next(rows, &at, &key, &row);)
        count += fake_cell_lists(cell, row);
    return count;
}

size_t fake_scan_seen(const struct fake_scan *scan, const struct esc_map *before,
                      const struct esc_scan_cell *cell)
{
    size_t count = 0;
    struct esc_str key;
    void *row;
    for (size_t at = 0; esc_map_next(before, &at, &key, &row);)
        count += fake_cell_lists(cell, row) && esc_map_has(scan->found, key);
    return count;
}

char *fake_cell_text(const struct esc_scan_cell *cell)
{
    return esc_sprintf("%s %s %s.%s: %s `%s` %s", cell->account_id, cell->region, cell->service,
                       cell->operation, esc_scan_state_text(cell->state), cell->code,
                       cell->message);
}
