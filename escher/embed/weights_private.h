/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The shape of the model, the bytes of the weight file's header, and the weights as pointers. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "escher/embed/encoder.h"
#include "escher/embed/weights.h"

enum {
    MODEL_HIDDEN = ESC_EMBED_DIMENSIONS,
    MODEL_HEADS = 12,
    MODEL_HEAD = MODEL_HIDDEN / MODEL_HEADS, /* 32 */
    MODEL_INNER = 4 * MODEL_HIDDEN,
    MODEL_POSITIONS = ESC_EMBED_MAX_TOKENS,
    MODEL_LAYERS_MAX = 12,
    MODEL_PIECES_MAX = 1 << 20
};

/* Sections. X(NAME, floats it holds, once or in every layer) */
#define WEIGHTS_SECTIONS(X)                                                                        \
    X(VOCAB, 0, false) /* bytes, of any size */                                                    \
    X(WORDS, 0, false) /* a row for each piece */                                                  \
    X(PLACES, MODEL_POSITIONS *MODEL_HIDDEN, false)                                                \
    X(NORM, 2 * MODEL_HIDDEN, false)                                                               \
    X(QKV, MODEL_HIDDEN * 3 * MODEL_HIDDEN, true)                                                  \
    X(MIX, MODEL_HIDDEN *MODEL_HIDDEN, true)                                                       \
    X(INNER, MODEL_HIDDEN *MODEL_INNER, true)                                                      \
    X(OUTER, MODEL_INNER *MODEL_HIDDEN, true)                                                      \
    X(VECTORS, VECTOR_FLOATS, true)

#define WEIGHTS_ENUM(name, floats, in_layers) SECTION_##name,
enum weights_section {
    WEIGHTS_SECTIONS(WEIGHTS_ENUM) SECTION_KINDS
};
#undef WEIGHTS_ENUM

/* The small vectors of a layer, one after the other in SECTION_VECTORS. */
enum {
    VECTOR_QKV_BIAS = 0,
    VECTOR_MIX_BIAS = VECTOR_QKV_BIAS + 3 * MODEL_HIDDEN,
    VECTOR_MIX_SCALE = VECTOR_MIX_BIAS + MODEL_HIDDEN,
    VECTOR_MIX_SHIFT = VECTOR_MIX_SCALE + MODEL_HIDDEN,
    VECTOR_INNER_BIAS = VECTOR_MIX_SHIFT + MODEL_HIDDEN,
    VECTOR_OUTER_BIAS = VECTOR_INNER_BIAS + MODEL_INNER,
    VECTOR_OUTER_SCALE = VECTOR_OUTER_BIAS + MODEL_HIDDEN,
    VECTOR_OUTER_SHIFT = VECTOR_OUTER_SCALE + MODEL_HIDDEN,
    VECTOR_FLOATS = VECTOR_OUTER_SHIFT + MODEL_HIDDEN
};

struct layer_weights {
    const float *qkv, *mix, *inner, *outer; /* panels */
    const float *vectors;
};

/* As pointers into the mapping. */
struct model_weights {
    const float *words, *places, *norm;
    struct layer_weights layers[MODEL_LAYERS_MAX];
    size_t layer_count;
};

const struct model_weights *weights_of_model(const struct esc_weights *weights);

/* The first 4096 bytes of a file, as they are. */
struct weights_header {
    char magic[8];
    uint32_t version, byte_order;
    uint64_t file_size;
    uint32_t layers, hidden, heads, inner, positions, pieces, tables, section_count;
    uint8_t source[32];
    char model[32];
    uint64_t hash;
    struct weights_entry {
        uint32_t kind, layer;
        uint64_t offset, size, hash;
    } sections[124];
};

#define WEIGHTS_MAGIC "escemb1\n"
enum {
    WEIGHTS_VERSION = 1,
    WEIGHTS_BYTE_ORDER = 0x01020304,
    WEIGHTS_ALIGN = 4096
};

uint64_t weights_header_hash(const struct weights_header *header);
/** Bytes that section @p kind must have; 0 for those that depend on the vocabulary. */
size_t weights_section_size(enum weights_section kind, size_t piece_count);
bool weights_section_in_layers(enum weights_section kind);
