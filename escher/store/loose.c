/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/loose_private.h"

#include <string.h>

#include "escher/base/buf.h"
#include "escher/base/limits.h"

enum {
    TABLE_LEAF = 0x0D,
    INDEX_LEAF = 0x0A,
    FILE_HEADER = 100,
    LEAF_HEADER = 8,
};

struct reader {
    struct esc_str file;
    loose_row_fn *fn;
    void *context;
    struct esc_buf payload; /* of a row that goes on on other pages */
};

static uint32_t big_endian(const char *bytes, size_t len)
{
    uint32_t number = 0;
    for (size_t i = 0; i < len; i++)
        number = number << 8 | (unsigned char)bytes[i];
    return number;
}

/* Takes a number of one to nine bytes off *rest. */
static bool take_varint(struct esc_str *rest, uint64_t *out)
{
    uint64_t number = 0;
    for (size_t i = 0; i < 9 && i < rest->len; i++) {
        const unsigned char byte = (unsigned char)rest->ptr[i];
        number = i == 8 ? number << 8 | byte : number << 7 | (byte & 0x7F);
        if (i == 8 || !(byte & 0x80)) {
            *out = number;
            *rest = esc_str_slice(*rest, i + 1, rest->len);
            return true;
        }
    }
    return false;
}

/* Takes the value of a serial type off *rest. Real numbers are in none of our tables. */
static bool take_value(uint64_t type, struct esc_str *rest, struct db_value *out)
{
    static const size_t sizes[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0};
    const bool is_bytes = type >= 12;
    if (!is_bytes && (type == 7 || type >= 10))
        return false;
    const uint64_t size = is_bytes ? (type - 12) / 2 : sizes[type];
    if (size > rest->len)
        return false;
    const struct esc_str bytes = esc_str_slice(*rest, 0, (size_t)size);
    *rest = esc_str_slice(*rest, (size_t)size, rest->len);
    *out = (struct db_value){.type = is_bytes ? DB_BYTES : type == 0 ? DB_NULL : DB_INT};
    if (is_bytes)
        out->bytes = bytes;
    uint64_t number =
        type == 9 || (size && (unsigned char)bytes.ptr[0] & 0x80 && !is_bytes) ? UINT64_MAX : 0;
    for (size_t i = 0; !is_bytes && i < bytes.len; i++)
        number = number << 8 | (unsigned char)bytes.ptr[i];
    if (out->type == DB_INT)
        out->number = type == 9 ? 1 : (int64_t)number;
    return true;
}

static bool take_record(struct esc_str payload, struct loose_row *row)
{
    uint64_t header = 0, type = 0;
    struct esc_str types = payload;
    if (!take_varint(&types, &header) || header > payload.len)
        return false;
    struct esc_str rest = esc_str_slice(payload, (size_t)header, payload.len);
    const size_t read = payload.len - types.len;
    if (header < read)
        return false;
    types = esc_str_slice(types, 0, (size_t)header - read);
    for (row->count = 0; types.len; row->count++)
        if (row->count == DB_VALUES || !take_varint(&types, &type) ||
            !take_value(type, &rest, &row->values[row->count]))
            return false;
    return rest.len == 0;
}

/* What of a payload stands on its own page. */
static size_t local_size(uint64_t size, bool is_table)
{
    const uint64_t usable = LOOSE_PAGE;
    const uint64_t most = is_table ? usable - 35 : (usable - 12) * 64 / 255 - 23;
    const uint64_t least = (usable - 12) * 32 / 255 - 23;
    const uint64_t fitting = least + (size - least) % (usable - 4);
    if (size <= most)
        return (size_t)size;
    return (size_t)(fitting <= most ? fitting : least);
}

/* The rest of a payload, from page to page. */
static bool collect(struct reader *reader, struct esc_str local, uint32_t page, uint64_t size)
{
    const uint64_t pages = reader->file.len / LOOSE_PAGE;
    esc_buf_reset(&reader->payload);
    esc_buf_add(&reader->payload, local);
    while (reader->payload.len < size) {
        if (page < 1 || page > pages)
            return false;
        const char *bytes = reader->file.ptr + (size_t)(page - 1) * LOOSE_PAGE;
        const uint64_t left = size - reader->payload.len;
        esc_buf_append(&reader->payload, bytes + 4,
                       left < LOOSE_PAGE - 4 ? (size_t)left : LOOSE_PAGE - 4);
        page = big_endian(bytes, 4);
    }
    return reader->payload.status == ESC_OK;
}

static void read_cell(struct reader *reader, size_t page, struct esc_str cell, bool is_table)
{
    struct loose_row row = {.page = page};
    uint64_t size = 0, n = 0;
    if (!take_varint(&cell, &size) || size > ESC_MAX_JSON + LOOSE_PAGE ||
        (is_table && !take_varint(&cell, &n)))
        return;
    row.n = (int64_t)n;
    const size_t local = local_size(size, is_table);
    if (local > cell.len)
        return;
    struct esc_str payload = esc_str_slice(cell, 0, local);
    if (local < size) {
        if (cell.len < local + 4 ||
            !collect(reader, payload, big_endian(cell.ptr + local, 4), size))
            return;
        payload = esc_buf_str(&reader->payload);
    }
    if (take_record(payload, &row))
        reader->fn(reader->context, &row);
}

static void read_page(struct reader *reader, size_t page)
{
    const struct esc_str bytes = {reader->file.ptr + (page - 1) * LOOSE_PAGE, LOOSE_PAGE};
    const size_t start = page == 1 ? FILE_HEADER : 0;
    const unsigned kind = (unsigned char)bytes.ptr[start];
    if (kind != TABLE_LEAF && kind != INDEX_LEAF)
        return;
    const size_t cells = big_endian(bytes.ptr + start + 3, 2);
    for (size_t i = 0; i < cells && start + LEAF_HEADER + 2 * i + 2 <= LOOSE_PAGE; i++) {
        const size_t at = big_endian(bytes.ptr + start + LEAF_HEADER + 2 * i, 2);
        if (at < LOOSE_PAGE)
            read_cell(reader, page, esc_str_slice(bytes, at, LOOSE_PAGE), kind == TABLE_LEAF);
    }
}

void loose_rows(struct esc_str file, loose_row_fn *fn, void *context)
{
    struct reader reader = {.file = file, .fn = fn, .context = context};
    esc_buf_init(&reader.payload, ESC_MAX_JSON + LOOSE_PAGE);
    for (size_t page = 1; page <= file.len / LOOSE_PAGE; page++)
        read_page(&reader, page);
    esc_buf_done(&reader.payload);
}
