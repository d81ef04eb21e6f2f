/* SPDX-License-Identifier: Apache-2.0 */
/* The encoder with the real weights, against vectors that other programs computed. */
#include "escher/embed/encoder.h"

#include <math.h>

#include "escher/base/limits.h"
#include "escher/vec/kernel.h"
#include "tests/embed/reference.h"
#include "tests/support/test.h"

static struct esc_error err;

/* Sanitizers make the kernels twenty times slower, so under them every twentieth line must do. */
enum {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    LINE_STEP = 20
#else
    LINE_STEP = 1
#endif
};

static struct esc_encoder *open_real(void)
{
    struct esc_encoder *encoder = NULL;
    char *path = reference_weights();
    expect_ok(esc_encoder_open(path, &encoder, &err));
    free(path);
    return encoder;
}

static double cosine(const float *a, const float *b)
{
    double dot = 0, left = 0, right = 0;
    for (size_t i = 0; i < ESC_EMBED_DIMENSIONS; i++) {
        dot += (double)a[i] * (double)b[i];
        left += (double)a[i] * (double)a[i];
        right += (double)b[i] * (double)b[i];
    }
    return dot / sqrt(left * right);
}

/* All texts of the lines in one call; the result is the caller's. */
static float *encode_lines(struct esc_encoder *encoder, const struct esc_list *lines)
{
    float *vectors = esc_alloc_array(lines->count * ESC_EMBED_DIMENSIONS, sizeof *vectors);
    struct esc_buf *bufs = esc_alloc_array(lines->count, sizeof *bufs);
    struct esc_str *texts = esc_alloc_array(lines->count, sizeof *texts);
    for (size_t i = 0; i < lines->count; i++) {
        esc_buf_init(&bufs[i], ESC_MAX_FILE);
        texts[i] = reference_text(lines->items[i], &bufs[i]);
    }
    expect_ok(esc_encoder_encode(encoder, texts, lines->count, vectors, &err));
    for (size_t i = 0; i < lines->count; i++)
        esc_buf_done(&bufs[i]);
    free(bufs);
    free(texts);
    return vectors;
}

static void expect_vectors(const struct esc_list *lines, const float *vectors)
{
    for (size_t i = 0; i < lines->count; i++) {
        double found = reference_cosine(lines->items[i], vectors + i * ESC_EMBED_DIMENSIONS);
        if (!(found >= 0.999999))
            fail_msg("line %zu: cosine %.9f", i + 1, found);
    }
}

static void keep_every_nth(struct esc_list *lines, size_t n)
{
    for (size_t i = lines->count; i-- > 0;)
        if (i % n != 0)
            esc_json_free(esc_list_remove(lines, i));
}

static void every_kernel_gives_the_reference_vectors(void **)
{
    static const char *const kernels[] = {"scalar", "avx2"};
    struct esc_list lines;
    reference_corpus("embedding/minilm-reference.jsonl.gz", &lines);
    assert_int_equal(200, lines.count);
    keep_every_nth(&lines, LINE_STEP);
    ESC_CLEANUP(esc_encoder_freep) struct esc_encoder *encoder = open_real();
    for (size_t i = 0; i < ESC_COUNT(kernels); i++) {
        if (!esc_kernel_named(kernels[i]))
            continue;
        esc_encoder_use_kernel(encoder, esc_kernel_named(kernels[i]));
        float *vectors = encode_lines(encoder, &lines);
        expect_vectors(&lines, vectors);
        free(vectors);
    }
    esc_list_done(&lines);
}

static void the_sample_keeps_its_vectors_and_kernels_agree_on_it(void **)
{
    struct esc_list lines;
    reference_sample("tests/cases/embed/minilm-sample.jsonl", &lines);
    ESC_CLEANUP(esc_encoder_freep) struct esc_encoder *encoder = open_real();
    float *fast = encode_lines(encoder, &lines);
    esc_encoder_use_kernel(encoder, esc_kernel_named("scalar"));
    float *plain = encode_lines(encoder, &lines);
    expect_vectors(&lines, fast);
    expect_vectors(&lines, plain);
    for (size_t i = 0; i < lines.count * ESC_EMBED_DIMENSIONS; i++)
        assert_true(fabsf(fast[i] - plain[i]) <= 1e-5f);
    free(fast);
    free(plain);
    esc_list_done(&lines);
}

static void texts_of_like_meaning_lie_close(void **)
{
    const struct esc_str texts[] = {ESC_STR("stop the production database"),
                                    ESC_STR("shut down the prod db"),
                                    ESC_STR("list the images in the photo bucket")};
    float vectors[3 * ESC_EMBED_DIMENSIONS];
    ESC_CLEANUP(esc_encoder_freep) struct esc_encoder *encoder = open_real();
    expect_ok(esc_encoder_encode(encoder, texts, 3, vectors, &err));
    double like = cosine(vectors, vectors + ESC_EMBED_DIMENSIONS);
    double unlike = cosine(vectors, vectors + 2 * (size_t)ESC_EMBED_DIMENSIONS);
    assert_true(like > 0.6);
    assert_true(unlike < 0.3);
}

static void the_space_is_named_after_the_model(void **)
{
    ESC_CLEANUP(esc_encoder_freep) struct esc_encoder *encoder = open_real();
    assert_string_equal("minilm-l6-v2/53aa51172d142c89/t1/f32", esc_encoder_space_id(encoder));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kernel_gives_the_reference_vectors),
        cmocka_unit_test(the_sample_keeps_its_vectors_and_kernels_agree_on_it),
        cmocka_unit_test(texts_of_like_meaning_lie_close),
        cmocka_unit_test(the_space_is_named_after_the_model),
    };
    return cmocka_run_group_tests_name("embed/encoder", tests, NULL, NULL);
}
