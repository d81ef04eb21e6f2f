/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Room on the disk that is kept for what must be written even when the disk is full: a file beside
 * the store that holds nothing, and is cut to nothing when such a write finds no room.
 *
 *     READY ──spend──▶ SPENT ──tend, when there is room again──▶ READY
 *     MISSING: there was no room for it to begin with; tend tries again
 */

#include <stdbool.h>
#include <stdint.h>

#include "escher/store/ballast.h"

struct ballast {
    char *path; /* NULL: none is wanted */
    uint64_t size;
    enum esc_ballast_state state;
};

/** Takes the room, or sees that it is taken. @p path NULL: off. */
void ballast_open(struct ballast *ballast, const char *path, uint64_t size);
void ballast_close(struct ballast *ballast); /* the file stays */
/** Gives the room up; false when there is none. */
bool ballast_spend(struct ballast *ballast);
/** Takes it again when twice its size is free. */
void ballast_tend(struct ballast *ballast);
/** Whether it was given up and there is not as much room again: what is left is not for all. */
bool ballast_is_needed(const struct ballast *ballast);
