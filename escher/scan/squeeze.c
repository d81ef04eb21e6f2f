/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/squeeze_private.h"

#include <limits.h>
#include <lz4.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/limits.h"
#include "escher/base/varint.h"

/* The form: how many bytes they were, as a varint, and one block of LZ4, whose dictionary is what
 * is known. */

enum {
    MOST_EXPANSION = 255 /* of a block. @source lz4_Block_format.md, "Metadata" */
};

void scan_squeeze(struct esc_str known, struct esc_str bytes, struct esc_buf *out)
{
    LZ4_stream_t stream;
    ESC_ASSERT(bytes.len <= LZ4_MAX_INPUT_SIZE && known.len <= SCAN_SQUEEZE_KNOWN);
    const int most = LZ4_compressBound((int)bytes.len);
    ESC_CLEANUP(esc_freep) char *block = esc_alloc((size_t)most);
    (void)LZ4_initStream(&stream, sizeof stream);
    (void)LZ4_loadDict(&stream, known.ptr, (int)known.len);
    const int len = LZ4_compress_fast_continue(&stream, bytes.ptr, block, (int)bytes.len, most, 1);
    ESC_ASSERT(len > 0); /* there is room for the worst */
    esc_varint_add(out, bytes.len);
    esc_buf_append(out, block, (size_t)len);
}

enum esc_status scan_unsqueeze(struct esc_str known, struct esc_str squeezed, struct esc_buf *out,
                               struct esc_error *err)
{
    uint64_t len = 0;
    bool is_good = esc_varint_take(&squeezed, &len) && squeezed.len <= INT_MAX &&
                   len <= ESC_MAX_FILE && len / MOST_EXPANSION <= squeezed.len;
    ESC_CLEANUP(esc_freep) char *bytes = is_good ? esc_alloc((size_t)len + 1) : NULL;
    is_good =
        is_good && LZ4_decompress_safe_usingDict(squeezed.ptr, bytes, (int)squeezed.len, (int)len,
                                                 known.ptr, (int)known.len) == (int)len;
    if (is_good)
        esc_buf_append(out, bytes, (size_t)len);
    return is_good && out->status == ESC_OK
               ? ESC_OK
               : esc_fail(err, ESC_CORRUPT, "squeezed bytes do not fit what is known");
}
