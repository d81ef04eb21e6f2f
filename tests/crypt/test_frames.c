/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/crypt/frames.h"

#include <string.h>

#include "escher/base/limits.h"
#include "tests/support/test.h"

static struct esc_error err;
static const struct esc_str context = {"run 7, step 1, out", 18};

static struct esc_secret *key_of(uint64_t seed)
{
    struct esc_random_seeded random;
    esc_random_seeded_init(&random, seed);
    return esc_secret_random(&random.random, ESC_FRAMES_KEY);
}

/* A stream of three frames, "one", "two", "three" (final), and where each begins. */
static struct esc_buf three_frames(size_t at[5])
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = key_of(1);
    struct esc_buf stream;
    esc_buf_init(&stream, ESC_MAX_REQUEST);
    ESC_CLEANUP(esc_frames_writer_freep)
    struct esc_frames_writer *writer = esc_frames_writer_new(key, context, &stream);
    at[0] = 0;
    at[1] = stream.len;
    esc_frames_push(writer, ESC_STR("one"), false, &stream);
    at[2] = stream.len;
    esc_frames_push(writer, ESC_STR("two"), false, &stream);
    at[3] = stream.len;
    esc_frames_push(writer, ESC_STR("three"), true, &stream);
    at[4] = stream.len;
    return stream;
}

/* Reads @p bytes with the key of @p seed in pieces of @p step bytes; the plain text in *out. */
static enum esc_status read_all(uint64_t seed, struct esc_str label, struct esc_str bytes,
                                size_t step, struct esc_buf *out)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = key_of(seed);
    ESC_CLEANUP(esc_frames_reader_freep)
    struct esc_frames_reader *reader = esc_frames_reader_new(key, label);
    esc_buf_init(out, ESC_MAX_REQUEST);
    for (size_t i = 0; i < bytes.len; i += step) {
        enum esc_status status =
            esc_frames_feed(reader, esc_str_slice(bytes, i, i + step), out, &err);
        if (status != ESC_OK)
            return status;
    }
    return esc_frames_end(reader, &err);
}

static void expect_reading(enum esc_status expected, const char *plain, struct esc_str bytes)
{
    struct esc_buf out;
    expect_status(expected, read_all(1, context, bytes, bytes.len + 1, &out));
    assert_true(esc_str_is(esc_buf_str(&out), plain));
    esc_buf_done(&out);
}

static void a_stream_reads_back_however_it_is_cut(void **)
{
    size_t at[5];
    struct esc_buf stream = three_frames(at);
    assert_int_equal(ESC_FRAMES_HEADER, at[1]);
    assert_int_equal(at[1] + ESC_FRAME_OVERHEAD + 3, at[2]);
    for (size_t step = 1; step < stream.len + 2; step++) {
        struct esc_buf out;
        expect_ok(read_all(1, context, esc_buf_str(&stream), step, &out));
        assert_true(esc_str_is(esc_buf_str(&out), "onetwothree"));
        esc_buf_done(&out);
    }
    esc_buf_done(&stream);
}

static void a_frame_can_be_read_before_the_next_is_written(void **)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = key_of(1);
    struct esc_buf stream, out;
    esc_buf_init(&stream, 1000);
    esc_buf_init(&out, 1000);
    ESC_CLEANUP(esc_frames_writer_freep)
    struct esc_frames_writer *writer = esc_frames_writer_new(key, context, &stream);
    ESC_CLEANUP(esc_frames_reader_freep)
    struct esc_frames_reader *reader = esc_frames_reader_new(key, context);
    esc_frames_push(writer, ESC_STR("live"), false, &stream);
    expect_ok(esc_frames_feed(reader, esc_buf_str(&stream), &out, &err));
    assert_true(esc_str_is(esc_buf_str(&out), "live"));
    assert_false(esc_frames_is_finished(reader));
    esc_buf_reset(&stream);
    esc_frames_push(writer, ESC_STR(""), true, &stream);
    expect_ok(esc_frames_feed(reader, esc_buf_str(&stream), &out, &err));
    assert_true(esc_frames_is_finished(reader));
    expect_ok(esc_frames_end(reader, &err));
    esc_buf_done(&stream);
    esc_buf_done(&out);
}

static void a_stream_cut_anywhere_ends_early(void **)
{
    size_t at[5];
    struct esc_buf stream = three_frames(at);
    for (size_t len = 0; len < stream.len; len++) {
        const char *plain = len < at[2] ? "" : len < at[3] ? "one" : "onetwo";
        expect_reading(ESC_CORRUPT, plain, esc_str_slice(esc_buf_str(&stream), 0, len));
        expect_contains("ends early", err.message);
    }
    esc_buf_done(&stream);
}

static void frames_left_out_doubled_or_swapped_are_found(void **)
{
    static const struct {
        unsigned char order[4]; /* which of the pieces, 0 is the header */
        unsigned char count;
        const char *plain;
    } cases[] = {
        {{0, 2, 3}, 3, ""},    /* the first is missing */
        {{0, 1, 3}, 3, "one"}, /* one in the middle */
        {{0, 1, 1}, 3, "one"}, /* doubled */
        {{0, 2, 1, 3}, 4, ""}, /* swapped */
        {{0, 3}, 2, ""},       /* the end alone */
        {{1, 2, 3}, 3, ""},    /* no header */
    };
    size_t at[5];
    struct esc_buf stream = three_frames(at), mixed;
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        esc_buf_init(&mixed, ESC_MAX_REQUEST);
        for (size_t k = 0; k < cases[i].count; k++) {
            size_t piece = cases[i].order[k];
            esc_buf_add(&mixed, esc_str_slice(esc_buf_str(&stream), at[piece], at[piece + 1]));
        }
        expect_reading(ESC_CORRUPT, cases[i].plain, esc_buf_str(&mixed));
        esc_buf_done(&mixed);
    }
    esc_buf_done(&stream);
}

static void no_changed_bit_passes(void **)
{
    size_t at[5];
    struct esc_buf stream = three_frames(at);
    for (size_t bit = 0; bit < stream.len * 8; bit++) {
        stream.ptr[bit / 8] ^= (char)(1 << (bit % 8));
        struct esc_buf out;
        expect_status(ESC_CORRUPT, read_all(1, context, esc_buf_str(&stream), 1000, &out));
        assert_true(esc_str_starts_with(ESC_STR("onetwo"), esc_buf_str(&out)));
        esc_buf_done(&out);
        stream.ptr[bit / 8] ^= (char)(1 << (bit % 8));
    }
    esc_buf_done(&stream);
}

static void another_key_or_context_opens_nothing(void **)
{
    size_t at[5];
    struct esc_buf stream = three_frames(at), out;
    expect_status(ESC_CORRUPT, read_all(2, context, esc_buf_str(&stream), 1000, &out));
    assert_int_equal(0, out.len);
    esc_buf_done(&out);
    expect_status(ESC_CORRUPT,
                  read_all(1, ESC_STR("run 8, step 1, out"), esc_buf_str(&stream), 1000, &out));
    assert_int_equal(0, out.len);
    esc_buf_done(&out);
    esc_buf_done(&stream);
}

static void nothing_may_follow_the_final_frame(void **)
{
    size_t at[5];
    struct esc_buf stream = three_frames(at);
    esc_buf_add_char(&stream, '\0');
    expect_reading(ESC_CORRUPT, "onetwothree", esc_buf_str(&stream));
    expect_contains("after its end", err.message);
    esc_buf_done(&stream);
}

static void a_long_push_becomes_several_frames(void **)
{
    const size_t size = 2 * ESC_FRAME_MAX + 5;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = key_of(1);
    char *text = esc_alloc(size);
    for (size_t i = 0; i < size; i++)
        text[i] = (char)(i % 251);
    struct esc_buf stream, out;
    esc_buf_init(&stream, ESC_MAX_REQUEST);
    ESC_CLEANUP(esc_frames_writer_freep)
    struct esc_frames_writer *writer = esc_frames_writer_new(key, context, &stream);
    esc_frames_push(writer, (struct esc_str){text, size}, true, &stream);
    assert_int_equal(ESC_FRAMES_HEADER + size + 3 * ESC_FRAME_OVERHEAD, stream.len);
    expect_ok(read_all(1, context, esc_buf_str(&stream), 1000, &out));
    assert_int_equal(size, out.len);
    assert_memory_equal(text, out.ptr, size);
    esc_buf_done(&stream);
    esc_buf_done(&out);
    free(text);
}

static void an_empty_push_writes_nothing_unless_final(void **)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = key_of(1);
    struct esc_buf stream;
    esc_buf_init(&stream, 1000);
    ESC_CLEANUP(esc_frames_writer_freep)
    struct esc_frames_writer *writer = esc_frames_writer_new(key, context, &stream);
    esc_frames_push(writer, ESC_STR(""), false, &stream);
    assert_int_equal(ESC_FRAMES_HEADER, stream.len);
    esc_frames_push(writer, ESC_STR(""), true, &stream);
    expect_reading(ESC_OK, "", esc_buf_str(&stream));
    esc_buf_done(&stream);
}

static void a_failed_reader_stays_failed(void **)
{
    size_t at[5];
    struct esc_buf stream = three_frames(at), out;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = key_of(1);
    ESC_CLEANUP(esc_frames_reader_freep)
    struct esc_frames_reader *reader = esc_frames_reader_new(key, context);
    esc_buf_init(&out, 1000);
    expect_status(ESC_CORRUPT,
                  esc_frames_feed(reader, ESC_STR("this is plain text, no stream"), &out, &err));
    expect_status(ESC_CORRUPT, esc_frames_feed(reader, esc_buf_str(&stream), &out, &err));
    expect_status(ESC_CORRUPT, esc_frames_end(reader, &err));
    assert_int_equal(0, out.len);
    esc_buf_done(&stream);
    esc_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_reads_back_however_it_is_cut),
        cmocka_unit_test(a_frame_can_be_read_before_the_next_is_written),
        cmocka_unit_test(a_stream_cut_anywhere_ends_early),
        cmocka_unit_test(frames_left_out_doubled_or_swapped_are_found),
        cmocka_unit_test(no_changed_bit_passes),
        cmocka_unit_test(another_key_or_context_opens_nothing),
        cmocka_unit_test(nothing_may_follow_the_final_frame),
        cmocka_unit_test(a_long_push_becomes_several_frames),
        cmocka_unit_test(an_empty_push_writes_nothing_unless_final),
        cmocka_unit_test(a_failed_reader_stays_failed),
    };
    return cmocka_run_group_tests_name("crypt/frames", tests, NULL, NULL);
}
