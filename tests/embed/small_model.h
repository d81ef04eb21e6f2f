/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A model with one layer, a vocabulary of a few pieces and random weights, in the published form.
 * It has no sense but all the arithmetic, so most of the room is tested without the real weights.
 */

#include "escher/base/buf.h"
#include "escher/base/json.h"

struct small_model {
    struct esc_json *header; /* name -> {dtype, shape, data_offsets}; tests change it */
    float *data;
    size_t float_count;
};

void small_model_init(struct small_model *model);
void small_model_done(struct small_model *model);
/** A piece a line: special pieces, a, ##a, b, ##b, ... z, ##z. */
extern const char small_model_vocab[];
enum {
    SMALL_MODEL_PIECES = 5 + 2 * 26
};

/** Converts it into @p out. */
enum esc_status small_model_convert(const struct small_model *model, struct esc_buf *out,
                                    struct esc_error *err);
/** Writes @p bytes to a new file; its path is the caller's. */
char *small_model_file(const struct esc_buf *bytes);
/** The same in one: a file of a sound model. */
char *small_model_weights(void);
