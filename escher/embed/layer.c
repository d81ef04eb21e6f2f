/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attention is two matrix products a head, so it runs on the same kernel as everything else:
 * queries times keys (packed into panels with a column for each token), softmax of each row,
 * times values (panels with a row for each token). Only the packing is done here.
 */
#include "escher/embed/layer_private.h"

enum {
    QKV = 3 * MODEL_HIDDEN,
    COLUMNS = ESC_PANEL_COLUMNS
};

static void multiply(const struct esc_kernel *kernel, size_t rows, const float *in, size_t depth,
                     const float *panels, const float *bias, float *out, size_t columns)
{
    kernel->matmul(&(struct esc_matmul){.rows = in,
                                        .row_count = rows,
                                        .row_stride = depth,
                                        .panels = panels,
                                        .panel_count = columns / COLUMNS,
                                        .depth = depth,
                                        .bias = bias,
                                        .out = out,
                                        .out_stride = columns});
}

/* Each token's key becomes a column; columns beyond the last token are zero. */
static void pack_keys(const float *keys, size_t count, float *panels)
{
    size_t padded = (count + COLUMNS - 1) / COLUMNS * COLUMNS;
    for (size_t token = 0; token < padded; token++) {
        float *column = panels + token / COLUMNS * MODEL_HEAD * COLUMNS + token % COLUMNS;
        for (size_t d = 0; d < MODEL_HEAD; d++)
            column[d * COLUMNS] = token < count ? keys[token * QKV + d] : 0;
    }
}

/* Each token's value becomes a row, cut into panels. */
static void pack_values(const float *values, size_t count, float *panels)
{
    for (size_t token = 0; token < count; token++)
        for (size_t d = 0; d < MODEL_HEAD; d++)
            panels[(d / COLUMNS * count + token) * COLUMNS + d % COLUMNS] = values[token * QKV + d];
}

/* One head of the sequence whose first token is @p first. */
static void attend(const struct esc_kernel *kernel, struct batch *batch, size_t first, size_t count,
                   size_t head)
{
    const float *query = batch->wide + first * QKV + head * MODEL_HEAD;
    size_t padded = (count + COLUMNS - 1) / COLUMNS * COLUMNS;
    pack_keys(query + MODEL_HIDDEN, count, batch->keys);
    pack_values(query + 2 * (size_t)MODEL_HIDDEN, count, batch->values);
    kernel->matmul(&(struct esc_matmul){.rows = query,
                                        .row_count = count,
                                        .row_stride = QKV,
                                        .panels = batch->keys,
                                        .panel_count = padded / COLUMNS,
                                        .depth = MODEL_HEAD,
                                        .out = batch->scores,
                                        .out_stride = padded});
    for (size_t token = 0; token < count; token++)
        kernel->softmax(batch->scores + token * padded, count);
    kernel->matmul(
        &(struct esc_matmul){.rows = batch->scores,
                             .row_count = count,
                             .row_stride = padded,
                             .panels = batch->values,
                             .panel_count = MODEL_HEAD / COLUMNS,
                             .depth = count,
                             .out = batch->context + first * MODEL_HIDDEN + head * MODEL_HEAD,
                             .out_stride = MODEL_HIDDEN});
}

static void attention(const struct layer_weights *weights, const struct esc_kernel *kernel,
                      struct batch *batch)
{
    multiply(kernel, batch->token_count, batch->x, MODEL_HIDDEN, weights->qkv,
             weights->vectors + VECTOR_QKV_BIAS, batch->wide, QKV);
    for (size_t sequence = 0, first = 0; sequence < batch->sequence_count; sequence++) {
        for (size_t head = 0; head < MODEL_HEADS; head++)
            attend(kernel, batch, first, batch->lengths[sequence], head);
        first += batch->lengths[sequence];
    }
    multiply(kernel, batch->token_count, batch->context, MODEL_HIDDEN, weights->mix,
             weights->vectors + VECTOR_MIX_BIAS, batch->y, MODEL_HIDDEN);
}

static void feed_forward(const struct layer_weights *weights, const struct esc_kernel *kernel,
                         struct batch *batch)
{
    multiply(kernel, batch->token_count, batch->x, MODEL_HIDDEN, weights->inner,
             weights->vectors + VECTOR_INNER_BIAS, batch->wide, MODEL_INNER);
    kernel->gelu(batch->wide, batch->token_count * MODEL_INNER);
    multiply(kernel, batch->token_count, batch->wide, MODEL_INNER, weights->outer,
             weights->vectors + VECTOR_OUTER_BIAS, batch->y, MODEL_HIDDEN);
}

/* x = norm(x + y) for each token. */
static void add_and_norm(const struct esc_kernel *kernel, struct batch *batch, const float *scale,
                         const float *shift)
{
    for (size_t i = 0; i < batch->token_count * MODEL_HIDDEN; i += MODEL_HIDDEN)
        kernel->layer_norm(batch->x + i, batch->y + i, scale, shift, MODEL_HIDDEN);
}

void layer_run(const struct layer_weights *weights, const struct esc_kernel *kernel,
               struct batch *batch)
{
    attention(weights, kernel, batch);
    add_and_norm(kernel, batch, weights->vectors + VECTOR_MIX_SCALE,
                 weights->vectors + VECTOR_MIX_SHIFT);
    feed_forward(weights, kernel, batch);
    add_and_norm(kernel, batch, weights->vectors + VECTOR_OUTER_SCALE,
                 weights->vectors + VECTOR_OUTER_SHIFT);
}
