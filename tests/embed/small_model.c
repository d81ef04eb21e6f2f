/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/embed/small_model.h"

#include <string.h>

#include "escher/base/file.h"
#include "escher/base/id.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/embed/convert.h"
#include "tests/support/test.h"

#define PAIR(letter) letter "\n##" letter "\n"
const char small_model_vocab[] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n" PAIR("a") PAIR("b")
    PAIR("c") PAIR("d") PAIR("e") PAIR("f") PAIR("g") PAIR("h") PAIR("i") PAIR("j") PAIR("k")
        PAIR("l") PAIR("m") PAIR("n") PAIR("o") PAIR("p") PAIR("q") PAIR("r") PAIR("s") PAIR("t")
            PAIR("u") PAIR("v") PAIR("w") PAIR("x") PAIR("y") PAIR("z");

static const struct {
    const char *name;
    size_t rows, columns; /* columns 0: a vector */
} tensors[] = {
    {"embeddings.word_embeddings.weight", SMALL_MODEL_PIECES, 384},
    {"embeddings.position_embeddings.weight", 512, 384},
    {"embeddings.token_type_embeddings.weight", 2, 384},
    {"embeddings.LayerNorm.weight", 384, 0},
    {"embeddings.LayerNorm.bias", 384, 0},
    {"encoder.layer.0.attention.self.query.weight", 384, 384},
    {"encoder.layer.0.attention.self.query.bias", 384, 0},
    {"encoder.layer.0.attention.self.key.weight", 384, 384},
    {"encoder.layer.0.attention.self.key.bias", 384, 0},
    {"encoder.layer.0.attention.self.value.weight", 384, 384},
    {"encoder.layer.0.attention.self.value.bias", 384, 0},
    {"encoder.layer.0.attention.output.dense.weight", 384, 384},
    {"encoder.layer.0.attention.output.dense.bias", 384, 0},
    {"encoder.layer.0.attention.output.LayerNorm.weight", 384, 0},
    {"encoder.layer.0.attention.output.LayerNorm.bias", 384, 0},
    {"encoder.layer.0.intermediate.dense.weight", 1536, 384},
    {"encoder.layer.0.intermediate.dense.bias", 1536, 0},
    {"encoder.layer.0.output.dense.weight", 384, 1536},
    {"encoder.layer.0.output.dense.bias", 384, 0},
    {"encoder.layer.0.output.LayerNorm.weight", 384, 0},
    {"encoder.layer.0.output.LayerNorm.bias", 384, 0},
};

static size_t floats_of(size_t tensor)
{
    return tensors[tensor].rows * (tensors[tensor].columns ? tensors[tensor].columns : 1);
}

static struct esc_json *describe(size_t tensor, size_t first_float)
{
    struct esc_json *entry = esc_json_object();
    struct esc_json *shape = esc_json_array(), *offsets = esc_json_array();
    esc_json_push(shape, esc_json_int((int64_t)tensors[tensor].rows));
    if (tensors[tensor].columns)
        esc_json_push(shape, esc_json_int((int64_t)tensors[tensor].columns));
    esc_json_push(offsets, esc_json_int((int64_t)(first_float * sizeof(float))));
    size_t end = first_float + floats_of(tensor);
    esc_json_push(offsets, esc_json_int((int64_t)(end * sizeof(float))));
    esc_json_set_text(entry, "dtype", "F32");
    esc_json_set(entry, "shape", shape);
    esc_json_set(entry, "data_offsets", offsets);
    return entry;
}

/* Between -0.1 and 0.1, as weights are; the scales of norms around 1. */
static void fill(const char *name, float *floats, size_t count, struct esc_random_seeded *random)
{
    float middle = strstr(name, "LayerNorm.weight") ? 1 : 0;
    for (size_t i = 0; i < count; i++)
        floats[i] = middle + ((float)esc_random_below(&random->random, 2001) - 1000) / 10'000;
}

void small_model_init(struct small_model *model)
{
    struct esc_random_seeded random;
    esc_random_seeded_init(&random, 384);
    *model = (struct small_model){.header = esc_json_object()};
    for (size_t i = 0; i < ESC_COUNT(tensors); i++)
        model->float_count += floats_of(i);
    model->data = esc_alloc_array(model->float_count, sizeof model->data[0]);
    for (size_t i = 0, at = 0; i < ESC_COUNT(tensors); at += floats_of(i), i++) {
        esc_json_set(model->header, tensors[i].name, describe(i, at));
        fill(tensors[i].name, model->data + at, floats_of(i), &random);
    }
}

void small_model_done(struct small_model *model)
{
    esc_json_free(model->header);
    free(model->data);
}

static void write_published(const struct small_model *model, struct esc_buf *out)
{
    char *header = esc_json_print(model->header, ESC_JSON_COMPACT);
    char length[8];
    esc_store_u64(length, strlen(header));
    esc_buf_append(out, length, sizeof length);
    esc_buf_add_text(out, header);
    esc_buf_append(out, model->data, model->float_count * sizeof model->data[0]);
    free(header);
}

enum esc_status small_model_convert(const struct small_model *model, struct esc_buf *out,
                                    struct esc_error *err)
{
    struct esc_buf published;
    esc_buf_init(&published, ESC_MAX_FILE);
    write_published(model, &published);
    const uint8_t source[32] = {0xAB, 0xCD};
    enum esc_status status =
        esc_convert(&(struct esc_convert_input){.model = esc_buf_str(&published),
                                                .vocab = esc_str_of(small_model_vocab),
                                                .source = source,
                                                .name = "small"},
                    out, err);
    esc_buf_done(&published);
    return status;
}

char *small_model_file(const struct esc_buf *bytes)
{
    struct esc_error err;
    char *folder = test_folder();
    char *path = esc_path_join(folder, "small.escemb");
    expect_ok(esc_file_replace(path, esc_buf_str(bytes), 0600, &err));
    free(folder);
    return path;
}

char *small_model_weights(void)
{
    struct esc_error err;
    struct small_model model;
    struct esc_buf bytes;
    small_model_init(&model);
    esc_buf_init(&bytes, ESC_MAX_FILE);
    expect_ok(small_model_convert(&model, &bytes, &err));
    char *path = small_model_file(&bytes);
    esc_buf_done(&bytes);
    small_model_done(&model);
    return path;
}
