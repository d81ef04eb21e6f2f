/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/crypt/seal.h"

#include <string.h>

#include "tests/crypt/vectors.h"

static struct esc_error err;
static const struct esc_str aad = {"place", 5};

static struct esc_secret *key_of(uint64_t seed)
{
    struct esc_random_seeded random;
    esc_random_seeded_init(&random, seed);
    return esc_secret_random(&random.random, ESC_SEAL_KEY);
}

static void what_was_sealed_opens(void **)
{
    static const size_t sizes[] = {0, 1, 15, 16, 17, 4095, 4096, 4097, 100000};
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = key_of(1);
    for (size_t i = 0; i < ESC_COUNT(sizes); i++) {
        struct esc_buf plain, sealed, back;
        esc_buf_init(&plain, ESC_MAX_REQUEST);
        esc_buf_init(&sealed, ESC_MAX_REQUEST);
        esc_buf_init(&back, ESC_MAX_REQUEST);
        for (size_t k = 0; k < sizes[i]; k++)
            esc_buf_add_char(&plain, (char)(k * 7));
        esc_seal(key, esc_random_system(), aad, esc_buf_str(&plain), &sealed);
        assert_int_equal(sizes[i] + ESC_SEAL_OVERHEAD, sealed.len);
        expect_ok(esc_unseal(key, aad, esc_buf_str(&sealed), &back, &err));
        assert_true(esc_str_equal(esc_buf_str(&plain), esc_buf_str(&back)));
        esc_buf_done(&plain);
        esc_buf_done(&sealed);
        esc_buf_done(&back);
    }
}

static void no_changed_bit_passes(void **)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = key_of(1);
    ESC_CLEANUP(esc_sealer_freep) struct esc_sealer *sealer = esc_sealer_new(key);
    struct esc_buf sealed, back;
    esc_buf_init(&sealed, 1000);
    esc_buf_init(&back, 1000);
    esc_sealer_seal(sealer, esc_random_system(), aad,
                    ESC_STR("forty-two bytes of text, give or take"), &sealed);
    for (size_t bit = 0; bit < sealed.len * 8; bit++) {
        sealed.ptr[bit / 8] ^= (char)(1 << (bit % 8));
        expect_status(ESC_CORRUPT,
                      esc_sealer_unseal(sealer, aad, esc_buf_str(&sealed), &back, &err));
        assert_int_equal(0, back.len);
        sealed.ptr[bit / 8] ^= (char)(1 << (bit % 8));
    }
    expect_ok(esc_sealer_unseal(sealer, aad, esc_buf_str(&sealed), &back, &err));
    esc_buf_done(&sealed);
    esc_buf_done(&back);
}

static void another_key_or_place_or_a_cut_end_is_refused(void **)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = key_of(1), *other = key_of(2);
    struct esc_buf sealed, back;
    esc_buf_init(&sealed, 1000);
    esc_buf_init(&back, 1000);
    esc_seal(key, esc_random_system(), aad, ESC_STR("text"), &sealed);
    struct esc_str whole = esc_buf_str(&sealed);
    expect_status(ESC_CORRUPT, esc_unseal(other, aad, whole, &back, &err));
    expect_status(ESC_CORRUPT, esc_unseal(key, ESC_STR("elsewhere"), whole, &back, &err));
    expect_status(ESC_CORRUPT, esc_unseal(key, ESC_STR(""), whole, &back, &err));
    for (size_t len = 0; len < whole.len; len++)
        expect_status(ESC_CORRUPT, esc_unseal(key, aad, esc_str_slice(whole, 0, len), &back, &err));
    assert_int_equal(0, back.len);
    esc_buf_done(&sealed);
    esc_buf_done(&back);
}

static void what_was_in_the_buf_before_a_failure_stays(void **)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = key_of(1);
    struct esc_buf sealed, back;
    esc_buf_init(&sealed, 1000);
    esc_buf_init(&back, 1000);
    esc_seal(key, esc_random_system(), aad, ESC_STR("text"), &sealed);
    esc_buf_add_text(&back, "before");
    expect_status(ESC_CORRUPT, esc_unseal(key, ESC_STR(""), esc_buf_str(&sealed), &back, &err));
    assert_true(esc_str_is(esc_buf_str(&back), "before"));
    esc_buf_done(&sealed);
    esc_buf_done(&back);
}

static void a_full_buf_is_told(void **)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = key_of(1);
    struct esc_buf sealed, small;
    esc_buf_init(&sealed, 1000);
    esc_buf_init(&small, 3);
    esc_seal(key, esc_random_system(), aad, ESC_STR("text"), &sealed);
    expect_status(ESC_LIMIT, esc_unseal(key, aad, esc_buf_str(&sealed), &small, &err));
    esc_buf_done(&sealed);
    esc_buf_done(&small);
}

static void equal_texts_are_sealed_differently(void **)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = key_of(1);
    struct esc_buf first, second;
    esc_buf_init(&first, 1000);
    esc_buf_init(&second, 1000);
    esc_seal(key, esc_random_system(), aad, ESC_STR("text"), &first);
    esc_seal(key, esc_random_system(), aad, ESC_STR("text"), &second);
    assert_memory_not_equal(first.ptr, second.ptr, ESC_SEAL_NONCE);
    assert_memory_not_equal(first.ptr + ESC_SEAL_NONCE, second.ptr + ESC_SEAL_NONCE, 4);
    esc_buf_done(&first);
    esc_buf_done(&second);
}

static void a_sealed_secret_opens_as_a_secret(void **)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = key_of(1), *back = NULL;
    struct esc_buf sealed;
    esc_buf_init(&sealed, 1000);
    esc_seal(key, esc_random_system(), aad, esc_secret_view(key), &sealed);
    expect_ok(esc_unseal_secret(key, aad, esc_buf_str(&sealed), &back, &err));
    assert_true(esc_secret_equal(key, back));
    sealed.ptr[20] ^= 1;
    struct esc_secret *none = NULL;
    expect_status(ESC_CORRUPT, esc_unseal_secret(key, aad, esc_buf_str(&sealed), &none, &err));
    assert_null(none);
    esc_buf_done(&sealed);
}

/* Only keys of 256 and nonces of 96 bits are ours; the sealed text is put together by hand. */
static void check_gcm(const struct esc_json *group, const struct esc_json *test, void *context)
{
    if (esc_json_num(group, "keySize", 0) != 256 || esc_json_num(group, "ivSize", 0) != 96 ||
        esc_json_num(group, "tagSize", 0) != 128)
        return;
    unsigned *count = context;
    struct esc_buf bytes = hex_of(test, "key"), sealed = hex_of(test, "iv");
    struct esc_buf place = hex_of(test, "aad"), plain = hex_of(test, "msg"), back;
    esc_buf_init(&back, ESC_MAX_REQUEST);
    add_hex(test, "ct", &sealed);
    add_hex(test, "tag", &sealed);
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = esc_secret_new(bytes.ptr, bytes.len);
    if (is_valid(test)) {
        expect_ok(esc_unseal(key, esc_buf_str(&place), esc_buf_str(&sealed), &back, &err));
        assert_true(esc_str_equal(esc_buf_str(&plain), esc_buf_str(&back)));
    } else {
        expect_status(ESC_CORRUPT,
                      esc_unseal(key, esc_buf_str(&place), esc_buf_str(&sealed), &back, &err));
    }
    struct esc_buf *bufs[] = {&bytes, &sealed, &place, &plain, &back};
    for (size_t i = 0; i < ESC_COUNT(bufs); i++)
        esc_buf_done(bufs[i]);
    ++*count;
}

static void gcm_agrees_with_wycheproof(void **)
{
    unsigned count = 0;
    each_vector("aes_gcm_test.json", check_gcm, &count);
    assert_int_equal(66, count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_sealed_opens),
        cmocka_unit_test(no_changed_bit_passes),
        cmocka_unit_test(another_key_or_place_or_a_cut_end_is_refused),
        cmocka_unit_test(what_was_in_the_buf_before_a_failure_stays),
        cmocka_unit_test(a_full_buf_is_told),
        cmocka_unit_test(equal_texts_are_sealed_differently),
        cmocka_unit_test(a_sealed_secret_opens_as_a_secret),
        cmocka_unit_test(gcm_agrees_with_wycheproof),
    };
    return cmocka_run_group_tests_name("crypt/seal", tests, NULL, NULL);
}
