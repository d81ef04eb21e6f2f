/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Counting the processes of one test by the mark in their arguments. */

#include <stddef.h>

enum {
    PATIENCE_MS = 120'000, /* for what has to come: spent only on what is broken */
};

/** A mark nobody else uses, for the victim's last argument; static text. */
const char *survivors_mark(void);
/** Living processes with @p mark among their arguments (zombies have none). */
size_t survivors_count(const char *mark);
/** The same after waiting up to @p patience_ms for them to be none. */
size_t survivors_after(const char *mark, unsigned patience_ms);
/** Open descriptors of this process. */
size_t survivors_descriptors(void);
