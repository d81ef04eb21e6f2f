/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Plain XML: what AWS writes. A declaration at most, elements with few attributes, text with the
 * five entities of XML itself and numbers of characters, in UTF-8, in ASCII names. It is read
 * several times as fast as by expat, which is asked about everything else: comments, sections,
 * document types, other encodings, and whatever is not well-formed or over a limit. So this reader
 * judges nothing; what it takes, expat would take and tell the same of.
 *
 * A document is looked at first, as a whole, and told only when it is plain to its end.
 */

#include <stdbool.h>
#include <stdint.h>

#include "escher/aws/wire_xml.h"

bool xml_is_plain(struct esc_str text, const struct esc_xml_limits *limits);
/** Tells the events of a plain document; NULL, or what an event has said against it and then
 *  *line, counted from 1. */
const char *xml_plain_tell(struct esc_str text, const struct esc_xml_limits *limits,
                           const struct esc_xml_events *events, void *context, unsigned long *line);

/** The same by expat alone, of any document; esc_xml_read() chooses. */
enum esc_status xml_read_any(struct esc_str text, const struct esc_xml_limits *limits,
                             const struct esc_xml_events *events, void *context,
                             struct esc_error *err);
/** Of "s3:Bucket" the "Bucket". */
const char *xml_without_prefix(const char *name);
/** What "lt", "#60" or "#x3C" stands for; false when it is none of these, or no character. */
bool xml_reference_read(struct esc_str name, uint32_t *out);
