/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/embed/reference.h"

#include <fcntl.h>
#include <math.h>
#include <spawn.h>
#include <sys/wait.h>

#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/paths.h"
#include "tests/support/test.h"

static struct esc_error err;

void reference_vocab(struct esc_buf *nodes, struct esc_vocab *vocab)
{
    const char *root = esc_env("ESCHER_SOURCE");
    char *path = esc_path_join(root ? root : ".", "build/weights/vocab.txt");
    bool there = esc_file_exists(path);
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_FILE);
    esc_buf_init(nodes, ESC_MAX_FILE);
    enum esc_status status = there ? esc_file_read(path, &text, &err) : ESC_OK;
    free(path);
    if (!there)
        skip();
    expect_ok(status);
    expect_ok(esc_vocab_build(esc_buf_str(&text), nodes, &err));
    expect_ok(esc_vocab_open(esc_buf_str(nodes), 30'522, vocab, &err));
    esc_buf_done(&text);
}

char *reference_weights(void)
{
    char *path = esc_strdup_null(esc_env("ESCHER_WEIGHTS"));
    if (!path && esc_paths_share("minilm.escemb", &path, &err) != ESC_OK)
        skip();
    return path;
}

/* Our JSON has no U+0000; it is read as another character that no text here has. */
#define NUL_ESCAPE "\\u0000"
#define STAND_IN_ESCAPE "\\uF8F0"
#define STAND_IN "\uF8F0"

static void replace_all(struct esc_str text, struct esc_str old, struct esc_str new,
                        struct esc_buf *out)
{
    for (;;) {
        size_t at = esc_str_find(text, old, 0);
        esc_buf_add(out, esc_str_slice(text, 0, at));
        if (at == SIZE_MAX)
            return;
        esc_buf_add(out, new);
        text = esc_str_slice(text, at + old.len, text.len);
    }
}

struct esc_str reference_text(const struct esc_json *line, struct esc_buf *out)
{
    replace_all(esc_json_value(esc_json_get(line, "text")), ESC_STR(STAND_IN), ESC_STR("\0"), out);
    return esc_buf_str(out);
}

static void parse_lines(struct esc_str file, struct esc_list *lines)
{
    struct esc_buf readable;
    struct esc_str line;
    esc_buf_init(&readable, ESC_MAX_FILE);
    replace_all(file, ESC_STR(NUL_ESCAPE), ESC_STR(STAND_IN_ESCAPE), &readable);
    struct esc_str text = esc_buf_str(&readable);
    esc_list_init(lines, esc_json_free_item);
    while (esc_str_next(&text, '\n', &line)) {
        struct esc_json *json = NULL;
        if (line.len == 0)
            continue;
        expect_ok(esc_json_parse(line, NULL, &json, &err));
        esc_list_push(lines, json);
    }
    assert_true(lines->count > 0);
    esc_buf_done(&readable);
}

void reference_sample(const char *path, struct esc_list *lines)
{
    char *text = test_source(path);
    parse_lines(esc_str_of(text), lines);
    free(text);
}

/* What `gzip -dc` writes to @p to. gzip is on every Debian machine; a library would be one more. */
static void unpack(char *from, const char *to)
{
    char name[] = "gzip", flags[] = "-dc";
    char *const words[] = {name, flags, from, NULL};
    posix_spawn_file_actions_t actions;
    pid_t child;
    int ended = -1;
    assert_int_equal(0, posix_spawn_file_actions_init(&actions));
    assert_int_equal(
        0, posix_spawn_file_actions_addopen(&actions, 1, to, O_WRONLY | O_CREAT | O_TRUNC, 0600));
    assert_int_equal(0, posix_spawnp(&child, name, &actions, NULL, words, esc_env_all()));
    assert_int_equal(child, waitpid(child, &ended, 0));
    assert_int_equal(0, ended);
    posix_spawn_file_actions_destroy(&actions);
}

void reference_corpus(const char *name, struct esc_list *lines)
{
    char *packed = test_data(name);
    char *folder = test_folder();
    char *plain = esc_path_join(folder, "corpus");
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_FILE);
    unpack(packed, plain);
    expect_ok(esc_file_read(plain, &text, &err));
    parse_lines(esc_buf_str(&text), lines);
    esc_buf_done(&text);
    free(plain);
    free(folder);
    free(packed);
}

static bool has_ids(const struct esc_json *line, const int32_t *ids, size_t count)
{
    const struct esc_json *expected = esc_json_get(line, "token_ids");
    bool equal = count == esc_json_len(expected);
    for (size_t i = 0; equal && i < count; i++)
        equal = ids[i] == esc_json_num(esc_json_at(expected, i), "", -1);
    return equal;
}

void expect_token_ids(const struct esc_json *line, const int32_t *ids, size_t count)
{
    if (has_ids(line, ids, count))
        return;
    char *text = esc_json_print(esc_json_get(line, "text"), ESC_JSON_COMPACT);
    char *expected = esc_json_print(esc_json_get(line, "token_ids"), ESC_JSON_COMPACT);
    print_error("%s is not %s but", text, expected);
    for (size_t i = 0; i < count; i++)
        print_error(" %d", ids[i]);
    print_error("\n");
    free(text);
    free(expected);
    fail();
}

double reference_cosine(const struct esc_json *line, const float *vector)
{
    const struct esc_json *expected = esc_json_get(line, "vector");
    double dot = 0, theirs = 0, ours = 0;
    for (size_t i = 0; i < esc_json_len(expected); i++) {
        double value = esc_json_dbl(esc_json_at(expected, i), "", NAN);
        dot += value * (double)vector[i];
        theirs += value * value;
        ours += (double)vector[i] * (double)vector[i];
    }
    return dot / sqrt(theirs * ours);
}
