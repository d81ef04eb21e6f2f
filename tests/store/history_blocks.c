/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/store/blocks.h"
#include "tests/store/history_private.h"

/*
 * In Escher an index is kept of each block; here it is a text, which tells as well whether what is
 * kept is what the rows say.
 */

struct made {
    struct esc_buf parts[ESC_BLOCK_PARTS];
};

static void made_done(struct made *made)
{
    for (size_t i = 0; i < ESC_BLOCK_PARTS; i++)
        esc_buf_done(&made->parts[i]);
}

static bool add(void *context, uint8_t place, const struct esc_resource *resource,
                const float *vector)
{
    struct made *made = context;
    esc_buf_printf(&made->parts[ESC_BLOCK_CARDS], "%u %s %s\n", place, resource->name,
                   resource->state);
    esc_buf_printf(&made->parts[ESC_BLOCK_VECTORS], "%u %.0f\n", place,
                   vector ? (double)vector[383] : 0);
    esc_buf_printf(&made->parts[ESC_BLOCK_RELATIONS], "%u %s\n", place, resource->state);
    return true;
}

static enum esc_status make(struct esc_store *store, int64_t block, struct made *out,
                            struct esc_error *err)
{
    struct esc_store_tally tally = {0};
    for (size_t i = 0; i < ESC_BLOCK_PARTS; i++)
        esc_buf_init(&out->parts[i], ESC_MAX_FILE);
    const enum esc_status status = esc_store_block_each(store, block, add, out, &tally, err);
    return status == ESC_OK && tally.corrupt
               ? esc_fail(err, ESC_CORRUPT, "a row does not open: %s", tally.first.message)
               : status;
}

static enum esc_status keep(struct esc_store *store, int64_t block, struct esc_error *err)
{
    struct made made;
    struct esc_str parts[ESC_BLOCK_PARTS];
    enum esc_status status = make(store, block, &made, err);
    for (size_t i = 0; i < ESC_BLOCK_PARTS; i++)
        parts[i] = esc_buf_str(&made.parts[i]);
    if (status == ESC_OK)
        status = esc_store_block_keep(store, block, parts, err);
    made_done(&made);
    return status;
}

static enum esc_status check_part(struct esc_store *store, int64_t block, const struct made *made,
                                  enum esc_block_part part, struct esc_error *err)
{
    struct esc_buf kept;
    esc_buf_init(&kept, ESC_MAX_FILE);
    enum esc_status status = esc_store_block_get(store, block, part, &kept, err);
    if (status == ESC_OK && !esc_str_equal(esc_buf_str(&kept), esc_buf_str(&made->parts[part])))
        status = esc_fail(err, ESC_CORRUPT, "what is kept of block %lld (part %d) is stale",
                          (long long)block, (int)part);
    esc_buf_done(&kept);
    return status == ESC_NOT_FOUND ? ESC_OK : status;
}

static enum esc_status check(struct esc_store *store, int64_t block, struct esc_error *err)
{
    struct made made;
    enum esc_status status = make(store, block, &made, err);
    for (int part = 0; part < ESC_BLOCK_PARTS && status == ESC_OK; part++)
        status = check_part(store, block, &made, (enum esc_block_part)part, err);
    made_done(&made);
    return status;
}

static enum esc_status for_all(struct esc_store *store,
                               enum esc_status (*fn)(struct esc_store *, int64_t,
                                                     struct esc_error *),
                               struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) int64_t *blocks = NULL;
    size_t count = 0;
    enum esc_status status = esc_store_blocks(store, &blocks, &count, err);
    for (size_t i = 0; i < count && status == ESC_OK; i++)
        status = fn(store, blocks[i], err);
    return status;
}

enum esc_status history_keep_blocks(struct esc_store *store, struct esc_error *err)
{
    return for_all(store, keep, err);
}

enum esc_status history_check_blocks(struct esc_store *store, struct esc_error *err)
{
    return for_all(store, check, err);
}
