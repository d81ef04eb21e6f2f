/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/json.h"
#include "tests/fuzz/fuzz.h"

/* What is accepted is written in a form that reads back as the same value. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    struct esc_error err;
    const struct esc_str text = {(const char *)bytes, len};
    if (esc_json_parse(text, NULL, &json, &err) != ESC_OK)
        return 0;
    for (int style = ESC_JSON_COMPACT; style <= ESC_JSON_SORTED; style++) {
        ESC_CLEANUP(esc_freep) char *written = esc_json_print(json, (enum esc_json_style)style);
        ESC_CLEANUP(esc_json_freep) struct esc_json *back = NULL;
        ESC_ASSERT(esc_json_parse(esc_str_of(written), NULL, &back, &err) == ESC_OK);
        ESC_ASSERT(esc_json_equal(json, back));
    }
    return 0;
}
