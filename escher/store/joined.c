/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/joined_private.h"

#include "escher/base/num.h"

void piece_add(struct esc_buf *out, struct esc_str piece)
{
    char len[4];
    esc_store_u32(len, (uint32_t)piece.len);
    esc_buf_append(out, len, sizeof len);
    esc_buf_add(out, piece);
}

void piece_add_number(struct esc_buf *out, int64_t number)
{
    char bytes[8];
    esc_store_u64(bytes, (uint64_t)number);
    piece_add(out, bytes_of(bytes, sizeof bytes));
}

bool piece_take(struct esc_str *rest, struct esc_str *piece)
{
    if (rest->len < 4)
        return false;
    size_t len = esc_load_u32(rest->ptr);
    if (len > rest->len - 4)
        return false;
    *piece = esc_str_slice(*rest, 4, 4 + len);
    *rest = esc_str_slice(*rest, 4 + len, rest->len);
    return true;
}
