/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Text to the ids of word pieces, exactly as the HF tokenizers library does it for uncased BERT:
 *
 *     special strings ─▶ clean ─▶ space around CJK ─▶ NFD without marks ─▶ lower case
 *         ─▶ words (white space; each punctuation alone) ─▶ greedy longest pieces
 *
 * The character tables are those of that library, not of the newest Unicode
 * (tools/unicode-generate). Time is linear in the bytes read; reading stops when @p max is full.
 */

#include <stddef.h>
#include <stdint.h>

#include "escher/embed/vocab.h"

enum {
    ESC_WORDPIECE_TABLES = 1,          /* version of the rules and tables; part of the space id */
    ESC_WORDPIECE_MAX_WORD_CHARS = 100 /* a longer word is [UNK] */
};

/** Writes [CLS], at most @p max - 2 pieces and [SEP] to @p ids (max >= 2); returns how many. */
size_t esc_wordpiece_encode(const struct esc_vocab *vocab, struct esc_str text, size_t max,
                            int32_t *ids);
/** The same without [CLS] and [SEP]: at most @p max pieces. */
size_t esc_wordpiece_pieces(const struct esc_vocab *vocab, struct esc_str text, size_t max,
                            int32_t *ids);
