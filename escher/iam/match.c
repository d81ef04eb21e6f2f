/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/iam/iam_private.h"

/*
 * Patterns: how they are made ready, what their variables stand for, and whether a text matches.
 * Globs are in glob.c.
 */

static char compiled_byte(char c, unsigned kind)
{
    if ((kind & IAM_WILDCARDS) && c == '*')
        return (char)IAM_ANY;
    if ((kind & IAM_WILDCARDS) && c == '?')
        return (char)IAM_ONE;
    return kind & IAM_LOWER_CASE ? esc_to_lower(c) : c;
}

static struct esc_str compile_text(struct esc_arena *arena, struct esc_str text, unsigned kind)
{
    char *bytes = esc_arena_dup(arena, text);
    for (size_t i = 0; i < text.len; i++)
        bytes[i] = compiled_byte(bytes[i], kind);
    return (struct esc_str){bytes, text.len};
}

static bool is_wildcard(char byte)
{
    return (unsigned char)byte >= IAM_ONE;
}

static void measure(struct iam_pattern *pattern)
{
    const struct esc_str text = pattern->text;
    pattern->may_cross = pattern->piece_count > 0 || iam_glob_may_cross(text);
    while (pattern->head_len < text.len && !is_wildcard(text.ptr[pattern->head_len]))
        pattern->head_len++;
    while (pattern->head_len + pattern->tail_len < text.len &&
           !is_wildcard(text.ptr[text.len - pattern->tail_len - 1]))
        pattern->tail_len++;
    size_t from = pattern->head_len + 1, to = from;
    const size_t end = text.len - pattern->tail_len;
    while (to < end && !is_wildcard(text.ptr[to]))
        to++;
    if (to > from && to + 1 == end && (unsigned char)text.ptr[from - 1] == IAM_ANY &&
        (unsigned char)text.ptr[to] == IAM_ANY)
        pattern->core = esc_str_slice(text, from, to);
}

/* The name and, behind a comma, the fallback in single quotes: `aws:username, 'nobody'`. */
static void read_variable(struct esc_str inside, struct iam_piece *piece)
{
    struct esc_str rest = inside, name;
    (void)esc_str_next(&rest, ',', &name); /* not empty: there is at least a name */
    name = esc_str_trim(name);
    rest = esc_str_trim(rest);
    if (name.len < inside.len && rest.len >= 2 && rest.ptr[0] == '\'' &&
        rest.ptr[rest.len - 1] == '\'') {
        piece->fallback = esc_str_slice(rest, 1, rest.len - 1);
        piece->has_fallback = true;
    }
    piece->key = iam_key_of(name);
}

static bool is_escape(struct esc_str inside)
{
    return inside.len == 1 && strchr("*?$", inside.ptr[0]);
}

/* Cuts at each `${…}`; escapes become plain text. */
static size_t cut_pieces(struct esc_arena *arena, struct esc_str written, unsigned kind,
                         struct iam_piece *pieces)
{
    size_t count = 0, from = 0;
    for (size_t open; (open = esc_str_find(written, ESC_STR("${"), from)) != SIZE_MAX;) {
        const size_t close = esc_str_find(written, ESC_STR("}"), open);
        if (close == SIZE_MAX)
            break;
        const struct esc_str inside = esc_str_slice(written, open + 2, close);
        if (open > from)
            pieces[count++].text = compile_text(arena, esc_str_slice(written, from, open), kind);
        if (is_escape(inside))
            pieces[count++].text = inside;
        else
            read_variable(inside, &pieces[count++]);
        from = close + 1;
    }
    if (from < written.len)
        pieces[count++].text = compile_text(arena, esc_str_slice(written, from, written.len), kind);
    return count;
}

static bool has_variable(const struct iam_piece *pieces, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (pieces[i].key.name.ptr)
            return true;
    }
    return false;
}

static struct esc_str joined(struct esc_arena *arena, const struct iam_piece *pieces, size_t count,
                             size_t max)
{
    char *bytes = esc_arena_alloc(arena, max + 1);
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        if (pieces[i].text.len > 0)
            memcpy(bytes + len, pieces[i].text.ptr, pieces[i].text.len);
        len += pieces[i].text.len;
    }
    return (struct esc_str){bytes, len};
}

static size_t count_variables(struct esc_str written)
{
    size_t count = 0;
    for (size_t at = 0; (at = esc_str_find(written, ESC_STR("${"), at)) != SIZE_MAX; at += 2)
        count++;
    return count;
}

void iam_pattern_compile(struct esc_arena *arena, struct esc_str written, unsigned kind,
                         struct iam_pattern *out)
{
    *out = (struct iam_pattern){.written = written};
    const size_t variables = kind & IAM_VARIABLES ? count_variables(written) : 0;
    if (variables == 0) {
        out->text = compile_text(arena, written, kind);
    } else {
        out->pieces = esc_arena_alloc(arena, (2 * variables + 1) * sizeof *out->pieces);
        out->piece_count = cut_pieces(arena, written, kind, out->pieces);
        if (!has_variable(out->pieces, out->piece_count)) {
            out->text = joined(arena, out->pieces, out->piece_count, written.len);
            out->piece_count = 0;
        }
    }
    measure(out);
}

/* ---- variables ---- */

/* The one value of a variable. Several values cannot be written into one text. */
static enum iam_truth value_of(const struct iam_asking *asking, const struct iam_piece *piece,
                               struct esc_str *out)
{
    const struct esc_str *values = NULL;
    size_t count = 0;
    switch (iam_context_find(asking->context, &piece->key, &values, &count)) {
    case ESC_IAM_UNKNOWN:
        iam_doubt_key(asking, piece->key.name);
        return IAM_MAYBE;
    case ESC_IAM_ABSENT:
        *out = piece->fallback;
        return iam_truth_of(piece->has_fallback);
    case ESC_IAM_KNOWN:
        break;
    }
    if (count != 1) {
        iam_doubt_why(asking, "a variable has several values");
        return IAM_MAYBE;
    }
    *out = values[0];
    return IAM_YES;
}

/* Bytes that would read as wildcards cannot come from UTF-8; they become one that matches nothing. */
static void put(char *at, struct esc_str text, bool is_value)
{
    for (size_t i = 0; i < text.len; i++) {
        const bool would_be_wild = is_value && (unsigned char)text.ptr[i] >= IAM_ONE;
        at[i] = would_be_wild ? (char)0xC0 : text.ptr[i];
    }
}

static enum iam_truth text_of(const struct iam_asking *asking, const struct iam_piece *piece,
                              struct esc_str *out)
{
    *out = piece->text;
    return piece->key.name.ptr ? value_of(asking, piece, out) : IAM_YES;
}

static void reserve(struct iam_expanded *out, size_t len)
{
    if (len > sizeof out->space)
        out->more = esc_alloc(len);
}

enum iam_truth iam_pattern_expand(const struct iam_asking *asking,
                                  const struct iam_pattern *pattern, struct iam_expanded *out)
{
    out->more = NULL;
    out->text = pattern->text;
    if (pattern->piece_count == 0)
        return IAM_YES;
    out->text = (struct esc_str){out->space, 0};
    enum iam_truth known = IAM_YES;
    size_t len = 0;
    for (size_t i = 0; i < pattern->piece_count; i++) {
        struct esc_str text;
        known = iam_and(known, text_of(asking, &pattern->pieces[i], &text));
        len += known == IAM_YES ? text.len : 0;
    }
    if (known != IAM_YES)
        return known;
    reserve(out, len);
    char *bytes = out->more ? out->more : out->space;
    out->text = (struct esc_str){bytes, len};
    for (size_t i = 0; i < pattern->piece_count; i++) {
        struct esc_str text;
        (void)text_of(asking, &pattern->pieces[i], &text); /* known, as seen above */
        put(bytes, text, pattern->pieces[i].key.name.ptr);
        bytes += text.len;
    }
    return IAM_YES;
}

void iam_expanded_done(struct iam_expanded *expanded)
{
    free(expanded->more);
}

static bool is_same(const char *a, const char *b, size_t len)
{
    return len == 0 || (a[0] == b[0] && memcmp(a, b, len) == 0);
}

/* Names are short: this is done before memmem() has made its tables. */
static bool holds(struct esc_str text, struct esc_str core)
{
    while (text.len >= core.len) {
        const char *at = memchr(text.ptr, core.ptr[0], text.len - core.len + 1);
        if (!at)
            return false;
        if (is_same(at, core.ptr, core.len))
            return true;
        text.len -= (size_t)(at + 1 - text.ptr);
        text.ptr = at + 1;
    }
    return false;
}

/* Head and tail are compared first: they settle most questions. */
static bool matches(const struct iam_pattern *pattern, struct esc_str text)
{
    const struct esc_str glob = pattern->text;
    const size_t head = pattern->head_len, tail = pattern->tail_len;
    if (head == glob.len)
        return text.len == head && is_same(glob.ptr, text.ptr, head);
    if (head + tail > text.len || !is_same(glob.ptr, text.ptr, head) ||
        !is_same(glob.ptr + glob.len - tail, text.ptr + text.len - tail, tail))
        return false;
    if (head + tail + 1 == glob.len && (unsigned char)glob.ptr[head] == IAM_ANY)
        return true;
    const struct esc_str between = {text.ptr + head, text.len - head - tail};
    if (pattern->core.len > 0)
        return holds(between, pattern->core);
    return iam_glob((struct esc_str){glob.ptr + head, glob.len - head - tail}, between);
}

enum iam_truth iam_pattern_match(const struct iam_asking *asking, const struct iam_pattern *pattern,
                                 struct esc_str text)
{
    if (pattern->piece_count == 0)
        return iam_truth_of(matches(pattern, text));
    struct iam_expanded expanded;
    enum iam_truth known = iam_pattern_expand(asking, pattern, &expanded);
    if (known == IAM_YES)
        known = iam_truth_of(iam_glob(expanded.text, text));
    iam_expanded_done(&expanded);
    return known;
}
