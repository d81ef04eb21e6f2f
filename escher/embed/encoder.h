/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Text to 384 floats with the sentence-transformers model all-MiniLM-L6-v2, in float32, on the
 * CPU: word pieces, six transformer layers, the mean over all tokens, length 1.
 *
 * A vector depends on its text only: not on the other texts of the call, their order or the
 * clone that made it, bit for bit. Another CPU (kernel) changes it by rounding, below 1e-5.
 *
 * Memory   the weights are a read-only mapping, shared by clones and through the page cache by
 *          processes; an encoder adds about 3 MB of scratch and allocates nothing per call.
 * Threads  one encoder is used by one thread at a time; clones of it by others meanwhile.
 * Source   docs/internals/embedding.md.
 */

#include <stddef.h>

#include "escher/base/error.h"
#include "escher/base/str.h"

enum {
    ESC_EMBED_DIMENSIONS = 384,
    ESC_EMBED_MAX_TOKENS = 256 /* [CLS] and [SEP] included; what is longer is cut */
};

struct esc_encoder;
struct esc_kernel;

/**
 * Opens the weights at @p path (ESCHER_WEIGHTS or esc_paths_share("minilm.escemb")) and checks
 * their header, not their hashes: that is esc_weights_verify()'s.
 * @errors ESC_NOT_FOUND, ESC_IO, ESC_CORRUPT.
 */
enum esc_status esc_encoder_open(const char *path, struct esc_encoder **out, struct esc_error *err);
void esc_encoder_free(struct esc_encoder *encoder); /* NULL does nothing */
ESC_DEFINE_CLEANUP(struct esc_encoder, esc_encoder_free)
/** Another encoder over the same mapping, for another thread; owned by the caller. */
ESC_RETURNS_NONNULL struct esc_encoder *esc_encoder_clone(const struct esc_encoder *encoder);

/**
 * Writes count * ESC_EMBED_DIMENSIONS floats to @p out. Invalid UTF-8 is dropped; the empty text
 * has a vector too.
 * @errors ESC_CORRUPT: the weights give no finite vector; @p out is then undefined.
 */
enum esc_status esc_encoder_encode(struct esc_encoder *encoder, const struct esc_str *texts,
                                   size_t count, float *out, struct esc_error *err);

/**
 * Names the space its vectors live in: model, tokenizer tables and precision, such as
 * "minilm-l6-v2/53aa51172d142c89/t1/f32". Only vectors of one space can be compared; keep it
 * beside what you store. Borrowed, lives as long as the encoder.
 */
const char *esc_encoder_space_id(const struct esc_encoder *encoder);

/** Makes the encoder calculate with @p kernel (vec/kernel.h); for tests and measurements. */
void esc_encoder_use_kernel(struct esc_encoder *encoder, const struct esc_kernel *kernel);
const struct esc_kernel *esc_encoder_kernel(const struct esc_encoder *encoder);
