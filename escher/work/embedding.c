/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/limits.h"
#include "escher/work/work_private.h"

static_assert((int)ESC_FIND_DIMENSIONS == (int)ESC_EMBED_DIMENSIONS, "one space of vectors");

enum esc_status work_embed(void *bench, struct esc_str text, float *out, struct esc_error *err)
{
    const struct esc_workbench *own = bench;
    return esc_encoder_encode(own->encoder, &text, 1, out, err);
}

enum esc_status work_embed_resource(struct esc_encoder *encoder,
                                    const struct esc_resource *resource, float *out,
                                    struct esc_error *err)
{
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_RESOURCE);
    esc_find_document(resource, &text);
    const struct esc_str document = esc_buf_str(&text);
    const enum esc_status status = esc_encoder_encode(encoder, &document, 1, out, err);
    esc_buf_done(&text);
    return status;
}
