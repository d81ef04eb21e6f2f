/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The rows that stand on the leaf pages of an SQLite file, read without SQLite: page by page, so
 * that a damaged page costs what stands on it and nothing else. Which table a row is of is told by
 * nothing but its columns; what it says is worth what its seal says.
 *
 * @source sqlite.org, "Database File Format", 1.6 and 2.1
 */

#include "escher/store/db_private.h"

enum {
    LOOSE_PAGE = 8192 /* of every store */
};

struct loose_row {
    size_t page; /* from 1 on, the one with its beginning */
    int64_t n;   /* its rowid; 0 where there is none */
    size_t count;
    struct db_value values[DB_VALUES]; /* borrowed during the call */
};
typedef void loose_row_fn(void *context, const struct loose_row *row);

/** Every row of @p file that can be made out. */
void loose_rows(struct esc_str file, loose_row_fn *fn, void *context);
