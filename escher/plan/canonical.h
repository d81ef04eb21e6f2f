/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One way to write a JSON value as bytes, so that equal values have equal digests.
 *
 * Members are sorted by their names as UTF-16, there is no white space, strings escape only what
 * they must, numbers are written as ECMAScript writes them. Integers beyond 2^53 are refused:
 * another reader would round them.
 *
 * @source RFC 8785, JSON Canonicalization Scheme
 */

#include "escher/base/buf.h"
#include "escher/base/error.h"
#include "escher/base/json.h"

/** Appends the canonical text. @errors ESC_INVALID: a number outside the range; ESC_LIMIT. */
enum esc_status esc_canonical_write(const struct esc_json *json, struct esc_buf *out,
                                    struct esc_error *err);
/** Appends @p number as ECMAScript's Number::toString does; it must be finite. */
void esc_canonical_number(double number, struct esc_buf *out);
