/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "escher/base/buf.h"
#include "escher/base/file.h"
#include "escher/base/json.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/base/paths.h"

void test_expect_status(enum esc_status expected, enum esc_status actual,
                        const struct esc_error *err, const char *call, const char *file, int line)
{
    if (expected == actual)
        return;
    print_error("%s: %s instead of %s%s%s\n", call, esc_status_text(actual),
                esc_status_text(expected), actual == ESC_OK ? "" : ": ",
                actual == ESC_OK || !err ? "" : err->message);
    _fail(file, line);
}

void test_expect_contains(const char *part, const char *text, const char *file, int line)
{
    if (text && strstr(text, part))
        return;
    print_error("\"%s\" is not in \"%s\"\n", part, text ? text : "(null)");
    _fail(file, line);
}

static uint64_t number_of_variable(const char *name, uint64_t otherwise)
{
    const char *text = esc_env(name);
    uint64_t number;
    return text && esc_num_u64(esc_str_of(text), &number) ? number : otherwise;
}

int test_rounds(int usual)
{
    const uint64_t factor = number_of_variable("ESCHER_TEST_SOAK", 1);
    return usual * (int)(factor < 1000 ? factor : 1000);
}

uint64_t test_seed(uint64_t usual)
{
    return usual + number_of_variable("ESCHER_TEST_SEED", 0);
}

struct esc_json *test_json(const char *text)
{
    ESC_CLEANUP(esc_freep) char *quoted = esc_strdup(text);
    struct esc_json *json = NULL;
    struct esc_error err;
    for (char *c = quoted; *c; c++)
        if (*c == '\'')
            *c = '"';
    expect_ok(esc_json_parse(esc_str_of(quoted), NULL, &json, &err));
    return json;
}

char *test_repeated(const char *piece, size_t count)
{
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_FILE);
    for (size_t i = 0; i < count; i++)
        esc_buf_add_text(&text, piece);
    return esc_buf_take(&text);
}

static struct esc_list folders;
static pid_t owner;

static void remove_folders(void)
{
    if (getpid() != owner)
        return; /* a forked child ends before its parent is done with them */
    for (size_t i = 0; i < folders.count; i++)
        (void)esc_file_remove(folders.items[i], NULL); /* best effort at exit */
    esc_list_done(&folders);
}

char *test_folder(void)
{
    if (!owner) {
        owner = getpid();
        esc_list_init(&folders, free);
        if (atexit(remove_folders) != 0)
            abort();
    }
    const char *base = esc_env("TMPDIR");
    char *path = esc_sprintf("%s/escher-test-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(path))
        abort();
    esc_list_push(&folders, esc_strdup(path));
    return path;
}

char *test_data(const char *name)
{
    const char *root = esc_env("ESCHER_TEST_DATA");
    if (!root)
        skip();
    char *path = esc_path_join(root, name);
    if (!esc_file_exists(path)) {
        free(path);
        skip();
    }
    return path;
}

char *test_source(const char *path)
{
    const char *root = esc_env("ESCHER_SOURCE");
    char *full = esc_path_join(root ? root : ".", path);
    struct esc_buf buf;
    struct esc_error err;
    esc_buf_init(&buf, ESC_MAX_FILE);
    expect_ok(esc_file_read(full, &buf, &err));
    free(full);
    return esc_buf_take(&buf);
}
