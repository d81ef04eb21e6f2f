/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What fill.c and assess.c share: values of references. */

#include "escher/playbook/fill.h"

/**
 * Appends the text for people that @p reference stands for: a parameter, an attribute or a path
 * into the facts. False when it is not known. @p context is a struct esc_filled.
 */
bool fill_word(const void *context, struct esc_str reference, struct esc_buf *out);
