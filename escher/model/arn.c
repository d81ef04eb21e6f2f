/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/model/arn.h"

#include <stdint.h>

bool esc_arn_parse(struct esc_str text, struct esc_arn *out)
{
    struct esc_str part[5];
    size_t from = 0;
    for (size_t i = 0; i < ESC_COUNT(part); i++) {
        const size_t colon = esc_str_find(text, ESC_STR(":"), from);
        if (colon == SIZE_MAX)
            return false;
        part[i] = esc_str_slice(text, from, colon);
        from = colon + 1;
    }
    const struct esc_str resource = esc_str_slice(text, from, text.len);
    if (!esc_str_is(part[0], "arn") || part[1].len == 0 || part[2].len == 0 || resource.len == 0)
        return false;
    *out = (struct esc_arn){part[1], part[2], part[3], part[4], resource};
    return true;
}

/* Where the kind ends: at the first '/' or ':'; SIZE_MAX for a bare name. */
static size_t kind_end(struct esc_str resource)
{
    for (size_t i = 0; i < resource.len; i++)
        if (resource.ptr[i] == '/' || resource.ptr[i] == ':')
            return i;
    return SIZE_MAX;
}

struct esc_str esc_arn_kind(const struct esc_arn *arn)
{
    const size_t end = kind_end(arn->resource);
    return end == SIZE_MAX ? ESC_STR("") : esc_str_slice(arn->resource, 0, end);
}

struct esc_str esc_arn_name(const struct esc_arn *arn)
{
    const size_t end = kind_end(arn->resource);
    return end == SIZE_MAX ? arn->resource
                           : esc_str_slice(arn->resource, end + 1, arn->resource.len);
}

struct esc_str esc_arn_last(struct esc_str path)
{
    size_t from = path.len;
    while (from > 0 && path.ptr[from - 1] != '/')
        from--;
    return esc_str_slice(path, from, path.len);
}
