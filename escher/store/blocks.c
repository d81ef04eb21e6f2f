/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/blocks_private.h"

#include <stdio.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/limits.h"
#include "escher/store/cells_private.h"
#include "escher/store/estate_private.h"
#include "escher/store/joined_private.h"

enum {
    NAME_SIZE = 24,
    KEPT_PARTS = 2, /* the row's name and what is kept */
};

static const char *const collections[] = {
    [ESC_BLOCK_CARDS] = BLOCK_CARDS,
    [ESC_BLOCK_VECTORS] = BLOCK_VECTORS,
    [ESC_BLOCK_RELATIONS] = BLOCK_RELATIONS,
};
static_assert(ESC_COUNT(collections) == ESC_BLOCK_PARTS);

static struct place place_of(int64_t block, enum esc_block_part part, char name[NAME_SIZE])
{
    const int len = snprintf(name, NAME_SIZE, "%lld", (long long)block);
    return (struct place){.collection = collections[part], .id = {name, (size_t)len}};
}

/* ---- what a transaction touches ---- */

enum touch {
    TOUCHED_CARDS = 1,
    TOUCHED_VECTORS = 2
};

struct blocks {
    struct esc_map *touched; /* by the bytes of the number: a byte of enum touch */
    int64_t last;            /* looked up last, with what it has; -1 none */
    uint8_t *last_touch;
};

struct blocks *blocks_new(void)
{
    struct blocks *blocks = esc_alloc_zero(sizeof *blocks);
    blocks->touched = esc_map_new(free);
    blocks->last = -1;
    return blocks;
}

void blocks_free(struct blocks *blocks)
{
    if (blocks)
        esc_map_free(blocks->touched);
    free(blocks);
}

void blocks_touch(struct esc_store *store, int64_t n, bool vector_stays)
{
    struct blocks *blocks = store->blocks;
    const int64_t block = n / ESC_BLOCK_ROWS;
    const struct esc_str key = bytes_of(&block, sizeof block);
    if (block != blocks->last || !blocks->last_touch) {
        blocks->last = block;
        blocks->last_touch = esc_map_get(blocks->touched, key);
        if (!blocks->last_touch) {
            blocks->last_touch = esc_alloc_zero(1);
            esc_map_set(blocks->touched, key, blocks->last_touch);
        }
    }
    *blocks->last_touch |= vector_stays ? TOUCHED_CARDS : TOUCHED_CARDS | TOUCHED_VECTORS;
}

static enum esc_status drop_parts(struct esc_store *store, int64_t block, uint8_t touch,
                                  struct esc_error *err)
{
    enum esc_status status = ESC_OK;
    for (int part = 0; part < ESC_BLOCK_PARTS && status == ESC_OK; part++) {
        char name[NAME_SIZE];
        const struct place place = place_of(block, (enum esc_block_part)part, name);
        if (part != ESC_BLOCK_VECTORS || touch & TOUCHED_VECTORS)
            status = row_delete(store, &place, err);
    }
    return status;
}

enum esc_status blocks_before_commit(struct esc_store *store, struct esc_error *err)
{
    size_t position = 0;
    struct esc_str key;
    void *touch;
    enum esc_status status = ESC_OK;
    while (status == ESC_OK && esc_map_next(store->blocks->touched, &position, &key, &touch)) {
        int64_t block;
        memcpy(&block, key.ptr, sizeof block);
        status = drop_parts(store, block, *(const uint8_t *)touch, err);
    }
    return status;
}

void blocks_after_end(struct esc_store *store)
{
    struct blocks *blocks = store->blocks;
    if (esc_map_count(blocks->touched) == 0)
        return;
    esc_map_free(blocks->touched);
    blocks->touched = esc_map_new(free);
    blocks->last = -1;
    blocks->last_touch = NULL;
}

/* ---- which there are ---- */

enum esc_status esc_store_blocks(struct esc_store *store, int64_t **out, size_t *count,
                                 struct esc_error *err)
{
    const struct tag tag = keys_tag(store->keys, ESTATE);
    ESC_CLEANUP(db_releasep) struct db_statement *select = NULL;
    ESC_CLEANUP(esc_freep) int64_t *blocks = NULL;
    size_t found = 0, capacity = 0;
    bool is_row = true;
    enum esc_status status =
        db_prepare(store->db, "SELECT n FROM rows WHERE tag = ? ORDER BY n", &select, err);
    if (status != ESC_OK)
        return status;
    db_bind_bytes(select, 1, bytes_of(tag.bytes, TAG_SIZE));
    while (status == ESC_OK) {
        status = db_step(select, &is_row, err);
        if (status != ESC_OK || !is_row)
            break;
        const int64_t block = db_int(select, 0) / ESC_BLOCK_ROWS;
        if (found && blocks[found - 1] == block)
            continue;
        if (found == capacity) {
            capacity = 2 * capacity + 16;
            blocks = esc_realloc_array(blocks, capacity, sizeof *blocks);
        }
        blocks[found++] = block;
    }
    if (status != ESC_OK)
        return status;
    *out = ESC_STEAL(blocks);
    *count = found;
    return ESC_OK;
}

/* ---- what is kept ---- */

enum esc_status esc_store_block_is_kept(struct esc_store *store, int64_t block, bool *out,
                                        struct esc_error *err)
{
    bool is_kept = true;
    enum esc_status status = ESC_OK;
    for (int part = 0; part < ESC_BLOCK_PARTS && status == ESC_OK && is_kept; part++) {
        char name[NAME_SIZE];
        const struct place place = place_of(block, (enum esc_block_part)part, name);
        status = row_exists(store, &place, &is_kept, err);
    }
    if (status == ESC_OK)
        *out = is_kept;
    return status;
}

enum esc_status esc_store_block_get(struct esc_store *store, int64_t block,
                                    enum esc_block_part part, struct esc_buf *out,
                                    struct esc_error *err)
{
    char name[NAME_SIZE];
    struct row row;
    const struct place place = place_of(block, part, name);
    row_init(&row);
    enum esc_status status = row_get(store, &place, &row, err);
    if (status == ESC_OK && row.part_count != KEPT_PARTS)
        status = esc_fail(err, ESC_CORRUPT, "what was kept of block %s has other parts", name);
    if (status == ESC_OK) {
        esc_buf_add(out, row.parts[1]);
        status = esc_buf_status(out, "what was kept of a block", err);
    }
    row_done(&row);
    return status;
}

static enum esc_status keep(struct esc_store *store, int64_t block, enum esc_block_part part,
                            struct esc_str bytes, struct esc_error *err)
{
    char name[NAME_SIZE];
    const struct place place = place_of(block, part, name);
    return row_put(store, &place, &bytes, 1, err);
}

enum esc_status esc_store_block_keep(struct esc_store *store, int64_t block,
                                     const struct esc_str parts[ESC_BLOCK_PARTS],
                                     struct esc_error *err)
{
    struct write write;
    enum esc_status status = write_begin(store, &write, err);
    if (status != ESC_OK)
        return status;
    for (int part = 0; part < ESC_BLOCK_PARTS && status == ESC_OK; part++)
        status = keep(store, block, (enum esc_block_part)part, parts[part], err);
    return write_end(&write, status, err);
}

/* ---- its rows ---- */

struct each {
    esc_block_each_fn *fn;
    void *context;
};

static enum esc_status each_row(void *context, const struct row *row, bool *stop,
                                struct esc_error *err)
{
    const struct each *each = context;
    float vector[ESC_STORE_DIMENSIONS]; /* copied, because the row's bytes are not aligned */
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = NULL;
    const enum esc_status status = estate_read(row, &resource, err);
    if (status != ESC_OK)
        return status;
    const bool has_vector = estate_read_vector(row, vector);
    *stop = !each->fn(each->context, (uint8_t)(row->n % ESC_BLOCK_ROWS), resource,
                      has_vector ? vector : NULL);
    return ESC_OK;
}

enum esc_status esc_store_block_each(struct esc_store *store, int64_t block, esc_block_each_fn *fn,
                                     void *context, struct esc_store_tally *tally,
                                     struct esc_error *err)
{
    struct each each = {fn, context};
    const struct walk walk = {
        .collection = ESTATE, .from = block * ESC_BLOCK_ROWS, .end = (block + 1) * ESC_BLOCK_ROWS};
    return rows_walk(store, &walk, each_row, &each, tally, err);
}

static enum esc_status pass_over(void *, const struct row *, bool *, struct esc_error *)
{
    return ESC_OK;
}

enum esc_status esc_store_block_check(struct esc_store *store, int64_t block,
                                      struct esc_store_tally *tally, struct esc_error *err)
{
    const struct walk walk = {
        .collection = ESTATE, .from = block * ESC_BLOCK_ROWS, .end = (block + 1) * ESC_BLOCK_ROWS};
    return rows_walk(store, &walk, pass_over, NULL, tally, err);
}

/* ---- when they were seen ---- */

enum esc_status esc_estate_seen_load(struct esc_store *store, struct esc_estate_seen *out,
                                     struct esc_error *err)
{
    out->store = store;
    return cell_records_load(store, &out->records, err);
}

void esc_estate_seen_done(struct esc_estate_seen *seen)
{
    cell_records_free(seen->records);
    seen->records = NULL;
}

uint64_t esc_estate_seen_cell(const struct esc_estate_seen *seen, const char *account_id,
                              const char *region, const char *resource_type)
{
    ESC_CLEANUP(esc_freep) char *cell = cell_name(account_id, region, resource_type);
    return cell_records_seen(seen->records, cell, NULL);
}

uint64_t esc_estate_seen_resource(const struct esc_estate_seen *seen, const char *id,
                                  const char *account_id, const char *region,
                                  const char *resource_type)
{
    const struct blind blind = keys_blind(seen->store->keys, "id", ESTATE, esc_str_of(id));
    ESC_CLEANUP(esc_freep) char *cell = cell_name(account_id, region, resource_type);
    return cell_records_seen(seen->records, cell, &blind);
}
