/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/embed/weights.h"

#include <string.h>

#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/embed/checksum.h"
#include "escher/embed/weights_private.h"
#include "tests/embed/small_model.h"
#include "tests/support/test.h"

static struct esc_error err;
static struct esc_buf sound; /* a whole file */

static int make_sound(void **)
{
    struct small_model model;
    small_model_init(&model);
    esc_buf_init(&sound, ESC_MAX_FILE);
    enum esc_status status = small_model_convert(&model, &sound, &err);
    small_model_done(&model);
    return status != ESC_OK;
}

static int drop_sound(void **)
{
    esc_buf_done(&sound);
    return 0;
}

static struct weights_header *header(void)
{
    return (struct weights_header *)(void *)sound.ptr;
}

static enum esc_status open_bytes(const struct esc_buf *bytes, struct esc_weights **out)
{
    ESC_CLEANUP(esc_freep) char *path = small_model_file(bytes);
    return esc_weights_open(path, out, &err);
}

/* Opens the sound file with its header as it is now, and puts the header back. */
static void expect_header_refused(const struct weights_header *kept, bool rehash,
                                  const char *message)
{
    struct esc_weights *weights = NULL;
    if (rehash)
        header()->hash = weights_header_hash(header());
    enum esc_status status = open_bytes(&sound, &weights);
    *header() = *kept;
    expect_status(ESC_CORRUPT, status);
    expect_contains(message, err.message);
    expect_contains("small.escemb: ", err.message);
}

static void a_header_that_is_not_ours_is_refused(void **)
{
    const struct weights_header kept = *header();
    header()->magic[0] = 'E';
    expect_header_refused(&kept, true, "no weight file");
    header()->version = 2;
    expect_header_refused(&kept, true, "version 2");
    header()->byte_order = 0x04030201;
    expect_header_refused(&kept, true, "version");
    header()->hidden = 768;
    expect_header_refused(&kept, true, "another shape");
    header()->layers = 0;
    expect_header_refused(&kept, true, "another shape");
    header()->layers = MODEL_LAYERS_MAX + 1;
    expect_header_refused(&kept, true, "another shape");
    header()->section_count = 125;
    expect_header_refused(&kept, true, "another shape");
    memset(header()->model, 'x', sizeof header()->model);
    expect_header_refused(&kept, true, "another shape");
    header()->tables = 9;
    expect_header_refused(&kept, true, "version 9 of the tokenizer");
    header()->layers = 2;
    expect_header_refused(&kept, true, "layer 1 is missing");
}

static void a_damaged_header_is_refused(void **)
{
    const struct weights_header kept = *header();
    for (size_t at = 20; at < sizeof kept; at += 97) {
        sound.ptr[at] ^= 4;
        expect_header_refused(&kept, false, "damaged");
    }
}

static void sections_that_lie_elsewhere_are_refused(void **)
{
    const struct weights_header kept = *header();
    for (size_t i = 0; i < kept.section_count; i++) {
        header()->sections[i].offset = kept.file_size + WEIGHTS_ALIGN;
        expect_header_refused(&kept, true, "misplaced");
        header()->sections[i].offset += 4;
        expect_header_refused(&kept, true, "misplaced");
        header()->sections[i].size = UINT64_MAX;
        expect_header_refused(&kept, true, "misplaced");
        header()->sections[i].kind = 99;
        expect_header_refused(&kept, true, "missing");
    }
}

static void a_cut_or_lengthened_file_is_refused(void **)
{
    const size_t lengths[] = {0, 1, 4095, 4096, sound.len - 1};
    for (size_t i = 0; i <= ESC_COUNT(lengths); i++) {
        struct esc_weights *weights = NULL;
        struct esc_buf other;
        esc_buf_init(&other, ESC_MAX_FILE);
        esc_buf_add(&other, esc_str_slice(esc_buf_str(&sound), 0,
                                          i < ESC_COUNT(lengths) ? lengths[i] : sound.len));
        if (i == ESC_COUNT(lengths))
            esc_buf_add_char(&other, 0);
        expect_status(ESC_CORRUPT, open_bytes(&other, &weights));
        assert_null(weights);
        esc_buf_done(&other);
    }
}

static void a_missing_file_is_not_found(void **)
{
    struct esc_weights *weights = NULL;
    expect_status(ESC_NOT_FOUND, esc_weights_open("/nonexistent.escemb", &weights, &err));
    expect_contains("/nonexistent.escemb", err.message);
}

static void verifying_finds_one_changed_bit_in_any_section(void **)
{
    for (size_t i = 0; i < header()->section_count; i++) {
        if (header()->sections[i].kind == SECTION_VOCAB)
            continue; /* opening may refuse it already */
        ESC_CLEANUP(esc_weights_unrefp) struct esc_weights *weights = NULL;
        char *byte = sound.ptr + header()->sections[i].offset + header()->sections[i].size / 2;
        *byte ^= 1;
        enum esc_status status = open_bytes(&sound, &weights);
        *byte ^= 1;
        expect_ok(status);
        expect_status(ESC_CORRUPT, esc_weights_verify(weights, &err));
        expect_contains("is damaged", err.message);
    }
}

static void weights_live_until_the_last_of_their_users_leaves(void **)
{
    struct esc_weights *weights = NULL;
    expect_ok(open_bytes(&sound, &weights));
    struct esc_weights *again = esc_weights_ref(weights);
    esc_weights_unref(weights);
    expect_ok(esc_weights_verify(again, &err));
    esc_weights_unref(again);
    esc_weights_unref(NULL);
}

/* From the specification's reference implementation: the bytes 0, 1, 2, ... */
static void checksums_are_those_of_xxh64(void **)
{
    static const struct {
        size_t len;
        uint64_t expected;
    } cases[] = {
        {0, 0xEF46DB3751D8E999},   {1, 0xE934A84ADB052768},  {3, 0xE5C7BB4533BC65DD},
        {4, 0xFFCED8604453CC1E},   {5, 0xDD0274386E26030C},  {7, 0x14CC643F630C72D2},
        {8, 0x884A173614B81B8D},   {9, 0x67D85784A7C78C5B},  {11, 0x652A564A95365ACA},
        {12, 0x424AF23F1F08DCA5},  {15, 0xA948F5F0F6ABAC2D}, {16, 0x44B6EF2FB84169F7},
        {31, 0xC346D2B59B4D8EE1},  {32, 0xCBF59C5116FF32B4}, {33, 0x0C535D1ACAFB8EAD},
        {47, 0x0D9883A03E7BFBB8},  {64, 0xF7C67301DB6713F0}, {100, 0x6AC1E58032166597},
        {255, 0x0F7D97507CAAD693},
    };
    char bytes[256];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)i;
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        assert_int_equal(cases[i].expected, esc_xxh64((struct esc_str){bytes, cases[i].len}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_that_is_not_ours_is_refused),
        cmocka_unit_test(a_damaged_header_is_refused),
        cmocka_unit_test(sections_that_lie_elsewhere_are_refused),
        cmocka_unit_test(a_cut_or_lengthened_file_is_refused),
        cmocka_unit_test(a_missing_file_is_not_found),
        cmocka_unit_test(verifying_finds_one_changed_bit_in_any_section),
        cmocka_unit_test(weights_live_until_the_last_of_their_users_leaves),
        cmocka_unit_test(checksums_are_those_of_xxh64),
    };
    return cmocka_run_group_tests_name("embed/weights", tests, make_sound, drop_sound);
}
