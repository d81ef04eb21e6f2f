/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/model/embedding_model.h"

#include <stdlib.h>

#include "escher/base/alloc.h"
#include "escher/model/model_private.h"

enum {
    MOST_DIMENSIONS = 4096
};

#define AT(member) offsetof(struct esc_embedding_model, member)
static const struct model_field fields[] = {
    {"name", MODEL_TEXT, AT(name), true, NULL, NULL, NULL, 0},
    {"dimensions", MODEL_COUNT, AT(dimensions), true, NULL, NULL, NULL, MOST_DIMENSIONS},
    {"space", MODEL_TEXT, AT(space), true, NULL, NULL, NULL, 0},
};
#undef AT
static const struct model_shape shape = {"embedding model", fields, ESC_COUNT(fields)};

struct esc_embedding_model *esc_embedding_model_new(void)
{
    return esc_alloc_zero(sizeof(struct esc_embedding_model));
}

void esc_embedding_model_free(struct esc_embedding_model *model)
{
    if (model)
        model_done(&shape, model);
    free(model);
}

enum esc_status esc_embedding_model_from_json(const struct esc_json *json,
                                              struct esc_embedding_model **out,
                                              struct esc_error *err)
{
    ESC_CLEANUP(esc_embedding_model_freep)
    struct esc_embedding_model *model = esc_embedding_model_new();
    const enum esc_status status = model_read(&shape, json, model, err);
    if (status == ESC_OK)
        *out = ESC_STEAL(model);
    return status;
}

struct esc_json *esc_embedding_model_to_json(const struct esc_embedding_model *model)
{
    return model_write(&shape, model);
}
