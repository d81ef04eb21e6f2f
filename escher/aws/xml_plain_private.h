/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Plain XML: what AWS writes. A declaration at most, elements with few attributes, text with the
 * five entities of XML itself and numbers of characters, in UTF-8, in ASCII names. It is read
 * several times as fast as by expat, which is asked about everything else: comments, sections,
 * document types, other encodings, and whatever is not well-formed or over a limit. So this reader
 * judges nothing; what it takes, expat would take and tell the same of.
 *
 * It tells while it looks. What was told of a document that turns out not to be plain, expat tells
 * once more from the beginning: up to there both tell the same, and whoever listens has dropped it
 * by then (`restart`). What an event says against a document stands: expat would have come to it, too.
 */

#include <stdbool.h>
#include <stdint.h>

#include "escher/aws/wire_xml.h"

enum xml_plain {
    XML_PLAIN_TOLD,
    XML_PLAIN_REFUSED, /* by an event */
    XML_PLAIN_NOT,     /* it is something else, or not well-formed */
};
/** Tells the events of a document as far as it is plain. Of XML_PLAIN_REFUSED @p message is what
 *  the event has said and @p line where, counted from 1. */
enum xml_plain xml_plain_tell(struct esc_str text, const struct esc_xml_limits *limits,
                              const struct esc_xml_events *events, void *context,
                              const char **message, unsigned long *line);

/** The same by expat alone, of any document; esc_xml_read() chooses. */
enum esc_status xml_read_any(struct esc_str text, const struct esc_xml_limits *limits,
                             const struct esc_xml_events *events, void *context,
                             struct esc_error *err);
/** Of "s3:Bucket" the "Bucket". */
struct esc_str xml_without_prefix(struct esc_str name);
/** What "lt", "#60" or "#x3C" stands for; false when it is none of these, or no character. */
bool xml_reference_read(struct esc_str name, uint32_t *out);
