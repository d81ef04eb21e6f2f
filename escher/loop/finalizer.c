/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "escher/base/alloc.h"
#include "escher/loop/loop_private.h"

struct esc_finalizer {
    struct loop_item item;
    esc_finalizer_fn *fn;
    void *context;
};

static void finalize(struct loop_item *item)
{
    const struct esc_finalizer finalizer = *(struct esc_finalizer *)item;
    free(item);
    finalizer.fn(finalizer.context);
}

struct esc_finalizer *esc_loop_at_end(struct esc_loop *loop, esc_finalizer_fn *fn, void *context)
{
    struct esc_finalizer *finalizer = esc_alloc_zero(sizeof *finalizer);
    finalizer->fn = fn;
    finalizer->context = context;
    loop_add(loop, &finalizer->item, finalize);
    return finalizer;
}

void esc_finalizer_drop(struct esc_finalizer *finalizer)
{
    if (!finalizer)
        return;
    loop_remove(&finalizer->item);
    free(finalizer);
}
