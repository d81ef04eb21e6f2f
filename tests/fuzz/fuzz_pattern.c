/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/playbook/pattern.h"
#include "tests/fuzz/fuzz.h"

/* The first line is a pattern, the rest a text. What matches as a whole begins as the pattern
 * says it may. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    ESC_CLEANUP(esc_pattern_freep) struct esc_pattern *pattern = NULL;
    struct esc_str text = {(const char *)bytes, len}, line = {"", 0};
    struct esc_error err;
    if (len == 0 || !esc_str_next(&text, '\n', &line) ||
        esc_pattern_compile(line, &pattern, &err) != ESC_OK)
        return 0;
    text = esc_str_slice(text, 0, 4096);
    const bool matches = esc_pattern_matches(pattern, text);
    ESC_ASSERT(matches == esc_pattern_matches(pattern, text));
    if (matches && text.len > 0 && esc_pattern_is_anchored(pattern))
        ESC_ASSERT(esc_pattern_admits_first(pattern, text.ptr[0]));
    return 0;
}
