/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/http/head.h"

#include <string.h>

static bool is_token_char(char c)
{
    return esc_is_alnum(c) || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c));
}

bool esc_http_is_token(struct esc_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_token_char(text.ptr[i]))
            return false;
    return text.len > 0;
}

struct esc_str esc_http_head_field(const struct esc_http_head *head, const char *name)
{
    for (size_t i = 0; i < head->field_count; i++)
        if (esc_str_equal_nocase(head->fields[i].name, esc_str_of(name)))
            return head->fields[i].value;
    return (struct esc_str){0};
}

size_t esc_http_head_count(const struct esc_http_head *head, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < head->field_count; i++)
        count += esc_str_equal_nocase(head->fields[i].name, esc_str_of(name));
    return count;
}

/* Takes one line off the front of *rest. */
static enum esc_head_state take_line(struct esc_str *rest, struct esc_str *line)
{
    for (size_t i = 0; i < rest->len; i++) {
        char c = rest->ptr[i];
        if (c == '\0' || c == '\n')
            return ESC_HEAD_MALFORMED;
        if (c != '\r')
            continue;
        if (i + 1 == rest->len)
            return ESC_HEAD_MORE;
        if (rest->ptr[i + 1] != '\n')
            return ESC_HEAD_MALFORMED;
        *line = esc_str_slice(*rest, 0, i);
        *rest = esc_str_slice(*rest, i + 2, rest->len);
        return ESC_HEAD_DONE;
    }
    return ESC_HEAD_MORE;
}

static bool take_word(struct esc_str *rest, struct esc_str *word)
{
    return rest->len > 0 && esc_str_next(rest, ' ', word) && word->len > 0;
}

static bool is_version(struct esc_str text)
{
    return text.len == 8 && esc_str_starts_with(text, ESC_STR("HTTP/")) &&
           esc_is_digit(text.ptr[5]) && text.ptr[6] == '.' && esc_is_digit(text.ptr[7]);
}

static bool read_request_line(struct esc_str line, struct esc_http_head *head)
{
    if (!take_word(&line, &head->method) || !take_word(&line, &head->target))
        return false;
    head->version = line;
    size_t mark = esc_str_find(head->target, ESC_STR("?"), 0);
    head->path = esc_str_slice(head->target, 0, mark);
    head->query = mark == SIZE_MAX ? (struct esc_str){0}
                                   : esc_str_slice(head->target, mark + 1, head->target.len);
    return esc_http_is_token(head->method) && is_version(head->version);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct esc_str without_blanks(struct esc_str text)
{
    while (text.len > 0 && is_blank(text.ptr[0]))
        text = esc_str_slice(text, 1, text.len);
    while (text.len > 0 && is_blank(text.ptr[text.len - 1]))
        text.len--;
    return text;
}

static bool read_field(struct esc_str line, struct esc_http_field *field)
{
    size_t colon = esc_str_find(line, ESC_STR(":"), 0);
    if (colon == SIZE_MAX)
        return false;
    field->name = esc_str_slice(line, 0, colon);
    field->value = without_blanks(esc_str_slice(line, colon + 1, line.len));
    return esc_http_is_token(field->name); /* a folded line starts with white space: no token */
}

static enum esc_head_state read_fields(struct esc_str *rest, struct esc_http_head *head)
{
    for (;;) {
        struct esc_str line = {0};
        enum esc_head_state state = take_line(rest, &line);
        if (state != ESC_HEAD_DONE || line.len == 0)
            return state;
        if (head->field_count == ESC_HEAD_MAX_FIELDS)
            return ESC_HEAD_TOO_LARGE;
        if (!read_field(line, &head->fields[head->field_count]))
            return ESC_HEAD_MALFORMED;
        head->field_count++;
    }
}

enum esc_head_state esc_http_head_parse(struct esc_str bytes, struct esc_http_head *head,
                                        size_t *len)
{
    struct esc_str rest = esc_str_slice(bytes, 0, ESC_HEAD_MAX_BYTES), line = {0};
    *head = (struct esc_http_head){0};
    enum esc_head_state state = take_line(&rest, &line);
    if (state == ESC_HEAD_DONE && !read_request_line(line, head))
        state = ESC_HEAD_MALFORMED;
    if (state == ESC_HEAD_DONE)
        state = read_fields(&rest, head);
    if (state == ESC_HEAD_MORE && bytes.len >= ESC_HEAD_MAX_BYTES)
        return ESC_HEAD_TOO_LARGE;
    if (state == ESC_HEAD_DONE)
        *len = (size_t)(rest.ptr - bytes.ptr);
    return state;
}
