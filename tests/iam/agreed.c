/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/iam/agreed.h"

#include "tests/support/test.h"

unsigned agreed_read(void (*take)(const struct esc_json *question, unsigned line))
{
    struct esc_error err;
    ESC_CLEANUP(esc_freep) char *text = test_source("tests/cases/iam/agreed.jsonl");
    struct esc_str rest = esc_str_of(text), line;
    unsigned number = 0;
    while (esc_str_next(&rest, '\n', &line) && line.len > 0) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *question = NULL;
        expect_ok(esc_json_parse(line, NULL, &question, &err));
        take(question, ++number);
    }
    return number;
}
