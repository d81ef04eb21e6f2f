/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/document.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/store/documents_private.h"

/* Parts of a row: key | JSON. */

enum {
    COLLECTION_MAX = 32,
    NAME_SIZE = COLLECTION_MAX + 5, /* with "doc." and NUL */
};

static struct place place_of(const char *collection, const char *key)
{
    return (struct place){.collection = collection, .id = esc_str_of(key)};
}

enum esc_status document_put(struct esc_store *store, const char *collection, const char *key,
                             const struct esc_json *json, struct esc_error *err)
{
    struct write write;
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_RESPONSE);
    esc_json_write(json, ESC_JSON_COMPACT, &text);
    enum esc_status status = esc_buf_status(&text, collection, err);
    if (status == ESC_OK)
        status = write_begin(store, &write, err);
    if (status == ESC_OK) {
        const struct place place = place_of(collection, key);
        const struct esc_str part = esc_buf_str(&text);
        status = write_end(&write, row_put(store, &place, &part, 1, err), err);
    }
    plain_done(&text);
    return status;
}

static enum esc_status read_document(const struct row *row, struct esc_json **out,
                                     struct esc_error *err)
{
    if (row->part_count != 2)
        return esc_fail(err, ESC_CORRUPT, "`%.*s` has other parts than a document",
                        ESC_STR_ARG(row->parts[0]));
    enum esc_status status = esc_json_parse(row->parts[1], NULL, out, err);
    return status == ESC_OK ? ESC_OK
                            : esc_wrap(err, ESC_CORRUPT, "`%.*s`", ESC_STR_ARG(row->parts[0]));
}

enum esc_status document_get(struct esc_store *store, const char *collection, const char *key,
                             struct esc_json **out, struct esc_error *err)
{
    struct row row;
    const struct place place = place_of(collection, key);
    row_init(&row);
    enum esc_status status = row_get(store, &place, &row, err);
    if (status == ESC_OK)
        status = read_document(&row, out, err);
    row_done(&row);
    return status;
}

enum esc_status document_del(struct esc_store *store, const char *collection, const char *key,
                             struct esc_error *err)
{
    struct write write;
    enum esc_status status = write_begin(store, &write, err);
    if (status != ESC_OK)
        return status;
    const struct place place = place_of(collection, key);
    store->may_spend = true; /* what makes room must not want for it */
    return write_end(&write, row_delete(store, &place, err), err);
}

struct each {
    esc_store_each_fn *fn;
    void *context;
};

static enum esc_status each_row(void *context, const struct row *row, bool *stop,
                                struct esc_error *err)
{
    const struct each *each = context;
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    enum esc_status status = read_document(row, &json, err);
    if (status != ESC_OK)
        return status;
    ESC_CLEANUP(esc_freep) char *key = esc_str_dup(row->parts[0]);
    *stop = !each->fn(each->context, key, json);
    return ESC_OK;
}

enum esc_status document_walk(struct esc_store *store, const struct walk *walk,
                              esc_store_each_fn *fn, void *context, struct esc_store_tally *tally,
                              struct esc_error *err)
{
    struct each each = {fn, context};
    return rows_walk(store, walk, each_row, &each, tally, err);
}

/* The public ones: "doc." keeps their collections apart from the store's own. */

static enum esc_status name_of(const char *collection, char out[NAME_SIZE], struct esc_error *err)
{
    size_t len = strlen(collection);
    bool is_word = len > 0 && len <= COLLECTION_MAX;
    for (size_t i = 0; i < len && is_word; i++)
        is_word = esc_is_lower(collection[i]) || collection[i] == '_';
    if (!is_word)
        return esc_fail(err, ESC_INVALID, "`%.40s` is no name for a collection", collection);
    memcpy(out, "doc.", 4);
    memcpy(out + 4, collection, len + 1);
    return ESC_OK;
}

enum esc_status esc_store_doc_put(struct esc_store *store, const char *collection, const char *key,
                                  const struct esc_json *json, struct esc_error *err)
{
    char name[NAME_SIZE];
    enum esc_status status = name_of(collection, name, err);
    return status == ESC_OK ? document_put(store, name, key, json, err) : status;
}

enum esc_status esc_store_doc_get(struct esc_store *store, const char *collection, const char *key,
                                  struct esc_json **out, struct esc_error *err)
{
    char name[NAME_SIZE];
    enum esc_status status = name_of(collection, name, err);
    return status == ESC_OK ? document_get(store, name, key, out, err) : status;
}

enum esc_status esc_store_doc_del(struct esc_store *store, const char *collection, const char *key,
                                  struct esc_error *err)
{
    char name[NAME_SIZE];
    enum esc_status status = name_of(collection, name, err);
    return status == ESC_OK ? document_del(store, name, key, err) : status;
}

enum esc_status esc_store_docs(struct esc_store *store, const char *collection,
                               esc_store_each_fn *fn, void *context, struct esc_store_tally *tally,
                               struct esc_error *err)
{
    char name[NAME_SIZE];
    const struct walk walk = {.collection = name};
    enum esc_status status = name_of(collection, name, err);
    return status == ESC_OK ? document_walk(store, &walk, fn, context, tally, err) : status;
}
