/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/list.h"
#include "escher/embed/encoder.h"
#include "tests/bench/bench.h"

/*
 * usage: bench-embed WEIGHTS TEXTS
 *
 * TEXTS is a file with one text a line: the first is embedded alone, again and again; all of them
 * together are the batch. One thread.
 */

enum {
    SINGLE_ROUNDS = 200,
    BATCH_ROUNDS = 5
};

static size_t cut_lines(struct esc_str text, struct esc_str *lines, size_t limit)
{
    size_t count = 0;
    struct esc_str line;
    while (count < limit && esc_str_next(&text, '\n', &line)) {
        if (line.len > 0)
            lines[count++] = line;
    }
    return count;
}

static void encode(struct esc_encoder *encoder, const struct esc_str *texts, size_t count,
                   float *vectors)
{
    struct esc_error err;
    bench_need(esc_encoder_encode(encoder, texts, count, vectors, &err), &err);
}

static void measure_one(struct esc_encoder *encoder, const struct esc_str *text, float *vectors)
{
    struct bench_samples samples = {0};
    for (int i = 0; i < SINGLE_ROUNDS; i++) {
        const uint64_t began = bench_now_ns();
        encode(encoder, text, 1, vectors);
        bench_add(&samples, (double)(bench_now_ns() - began) / 1e6);
    }
    bench_say_samples("one text", "ms", &samples);
}

static void measure_batch(struct esc_encoder *encoder, const struct esc_str *texts, size_t count,
                          float *vectors)
{
    struct bench_samples samples = {0};
    for (int i = 0; i < BATCH_ROUNDS; i++) {
        const uint64_t began = bench_now_ns();
        encode(encoder, texts, count, vectors);
        bench_add(&samples, (double)count * 1e9 / (double)(bench_now_ns() - began));
    }
    bench_say_samples("batch", "texts/s", &samples);
}

int main(int argc, char **argv)
{
    static struct esc_str lines[4096];
    struct esc_error err;
    struct esc_encoder *encoder = NULL;
    struct esc_buf file;
    if (argc != 3)
        return 2;
    const uint64_t began = bench_now_ns();
    bench_need(esc_encoder_open(argv[1], &encoder, &err), &err);
    bench_say("open the weights", "ms", (double)(bench_now_ns() - began) / 1e6, 1);
    esc_buf_init(&file, ESC_MAX_FILE);
    bench_need(esc_file_read(argv[2], &file, &err), &err);
    const size_t count = cut_lines(esc_buf_str(&file), lines, sizeof lines / sizeof *lines);
    ESC_CLEANUP(esc_freep)
    float *vectors = esc_alloc_array(count * ESC_EMBED_DIMENSIONS, sizeof *vectors);
    measure_one(encoder, lines, vectors);
    measure_batch(encoder, lines, count, vectors);
    esc_encoder_free(encoder);
    esc_buf_done(&file);
    return 0;
}
