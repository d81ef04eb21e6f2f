/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the tokenizer must know of a character, from tables in unicode_table.c that
 * tools/unicode-generate writes. U+0000 .. U+10FFFF; what is in no table is a letter without
 * order, decomposition or lower case.
 */

#include <stddef.h>
#include <stdint.h>

enum unicode_class {
    UNICODE_LETTER,      /* part of a word; digits, signs and unassigned characters too */
    UNICODE_DROPPED,     /* controls but tab and line ends, formats, private use */
    UNICODE_SPACE,       /* ends a word */
    UNICODE_IDEOGRAPH,   /* a word of its own, before it is decomposed */
    UNICODE_MARK,        /* dropped after decomposition: accents */
    UNICODE_PUNCTUATION, /* a word of its own */
};

enum {
    UNICODE_MAX_PARTS = 4
};

enum unicode_class unicode_class_of(uint32_t point);
/** The canonical combining class: 0 for what starts a character, else where a mark belongs. */
unsigned unicode_order_of(uint32_t point);
uint32_t unicode_lower_of(uint32_t point);
/** Writes the full canonical decomposition (@p point itself when it has none); returns its length. */
size_t unicode_decompose(uint32_t point, uint32_t parts[UNICODE_MAX_PARTS]);

struct unicode_range {
    uint32_t first, last;
    uint8_t value;
};
struct unicode_decomposition {
    uint32_t point;
    uint16_t first_part; /* in unicode_parts */
    uint8_t part_count;
};
struct unicode_lower {
    uint32_t first, last; /* each step-th of them has a lower case */
    uint8_t step;
    int32_t by; /* that far away */
};

extern const struct unicode_range unicode_classes[], unicode_orders[];
extern const struct unicode_decomposition unicode_decompositions[];
extern const uint32_t unicode_parts[];
extern const struct unicode_lower unicode_lowers[];
extern const size_t unicode_class_count, unicode_order_count, unicode_decomposition_count;
extern const size_t unicode_lower_count;
