/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The head of an HTTP/1 request, read strictly: what two parsers could read differently is no
 * head. Lines end in CRLF and hold no other CR, LF or NUL; the request line has three words with
 * one space between; a field is a token, a colon right behind it, and a value on the same line.
 *
 * @source RFC 9112 sections 2.2, 3, 5; RFC 9110 sections 5.5, 5.6.2
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "escher/base/str.h"

enum {
    ESC_HEAD_MAX_BYTES = 18 * 1024, /* request line and fields */
    ESC_HEAD_MAX_FIELDS = 64,
};

struct esc_http_field {
    struct esc_str name, value; /* the value without white space around it */
};

struct esc_http_head {
    struct esc_str method;      /* "POST" */
    struct esc_str target;      /* as sent: "/v1/plan?x=1" */
    struct esc_str path, query; /* the target before and after the first '?', not decoded */
    struct esc_str version;     /* "HTTP/1.1" */
    struct esc_http_field fields[ESC_HEAD_MAX_FIELDS];
    size_t field_count;
};

enum esc_head_state {
    ESC_HEAD_MORE,      /* well-formed so far; the end is still to come */
    ESC_HEAD_DONE,      /* *len bytes are the head, its empty line included */
    ESC_HEAD_MALFORMED, /* no more bytes can make it a head */
    ESC_HEAD_TOO_LARGE,
};

/** Reads the head that @p bytes begin with; its text is borrowed from them. */
enum esc_head_state esc_http_head_parse(struct esc_str bytes, struct esc_http_head *head,
                                        size_t *len);

/** The value of the first field of that name (any case); .ptr is NULL when there is none. */
struct esc_str esc_http_head_field(const struct esc_http_head *head, const char *name);
/** How many fields have that name. */
size_t esc_http_head_count(const struct esc_http_head *head, const char *name);

/** One or more of the characters a method or a field name may have. */
bool esc_http_is_token(struct esc_str text);
