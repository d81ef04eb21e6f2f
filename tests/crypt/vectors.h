/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Walks a file of Wycheproof: every test of every group, with hex members as bytes. */

#include "escher/base/file.h"
#include "escher/base/json.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "tests/support/test.h"

typedef void vector_fn(const struct esc_json *group, const struct esc_json *test, void *context);

static inline void each_vector(const char *file, vector_fn *fn, void *context)
{
    struct esc_error err;
    ESC_CLEANUP(esc_freep) char *folder = test_data("wycheproof");
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(folder, file);
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_JSON);
    expect_ok(esc_file_read(path, &text, &err));
    ESC_CLEANUP(esc_json_freep) struct esc_json *root = NULL;
    expect_ok(esc_json_parse(esc_buf_str(&text), NULL, &root, &err));
    esc_buf_done(&text);
    const struct esc_json *groups = esc_json_get(root, "testGroups");
    for (size_t i = 0; i < esc_json_len(groups); i++) {
        const struct esc_json *group = esc_json_at(groups, i);
        const struct esc_json *tests = esc_json_get(group, "tests");
        for (size_t k = 0; k < esc_json_len(tests); k++)
            fn(group, esc_json_at(tests, k), context);
    }
}

/* The hex text of member @p name, appended as bytes. */
static inline void add_hex(const struct esc_json *test, const char *name, struct esc_buf *out)
{
    struct esc_str hex = esc_str_of(esc_json_str(test, name, ""));
    for (size_t i = 0; i < hex.len; i += 2) {
        char byte;
        assert_true(esc_hex_parse(esc_str_slice(hex, i, i + 2), &byte, 1));
        esc_buf_add_char(out, byte);
    }
}

/* A fresh buf with that member. */
static inline struct esc_buf hex_of(const struct esc_json *test, const char *name)
{
    struct esc_buf buf;
    esc_buf_init(&buf, ESC_MAX_REQUEST);
    add_hex(test, name, &buf);
    return buf;
}

static inline bool is_valid(const struct esc_json *test)
{
    return esc_str_is(esc_str_of(esc_json_str(test, "result", "")), "valid");
}
