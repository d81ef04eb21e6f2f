/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each section is made in memory, appended at the next multiple of 4096 and entered in the
 * header, which stands at the front as zeros until all else is there.
 */
#include "escher/embed/convert.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/json.h"
#include "escher/base/num.h"
#include "escher/embed/checksum.h"
#include "escher/embed/weights_private.h"
#include "escher/embed/wordpiece.h"
#include "escher/vec/kernel.h"

enum {
    NAME_SIZE = 128,
    LENGTH_SIZE = 8
};

struct converter {
    struct esc_json *tensors; /* the header of the safetensors file */
    struct esc_str data;      /* what its offsets count from */
    struct esc_buf *out;
    struct weights_header header;
    struct esc_error *err;
};

static enum esc_status read_tensors(struct converter *converter, struct esc_str model)
{
    uint64_t len = model.len >= LENGTH_SIZE ? esc_load_u64(model.ptr) : UINT64_MAX;
    if (model.len < LENGTH_SIZE || len > model.len - LENGTH_SIZE)
        return esc_fail(converter->err, ESC_INVALID, "this is no safetensors file");
    size_t end = LENGTH_SIZE + (size_t)len;
    converter->data = esc_str_slice(model, end, model.len);
    enum esc_status status = esc_json_parse(esc_str_slice(model, LENGTH_SIZE, end), NULL,
                                            &converter->tensors, converter->err);
    return status == ESC_OK ? ESC_OK : esc_wrap(converter->err, status, "header of the tensors");
}

static bool has_shape(const struct esc_json *tensor, size_t rows, size_t columns)
{
    const struct esc_json *shape = esc_json_get(tensor, "shape");
    int64_t first = esc_json_num(shape, "[0]", -1), second = esc_json_num(shape, "[1]", -1);
    if (rows == 1 && esc_json_len(shape) == 1)
        return first == (int64_t)columns;
    return esc_json_len(shape) == 2 && first == (int64_t)rows && second == (int64_t)columns;
}

/* The bytes of a float32 tensor of this shape (rows 1: a vector). */
static enum esc_status find_tensor(const struct converter *converter, const char *name, size_t rows,
                                   size_t columns, struct esc_str *out)
{
    const struct esc_json *tensor = esc_json_member(converter->tensors, name);
    int64_t from = esc_json_num(tensor, "data_offsets[0]", -1);
    int64_t to = esc_json_num(tensor, "data_offsets[1]", -1);
    if (!tensor)
        return esc_fail(converter->err, ESC_INVALID, "tensor `%s` is missing", name);
    if (strcmp(esc_json_str(tensor, "dtype", ""), "F32") != 0 || !has_shape(tensor, rows, columns))
        return esc_fail(converter->err, ESC_INVALID, "tensor `%s` is not %zu x %zu of F32", name,
                        rows, columns);
    if (from < 0 || to < from || (uint64_t)to > converter->data.len ||
        (uint64_t)(to - from) != (uint64_t)rows * columns * sizeof(float))
        return esc_fail(converter->err, ESC_INVALID, "tensor `%s` lies outside the file", name);
    *out = esc_str_slice(converter->data, (size_t)from, (size_t)to);
    return ESC_OK;
}

/* Copies rows * columns floats to @p out: in the file they may lie at any address. */
static enum esc_status copy_tensor(const struct converter *converter, const char *name, size_t rows,
                                   size_t columns, float *out)
{
    struct esc_str bytes;
    enum esc_status status = find_tensor(converter, name, rows, columns, &bytes);
    if (status != ESC_OK)
        return status;
    memcpy(out, bytes.ptr, bytes.len);
    for (size_t i = 0; i < rows * columns; i++)
        if (!isfinite(out[i]))
            return esc_fail(converter->err, ESC_INVALID, "tensor `%s` is not finite", name);
    return ESC_OK;
}

/* A row for each output, as published, becomes a column of a panel. */
static void pack_panels(const float *rows, size_t outputs, size_t depth, float *panels)
{
    for (size_t o = 0; o < outputs; o++) {
        float *column =
            panels + o / ESC_PANEL_COLUMNS * depth * ESC_PANEL_COLUMNS + o % ESC_PANEL_COLUMNS;
        for (size_t d = 0; d < depth; d++)
            column[d * ESC_PANEL_COLUMNS] = rows[o * depth + d];
    }
}

static enum esc_status copy_panels(const struct converter *converter, const char *name,
                                   size_t outputs, size_t depth, float *panels)
{
    ESC_CLEANUP(esc_freep) float *rows = esc_alloc_array(outputs * depth, sizeof *rows);
    enum esc_status status = copy_tensor(converter, name, outputs, depth, rows);
    if (status == ESC_OK)
        pack_panels(rows, outputs, depth, panels);
    return status;
}

static void pad(struct esc_buf *out)
{
    static const char zeros[WEIGHTS_ALIGN];
    esc_buf_append(out, zeros, (WEIGHTS_ALIGN - out->len % WEIGHTS_ALIGN) % WEIGHTS_ALIGN);
}

static void add_section(struct converter *converter, enum weights_section kind, size_t layer,
                        struct esc_str bytes)
{
    struct weights_header *header = &converter->header;
    pad(converter->out);
    header->sections[header->section_count++] =
        (struct weights_entry){.kind = kind,
                               .layer = (uint32_t)layer,
                               .offset = converter->out->len,
                               .size = bytes.len,
                               .hash = esc_xxh64(bytes)};
    esc_buf_add(converter->out, bytes);
}

static void make_name(char out[NAME_SIZE], size_t layer, const char *part)
{
    snprintf(out, NAME_SIZE, "encoder.layer.%zu.%s", layer, part);
}

enum {
    TOKEN_TYPES = 2,
    PUBLISHED_POSITIONS = 512
};

static enum esc_status make_places(const struct converter *converter, float *floats)
{
    float types[TOKEN_TYPES * MODEL_HIDDEN];
    ESC_CLEANUP(esc_freep)
    float *all = esc_alloc_array(PUBLISHED_POSITIONS * MODEL_HIDDEN, sizeof *all);
    enum esc_status status = copy_tensor(converter, "embeddings.position_embeddings.weight",
                                         PUBLISHED_POSITIONS, MODEL_HIDDEN, all);
    if (status == ESC_OK)
        status = copy_tensor(converter, "embeddings.token_type_embeddings.weight", TOKEN_TYPES,
                             MODEL_HIDDEN, types);
    if (status == ESC_OK)
        for (size_t i = 0; i < MODEL_POSITIONS * MODEL_HIDDEN; i++)
            floats[i] = all[i] + types[i % MODEL_HIDDEN];
    return status;
}

static enum esc_status make_norm(const struct converter *converter, float *floats)
{
    enum esc_status status =
        copy_tensor(converter, "embeddings.LayerNorm.weight", 1, MODEL_HIDDEN, floats);
    return status == ESC_OK ? copy_tensor(converter, "embeddings.LayerNorm.bias", 1, MODEL_HIDDEN,
                                          floats + MODEL_HIDDEN)
                            : status;
}

static void scale_query(float *floats, size_t count)
{
    for (size_t i = 0; i < count; i++)
        floats[i] = (float)((double)floats[i] / sqrt(MODEL_HEAD));
}

static enum esc_status make_qkv(const struct converter *converter, size_t layer, float *floats)
{
    static const char *const parts[] = {"query", "key", "value"};
    const size_t part_floats = (size_t)MODEL_HIDDEN * MODEL_HIDDEN;
    enum esc_status status = ESC_OK;
    for (size_t i = 0; i < ESC_COUNT(parts) && status == ESC_OK; i++) {
        char name[NAME_SIZE];
        snprintf(name, sizeof name, "encoder.layer.%zu.attention.self.%s.weight", layer, parts[i]);
        status = copy_panels(converter, name, MODEL_HIDDEN, MODEL_HIDDEN, floats + i * part_floats);
    }
    if (status == ESC_OK)
        scale_query(floats, part_floats);
    return status;
}

/* The vectors of a layer and their places. */
static const struct {
    const char *name;
    size_t at, count;
} vectors[] = {
    {"attention.self.query.bias", VECTOR_QKV_BIAS, MODEL_HIDDEN},
    {"attention.self.key.bias", VECTOR_QKV_BIAS + MODEL_HIDDEN, MODEL_HIDDEN},
    {"attention.self.value.bias", VECTOR_QKV_BIAS + 2 * MODEL_HIDDEN, MODEL_HIDDEN},
    {"attention.output.dense.bias", VECTOR_MIX_BIAS, MODEL_HIDDEN},
    {"attention.output.LayerNorm.weight", VECTOR_MIX_SCALE, MODEL_HIDDEN},
    {"attention.output.LayerNorm.bias", VECTOR_MIX_SHIFT, MODEL_HIDDEN},
    {"intermediate.dense.bias", VECTOR_INNER_BIAS, MODEL_INNER},
    {"output.dense.bias", VECTOR_OUTER_BIAS, MODEL_HIDDEN},
    {"output.LayerNorm.weight", VECTOR_OUTER_SCALE, MODEL_HIDDEN},
    {"output.LayerNorm.bias", VECTOR_OUTER_SHIFT, MODEL_HIDDEN},
};

static enum esc_status make_vectors(const struct converter *converter, size_t layer, float *floats)
{
    enum esc_status status = ESC_OK;
    for (size_t i = 0; i < ESC_COUNT(vectors) && status == ESC_OK; i++) {
        char name[NAME_SIZE];
        make_name(name, layer, vectors[i].name);
        status = copy_tensor(converter, name, 1, vectors[i].count, floats + vectors[i].at);
    }
    if (status == ESC_OK)
        scale_query(floats + VECTOR_QKV_BIAS, MODEL_HIDDEN);
    return status;
}

static enum esc_status make_matrix(const struct converter *converter, size_t layer,
                                   const char *part, size_t outputs, size_t depth, float *floats)
{
    char name[NAME_SIZE];
    make_name(name, layer, part);
    return copy_panels(converter, name, outputs, depth, floats);
}

/* The floats of a section; the vocabulary has none. */
static enum esc_status make_section(const struct converter *converter, enum weights_section kind,
                                    size_t layer, float *floats)
{
    switch (kind) {
    case SECTION_WORDS:
        return copy_tensor(converter, "embeddings.word_embeddings.weight", converter->header.pieces,
                           MODEL_HIDDEN, floats);
    case SECTION_PLACES:
        return make_places(converter, floats);
    case SECTION_NORM:
        return make_norm(converter, floats);
    case SECTION_QKV:
        return make_qkv(converter, layer, floats);
    case SECTION_MIX:
        return make_matrix(converter, layer, "attention.output.dense.weight", MODEL_HIDDEN,
                           MODEL_HIDDEN, floats);
    case SECTION_INNER:
        return make_matrix(converter, layer, "intermediate.dense.weight", MODEL_INNER, MODEL_HIDDEN,
                           floats);
    case SECTION_OUTER:
        return make_matrix(converter, layer, "output.dense.weight", MODEL_HIDDEN, MODEL_INNER,
                           floats);
    default:
        return make_vectors(converter, layer, floats);
    }
}

static enum esc_status add_made(struct converter *converter, enum weights_section kind,
                                size_t layer)
{
    size_t size = weights_section_size(kind, converter->header.pieces);
    ESC_CLEANUP(esc_freep) float *floats = esc_alloc_zero(size);
    enum esc_status status = make_section(converter, kind, layer, floats);
    if (status == ESC_OK)
        add_section(converter, kind, layer, (struct esc_str){(const char *)floats, size});
    return status;
}

static enum esc_status add_vocab(struct converter *converter, struct esc_str text)
{
    struct esc_buf nodes;
    esc_buf_init(&nodes, converter->out->max);
    enum esc_status status = esc_vocab_build(text, &nodes, converter->err);
    for (size_t i = 0; i < text.len; i++)
        converter->header.pieces += text.ptr[i] == '\n' || i + 1 == text.len;
    if (status == ESC_OK && converter->header.pieces > MODEL_PIECES_MAX)
        status = esc_fail(converter->err, ESC_LIMIT, "the vocabulary has over %d pieces",
                          MODEL_PIECES_MAX);
    if (status == ESC_OK)
        add_section(converter, SECTION_VOCAB, 0, esc_buf_str(&nodes));
    esc_buf_done(&nodes);
    return status;
}

static enum esc_status count_layers(struct converter *converter)
{
    char name[NAME_SIZE];
    uint32_t count = 0;
    for (;; count++) {
        make_name(name, count, "output.dense.weight");
        if (!esc_json_member(converter->tensors, name))
            break;
    }
    if (count == 0 || count > MODEL_LAYERS_MAX)
        return esc_fail(converter->err, ESC_INVALID, "the model has %u layers, not 1 to %d", count,
                        MODEL_LAYERS_MAX);
    converter->header.layers = count;
    return ESC_OK;
}

static enum esc_status add_sections(struct converter *converter, struct esc_str vocab)
{
    enum esc_status status = add_vocab(converter, vocab);
    for (enum weights_section kind = SECTION_WORDS; kind < SECTION_KINDS; kind++) {
        size_t layers = weights_section_in_layers(kind) ? converter->header.layers : 1;
        for (size_t layer = 0; layer < layers && status == ESC_OK; layer++)
            status = add_made(converter, kind, layer);
    }
    return status;
}

static void fill_header(struct converter *converter, const struct esc_convert_input *input)
{
    struct weights_header *header = &converter->header;
    memcpy(header->magic, WEIGHTS_MAGIC, sizeof header->magic);
    header->version = WEIGHTS_VERSION;
    header->byte_order = WEIGHTS_BYTE_ORDER;
    header->hidden = MODEL_HIDDEN;
    header->heads = MODEL_HEADS;
    header->inner = MODEL_INNER;
    header->positions = MODEL_POSITIONS;
    header->tables = ESC_WORDPIECE_TABLES;
    memcpy(header->source, input->source, sizeof header->source);
    snprintf(header->model, sizeof header->model, "%s", input->name);
    header->file_size = converter->out->len;
    header->hash = weights_header_hash(header);
    memcpy(converter->out->ptr, header, sizeof *header);
}

enum esc_status esc_convert(const struct esc_convert_input *input, struct esc_buf *out,
                            struct esc_error *err)
{
    struct converter converter = {.out = out, .err = err};
    enum esc_status status = read_tensors(&converter, input->model);
    esc_buf_append(out, &converter.header, sizeof converter.header);
    if (status == ESC_OK)
        status = count_layers(&converter);
    if (status == ESC_OK)
        status = add_sections(&converter, input->vocab);
    esc_json_free(converter.tensors);
    if (status == ESC_OK)
        status = esc_buf_status(out, "the weight file", err);
    if (status == ESC_OK)
        fill_header(&converter, input);
    return status;
}
