/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * XML answers of AWS, element by element as they are read, or as a small tree of elements with a
 * name and either text or children. Comments are dropped, and prefixes of names; in the tree also
 * attributes and white space between elements. A document type is refused, and with it every
 * entity of its own. What services write is read by xml_plain.c, all else by expat, which wire_xml.c
 * alone includes.
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

/** What happens while a document is read. Each returns NULL, or why it cannot go on, as static
 *  text; then no more comes. */
struct esc_xml_events {
    /** @p attributes: name, value, name, value, NULL; names with their prefixes. */
    const char *(*start)(void *context, struct esc_str name, const char *const *attributes);
    const char *(*text)(void *context, struct esc_str bytes); /* often in several pieces */
    const char *(*end)(void *context);
    void (*restart)(void *context); /* nothing was told yet: all comes once more */
};
struct esc_xml_limits {
    size_t max_depth, max_elements;
};

/** Reads a document. @errors ESC_CORRUPT with the line: not well-formed, with a document type, or
 *  an event said so; ESC_LIMIT: too deep, too many elements, over ESC_MAX_RESPONSE. */
enum esc_status esc_xml_read(struct esc_str text, const struct esc_xml_limits *limits,
                             const struct esc_xml_events *events, void *context,
                             struct esc_error *err);

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
