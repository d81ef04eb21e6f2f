/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The request cases of llhttp, another strict parser: what it refuses while it reads a head must
 * not pass ours. (Ours refuses more: chunked bodies, unknown methods, absolute targets.)
 */

#include <string.h>

#include "escher/base/buf.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/http/gate.h"
#include "tests/support/test.h"

static struct esc_error err;

/* Takes what stands between @p open and @p close off *rest; false when there is no more. */
static bool take_block(struct esc_str *rest, struct esc_str open, struct esc_str close,
                       struct esc_str *block)
{
    size_t from = esc_str_find(*rest, open, 0);
    if (from == SIZE_MAX)
        return false;
    size_t to = esc_str_find(*rest, close, from + open.len);
    if (to == SIZE_MAX)
        return false;
    *block = esc_str_slice(*rest, from + open.len, to);
    *rest = esc_str_slice(*rest, to + close.len, rest->len);
    return true;
}

/* Appends what the escape at text[at] (a backslash) stands for; tells how long it was. */
static size_t add_escape(struct esc_buf *out, struct esc_str text, size_t at)
{
    static const char letters[] = "rntf", bytes[] = "\r\n\t\f";
    char c = at + 1 < text.len ? text.ptr[at + 1] : '\\';
    const char *letter = c ? strchr(letters, c) : NULL;
    char byte = 0;
    if (c == '\n')
        return 2; /* joins two lines */
    if (letter) {
        esc_buf_add_char(out, bytes[letter - letters]);
        return 2;
    }
    if (c == 'x' && esc_hex_parse(esc_str_slice(text, at + 2, at + 4), &byte, 1)) {
        esc_buf_add_char(out, byte);
        return 4;
    }
    size_t len = 1;
    for (; len < 4 && at + len < text.len && text.ptr[at + len] >= '0' && text.ptr[at + len] < '8';
         len++)
        byte = (char)(byte * 8 + (text.ptr[at + len] - '0'));
    esc_buf_add_char(out, len > 1 ? byte : '\\');
    return len;
}

/* The bytes of a message: its last line end is dropped, the others mean CRLF. */
static void decode(struct esc_str text, struct esc_buf *out)
{
    if (esc_str_ends_with(text, ESC_STR("\n")))
        text.len--;
    for (size_t i = 0; i < text.len;) {
        if (text.ptr[i] == '\\') {
            i += add_escape(out, text, i);
        } else if (text.ptr[i] == '\n') {
            esc_buf_add(out, ESC_STR("\r\n"));
            i++;
        } else {
            esc_buf_add_char(out, text.ptr[i++]);
        }
    }
}

/* True when llhttp refuses the message before the end of its head. */
static bool is_refused(struct esc_str log)
{
    size_t error = esc_str_find(log, ESC_STR(" error code="), 0);
    size_t complete = esc_str_find(log, ESC_STR(" headers complete"), 0);
    return error != SIZE_MAX && error < complete;
}

static bool passes(struct esc_str message)
{
    static const struct esc_gate_rules rules = {0};
    struct esc_http_head head;
    size_t len = 0;
    int status = 0;
    return esc_http_head_parse(message, &head, &len) == ESC_HEAD_DONE &&
           esc_gate_check(&rules, &head, &status, &err) == ESC_OK;
}

static size_t refused, passed;

static void check_file(struct esc_str text, const char *name)
{
    struct esc_str meta, http, log;
    struct esc_buf message;
    esc_buf_init(&message, ESC_MAX_FILE);
    while (take_block(&text, ESC_STR("<!-- meta="), ESC_STR("-->"), &meta) &&
           take_block(&text, ESC_STR("```http\n"), ESC_STR("```"), &http) &&
           take_block(&text, ESC_STR("```log\n"), ESC_STR("```"), &log)) {
        if (!esc_str_contains(meta, ESC_STR("\"type\": \"request\"")))
            continue; /* one of the lenient modes */
        esc_buf_reset(&message);
        decode(http, &message);
        bool let_in = passes(esc_buf_str(&message));
        passed += let_in;
        if (!is_refused(log))
            continue;
        refused++;
        if (let_in)
            fail_msg("%s: let in:\n%s", name, esc_buf_text(&message));
    }
    esc_buf_done(&message);
}

static void what_another_strict_parser_refuses_is_refused(void **)
{
    ESC_CLEANUP(esc_freep) char *folder = test_data("http/llhttp/request");
    struct esc_list names;
    esc_list_init(&names, free);
    expect_ok(esc_file_list(folder, &names, &err));
    for (size_t i = 0; i < names.count; i++) {
        ESC_CLEANUP(esc_freep) char *path = esc_path_join(folder, names.items[i]);
        struct esc_buf text;
        esc_buf_init(&text, ESC_MAX_FILE);
        expect_ok(esc_file_read(path, &text, &err));
        check_file(esc_buf_str(&text), names.items[i]);
        esc_buf_done(&text);
    }
    esc_list_done(&names);
    print_message("# %zu refused there, %zu let in here\n", refused, passed);
    assert_true(refused > 30); /* or the reading of the files has broken */
    assert_true(passed > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_another_strict_parser_refuses_is_refused),
    };
    return cmocka_run_group_tests_name("http/llhttp", tests, NULL, NULL);
}
