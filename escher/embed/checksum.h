/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* XXH64 with seed 0: tells damaged from whole, quickly. It protects from accidents, not people. */

#include <stdint.h>

#include "escher/base/str.h"

/** @source xxHash specification 0.1.1, XXH64 */
uint64_t esc_xxh64(struct esc_str bytes);
