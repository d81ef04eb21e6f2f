/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Where a name falls apart. People remember parts of names, "main" of pg-instance-main1 or
 * "Worker" of OrderWorker2, so a name is cut at its separators, and each part once more where
 * letters meet digits or a small letter meets a capital.
 */

#include "escher/find/find_private.h"

#include <limits.h>

uint32_t piece_hash(struct esc_str text)
{
    uint32_t hash = 2166136261u; /* FNV-1a: only speeds up a comparison, so it may be simple */
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.ptr[i]) * 16777619u;
    return hash;
}

struct esc_str lower_copy(struct esc_arena *arena, struct esc_str text)
{
    char *copy = esc_arena_dup(arena, text);
    for (size_t i = 0; i < text.len; i++)
        copy[i] = esc_to_lower(copy[i]);
    return (struct esc_str){copy, text.len};
}

static bool is_separator(char c)
{
    static const bool separates[UCHAR_MAX + 1] = {
        ['-'] = true, ['_'] = true, ['.'] = true,  ['/'] = true, [':'] = true,  ['@'] = true,
        [' '] = true, ['+'] = true, ['='] = true,  [','] = true, ['#'] = true,  ['('] = true,
        [')'] = true, ['['] = true, [']'] = true,  ['{'] = true, ['}'] = true,  ['<'] = true,
        ['>'] = true, ['"'] = true, ['\''] = true, ['$'] = true, ['\t'] = true,
    };
    return separates[(unsigned char)c];
}

/* An edge inside a part: before text[at], at > 0. "XMLParser" falls into XML and Parser. */
static bool is_edge(struct esc_str text, size_t at)
{
    char before = text.ptr[at - 1], here = text.ptr[at];
    if (esc_is_digit(before) != esc_is_digit(here))
        return true;
    if (esc_is_lower(before) && esc_is_upper(here))
        return true;
    return esc_is_upper(before) && esc_is_upper(here) && at + 1 < text.len &&
           esc_is_lower(text.ptr[at + 1]);
}

struct cutting {
    struct piece *pieces;
    size_t count, limit;
};

static void add(struct cutting *cutting, struct esc_str text, bool fine)
{
    if (text.len == 0 || cutting->count == cutting->limit)
        return;
    cutting->pieces[cutting->count++] = (struct piece){text, piece_hash(text), fine};
}

static void cut_part(struct cutting *cutting, struct esc_str text, struct esc_str lower)
{
    add(cutting, lower, false);
    size_t from = 0;
    for (size_t at = 1; at < text.len; at++) {
        if (!is_edge(text, at))
            continue;
        add(cutting, esc_str_slice(lower, from, at), true);
        from = at;
    }
    if (from > 0)
        add(cutting, esc_str_slice(lower, from, lower.len), true);
}

size_t pieces_cut(struct esc_str text, struct esc_str lower, struct piece *pieces, size_t limit)
{
    struct cutting cutting = {.pieces = pieces, .limit = limit};
    size_t from = 0;
    for (size_t at = 0; at <= text.len; at++) {
        if (at < text.len && !is_separator(text.ptr[at]))
            continue;
        cut_part(&cutting, esc_str_slice(text, from, at), esc_str_slice(lower, from, at));
        from = at + 1;
    }
    return cutting.count;
}
