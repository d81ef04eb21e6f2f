/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How one process (an attempt) ended. Whether that makes its step succeed is decided elsewhere:
 * for a mutation by a look at the cloud (exec/engine.h).
 */

#include <stdbool.h>

#include "escher/base/str.h"

/*      name             text */
#define ESC_ENDING_LIST(X)                                                                         \
    X(EXITED, "exited")                   /* by itself, with an exit code */                       \
    X(SIGNALLED, "signalled")             /* by a signal that was not ours */                      \
    X(TIMED_OUT, "timed_out")             /* by us, its time was over */                           \
    X(CANCELLED, "cancelled")             /* by us, on request */                                  \
    X(LOST, "lost")                       /* nobody was there to see it */                         \
    X(FAILED_TO_START, "failed_to_start") /* there never was a process */

#define ESC_ENDING_ENUM(name, text) ESC_ENDING_##name,
enum esc_ending {
    ESC_ENDING_LIST(ESC_ENDING_ENUM) ESC_ENDING_COUNT
};
#undef ESC_ENDING_ENUM

/** "timed_out"; static text. */
const char *esc_ending_text(enum esc_ending ending);
/** ESC_ENDING_COUNT when it is no such word. */
enum esc_ending esc_ending_of_text(struct esc_str text);
