/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/id.h"

#include <string.h>

#include "tests/support/test.h"

static void a_v5_uuid_is_the_one_of_the_standard(void **)
{
    /* RFC 9562, appendix A.4: the name www.example.com in the name space of domain names */
    struct esc_uuid dns;
    char text[ESC_UUID_TEXT];
    assert_true(esc_uuid_parse(ESC_STR("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), &dns));
    esc_uuid_format(esc_uuid_v5(dns, ESC_STR("www.example.com")), text);
    assert_string_equal("2ed6657d-e927-568b-95e1-2665a8aea6a2", text);
}

static void names_of_every_length_around_a_block_have_their_own_uuid(void **)
{
    /* python3: str(uuid.uuid5(uuid.NAMESPACE_DNS, "a" * n)) */
    static const struct {
        size_t len;
        const char *text;
    } cases[] = {
        {0, "4ebd0208-8328-5d69-8c44-ec50939c0967"},
        {39, "5824f981-4282-59d4-9716-acb6d741350e"},
        {40, "39f39c20-db47-5131-8879-62f8f67f9014"},
        {47, "660c273c-8a00-5941-b6f4-8d0afed88966"},
        {48, "7280cc42-274a-5c4a-91fc-ae23f853eeb7"},
        {1000, "062a6b1a-ddc3-5fcc-b238-790846e533d6"},
    };
    struct esc_uuid dns;
    assert_true(esc_uuid_parse(ESC_STR("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), &dns));
    char name[1000], text[ESC_UUID_TEXT];
    memset(name, 'a', sizeof name);
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        esc_uuid_format(esc_uuid_v5(dns, (struct esc_str){name, cases[i].len}), text);
        assert_string_equal(cases[i].text, text);
    }
}

static void a_v4_uuid_says_so_and_differs_each_time(void **)
{
    const struct esc_uuid a = esc_uuid_v4(esc_random_system());
    const struct esc_uuid b = esc_uuid_v4(esc_random_system());
    assert_false(esc_uuid_equal(a, b));
    assert_int_equal(0x40, a.bytes[6] & 0xF0);
    assert_int_equal(0x80, a.bytes[8] & 0xC0);
}

static void a_uuid_is_read_in_either_case_and_no_other_shape(void **)
{
    static const char *const bad[] = {
        "",
        "6ba7b810-9dad-11d1-80b4-00c04fd430c",
        "6ba7b810-9dad-11d1-80b4-00c04fd430c88",
        "6ba7b8109dad11d180b400c04fd430c8",
        "{6ba7b810-9dad-11d1-80b4-00c04fd430c}",
        "6ba7b810-9dad-11d1-80b4-00c04fd430cg",
        "6ba7b8109-dad-11d1-80b4-00c04fd430c8",
        "6ba7b810_9dad_11d1_80b4_00c04fd430c8",
    };
    struct esc_uuid uuid, same;
    for (size_t i = 0; i < ESC_COUNT(bad); i++)
        assert_false(esc_uuid_parse(esc_str_of(bad[i]), &uuid));
    assert_true(esc_uuid_parse(ESC_STR("6BA7B810-9DAD-11D1-80B4-00C04FD430C8"), &uuid));
    assert_true(esc_uuid_parse(ESC_STR("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), &same));
    assert_true(esc_uuid_equal(uuid, same));
    char text[ESC_UUID_TEXT];
    esc_uuid_format(uuid, text);
    assert_string_equal("6ba7b810-9dad-11d1-80b4-00c04fd430c8", text);
}

static void a_seeded_stream_repeats(void **)
{
    struct esc_random_seeded a, b, other;
    uint8_t left[32], right[32];
    esc_random_seeded_init(&a, 5);
    esc_random_seeded_init(&b, 5);
    esc_random_seeded_init(&other, 6);
    esc_random_fill(&a.random, left, sizeof left);
    esc_random_fill(&b.random, right, sizeof right);
    assert_memory_equal(left, right, sizeof left);
    esc_random_fill(&other.random, right, sizeof right);
    assert_memory_not_equal(left, right, sizeof left);
}

static void a_random_number_stays_below_its_bound_and_reaches_all(void **)
{
    struct esc_random_seeded seeded;
    esc_random_seeded_init(&seeded, 1);
    for (uint64_t bound = 1; bound <= 7; bound++) {
        unsigned seen = 0;
        for (int i = 0; i < 500; i++) {
            const uint64_t value = esc_random_below(&seeded.random, bound);
            assert_true(value < bound);
            seen |= 1u << value;
        }
        assert_int_equal((1u << bound) - 1, seen);
    }
}

/* Gives the numbers of a list, each as eight bytes. */
struct script {
    const uint64_t *numbers;
    size_t given;
};

static void fill_from_script(void *context, void *bytes, size_t len)
{
    struct script *script = context;
    assert_int_equal(sizeof script->numbers[0], len);
    memcpy(bytes, &script->numbers[script->given++], len);
}

static void numbers_that_would_favour_some_are_drawn_again(void **)
{
    /* 2^64 = 3 n + 1: only the very last number is one too many. */
    static const uint64_t numbers[] = {UINT64_MAX, UINT64_MAX - 1};
    struct script script = {numbers, 0};
    const struct esc_random random = {fill_from_script, &script};
    assert_int_equal(2, esc_random_below(&random, 3));
    assert_int_equal(2, script.given);
    script.given = 0;
    assert_true(esc_random_below(&random, (uint64_t)1 << 63) == ((uint64_t)1 << 63) - 1);
    assert_int_equal(1, script.given); /* a power of two favours nobody */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_v5_uuid_is_the_one_of_the_standard),
        cmocka_unit_test(names_of_every_length_around_a_block_have_their_own_uuid),
        cmocka_unit_test(a_v4_uuid_says_so_and_differs_each_time),
        cmocka_unit_test(a_uuid_is_read_in_either_case_and_no_other_shape),
        cmocka_unit_test(a_seeded_stream_repeats),
        cmocka_unit_test(a_random_number_stays_below_its_bound_and_reaches_all),
        cmocka_unit_test(numbers_that_would_favour_some_are_drawn_again),
    };
    return cmocka_run_group_tests_name("base/id", tests, NULL, NULL);
}
