/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts are packed into batches of at most 256 tokens, in the order given and without padding.
 * A batch's activations then stay in the cache next to the core, and scratch has one size.
 */
#include "escher/embed/encoder.h"

#include <math.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/embed/layer_private.h"
#include "escher/embed/weights.h"
#include "escher/embed/wordpiece.h"

struct esc_encoder {
    struct esc_weights *weights;
    const struct esc_kernel *kernel;
    int32_t ids[2 * BATCH_TOKENS]; /* of the batch, and of the text that may not fit into it */
    struct batch batch;
};

static struct esc_encoder *encoder_over(struct esc_weights *weights,
                                        const struct esc_kernel *kernel)
{
    struct esc_encoder *encoder = esc_alloc(sizeof *encoder); /* touched only as far as needed */
    encoder->weights = weights;
    encoder->kernel = kernel;
    encoder->batch.token_count = encoder->batch.sequence_count = 0;
    return encoder;
}

enum esc_status esc_encoder_open(const char *path, struct esc_encoder **out, struct esc_error *err)
{
    struct esc_weights *weights = NULL;
    enum esc_status status = esc_weights_open(path, &weights, err);
    if (status == ESC_OK)
        *out = encoder_over(weights, esc_kernel_default());
    return status;
}

void esc_encoder_free(struct esc_encoder *encoder)
{
    if (encoder)
        esc_weights_unref(encoder->weights);
    free(encoder);
}

struct esc_encoder *esc_encoder_clone(const struct esc_encoder *encoder)
{
    return encoder_over(esc_weights_ref(encoder->weights), encoder->kernel);
}

/* x = norm(word + place) for each token. */
static void look_up(struct esc_encoder *encoder)
{
    const struct model_weights *model = weights_of_model(encoder->weights);
    struct batch *batch = &encoder->batch;
    size_t token = 0;
    for (size_t sequence = 0; sequence < batch->sequence_count; sequence++)
        for (size_t place = 0; place < batch->lengths[sequence]; place++, token++) {
            float *x = batch->x + token * MODEL_HIDDEN;
            memcpy(x, model->words + (size_t)encoder->ids[token] * MODEL_HIDDEN,
                   MODEL_HIDDEN * sizeof *x);
            encoder->kernel->layer_norm(x, model->places + place * MODEL_HIDDEN, model->norm,
                                        model->norm + MODEL_HIDDEN, MODEL_HIDDEN);
        }
}

/* The mean of the rows, stretched to length 1; false when it is not finite. */
static bool pool(const float *rows, size_t count, float *out)
{
    double sums[MODEL_HIDDEN] = {0};
    double squares = 0;
    for (size_t row = 0; row < count; row++)
        for (size_t i = 0; i < MODEL_HIDDEN; i++)
            sums[i] += (double)rows[row * MODEL_HIDDEN + i];
    for (size_t i = 0; i < MODEL_HIDDEN; i++) {
        sums[i] /= (double)count;
        squares += sums[i] * sums[i];
    }
    double length = fmax(sqrt(squares), 1e-12);
    for (size_t i = 0; i < MODEL_HIDDEN; i++)
        out[i] = (float)(sums[i] / length);
    return isfinite(squares);
}

static enum esc_status run_batch(struct esc_encoder *encoder, float *out, struct esc_error *err)
{
    const struct model_weights *model = weights_of_model(encoder->weights);
    struct batch *batch = &encoder->batch;
    look_up(encoder);
    for (size_t layer = 0; layer < model->layer_count; layer++)
        layer_run(&model->layers[layer], encoder->kernel, batch);
    const float *rows = batch->x;
    for (size_t sequence = 0; sequence < batch->sequence_count; sequence++) {
        if (!pool(rows, batch->lengths[sequence], out + sequence * MODEL_HIDDEN))
            return esc_fail(err, ESC_CORRUPT, "the weights are damaged: a vector is not finite");
        rows += batch->lengths[sequence] * MODEL_HIDDEN;
    }
    return ESC_OK;
}

enum esc_status esc_encoder_encode(struct esc_encoder *encoder, const struct esc_str *texts,
                                   size_t count, float *out, struct esc_error *err)
{
    const struct esc_vocab *vocab = esc_weights_vocab(encoder->weights);
    struct batch *batch = &encoder->batch;
    batch->token_count = batch->sequence_count = 0;
    for (size_t i = 0; i < count; i++) {
        int32_t *ids = encoder->ids + batch->token_count;
        size_t length = esc_wordpiece_encode(vocab, texts[i], BATCH_TOKENS, ids);
        if (batch->token_count + length > BATCH_TOKENS) {
            enum esc_status status = run_batch(encoder, out, err);
            if (status != ESC_OK)
                return status;
            out += batch->sequence_count * MODEL_HIDDEN;
            memmove(encoder->ids, ids, length * sizeof *ids);
            batch->token_count = batch->sequence_count = 0;
        }
        batch->token_count += length;
        batch->lengths[batch->sequence_count++] = length;
    }
    return batch->sequence_count > 0 ? run_batch(encoder, out, err) : ESC_OK;
}

const char *esc_encoder_space_id(const struct esc_encoder *encoder)
{
    return esc_weights_space_id(encoder->weights);
}

void esc_encoder_use_kernel(struct esc_encoder *encoder, const struct esc_kernel *kernel)
{
    ESC_ASSERT(kernel);
    encoder->kernel = kernel;
}

const struct esc_kernel *esc_encoder_kernel(const struct esc_encoder *encoder)
{
    return encoder->kernel;
}
