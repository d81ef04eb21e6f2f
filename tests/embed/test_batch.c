/* SPDX-License-Identifier: Apache-2.0 */
/* A vector depends on its text alone, whatever else is encoded with it; a small model shows it. */
#include "escher/embed/encoder.h"

#include <math.h>
#include <string.h>

#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/embed/weights_private.h"
#include "escher/vec/kernel.h"
#include "tests/embed/small_model.h"
#include "tests/support/test.h"

static struct esc_error err;
static char *path;

enum {
    TEXTS = 60,
    WIDTH = ESC_EMBED_DIMENSIONS
};

/* Of 0 to 600 pieces, so that batches end in many ways and some texts are cut. */
static struct esc_buf bufs[TEXTS];
static struct esc_str texts[TEXTS];
static float alone[TEXTS * WIDTH];

static struct esc_encoder *open_encoder(void)
{
    struct esc_encoder *encoder = NULL;
    expect_ok(esc_encoder_open(path, &encoder, &err));
    return encoder;
}

static int encode_alone(void **)
{
    path = small_model_weights();
    struct esc_encoder *encoder = NULL;
    if (esc_encoder_open(path, &encoder, &err) != ESC_OK)
        return 1;
    enum esc_status status = ESC_OK;
    for (size_t i = 0; i < TEXTS; i++) {
        size_t length = i % 10 == 9 ? 10 * i : i % 7 * 3;
        esc_buf_init(&bufs[i], ESC_MAX_NAME);
        for (size_t c = 0; c < length; c++)
            esc_buf_printf(&bufs[i], "%c ", (char)('a' + (c * 7 + i) % 26));
        texts[i] = esc_buf_str(&bufs[i]);
        if (status == ESC_OK)
            status = esc_encoder_encode(encoder, &texts[i], 1, alone + i * WIDTH, &err);
    }
    esc_encoder_free(encoder);
    return status != ESC_OK;
}

static int drop_texts(void **)
{
    for (size_t i = 0; i < TEXTS; i++)
        esc_buf_done(&bufs[i]);
    free(path);
    return 0;
}

static void a_vector_has_length_1(void **)
{
    for (size_t i = 0; i < TEXTS; i++) {
        double squares = 0;
        for (size_t d = 0; d < WIDTH; d++)
            squares += pow((double)alone[i * WIDTH + d], 2);
        assert_true(fabs(squares - 1) < 1e-6);
    }
}

static void different_texts_have_different_vectors(void **)
{
    assert_memory_not_equal(alone, alone + WIDTH, WIDTH * sizeof(float));
    assert_memory_not_equal(alone + WIDTH, alone + 2 * (size_t)WIDTH, WIDTH * sizeof(float));
}

static void any_batch_gives_the_same_bits(void **)
{
    static float together[TEXTS * WIDTH];
    ESC_CLEANUP(esc_encoder_freep) struct esc_encoder *encoder = open_encoder();
    for (size_t first = 0; first < TEXTS; first += 19)
        for (size_t count = 1; first + count <= TEXTS; count += 1 + count) {
            expect_ok(esc_encoder_encode(encoder, texts + first, count, together, &err));
            assert_memory_equal(alone + first * WIDTH, together, count * WIDTH * sizeof(float));
        }
}

static void any_order_gives_the_same_bits(void **)
{
    static struct esc_str turned[TEXTS];
    static float vectors[TEXTS * WIDTH];
    ESC_CLEANUP(esc_encoder_freep) struct esc_encoder *encoder = open_encoder();
    for (size_t i = 0; i < TEXTS; i++)
        turned[i] = texts[TEXTS - 1 - i];
    expect_ok(esc_encoder_encode(encoder, turned, TEXTS, vectors, &err));
    for (size_t i = 0; i < TEXTS; i++)
        assert_memory_equal(alone + i * WIDTH, vectors + (TEXTS - 1 - i) * WIDTH,
                            WIDTH * sizeof(float));
}

static void a_clone_gives_the_same_bits_and_outlives_its_origin(void **)
{
    static float vectors[TEXTS * WIDTH];
    struct esc_encoder *encoder = open_encoder();
    ESC_CLEANUP(esc_encoder_freep) struct esc_encoder *clone = esc_encoder_clone(encoder);
    esc_encoder_free(encoder);
    expect_ok(esc_encoder_encode(clone, texts, TEXTS, vectors, &err));
    assert_memory_equal(alone, vectors, sizeof alone);
    assert_string_equal("small/abcd000000000000/t1/f32", esc_encoder_space_id(clone));
}

static void every_kernel_is_the_same_to_rounding(void **)
{
    static float vectors[TEXTS * WIDTH];
    ESC_CLEANUP(esc_encoder_freep) struct esc_encoder *encoder = open_encoder();
    esc_encoder_use_kernel(encoder, esc_kernel_named("scalar"));
    assert_string_equal("scalar", esc_encoder_kernel(encoder)->name);
    expect_ok(esc_encoder_encode(encoder, texts, TEXTS, vectors, &err));
    for (size_t i = 0; i < ESC_COUNT(vectors); i++)
        assert_true(fabsf(vectors[i] - alone[i]) <= 1e-5f);
}

static void no_texts_are_no_work(void **)
{
    float untouched = 7;
    ESC_CLEANUP(esc_encoder_freep) struct esc_encoder *encoder = open_encoder();
    expect_ok(esc_encoder_encode(encoder, NULL, 0, &untouched, &err));
    assert_true(untouched == 7);
}

static void weights_that_lead_nowhere_are_reported(void **)
{
    struct esc_buf bytes;
    struct esc_encoder *encoder = NULL;
    float vector[WIDTH];
    esc_buf_init(&bytes, ESC_MAX_FILE);
    expect_ok(esc_file_read(path, &bytes, &err));
    const struct weights_header *header = (const struct weights_header *)(void *)bytes.ptr;
    for (size_t i = 0; i < header->section_count; i++)
        if (header->sections[i].kind == SECTION_WORDS)
            memset(bytes.ptr + header->sections[i].offset, 0xFF, header->sections[i].size);
    char *damaged = small_model_file(&bytes);
    expect_ok(esc_encoder_open(damaged, &encoder, &err));
    expect_status(ESC_CORRUPT, esc_encoder_encode(encoder, texts, 1, vector, &err));
    expect_contains("damaged", err.message);
    esc_encoder_free(encoder);
    free(damaged);
    esc_buf_done(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vector_has_length_1),
        cmocka_unit_test(different_texts_have_different_vectors),
        cmocka_unit_test(any_batch_gives_the_same_bits),
        cmocka_unit_test(any_order_gives_the_same_bits),
        cmocka_unit_test(a_clone_gives_the_same_bits_and_outlives_its_origin),
        cmocka_unit_test(every_kernel_is_the_same_to_rounding),
        cmocka_unit_test(no_texts_are_no_work),
        cmocka_unit_test(weights_that_lead_nowhere_are_reported),
    };
    return cmocka_run_group_tests_name("embed/batch", tests, encode_alone, drop_texts);
}
