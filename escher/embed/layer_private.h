/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One transformer layer over a batch of sequences that lie one after the other without padding:
 *
 *     x ──▶ query, key, value ──▶ attention within each sequence ──▶ mix ──▶ (+) norm ─┐
 *     └───────────────────────────────────────────────────────────────────────▲        │
 *     ┌────────────────────────────────────────────────────────────────────────────────┘
 *     └──▶ inner ──▶ gelu ──▶ outer ──▶ (+) norm ──▶ x
 *
 * The scale of attention, 1 / sqrt(32), is already in the query weights.
 */

#include "escher/embed/weights_private.h"
#include "escher/vec/kernel.h"

enum {
    BATCH_TOKENS = ESC_EMBED_MAX_TOKENS, /* in all sequences together: one of the longest */
    BATCH_SEQUENCES = BATCH_TOKENS / 2   /* [CLS] [SEP] is the shortest */
};

struct batch {
    size_t token_count, sequence_count;
    size_t lengths[BATCH_SEQUENCES]; /* tokens of each sequence */
    float x[BATCH_TOKENS * MODEL_HIDDEN];

    /* Space to calculate in. */
    float wide[BATCH_TOKENS * MODEL_INNER]; /* query, key, value side by side; then inner */
    float context[BATCH_TOKENS * MODEL_HIDDEN];
    float y[BATCH_TOKENS * MODEL_HIDDEN];
    float keys[BATCH_TOKENS * MODEL_HEAD], values[BATCH_TOKENS * MODEL_HEAD];
    float scores[BATCH_TOKENS * BATCH_TOKENS];
};

void layer_run(const struct layer_weights *weights, const struct esc_kernel *kernel,
               struct batch *batch);
