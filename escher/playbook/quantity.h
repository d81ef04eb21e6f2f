/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Amounts that a person wrote, in the unit a parameter wants: "512", "512 MB", "1 GB" and "2gb"
 * for MB, "90", "90 s", "1.5 minutes" for s. The planner takes values from the prompt with this,
 * and the client checks with it that a value really stands there.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "escher/base/str.h"

struct esc_quantity {
    int64_t value;     /* in the unit asked for */
    bool has_unit;     /* a unit stood beside the number */
    size_t start, end; /* bytes of the text, with the unit */
};

/** Whether @p unit is one that can be asked for: "MB", "GB", "s", "" (a bare number). */
bool esc_quantity_is_unit(const char *unit);
/**
 * Finds the next whole amount at or after @p from. A number that is part of a word, a name, a
 * version or an address is none; a number with another kind of unit is none either.
 */
bool esc_quantity_next(struct esc_str text, size_t from, const char *unit,
                       struct esc_quantity *out);
