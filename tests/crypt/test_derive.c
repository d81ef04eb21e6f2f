/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/crypt/derive.h"

#include <string.h>

#include "tests/crypt/vectors.h"

static struct esc_error err;

static void check_hkdf(const struct esc_json *, const struct esc_json *test, void *context)
{
    unsigned *count = context;
    size_t size = (size_t)esc_json_num(test, "size", 0);
    ++*count;
    if (!is_valid(test)) {
        assert_true(size > ESC_HKDF_MAX); /* the only kind of invalid test: too long */
        return;
    }
    struct esc_buf key = hex_of(test, "ikm"), salt = hex_of(test, "salt");
    struct esc_buf info = hex_of(test, "info"), expected = hex_of(test, "okm");
    unsigned char *derived = esc_alloc(size + 1);
    esc_hkdf_sha256(esc_buf_str(&key), esc_buf_str(&salt), esc_buf_str(&info), derived, size);
    assert_int_equal(expected.len, size);
    if (size)
        assert_memory_equal(expected.ptr, derived, size);
    free(derived);
    esc_buf_done(&key);
    esc_buf_done(&salt);
    esc_buf_done(&info);
    esc_buf_done(&expected);
}

static void hkdf_agrees_with_wycheproof(void **)
{
    unsigned count = 0;
    each_vector("hkdf_sha256_test.json", check_hkdf, &count);
    assert_int_equal(86, count);
}

static void another_purpose_or_context_gives_another_key(void **)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *root = esc_secret_of_text("root key");
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *a = esc_derive(root, "wrap", ESC_STR("x"), 32);
    ESC_CLEANUP(esc_secret_freep)
    struct esc_secret *same = esc_derive(root, "wrap", ESC_STR("x"), 32);
    ESC_CLEANUP(esc_secret_freep)
    struct esc_secret *purpose = esc_derive(root, "check", ESC_STR("x"), 32);
    ESC_CLEANUP(esc_secret_freep)
    struct esc_secret *context = esc_derive(root, "wrap", ESC_STR("y"), 32);
    assert_true(esc_secret_equal(a, same));
    assert_false(esc_secret_equal(a, purpose));
    assert_false(esc_secret_equal(a, context));
}

/* @source made with the reference implementation of Argon2 (argon2 0~20171227, RFC 9106):
 * printf password | argon2 somesaltsomesalt -id -t 2 -k 256 -p 1 -l 32 -r */
static void argon2id_agrees_with_the_reference_program(void **)
{
    const struct esc_argon2 price = {.passes = 2, .memory_kib = 256};
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *passphrase = esc_secret_of_text("password");
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = NULL;
    expect_ok(esc_argon2id(passphrase, (const uint8_t *)"somesaltsomesalt", price, 32, &key, &err));
    char hex[65];
    esc_hex(esc_secret_view(key).ptr, 32, hex);
    assert_string_equal("cab746b4621993fdc91ec50787980b414a90a692f0bc68dfe19f9c25b3cba9ec", hex);
}

static void a_price_out_of_range_is_refused(void **)
{
    static const struct esc_argon2 prices[] = {
        {0, 64}, {17, 64}, {3, 7}, {3, 1024 * 1024 + 1}, {UINT32_MAX, UINT32_MAX}};
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *passphrase = esc_secret_of_text("password");
    const uint8_t salt[ESC_ARGON2_SALT] = {0};
    for (size_t i = 0; i < ESC_COUNT(prices); i++) {
        struct esc_secret *key = NULL;
        expect_status(ESC_INVALID, esc_argon2id(passphrase, salt, prices[i], 32, &key, &err));
        assert_null(key);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hkdf_agrees_with_wycheproof),
        cmocka_unit_test(another_purpose_or_context_gives_another_key),
        cmocka_unit_test(argon2id_agrees_with_the_reference_program),
        cmocka_unit_test(a_price_out_of_range_is_refused),
    };
    return cmocka_run_group_tests_name("crypt/derive", tests, NULL, NULL);
}
