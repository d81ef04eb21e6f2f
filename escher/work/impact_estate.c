/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The relations of an account, from what was kept of each block of the estate, and where nothing
 * was kept, or not well, from the rows of the block. They are read for each question and forgotten
 * with it: what the store keeps is never stale, so nothing here has to follow a sync.
 */

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/store/blocks.h"
#include "escher/work/impact_private.h"

void impact_estate_init(struct impact_estate *estate, const char *account_id)
{
    *estate = (struct impact_estate){.head = esc_sprintf("%s-", account_id),
                                     .graph = esc_impact_graph_new()};
    impact_names_init(&estate->names);
    esc_list_init(&estate->cut_zones, free);
}

void impact_estate_done(struct impact_estate *estate)
{
    free(estate->head);
    esc_impact_graph_free(estate->graph);
    impact_names_done(&estate->names);
    esc_list_done(&estate->cut_zones);
}

static bool add_one(void *context, uint8_t, const struct esc_resource *resource, const float *)
{
    impact_block_add(context, resource);
    return true;
}

static enum esc_status read_rows(struct impact_estate *estate, struct esc_store *store,
                                 int64_t block, struct esc_buf *bytes, struct esc_error *err)
{
    struct esc_store_tally tally;
    ESC_CLEANUP(impact_block_freep) struct impact_block *made = impact_block_new();
    enum esc_status status = esc_store_block_each(store, block, add_one, made, &tally, err);
    if (status != ESC_OK)
        return status;
    esc_buf_reset(bytes);
    impact_block_write(made, bytes);
    status = esc_buf_status(bytes, "the relations of a block", err);
    return status == ESC_OK ? impact_block_read(estate, esc_buf_str(bytes), err) : status;
}

static enum esc_status load_block(struct impact_estate *estate, struct esc_store *store,
                                  int64_t block, struct esc_buf *bytes, bool *lacks,
                                  struct esc_error *err)
{
    esc_buf_reset(bytes);
    enum esc_status status = esc_store_block_get(store, block, ESC_BLOCK_RELATIONS, bytes, err);
    if (status == ESC_OK)
        status = impact_block_read(estate, esc_buf_str(bytes), err);
    if (status != ESC_NOT_FOUND && status != ESC_CORRUPT)
        return status;
    *lacks |= status == ESC_NOT_FOUND; /* what is damaged stays until its block is written */
    return read_rows(estate, store, block, bytes, err);
}

enum esc_status impact_estate_load(struct impact_estate *estate, struct esc_store *store,
                                   bool *lacks, struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) int64_t *blocks = NULL;
    size_t count = 0;
    struct esc_buf bytes;
    *lacks = false;
    enum esc_status status = esc_store_blocks(store, &blocks, &count, err);
    esc_buf_init_wiped(&bytes, ESC_MAX_JSON);
    for (size_t i = 0; i < count && status == ESC_OK; i++)
        status = load_block(estate, store, blocks[i], &bytes, lacks, err);
    esc_buf_done(&bytes);
    if (status == ESC_OK)
        impact_names_relate(&estate->names, estate->graph);
    return status;
}
