/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Text → tree → program; pattern.c runs it.
 *
 * The tree is needed because {m,n} writes its piece out several times.
 */

#include "escher/playbook/pattern_private.h"

#include "escher/base/alloc.h"
#include "escher/base/arena.h"
#include "escher/base/num.h"

enum {
    GROUP_DEPTH = 16,
    REPEAT_MAX = 1000,
    UNBOUNDED = -1,
};

enum node_kind {
    NODE_EMPTY,
    NODE_SET,
    NODE_START,
    NODE_END,
    NODE_THEN, /* a, then b */
    NODE_OR,
    NODE_REPEAT, /* a, min to max times */
};

struct node {
    enum node_kind kind;
    struct node *a, *b;
    struct pattern_set set;
    int min, max;
};

/* Sets of bytes. */

static void set_add(struct pattern_set *set, unsigned char byte)
{
    set->bits[byte / 64] |= UINT64_C(1) << (byte % 64);
}

static void set_add_range(struct pattern_set *set, unsigned char first, unsigned char last)
{
    for (unsigned byte = first; byte <= last; byte++)
        set_add(set, (unsigned char)byte);
}

static void set_invert(struct pattern_set *set)
{
    for (size_t i = 0; i < ESC_COUNT(set->bits); i++)
        set->bits[i] = ~set->bits[i];
}

static void set_add_word(struct pattern_set *set)
{
    set_add_range(set, 'a', 'z');
    set_add_range(set, 'A', 'Z');
    set_add_range(set, '0', '9');
    set_add(set, '_');
}

/* Text → tree. */

struct parser {
    struct esc_str text;
    size_t at;
    unsigned depth;
    struct esc_arena arena;
    struct esc_error *err;
};

static enum esc_status complain(const struct parser *parser, const char *what)
{
    return esc_fail(parser->err, ESC_INVALID, "pattern `%.*s`, byte %zu: %s",
                    ESC_STR_ARG(esc_str_slice(parser->text, 0, 80)), parser->at + 1, what);
}

static bool at_end(const struct parser *parser)
{
    return parser->at >= parser->text.len;
}

static char peek(const struct parser *parser)
{
    return at_end(parser) ? '\0' : parser->text.ptr[parser->at];
}

static struct node *new_node(struct parser *parser, enum node_kind kind, struct node *a,
                             struct node *b)
{
    struct node *node = esc_arena_alloc(&parser->arena, sizeof *node);
    node->kind = kind;
    node->a = a;
    node->b = b;
    return node;
}

/* After a backslash: a class, or the next byte itself. */
static enum esc_status parse_escape(struct parser *parser, struct pattern_set *set)
{
    parser->at++;
    if (at_end(parser))
        return complain(parser, "nothing stands after the backslash");
    const char c = parser->text.ptr[parser->at];
    if (c == 'd')
        set_add_range(set, '0', '9');
    else if (c == 'w')
        set_add_word(set);
    else if (esc_is_alnum(c))
        return complain(parser, "there is no such escape");
    else
        set_add(set, (unsigned char)c);
    parser->at++;
    return ESC_OK;
}

/* One byte or range of a class; a class such as \d cannot begin a range. */
static enum esc_status parse_class_piece(struct parser *parser, struct pattern_set *set)
{
    if (peek(parser) == '\\')
        return parse_escape(parser, set);
    const unsigned char first = (unsigned char)parser->text.ptr[parser->at++];
    const bool is_range = peek(parser) == '-' && parser->at + 1 < parser->text.len &&
                          parser->text.ptr[parser->at + 1] != ']';
    if (!is_range) {
        set_add(set, first);
        return ESC_OK;
    }
    const unsigned char last = (unsigned char)parser->text.ptr[parser->at + 1];
    if (last == '\\' || last < first)
        return complain(parser, "the range is not one");
    parser->at += 2;
    set_add_range(set, first, last);
    return ESC_OK;
}

static enum esc_status parse_class(struct parser *parser, struct node **out)
{
    struct node *node = new_node(parser, NODE_SET, NULL, NULL);
    parser->at++;
    const bool inverted = peek(parser) == '^';
    parser->at += inverted;
    const size_t begin = parser->at;
    while (!at_end(parser) && (peek(parser) != ']' || parser->at == begin)) {
        const enum esc_status status = parse_class_piece(parser, &node->set);
        if (status != ESC_OK)
            return status;
    }
    if (at_end(parser))
        return complain(parser, "the class has no end");
    parser->at++;
    if (inverted)
        set_invert(&node->set);
    *out = node;
    return ESC_OK;
}

static enum esc_status parse_either(struct parser *parser, struct node **out);

static enum esc_status parse_group(struct parser *parser, struct node **out)
{
    if (++parser->depth > GROUP_DEPTH)
        return complain(parser, "groups are nested too deep");
    parser->at++;
    const enum esc_status status = parse_either(parser, out);
    if (status != ESC_OK)
        return status;
    if (peek(parser) != ')')
        return complain(parser, "the group has no end");
    parser->at++;
    parser->depth--;
    return ESC_OK;
}

static enum esc_status parse_single(struct parser *parser, struct node **out)
{
    const char c = peek(parser);
    if (c == '(')
        return parse_group(parser, out);
    if (c == '[')
        return parse_class(parser, out);
    if (c == '*' || c == '+' || c == '?' || c == '{')
        return complain(parser, "there is nothing to repeat");
    if (c == '^' || c == '$') {
        parser->at++;
        *out = new_node(parser, c == '^' ? NODE_START : NODE_END, NULL, NULL);
        return ESC_OK;
    }
    struct node *node = new_node(parser, NODE_SET, NULL, NULL);
    *out = node;
    if (c == '\\')
        return parse_escape(parser, &node->set);
    if (c == '.')
        set_invert(&node->set); /* of the empty set: any byte */
    else
        set_add(&node->set, (unsigned char)c);
    parser->at++;
    return ESC_OK;
}

static bool parse_count(struct parser *parser, int *out)
{
    const size_t begin = parser->at;
    while (esc_is_digit(peek(parser)))
        parser->at++;
    uint64_t count;
    if (!esc_num_u64(esc_str_slice(parser->text, begin, parser->at), &count) || count > REPEAT_MAX)
        return false;
    *out = (int)count;
    return true;
}

/* {m}, {m,} or {m,n}, the brace included. */
static enum esc_status parse_counts(struct parser *parser, struct node *node)
{
    parser->at++;
    if (!parse_count(parser, &node->min))
        return complain(parser, "a count of at most 1000 is missing");
    node->max = node->min;
    if (peek(parser) == ',') {
        parser->at++;
        node->max = UNBOUNDED;
        if (peek(parser) != '}' && !parse_count(parser, &node->max))
            return complain(parser, "a count of at most 1000 is missing");
    }
    if (peek(parser) != '}' || (node->max != UNBOUNDED && node->max < node->min))
        return complain(parser, "the counts are not in order");
    parser->at++;
    return ESC_OK;
}

static enum esc_status parse_repeated(struct parser *parser, struct node **out)
{
    struct node *node;
    enum esc_status status = parse_single(parser, &node);
    if (status != ESC_OK)
        return status;
    const char c = peek(parser);
    if (c == '*' || c == '+' || c == '?') {
        node = new_node(parser, NODE_REPEAT, node, NULL);
        node->min = c == '+';
        node->max = c == '?' ? 1 : UNBOUNDED;
        parser->at++;
    } else if (c == '{') {
        node = new_node(parser, NODE_REPEAT, node, NULL);
        status = parse_counts(parser, node);
    }
    *out = node;
    return status;
}

static enum esc_status parse_sequence(struct parser *parser, struct node **out)
{
    struct node *all = new_node(parser, NODE_EMPTY, NULL, NULL);
    while (!at_end(parser) && peek(parser) != '|' && peek(parser) != ')') {
        struct node *next;
        const enum esc_status status = parse_repeated(parser, &next);
        if (status != ESC_OK)
            return status;
        all = new_node(parser, NODE_THEN, all, next);
    }
    *out = all;
    return ESC_OK;
}

static enum esc_status parse_either(struct parser *parser, struct node **out)
{
    struct node *all;
    enum esc_status status = parse_sequence(parser, &all);
    while (status == ESC_OK && peek(parser) == '|') {
        struct node *next;
        parser->at++;
        status = parse_sequence(parser, &next);
        if (status == ESC_OK)
            all = new_node(parser, NODE_OR, all, next);
    }
    if (status == ESC_OK)
        *out = all;
    return status;
}

/* Tree → program. Returns false when it grows too long. */

static unsigned emit(struct esc_pattern *pattern, enum pattern_op op)
{
    if (pattern->count >= ESC_PATTERN_STATES)
        return ESC_PATTERN_STATES;
    struct pattern_instruction *instruction = &pattern->program[pattern->count];
    *instruction = (struct pattern_instruction){.op = op, .next = pattern->count + 1};
    return pattern->count++;
}

static bool emit_node(struct esc_pattern *pattern, const struct node *node);

static bool emit_or(struct esc_pattern *pattern, const struct node *node)
{
    const unsigned split = emit(pattern, PATTERN_SPLIT);
    if (split == ESC_PATTERN_STATES || !emit_node(pattern, node->a))
        return false;
    const unsigned jump = emit(pattern, PATTERN_JUMP);
    if (jump == ESC_PATTERN_STATES)
        return false;
    pattern->program[split].other = pattern->count;
    if (!emit_node(pattern, node->b))
        return false;
    pattern->program[jump].next = pattern->count;
    return true;
}

static bool emit_star(struct esc_pattern *pattern, const struct node *piece)
{
    const unsigned split = emit(pattern, PATTERN_SPLIT);
    if (split == ESC_PATTERN_STATES || !emit_node(pattern, piece))
        return false;
    const unsigned jump = emit(pattern, PATTERN_JUMP);
    if (jump == ESC_PATTERN_STATES)
        return false;
    pattern->program[jump].next = split;
    pattern->program[split].other = pattern->count;
    return true;
}

static bool emit_repeat(struct esc_pattern *pattern, const struct node *node)
{
    const unsigned before = pattern->count;
    for (int i = 0; i < node->min; i++) {
        if (!emit_node(pattern, node->a))
            return false;
        if (pattern->count == before)
            return true; /* nothing, however often */
    }
    if (node->max == UNBOUNDED)
        return emit_star(pattern, node->a);
    for (int i = node->min; i < node->max; i++) {
        const unsigned split = emit(pattern, PATTERN_SPLIT);
        if (split == ESC_PATTERN_STATES || !emit_node(pattern, node->a))
            return false;
        pattern->program[split].other = pattern->count;
    }
    return true;
}

static bool emit_node(struct esc_pattern *pattern, const struct node *node)
{
    unsigned at;
    switch (node->kind) {
    case NODE_EMPTY:
        return true;
    case NODE_SET:
        at = emit(pattern, PATTERN_TAKE);
        if (at == ESC_PATTERN_STATES)
            return false;
        pattern->program[at].set = node->set;
        return true;
    case NODE_START:
        return emit(pattern, PATTERN_START) != ESC_PATTERN_STATES;
    case NODE_END:
        return emit(pattern, PATTERN_END) != ESC_PATTERN_STATES;
    case NODE_THEN:
        return emit_node(pattern, node->a) && emit_node(pattern, node->b);
    case NODE_OR:
        return emit_or(pattern, node);
    case NODE_REPEAT:
        return emit_repeat(pattern, node);
    }
    return false;
}

static enum esc_status compile(struct esc_pattern *pattern, const struct node *tree,
                               struct esc_error *err)
{
    pattern->program = esc_alloc_array(ESC_PATTERN_STATES, sizeof *pattern->program);
    if (!emit_node(pattern, tree) || emit(pattern, PATTERN_DONE) == ESC_PATTERN_STATES)
        return esc_fail(err, ESC_LIMIT, "pattern `%.80s` needs more than %d states", pattern->text,
                        ESC_PATTERN_STATES);
    pattern->program =
        esc_realloc_array(pattern->program, pattern->count, sizeof *pattern->program);
    return ESC_OK;
}

enum esc_status esc_pattern_compile(struct esc_str text, struct esc_pattern **out,
                                    struct esc_error *err)
{
    if (text.len > ESC_PATTERN_BYTES)
        return esc_fail(err, ESC_LIMIT, "a pattern has more than %d bytes", ESC_PATTERN_BYTES);
    struct parser parser = {.text = text, .err = err};
    esc_arena_init(&parser.arena);
    struct node *tree;
    enum esc_status status = parse_either(&parser, &tree);
    if (status == ESC_OK && !at_end(&parser))
        status = complain(&parser, "a group ends that was not begun");
    if (status == ESC_OK) {
        ESC_CLEANUP(esc_pattern_freep)
        struct esc_pattern *pattern = esc_alloc_zero(sizeof *pattern);
        pattern->text = esc_str_dup(text);
        status = compile(pattern, tree, err);
        if (status == ESC_OK)
            *out = ESC_STEAL(pattern);
    }
    esc_arena_done(&parser.arena);
    return status;
}
