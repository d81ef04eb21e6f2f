/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/store.h"

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/store/blocks_private.h"
#include "escher/store/cells_private.h"
#include "escher/store/store_private.h"

/* Transactions; opening and closing are in opening.c. */

struct esc_store *store_new(struct db *db, struct keys *keys, struct esc_uuid uuid,
                            const struct esc_clock *clock, const struct esc_random *random)
{
    struct esc_store *store = esc_alloc_zero(sizeof *store);
    *store = (struct esc_store){.db = db,
                                .keys = keys,
                                .lock_fd = -1,
                                .uuid = uuid,
                                .clock = clock,
                                .random = random,
                                .seen = cells_new(),
                                .records = cell_records_map(),
                                .blocks = blocks_new()};
    esc_uuid_format(uuid, store->id);
    return store;
}

const char *esc_store_id(const struct esc_store *store)
{
    return store->id;
}

/* Kept ready from the first transaction on: undoing may not need memory, when the want of it may be
 * what has to be undone. */
static enum esc_status prepare_rollback(struct esc_store *store, struct db_statement **out,
                                        struct esc_error *err)
{
    return db_prepare(store->db, "ROLLBACK", out, err);
}

enum esc_status esc_store_begin(struct esc_store *store, struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *rollback = NULL;
    ESC_ASSERT(!store->is_in_transaction);
    enum esc_status status = prepare_rollback(store, &rollback, err);
    if (status == ESC_OK)
        status = db_run(store->db, "BEGIN IMMEDIATE", err);
    store->is_in_transaction = status == ESC_OK;
    store->is_spoilt = store->may_spend = false;
    if (status == ESC_OK)
        state_after_begin(store);
    return status;
}

void esc_store_rollback(struct esc_store *store)
{
    ESC_CLEANUP(db_releasep) struct db_statement *rollback = NULL;
    if (!store->is_in_transaction)
        return;
    if (db_in_transaction(store->db) && /* some errors end it by themselves */
        prepare_rollback(store, &rollback, NULL) == ESC_OK)
        (void)db_execute(rollback, NULL); /* what cannot be undone was never committed */
    keys_after_rollback(store->keys);
    blocks_after_end(store);
    cell_records_forget(store, NULL);
    state_after_rollback(store);
    store->is_in_transaction = store->is_spoilt = store->wants_scrub = false;
}

/*
 * What failed at its commit may be whole in the log. It is written over at once, so that a failure
 * that was told stays one when the power goes; when that fails too, the next commit does it.
 */
static void write_over(struct esc_store *store)
{
    if (!state_is_in_doubt(store->state) || esc_store_begin(store, NULL) != ESC_OK)
        return;
    if (state_before_commit(store, NULL) != ESC_OK || db_run(store->db, "COMMIT", NULL) != ESC_OK) {
        esc_store_rollback(store);
        return;
    }
    state_after_commit(store);
    store->is_in_transaction = false;
}

enum esc_status esc_store_commit(struct esc_store *store, struct esc_error *err)
{
    ESC_ASSERT(store->is_in_transaction);
    enum esc_status status = ESC_OK;
    if (store->is_spoilt || !db_in_transaction(store->db))
        status = esc_fail(err, ESC_CONFLICT, "a write in the transaction failed; all is undone");
    else if (!store->may_spend && ballast_is_needed(&store->ballast))
        status = esc_fail(err, ESC_IO,
                          "the disk is full; make room and try again: what is left is kept for the"
                          " audit trail");
    if (status == ESC_OK)
        status = blocks_before_commit(store, err);
    if (status == ESC_OK)
        status = keys_before_commit(store->keys, err);
    if (status == ESC_OK)
        status = state_before_commit(store, err);
    if (status == ESC_OK)
        status = db_run(store->db, "COMMIT", err);
    if (status != ESC_OK) {
        esc_store_rollback(store);
        write_over(store);
        return status;
    }
    ballast_tend(&store->ballast);
    keys_after_commit(store->keys);
    blocks_after_end(store);
    state_after_commit(store);
    store->is_in_transaction = false;
    if (store->wants_scrub)
        (void)db_scrub(store->db, NULL); /* committed already; the next checkpoint does it too */
    store->wants_scrub = false;
    return ESC_OK;
}

enum esc_status write_begin(struct esc_store *store, struct write *write, struct esc_error *err)
{
    *write = (struct write){store, !store->is_in_transaction};
    if (write->is_own)
        return esc_store_begin(store, err);
    if (store->is_spoilt || !db_in_transaction(store->db))
        return esc_fail(err, ESC_CONFLICT, "an earlier write in the transaction failed");
    return ESC_OK;
}

enum esc_status write_end(struct write *write, enum esc_status status, struct esc_error *err)
{
    struct esc_store *store = write->store;
    if (!write->is_own) {
        store->is_spoilt |= status != ESC_OK;
        return status;
    }
    if (status == ESC_OK)
        return esc_store_commit(store, err);
    esc_store_rollback(store);
    return status;
}
