/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The tables of this room, each in a file of its own, compiled for its instruction set. */

#include "escher/vec/kernel.h"

extern const struct esc_kernel kernel_scalar;
#if defined(__x86_64__)
extern const struct esc_kernel kernel_avx2;
#endif
