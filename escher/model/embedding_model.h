/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which model made a vector. Vectors compare only within one space; the space id names model,
 * revision and the rules that made the text.
 *
 * Ownership  new/free; strings belong to the struct.
 */

#include "escher/base/error.h"
#include "escher/base/json.h"

struct esc_embedding_model {
    char *name;          /* "all-MiniLM-L6-v2" */
    unsigned dimensions; /* 1 to 4096 */
    char *space;         /* space id */
};

ESC_RETURNS_NONNULL struct esc_embedding_model *esc_embedding_model_new(void);
void esc_embedding_model_free(struct esc_embedding_model *model);
ESC_DEFINE_CLEANUP(struct esc_embedding_model, esc_embedding_model_free)

/** @errors ESC_INVALID; *out is owned by the caller. */
enum esc_status esc_embedding_model_from_json(const struct esc_json *json,
                                              struct esc_embedding_model **out,
                                              struct esc_error *err);
struct esc_json *esc_embedding_model_to_json(const struct esc_embedding_model *model);
