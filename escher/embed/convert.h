/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Makes a weight file out of a published model: safetensors (an 8-byte length, a JSON header, raw
 * tensors) and its vocab.txt. Done once, when the project is set up.
 *
 * Checked: the names, types and shapes of all tensors used, that their bytes lie in the file and
 * their values are finite, and the vocabulary. Not checked: that this is the model it is said to
 * be; apps/weights compares the SHA-256 of both files with the pinned ones.
 *
 * Folded, exactly but for the last rounding: the scale of attention into the query weights and
 * bias, the first token type (the only one here) into the positions. Left out: positions beyond
 * 256, the pooler.
 *
 * @source safetensors format description; names as in transformers' BertModel
 */

#include <stdint.h>

#include "escher/base/buf.h"
#include "escher/base/error.h"
#include "escher/base/str.h"

struct esc_convert_input {
    struct esc_str model, vocab; /* whole files; borrowed */
    const uint8_t *source;       /* 32 bytes, SHA-256 of the model; kept in the file */
    const char *name;            /* the first part of the space id, at most 31 bytes */
};

/** Appends the weight file to @p out, which must be empty. @errors ESC_INVALID, ESC_LIMIT. */
enum esc_status esc_convert(const struct esc_convert_input *input, struct esc_buf *out,
                            struct esc_error *err);
