/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/crypt/sealed_box.h"

#include "tests/support/test.h"

static struct esc_error err;

static struct esc_secret *seed_of(uint64_t number)
{
    struct esc_random_seeded random;
    esc_random_seeded_init(&random, number);
    return esc_secret_random(&random.random, ESC_BOX_SEED);
}

static struct esc_buf box_for(const struct esc_secret *seed, const struct esc_secret *secret)
{
    uint8_t public_half[ESC_BOX_PUBLIC];
    struct esc_buf sealed;
    esc_box_public(seed, public_half);
    esc_buf_init(&sealed, 1000);
    expect_ok(esc_box_seal(public_half, secret, &sealed, &err));
    return sealed;
}

static void what_was_sealed_for_a_seed_opens_with_it(void **)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *seed = seed_of(1), *back = NULL;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *secret = esc_secret_of_text("a key");
    struct esc_buf sealed = box_for(seed, secret), again = box_for(seed, secret);
    assert_int_equal(5 + ESC_BOX_OVERHEAD, sealed.len);
    assert_false(esc_str_equal(esc_buf_str(&sealed), esc_buf_str(&again)));
    expect_ok(esc_box_open(seed, esc_buf_str(&sealed), &back, &err));
    assert_true(esc_secret_equal(secret, back));
    esc_buf_done(&sealed);
    esc_buf_done(&again);
}

static void another_seed_a_changed_bit_or_a_cut_end_is_refused(void **)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *seed = seed_of(1), *other = seed_of(2);
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *secret = esc_secret_of_text("a key");
    struct esc_secret *none = NULL;
    struct esc_buf sealed = box_for(seed, secret);
    expect_status(ESC_CORRUPT, esc_box_open(other, esc_buf_str(&sealed), &none, &err));
    for (size_t bit = 0; bit < sealed.len * 8; bit++) {
        sealed.ptr[bit / 8] ^= (char)(1 << (bit % 8));
        expect_status(ESC_CORRUPT, esc_box_open(seed, esc_buf_str(&sealed), &none, &err));
        sealed.ptr[bit / 8] ^= (char)(1 << (bit % 8));
    }
    for (size_t len = 0; len < sealed.len; len++)
        expect_status(ESC_CORRUPT,
                      esc_box_open(seed, esc_str_slice(esc_buf_str(&sealed), 0, len), &none, &err));
    assert_null(none);
    esc_buf_done(&sealed);
}

static void a_public_half_that_is_none_is_refused(void **)
{
    static const uint8_t zeros[ESC_BOX_PUBLIC];
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *secret = esc_secret_of_text("a key");
    struct esc_buf sealed;
    esc_buf_init(&sealed, 1000);
    expect_status(ESC_INVALID, esc_box_seal(zeros, secret, &sealed, &err));
    assert_int_equal(0, sealed.len);
    esc_buf_done(&sealed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_sealed_for_a_seed_opens_with_it),
        cmocka_unit_test(another_seed_a_changed_bit_or_a_cut_end_is_refused),
        cmocka_unit_test(a_public_half_that_is_none_is_refused),
    };
    return cmocka_run_group_tests_name("crypt/sealed_box", tests, NULL, NULL);
}
