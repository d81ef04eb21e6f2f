/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/squeeze.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/id.h"
#include "escher/base/limits.h"
#include "escher/base/varint.h"
#include "tests/support/test.h"

static struct esc_error err;

/* How many bytes it took. */
static size_t there_and_back(struct esc_str known, struct esc_str bytes)
{
    struct esc_buf small, again;
    esc_buf_init(&small, ESC_MAX_FILE);
    esc_buf_init(&again, ESC_MAX_FILE);
    esc_squeeze(known, bytes, &small);
    expect_ok(esc_unsqueeze(known, esc_buf_str(&small), &again, &err));
    assert_int_equal(bytes.len, again.len);
    if (bytes.len)
        assert_memory_equal(bytes.ptr, again.ptr, bytes.len);
    const size_t size = small.len;
    esc_buf_done(&small);
    esc_buf_done(&again);
    return size;
}

static void any_bytes_come_back(void **)
{
    struct esc_random_seeded random;
    char known[6000], bytes[9000];
    esc_random_seeded_init(&random, 5);
    for (size_t round = 0; round < 400; round++) {
        const uint64_t letters = 1 + esc_random_below(&random.random, 256);
        const size_t known_len = (size_t)esc_random_below(&random.random, sizeof known),
                     len = (size_t)esc_random_below(&random.random, sizeof bytes);
        for (size_t i = 0; i < known_len; i++)
            known[i] = (char)esc_random_below(&random.random, letters);
        for (size_t i = 0; i < len; i++)
            bytes[i] = (char)esc_random_below(&random.random, letters);
        (void)there_and_back((struct esc_str){known, known_len}, (struct esc_str){bytes, len});
    }
    (void)there_and_back(ESC_STR(""), ESC_STR(""));
    (void)there_and_back(ESC_STR("abc"), ESC_STR("abc"));
}

static void what_is_known_and_what_is_said_twice_takes_little(void **)
{
    const struct esc_str one = ESC_STR(
        "{\"id\":\"111111111111-us-east-1-ebs_volume-vol-0a1\",\"state\":\"in-use\",\"size\":80}");
    const struct esc_str other = ESC_STR(
        "{\"id\":\"111111111111-us-east-1-ebs_volume-vol-7c9\",\"state\":\"in-use\",\"size\":80}");
    assert_true(there_and_back(one, other) < 16);
    char many[10'000];
    memset(many, 'x', sizeof many);
    assert_true(there_and_back(ESC_STR(""), (struct esc_str){many, sizeof many}) < 16);
}

static void what_was_not_made_with_it_is_refused_or_at_least_harmless(void **)
{
    static const struct {
        const char *bytes;
        size_t len;
    } wrong[] = {
        {"", 0}, /* no run */
        {"\x05"
         "ab",
         3}, /* fewer bytes than it says */
        {"\x01"
         "a\x04",
         3}, /* a copy from nowhere */
        {"\x01"
         "a\x04\x00\x00\x00",
         6}, /* from here */
        {"\x01"
         "a\x04\x7f\x00\x00",
         6}, /* from before all */
        {"\x01"
         "a\x04\x01",
         4}, /* no last run */
        {"\x01"
         "a\x00"
         "b",
         4},                                                  /* more behind the last one */
        {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 11}, /* no number */
    };
    struct esc_buf out;
    for (size_t i = 0; i < ESC_COUNT(wrong); i++) {
        esc_buf_init(&out, 100);
        expect_status(ESC_CORRUPT,
                      esc_unsqueeze(ESC_STR("zz"), (struct esc_str){wrong[i].bytes, wrong[i].len},
                                    &out, &err));
        esc_buf_done(&out);
    }
    esc_buf_init(&out, 100); /* what would grow over the ceiling is refused too */
    expect_status(ESC_CORRUPT, esc_unsqueeze(ESC_STR(""),
                                             (struct esc_str){"\x01"
                                                              "a\xff\x7f\x01\x00\x00",
                                                              7},
                                             &out, &err));
    esc_buf_done(&out);
}

static void numbers_take_as_few_bytes_as_they_need(void **)
{
    static const struct {
        uint64_t number;
        size_t len;
    } cases[] = {{0, 1}, {127, 1}, {128, 2}, {16'383, 2}, {16'384, 3}, {UINT64_MAX, 10}};
    struct esc_buf out;
    uint64_t number;
    esc_buf_init(&out, 100);
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        esc_buf_reset(&out);
        esc_varint_add(&out, cases[i].number);
        assert_int_equal(cases[i].len, out.len);
        for (size_t len = 0; len < out.len; len++) {
            struct esc_str cut = {out.ptr, len};
            assert_false(esc_varint_take(&cut, &number));
        }
        struct esc_str rest = esc_buf_str(&out);
        assert_true(esc_varint_take(&rest, &number));
        assert_true(cases[i].number == number);
        assert_int_equal(0, rest.len);
    }
    esc_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_take_as_few_bytes_as_they_need),
        cmocka_unit_test(any_bytes_come_back),
        cmocka_unit_test(what_is_known_and_what_is_said_twice_takes_little),
        cmocka_unit_test(what_was_not_made_with_it_is_refused_or_at_least_harmless),
    };
    return cmocka_run_group_tests_name("base/squeeze", tests, NULL, NULL);
}
