/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A block: version │ count of rows │ rows. Numbers are those of base/varint.h.
 *
 *     row     id, flags, relations (count; kind, target), leads (count; hosts), names (count; hosts)
 *     id, kind, target, host
 *             n + 1 for the n-th text of the block; or 0, how many bytes are as in the text before,
 *             how many follow, and these: a new text
 *
 * Ids of a block have their beginnings in common, and most targets are named by many rows.
 */

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/arena.h"
#include "escher/base/limits.h"
#include "escher/base/varint.h"
#include "escher/work/impact_private.h"

enum {
    VERSION = 1,
    FLAG_CUT = 1, /* a zone not all of whose records are known */
    NO_NODE = UINT32_MAX
};

/* ---- writing ---- */

struct impact_block {
    struct esc_map *numbers; /* text → its number from 1, as a pointer */
    char *last;              /* the text that was new before */
    struct esc_buf rows;
    size_t row_count;
};

struct impact_block *impact_block_new(void)
{
    struct impact_block *block = esc_alloc_zero(sizeof *block);
    block->numbers = esc_map_new(NULL);
    block->last = esc_strdup("");
    esc_buf_init(&block->rows, ESC_MAX_JSON);
    return block;
}

void impact_block_free(struct impact_block *block)
{
    if (!block)
        return;
    esc_map_free(block->numbers);
    free(block->last);
    esc_buf_done(&block->rows);
    free(block);
}

static size_t shared_len(struct esc_str text, const char *last)
{
    size_t len = 0;
    while (len < text.len && last[len] && text.ptr[len] == last[len])
        len++;
    return len;
}

static void add_text(struct impact_block *block, struct esc_str text)
{
    uintptr_t number = (uintptr_t)esc_map_get(block->numbers, text);
    if (number) {
        esc_varint_add(&block->rows, number);
        return;
    }
    number = esc_map_count(block->numbers) + 1;
    esc_map_set(block->numbers, text, (void *)number);
    const size_t shared = shared_len(text, block->last);
    esc_varint_add(&block->rows, 0);
    esc_varint_add(&block->rows, shared);
    esc_varint_add(&block->rows, text.len - shared);
    esc_buf_add(&block->rows, esc_str_slice(text, shared, text.len));
    free(block->last);
    block->last = esc_str_dup(text);
}

static void count_host(void *context, struct esc_str)
{
    ++*(size_t *)context;
}

static void add_host(void *context, struct esc_str host)
{
    add_text(context, host);
}

static void add_hosts(struct impact_block *block, const struct esc_resource *resource,
                      void (*of)(const struct esc_resource *, impact_host_fn *, void *))
{
    size_t count = 0;
    of(resource, count_host, &count);
    esc_varint_add(&block->rows, count);
    of(resource, add_host, block);
}

void impact_block_add(struct impact_block *block, const struct esc_resource *resource)
{
    const bool is_cut = esc_text_equal(resource->resource_type, "hosted_zone") &&
                        (esc_json_flag(resource->metadata, "records_cut", false) ||
                         esc_json_flag(resource->metadata, "records_unread", false));
    block->row_count++;
    add_text(block, esc_str_of(resource->id));
    esc_varint_add(&block->rows, is_cut ? FLAG_CUT : 0);
    esc_varint_add(&block->rows, resource->relation_count);
    for (size_t i = 0; i < resource->relation_count; i++) {
        add_text(block, esc_str_of(resource->relations[i].kind));
        add_text(block, esc_str_of(resource->relations[i].target));
    }
    add_hosts(block, resource, impact_leads_of);
    add_hosts(block, resource, impact_names_of);
}

void impact_block_write(const struct impact_block *block, struct esc_buf *out)
{
    esc_buf_add_char(out, VERSION);
    esc_varint_add(out, block->row_count);
    esc_buf_add(out, esc_buf_str(&block->rows));
    if (block->rows.status != ESC_OK)
        out->status = block->rows.status;
}

/* ---- reading ---- */

struct text {
    struct esc_str bytes; /* in the arena of the reader */
    const struct esc_relation_kind *kind;
    uint32_t node; /* NO_NODE: not yet asked for */
    bool is_kind;  /* was asked for as one */
};

struct reader {
    struct impact_estate *estate; /* NULL: only looks whether it is in order */
    struct esc_str rest;
    bool failed;
    struct esc_arena arena;
    struct text *texts;
    size_t count, capacity;
};

static uint64_t take_number(struct reader *reader)
{
    uint64_t number = 0;
    if (!esc_varint_take(&reader->rest, &number))
        reader->failed = true;
    return reader->failed ? 0 : number;
}

static struct text *take_new_text(struct reader *reader)
{
    static const struct esc_str none = {"", 0};
    const struct esc_str last = reader->count ? reader->texts[reader->count - 1].bytes : none;
    const uint64_t shared = take_number(reader), len = take_number(reader);
    if (reader->failed || shared > last.len || len > reader->rest.len) {
        reader->failed = true;
        return NULL;
    }
    if (reader->count == reader->capacity) {
        reader->capacity = reader->capacity * 2 + 512;
        reader->texts = esc_realloc_array(reader->texts, reader->capacity, sizeof *reader->texts);
    }
    char *bytes = esc_arena_alloc(&reader->arena, (size_t)(shared + len) + 1);
    memcpy(bytes, last.ptr, (size_t)shared);
    memcpy(bytes + shared, reader->rest.ptr, (size_t)len);
    reader->rest = esc_str_slice(reader->rest, (size_t)len, reader->rest.len);
    reader->texts[reader->count] =
        (struct text){.bytes = {bytes, (size_t)(shared + len)}, .node = NO_NODE};
    return &reader->texts[reader->count++];
}

/* Until the next one is taken; NULL when it failed. */
static struct text *take_text(struct reader *reader)
{
    const uint64_t number = take_number(reader);
    if (!reader->failed && number == 0)
        return take_new_text(reader);
    if (number > reader->count)
        reader->failed = true;
    return reader->failed ? NULL : &reader->texts[number - 1];
}

static uint32_t node_of(const struct reader *reader, struct text *text)
{
    if (text->node == NO_NODE)
        text->node = esc_impact_graph_node(reader->estate->graph, text->bytes);
    return text->node;
}

static const struct esc_relation_kind *kind_of(struct text *text)
{
    if (!text->is_kind)
        text->kind = esc_relation_kind_find(text->bytes.ptr); /* the arena's ends with a zero */
    text->is_kind = true;
    return text->kind;
}

/* @p holder NO_NODE: of another account. */
static void read_relations(struct reader *reader, uint32_t holder)
{
    const uint64_t count = take_number(reader);
    for (uint64_t i = 0; i < count && !reader->failed; i++) {
        struct text *name = take_text(reader);
        const struct esc_relation_kind *kind = name ? kind_of(name) : NULL;
        struct text *target = take_text(reader);
        if (target && kind && holder != NO_NODE)
            esc_impact_graph_relate(reader->estate->graph, holder, kind, node_of(reader, target));
    }
}

static void read_hosts(struct reader *reader, uint32_t node,
                       void (*fn)(struct impact_names *, uint32_t, struct esc_str))
{
    const uint64_t count = take_number(reader);
    for (uint64_t i = 0; i < count && !reader->failed; i++) {
        const struct text *host = take_text(reader);
        if (host && node != NO_NODE)
            fn(&reader->estate->names, node, host->bytes);
    }
}

static void read_row(struct reader *reader)
{
    uint32_t node = NO_NODE;
    struct text *id = take_text(reader);
    struct impact_estate *estate = reader->estate;
    if (id && estate && esc_str_starts_with(id->bytes, esc_str_of(estate->head))) {
        node = node_of(reader, id);
        esc_impact_graph_add(estate->graph, node);
    }
    if (take_number(reader) & FLAG_CUT && node != NO_NODE)
        esc_list_push(&estate->cut_zones, esc_strdup(esc_impact_graph_id(estate->graph, node)));
    read_relations(reader, node);
    read_hosts(reader, node, impact_names_lead);
    read_hosts(reader, node, impact_names_name);
}

static bool read_all(struct impact_estate *estate, struct esc_str bytes)
{
    struct reader reader = {.estate = estate, .rest = bytes};
    esc_arena_init(&reader.arena);
    if (take_number(&reader) != VERSION)
        reader.failed = true;
    const uint64_t count = take_number(&reader);
    for (uint64_t i = 0; i < count && !reader.failed; i++)
        read_row(&reader);
    esc_arena_done(&reader.arena);
    free(reader.texts);
    return !reader.failed && reader.rest.len == 0;
}

enum esc_status impact_block_read(struct impact_estate *estate, struct esc_str bytes,
                                  struct esc_error *err)
{
    if (!read_all(NULL, bytes) || !read_all(estate, bytes))
        return esc_fail(err, ESC_CORRUPT, "the relations of a block are not in our form");
    return ESC_OK;
}
