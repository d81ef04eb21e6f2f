/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/joined_private.h"
#include "escher/store/rows_private.h"

static enum esc_status start_walk(struct esc_store *store, const struct walk *walk,
                                  struct db_statement **out, struct esc_error *err)
{
    static const char *const sql[] = {
        "SELECT " ROW_COLUMNS " FROM rows WHERE tag = ? ORDER BY n",
        "SELECT " ROW_COLUMNS " FROM rows WHERE tag = ? ORDER BY n DESC",
        "SELECT " ROW_COLUMNS " FROM rows WHERE parent = ? ORDER BY n",
        "SELECT " ROW_COLUMNS " FROM rows WHERE parent = ? ORDER BY n DESC",
        "SELECT " ROW_COLUMNS " FROM rows WHERE tag = ?1 AND n >= ?2 AND n < ?3 ORDER BY n",
    };
    struct blind parent;
    struct tag tag;
    struct esc_str bytes;
    const bool by_parent = walk->parent.ptr != NULL, by_range = walk->end != 0;
    if (by_parent) {
        parent = keys_blind(store->keys, "parent", walk->collection, walk->parent);
        bytes = bytes_of(parent.bytes, BLIND_SIZE);
    } else {
        tag = keys_tag(store->keys, walk->collection);
        bytes = bytes_of(tag.bytes, TAG_SIZE);
    }
    enum esc_status status =
        db_prepare(store->db, sql[by_range ? 4 : 2 * by_parent + walk->newest_first], out, err);
    if (status != ESC_OK)
        return status;
    db_bind_copy(*out, 1, bytes);
    if (by_range) {
        db_bind_int(*out, 2, walk->from);
        db_bind_int(*out, 3, walk->end);
    }
    return ESC_OK;
}

static void count_damage(struct esc_store_tally *tally, const struct esc_error *why)
{
    if (tally->corrupt++ == 0)
        tally->first = *why;
}

/* Opens the row and hands it on; damage is counted and passed over. */
static enum esc_status visit(struct esc_store *store, const char *collection,
                             const struct db_statement *select, struct row *row, row_fn *fn,
                             void *context, struct esc_store_tally *tally, bool *stop,
                             struct esc_error *err)
{
    struct esc_error why;
    enum esc_status status = row_open(store, collection, select, row, &why);
    if (status == ESC_OK)
        status = fn(context, row, stop, &why);
    if (status == ESC_OK)
        tally->read++;
    else if (status == ESC_CORRUPT)
        count_damage(tally, &why);
    else
        return esc_fail(err, status, "%s", why.message);
    return ESC_OK;
}

enum esc_status rows_walk(struct esc_store *store, const struct walk *walk, row_fn *fn,
                          void *context, struct esc_store_tally *tally, struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *select = NULL;
    struct esc_store_tally ignored, *count = tally ? tally : &ignored;
    struct row row;
    bool is_row = true, stop = false;
    row_init(&row);
    *count = (struct esc_store_tally){0};
    enum esc_status status = start_walk(store, walk, &select, err);
    while (status == ESC_OK && !stop) {
        status = db_step(select, &is_row, err);
        if (status != ESC_OK || !is_row)
            break;
        status = visit(store, walk->collection, select, &row, fn, context, count, &stop, err);
    }
    row_done(&row);
    return status;
}

enum esc_status rows_walk_sealed(struct esc_store *store, const struct walk *walk, row_fn *fn,
                                 void *context, struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *select = NULL;
    struct row row;
    bool is_row = true, stop = false;
    row_init(&row);
    enum esc_status status = start_walk(store, walk, &select, err);
    while (status == ESC_OK && !stop) {
        status = db_step(select, &is_row, err);
        if (status != ESC_OK || !is_row)
            break;
        if (row_read_sealed(select, &row))
            status = fn(context, &row, &stop, err);
    }
    return status;
}
