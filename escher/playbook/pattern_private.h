/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The program of a pattern: one instruction per state, beginning at 0. */

#include <stdint.h>

#include "escher/playbook/pattern.h"

struct pattern_set {
    uint64_t bits[4]; /* one for each byte */
};

enum pattern_op {
    PATTERN_TAKE,  /* a byte of the set */
    PATTERN_SPLIT, /* both ways at once */
    PATTERN_JUMP,
    PATTERN_START, /* only at the start of the text */
    PATTERN_END,
    PATTERN_DONE,
};

struct pattern_instruction {
    enum pattern_op op;
    unsigned next, other;   /* other: SPLIT */
    struct pattern_set set; /* TAKE */
};

struct esc_pattern {
    char *text;
    struct pattern_instruction *program;
    unsigned count;
};
