/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Building: the pieces are sorted, so the pieces below a node are neighbours, and a node is a
 * range of them with a depth. Nodes are made in the order they are found (breadth first), which
 * puts the children of each side by side.
 */
#include "escher/embed/vocab.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "escher/base/alloc.h"

static_assert(sizeof(struct esc_vocab_node) == 12, "the trie lies in a file as it is");

enum {
    ROOT_COUNT = 2
};

struct piece {
    struct esc_str text; /* without ## */
    enum esc_vocab_place place;
    int32_t id;
};

/* The pieces [first, last) have the first `depth` bytes in common. */
struct range {
    size_t first, last, depth;
};

struct builder {
    struct piece *pieces; /* sorted */
    size_t piece_count;
    struct esc_vocab_node *nodes; /* as many as there can be */
    struct range *ranges;         /* of each node */
    size_t node_count;
};

static struct piece piece_of(struct esc_str line, size_t number)
{
    struct piece piece = {.text = line, .place = ESC_VOCAB_WORD, .id = (int32_t)number};
    if (line.len > 2 && esc_str_starts_with(line, ESC_STR("##"))) {
        piece.text = esc_str_slice(line, 2, line.len);
        piece.place = ESC_VOCAB_CONTINUATION;
    }
    return piece;
}

static int compare_pieces(const void *a, const void *b)
{
    const struct piece *left = a;
    const struct piece *right = b;
    if (left->place != right->place)
        return left->place < right->place ? -1 : 1;
    return esc_str_compare(left->text, right->text);
}

static size_t count_lines(struct esc_str text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += text.ptr[i] == '\n';
    return count + (text.len > 0 && text.ptr[text.len - 1] != '\n');
}

static enum esc_status read_pieces(struct builder *builder, struct esc_str text,
                                   struct esc_error *err)
{
    builder->piece_count = count_lines(text);
    builder->pieces = esc_alloc_array(builder->piece_count, sizeof builder->pieces[0]);
    struct esc_str line;
    for (size_t i = 0; i < builder->piece_count && esc_str_next(&text, '\n', &line); i++) {
        if (line.len == 0)
            return esc_fail(err, ESC_INVALID, "vocabulary: line %zu is empty", i + 1);
        builder->pieces[i] = piece_of(line, i);
    }
    qsort(builder->pieces, builder->piece_count, sizeof builder->pieces[0], compare_pieces);
    for (size_t i = 1; i < builder->piece_count; i++)
        if (compare_pieces(&builder->pieces[i - 1], &builder->pieces[i]) == 0)
            return esc_fail(err, ESC_INVALID, "vocabulary: `%.*s` is there twice",
                            ESC_STR_ARG(builder->pieces[i].text));
    return ESC_OK;
}

static uint8_t byte_at(const struct builder *builder, size_t piece, size_t depth)
{
    return (uint8_t)builder->pieces[piece].text.ptr[depth];
}

/* Gives node @p index its children: one for each byte that follows in its range. */
static void add_children(struct builder *builder, size_t index)
{
    struct range range = builder->ranges[index];
    struct esc_vocab_node *node = &builder->nodes[index];
    node->first_child = (uint32_t)builder->node_count;
    if (range.first < range.last && builder->pieces[range.first].text.len == range.depth)
        node->id = builder->pieces[range.first++].id;
    for (size_t i = range.first; i < range.last;) {
        uint8_t byte = byte_at(builder, i, range.depth);
        size_t end = i;
        while (end < range.last && byte_at(builder, end, range.depth) == byte)
            end++;
        builder->nodes[builder->node_count] = (struct esc_vocab_node){.byte = byte, .id = -1};
        builder->ranges[builder->node_count++] = (struct range){i, end, range.depth + 1};
        node->child_count++;
        i = end;
    }
}

static void build_nodes(struct builder *builder)
{
    size_t most = ROOT_COUNT, words = 0;
    for (size_t i = 0; i < builder->piece_count; i++) {
        most += builder->pieces[i].text.len;
        words += builder->pieces[i].place == ESC_VOCAB_WORD;
    }
    builder->nodes = esc_alloc_array(most, sizeof builder->nodes[0]);
    builder->ranges = esc_alloc_array(most, sizeof builder->ranges[0]);
    builder->nodes[ESC_VOCAB_WORD].id = builder->nodes[ESC_VOCAB_CONTINUATION].id = -1;
    builder->ranges[ESC_VOCAB_WORD] = (struct range){0, words, 0};
    builder->ranges[ESC_VOCAB_CONTINUATION] = (struct range){words, builder->piece_count, 0};
    builder->node_count = ROOT_COUNT;
    for (size_t i = 0; i < builder->node_count; i++)
        add_children(builder, i);
}

enum esc_status esc_vocab_build(struct esc_str text, struct esc_buf *nodes, struct esc_error *err)
{
    struct builder builder = {0};
    struct esc_vocab vocab;
    enum esc_status status = read_pieces(&builder, text, err);
    if (status == ESC_OK) {
        build_nodes(&builder);
        struct esc_str bytes = {(const char *)builder.nodes,
                                builder.node_count * sizeof builder.nodes[0]};
        status = esc_vocab_open(bytes, (uint32_t)builder.piece_count, &vocab, err);
        if (status == ESC_OK)
            esc_buf_add(nodes, bytes);
        else
            status = ESC_INVALID; /* the text is at fault, not a file of ours */
    }
    free(builder.pieces);
    free(builder.nodes);
    free(builder.ranges);
    return status == ESC_OK ? esc_buf_status(nodes, "the vocabulary", err) : status;
}

static bool node_is_sound(const struct esc_vocab *vocab, size_t index)
{
    const struct esc_vocab_node *node = &vocab->nodes[index];
    size_t end = (size_t)node->first_child + node->child_count;
    if (node->id < -1 || node->id >= (int64_t)vocab->piece_count)
        return false;
    if (node->child_count > 0 && (node->first_child <= index || end > vocab->node_count))
        return false;
    for (size_t i = node->first_child + 1; i < end; i++)
        if (vocab->nodes[i - 1].byte >= vocab->nodes[i].byte)
            return false;
    return true;
}

static enum esc_status find_special(const struct esc_vocab *vocab, const char *text, int32_t *id,
                                    struct esc_error *err)
{
    struct esc_str piece = esc_str_of(text);
    if (esc_vocab_match(vocab, ESC_VOCAB_WORD, piece, id) != piece.len)
        return esc_fail(err, ESC_CORRUPT, "the vocabulary lacks `%s`", text);
    return ESC_OK;
}

static enum esc_status find_specials(struct esc_vocab *vocab, struct esc_error *err)
{
    const struct {
        const char *text;
        int32_t *id;
    } specials[] = {{"[PAD]", &vocab->pad},
                    {"[UNK]", &vocab->unknown},
                    {"[CLS]", &vocab->start},
                    {"[SEP]", &vocab->end},
                    {"[MASK]", &vocab->mask}};
    enum esc_status status = ESC_OK;
    for (size_t i = 0; i < ESC_COUNT(specials) && status == ESC_OK; i++)
        status = find_special(vocab, specials[i].text, specials[i].id, err);
    return status;
}

enum esc_status esc_vocab_open(struct esc_str nodes, uint32_t piece_count, struct esc_vocab *out,
                               struct esc_error *err)
{
    struct esc_vocab vocab = {.piece_count = piece_count};
    vocab.nodes = (const struct esc_vocab_node *)(const void *)nodes.ptr;
    vocab.node_count = nodes.len / sizeof vocab.nodes[0];
    if (vocab.node_count < ROOT_COUNT || nodes.len % sizeof vocab.nodes[0] != 0)
        return esc_fail(err, ESC_CORRUPT, "the vocabulary has an odd size");
    for (size_t i = 0; i < vocab.node_count; i++)
        if (!node_is_sound(&vocab, i))
            return esc_fail(err, ESC_CORRUPT, "the vocabulary is damaged at node %zu", i);
    enum esc_status status = find_specials(&vocab, err);
    if (status == ESC_OK)
        *out = vocab;
    return status;
}

static const struct esc_vocab_node *child_of(const struct esc_vocab *vocab,
                                             const struct esc_vocab_node *node, uint8_t byte)
{
    const struct esc_vocab_node *children = vocab->nodes + node->first_child;
    size_t low = 0;
    for (size_t high = node->child_count; low < high;) {
        size_t middle = (low + high) / 2;
        if (children[middle].byte == byte)
            return &children[middle];
        if (children[middle].byte < byte)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

size_t esc_vocab_match(const struct esc_vocab *vocab, enum esc_vocab_place place,
                       struct esc_str text, int32_t *id)
{
    const struct esc_vocab_node *node = &vocab->nodes[place];
    size_t matched = 0;
    for (size_t i = 0; i < text.len; i++) {
        node = child_of(vocab, node, (uint8_t)text.ptr[i]);
        if (!node)
            break;
        if (node->id >= 0) {
            matched = i + 1;
            *id = node->id;
        }
    }
    return matched;
}
