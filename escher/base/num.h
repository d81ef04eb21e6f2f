/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Numbers and bytes to and from text: whole input or nothing, no locale, no white space, no
 * overflow. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "escher/base/str.h"

bool esc_num_u64(struct esc_str text, uint64_t *out);  /* decimal digits only */
bool esc_num_i64(struct esc_str text, int64_t *out);   /* optional leading '-' */
bool esc_num_double(struct esc_str text, double *out); /* JSON's number grammar */

enum {
    ESC_NUM_DIGITS = 20, /* of the largest uint64_t */
    ESC_HEX_SHA256 = 64
};

/** Writes the decimal digits of @p value, and zeros in front of fewer than @p least, which is at
 *  most ESC_NUM_DIGITS. Returns how many were written; no NUL follows. */
size_t esc_num_write(uint64_t value, size_t least, char out[ESC_NUM_DIGITS]);

/** Lower-case hex of @p len bytes into @p out (2 * len + 1 bytes, NUL-terminated). */
void esc_hex(const void *bytes, size_t len, char *out);
/** Reads exactly @p len bytes from 2 * len hex digits of either case. */
bool esc_hex_parse(struct esc_str text, void *out, size_t len);

/** Base64 with padding, owned by the caller. @source RFC 4648, section 4 */
ESC_RETURNS_NONNULL char *esc_base64(const void *bytes, size_t len);

/** The text as one segment of a URL's path: all but letters, digits and -._~ as %XX. Owned by the
 *  caller. @source RFC 3986, section 2 */
ESC_RETURNS_NONNULL char *esc_percent_encode(struct esc_str text);
/** The reverse, owned by the caller; NULL when a % has no two hex digits, or stands for NUL. */
char *esc_percent_decode(struct esc_str text);

uint32_t esc_load_u32(const void *bytes); /* little-endian, any alignment */
uint64_t esc_load_u64(const void *bytes);
void esc_store_u32(void *bytes, uint32_t value);
void esc_store_u64(void *bytes, uint64_t value);
