/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/wire_xml.h"

#include <expat.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/buf.h"
#include "escher/base/limits.h"
#include "escher/crypt/secret.h"

struct esc_xml {
    struct esc_xml *next, *first, *last, *parent;
    char *name, *text; /* text: NULL until the element ends */
};

struct builder {
    XML_Parser parser;
    struct esc_xml *root, *at;
    struct esc_buf text; /* of the element under way, until a child begins */
    size_t depth, count;
    enum esc_status status;
    const char *message;
};

static void stop(struct builder *builder, enum esc_status status, const char *message)
{
    builder->status = status;
    builder->message = message;
    (void)XML_StopParser(builder->parser, XML_FALSE); /* refused only when it has stopped */
}

static const char *without_prefix(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon && colon[1] ? colon + 1 : name;
}

static void on_start(void *context, const char *name, const char **)
{
    struct builder *builder = context;
    if (++builder->depth > ESC_XML_MAX_DEPTH)
        stop(builder, ESC_LIMIT, "nested too deeply");
    if (++builder->count > ESC_XML_MAX_ELEMENTS)
        stop(builder, ESC_LIMIT, "too many elements");
    if (builder->status != ESC_OK)
        return;
    struct esc_xml *element = esc_alloc_zero(sizeof *element);
    element->name = esc_strdup(without_prefix(name));
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
}

static void on_text(void *context, const char *bytes, int len)
{
    struct builder *builder = context;
    esc_buf_append(&builder->text, bytes, (size_t)len);
}

static void on_end(void *context, const char *)
{
    struct builder *builder = context;
    if (builder->status != ESC_OK)
        return; /* an empty element ends even after the parser was stopped */
    builder->depth--;
    if (!builder->at->first)
        builder->at->text = esc_strdup(esc_buf_text(&builder->text));
    esc_buf_reset(&builder->text);
    builder->at = builder->at->parent;
}

static void on_doctype(void *context, const char *, const char *, const char *, int)
{
    stop(context, ESC_CORRUPT, "it has a document type");
}

static enum esc_status parse(struct builder *builder, struct esc_str text, struct esc_error *err)
{
    XML_SetUserData(builder->parser, builder);
    XML_SetElementHandler(builder->parser, on_start, on_end);
    XML_SetCharacterDataHandler(builder->parser, on_text);
    XML_SetStartDoctypeDeclHandler(builder->parser, on_doctype);
    enum XML_Status parsed = XML_Parse(builder->parser, text.ptr, (int)text.len, XML_TRUE);
    if (builder->status != ESC_OK)
        return esc_fail(err, builder->status, "XML line %lu: %s",
                        XML_GetCurrentLineNumber(builder->parser), builder->message);
    if (parsed != XML_STATUS_OK)
        return esc_fail(err, ESC_CORRUPT, "XML line %lu: %s",
                        XML_GetCurrentLineNumber(builder->parser),
                        XML_ErrorString(XML_GetErrorCode(builder->parser)));
    return ESC_OK;
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

enum esc_status esc_xml_parse(struct esc_str text, struct esc_xml **out, struct esc_error *err)
{
    struct builder builder = {.status = ESC_OK};
    if (text.len > ESC_MAX_RESPONSE)
        return esc_fail(err, ESC_LIMIT, "XML is larger than %d bytes", ESC_MAX_RESPONSE);
    builder.parser = XML_ParserCreate(NULL);
    if (!builder.parser)
        return esc_fail(err, ESC_IO, "the XML parser cannot start");
    esc_buf_init(&builder.text, ESC_MAX_RESPONSE);
    enum esc_status status = parse(&builder, text, err);
    if (builder.text.ptr)
        esc_wipe(builder.text.ptr, builder.text.capacity);
    esc_buf_done(&builder.text);
    XML_ParserFree(builder.parser);
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
