/* SPDX-License-Identifier: Apache-2.0 */

/*
 * One edit apart, in one pass: what both texts share in front and behind is cut off, and what is
 * left must be nothing against one byte, one against one, or two swapped neighbours.
 */

#include "escher/find/find_private.h"

bool is_one_edit(struct esc_str a, struct esc_str b)
{
    if (a.len > b.len + 1 || b.len > a.len + 1)
        return false;
    while (a.len > 0 && b.len > 0 && a.ptr[0] == b.ptr[0]) {
        a = esc_str_slice(a, 1, a.len);
        b = esc_str_slice(b, 1, b.len);
    }
    while (a.len > 0 && b.len > 0 && a.ptr[a.len - 1] == b.ptr[b.len - 1]) {
        a.len--;
        b.len--;
    }
    if (a.len == 2 && b.len == 2)
        return a.ptr[0] == b.ptr[1] && a.ptr[1] == b.ptr[0];
    return a.len + b.len > 0 && a.len <= 1 && b.len <= 1;
}
