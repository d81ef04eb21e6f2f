/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * XML answers of AWS as a small tree: elements with a name and either text or children.
 * Attributes, comments and white space between elements are dropped, prefixes of names too.
 * A document type is refused, and with it every entity of its own. wire_xml.c is the only file
 * that includes expat.
 *
 * Ownership  the root owns the tree; everything asked of it is borrowed from it. Texts are wiped
 *            when it is freed, since an answer may hold keys.
 */

#include <stddef.h>

#include "escher/base/attr.h"
#include "escher/base/error.h"
#include "escher/base/str.h"

enum {
    ESC_XML_MAX_DEPTH = 32,
    ESC_XML_MAX_ELEMENTS = 100 * 1000,
};

struct esc_xml; /* an element */

/** Parses a document; *out is its root, freed by the caller. @errors ESC_CORRUPT: not well-formed,
 *  or with a document type; ESC_LIMIT: too deep, too many elements, over ESC_MAX_RESPONSE. */
enum esc_status esc_xml_parse(struct esc_str text, struct esc_xml **out, struct esc_error *err);
void esc_xml_free(struct esc_xml *root); /* the root only; NULL does nothing */
ESC_DEFINE_CLEANUP(struct esc_xml, esc_xml_free)

const char *esc_xml_name(const struct esc_xml *element);
/** The text in it, "" when it has children or none. NULL gives "". */
const char *esc_xml_text(const struct esc_xml *element);
/** The first child of that name; NULL when there is none or @p element is NULL. */
const struct esc_xml *esc_xml_child(const struct esc_xml *element, const char *name);
/** The first child, and the one after @p element; NULL at the end. */
const struct esc_xml *esc_xml_first(const struct esc_xml *element);
const struct esc_xml *esc_xml_next(const struct esc_xml *element);
/** The element at "Result.Account" below @p element, by first children; NULL when absent. */
const struct esc_xml *esc_xml_get(const struct esc_xml *element, const char *path);
/** The text at that path, or @p missing when there is no such element. */
const char *esc_xml_str(const struct esc_xml *element, const char *path, const char *missing);
