/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Where one stream of the command goes: a sealed file, up to a ceiling, and a count of the rest. */

#include <stdbool.h>
#include <stdint.h>

#include "escher/crypt/frames.h"
#include "escher/exec/handover.h"

struct sink {
    int fd; /* -1: not open, or given up */
    struct esc_frames_writer *writer;
    uint64_t bytes; /* all that came */
    uint64_t kept;
    uint64_t max;
    bool lost; /* the disk failed; what is on it ends there */
};

/** Makes the file; it must not be there yet. @errors ESC_EXISTS, ESC_IO. */
enum esc_status sink_open(struct sink *sink, const struct esc_handover *handover,
                          enum esc_attempt_file file, struct esc_error *err);
/** Never fails: a disk that does is remembered as `lost`, and the command goes on. */
void sink_add(struct sink *sink, struct esc_str bytes);
/** The last frame, made durable. */
void sink_close(struct sink *sink);
