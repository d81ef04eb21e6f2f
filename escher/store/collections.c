/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/collections_private.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/list.h"
#include "escher/base/num.h"
#include "escher/store/estate_private.h"
#include "escher/store/joined_private.h"

#define COLLECTIONS "collections"

/* Those of this program, which every store may have. Names of others are noted. */
static const char *const always[] = {
    COLLECTIONS,    "cloud_estate", "cells",         "conversations",
    "chat_history", "plans",        "runs",          "approvals",
    "audit",        "audit_head",   "doc.accounts",  "doc.coverage",
    "doc.syncs",    "doc.settings", "doc.backups",   "doc.backup_schedule",
    BLOCK_CARDS,    BLOCK_VECTORS,  BLOCK_RELATIONS, "turn_runs",
};

enum esc_status collections_note(struct esc_store *store, const char *collection,
                                 struct esc_error *err)
{
    const struct place place = {.collection = COLLECTIONS, .id = esc_str_of(collection)};
    for (size_t i = 0; i < ESC_COUNT(always); i++) {
        if (esc_text_equal(collection, always[i]))
            return ESC_OK;
    }
    return row_put(store, &place, NULL, 0, err);
}

/* The names by their tags. */

struct named {
    struct tag tag;
    char *name;
};

static void named_free(void *item)
{
    struct named *named = item;
    free(named->name);
    free(named);
}

static const char *name_of(const struct esc_list *names, struct esc_str tag)
{
    for (size_t i = 0; i < names->count && tag.len == TAG_SIZE; i++) {
        const struct named *named = names->items[i];
        if (memcmp(named->tag.bytes, tag.ptr, TAG_SIZE) == 0)
            return named->name;
    }
    return NULL;
}

static void add_name(const struct esc_store *store, struct esc_str name, struct esc_list *names)
{
    struct named *named = esc_alloc_zero(sizeof *named);
    named->name = esc_str_dup(name);
    named->tag = keys_tag(store->keys, named->name);
    const bool is_known = name_of(names, bytes_of(named->tag.bytes, TAG_SIZE)) != NULL;
    if (is_known)
        named_free(named);
    else
        esc_list_push(names, named);
}

struct adding {
    const struct esc_store *store;
    struct esc_list *names;
};

static enum esc_status add_row(void *context, const struct row *row, bool *, struct esc_error *)
{
    const struct adding *adding = context;
    add_name(adding->store, row->parts[0], adding->names);
    return ESC_OK;
}

/* A damaged row here leaves its collection without a name, and is counted with all others. */
static enum esc_status load_names(struct esc_store *store, struct esc_list *names,
                                  struct esc_error *err)
{
    const struct walk walk = {.collection = COLLECTIONS};
    struct adding adding = {store, names};
    for (size_t i = 0; i < ESC_COUNT(always); i++)
        add_name(store, esc_str_of(always[i]), names);
    return rows_walk(store, &walk, add_row, &adding, NULL, err);
}

struct collection_names {
    struct esc_list list; /* struct named */
};

enum esc_status collections_names_load(struct esc_store *store, struct collection_names **out,
                                       struct esc_error *err)
{
    struct collection_names *names = esc_alloc_zero(sizeof *names);
    esc_list_init(&names->list, named_free);
    enum esc_status status = load_names(store, &names->list, err);
    if (status == ESC_OK)
        *out = names;
    else
        collections_names_free(names);
    return status;
}

void collections_names_free(struct collection_names *names)
{
    if (names)
        esc_list_done(&names->list);
    free(names);
}

const char *collections_name(const struct collection_names *names, struct esc_str tag)
{
    return name_of(&names->list, tag);
}

/* Opening every row */

struct opening_all {
    struct esc_store *store;
    const struct esc_list *names;
    collections_row_fn *fn;
    void *context;
    struct row row;
};

static enum esc_status open_one(struct opening_all *all, const struct db_statement *select,
                                bool *stop, struct esc_error *err)
{
    const struct esc_str tag = db_bytes(select, 7);
    const char *name = name_of(all->names, tag);
    if (!name) {
        char text[2 * TAG_SIZE + 1] = "";
        if (tag.len == TAG_SIZE)
            esc_hex(tag.ptr, TAG_SIZE, text);
        return esc_fail(err, ESC_CORRUPT, "row %lld is of a collection nobody knows: %s",
                        (long long)db_int(select, 0), text);
    }
    enum esc_status status = row_open(all->store, name, select, &all->row, err);
    if (status == ESC_OK && all->fn)
        status = all->fn(all->context, name, &all->row, stop, err);
    return status;
}

static enum esc_status open_each(struct opening_all *all, struct esc_store_tally *tally,
                                 struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *select = NULL;
    bool is_row = true, stop = false;
    struct esc_error why;
    enum esc_status status = db_prepare(
        all->store->db, "SELECT " ROW_COLUMNS ", tag FROM rows ORDER BY n", &select, err);
    while (status == ESC_OK && !stop) {
        status = db_step(select, &is_row, err);
        if (status != ESC_OK || !is_row)
            break;
        status = open_one(all, select, &stop, &why);
        tally->read += status == ESC_OK;
        if (status == ESC_CORRUPT && tally->corrupt++ == 0)
            tally->first = why;
        status = status == ESC_OK || status == ESC_CORRUPT
                     ? ESC_OK
                     : esc_fail(err, status, "%s", why.message);
    }
    return status;
}

enum esc_status collections_open_all(struct esc_store *store, collections_row_fn *fn, void *context,
                                     struct esc_store_tally *tally, struct esc_error *err)
{
    struct esc_list names;
    esc_list_init(&names, named_free);
    *tally = (struct esc_store_tally){0};
    struct opening_all all = {store, &names, fn, context, {0}};
    row_init(&all.row);
    enum esc_status status = load_names(store, &names, err);
    if (status == ESC_OK)
        status = open_each(&all, tally, err);
    row_done(&all.row);
    esc_list_done(&names);
    return status;
}
