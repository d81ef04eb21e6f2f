/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/work_private.h"

static_assert(ESC_FIND_DIMENSIONS == ESC_EMBED_DIMENSIONS, "one space of vectors");

enum esc_status work_embed(void *bench, struct esc_str text, float *out, struct esc_error *err)
{
    const struct esc_workbench *own = bench;
    return esc_encoder_encode(own->encoder, &text, 1, out, err);
}
