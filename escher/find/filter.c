/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A recursive descent over the text makes a tree of terms; matching walks the tree. The estate
 * of one machine has thousands of rows, so a term simply looks at the row.
 *
 *     or ─▶ and (OR and)*      and ─▶ not ([AND] not)*      not ─▶ NOT not | ( or ) | term
 */

#include "escher/find/filter.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/arena.h"
#include "escher/base/limits.h"
#include "escher/base/utf8.h"
#include "escher/catalog/resource_type.h"
#include "escher/find/find_private.h"
#include "escher/model/environment.h"

enum node_kind {
    NODE_AND,
    NODE_OR,
    NODE_NOT,
    NODE_TERM,
};

enum comparison {
    IS_EQUAL,
    IS_NOT_EQUAL,
    IS_CONTAINS,
    IS_EXISTS,
};

enum field {
    FIELD_TAG,
    FIELD_ACCOUNT,
    FIELD_REGION,
    FIELD_TYPE,
    FIELD_STATE,
    FIELD_NAME,
    FIELD_ID,
    FIELD_ENVIRONMENT,
};

struct node {
    enum node_kind kind;
    struct node *left, *right; /* right is NULL under NOT */
    enum field field;
    enum comparison comparison;
    struct esc_str key, value; /* of a term; the key only for tags */
    uint64_t types;            /* of type= */
    const char *environment;   /* class of env=, or NULL: compared as text */
    const char *const *states; /* of state=, or NULL: compared as text */
};

struct esc_filter {
    struct esc_arena arena;
    struct node *root;
};

/* ---- reading ---- */

struct parser {
    struct esc_arena *arena;
    struct esc_str text;
    size_t at;
    unsigned depth;
    struct esc_error *err;
    enum esc_status status;
};

static struct node *fail_at(struct parser *parser, size_t at, const char *what)
{
    if (parser->status == ESC_OK) {
        size_t column = esc_utf8_count(esc_str_slice(parser->text, 0, at)) + 1;
        parser->status = esc_fail(parser->err, ESC_INVALID, "column %zu: %s", column, what);
    }
    return NULL;
}

static void skip_space(struct parser *parser)
{
    while (parser->at < parser->text.len && esc_is_space(parser->text.ptr[parser->at]))
        parser->at++;
}

static bool at_end(struct parser *parser)
{
    skip_space(parser);
    return parser->at == parser->text.len;
}

static bool ends_word(char c)
{
    return esc_is_space(c) || c == '(' || c == ')';
}

static struct esc_str peek_word(const struct parser *parser)
{
    size_t end = parser->at;
    while (end < parser->text.len && !ends_word(parser->text.ptr[end]))
        end++;
    return esc_str_slice(parser->text, parser->at, end);
}

static bool take_word(struct parser *parser, struct esc_str word)
{
    skip_space(parser);
    if (!esc_str_equal_nocase(peek_word(parser), word))
        return false;
    parser->at += word.len;
    return true;
}

static bool take_char(struct parser *parser, char c)
{
    skip_space(parser);
    if (parser->at == parser->text.len || parser->text.ptr[parser->at] != c)
        return false;
    parser->at++;
    return true;
}

/* The inside of a quoted text; the opening quote is at parser->at. */
static bool quoted(struct parser *parser, struct esc_str *out)
{
    size_t start = parser->at++;
    char *copy = esc_arena_alloc(parser->arena, parser->text.len - start + 1);
    size_t len = 0;
    while (parser->at < parser->text.len) {
        char c = parser->text.ptr[parser->at++];
        if (c == '"') {
            *out = (struct esc_str){copy, len};
            return true;
        }
        if (c == '\\' && parser->at < parser->text.len)
            c = parser->text.ptr[parser->at++];
        copy[len++] = c;
    }
    fail_at(parser, start, "the quote is never closed");
    return false;
}

static bool is_comparison(char c)
{
    return c == '=' || c == '!' || c == '~' || c == ':';
}

/* A key: quoted, or up to a comparison. "tag:Name" keeps its first colon. */
static bool read_key(struct parser *parser, struct esc_str *key, bool *is_tag)
{
    const struct esc_str tag = ESC_STR("tag:");
    *is_tag =
        parser->text.len - parser->at >= tag.len &&
        esc_str_equal_nocase(esc_str_slice(parser->text, parser->at, parser->at + tag.len), tag);
    if (*is_tag)
        parser->at += tag.len;
    if (parser->at < parser->text.len && parser->text.ptr[parser->at] == '"')
        return quoted(parser, key);
    size_t start = parser->at;
    while (parser->at < parser->text.len && !ends_word(parser->text.ptr[parser->at]) &&
           !is_comparison(parser->text.ptr[parser->at]))
        parser->at++;
    *key = esc_str_slice(parser->text, start, parser->at);
    return key->len > 0 || fail_at(parser, start, "expected a field or a tag");
}

static bool read_comparison(struct parser *parser, bool is_field, enum comparison *out)
{
    struct esc_str rest = esc_str_slice(parser->text, parser->at, parser->text.len);
    size_t len = 1;
    if (esc_str_starts_with(rest, ESC_STR("!="))) {
        *out = IS_NOT_EQUAL;
        len = 2;
    } else if (esc_str_starts_with(rest, ESC_STR("=="))) {
        *out = IS_EQUAL;
        len = 2;
    } else if (esc_str_starts_with(rest, ESC_STR("=")) ||
               (is_field && esc_str_starts_with(rest, ESC_STR(":")))) {
        *out = IS_EQUAL;
    } else if (esc_str_starts_with(rest, ESC_STR("~"))) {
        *out = IS_CONTAINS;
    } else {
        fail_at(parser, parser->at, "expected a comparison: =, != or ~, or : after a field");
        return false;
    }
    parser->at += len;
    return true;
}

static bool read_value(struct parser *parser, struct node *node)
{
    if (parser->at < parser->text.len && parser->text.ptr[parser->at] == '"')
        return quoted(parser, &node->value);
    size_t start = parser->at;
    node->value = peek_word(parser);
    parser->at += node->value.len;
    if (esc_str_is(node->value, "*") && node->comparison == IS_EQUAL)
        node->comparison = IS_EXISTS;
    return node->value.len > 0 || fail_at(parser, start, "expected a value");
}

/* ---- terms ---- */

static bool is_field(struct esc_str key, enum field *out)
{
    static const struct {
        const char *name;
        enum field field;
    } fields[] = {
        {"account", FIELD_ACCOUNT},
        {"region", FIELD_REGION},
        {"type", FIELD_TYPE},
        {"state", FIELD_STATE},
        {"status", FIELD_STATE},
        {"name", FIELD_NAME},
        {"id", FIELD_ID},
        {"env", FIELD_ENVIRONMENT},
        {"environment", FIELD_ENVIRONMENT},
        {"stage", FIELD_ENVIRONMENT},
    };
    for (size_t i = 0; i < ESC_COUNT(fields); i++) {
        if (!esc_str_equal_nocase(key, esc_str_of(fields[i].name)))
            continue;
        *out = fields[i].field;
        return true;
    }
    return false;
}

static bool understand_type(struct node *node)
{
    struct esc_word words[4];
    size_t count = esc_words_cut(node->value, words, ESC_COUNT(words));
    return count > 0 && esc_words_type(words, count, &node->types) == count;
}

/* What the value means for its field, worked out once. */
static bool understand(struct parser *parser, struct node *node, size_t value_at)
{
    bool is_exact = node->comparison == IS_EQUAL || node->comparison == IS_NOT_EQUAL;
    if (node->field == FIELD_TYPE && is_exact && !understand_type(node)) {
        fail_at(parser, value_at, "this is no resource type");
        return false;
    }
    if (node->field == FIELD_ENVIRONMENT && is_exact)
        node->environment = esc_environment_of_word(node->value);
    if (node->field == FIELD_STATE && is_exact)
        node->states = esc_words_state(node->value);
    return true;
}

static struct node *term(struct parser *parser)
{
    struct node *node = esc_arena_alloc(parser->arena, sizeof *node);
    bool is_tag = false;
    node->kind = NODE_TERM;
    if (!read_key(parser, &node->key, &is_tag))
        return NULL;
    bool known = !is_tag && is_field(node->key, &node->field);
    if (!read_comparison(parser, known, &node->comparison))
        return NULL;
    size_t value_at = parser->at;
    return read_value(parser, node) && understand(parser, node, value_at) ? node : NULL;
}

/* ---- operators ---- */

static struct node *either(struct parser *parser);

static struct node *join(struct parser *parser, enum node_kind kind, struct node *left,
                         struct node *right)
{
    if (!left || (!right && kind != NODE_NOT))
        return NULL;
    struct node *node = esc_arena_alloc(parser->arena, sizeof *node);
    *node = (struct node){.kind = kind, .left = left, .right = right};
    return node;
}

static struct node *parenthesis(struct parser *parser, size_t start)
{
    struct node *inner = either(parser);
    if (inner && !take_char(parser, ')'))
        return fail_at(parser, start, "the parenthesis is never closed");
    return inner;
}

static struct node *negation(struct parser *parser)
{
    if (++parser->depth > ESC_MAX_JSON_DEPTH) {
        if (parser->status == ESC_OK)
            parser->status = esc_fail(parser->err, ESC_LIMIT, "the filter has more than %d levels",
                                      ESC_MAX_JSON_DEPTH);
        return NULL;
    }
    struct node *node = NULL;
    if (at_end(parser))
        fail_at(parser, parser->at, "a condition such as env=prod is missing");
    else if (take_word(parser, ESC_STR("not")))
        node = join(parser, NODE_NOT, negation(parser), NULL);
    else if (take_char(parser, '('))
        node = parenthesis(parser, parser->at - 1);
    else if (parser->text.ptr[parser->at] == ')')
        fail_at(parser, parser->at, "a parenthesis is closed that was never opened");
    else
        node = term(parser);
    parser->depth--;
    return node;
}

static bool next_is_or(struct parser *parser)
{
    skip_space(parser);
    return esc_str_equal_nocase(peek_word(parser), ESC_STR("or"));
}

static bool next_is_closed(struct parser *parser)
{
    return parser->at < parser->text.len && parser->text.ptr[parser->at] == ')' &&
           parser->depth > 0;
}

static struct node *both(struct parser *parser)
{
    struct node *node = negation(parser);
    while (node && !at_end(parser) && !next_is_closed(parser) && !next_is_or(parser)) {
        (void)take_word(parser, ESC_STR("and")); /* two terms side by side mean the same */
        node = join(parser, NODE_AND, node, negation(parser));
    }
    return node;
}

static struct node *either(struct parser *parser)
{
    struct node *node = both(parser);
    while (node && take_word(parser, ESC_STR("or")))
        node = join(parser, NODE_OR, node, both(parser));
    return node;
}

enum esc_status esc_filter_parse(struct esc_str text, struct esc_filter **out,
                                 struct esc_error *err)
{
    if (text.len > ESC_MAX_PROMPT)
        return esc_fail(err, ESC_LIMIT, "the filter is longer than %d bytes", ESC_MAX_PROMPT);
    ESC_CLEANUP(esc_filter_freep) struct esc_filter *filter = esc_alloc_zero(sizeof *filter);
    esc_arena_init(&filter->arena);
    char *copy = esc_arena_dup(&filter->arena, text);
    struct parser parser = {.arena = &filter->arena, .text = {copy, text.len}, .err = err};
    filter->root = either(&parser);
    if (filter->root && !at_end(&parser))
        filter->root = fail_at(&parser, parser.at, "expected the end");
    if (!filter->root)
        return parser.status;
    *out = ESC_STEAL(filter);
    return ESC_OK;
}

void esc_filter_free(struct esc_filter *filter)
{
    if (filter)
        esc_arena_done(&filter->arena);
    free(filter);
}

enum esc_status filter_of_field(const char *field, const char *value, struct esc_filter **out,
                                struct esc_error *err)
{
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_PROMPT);
    esc_buf_printf(&text, "%s:\"", field);
    for (const char *c = value; *c; c++) {
        if (*c == '"' || *c == '\\')
            esc_buf_add_char(&text, '\\');
        esc_buf_add_char(&text, *c);
    }
    esc_buf_add_char(&text, '"');
    struct esc_error inner;
    enum esc_status status = esc_filter_parse(esc_buf_str(&text), out, &inner);
    esc_buf_done(&text);
    if (status != ESC_OK)
        return esc_fail(err, status, "`%s` is no %s", value, field);
    return ESC_OK;
}

bool esc_filter_is_meant(struct esc_str text)
{
    enum field field = FIELD_TAG;
    text = esc_str_trim(text);
    while (text.len > 0 && (text.ptr[0] == '(' || esc_is_space(text.ptr[0])))
        text = esc_str_slice(text, 1, text.len);
    if (text.len > 4 && esc_str_equal_nocase(esc_str_slice(text, 0, 4), ESC_STR("not ")))
        return esc_filter_is_meant(esc_str_slice(text, 4, text.len));
    size_t at = 0;
    while (at < text.len && (esc_is_alnum(text.ptr[at]) || strchr("_-./", text.ptr[at])))
        at++;
    if (at == 0 || at == text.len)
        return false;
    struct esc_str key = esc_str_slice(text, 0, at);
    if (text.ptr[at] == ':')
        return is_field(key, &field) || esc_str_equal_nocase(key, ESC_STR("tag"));
    return text.ptr[at] == '=' || text.ptr[at] == '~' || text.ptr[at] == '!';
}

/* ---- matching ---- */

static bool text_matches(const struct node *node, const char *text)
{
    if (!text)
        return false;
    if (node->comparison == IS_EXISTS)
        return true;
    if (node->comparison == IS_CONTAINS)
        return esc_str_contains_nocase(esc_str_of(text), node->value);
    return esc_str_equal_nocase(esc_str_of(text), node->value);
}

/* The text is in two parts. */
static bool parts_match(const struct node *node, const struct esc_str parts[2])
{
    ESC_CLEANUP(esc_freep)
    char *text = esc_sprintf("%.*s%.*s", ESC_STR_ARG(parts[0]), ESC_STR_ARG(parts[1]));
    return text_matches(node, text);
}

static bool tag_matches(const struct node *node, const struct esc_index *index,
                        const struct row *row)
{
    for (size_t i = 0; i < row->tag_count; i++) {
        const struct tag *tag = row_tag(index, row, i);
        if (esc_str_equal_nocase(esc_str_of(tag->key), node->key) &&
            text_matches(node, tag->value.ptr ? tag->value.ptr : row_name(row).ptr))
            return true;
    }
    return false;
}

static bool environment_matches(const struct node *node, const struct esc_index *index,
                                const struct row *row)
{
    const char *class = row_environment(row);
    if (node->environment)
        return esc_text_equal(class, node->environment);
    return text_matches(node, class) || tag_matches(node, index, row);
}

static bool id_matches(const struct node *node, const struct esc_index *index,
                       const struct row *row)
{
    struct esc_str arn[2];
    const struct esc_str id[2] = {place_of(index, row)->id_head, row_identifier(row)};
    if (text_matches(node, row_identifier(row).ptr) || parts_match(node, id))
        return true;
    row_arn(index, row, arn);
    return row->arn_head != POOL_NONE && parts_match(node, arn);
}

static bool term_matches(const struct node *node, const struct esc_index *index,
                         const struct row *row)
{
    const struct place *place = place_of(index, row);
    switch (node->field) {
    case FIELD_TAG:
        return tag_matches(node, index, row);
    case FIELD_ACCOUNT:
        return text_matches(node, place->account_id) || text_matches(node, place->account_name);
    case FIELD_REGION:
        return text_matches(node, place->region);
    case FIELD_TYPE:
        return node->types ? (node->types & place->type) != 0
                           : text_matches(node, place->resource_type);
    case FIELD_STATE:
        return node->states ? esc_state_is_one_of(row_state(index, row), node->states)
                            : text_matches(node, row_state(index, row));
    case FIELD_NAME:
        return text_matches(node, row_name(row).ptr);
    case FIELD_ID:
        return id_matches(node, index, row);
    case FIELD_ENVIRONMENT:
        return environment_matches(node, index, row);
    }
    return false;
}

static bool node_matches(const struct node *node, const struct esc_index *index,
                         const struct row *row)
{
    switch (node->kind) {
    case NODE_AND:
        return node_matches(node->left, index, row) && node_matches(node->right, index, row);
    case NODE_OR:
        return node_matches(node->left, index, row) || node_matches(node->right, index, row);
    case NODE_NOT:
        return !node_matches(node->left, index, row);
    case NODE_TERM:
        break;
    }
    bool is_so = term_matches(node, index, row);
    return node->comparison == IS_NOT_EQUAL ? !is_so : is_so;
}

/* ---- what may match: three-valued, since most of an unseen resource is not known ---- */

enum likelihood {
    NEVER,
    MAYBE,
    SURELY,
};

static enum likelihood of_text(const struct node *node, const char *text)
{
    return !text ? MAYBE : text_matches(node, text) ? SURELY : NEVER;
}

static enum likelihood of_account(const struct node *node, const struct esc_filter_place *place)
{
    const enum likelihood by_id = of_text(node, place->account_id);
    const enum likelihood by_name = of_text(node, place->account_name);
    return by_id > by_name ? by_id : by_name;
}

static enum likelihood of_type(const struct node *node, const char *type)
{
    if (!type || !node->types)
        return of_text(node, type);
    return node->types & esc_type_bit(type) ? SURELY : NEVER;
}

static enum likelihood term_likely(const struct node *node, const struct esc_filter_place *place)
{
    enum likelihood likely = MAYBE;
    if (node->field == FIELD_ACCOUNT)
        likely = of_account(node, place);
    else if (node->field == FIELD_REGION)
        likely = of_text(node, place->region);
    else if (node->field == FIELD_TYPE)
        likely = of_type(node, place->resource_type);
    return node->comparison == IS_NOT_EQUAL ? SURELY - likely : likely;
}

static enum likelihood node_likely(const struct node *node, const struct esc_filter_place *place)
{
    if (node->kind == NODE_TERM)
        return term_likely(node, place);
    const enum likelihood left = node_likely(node->left, place);
    if (node->kind == NODE_NOT)
        return SURELY - left;
    const enum likelihood right = node_likely(node->right, place);
    return (node->kind == NODE_AND) == (left < right) ? left : right; /* AND: the less likely */
}

bool esc_filter_may_match(const struct esc_filter *filter, const struct esc_filter_place *place)
{
    return node_likely(filter->root, place) != NEVER;
}

bool filter_matches_row(const struct esc_filter *filter, const struct esc_index *index,
                        const struct row *row)
{
    return node_matches(filter->root, index, row);
}

bool esc_filter_matches(const struct esc_filter *filter, const struct esc_index *index,
                        size_t position)
{
    return node_matches(filter->root, index, row_at(index, position));
}
