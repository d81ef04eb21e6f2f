/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/embed/convert.h"

#include <math.h>
#include <string.h>

#include "escher/base/limits.h"
#include "escher/embed/weights.h"
#include "escher/embed/weights_private.h"
#include "tests/embed/small_model.h"
#include "tests/support/test.h"

static struct esc_error err;

static void a_converted_model_is_whole_and_knows_its_source(void **)
{
    ESC_CLEANUP(esc_freep) char *path = small_model_weights();
    ESC_CLEANUP(esc_weights_unrefp) struct esc_weights *weights = NULL;
    expect_ok(esc_weights_open(path, &weights, &err));
    expect_ok(esc_weights_verify(weights, &err));
    expect_contains("abcd0000", esc_weights_source(weights));
    assert_string_equal("small/abcd000000000000/t1/f32", esc_weights_space_id(weights));
    assert_int_equal(SMALL_MODEL_PIECES, esc_weights_vocab(weights)->piece_count);
    assert_int_equal(1, weights_of_model(weights)->layer_count);
}

/* The floats of a tensor of the published model. */
static const float *published(const struct small_model *model, const char *name)
{
    const struct esc_json *tensor = esc_json_member(model->header, name);
    int64_t at = esc_json_num(tensor, "data_offsets[0]", -1);
    return model->data + (size_t)at / sizeof(float);
}

static float in_panels(const float *panels, size_t depth, size_t row, size_t column)
{
    return panels[(column / 16 * depth + row) * 16 + column % 16];
}

static void each_weight_lands_where_the_kernel_looks_for_it(void **)
{
    struct small_model model;
    ESC_CLEANUP(esc_freep) char *path = small_model_weights();
    ESC_CLEANUP(esc_weights_unrefp) struct esc_weights *weights = NULL;
    expect_ok(esc_weights_open(path, &weights, &err));
    small_model_init(&model);
    const struct layer_weights *layer = &weights_of_model(weights)->layers[0];
    const float *outer = published(&model, "encoder.layer.0.output.dense.weight");
    const float *value = published(&model, "encoder.layer.0.attention.self.value.weight");
    const float *query = published(&model, "encoder.layer.0.attention.self.query.weight");
    for (size_t out = 0; out < 384; out += 13)
        for (size_t in = 0; in < 384; in += 7) {
            assert_true(in_panels(layer->outer, 1536, in * 4, out) == outer[out * 1536 + in * 4]);
            assert_true(in_panels(layer->qkv, 384, in, 768 + out) == value[out * 384 + in]);
            assert_true(fabsf(in_panels(layer->qkv, 384, in, out) -
                              query[out * 384 + in] / sqrtf(32)) < 1e-8f);
        }
    const float *places = published(&model, "embeddings.position_embeddings.weight");
    const float *types = published(&model, "embeddings.token_type_embeddings.weight");
    for (size_t i = 0; i < 256 * (size_t)384; i += 101)
        assert_true(weights_of_model(weights)->places[i] == places[i] + types[i % 384]);
    small_model_done(&model);
}

static void expect_refused(const struct small_model *model, const char *message)
{
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_FILE);
    expect_status(ESC_INVALID, small_model_convert(model, &out, &err));
    expect_contains(message, err.message);
    esc_buf_done(&out);
}

static void set_tensor(struct small_model *model, const char *name, const char *json)
{
    struct esc_json *value = NULL;
    expect_ok(esc_json_parse(esc_str_of(json), NULL, &value, &err));
    esc_json_set(model->header, name, value);
}

static void a_tensor_that_does_not_fit_is_refused_by_name(void **)
{
    static const struct {
        const char *name, *json, *message;
    } cases[] = {
        {"embeddings.LayerNorm.bias",
         "{\"dtype\":\"F16\",\"shape\":[384],\"data_offsets\":[0,1536]}",
         "`embeddings.LayerNorm.bias` is not 1 x 384 of F32"},
        {"encoder.layer.0.attention.output.dense.bias",
         "{\"dtype\":\"F32\",\"shape\":[385],\"data_offsets\":[0,1540]}", "is not 1 x 384"},
        {"encoder.layer.0.intermediate.dense.weight",
         "{\"dtype\":\"F32\",\"shape\":[384,1536],\"data_offsets\":[0,2359296]}",
         "is not 1536 x 384"},
        {"encoder.layer.0.output.LayerNorm.weight",
         "{\"dtype\":\"F32\",\"shape\":[384],\"data_offsets\":[-4,1532]}", "outside the file"},
        {"encoder.layer.0.output.LayerNorm.weight",
         "{\"dtype\":\"F32\",\"shape\":[384],\"data_offsets\":[0,1532]}", "outside the file"},
        {"encoder.layer.0.output.LayerNorm.weight",
         "{\"dtype\":\"F32\",\"shape\":[384],\"data_offsets\":[9223372036854774271,"
         "9223372036854775807]}",
         "outside the file"},
        {"embeddings.token_type_embeddings.weight", "7", "is not 2 x 384"},
        {"embeddings.word_embeddings.weight",
         "{\"dtype\":\"F32\",\"shape\":[56,384],\"data_offsets\":[0,86016]}", "is not 57 x 384"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct small_model model;
        small_model_init(&model);
        set_tensor(&model, cases[i].name, cases[i].json);
        expect_refused(&model, cases[i].message);
        small_model_done(&model);
    }
}

static void missing_tensors_are_named(void **)
{
    struct small_model model;
    small_model_init(&model);
    esc_json_remove(model.header, "encoder.layer.0.attention.self.key.bias");
    expect_refused(&model, "`encoder.layer.0.attention.self.key.bias` is missing");
    esc_json_remove(model.header, "encoder.layer.0.output.dense.weight");
    expect_refused(&model, "0 layers");
    small_model_done(&model);
}

static void weights_that_are_no_numbers_are_refused(void **)
{
    struct small_model model;
    small_model_init(&model);
    model.data[model.float_count - 1] = NAN;
    expect_refused(&model, "`encoder.layer.0.output.LayerNorm.bias` is not finite");
    model.data[model.float_count - 1] = -INFINITY;
    expect_refused(&model, "not finite");
    small_model_done(&model);
}

static void what_is_no_safetensors_file_is_refused(void **)
{
    const struct {
        struct esc_str bytes;
        const char *message;
    } cases[] = {
        {ESC_STR(""), "no safetensors"},
        {ESC_STR("\1\0\0\0\0\0\0"), "no safetensors"},
        {ESC_STR("\3\0\0\0\0\0\0\0{}"), "no safetensors"},
        {ESC_STR("\377\377\377\377\377\377\377\377{}"), "no safetensors"},
        {ESC_STR("\2\0\0\0\0\0\0\0{]"), "header of the tensors"},
        {ESC_STR("\2\0\0\0\0\0\0\0{}"), "0 layers"},
        {ESC_STR("\2\0\0\0\0\0\0\0[]"), "0 layers"},
    };
    const uint8_t source[32] = {0};
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct esc_buf out;
        const struct esc_convert_input input = {.model = cases[i].bytes,
                                                .vocab = esc_str_of(small_model_vocab),
                                                .source = source,
                                                .name = "none"};
        esc_buf_init(&out, ESC_MAX_FILE);
        expect_status(ESC_INVALID, esc_convert(&input, &out, &err));
        expect_contains(cases[i].message, err.message);
        esc_buf_done(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_converted_model_is_whole_and_knows_its_source),
        cmocka_unit_test(each_weight_lands_where_the_kernel_looks_for_it),
        cmocka_unit_test(a_tensor_that_does_not_fit_is_refused_by_name),
        cmocka_unit_test(missing_tensors_are_named),
        cmocka_unit_test(weights_that_are_no_numbers_are_refused),
        cmocka_unit_test(what_is_no_safetensors_file_is_refused),
    };
    return cmocka_run_group_tests_name("embed/convert", tests, NULL, NULL);
}
