/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/crypt/digest.h"

#include <string.h>

#include "tests/crypt/vectors.h"

/* @source FIPS 180-4 examples. */
static void sha256_gives_the_published_digests(void **)
{
    static const struct {
        const char *text, *digest;
    } cases[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        char digest[ESC_SHA256_TEXT];
        esc_sha256_hex(esc_str_of(cases[i].text), digest);
        assert_string_equal(cases[i].digest, digest);
    }
}

/* @source FIPS 180-4 examples. */
static void sha1_gives_the_published_digests(void **)
{
    char digest[ESC_SHA1_TEXT];
    esc_sha1_hex(ESC_STR("abc"), digest);
    assert_string_equal("a9993e364706816aba3e25717850c26c9cd0d89d", digest);
}

static void a_digest_of_pieces_is_the_digest_of_the_whole(void **)
{
    uint8_t whole[ESC_SHA256_SIZE], pieces[ESC_SHA256_SIZE];
    esc_sha256(ESC_STR("one two three"), whole);
    ESC_CLEANUP(esc_digest_freep) struct esc_digest *digest = esc_digest_new();
    for (int round = 0; round < 2; round++) { /* finish leaves it ready for the next */
        esc_digest_add(digest, ESC_STR("one "));
        esc_digest_add(digest, ESC_STR(""));
        esc_digest_add(digest, ESC_STR("two three"));
        esc_digest_finish(digest, pieces);
        assert_memory_equal(whole, pieces, sizeof whole);
    }
}

static void sized_pieces_do_not_run_together(void **)
{
    uint8_t a[ESC_SHA256_SIZE], b[ESC_SHA256_SIZE];
    ESC_CLEANUP(esc_digest_freep) struct esc_digest *digest = esc_digest_new();
    esc_digest_add_sized(digest, ESC_STR("ab"));
    esc_digest_add_sized(digest, ESC_STR("c"));
    esc_digest_finish(digest, a);
    esc_digest_add_sized(digest, ESC_STR("a"));
    esc_digest_add_sized(digest, ESC_STR("bc"));
    esc_digest_finish(digest, b);
    assert_memory_not_equal(a, b, sizeof a);
}

static void check_hmac(const struct esc_json *group, const struct esc_json *test, void *context)
{
    unsigned *count = context;
    struct esc_buf key = hex_of(test, "key"), message = hex_of(test, "msg");
    struct esc_buf tag = hex_of(test, "tag");
    uint8_t mac[ESC_SHA256_SIZE];
    esc_hmac_sha256(esc_buf_str(&key), esc_buf_str(&message), mac);
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *secret = esc_secret_new(key.ptr, key.len);
    ESC_CLEANUP(esc_hmac_freep) struct esc_hmac *ready = esc_hmac_new(secret);
    uint8_t again[ESC_SHA256_SIZE];
    for (int round = 0; round < 2; round++) {
        esc_hmac_of(ready, esc_buf_str(&message), again);
        assert_memory_equal(mac, again, sizeof again);
    }
    size_t size = (size_t)esc_json_num(group, "tagSize", 0) / 8; /* some are cut */
    assert_true(size > 0 && size <= sizeof mac);
    bool equal = tag.len == size && memcmp(mac, tag.ptr, size) == 0;
    assert_int_equal(is_valid(test), equal);
    esc_buf_done(&key);
    esc_buf_done(&message);
    esc_buf_done(&tag);
    ++*count;
}

static void hmac_agrees_with_wycheproof(void **)
{
    unsigned count = 0;
    each_vector("hmac_sha256_test.json", check_hmac, &count);
    assert_int_equal(174, count);
}

static void equal_in_constant_time_is_equal(void **)
{
    assert_true(esc_equal_constant_time("abc", "abc", 3));
    assert_false(esc_equal_constant_time("abc", "abd", 3));
    assert_true(esc_str_equal_constant_time(ESC_STR(""), ESC_STR("")));
    assert_false(esc_str_equal_constant_time(ESC_STR("token"), ESC_STR("toke")));
    assert_false(esc_str_equal_constant_time(ESC_STR("token"), ESC_STR("tokem")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_gives_the_published_digests),
        cmocka_unit_test(sha1_gives_the_published_digests),
        cmocka_unit_test(a_digest_of_pieces_is_the_digest_of_the_whole),
        cmocka_unit_test(sized_pieces_do_not_run_together),
        cmocka_unit_test(hmac_agrees_with_wycheproof),
        cmocka_unit_test(equal_in_constant_time_is_equal),
    };
    return cmocka_run_group_tests_name("crypt/digest", tests, NULL, NULL);
}
