/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/whole.h"

#include <inttypes.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/store/state_private.h"
#include "escher/store/store_private.h"

/*
 * The rows are counted by their number, some at a time. A change of one that was passed is told to
 * the count; a rollback takes back what nobody is told of, so counting begins again.
 */

struct esc_store_check {
    struct esc_store *store;
    struct count count;
};

static void start(struct esc_store_check *check)
{
    check->count = (struct count){.cursor = INT64_MIN};
}

struct esc_store_check *esc_store_check_new(struct esc_store *store)
{
    struct esc_store_check *check = esc_alloc_zero(sizeof *check);
    check->store = store;
    start(check);
    state_add_count(store->state, &check->count);
    return check;
}

void esc_store_check_free(struct esc_store_check *check)
{
    if (check)
        state_remove_count(check->store->state, &check->count);
    free(check);
}

static enum esc_status compare(const struct total *found, const struct total *written,
                               struct esc_error *err)
{
    if (found->rows != written->rows)
        return esc_fail(err, ESC_CORRUPT,
                        "the store was changed from outside or is damaged: it has %" PRIu64
                        " rows, and %" PRIu64 " were written",
                        found->rows, written->rows);
    if (memcmp(found->marks, written->marks, MARK_SIZE) != 0)
        return esc_fail(err, ESC_CORRUPT,
                        "the store was changed from outside or is damaged: not all of its %" PRIu64
                        " rows are those that were written last",
                        found->rows);
    return ESC_OK;
}

enum esc_status esc_store_check_step(struct esc_store_check *check, size_t rows, bool *is_done,
                                     struct esc_store_check_report *report, struct esc_error *err)
{
    struct esc_store *store = check->store;
    bool is_end = false;
    ESC_ASSERT(!store->is_in_transaction && rows > 0);
    if (check->count.is_broken)
        start(check);
    enum esc_status status = state_count_rows(store, &check->count, (int64_t)rows, &is_end, err);
    if (status != ESC_OK || !is_end)
        return status;
    struct count count = check->count;
    const struct total written = state_total(store->state);
    status = state_count_rest(store, &count, err);
    if (status != ESC_OK)
        return status;
    if (report)
        *report = (struct esc_store_check_report){count.total.rows, written.rows};
    *is_done = true;
    return compare(&count.total, &written, err);
}

/* That tables and their indexes agree: a row that its index does not know is not found by name. */
static enum esc_status check_pages(struct esc_store *store, struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *check = NULL;
    bool is_row = false;
    enum esc_status status = db_prepare(store->db, "PRAGMA integrity_check(1)", &check, err);
    if (status == ESC_OK)
        status = db_step(check, &is_row, err);
    if (status == ESC_OK && (!is_row || !esc_str_is(db_bytes(check, 0), "ok")))
        return esc_fail(err, ESC_CORRUPT, "the store is damaged: %.*s",
                        ESC_STR_ARG(esc_str_slice(db_bytes(check, 0), 0, 120)));
    return status;
}

enum esc_status esc_store_check(struct esc_store *store, struct esc_store_check_report *report,
                                struct esc_error *err)
{
    ESC_CLEANUP(esc_store_check_freep) struct esc_store_check *check = esc_store_check_new(store);
    bool is_done = false;
    enum esc_status status = check_pages(store, err);
    return status == ESC_OK ? esc_store_check_step(check, INT64_MAX, &is_done, report, err)
                            : status;
}

uint64_t esc_store_sequence(const struct esc_store *store)
{
    return state_sequence(store->state);
}
