/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* UTF-8: strict reading (no overlongs, surrogates or values over U+10FFFF), and safe display. */

#include <stdbool.h>
#include <stdint.h>

#include "escher/base/buf.h"
#include "escher/base/str.h"

/** Above every code point. */
static const uint32_t ESC_UTF8_INVALID = 0xFFFFFFFF;

/**
 * Takes one code point off the front of text that is not empty. ESC_UTF8_INVALID takes the bytes
 * that could still have become a character, at least one.
 * @source Unicode 15.0, section 3.9, U+FFFD substitution of maximal subparts
 */
uint32_t esc_utf8_next(struct esc_str *rest);
bool esc_utf8_is_valid(struct esc_str text);
size_t esc_utf8_count(struct esc_str text); /* code points; an invalid part counts one */
void esc_utf8_append(struct esc_buf *buf, uint32_t code_point);
/** Copies, with each invalid part replaced by U+FFFD. */
void esc_utf8_append_clean(struct esc_buf *buf, struct esc_str text);
/** The longest prefix of at most @p max bytes that ends between characters. */
struct esc_str esc_utf8_cut(struct esc_str text, size_t max);

/** True for C0, C1, DEL, and what steers a line without showing: bidi controls, zero width, tags. */
bool esc_utf8_is_unsafe(uint32_t code_point);
bool esc_utf8_has_unsafe(struct esc_str text);
/**
 * Text from outside, safe for a terminal or a log line: unsafe code points become \\u{202e},
 * invalid bytes \\x{ff}; all else is copied. @p keep_lines lets '\\n' and '\\t' through.
 */
void esc_utf8_append_display(struct esc_buf *buf, struct esc_str text, bool keep_lines);
/**
 * One word of a command line as a person would type it for a shell: in single quotes where it needs
 * them, and safe to show like esc_utf8_append_display() (so hostile text is shown, not repeated).
 */
void esc_utf8_append_word(struct esc_buf *buf, struct esc_str word);
/** Columns on a terminal: 0 for combining marks, 2 for East Asian wide and emoji, else 1. */
size_t esc_utf8_columns(struct esc_str text);
