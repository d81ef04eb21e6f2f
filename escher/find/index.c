/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/find/index.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/find/find_private.h"
#include "escher/model/arn.h"
#include "escher/model/environment.h"
#include "escher/vec/flat.h"

/* ---- one row ---- */

/* Tag values take part whole and in pieces: app=main finds by "main". The environment's tags do
 * not, they are a feature of the row. */
static size_t cut_tags(struct row *row, struct piece *pieces, size_t limit)
{
    size_t count = 0;
    void *position = NULL;
    const char *key;
    const struct esc_json *value;
    while (esc_json_next(row->resource->tags, &position, &key, &value) && count < limit) {
        struct esc_str text = esc_json_value(value);
        struct esc_str lower = lower_copy(&row->arena, text);
        if (text.len == 0 || esc_environment_of_word(text))
            continue;
        count += pieces_cut(text, lower, pieces + count, limit - count);
    }
    return count;
}

static void cut_row(struct row *row)
{
    struct piece pieces[FIND_MAX_PIECES];
    size_t count = pieces_cut(esc_str_of(row->resource->name), row->name, pieces, FIND_MAX_PIECES);
    if (!esc_str_equal(row->name, row->identifier))
        count += pieces_cut(esc_str_of(row->resource->identifier), row->identifier, pieces + count,
                            FIND_MAX_PIECES - count);
    row->name_piece_count = count;
    count += cut_tags(row, pieces + count, FIND_MAX_PIECES - count);
    row->piece_count = count;
    row->pieces = esc_arena_alloc(&row->arena, (count + 1) * sizeof *pieces);
    memcpy(row->pieces, pieces, count * sizeof *pieces);
}

static struct row *row_new(const struct esc_resource *resource, const float *vector)
{
    struct row *row = esc_alloc_zero(sizeof *row);
    row->resource = esc_resource_copy(resource);
    esc_arena_init(&row->arena);
    row->name = lower_copy(&row->arena, esc_str_of(resource->name));
    row->identifier = lower_copy(&row->arena, esc_str_of(resource->identifier));
    row->arn = lower_copy(&row->arena, esc_str_of(resource->arn));
    row->id = lower_copy(&row->arena, esc_str_of(resource->id));
    row->environment = esc_environment_of_resource(resource);
    row->type = esc_type_bit(resource->resource_type);
    cut_row(row);
    if (vector) {
        row->vector = esc_alloc(ESC_FIND_DIMENSIONS);
        row->scale = esc_flat_quantise(vector, ESC_FIND_DIMENSIONS, row->vector);
    }
    return row;
}

static void row_free(struct row *row)
{
    if (!row)
        return;
    esc_resource_free(row->resource);
    esc_arena_done(&row->arena);
    free(row->vector);
    free(row);
}

/* ---- texts that name a row exactly ---- */

static void free_rows(void *list)
{
    esc_list_done(list);
    free(list);
}

static void exact_add(struct esc_index *index, const char *text, struct row *row)
{
    struct esc_str key = esc_str_of(text);
    if (key.len == 0 || key.len >= FIND_MAX_EXACT)
        return;
    struct esc_list *rows = esc_map_get(index->exact, key);
    if (!rows) {
        rows = esc_alloc_zero(sizeof *rows);
        esc_list_init(rows, NULL);
        esc_map_set(index->exact, key, rows);
        index->lengths[key.len]++;
    }
    for (size_t i = 0; i < rows->count; i++)
        if (rows->items[i] == row)
            return; /* its name is its identifier */
    esc_list_push(rows, row);
}

static void exact_remove(struct esc_index *index, const char *text, const struct row *row)
{
    struct esc_str key = esc_str_of(text);
    struct esc_list *rows = esc_map_get(index->exact, key);
    if (!rows)
        return;
    (void)esc_list_drop(rows, row); /* borrowed: the row lives on */
    if (rows->count > 0)
        return;
    index->lengths[key.len]--;
    free_rows(esc_map_remove(index->exact, key));
}

const struct esc_list *index_exact(const struct esc_index *index, struct esc_str text)
{
    return esc_map_get(index->exact, text);
}

/* ---- accounts ---- */

static void free_account(void *item)
{
    struct account_row *account = item;
    free(account->id);
    free(account->name);
    free(account);
}

static struct account_row *account_of(struct esc_index *index, const struct esc_resource *resource)
{
    for (size_t i = 0; i < index->accounts.count; i++) {
        struct account_row *account = index->accounts.items[i];
        if (esc_text_equal(account->id, resource->account_id) &&
            esc_text_equal(account->name, resource->account_name))
            return account;
    }
    struct account_row *account = esc_alloc_zero(sizeof *account);
    account->id = esc_strdup_null(resource->account_id);
    account->name = esc_strdup_null(resource->account_name);
    esc_list_push(&index->accounts, account);
    return account;
}

static void account_leave(struct esc_index *index, const struct esc_resource *resource)
{
    struct account_row *account = account_of(index, resource);
    if (--account->row_count > 0)
        return;
    for (size_t i = 0; i < index->accounts.count; i++)
        if (index->accounts.items[i] == account)
            free_account(esc_list_remove(&index->accounts, i--));
}

/* ---- the table ---- */

struct esc_index *esc_index_new(void)
{
    struct esc_index *index = esc_alloc_zero(sizeof *index);
    index->exact = esc_map_new(free_rows);
    index->lengths = esc_alloc_array(FIND_MAX_EXACT, sizeof *index->lengths);
    esc_list_init(&index->accounts, free_account);
    return index;
}

void esc_index_free(struct esc_index *index)
{
    if (!index)
        return;
    for (size_t i = 0; i < index->count; i++)
        row_free(index->rows[i]);
    free(index->rows);
    free(index->lengths);
    esc_map_free(index->exact);
    esc_list_done(&index->accounts);
    free(index);
}

/* The place of @p id, or the place where it belongs. */
static size_t place_of(const struct esc_index *index, const char *id, bool *is_there)
{
    size_t low = 0, high = index->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(index->rows[middle]->resource->id, id);
        if (order == 0) {
            *is_there = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *is_there = false;
    return low;
}

static void enter(struct esc_index *index, struct row *row)
{
    const struct esc_resource *resource = row->resource;
    exact_add(index, resource->id, row);
    exact_add(index, resource->identifier, row);
    exact_add(index, resource->name, row);
    exact_add(index, resource->arn, row);
    account_of(index, resource)->row_count++;
}

static void leave(struct esc_index *index, struct row *row)
{
    const struct esc_resource *resource = row->resource;
    exact_remove(index, resource->id, row);
    exact_remove(index, resource->identifier, row);
    exact_remove(index, resource->name, row);
    exact_remove(index, resource->arn, row);
    account_leave(index, resource);
    row_free(row);
}

void esc_index_put(struct esc_index *index, const struct esc_resource *resource,
                   const float *vector)
{
    ESC_ASSERT(resource->id && resource->identifier && resource->name && resource->resource_type);
    struct row *row = row_new(resource, vector);
    bool is_there = false;
    size_t place = place_of(index, resource->id, &is_there);
    if (is_there) {
        leave(index, index->rows[place]);
    } else {
        if (index->count == index->capacity) {
            index->capacity = index->capacity ? index->capacity * 2 : 64;
            index->rows = esc_realloc_array(index->rows, index->capacity, sizeof(struct row *));
        }
        memmove(index->rows + place + 1, index->rows + place,
                (index->count - place) * sizeof(struct row *));
        index->count++;
    }
    index->rows[place] = row;
    enter(index, row);
}

bool esc_index_remove(struct esc_index *index, const char *id)
{
    bool is_there = false;
    size_t place = place_of(index, id, &is_there);
    if (!is_there)
        return false;
    leave(index, index->rows[place]);
    index->count--;
    memmove(index->rows + place, index->rows + place + 1,
            (index->count - place) * sizeof(struct row *));
    return true;
}

const struct esc_resource *esc_index_get(const struct esc_index *index, const char *id)
{
    bool is_there = false;
    size_t place = place_of(index, id, &is_there);
    return is_there ? index->rows[place]->resource : NULL;
}

size_t esc_index_count(const struct esc_index *index)
{
    return index->count;
}

const struct esc_resource *esc_index_at(const struct esc_index *index, size_t position)
{
    ESC_ASSERT(position < index->count);
    return index->rows[position]->resource;
}
