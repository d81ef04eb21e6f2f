/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Numbers as few bytes: seven bits each, the lowest first, the eighth says that more follow.
 *
 * Pure. Ownership  everything is borrowed. Threads  any.
 */

#include <stdbool.h>
#include <stdint.h>

#include "escher/base/buf.h"
#include "escher/base/str.h"

void esc_varint_add(struct esc_buf *out, uint64_t number);
/** Takes a number off the front; false when none stands there, then @p from is of no use. */
bool esc_varint_take(struct esc_str *from, uint64_t *out);
