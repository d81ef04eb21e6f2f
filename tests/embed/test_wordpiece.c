/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/embed/wordpiece.h"

#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "tests/embed/reference.h"
#include "tests/support/test.h"

static struct esc_error err;

enum {
    ENOUGH = 4096
};

/* A vocabulary small enough to read; the expectations below are written in its pieces. */
static const char *const small[] = {
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    "stop",
    "pg",
    "##s",
    "##ql",
    "-",
    "_",
    ".",
    "[",
    "]",
    "main",
    "##1",
    "e",
    "cafe",
    "a",
    "##a",
    "b",
    "\u8C48",
    "\u4E2D",
    "x",
    "\u65E5",
    "\u1112",
    "##\u1161",
    "##\u11AB",
    "\u2014",
    "\u03C3",
    "##\u03C3",
    "##b",
    "mask",
    "y",
    "\u0D3F",
    "z",
    "\U0001D165\U0001D16D",
};
static struct esc_buf nodes;
static struct esc_vocab vocab;

static int open_small(void **)
{
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_FILE);
    esc_buf_init(&nodes, ESC_MAX_FILE);
    for (size_t i = 0; i < ESC_COUNT(small); i++)
        esc_buf_printf(&text, "%s\n", small[i]);
    bool ok = esc_vocab_build(esc_buf_str(&text), &nodes, &err) == ESC_OK &&
              esc_vocab_open(esc_buf_str(&nodes), ESC_COUNT(small), &vocab, &err) == ESC_OK;
    esc_buf_done(&text);
    return !ok;
}

static int close_small(void **)
{
    esc_buf_done(&nodes);
    return 0;
}

/* The pieces of @p text with a space between. */
static void expect_pieces(const char *expected, struct esc_str text)
{
    int32_t ids[ENOUGH];
    struct esc_buf pieces;
    esc_buf_init(&pieces, ESC_MAX_FILE);
    size_t count = esc_wordpiece_pieces(&vocab, text, ENOUGH, ids);
    for (size_t i = 0; i < count; i++)
        esc_buf_printf(&pieces, "%s%s", i > 0 ? " " : "", small[ids[i]]);
    assert_string_equal(expected, esc_buf_text(&pieces));
    esc_buf_done(&pieces);
}

static void each_rule_does_what_the_reference_does(void **)
{
    static const struct {
        const char *expected, *text;
    } cases[] = {
        {"", ""},
        {"", " \t\r\n"},
        {"stop pg ##s ##ql - main ##1", "Stop PGsql-main1"},
        {"stop . stop _ stop", "stop.stop_stop"},
        {"[UNK] - pg", "pgz-pg"}, /* all of a word or nothing of it */
        {"cafe", "Caf\u00E9"},
        {"cafe", "CAFE\u0301"},
        {"pg ##s ##ql", "pg\u00ADs\u200D\xC2\x85q\x0Bl"}, /* what is dropped joins */
        {"pg pg pg pg", "pg\u00A0pg\u2028pg\u3000pg"},    /* what is space divides */
        {"\u4E2D \u65E5 a", "\u4E2D\u65E5a"},             /* each ideograph alone */
        {"a \u8C48 b", "a\uF900b"},                       /* by what it was */
        {"\u1112 ##\u1161 ##\u11AB", "\uD55C"},           /* a syllable of Hangul */
        {"\u2014 a", "\u2014a"},                          /* punctuation beyond ASCII */
        {"\u03C3 ##\u03C3", "\u03A3\u03A3"},              /* no final sigma */
        {"[UNK]", "a\u20ACb"},                            /* a sign is a letter */
        {"a [MASK] b [SEP]", "a[MASK]b[SEP]"},            /* as typed */
        {"[ mask ]", "[mask]"},                           /* not as typed */
        {"[ [PAD] ]", "[[PAD]]"},
        {"[ mask", "[MASK"},
        {"[UNK] [UNK] a", "##a"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        expect_pieces(cases[i].expected, esc_str_of(cases[i].text));
}

static void invalid_bytes_are_dropped(void **)
{
    expect_pieces("pg ##s", ESC_STR("p\xFFg\xC3s\xED\xA0\x80"));
    expect_pieces("a ##b", ESC_STR("a\0b\xEF\xBF\xBD"));
    expect_pieces("[ mask ]", ESC_STR("[MA\xFFSK]"));
}

static void marks_that_stay_are_sorted_within_their_character(void **)
{
    expect_pieces(small[36], esc_str_of("\U0001D165\U0001D16D")); /* orders 216 and 226 */
    expect_pieces(small[36], esc_str_of("\U0001D16D\U0001D165"));
    expect_pieces("x", esc_str_of("x\u0301\u0327"));
    /* U+0AC1 is dropped too, but it has no order, so nothing sorts past it. */
    expect_pieces("[UNK]", esc_str_of("\U0001D16D\u0AC1\U0001D165"));
}

static void a_word_of_more_than_100_characters_is_unknown(void **)
{
    char word[ESC_WORDPIECE_MAX_WORD_CHARS + 2] = "a";
    struct esc_buf expected;
    esc_buf_init(&expected, ESC_MAX_FILE);
    esc_buf_add_text(&expected, "a");
    for (size_t i = 1; i < ESC_WORDPIECE_MAX_WORD_CHARS; i++) {
        word[i] = 'a';
        esc_buf_add_text(&expected, " ##a");
    }
    expect_pieces(esc_buf_text(&expected), esc_str_of(word));
    word[ESC_WORDPIECE_MAX_WORD_CHARS] = 'a';
    expect_pieces("[UNK]", esc_str_of(word));
    esc_buf_done(&expected);
}

static void dropped_marks_do_not_make_a_word_longer(void **)
{
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_FILE);
    esc_buf_add_text(&text, "a");
    for (size_t i = 0; i < 10'000; i++)
        esc_buf_add_text(&text, "\u0301");
    esc_buf_add_text(&text, "b");
    expect_pieces("a ##b", esc_buf_str(&text));
    esc_buf_done(&text);
}

static void what_does_not_fit_is_cut(void **)
{
    int32_t ids[6] = {-7, -7, -7, -7, -7, -7};
    assert_int_equal(5, esc_wordpiece_encode(&vocab, ESC_STR("stop pgsql main"), 5, ids));
    const int32_t expected[] = {2, 5, 6, 7, 3, -7}; /* in the middle of a word */
    assert_memory_equal(expected, ids, sizeof expected);
    assert_int_equal(2, esc_wordpiece_encode(&vocab, ESC_STR("stop"), 2, ids));
    assert_int_equal(3, ids[1]);
    assert_int_equal(2, esc_wordpiece_encode(&vocab, ESC_STR(""), 6, ids));
}

/* A line "1059 2692 18139" as the member token_ids of a new object. */
static struct esc_json *answer_of(struct esc_str text, struct esc_str line)
{
    struct esc_json *answer = esc_json_object();
    struct esc_json *ids = esc_json_array();
    struct esc_str number;
    uint64_t id = 0;
    while (line.len > 0 && esc_str_next(&line, ' ', &number))
        if (esc_num_u64(number, &id))
            esc_json_push(ids, esc_json_int((int64_t)id));
    esc_json_set_str(answer, "text", text);
    esc_json_set(answer, "token_ids", ids);
    return answer;
}

static void read_case_file(const char *name, struct esc_buf *out)
{
    char *path = test_data(name);
    esc_buf_init(out, ESC_MAX_FILE);
    expect_ok(esc_file_read(path, out, &err));
    free(path);
}

/* The file has texts, each ended by a line of its own; the answers are a line of ids each. */
static void the_published_cases_give_the_published_ids(void **)
{
    struct esc_buf real, texts, answers;
    struct esc_vocab english;
    read_case_file("tokenizer/ggml-vocab-bert-bge.gguf.inp", &texts);
    read_case_file("tokenizer/ggml-vocab-bert-bge.gguf.out", &answers);
    reference_vocab(&real, &english);
    struct esc_str rest = esc_buf_str(&texts), lines = esc_buf_str(&answers), line;
    const struct esc_str end = ESC_STR("\n__ggml_vocab_test__\n");
    size_t cases = 0;
    for (; rest.len > 0 && esc_str_next(&lines, '\n', &line); cases++) {
        size_t at = esc_str_find(rest, end, 0);
        assert_true(at < rest.len);
        struct esc_str text = esc_str_slice(rest, 0, at);
        struct esc_json *answer = answer_of(text, line);
        int32_t ids[ENOUGH];
        expect_token_ids(answer, ids, esc_wordpiece_pieces(&english, text, ENOUGH, ids));
        esc_json_free(answer);
        rest = esc_str_slice(rest, at + end.len, rest.len);
    }
    assert_int_equal(46, cases);
    esc_buf_done(&real);
    esc_buf_done(&texts);
    esc_buf_done(&answers);
}

static void expect_ids_of(const struct esc_list *lines)
{
    struct esc_buf real;
    struct esc_vocab english;
    reference_vocab(&real, &english);
    for (size_t i = 0; i < lines->count; i++) {
        int32_t ids[256];
        struct esc_buf text;
        esc_buf_init(&text, ESC_MAX_FILE);
        size_t count =
            esc_wordpiece_encode(&english, reference_text(lines->items[i], &text), 256, ids);
        expect_token_ids(lines->items[i], ids, count);
        esc_buf_done(&text);
    }
    esc_buf_done(&real);
}

static void the_reference_texts_give_the_reference_ids(void **)
{
    struct esc_list lines;
    reference_corpus("embedding/minilm-reference.jsonl.gz", &lines);
    assert_int_equal(200, lines.count);
    expect_ids_of(&lines);
    esc_list_done(&lines);
}

static void the_sample_keeps_its_ids(void **)
{
    struct esc_list lines;
    reference_sample("tests/cases/embed/minilm-sample.jsonl", &lines);
    expect_ids_of(&lines);
    esc_list_done(&lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_does_what_the_reference_does),
        cmocka_unit_test(invalid_bytes_are_dropped),
        cmocka_unit_test(marks_that_stay_are_sorted_within_their_character),
        cmocka_unit_test(a_word_of_more_than_100_characters_is_unknown),
        cmocka_unit_test(dropped_marks_do_not_make_a_word_longer),
        cmocka_unit_test(what_does_not_fit_is_cut),
        cmocka_unit_test(the_published_cases_give_the_published_ids),
        cmocka_unit_test(the_reference_texts_give_the_reference_ids),
        cmocka_unit_test(the_sample_keeps_its_ids),
    };
    return cmocka_run_group_tests_name("embed/wordpiece", tests, open_small, close_small);
}
