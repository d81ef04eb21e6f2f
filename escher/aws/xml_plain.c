/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/xml_plain_private.h"

#include <stdint.h>
#include <string.h>

#include "escher/base/attr.h"
#include "escher/base/buf.h"
#include "escher/base/utf8.h"

/*
 * Each step moves `at` over what it knows and says false at the first byte it does not, or when an
 * event has said no.
 *
 * @source Extensible Markup Language (XML) 1.0, fifth edition: sections 2.2 (characters), 2.4
 * (text), 3.1 (tags), 4.1 and 4.6 (references)
 */

enum {
    MAX_DEPTH = 64, /* what is deeper is not plain; the limits are below */
    MAX_ATTRIBUTES = 4,
    MAX_TAG_BYTES = 1024, /* of the name, and of all attributes */
};

struct plain {
    const char *begin, *at, *end;
    const struct esc_xml_limits *limits;
    const struct esc_xml_events *events;
    void *context;
    struct esc_str open[MAX_DEPTH]; /* names of the elements around `at` */
    size_t depth, count;
    const char *message; /* what an event has said; `at` is behind what it was told */
};

/* A start tag, its attributes ended by NUL as the events want them. */
struct tag {
    struct esc_str name;
    char bytes[MAX_TAG_BYTES];
    size_t used;
    const char *attributes[2 * MAX_ATTRIBUTES + 1];
    size_t word_count; /* of attributes: names and values */
};

/* What a byte may be. */
enum {
    ITSELF = 1,  /* text that is no more than itself: not "]", since "]]>" must not be in text */
    IN_NAME = 2, /* of an element or attribute */
    BEGINS_NAME = 4,
    BLANK = 8, /* not '\r', which becomes something else */
};
static const unsigned char kinds[256] = {
    /* clang-format off */
    /* by sixteen from 0x00, to 0x7F; what is not ASCII is none */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 9, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    9, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 3, 3, 1,
    3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 7, 1, 0, 1, 1, 1,
    1, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
    7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 1, 1, 0, 1, 7,
    1, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
    7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 1, 1, 1, 1, 1,
    /* clang-format on */
};

static bool is(char c, unsigned kind)
{
    return kinds[(unsigned char)c] & kind;
}

/* Moves on over all bytes of the kind. */
static void skip(struct plain *plain, unsigned kind)
{
    const char *at = plain->at, *const end = plain->end;
    while (at < end && is(*at, kind))
        at++;
    plain->at = at;
}

static bool skip_char(struct plain *plain, char c)
{
    if (plain->at == plain->end || *plain->at != c)
        return false;
    plain->at++;
    return true;
}

static bool take_name(struct plain *plain, struct esc_str *out)
{
    const char *from = plain->at;
    if (from == plain->end || !is(*from, BEGINS_NAME))
        return false;
    skip(plain, IN_NAME);
    *out = (struct esc_str){from, (size_t)(plain->at - from)};
    return true;
}

static bool tell(struct plain *plain, const char *message)
{
    plain->message = message;
    return !message;
}

/* Text */

static bool tell_text(struct plain *plain, const char *from, const char *to)
{
    const struct esc_str text = {from, (size_t)(to - from)};
    return text.len == 0 || tell(plain, plain->events->text(plain->context, text));
}

static bool reference(struct plain *plain)
{
    enum {
        MAX_LEN = 10 /* "&#x10FFFF;" without the first */
    };
    plain->at++;
    const size_t left = (size_t)(plain->end - plain->at);
    const char *semicolon = memchr(plain->at, ';', left < MAX_LEN ? left : MAX_LEN);
    uint32_t code_point;
    if (!semicolon)
        return false;
    const struct esc_str name = {plain->at, (size_t)(semicolon - plain->at)};
    if (!xml_reference_read(name, &code_point))
        return false;
    plain->at = semicolon + 1;
    struct esc_buf bytes;
    esc_buf_init_wiped(&bytes, 8);
    esc_utf8_append(&bytes, code_point);
    const char *message = plain->events->text(plain->context, esc_buf_str(&bytes));
    esc_buf_done(&bytes);
    return tell(plain, message);
}

/* A character that is not ASCII. */
static bool skip_wide(struct plain *plain)
{
    struct esc_str rest = {plain->at, (size_t)(plain->end - plain->at)};
    const uint32_t code_point = esc_utf8_next(&rest);
    plain->at = rest.ptr;
    return code_point != ESC_UTF8_INVALID && code_point != 0xFFFE && code_point != 0xFFFF;
}

/* All text up to the next tag. */
static bool content(struct plain *plain)
{
    const char *from = plain->at;
    for (skip(plain, ITSELF); plain->at < plain->end && *plain->at != '<'; skip(plain, ITSELF)) {
        if (*plain->at == '&') {
            if (!tell_text(plain, from, plain->at) || !reference(plain))
                return false;
            from = plain->at;
        } else if (*plain->at == ']') {
            plain->at++;
            if (plain->at < plain->end && *plain->at == ']')
                return false;
        } else if ((unsigned char)*plain->at < 0x80 || !skip_wide(plain)) {
            return false;
        }
    }
    return tell_text(plain, from, plain->at);
}

/* Tags */

static bool keep_word(struct tag *tag, struct esc_str word, const char **out)
{
    if (word.len >= sizeof tag->bytes - tag->used)
        return false;
    *out = tag->bytes + tag->used;
    memcpy(tag->bytes + tag->used, word.ptr, word.len);
    tag->bytes[tag->used + word.len] = '\0';
    tag->used += word.len + 1;
    return true;
}

static bool has_attribute(const struct tag *tag, struct esc_str name)
{
    for (size_t i = 0; i < tag->word_count; i += 2)
        if (esc_str_is(name, tag->attributes[i]))
            return true;
    return false;
}

/* One that says no more than it shows. */
static bool take_value(struct plain *plain, struct esc_str *out)
{
    if (!skip_char(plain, '"'))
        return false;
    const char *from = plain->at;
    while (plain->at < plain->end && *plain->at != '"') {
        if (!is(*plain->at, ITSELF) || *plain->at == '\n' || *plain->at == '\t')
            return false;
        plain->at++;
    }
    *out = (struct esc_str){from, (size_t)(plain->at - from)};
    return skip_char(plain, '"');
}

static bool attribute(struct plain *plain, struct tag *tag)
{
    struct esc_str name, value;
    if (!take_name(plain, &name) || !skip_char(plain, '=') || !take_value(plain, &value) ||
        tag->word_count == 2 * MAX_ATTRIBUTES || has_attribute(tag, name))
        return false;
    if (!keep_word(tag, name, &tag->attributes[tag->word_count]) ||
        !keep_word(tag, value, &tag->attributes[tag->word_count + 1]))
        return false;
    tag->word_count += 2;
    return true;
}

static bool tell_start(struct plain *plain, const struct tag *tag)
{
    return tell(plain, plain->events->start(plain->context, xml_without_prefix(tag->name),
                                            tag->attributes));
}

static bool tell_end(struct plain *plain)
{
    plain->depth--;
    return tell(plain, plain->events->end(plain->context));
}

/* At the end of a start tag: opens the element, or both opens and closes it. */
static bool open_element(struct plain *plain, const struct tag *tag)
{
    const bool is_empty = skip_char(plain, '/');
    if (!skip_char(plain, '>') || plain->depth == MAX_DEPTH ||
        plain->depth == plain->limits->max_depth || plain->count == plain->limits->max_elements)
        return false;
    plain->count++;
    plain->open[plain->depth++] = tag->name;
    if (!tell_start(plain, tag))
        return false;
    return !is_empty || tell_end(plain);
}

static bool start_tag(struct plain *plain)
{
    struct tag tag;
    tag.used = tag.word_count = 0;
    if (!take_name(plain, &tag.name) || tag.name.len >= MAX_TAG_BYTES)
        return false;
    while (plain->at < plain->end && is(*plain->at, BLANK)) {
        skip(plain, BLANK);
        if (plain->at < plain->end && *plain->at != '>' && *plain->at != '/' &&
            !attribute(plain, &tag))
            return false;
    }
    tag.attributes[tag.word_count] = NULL;
    return open_element(plain, &tag);
}

static bool end_tag(struct plain *plain)
{
    struct esc_str name;
    if (plain->depth == 0 || !take_name(plain, &name) ||
        !esc_str_equal(name, plain->open[plain->depth - 1]))
        return false;
    skip(plain, BLANK);
    if (!skip_char(plain, '>'))
        return false;
    return tell_end(plain);
}

/* Only in the forms that are written. */
static void skip_declaration(struct plain *plain)
{
    static const char *const forms[] = {
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>",
        "<?xml version=\"1.0\"?>",
    };
    const struct esc_str rest = {plain->at, (size_t)(plain->end - plain->at)};
    for (size_t i = 0; i < ESC_COUNT(forms); i++)
        if (esc_str_starts_with(rest, esc_str_of(forms[i]))) {
            plain->at += strlen(forms[i]);
            return;
        }
}

static bool document(struct plain *plain)
{
    skip_declaration(plain);
    skip(plain, BLANK);
    do {
        if (!skip_char(plain, '<'))
            return false;
        const bool is_end = skip_char(plain, '/');
        if (is_end ? !end_tag(plain) : !start_tag(plain))
            return false;
        if (plain->depth > 0 && !content(plain))
            return false;
    } while (plain->depth > 0);
    skip(plain, BLANK);
    return plain->at == plain->end;
}

enum xml_plain xml_plain_tell(struct esc_str text, const struct esc_xml_limits *limits,
                              const struct esc_xml_events *events, void *context,
                              const char **message, unsigned long *line)
{
    struct plain plain;
    plain.begin = plain.at = text.ptr;
    plain.end = text.ptr + text.len;
    plain.limits = limits;
    plain.events = events;
    plain.context = context;
    plain.depth = plain.count = 0;
    plain.message = NULL;
    if (text.len > 0 && document(&plain))
        return XML_PLAIN_TOLD;
    if (!plain.message)
        return XML_PLAIN_NOT;
    *message = plain.message;
    *line = 1;
    for (const char *at = plain.begin; at < plain.at; at++)
        *line += *at == '\n';
    return XML_PLAIN_REFUSED;
}
