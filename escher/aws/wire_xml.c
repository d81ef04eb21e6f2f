/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/wire_xml.h"

#include <expat.h>
#include <string.h>

#include "escher/aws/xml_plain_private.h"
#include "escher/base/alloc.h"
#include "escher/base/buf.h"
#include "escher/base/limits.h"
#include "escher/crypt/secret.h"

struct esc_xml {
    struct esc_xml *next, *first, *last, *parent;
    char *name, *text; /* text: NULL until the element ends */
};

struct reading {
    XML_Parser parser;
    const struct esc_xml_limits *limits;
    const struct esc_xml_events *events;
    void *context;
    size_t depth, count;
    enum esc_status status;
    const char *message;
};

static void stop(struct reading *reading, enum esc_status status, const char *message)
{
    reading->status = status;
    reading->message = message;
    (void)XML_StopParser(reading->parser, XML_FALSE); /* refused only when it has stopped */
}

/* Names are short, and few have one: no function of the C library is quicker. */
struct esc_str xml_without_prefix(struct esc_str name)
{
    for (size_t i = name.len; i > 0; i--)
        if (name.ptr[i - 1] == ':')
            return i < name.len ? esc_str_slice(name, i, name.len) : name;
    return name;
}

static void on_start(void *context, const char *name, const char **attributes)
{
    struct reading *reading = context;
    if (++reading->depth > reading->limits->max_depth)
        stop(reading, ESC_LIMIT, "nested too deeply");
    if (++reading->count > reading->limits->max_elements)
        stop(reading, ESC_LIMIT, "too many elements");
    if (reading->status != ESC_OK)
        return;
    const char *message = reading->events->start(
        reading->context, xml_without_prefix(esc_str_of(name)), (const char *const *)attributes);
    if (message)
        stop(reading, ESC_CORRUPT, message);
}

static void on_text(void *context, const char *bytes, int len)
{
    struct reading *reading = context;
    if (reading->status != ESC_OK)
        return; /* what was read already still comes after the parser was stopped */
    const char *message =
        reading->events->text(reading->context, (struct esc_str){bytes, (size_t)len});
    if (message)
        stop(reading, ESC_CORRUPT, message);
}

static void on_end(void *context, const char *)
{
    struct reading *reading = context;
    if (reading->status != ESC_OK)
        return; /* an empty element ends even after the parser was stopped */
    reading->depth--;
    const char *message = reading->events->end(reading->context);
    if (message)
        stop(reading, ESC_CORRUPT, message);
}

static void on_doctype(void *context, const char *, const char *, const char *, int)
{
    stop(context, ESC_CORRUPT, "it has a document type");
}

static enum esc_status read_all(struct reading *reading, struct esc_str text, struct esc_error *err)
{
    XML_SetUserData(reading->parser, reading);
    XML_SetElementHandler(reading->parser, on_start, on_end);
    XML_SetCharacterDataHandler(reading->parser, on_text);
    XML_SetStartDoctypeDeclHandler(reading->parser, on_doctype);
    enum XML_Status parsed = XML_Parse(reading->parser, text.ptr, (int)text.len, XML_TRUE);
    if (reading->status != ESC_OK)
        return esc_fail(err, reading->status, "XML line %lu: %s",
                        XML_GetCurrentLineNumber(reading->parser), reading->message);
    if (parsed != XML_STATUS_OK)
        return esc_fail(err, ESC_CORRUPT, "XML line %lu: %s",
                        XML_GetCurrentLineNumber(reading->parser),
                        XML_ErrorString(XML_GetErrorCode(reading->parser)));
    return ESC_OK;
}

enum esc_status xml_read_any(struct esc_str text, const struct esc_xml_limits *limits,
                             const struct esc_xml_events *events, void *context,
                             struct esc_error *err)
{
    struct reading reading = {.limits = limits, .events = events, .context = context};
    reading.parser = XML_ParserCreate(NULL);
    if (!reading.parser)
        return esc_fail(err, ESC_IO, "the XML parser cannot start");
    enum esc_status status = read_all(&reading, text, err);
    XML_ParserFree(reading.parser);
    return status;
}

enum esc_status esc_xml_read(struct esc_str text, const struct esc_xml_limits *limits,
                             const struct esc_xml_events *events, void *context,
                             struct esc_error *err)
{
    const char *message;
    unsigned long line;
    if (text.len > ESC_MAX_RESPONSE)
        return esc_fail(err, ESC_LIMIT, "XML is larger than %d bytes", ESC_MAX_RESPONSE);
    switch (xml_plain_tell(text, limits, events, context, &message, &line)) {
    case XML_PLAIN_TOLD:
        return ESC_OK;
    case XML_PLAIN_REFUSED:
        return esc_fail(err, ESC_CORRUPT, "XML line %lu: %s", line, message);
    default:
        events->restart(context);
        return xml_read_any(text, limits, events, context, err);
    }
}

struct builder {
    struct esc_xml *root, *at;
    struct esc_buf text; /* of the element under way, until a child begins */
};

static const char *build_start(void *context, struct esc_str name, const char *const *)
{
    struct builder *builder = context;
    struct esc_xml *element = esc_alloc_zero(sizeof *element);
    element->name = esc_str_dup(name);
    element->parent = builder->at;
    esc_buf_reset(&builder->text);
    if (!builder->at)
        builder->root = element;
    else if (builder->at->last)
        builder->at->last->next = element;
    else
        builder->at->first = element;
    if (builder->at)
        builder->at->last = element;
    builder->at = element;
    return NULL;
}

static const char *build_text(void *context, struct esc_str bytes)
{
    esc_buf_add(&((struct builder *)context)->text, bytes);
    return NULL;
}

static const char *build_end(void *context)
{
    struct builder *builder = context;
    if (!builder->at->first)
        builder->at->text = esc_strdup(esc_buf_text(&builder->text));
    esc_buf_reset(&builder->text);
    builder->at = builder->at->parent;
    return NULL;
}

static void free_text(char *text)
{
    if (text)
        esc_wipe(text, strlen(text));
    free(text);
}

void esc_xml_free(struct esc_xml *root)
{
    while (root) { /* goes down to a leaf, frees it, goes on with its neighbour or parent */
        struct esc_xml *next = root->first;
        if (next) {
            root->first = NULL;
        } else {
            next = root->next ? root->next : root->parent;
            free(root->name);
            free_text(root->text);
            free(root);
        }
        root = next;
    }
}

static void build_afresh(void *context)
{
    struct builder *builder = context;
    esc_xml_free(ESC_STEAL(builder->root));
    builder->at = NULL;
    esc_buf_reset(&builder->text);
}

enum esc_status esc_xml_parse(struct esc_str text, struct esc_xml **out, struct esc_error *err)
{
    static const struct esc_xml_limits limits = {ESC_XML_MAX_DEPTH, ESC_XML_MAX_ELEMENTS};
    static const struct esc_xml_events events = {build_start, build_text, build_end, build_afresh};
    struct builder builder = {0};
    esc_buf_init(&builder.text, ESC_MAX_RESPONSE);
    enum esc_status status = esc_xml_read(text, &limits, &events, &builder, err);
    if (builder.text.ptr)
        esc_wipe(builder.text.ptr, builder.text.capacity);
    esc_buf_done(&builder.text);
    if (status == ESC_OK)
        *out = builder.root;
    else
        esc_xml_free(builder.root);
    return status;
}

const char *esc_xml_name(const struct esc_xml *element)
{
    return element->name;
}

const char *esc_xml_text(const struct esc_xml *element)
{
    return element && element->text ? element->text : "";
}

const struct esc_xml *esc_xml_first(const struct esc_xml *element)
{
    return element ? element->first : NULL;
}

const struct esc_xml *esc_xml_next(const struct esc_xml *element)
{
    return element ? element->next : NULL;
}

static const struct esc_xml *child_named(const struct esc_xml *element, struct esc_str name)
{
    const struct esc_xml *child = esc_xml_first(element);
    while (child && !esc_str_is(name, child->name))
        child = child->next;
    return child;
}

const struct esc_xml *esc_xml_child(const struct esc_xml *element, const char *name)
{
    return child_named(element, esc_str_of(name));
}

const struct esc_xml *esc_xml_get(const struct esc_xml *element, const char *path)
{
    struct esc_str rest = esc_str_of(path), step;
    while (element && rest.len > 0 && esc_str_next(&rest, '.', &step))
        element = child_named(element, step);
    return element;
}

const char *esc_xml_str(const struct esc_xml *element, const char *path, const char *missing)
{
    const struct esc_xml *found = esc_xml_get(element, path);
    return found ? esc_xml_text(found) : missing;
}
