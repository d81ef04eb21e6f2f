/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* States what must hold for our own code, never for input, and stays on in release builds. */

#include "escher/base/attr.h"

ESC_NORETURN void esc_assert_failed(const char *expression, const char *file, int line);

#define ESC_ASSERT(expression)                                                                     \
    ((expression) ? (void)0 : esc_assert_failed(#expression, __FILE__, __LINE__))
