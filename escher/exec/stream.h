/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Raw output, cut anywhere, into lines of text for events: characters are never cut, invalid
 * bytes become U+FFFD, a line of ESC_MAX_LINE or more comes in pieces marked partial, and of a line
 * that rewrites itself with carriage returns (a progress bar) only the last state is told.
 */

#include <stdbool.h>
#include <stdint.h>

#include "escher/base/buf.h"
#include "escher/base/str.h"

/** @p text is without its line end, borrowed; @p offset is where its raw bytes begin. */
typedef void esc_stream_line_fn(void *context, struct esc_str text, uint64_t offset, bool partial);

struct esc_line_splitter {
    struct esc_buf pending; /* raw bytes of the line under way */
    uint64_t offset;        /* of the first of them in the stream */
    esc_stream_line_fn *fn;
    void *context;
};

void esc_line_splitter_init(struct esc_line_splitter *splitter, esc_stream_line_fn *fn,
                            void *context);
void esc_line_splitter_done(struct esc_line_splitter *splitter);
/** Bytes that begin at @p offset of the stream; a jump (a gap) ends the line before it as partial. */
void esc_line_splitter_feed(struct esc_line_splitter *splitter, uint64_t offset,
                            struct esc_str bytes);
/** The stream is over: tells what is left without a line end, as partial. */
void esc_line_splitter_end(struct esc_line_splitter *splitter);
