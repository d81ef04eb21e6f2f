/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The rows of the estate, for the files that read them another way than estate.c. */

#include "escher/store/estate.h"
#include "escher/store/rows_private.h"

#define ESTATE "cloud_estate"
#define BLOCK_CARDS "estate_cards"
#define BLOCK_VECTORS "estate_vectors"
#define BLOCK_RELATIONS "estate_relations"

/** The resource of an open row, owned by the caller. @errors ESC_CORRUPT. */
enum esc_status estate_read(const struct row *row, struct esc_resource **out,
                            struct esc_error *err);
/** Copies the vector (ESC_STORE_DIMENSIONS floats); false when there is none. */
bool estate_read_vector(const struct row *row, float *out);
