/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Patterns for values and conditions: a small regular-expression language that never backtracks.
 *
 *     ^ $  ( | )  [a-z] [^/]  .  \d \w \. ...  * + ?  {m} {m,} {m,n}
 *
 * A pattern becomes a machine of at most ESC_PATTERN_STATES states; a match follows all of its
 * states at once, one byte at a time, so its time is bytes × states whatever the text. Bytes, not
 * characters: what values are made of is ASCII.
 *
 * Ownership  compile/free.
 * Threads    a compiled pattern is read only; any.
 * @source Ken Thompson, Regular Expression Search Algorithm, CACM 11(6), 1968
 */

#include <stdbool.h>

#include "escher/base/error.h"
#include "escher/base/str.h"

enum {
    ESC_PATTERN_BYTES = 512,   /* of its text, at most */
    ESC_PATTERN_STATES = 4096, /* after repetition has been written out */
};

struct esc_pattern;

/** @p text is copied. @errors ESC_INVALID saying what and at which byte; ESC_LIMIT. */
enum esc_status esc_pattern_compile(struct esc_str text, struct esc_pattern **out,
                                    struct esc_error *err);
void esc_pattern_free(struct esc_pattern *pattern); /* NULL does nothing */
ESC_DEFINE_CLEANUP(struct esc_pattern, esc_pattern_free)

/** Whether the pattern occurs anywhere in @p text; ^ and $ tie it to the ends. */
bool esc_pattern_matches(const struct esc_pattern *pattern, struct esc_str text);
/** Whether some text that begins with @p first is matched as a whole. */
bool esc_pattern_admits_first(const struct esc_pattern *pattern, char first);
/** Whether only whole texts match: each way through begins with ^ and ends with $. */
bool esc_pattern_is_anchored(const struct esc_pattern *pattern);
