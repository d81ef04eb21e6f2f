/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Sealed rows: what every collection is made of.
 *
 *     clear    tag, id, parent (HMACs) · key_id · version · schema
 *     sealed   nonce | ciphertext | tag  of  length (4) | parts, each length (4) + bytes | zeros
 *              to a multiple of 256 bytes
 *     AAD      "escher1", store id, collection, id, parent, version, key_id, schema, each with
 *              its length before it
 * So a row opens only where it stands, in the version that the table says. The first part is the
 * row's own name, which its blind id hides.
 *
 * Ownership  a row owns what it opened until row_done; places borrow their texts.
 */

#include "escher/base/buf.h"
#include "escher/store/store_private.h"

enum {
    ROW_PARTS = 4,
    ROW_PADDING = 256,
    ROW_SCHEMA = 1, /* of all collections in this format */
};

/* Where a row stands. */
struct place {
    const char *collection;
    struct esc_str id;
    struct esc_str parent; /* groups rows of a collection; ptr NULL: none */
    struct esc_str owner;  /* of a conversation's key; ptr NULL: the collection's key */
    bool vector_stays;     /* of a resource that is written: its vector is the one it had */
};

struct row {
    int64_t n; /* position by age */
    struct blind id;
    int64_t key_id, version, schema;
    size_t part_count;
    struct esc_str parts[ROW_PARTS];
    struct esc_buf plain; /* what the parts point into */
};
void row_init(struct row *row);
void row_done(struct row *row); /* wipes; twice is fine */

/** Puts a row, inserting it or replacing what stands there, inside a transaction. @p parts come
 *  after the row's name. */
enum esc_status row_put(struct esc_store *store, const struct place *place,
                        const struct esc_str *parts, size_t part_count, struct esc_error *err);
/** @p row must be initialised. @errors ESC_NOT_FOUND; ESC_CORRUPT naming collection and id. */
enum esc_status row_get(struct esc_store *store, const struct place *place, struct row *row,
                        struct esc_error *err);
/** Whether a row stands there, damaged or not. */
enum esc_status row_exists(struct esc_store *store, const struct place *place, bool *out,
                           struct esc_error *err);
enum esc_status row_delete(struct esc_store *store, const struct place *place,
                           struct esc_error *err);
/** Of a row of the estate. */
enum esc_status row_delete_at(struct esc_store *store, int64_t n, struct esc_error *err);
/** Pushes the name (char *) of the row at @p n; a damaged row has none and pushes nothing. */
enum esc_status row_name_at(struct esc_store *store, const char *collection, int64_t n,
                            struct esc_list *names, struct esc_error *err);
enum esc_status rows_delete_children(struct esc_store *store, const char *collection,
                                     struct esc_str parent, struct esc_error *err);
enum esc_status rows_count(struct esc_store *store, const char *collection, size_t *out,
                           struct esc_error *err);

/* What the clear columns of a row say, as bytes. */
struct row_clear {
    struct tag tag;
    struct blind id, parent;
    bool has_parent;
    int64_t key_id, version, schema;
};
/** Of a row that will stand there: all but key and version. */
struct row_clear row_clear_of(const struct esc_store *store, const struct place *place);
/** Seals what will stand there in the version of @p clear, which gets the key, to the end of
 *  @p sealed; inside a transaction. */
enum esc_status row_seal(struct esc_store *store, const struct place *place,
                         const struct esc_str *parts, size_t part_count, struct row_clear *clear,
                         struct esc_buf *sealed, struct esc_error *err);
/** The reverse: the parts of @p row, which must be initialised. @errors ESC_CORRUPT naming it. */
enum esc_status row_unseal(struct esc_store *store, const char *collection,
                           const struct row_clear *clear, struct esc_str sealed, struct row *row,
                           struct esc_error *err);

/* What a select asks for whose rows are opened, and how. */
#define ROW_COLUMNS "n, id, parent, key_id, version, schema, sealed"
/** Opens the row a select stands on. @errors ESC_CORRUPT naming it; what SQLite says. */
enum esc_status row_open(struct esc_store *store, const char *collection,
                         const struct db_statement *select, struct row *row, struct esc_error *err);
/** Seals the row a select stands on anew, in its place and version, under the newest key of those
 *  that its key is of; inside a transaction. @errors as of row_open. */
enum esc_status row_reseal(struct esc_store *store, const char *collection,
                           const struct db_statement *select, struct esc_error *err);
/** Reads the clear columns only; false when they cannot be ours. */
bool row_read_sealed(const struct db_statement *select, struct row *row);

/** What a walk does with a row that opened; its status ends the walk unless ESC_OK. With
 *  ESC_CORRUPT the row counts as damaged and the walk goes on. *stop ends the walk well. */
typedef enum esc_status row_fn(void *context, const struct row *row, bool *stop,
                               struct esc_error *err);
/* Which rows. */
struct walk {
    const char *collection;
    struct esc_str parent; /* ptr NULL: all of the collection */
    bool newest_first;
    int64_t from, end; /* without a parent: n from here and before there; both 0: all */
};
enum esc_status rows_walk(struct esc_store *store, const struct walk *walk, row_fn *fn,
                          void *context, struct esc_store_tally *tally, struct esc_error *err);
/** The same without opening: only n, id and version are set. */
enum esc_status rows_walk_sealed(struct esc_store *store, const struct walk *walk, row_fn *fn,
                                 void *context, struct esc_error *err);

/** Wipes a buf that held what was in a row, and frees it. */
void plain_done(struct esc_buf *buf);
