/* SPDX-License-Identifier: Apache-2.0 */

/*
 * AES-256-GCM against NIST's own vectors, of nonces of 96 and tags of 128 bits as ours are.
 * @source CAVP, gcmtestvectors, as Debian's python3-cryptography-vectors packs them.
 */

#include <string.h>

#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/crypt/seal.h"
#include "tests/support/test.h"

static struct esc_error err;

enum field {
    KEY,
    NONCE,
    CIPHER,
    AAD,
    TAG,
    PLAIN,
    FIELD_COUNT,
};

struct vector {
    struct esc_buf fields[FIELD_COUNT];
    bool fails;
};

static void add_hex(struct esc_str hex, struct esc_buf *out)
{
    out->len = 0;
    for (size_t i = 0; i < hex.len; i += 2) {
        char byte;
        assert_true(esc_hex_parse(esc_str_slice(hex, i, i + 2), &byte, 1));
        esc_buf_add_char(out, byte);
    }
}

/* "Name = hex" */
static void take_field(struct vector *vector, struct esc_str line)
{
    static const char *const names[FIELD_COUNT] = {"Key", "IV", "CT", "AAD", "Tag", "PT"};
    struct esc_str name;
    if (!esc_str_next(&line, '=', &name))
        return;
    for (size_t i = 0; i < FIELD_COUNT; i++)
        if (esc_str_is(esc_str_trim(name), names[i]))
            add_hex(esc_str_trim(line), &vector->fields[i]);
}

/* The source of randomness that gives the vector's nonce. */
static void fill_nonce(void *context, void *bytes, size_t len)
{
    const struct vector *vector = context;
    assert_int_equal(vector->fields[NONCE].len, len);
    memcpy(bytes, vector->fields[NONCE].ptr, len);
}

static struct esc_buf sealed_of(const struct vector *vector)
{
    static const enum field order[] = {NONCE, CIPHER, TAG};
    struct esc_buf sealed;
    esc_buf_init(&sealed, ESC_MAX_REQUEST);
    for (size_t i = 0; i < ESC_COUNT(order); i++)
        esc_buf_append(&sealed, vector->fields[order[i]].ptr, vector->fields[order[i]].len);
    return sealed;
}

static void check_unsealing(struct vector *vector, const struct esc_secret *key)
{
    struct esc_buf sealed = sealed_of(vector), back;
    const struct esc_str aad = esc_buf_str(&vector->fields[AAD]);
    esc_buf_init(&back, ESC_MAX_REQUEST);
    expect_status(vector->fails ? ESC_CORRUPT : ESC_OK,
                  esc_unseal(key, aad, esc_buf_str(&sealed), &back, &err));
    if (!vector->fails)
        assert_true(esc_str_equal(esc_buf_str(&vector->fields[PLAIN]), esc_buf_str(&back)));
    esc_buf_done(&sealed);
    esc_buf_done(&back);
}

static void check_sealing(struct vector *vector, const struct esc_secret *key)
{
    struct esc_buf sealed, expected = sealed_of(vector);
    const struct esc_random nonce = {fill_nonce, vector};
    esc_buf_init(&sealed, ESC_MAX_REQUEST);
    esc_seal(key, &nonce, esc_buf_str(&vector->fields[AAD]), esc_buf_str(&vector->fields[PLAIN]),
             &sealed);
    assert_true(esc_str_equal(esc_buf_str(&expected), esc_buf_str(&sealed)));
    esc_buf_done(&sealed);
    esc_buf_done(&expected);
}

static void check(struct vector *vector)
{
    ESC_CLEANUP(esc_secret_freep)
    struct esc_secret *key = esc_secret_new(vector->fields[KEY].ptr, vector->fields[KEY].len);
    check_unsealing(vector, key);
    if (!vector->fails)
        check_sealing(vector, key);
}

static bool is_ours(const struct vector *vector)
{
    return vector->fields[KEY].len == ESC_SEAL_KEY && vector->fields[NONCE].len == ESC_SEAL_NONCE &&
           vector->fields[TAG].len == ESC_SEAL_TAG;
}

static struct esc_buf read_file(const char *name)
{
    static const char folder[] =
        "/usr/lib/python3/dist-packages/cryptography_vectors/ciphers/AES/GCM";
    struct esc_buf text;
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(folder, name);
    if (!esc_file_exists(path))
        skip();
    esc_buf_init(&text, ESC_MAX_FILE);
    expect_ok(esc_file_read(path, &text, &err));
    return text;
}

/* Each vector ends with an empty line. */
static void check_file(const char *name, unsigned expected, unsigned expected_failures)
{
    struct vector vector = {0};
    struct esc_buf text = read_file(name);
    struct esc_str rest = esc_buf_str(&text), line;
    unsigned count = 0, failures = 0;
    for (size_t i = 0; i < FIELD_COUNT; i++)
        esc_buf_init(&vector.fields[i], ESC_MAX_REQUEST);
    while (esc_str_next(&rest, '\n', &line)) {
        line = esc_str_trim(line);
        vector.fails |= esc_str_is(line, "FAIL");
        take_field(&vector, line);
        if (line.len)
            continue;
        if (is_ours(&vector)) {
            check(&vector);
            count++;
            failures += vector.fails;
        }
        vector.fields[KEY].len = 0;
        vector.fails = false;
    }
    assert_int_equal(expected, count);
    assert_int_equal(expected_failures, failures);
    for (size_t i = 0; i < FIELD_COUNT; i++)
        esc_buf_done(&vector.fields[i]);
    esc_buf_done(&text);
}

static void sealing_agrees_with_nist(void **)
{
    check_file("gcmEncryptExtIV256.rsp", 375, 0);
}

static void unsealing_agrees_with_nist(void **)
{
    check_file("gcmDecrypt256.rsp", 375, 191);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sealing_agrees_with_nist),
        cmocka_unit_test(unsealing_agrees_with_nist),
    };
    return cmocka_run_group_tests_name("crypt/seal_nist", tests, NULL, NULL);
}
