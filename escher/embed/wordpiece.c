/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pass, one character at a time, through the steps of the reference:
 *
 *     read ─▶ drop, space, ideograph? ─▶ decompose ─▶ drop marks ─▶ lower ─▶ punctuation?
 *                     │                                                       │
 *                     ▼                                                       ▼
 *                 end_word ◀──────────────────────────────────────────── add to word
 *
 * The reference runs each step over the whole text. One character at a time gives the same,
 * except that canonical decomposition also sorts marks: each is put in its place as it arrives.
 * A sort never passes a starter, and whatever ends a word is one, so the word is window enough.
 */
#include "escher/embed/wordpiece.h"

#include <stdbool.h>
#include <string.h>

#include "escher/base/assert.h"
#include "escher/base/utf8.h"
#include "escher/embed/unicode_private.h"

enum {
    MAX_CHARS = ESC_WORDPIECE_MAX_WORD_CHARS,
    MAX_CHAR_BYTES = 4
};

struct reader {
    const struct esc_vocab *vocab;
    int32_t *ids; /* `max` of them, `count` filled */
    size_t count, max;

    /* The word so far; one of more than MAX_CHARS is unknown, so no more need be kept. */
    uint32_t chars[MAX_CHARS];
    uint8_t orders[MAX_CHARS];
    size_t length; /* may be more than MAX_CHARS */
    size_t floor;  /* marks sort down to here: behind the last starter */
};

static void emit(struct reader *reader, int32_t id)
{
    if (reader->count < reader->max)
        reader->ids[reader->count++] = id;
}

static size_t put_utf8(uint32_t point, char *out)
{
    static const unsigned char leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
    if (point < 0x80) {
        *out = (char)point;
        return 1;
    }
    size_t len = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--, point >>= 6)
        out[i] = (char)(0x80 | (point & 0x3F));
    out[0] = (char)(leads[len] | point);
    return len;
}

/* Greedy: the longest piece, then the longest that continues it; all of the word or [UNK]. */
static void emit_pieces(struct reader *reader, struct esc_str word)
{
    int32_t pieces[MAX_CHARS];
    size_t count = 0;
    while (word.len > 0) {
        enum esc_vocab_place place = count == 0 ? ESC_VOCAB_WORD : ESC_VOCAB_CONTINUATION;
        size_t len = esc_vocab_match(reader->vocab, place, word, &pieces[count]);
        if (len == 0) {
            emit(reader, reader->vocab->unknown);
            return;
        }
        count++;
        word = esc_str_slice(word, len, word.len);
    }
    for (size_t i = 0; i < count; i++)
        emit(reader, pieces[i]);
}

static void end_word(struct reader *reader)
{
    char bytes[MAX_CHARS * MAX_CHAR_BYTES];
    size_t len = 0;
    if (reader->length > MAX_CHARS) {
        emit(reader, reader->vocab->unknown);
    } else if (reader->length > 0) {
        for (size_t i = 0; i < reader->length; i++)
            len += put_utf8(reader->chars[i], bytes + len);
        emit_pieces(reader, (struct esc_str){bytes, len});
    }
    reader->length = reader->floor = 0;
}

/* Adds a character of the word; a mark goes before the marks of higher order that precede it. */
static void add_char(struct reader *reader, uint32_t point, unsigned order)
{
    size_t at = reader->length++;
    if (at >= MAX_CHARS)
        return;
    if (order == 0)
        reader->floor = at + 1;
    else
        for (; at > reader->floor && reader->orders[at - 1] > order; at--) {
            reader->chars[at] = reader->chars[at - 1];
            reader->orders[at] = reader->orders[at - 1];
        }
    reader->chars[at] = point;
    reader->orders[at] = (uint8_t)order;
}

static void add_part(struct reader *reader, uint32_t point)
{
    unsigned order = unicode_order_of(point);
    switch (unicode_class_of(point)) {
    case UNICODE_MARK:
        if (order == 0) /* dropped, but it was a starter when the marks were sorted */
            reader->floor = reader->length;
        break;
    case UNICODE_SPACE:
        end_word(reader);
        break;
    case UNICODE_PUNCTUATION:
        end_word(reader);
        add_char(reader, point, order);
        end_word(reader);
        break;
    default:
        add_char(reader, unicode_lower_of(point), order);
        break;
    }
}

static void add_parts(struct reader *reader, uint32_t point)
{
    uint32_t parts[UNICODE_MAX_PARTS];
    size_t count = unicode_decompose(point, parts);
    for (size_t i = 0; i < count; i++)
        add_part(reader, parts[i]);
}

static void add_point(struct reader *reader, uint32_t point)
{
    switch (unicode_class_of(point)) {
    case UNICODE_DROPPED:
        break;
    case UNICODE_SPACE:
        end_word(reader);
        break;
    case UNICODE_IDEOGRAPH:
        end_word(reader);
        add_parts(reader, point);
        end_word(reader);
        break;
    default:
        add_parts(reader, point);
        break;
    }
}

/* Takes [MASK] or another special string off the front of *text: they mean themselves, as typed. */
static bool take_special(struct reader *reader, struct esc_str *text)
{
    const struct esc_vocab *vocab = reader->vocab;
    const struct {
        struct esc_str text;
        int32_t id;
    } specials[] = {{ESC_STR("[PAD]"), vocab->pad},
                    {ESC_STR("[UNK]"), vocab->unknown},
                    {ESC_STR("[CLS]"), vocab->start},
                    {ESC_STR("[SEP]"), vocab->end},
                    {ESC_STR("[MASK]"), vocab->mask}};
    for (size_t i = 0; i < ESC_COUNT(specials); i++) {
        if (!esc_str_starts_with(*text, specials[i].text))
            continue;
        end_word(reader);
        emit(reader, specials[i].id);
        *text = esc_str_slice(*text, specials[i].text.len, text->len);
        return true;
    }
    return false;
}

size_t esc_wordpiece_pieces(const struct esc_vocab *vocab, struct esc_str text, size_t max,
                            int32_t *ids)
{
    struct reader reader = {.vocab = vocab, .ids = ids, .max = max};
    while (text.len > 0 && reader.count < max) {
        if (text.ptr[0] == '[' && take_special(&reader, &text))
            continue;
        uint32_t point = esc_utf8_next(&text);
        if (point != ESC_UTF8_INVALID) /* read as U+FFFD, which is dropped */
            add_point(&reader, point);
    }
    end_word(&reader);
    return reader.count;
}

size_t esc_wordpiece_encode(const struct esc_vocab *vocab, struct esc_str text, size_t max,
                            int32_t *ids)
{
    ESC_ASSERT(max >= 2);
    ids[0] = vocab->start;
    size_t count = 1 + esc_wordpiece_pieces(vocab, text, max - 2, ids + 1);
    ids[count] = vocab->end;
    return count + 1;
}
