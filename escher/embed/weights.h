/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The weight file (.escemb): what the encoder reads, lying in the file as it is calculated with.
 *
 *     0     magic "escemb1\n", version, byte order, file size
 *           layers, hidden, heads, inner, positions, pieces, version of the tokenizer tables
 *           SHA-256 of the model it was made from, name of the model
 *           XXH64 of these 4096 bytes (with 0 in its own place)
 *     128   table of sections: kind, layer, offset, size, XXH64
 *     4096  the sections, each at a multiple of 4096
 *
 * All numbers are little-endian, all weights float32. Matrices lie in panels of 16 columns
 * (vec/kernel.h). Opening checks the header and that every section has its size and its place;
 * esc_weights_verify() reads everything.
 *
 * Ownership  counted: whoever opens or refs, unrefs. The count may be changed by any thread.
 */

#include <stdint.h>

#include "escher/base/error.h"
#include "escher/embed/vocab.h"

struct esc_weights;

/** Maps the file at @p path. @errors ESC_NOT_FOUND, ESC_IO, ESC_CORRUPT naming what is wrong. */
enum esc_status esc_weights_open(const char *path, struct esc_weights **out, struct esc_error *err);
struct esc_weights *esc_weights_ref(struct esc_weights *weights);
void esc_weights_unref(struct esc_weights *weights); /* NULL does nothing */
ESC_DEFINE_CLEANUP(struct esc_weights, esc_weights_unref)

/** Compares every section with its checksum. @errors ESC_CORRUPT. */
enum esc_status esc_weights_verify(const struct esc_weights *weights, struct esc_error *err);

/** SHA-256 of the model the file was made from, 64 hex digits; borrowed. */
const char *esc_weights_source(const struct esc_weights *weights);
/** See esc_encoder_space_id(). Borrowed. */
const char *esc_weights_space_id(const struct esc_weights *weights);
const struct esc_vocab *esc_weights_vocab(const struct esc_weights *weights);
