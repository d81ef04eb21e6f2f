/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/assert.h"

#include <stdio.h>
#include <stdlib.h>

void esc_assert_failed(const char *expression, const char *file, int line)
{
    (void)fprintf(stderr, "%s:%d: this must hold: %s\n", file, line, expression);
    abort();
}
