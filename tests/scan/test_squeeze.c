/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/squeeze_private.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/id.h"
#include "escher/base/limits.h"
#include "tests/support/test.h"

static struct esc_error err;

/* How many bytes it took. */
static size_t there_and_back(struct esc_str known, struct esc_str bytes)
{
    struct esc_buf small, again;
    esc_buf_init(&small, ESC_MAX_FILE);
    esc_buf_init(&again, ESC_MAX_FILE);
    scan_squeeze(known, bytes, &small);
    expect_ok(scan_unsqueeze(known, esc_buf_str(&small), &again, &err));
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
    char known[SCAN_SQUEEZE_KNOWN], bytes[9000];
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
    assert_true(there_and_back(one, other) < one.len / 2);
    char many[10'000];
    memset(many, 'x', sizeof many);
    assert_true(there_and_back(ESC_STR(""), (struct esc_str){many, sizeof many}) <
                sizeof many / 100);
}

static void what_was_not_made_with_it_is_refused(void **)
{
    static const struct {
        const char *bytes;
        size_t len;
    } wrong[] = {
        {"", 0},     /* no number */
        {"\x05", 1}, /* no block */
        {"\x05\x20"
         "ab",
         4}, /* fewer bytes than it says */
        {"\x01\x20"
         "ab",
         4}, /* more */
        {"\x09\x14"
         "a\x00\x00",
         5}, /* a copy from here */
        {"\x09\x14"
         "a\xff\x00",
         5}, /* from before all that is known */
        {"\xff\xff\x03\x10"
         "a",
         5}, /* a block cannot hold so much */
        {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 11},
    };
    for (size_t i = 0; i < ESC_COUNT(wrong); i++) {
        struct esc_buf out;
        esc_buf_init(&out, 100);
        expect_status(ESC_CORRUPT,
                      scan_unsqueeze(ESC_STR("zz"), (struct esc_str){wrong[i].bytes, wrong[i].len},
                                     &out, &err));
        esc_buf_done(&out);
    }
}

/* Whatever was changed in between: an answer, never more than there is room for. */
static void damaged_bytes_do_no_harm(void **)
{
    struct esc_random_seeded random;
    struct esc_buf small, again;
    const struct esc_str known = ESC_STR("{\"id\":\"vol-0a1\",\"state\":\"in-use\"}"),
                         bytes = ESC_STR("{\"id\":\"vol-7c9\",\"state\":\"in-use\",\"n\":80}");
    esc_random_seeded_init(&random, 6);
    for (size_t round = 0; round < 4'000; round++) {
        esc_buf_init(&small, 1000);
        esc_buf_init(&again, 40);
        scan_squeeze(known, bytes, &small);
        small.ptr[esc_random_below(&random.random, small.len)] =
            (char)esc_random_below(&random.random, 256);
        (void)scan_unsqueeze(known, esc_buf_str(&small), &again, NULL);
        assert_true(again.len <= 40);
        esc_buf_done(&small);
        esc_buf_done(&again);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_bytes_come_back),
        cmocka_unit_test(what_is_known_and_what_is_said_twice_takes_little),
        cmocka_unit_test(what_was_not_made_with_it_is_refused),
        cmocka_unit_test(damaged_bytes_do_no_harm),
    };
    return cmocka_run_group_tests_name("scan/squeeze", tests, NULL, NULL);
}
