/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/state_private.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/limits.h"
#include "escher/base/list.h"
#include "escher/base/num.h"
#include "escher/crypt/digest.h"
#include "escher/store/joined_private.h"
#include "escher/store/store_private.h"

enum {
    TOTAL_BYTES = 8 + MARK_SIZE,
    SEALED_COLUMN = 7, /* of rows */
    AAD_MAX = 64,
};

/* All that have marks. Another table is added here when it is made. */
static const struct {
    const char *name, *select;
} tables[] = {
    {"rows", "SELECT * FROM rows WHERE n > ?1 ORDER BY n LIMIT ?2"},
    {"header", "SELECT * FROM header WHERE name <> 'state'"},
    {"keks", "SELECT * FROM keks"},
    {"slots", "SELECT * FROM slots"},
    {"keys", "SELECT * FROM keys"},
};

struct state {
    uint64_t sequence;
    struct total total;      /* as committed */
    struct total pending;    /* with what the open transaction changed */
    bool is_changed;         /* the open transaction changed something */
    bool is_written;         /* and the row says so */
    bool is_in_doubt;        /* a commit failed, maybe whole in the log: the next writes over it */
    bool has_foreign_change; /* of a table that is not in the list above */
    struct esc_hmac *marks;
    struct esc_sealer *sealer;
    struct esc_buf text;    /* of the row whose mark is made */
    struct esc_list counts; /* struct count, of who counts; borrowed */
};

/* Marks */

static struct esc_str marked_part(size_t table, size_t column, struct esc_str bytes)
{
    if (table != 0 || column != SEALED_COLUMN || bytes.len <= ESC_SEAL_TAG)
        return bytes;
    return esc_str_slice(bytes, bytes.len - ESC_SEAL_TAG, bytes.len);
}

static void mark_row(struct state *state, size_t table, const struct db_value *values, size_t count,
                     struct total *total, bool comes)
{
    uint8_t mark[ESC_SHA256_SIZE];
    esc_buf_reset(&state->text);
    piece_add(&state->text, esc_str_of(tables[table].name));
    for (size_t i = 0; i < count; i++) {
        const bool is_bytes = values[i].type == DB_BYTES;
        piece_add_number(&state->text, (int64_t)values[i].type);
        piece_add_number(&state->text, is_bytes ? (int64_t)values[i].bytes.len : values[i].number);
        if (is_bytes)
            piece_add(&state->text, marked_part(table, i, values[i].bytes));
    }
    esc_hmac_of(state->marks, esc_buf_str(&state->text), mark);
    for (size_t i = 0; i < MARK_SIZE; i++)
        total->marks[i] ^= mark[i];
    total->rows = comes ? total->rows + 1 : total->rows - 1;
}

static size_t table_of(const char *name)
{
    size_t table = 0;
    while (table < ESC_COUNT(tables) && strcmp(tables[table].name, name) != 0)
        table++;
    return table;
}

static bool is_state_row(const struct db_value *values)
{
    return esc_str_is(values[0].bytes, "state");
}

static void on_change(void *context, const char *name, const struct db_value *values, size_t count,
                      bool comes)
{
    struct state *state = context;
    if (strncmp(name, "sqlite_", 7) == 0)
        return;
    const size_t table = table_of(name);
    if (table == ESC_COUNT(tables)) {
        state->has_foreign_change = true;
        return;
    }
    if (strcmp(name, "header") == 0 && is_state_row(values))
        return;
    mark_row(state, table, values, count, &state->pending, comes);
    for (size_t i = 0; i < state->counts.count && table == 0; i++) {
        struct count *other = state->counts.items[i];
        if (values[0].number <= other->cursor)
            mark_row(state, table, values, count, &other->total, comes);
    }
    state->is_changed = true;
    state->is_written = false;
}

static bool may_commit(void *context)
{
    const struct state *state = context;
    return !state->has_foreign_change && (!state->is_changed || state->is_written);
}

/* Counting */

enum esc_status state_count_rows(struct esc_store *store, struct count *count, int64_t most,
                                 bool *is_end, struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *select = NULL;
    struct db_value values[DB_VALUES];
    bool is_row = true;
    int64_t seen = 0;
    enum esc_status status = db_prepare(store->db, tables[0].select, &select, err);
    if (status != ESC_OK)
        return status;
    db_bind_int(select, 1, count->cursor);
    db_bind_int(select, 2, most);
    for (; status == ESC_OK; seen++) {
        status = db_step(select, &is_row, err);
        if (status != ESC_OK || !is_row)
            break;
        const size_t columns = db_values(select, values);
        if (columns == 0 || values[0].number < 1)
            return esc_fail(err, ESC_CORRUPT, "the table of rows is damaged");
        mark_row(store->state, 0, values, columns, &count->total, true);
        count->cursor = values[0].number;
    }
    if (status == ESC_OK)
        *is_end = seen < most;
    return status;
}

static enum esc_status count_table(struct esc_store *store, size_t table, struct total *total,
                                   struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *select = NULL;
    struct db_value values[DB_VALUES];
    bool is_row = true;
    enum esc_status status = db_prepare(store->db, tables[table].select, &select, err);
    while (status == ESC_OK) {
        status = db_step(select, &is_row, err);
        if (status != ESC_OK || !is_row)
            break;
        const size_t columns = db_values(select, values);
        if (columns == 0)
            return esc_fail(err, ESC_CORRUPT, "the table of %s is damaged", tables[table].name);
        mark_row(store->state, table, values, columns, total, true);
    }
    return status;
}

enum esc_status state_count_rest(struct esc_store *store, struct count *count,
                                 struct esc_error *err)
{
    enum esc_status status = ESC_OK;
    for (size_t i = 1; i < ESC_COUNT(tables) && status == ESC_OK; i++)
        status = count_table(store, i, &count->total, err);
    return status;
}

void state_add_count(struct state *state, struct count *count)
{
    esc_list_push(&state->counts, count);
}

void state_remove_count(struct state *state, struct count *count)
{
    (void)esc_list_drop(&state->counts, count);
}

/* The row */

static void add_label(const struct esc_store *store, uint64_t sequence, struct esc_buf *out)
{
    esc_buf_init(out, AAD_MAX);
    piece_add(out, ESC_STR("state"));
    piece_add(out, bytes_of(store->uuid.bytes, sizeof store->uuid.bytes));
    piece_add_number(out, (int64_t)sequence);
    ESC_ASSERT(out->status == ESC_OK);
}

static enum esc_status write_bytes(struct esc_store *store, struct esc_str value,
                                   struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *put = NULL;
    enum esc_status status = db_prepare(store->db,
                                        "INSERT INTO header (name, value) VALUES ('state', ?1)"
                                        " ON CONFLICT (name) DO UPDATE SET value = ?1",
                                        &put, err);
    if (status != ESC_OK)
        return status;
    db_bind_bytes(put, 1, value);
    return db_execute(put, err);
}

static enum esc_status write_state(struct esc_store *store, uint64_t sequence,
                                   const struct total *total, struct esc_error *err)
{
    char plain[TOTAL_BYTES], number[8];
    struct esc_buf label, value;
    esc_store_u64(plain, total->rows);
    memcpy(plain + 8, total->marks, MARK_SIZE);
    esc_store_u64(number, sequence);
    add_label(store, sequence, &label);
    esc_buf_init(&value, sizeof number + sizeof plain + ESC_SEAL_OVERHEAD);
    esc_buf_append(&value, number, sizeof number);
    esc_sealer_seal(store->state->sealer, store->random, esc_buf_str(&label),
                    (struct esc_str){plain, sizeof plain}, &value);
    ESC_ASSERT(value.status == ESC_OK);
    enum esc_status status = write_bytes(store, esc_buf_str(&value), err);
    esc_buf_done(&label);
    esc_buf_done(&value);
    return status;
}

static bool unseal_total(struct esc_store *store, struct esc_str value, uint64_t *sequence,
                         struct total *out)
{
    struct esc_buf label, plain;
    if (value.len != 8 + TOTAL_BYTES + ESC_SEAL_OVERHEAD)
        return false;
    *sequence = esc_load_u64(value.ptr);
    add_label(store, *sequence, &label);
    esc_buf_init(&plain, TOTAL_BYTES);
    const bool opens =
        esc_sealer_unseal(store->state->sealer, esc_buf_str(&label),
                          esc_str_slice(value, 8, value.len), &plain, NULL) == ESC_OK;
    if (opens) {
        out->rows = esc_load_u64(plain.ptr);
        memcpy(out->marks, plain.ptr + 8, MARK_SIZE);
    }
    esc_buf_done(&label);
    esc_buf_done(&plain);
    return opens;
}

bool state_look(struct esc_store *store, struct esc_str value, struct total *out)
{
    uint64_t sequence;
    return unseal_total(store, value, &sequence, out);
}

static enum esc_status open_value(struct esc_store *store, struct esc_str value,
                                  struct esc_error *err)
{
    struct state *state = store->state;
    return unseal_total(store, value, &state->sequence, &state->total)
               ? ESC_OK
               : esc_fail(
                     err, ESC_CORRUPT,
                     "the state of the store is damaged: `escher salvage` makes a new store of "
                     "all that still opens");
}

static enum esc_status read_state(struct esc_store *store, bool *is_there, struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *select = NULL;
    enum esc_status status =
        db_prepare(store->db, "SELECT value FROM header WHERE name = 'state'", &select, err);
    if (status == ESC_OK)
        status = db_step(select, is_there, err);
    if (status == ESC_OK && *is_there)
        status = open_value(store, db_bytes(select, 0), err);
    return status;
}

/* The life of it */

static struct state *state_new(const struct esc_store *store)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = keys_derive(store->keys, "store state");
    struct state *state = esc_alloc_zero(sizeof *state);
    ESC_CLEANUP(esc_secret_freep)
    struct esc_secret *marks = keys_derive(store->keys, "store marks");
    state->marks = esc_hmac_new(marks);
    state->sealer = esc_sealer_new(key);
    esc_buf_init(&state->text, ESC_MAX_JSON);
    esc_list_init(&state->counts, NULL);
    return state;
}

void state_close(struct state *state)
{
    if (!state)
        return;
    esc_hmac_free(state->marks);
    esc_sealer_free(state->sealer);
    esc_buf_done(&state->text);
    esc_list_done(&state->counts);
    free(state);
}

enum esc_status state_adopt(struct esc_store *store, struct esc_error *err)
{
    struct count count = {.cursor = INT64_MIN};
    bool is_end = false;
    enum esc_status status = esc_store_begin(store, err);
    if (status != ESC_OK)
        return status;
    status = state_count_rows(store, &count, INT64_MAX, &is_end, err);
    if (status == ESC_OK)
        status = state_count_rest(store, &count, err);
    if (status == ESC_OK) {
        store->state->pending = count.total;
        store->state->is_changed = true;
        return esc_store_commit(store, err);
    }
    esc_store_rollback(store);
    return status;
}

enum esc_status state_open(struct esc_store *store, bool *is_there, struct esc_error *err)
{
    store->state = state_new(store);
    db_watch(store->db, on_change, may_commit, store->state);
    return read_state(store, is_there, err);
}

uint64_t state_sequence(const struct state *state)
{
    return state->sequence;
}

struct total state_total(const struct state *state)
{
    return state->total;
}

/* Around transactions */

void state_after_begin(struct esc_store *store)
{
    struct state *state = store->state;
    (void)db_missed_change(store->db); /* what was missed before was undone */
    state->pending = state->total;
    state->is_changed = state->is_in_doubt;
    state->is_written = state->has_foreign_change = false;
}

enum esc_status state_before_commit(struct esc_store *store, struct esc_error *err)
{
    struct state *state = store->state;
    if (db_missed_change(store->db))
        return esc_fail(err, ESC_IO, "there is no memory to write with");
    if (state->has_foreign_change)
        return esc_fail(err, ESC_CORRUPT, "the store has a table that is none of ours");
    if (!state->is_changed)
        return ESC_OK;
    enum esc_status status = write_state(store, state->sequence + 1, &state->pending, err);
    state->is_written = status == ESC_OK;
    return status;
}

void state_after_commit(struct esc_store *store)
{
    struct state *state = store->state;
    state->total = state->pending;
    state->sequence += state->is_changed;
    state->is_changed = state->is_written = state->is_in_doubt = false;
}

void state_after_rollback(struct esc_store *store)
{
    struct state *state = store->state;
    if (!state)
        return;
    for (size_t i = 0; i < state->counts.count && state->is_changed; i++)
        ((struct count *)state->counts.items[i])->is_broken = true;
    state->pending = state->total;
    state->is_in_doubt |= state->is_written; /* only the commit itself comes after that */
    state->is_changed = state->is_written = false;
}

bool state_is_in_doubt(const struct state *state)
{
    return state->is_in_doubt && state->sequence > 0;
}
