/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The word pieces of a BERT vocabulary as a trie over bytes, in a form that lies in the weight
 * file as it is and needs no memory of its own.
 *
 * Node 0 is where a word begins, node 1 where its continuation does ("##ing" is "ing" below it).
 * The children of a node lie side by side, sorted by byte, and always after it.
 */

#include <stdint.h>

#include "escher/base/buf.h"
#include "escher/base/error.h"
#include "escher/base/str.h"

struct esc_vocab_node {
    uint32_t first_child;
    uint16_t child_count;
    uint8_t byte;   /* the last byte of the way here */
    uint8_t unused; /* 0 */
    int32_t id;     /* of the piece that ends here; -1: none does */
};

struct esc_vocab {
    const struct esc_vocab_node *nodes; /* borrowed */
    size_t node_count;
    uint32_t piece_count;                   /* ids are below it */
    int32_t pad, unknown, start, end, mask; /* [PAD] [UNK] [CLS] [SEP] [MASK] */
};

enum esc_vocab_place {
    ESC_VOCAB_WORD,
    ESC_VOCAB_CONTINUATION,
};

/**
 * Builds the trie of a vocab.txt (a piece a line, the line number is the id), appending its
 * nodes to @p nodes.
 * @errors ESC_INVALID: empty or doubled piece, or one of the five special pieces is missing.
 */
enum esc_status esc_vocab_build(struct esc_str text, struct esc_buf *nodes, struct esc_error *err);

/**
 * Makes *out look at @p nodes (4-byte aligned, borrowed), after checking that no walk through
 * them can leave them or go on for ever.
 * @errors ESC_CORRUPT.
 */
enum esc_status esc_vocab_open(struct esc_str nodes, uint32_t piece_count, struct esc_vocab *out,
                               struct esc_error *err);

/** Length of the longest piece that @p text begins with and its id in *id; 0 when there is none. */
size_t esc_vocab_match(const struct esc_vocab *vocab, enum esc_vocab_place place,
                       struct esc_str text, int32_t *id);
