/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/embed/vocab.h"

#include <string.h>

#include "escher/base/limits.h"
#include "tests/support/test.h"

static struct esc_error err;

#define SPECIALS "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n"
enum {
    SPECIAL_COUNT = 5,
    WORD_COUNT = SPECIAL_COUNT + 9
};

/* ids 5, 6, ... in this order */
static const char words[] = SPECIALS "a\nab\nabcd\nz\n##b\n##bc\n##\n\xC3\xA9t\xC3\xA9\n#\n";
static struct esc_buf nodes;
static struct esc_vocab vocab;

static int open_words(void **)
{
    esc_buf_init(&nodes, ESC_MAX_FILE);
    return esc_vocab_build(ESC_STR(words), &nodes, &err) != ESC_OK ||
           esc_vocab_open(esc_buf_str(&nodes), WORD_COUNT, &vocab, &err) != ESC_OK;
}

static int close_words(void **)
{
    esc_buf_done(&nodes);
    return 0;
}

static void expect_match(enum esc_vocab_place place, const char *text, size_t len, int32_t id)
{
    int32_t found = -1;
    assert_int_equal(len, esc_vocab_match(&vocab, place, esc_str_of(text), &found));
    assert_int_equal(id, found);
}

static void the_longest_piece_is_found(void **)
{
    expect_match(ESC_VOCAB_WORD, "a", 1, 5);
    expect_match(ESC_VOCAB_WORD, "abc", 2, 6); /* abcd is not there, so back to ab */
    expect_match(ESC_VOCAB_WORD, "abcdef", 4, 7);
    expect_match(ESC_VOCAB_WORD, "b", 0, -1);
    expect_match(ESC_VOCAB_WORD, "", 0, -1);
    expect_match(ESC_VOCAB_WORD, "\xC3\xA9t\xC3\xA9s", 5, 12);
    expect_match(ESC_VOCAB_WORD, "\xC3\xA9t", 0, -1);
}

static void continuations_are_pieces_of_their_own(void **)
{
    expect_match(ESC_VOCAB_CONTINUATION, "bb", 1, 9);
    expect_match(ESC_VOCAB_CONTINUATION, "bcb", 2, 10);
    expect_match(ESC_VOCAB_CONTINUATION, "a", 0, -1);
    expect_match(ESC_VOCAB_WORD, "##", 2, 11); /* continues nothing, so it is a word */
    expect_match(ESC_VOCAB_WORD, "#b", 1, 13);
}

static void the_special_pieces_are_known(void **)
{
    assert_int_equal(0, vocab.pad);
    assert_int_equal(1, vocab.unknown);
    assert_int_equal(2, vocab.start);
    assert_int_equal(3, vocab.end);
    assert_int_equal(4, vocab.mask);
}

static void a_vocabulary_that_cannot_be_right_is_refused(void **)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "lacks `[PAD]`"},
        {"[PAD]\n[UNK]\n[CLS]\n[SEP]\n", "lacks `[MASK]`"},
        {SPECIALS "a\n\nb\n", "line 7 is empty"},
        {SPECIALS "a\nb\na\n", "`a` is there twice"},
        {SPECIALS "##a\nb\n##a", "`a` is there twice"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct esc_buf out;
        esc_buf_init(&out, ESC_MAX_FILE);
        expect_status(ESC_INVALID, esc_vocab_build(esc_str_of(cases[i].text), &out, &err));
        expect_contains(cases[i].message, err.message);
        assert_int_equal(0, out.len);
        esc_buf_done(&out);
    }
}

static void a_last_line_needs_no_end(void **)
{
    struct esc_buf out;
    struct esc_vocab other;
    int32_t id = -1;
    esc_buf_init(&out, ESC_MAX_FILE);
    expect_ok(esc_vocab_build(ESC_STR(SPECIALS "last"), &out, &err));
    expect_ok(esc_vocab_open(esc_buf_str(&out), SPECIAL_COUNT + 1, &other, &err));
    assert_int_equal(4, esc_vocab_match(&other, ESC_VOCAB_WORD, ESC_STR("last"), &id));
    assert_int_equal(SPECIAL_COUNT, id);
    esc_buf_done(&out);
}

static void nodes_of_an_odd_size_are_refused(void **)
{
    struct esc_vocab other;
    struct esc_str all = esc_buf_str(&nodes);
    const size_t lengths[] = {0, 12, all.len - 1, all.len - 12};
    for (size_t i = 0; i < ESC_COUNT(lengths); i++)
        expect_status(ESC_CORRUPT,
                      esc_vocab_open(esc_str_slice(all, 0, lengths[i]), WORD_COUNT, &other, &err));
    expect_status(ESC_CORRUPT, esc_vocab_open(all, WORD_COUNT - 1, &other, &err)); /* id 13 */
}

/* Whatever bit is changed: the nodes are refused, or walks stay inside and end. */
static void no_damaged_bit_leads_a_walk_astray(void **)
{
    struct esc_str all = esc_buf_str(&nodes);
    char *copy = esc_alloc(all.len);
    memcpy(copy, all.ptr, all.len);
    size_t refused = 0;
    for (size_t i = 0; i < all.len * 8; i++) {
        struct esc_vocab other;
        int32_t id;
        copy[i / 8] = (char)(copy[i / 8] ^ (1 << i % 8));
        if (esc_vocab_open((struct esc_str){copy, all.len}, WORD_COUNT, &other, &err) != ESC_OK)
            refused++;
        else
            assert_in_range(esc_vocab_match(&other, ESC_VOCAB_WORD, ESC_STR("abcdabcd"), &id), 0,
                            8);
        copy[i / 8] = all.ptr[i / 8];
    }
    assert_true(refused > all.len);
    free(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_longest_piece_is_found),
        cmocka_unit_test(continuations_are_pieces_of_their_own),
        cmocka_unit_test(the_special_pieces_are_known),
        cmocka_unit_test(a_vocabulary_that_cannot_be_right_is_refused),
        cmocka_unit_test(a_last_line_needs_no_end),
        cmocka_unit_test(nodes_of_an_odd_size_are_refused),
        cmocka_unit_test(no_damaged_bit_leads_a_walk_astray),
    };
    return cmocka_run_group_tests_name("embed/vocab", tests, open_words, close_words);
}
