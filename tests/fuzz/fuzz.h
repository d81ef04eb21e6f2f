/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What libFuzzer calls with each input, and what replay.c calls with each file of the corpus. */

#include <stddef.h>
#include <stdint.h>

#include "escher/base/assert.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);
