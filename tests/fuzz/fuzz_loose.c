/* SPDX-License-Identifier: Apache-2.0 */

/* Leaf pages of a damaged store: reading them stays inside, ends, and hands out values that are in
 * the file. The input is any number of pages, the last one cut. */

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/store/loose_private.h"
#include "tests/fuzz/fuzz.h"

static void look(void *context, const struct loose_row *row)
{
    unsigned *sum = context;
    ESC_ASSERT(row->page > 0 && row->count <= DB_VALUES);
    for (size_t i = 0; i < row->count; i++)
        for (size_t k = 0; k < row->values[i].bytes.len; k++)
            *sum += (unsigned char)row->values[i].bytes.ptr[k];
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    unsigned sum = 0;
    const size_t pages = (len + LOOSE_PAGE - 1) / LOOSE_PAGE;
    ESC_CLEANUP(esc_freep) char *file = esc_alloc_zero(pages * LOOSE_PAGE + 1);
    memcpy(file, bytes, len);
    loose_rows((struct esc_str){file, pages * LOOSE_PAGE}, look, &sum);
    return 0;
}
