/* SPDX-License-Identifier: Apache-2.0 */

/* The grammar of expression.h by recursive descent, without a separate lexer. */

#include "escher/playbook/expression_private.h"

#include <string.h>

#include "escher/base/num.h"

enum {
    PARTS_MAX = 64, /* of a list or call */
    STEPS_MAX = 16, /* of a path */
};

struct parser {
    struct esc_expression *expression;
    struct esc_str text;
    size_t at;
    unsigned depth;
    struct esc_error *err;
};

static enum esc_status parse_or(struct parser *parser, struct expression_node **out);
static enum esc_status parse_value(struct parser *parser, struct expression_node **out);

static enum esc_status complain(const struct parser *parser, const char *what)
{
    return esc_fail(parser->err, ESC_INVALID, "condition `%.*s`, character %zu: %s",
                    ESC_STR_ARG(esc_str_slice(parser->text, 0, 120)), parser->at + 1, what);
}

static char peek(struct parser *parser)
{
    while (parser->at < parser->text.len && esc_is_space(parser->text.ptr[parser->at]))
        parser->at++;
    return parser->at < parser->text.len ? parser->text.ptr[parser->at] : '\0';
}

/* Takes `token` when it comes next. */
static bool take(struct parser *parser, const char *token)
{
    (void)peek(parser); /* past the white space */
    const struct esc_str rest = esc_str_slice(parser->text, parser->at, parser->text.len);
    if (!esc_str_starts_with(rest, esc_str_of(token)))
        return false;
    parser->at += strlen(token);
    return true;
}

static bool is_word_char(char c)
{
    return esc_is_alnum(c) || c == '_';
}

static struct esc_str take_word(struct parser *parser)
{
    (void)peek(parser); /* past the white space */
    const size_t begin = parser->at;
    while (parser->at < parser->text.len && is_word_char(parser->text.ptr[parser->at]))
        parser->at++;
    return esc_str_slice(parser->text, begin, parser->at);
}

static bool take_keyword(struct parser *parser, const char *keyword)
{
    const size_t before = parser->at;
    if (esc_str_is(take_word(parser), keyword))
        return true;
    parser->at = before;
    return false;
}

static enum esc_status new_node(struct parser *parser, enum expression_kind kind,
                                struct expression_node **out)
{
    struct esc_expression *expression = parser->expression;
    if (++expression->node_count > ESC_EXPRESSION_NODES)
        return esc_fail(parser->err, ESC_LIMIT, "a condition has more than %d parts",
                        ESC_EXPRESSION_NODES);
    struct expression_node *node = esc_arena_alloc(&expression->arena, sizeof *node);
    node->kind = kind;
    *out = node;
    return ESC_OK;
}

/* Adds a part; the room for PARTS_MAX comes with the first. */
static enum esc_status add_part(struct parser *parser, struct expression_node *node,
                                struct expression_node *part)
{
    if (!node->parts)
        node->parts = esc_arena_alloc(&parser->expression->arena, PARTS_MAX * sizeof *node->parts);
    if (node->part_count == PARTS_MAX)
        return complain(parser, "there are too many values in one list");
    node->parts[node->part_count++] = part;
    return ESC_OK;
}

/* A node of `kind` with one or two parts (b NULL: one). */
static enum esc_status join(struct parser *parser, enum expression_kind kind,
                            struct expression_node *a, struct expression_node *b,
                            struct expression_node **out)
{
    enum esc_status status = new_node(parser, kind, out);
    if (status == ESC_OK)
        status = add_part(parser, *out, a);
    if (status == ESC_OK && b)
        status = add_part(parser, *out, b);
    return status;
}

static enum esc_status negate(struct parser *parser, struct expression_node **node)
{
    return join(parser, EXPRESSION_NOT, *node, NULL, node);
}

/* 'text' or "text"; the quote cannot stand inside. */
static enum esc_status parse_text(struct parser *parser, const char **out)
{
    const char quote = peek(parser);
    if (quote != '\'' && quote != '"')
        return complain(parser, "a text in quotes is missing");
    const size_t begin = parser->at + 1;
    size_t end = begin;
    while (end < parser->text.len && parser->text.ptr[end] != quote)
        end++;
    if (end == parser->text.len)
        return complain(parser, "the text has no end");
    *out = esc_arena_dup(&parser->expression->arena, esc_str_slice(parser->text, begin, end));
    parser->at = end + 1;
    return ESC_OK;
}

static enum esc_status parse_number(struct parser *parser, struct expression_node *node)
{
    const size_t begin = parser->at;
    while (parser->at < parser->text.len &&
           (is_word_char(parser->text.ptr[parser->at]) || parser->text.ptr[parser->at] == '.' ||
            parser->text.ptr[parser->at] == '-'))
        parser->at++;
    const struct esc_str text = esc_str_slice(parser->text, begin, parser->at);
    if (esc_num_i64(text, &node->whole))
        return ESC_OK;
    node->kind = EXPRESSION_REAL;
    return esc_num_double(text, &node->real) ? ESC_OK : complain(parser, "this is no number");
}

static enum esc_status parse_index(struct parser *parser, struct expression_step *step)
{
    const struct esc_str digits = take_word(parser);
    uint64_t index;
    if (!esc_num_u64(digits, &index) || index > 9999 || !take(parser, "]"))
        return complain(parser, "an index is a number up to 9999 in brackets");
    step->index = (size_t)index;
    return ESC_OK;
}

/* The steps after the root; `begin` is where the root began. */
static enum esc_status parse_path(struct parser *parser, size_t begin, struct expression_node *node)
{
    struct esc_arena *arena = &parser->expression->arena;
    node->steps = esc_arena_alloc(arena, STEPS_MAX * sizeof *node->steps);
    while (parser->at < parser->text.len) {
        const char c = parser->text.ptr[parser->at];
        if (c != '.' && c != '[')
            break;
        if (node->step_count == STEPS_MAX)
            return complain(parser, "the path is too long");
        struct expression_step *step = &node->steps[node->step_count++];
        parser->at++;
        if (c == '.')
            step->name = take_word(parser);
        else if (parse_index(parser, step) != ESC_OK)
            return ESC_INVALID;
        if (c == '.' && step->name.len == 0)
            return complain(parser, "a name is missing after the dot");
    }
    node->text = esc_arena_dup(arena, esc_str_slice(parser->text, begin, parser->at));
    esc_list_push(&parser->expression->paths, esc_arena_dup(arena, esc_str_of(node->text)));
    return ESC_OK;
}

/* The values of a list or call up to `close`. */
static enum esc_status parse_parts(struct parser *parser, const char *close,
                                   struct expression_node *node)
{
    do {
        struct expression_node *part;
        enum esc_status status = parse_value(parser, &part);
        if (status == ESC_OK)
            status = add_part(parser, node, part);
        if (status != ESC_OK)
            return status;
    } while (take(parser, ","));
    return take(parser, close) ? ESC_OK : complain(parser, "the list has no end");
}

static const struct {
    const char *name;
    enum expression_kind kind;
    size_t least, most; /* values */
} functions[] = {
    {"len", EXPRESSION_LEN, 1, 1},
    {"contains", EXPRESSION_CONTAINS, 2, 2},
    {"known", EXPRESSION_KNOWN, 1, PARTS_MAX},
    {"environment", EXPRESSION_ENVIRONMENT, 1, 1},
    {"tag", EXPRESSION_TAG, 2, 2},
};

static enum esc_status parse_function(struct parser *parser, struct esc_str name,
                                      struct expression_node *node)
{
    size_t found = 0;
    while (found < ESC_COUNT(functions) && !esc_str_is(name, functions[found].name))
        found++;
    if (found == ESC_COUNT(functions))
        return complain(parser, "there is no such function");
    node->kind = functions[found].kind;
    parser->at++;
    const enum esc_status status = parse_parts(parser, ")", node);
    if (status != ESC_OK)
        return status;
    if (node->part_count < functions[found].least || node->part_count > functions[found].most)
        return complain(parser, "the function takes another number of values");
    return ESC_OK;
}

static enum esc_status parse_word(struct parser *parser, struct expression_node *node)
{
    const size_t begin = parser->at;
    const struct esc_str word = take_word(parser);
    if (parser->at < parser->text.len && parser->text.ptr[parser->at] == '(')
        return parse_function(parser, word, node);
    if (esc_str_is(word, "true") || esc_str_is(word, "false")) {
        node->kind = EXPRESSION_BOOL;
        node->flag = esc_str_is(word, "true");
        return ESC_OK;
    }
    if (esc_str_is(word, "null") || esc_str_is(word, "unknown")) {
        node->kind = esc_str_is(word, "null") ? EXPRESSION_NULL : EXPRESSION_UNKNOWN;
        return ESC_OK;
    }
    node->kind = EXPRESSION_PATH;
    node->root = (struct esc_str){parser->expression->text + begin, word.len};
    return parse_path(parser, begin, node);
}

static enum esc_status parse_grouped(struct parser *parser, struct expression_node **out)
{
    parser->at++;
    const enum esc_status status = parse_or(parser, out);
    if (status != ESC_OK)
        return status;
    return take(parser, ")") ? ESC_OK : complain(parser, "a closing parenthesis is missing");
}

static enum esc_status parse_value(struct parser *parser, struct expression_node **out)
{
    const char c = peek(parser);
    if (c == '(')
        return parse_grouped(parser, out);
    struct expression_node *node = NULL;
    enum esc_status status = new_node(parser, EXPRESSION_INT, &node);
    if (status != ESC_OK)
        return status;
    if (c == '\'' || c == '"') {
        node->kind = EXPRESSION_TEXT;
        status = parse_text(parser, &node->text);
    } else if (esc_is_digit(c) || c == '-') {
        status = parse_number(parser, node);
    } else if (esc_is_alpha(c) || c == '_') {
        status = parse_word(parser, node);
    } else {
        status = complain(parser, "a value is missing");
    }
    *out = node;
    return status;
}

static enum esc_status parse_in(struct parser *parser, struct expression_node **node)
{
    if (!take(parser, "["))
        return complain(parser, "a list in brackets is missing");
    struct expression_node *in = NULL;
    const enum esc_status status = join(parser, EXPRESSION_IN, *node, NULL, &in);
    if (status != ESC_OK)
        return status;
    *node = in;
    return parse_parts(parser, "]", in);
}

static enum esc_status parse_match(struct parser *parser, struct expression_node **node)
{
    const char *text = NULL;
    struct esc_pattern *pattern = NULL;
    enum esc_status status = parse_text(parser, &text);
    if (status == ESC_OK)
        status = esc_pattern_compile(esc_str_of(text), &pattern, parser->err);
    if (status != ESC_OK)
        return status;
    esc_list_push(&parser->expression->patterns, pattern);
    status = join(parser, EXPRESSION_MATCH, *node, NULL, node);
    if (status == ESC_OK)
        (*node)->pattern = pattern;
    return status;
}

static const struct {
    const char *token;
    enum expression_kind kind;
    bool swapped, negated;
} comparisons[] = {
    /* the longer token first */
    {"==", EXPRESSION_EQUAL, false, false},      {"!=", EXPRESSION_EQUAL, false, true},
    {"<=", EXPRESSION_LESS_EQUAL, false, false}, {">=", EXPRESSION_LESS_EQUAL, true, false},
    {"<", EXPRESSION_LESS, false, false},        {">", EXPRESSION_LESS, true, false},
};

static enum esc_status parse_comparison(struct parser *parser, struct expression_node **node)
{
    for (size_t i = 0; i < ESC_COUNT(comparisons); i++) {
        struct expression_node *other;
        if (!take(parser, comparisons[i].token))
            continue;
        enum esc_status status = parse_value(parser, &other);
        if (status == ESC_OK && comparisons[i].swapped)
            status = join(parser, comparisons[i].kind, other, *node, node);
        else if (status == ESC_OK)
            status = join(parser, comparisons[i].kind, *node, other, node);
        if (status == ESC_OK && comparisons[i].negated)
            status = negate(parser, node);
        return status;
    }
    return ESC_OK; /* a value alone */
}

static enum esc_status parse_compare(struct parser *parser, struct expression_node **out)
{
    enum esc_status status = parse_value(parser, out);
    if (status != ESC_OK)
        return status;
    if (take(parser, "=~"))
        return parse_match(parser, out);
    if (take(parser, "!~")) {
        status = parse_match(parser, out);
        return status == ESC_OK ? negate(parser, out) : status;
    }
    if (take_keyword(parser, "in"))
        return parse_in(parser, out);
    if (take_keyword(parser, "not")) {
        if (!take_keyword(parser, "in"))
            return complain(parser, "`in` is missing after `not`");
        status = parse_in(parser, out);
        return status == ESC_OK ? negate(parser, out) : status;
    }
    return parse_comparison(parser, out);
}

static enum esc_status parse_not(struct parser *parser, struct expression_node **out)
{
    unsigned negations = 0;
    while (take(parser, "!"))
        negations ^= 1;
    const enum esc_status status = parse_compare(parser, out);
    return status == ESC_OK && negations ? negate(parser, out) : status;
}

static enum esc_status parse_and(struct parser *parser, struct expression_node **out)
{
    enum esc_status status = parse_not(parser, out);
    while (status == ESC_OK && take(parser, "&&")) {
        struct expression_node *next;
        status = parse_not(parser, &next);
        if (status == ESC_OK)
            status = join(parser, EXPRESSION_AND, *out, next, out);
    }
    return status;
}

static enum esc_status parse_or(struct parser *parser, struct expression_node **out)
{
    if (++parser->depth > ESC_EXPRESSION_DEPTH)
        return complain(parser, "parentheses are nested too deep");
    enum esc_status status = parse_and(parser, out);
    while (status == ESC_OK && take(parser, "||")) {
        struct expression_node *next;
        status = parse_and(parser, &next);
        if (status == ESC_OK)
            status = join(parser, EXPRESSION_OR, *out, next, out);
    }
    parser->depth--;
    return status;
}

enum esc_status expression_parse(struct esc_expression *expression, struct esc_error *err)
{
    struct parser parser = {
        .expression = expression, .text = esc_str_of(expression->text), .err = err};
    if (parser.text.len > ESC_EXPRESSION_BYTES)
        return esc_fail(err, ESC_LIMIT, "a condition has more than %d bytes", ESC_EXPRESSION_BYTES);
    const enum esc_status status = parse_or(&parser, &expression->root);
    if (status == ESC_OK && peek(&parser) != '\0')
        return complain(&parser, "the condition should end here");
    return status;
}
