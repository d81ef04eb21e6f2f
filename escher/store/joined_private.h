/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Lists of texts as one text: each piece is its length (4 bytes, little-endian) and its bytes, so
 * that no two lists read the same. What is authenticated, what is hashed to a blind name, and
 * what a row holds are such lists.
 */

#include <stdint.h>

#include "escher/base/buf.h"
#include "escher/base/str.h"

void piece_add(struct esc_buf *out, struct esc_str piece);
void piece_add_number(struct esc_buf *out, int64_t number); /* as 8 bytes */
/** Takes the first piece off *rest; false when there is no whole one. */
bool piece_take(struct esc_str *rest, struct esc_str *piece);

static inline struct esc_str bytes_of(const void *bytes, size_t len)
{
    return (struct esc_str){bytes, len};
}
