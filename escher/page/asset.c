/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/page/asset.h"

#include "escher/page/page_private.h"

static const struct esc_page_asset *named(struct esc_str path)
{
    size_t low = 0, high = page_table_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = esc_str_compare(path, esc_str_of(page_table[middle].path));
        if (order == 0)
            return &page_table[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static bool is_below(struct esc_str path, const char *folder)
{
    const struct esc_str name = esc_str_of(folder);
    return esc_str_starts_with(path, name) && (path.len == name.len || path.ptr[name.len] == '/');
}

const struct esc_page_asset *esc_page_find(struct esc_str path)
{
    const struct esc_page_asset *found = named(path);
    if (found || is_below(path, "/api") || is_below(path, "/assets"))
        return found;
    return named(ESC_STR("/index.html"));
}

const struct esc_page_asset *esc_page_at(size_t index)
{
    return index < page_table_count ? &page_table[index] : NULL;
}
