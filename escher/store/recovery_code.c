/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/recovery.h"

#include <string.h>

#include "escher/base/assert.h"

/*
 * The check of a group is a sum over GF(32) in which each character has another weight, and which
 * begins with the group's number: one wrong character, two exchanged ones and two exchanged groups
 * are always found.
 */

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

enum {
    DATA = ESC_RECOVERY_GROUP - 1, /* characters of a group without its check */
    CHARACTERS = ESC_RECOVERY_GROUPS * ESC_RECOVERY_GROUP,
    BASE = 32,
};

static unsigned check_of(size_t group, const unsigned char *digits)
{
    unsigned sum = (unsigned)group + 1;
    for (size_t i = 0; i < DATA; i++) {
        sum = (sum ^ digits[i]) << 1;
        if (sum & BASE)
            sum ^= 0x25; /* x^5 + x^2 + 1 */
    }
    return sum;
}

/* How the digits are shown; wipes them. */
static struct esc_secret *show(unsigned char digits[CHARACTERS])
{
    char text[ESC_RECOVERY_CODE_LEN];
    size_t len = 0;
    for (size_t i = 0; i < CHARACTERS; i++) {
        if (i && i % ESC_RECOVERY_GROUP == 0)
            text[len++] = '-';
        text[len++] = alphabet[digits[i]];
    }
    ESC_ASSERT(len == sizeof text);
    struct esc_secret *code = esc_secret_new(text, len);
    esc_wipe(text, sizeof text);
    esc_wipe(digits, CHARACTERS);
    return code;
}

struct esc_secret *esc_recovery_code_new(const struct esc_random *random)
{
    unsigned char digits[CHARACTERS];
    esc_random_fill(random, digits, sizeof digits);
    for (size_t i = 0; i < CHARACTERS; i++)
        digits[i] %= BASE; /* divides 256: each is as likely */
    for (size_t group = 0; group < ESC_RECOVERY_GROUPS; group++) {
        unsigned char *first = digits + group * ESC_RECOVERY_GROUP;
        first[DATA] = (unsigned char)check_of(group, first);
    }
    return show(digits);
}

/* The value of a character as people write it; BASE when it has none. */
static unsigned char digit_of(char c)
{
    if (esc_is_lower(c))
        c = (char)(c - 'a' + 'A');
    if (c == 'O')
        c = '0';
    if (c == 'I' || c == 'L')
        c = '1';
    const char *found = c ? strchr(alphabet, c) : NULL;
    return found ? (unsigned char)(found - alphabet) : BASE;
}

static enum esc_status read_digits(struct esc_str typed, unsigned char digits[CHARACTERS],
                                   struct esc_error *err)
{
    size_t count = 0;
    for (size_t i = 0; i < typed.len; i++) {
        if (typed.ptr[i] == '-' || esc_is_space(typed.ptr[i]))
            continue;
        const unsigned char digit = digit_of(typed.ptr[i]);
        if (digit == BASE)
            return esc_fail(err, ESC_INVALID,
                            "group %zu of the recovery code has a character that no code has",
                            count / ESC_RECOVERY_GROUP + 1);
        if (count < CHARACTERS)
            digits[count] = digit;
        count++;
    }
    if (count != CHARACTERS)
        return esc_fail(err, ESC_INVALID,
                        "a recovery code has %d groups of %d characters; these are %zu characters",
                        ESC_RECOVERY_GROUPS, ESC_RECOVERY_GROUP, count);
    return ESC_OK;
}

enum esc_status esc_recovery_code_check(struct esc_str typed, struct esc_secret **out,
                                        struct esc_error *err)
{
    unsigned char digits[CHARACTERS];
    enum esc_status status = read_digits(typed, digits, err);
    for (size_t group = 0; status == ESC_OK && group < ESC_RECOVERY_GROUPS; group++) {
        const unsigned char *first = digits + group * ESC_RECOVERY_GROUP;
        if (first[DATA] != check_of(group, first))
            status =
                esc_fail(err, ESC_INVALID, "group %zu of the recovery code has a typo", group + 1);
    }
    if (status == ESC_OK)
        *out = show(digits);
    esc_wipe(digits, sizeof digits);
    return status;
}
