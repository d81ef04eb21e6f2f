/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/varint.h"

void esc_varint_add(struct esc_buf *out, uint64_t number)
{
    for (; number >= 0x80; number >>= 7)
        esc_buf_add_char(out, (char)(0x80 | (number & 0x7f)));
    esc_buf_add_char(out, (char)number);
}

bool esc_varint_take(struct esc_str *from, uint64_t *out)
{
    *out = 0;
    for (unsigned shift = 0; from->len > 0 && shift < 64; shift += 7) {
        const uint8_t byte = (uint8_t)*from->ptr;
        *from = esc_str_slice(*from, 1, from->len);
        *out |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return true;
    }
    return false;
}
