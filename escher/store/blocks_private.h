/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Which blocks of the estate an open transaction has changed. */

#include "escher/store/blocks.h"
#include "escher/store/store_private.h"

struct blocks;
ESC_RETURNS_NONNULL struct blocks *blocks_new(void);
void blocks_free(struct blocks *blocks); /* NULL does nothing */

/** The row at @p n comes, changes or goes, inside a transaction. With @p vector_stays only what
 *  else it says is other than before. */
void blocks_touch(struct esc_store *store, int64_t n, bool vector_stays);
/** Takes away what is kept of the touched blocks. */
enum esc_status blocks_before_commit(struct esc_store *store, struct esc_error *err);
void blocks_after_end(struct esc_store *store); /* commit or rollback */
