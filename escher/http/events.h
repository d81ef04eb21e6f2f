/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Server-sent events: a writer, and a parser that takes the stream in pieces of any size.
 *
 * A piece may end anywhere, also within a character or between CR and LF; an event is handed out
 * when its empty line has come. What stands unfinished at the end of the stream is dropped.
 *
 * @source HTML standard, section 9.2 Server-sent events
 */

#include <stddef.h>
#include <stdint.h>

#include "escher/base/buf.h"
#include "escher/base/error.h"
#include "escher/base/str.h"

struct esc_event {
    const char *id;   /* the last id of the stream so far; "" when there was none */
    const char *kind; /* "message" when the stream names none */
    struct esc_str data;
};

/** Appends one event; id and kind may be NULL or "" (then absent) and hold no line ends. */
void esc_event_write(struct esc_buf *buf, const struct esc_event *event);
/** Appends a comment, which keeps a silent connection open. */
void esc_event_write_comment(struct esc_buf *buf);

struct esc_event_parser;
typedef void esc_event_fn(void *context, const struct esc_event *event);

/** Hands each event to @p fn, borrowed. @p max_bytes is the ceiling of one event and of one line. */
ESC_RETURNS_NONNULL struct esc_event_parser *esc_event_parser_new(size_t max_bytes,
                                                                  esc_event_fn *fn, void *context);
void esc_event_parser_free(struct esc_event_parser *parser);
ESC_DEFINE_CLEANUP(struct esc_event_parser, esc_event_parser_free)
/** Takes the next piece. Once it has failed it fails again. @errors ESC_LIMIT. */
enum esc_status esc_event_parser_feed(struct esc_event_parser *parser, struct esc_str bytes,
                                      struct esc_error *err);
/** For `Last-Event-ID` when connecting again; "" when there was none. */
const char *esc_event_parser_last_id(const struct esc_event_parser *parser);
/** The `retry:` time the server asked for; 0 when it did not. */
uint64_t esc_event_parser_retry_ms(const struct esc_event_parser *parser);
