/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/embed/unicode_private.h"

#include <stdbool.h>
#include <string.h>

/* Hangul syllables are taken apart by arithmetic. @source Unicode 9.0, section 3.12 */
enum {
    HANGUL_FIRST = 0xAC00,
    HANGUL_COUNT = 11172,
    LEAD_FIRST = 0x1100,
    VOWEL_FIRST = 0x1161,
    TRAIL_BEFORE = 0x11A7, /* stands for none */
    VOWEL_COUNT = 21,
    TRAIL_COUNT = 28
};

/*
 * Index of the last of @p count rows of @p size bytes that begins at or before @p point, plus 1;
 * 0 when all begin later. Every table here begins with a uint32_t and is sorted by it.
 */
static size_t rows_up_to(uint32_t point, const void *rows, size_t count, size_t size)
{
    size_t low = 0;
    for (size_t high = count; low < high;) {
        size_t middle = low + (high - low) / 2;
        uint32_t first;
        memcpy(&first, (const char *)rows + middle * size, sizeof first);
        if (first <= point)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint8_t value_of(uint32_t point, const struct unicode_range *ranges, size_t count)
{
    size_t at = rows_up_to(point, ranges, count, sizeof *ranges);
    return at > 0 && point <= ranges[at - 1].last ? ranges[at - 1].value : 0;
}

enum unicode_class unicode_class_of(uint32_t point)
{
    return value_of(point, unicode_classes, unicode_class_count);
}

unsigned unicode_order_of(uint32_t point)
{
    return point < 0x300 ? 0 : value_of(point, unicode_orders, unicode_order_count);
}

uint32_t unicode_lower_of(uint32_t point)
{
    size_t at = rows_up_to(point, unicode_lowers, unicode_lower_count, sizeof unicode_lowers[0]);
    if (at == 0)
        return point;
    const struct unicode_lower *row = &unicode_lowers[at - 1];
    bool has_lower = point <= row->last && (point - row->first) % row->step == 0;
    return has_lower ? (uint32_t)((int32_t)point + row->by) : point;
}

static size_t decompose_hangul(uint32_t index, uint32_t parts[UNICODE_MAX_PARTS])
{
    parts[0] = LEAD_FIRST + index / (VOWEL_COUNT * TRAIL_COUNT);
    parts[1] = VOWEL_FIRST + index / TRAIL_COUNT % VOWEL_COUNT;
    parts[2] = TRAIL_BEFORE + index % TRAIL_COUNT;
    return parts[2] == TRAIL_BEFORE ? 2 : 3;
}

size_t unicode_decompose(uint32_t point, uint32_t parts[UNICODE_MAX_PARTS])
{
    if (point >= HANGUL_FIRST && point < HANGUL_FIRST + HANGUL_COUNT)
        return decompose_hangul(point - HANGUL_FIRST, parts);
    size_t at = rows_up_to(point, unicode_decompositions, unicode_decomposition_count,
                           sizeof unicode_decompositions[0]);
    if (at == 0 || unicode_decompositions[at - 1].point != point) {
        parts[0] = point;
        return 1;
    }
    const struct unicode_decomposition *row = &unicode_decompositions[at - 1];
    memcpy(parts, unicode_parts + row->first_part, row->part_count * sizeof parts[0]);
    return row->part_count;
}
