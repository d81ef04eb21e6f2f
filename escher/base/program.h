/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which program this is: the mark that the linker makes of all its code and tables (the GNU build
 * id). What was concluded from something is concluded from it again by another program, which may
 * see more in it.
 */

#include "escher/base/str.h"

/** Bytes of the program's file as it was mapped; empty: it was linked without. Static. */
struct esc_str esc_program_build_id(void);
