/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/embed/weights.h"

#include <assert.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/num.h"
#include "escher/embed/checksum.h"
#include "escher/embed/weights_private.h"
#include "escher/embed/wordpiece.h"

static_assert(sizeof(struct weights_header) == WEIGHTS_ALIGN, "the header is one page");
static_assert(offsetof(struct weights_header, sections) == 128, "the table begins at 128");
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the file is used as it lies");

enum {
    SPACE_TEXT = 96
};

struct esc_weights {
    atomic_size_t references;
    struct esc_mapping mapping;
    const struct weights_header *header; /* in the mapping */
    struct esc_vocab vocab;
    struct model_weights model;
    char source[ESC_HEX_SHA256 + 1];
    char space_id[SPACE_TEXT];
};

uint64_t weights_header_hash(const struct weights_header *header)
{
    struct weights_header copy = *header;
    copy.hash = 0;
    return esc_xxh64((struct esc_str){(const char *)&copy, sizeof copy});
}

#define WEIGHTS_ROW(name, floats, in_layers) [SECTION_##name] = {floats, in_layers},
static const struct {
    size_t floats;
    bool in_layers;
} kinds[SECTION_KINDS] = {WEIGHTS_SECTIONS(WEIGHTS_ROW)};
#undef WEIGHTS_ROW

size_t weights_section_size(enum weights_section kind, size_t piece_count)
{
    size_t floats = kind == SECTION_WORDS ? piece_count * MODEL_HIDDEN : kinds[kind].floats;
    return floats * sizeof(float);
}

bool weights_section_in_layers(enum weights_section kind)
{
    return kinds[kind].in_layers;
}

static enum esc_status check_header(const struct esc_mapping *mapping, struct esc_error *err)
{
    const struct weights_header *header = mapping->ptr;
    if (mapping->len < sizeof *header ||
        memcmp(header->magic, WEIGHTS_MAGIC, sizeof header->magic) != 0)
        return esc_fail(err, ESC_CORRUPT, "this is no weight file");
    if (header->version != WEIGHTS_VERSION || header->byte_order != WEIGHTS_BYTE_ORDER)
        return esc_fail(err, ESC_CORRUPT, "version %" PRIu32 " is not the one read here (%d)",
                        header->version, WEIGHTS_VERSION);
    if (header->hash != weights_header_hash(header))
        return esc_fail(err, ESC_CORRUPT, "the header is damaged");
    if (header->file_size != mapping->len)
        return esc_fail(err, ESC_CORRUPT, "%zu bytes long instead of %" PRIu64, mapping->len,
                        header->file_size);
    return ESC_OK;
}

static enum esc_status check_shape(const struct weights_header *header, struct esc_error *err)
{
    bool same = header->hidden == MODEL_HIDDEN && header->heads == MODEL_HEADS &&
                header->inner == MODEL_INNER && header->positions == MODEL_POSITIONS;
    if (!same || header->layers == 0 || header->layers > MODEL_LAYERS_MAX ||
        header->pieces > MODEL_PIECES_MAX || header->section_count > ESC_COUNT(header->sections) ||
        memchr(header->model, 0, sizeof header->model) == NULL)
        return esc_fail(err, ESC_CORRUPT, "a model of another shape");
    if (header->tables != ESC_WORDPIECE_TABLES)
        return esc_fail(err, ESC_CORRUPT, "made for version %" PRIu32 " of the tokenizer, not %d",
                        header->tables, ESC_WORDPIECE_TABLES);
    return ESC_OK;
}

static bool entry_is_sound(const struct esc_weights *weights, const struct weights_entry *entry,
                           size_t wanted)
{
    return entry->offset % WEIGHTS_ALIGN == 0 && entry->offset <= weights->mapping.len &&
           entry->size <= weights->mapping.len - entry->offset &&
           (wanted == 0 || entry->size == wanted);
}

/* NULL when it is absent, misplaced or of another size. */
static const struct weights_entry *entry_of(const struct esc_weights *weights,
                                            enum weights_section kind, size_t layer)
{
    size_t wanted = weights_section_size(kind, weights->header->pieces);
    for (size_t i = 0; i < weights->header->section_count; i++) {
        const struct weights_entry *entry = &weights->header->sections[i];
        if (entry->kind == kind && entry->layer == layer)
            return entry_is_sound(weights, entry, wanted) ? entry : NULL;
    }
    return NULL;
}

static struct esc_str bytes_of(const struct esc_weights *weights, const struct weights_entry *entry)
{
    return (struct esc_str){(const char *)weights->mapping.ptr + entry->offset, entry->size};
}

/* Where the floats of a section go; the vocabulary has its own form. */
static const float **place_of(struct model_weights *model, enum weights_section kind, size_t layer)
{
    struct layer_weights *here = &model->layers[layer];
    const float **const places[SECTION_KINDS] = {
        [SECTION_WORDS] = &model->words, [SECTION_PLACES] = &model->places,
        [SECTION_NORM] = &model->norm,   [SECTION_QKV] = &here->qkv,
        [SECTION_MIX] = &here->mix,      [SECTION_INNER] = &here->inner,
        [SECTION_OUTER] = &here->outer,  [SECTION_VECTORS] = &here->vectors,
    };
    return places[kind];
}

static enum esc_status find_section(struct esc_weights *weights, enum weights_section kind,
                                    size_t layer, struct esc_error *err)
{
    const struct weights_entry *entry = entry_of(weights, kind, layer);
    if (!entry)
        return esc_fail(err, ESC_CORRUPT, "section %d of layer %zu is missing or misplaced",
                        (int)kind, layer);
    struct esc_str bytes = bytes_of(weights, entry);
    if (kind == SECTION_VOCAB)
        return esc_vocab_open(bytes, weights->header->pieces, &weights->vocab, err);
    *place_of(&weights->model, kind, layer) = (const float *)(const void *)bytes.ptr;
    return ESC_OK;
}

static size_t layers_with(const struct esc_weights *weights, enum weights_section kind)
{
    return weights_section_in_layers(kind) ? weights->header->layers : 1;
}

static enum esc_status find_sections(struct esc_weights *weights, struct esc_error *err)
{
    enum esc_status status = ESC_OK;
    weights->model.layer_count = weights->header->layers;
    for (enum weights_section kind = 0; kind < SECTION_KINDS; kind++)
        for (size_t layer = 0; layer < layers_with(weights, kind) && status == ESC_OK; layer++)
            status = find_section(weights, kind, layer, err);
    return status;
}

static void name_space(struct esc_weights *weights)
{
    const struct weights_header *header = weights->header;
    esc_hex(header->source, sizeof header->source, weights->source);
    snprintf(weights->space_id, sizeof weights->space_id, "%s/%.16s/t%" PRIu32 "/f32",
             header->model, weights->source, header->tables);
}

static enum esc_status open_mapping(struct esc_weights *weights, const char *path,
                                    struct esc_error *err)
{
    enum esc_status status = esc_file_map(path, &weights->mapping, err);
    if (status != ESC_OK)
        return status;
    weights->header = weights->mapping.ptr;
    if ((status = check_header(&weights->mapping, err)) == ESC_OK &&
        (status = check_shape(weights->header, err)) == ESC_OK &&
        (status = find_sections(weights, err)) == ESC_OK)
        name_space(weights);
    return status == ESC_OK ? ESC_OK : esc_wrap(err, status, "%s", path);
}

enum esc_status esc_weights_open(const char *path, struct esc_weights **out, struct esc_error *err)
{
    ESC_CLEANUP(esc_weights_unrefp)
    struct esc_weights *weights = esc_alloc_zero(sizeof *weights);
    atomic_init(&weights->references, 1);
    enum esc_status status = open_mapping(weights, path, err);
    if (status == ESC_OK)
        *out = ESC_STEAL(weights);
    return status;
}

struct esc_weights *esc_weights_ref(struct esc_weights *weights)
{
    atomic_fetch_add(&weights->references, 1);
    return weights;
}

void esc_weights_unref(struct esc_weights *weights)
{
    if (!weights || atomic_fetch_sub(&weights->references, 1) > 1)
        return;
    esc_file_unmap(&weights->mapping);
    free(weights);
}

enum esc_status esc_weights_verify(const struct esc_weights *weights, struct esc_error *err)
{
    for (enum weights_section kind = 0; kind < SECTION_KINDS; kind++)
        for (size_t layer = 0; layer < layers_with(weights, kind); layer++) {
            const struct weights_entry *entry = entry_of(weights, kind, layer);
            if (esc_xxh64(bytes_of(weights, entry)) != entry->hash)
                return esc_fail(err, ESC_CORRUPT, "section %d of layer %zu is damaged", (int)kind,
                                layer);
        }
    return ESC_OK;
}

const char *esc_weights_source(const struct esc_weights *weights)
{
    return weights->source;
}

const char *esc_weights_space_id(const struct esc_weights *weights)
{
    return weights->space_id;
}

const struct esc_vocab *esc_weights_vocab(const struct esc_weights *weights)
{
    return &weights->vocab;
}

const struct model_weights *weights_of_model(const struct esc_weights *weights)
{
    return &weights->model;
}
