/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/limits.h"
#include "escher/loop/timer.h"
#include "escher/work/work_private.h"

static_assert((int)ESC_FIND_DIMENSIONS == (int)ESC_EMBED_DIMENSIONS, "one space of vectors");

enum esc_status work_embed(void *bench, struct esc_str text, float *out, struct esc_error *err)
{
    const struct esc_workbench *own = bench;
    return esc_encoder_encode(own->encoder, &text, 1, out, err);
}

/* The shelf's vectors take the encoder a fifth of a second, in which nobody should wait for a name,
 * and no sync. */
enum {
    WARM_AFTER_MS = 100,
    WARM_STEP_MS = 2
};

static void warm(void *context)
{
    struct esc_workbench *bench = context;
    bench->warming = NULL;
    if (bench->syncing)
        bench->warming = esc_timer_start(bench->loop, WARM_AFTER_MS, warm, bench);
    else if (esc_planner_warm(bench->planner))
        bench->warming = esc_timer_start(bench->loop, WARM_STEP_MS, warm, bench);
}

void work_planner_open(struct esc_workbench *bench)
{
    bench->planner = esc_planner_new_cold(bench->shelf, work_embed, bench);
    bench->warming = esc_timer_start(bench->loop, WARM_AFTER_MS, warm, bench);
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
