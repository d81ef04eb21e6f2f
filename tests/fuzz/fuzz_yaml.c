/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/yaml.h"
#include "tests/fuzz/fuzz.h"

/* libfyaml 0.7.12 forgets a 4 KiB buffer when a quoted key ends badly; only our own leaks count. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfyaml";
}

/* What is accepted is a JSON value like any other; what is not is refused with a message. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    ESC_CLEANUP(esc_yaml_freep) struct esc_yaml *yaml = NULL;
    struct esc_error err = {0};
    const struct esc_str text = {(const char *)bytes, len};
    if (esc_yaml_parse(text, "input", &yaml, &err) != ESC_OK) {
        ESC_ASSERT(err.message[0] != '\0');
        return 0;
    }
    ESC_CLEANUP(esc_freep) char *written = esc_json_print(esc_yaml_root(yaml), ESC_JSON_COMPACT);
    ESC_CLEANUP(esc_json_freep) struct esc_json *back = NULL;
    ESC_ASSERT(esc_json_parse(esc_str_of(written), NULL, &back, &err) == ESC_OK);
    ESC_ASSERT(esc_json_equal(esc_yaml_root(yaml), back));
    ESC_ASSERT(esc_yaml_fail(yaml, "a.b[0]", &err, "%s", "x") == ESC_INVALID);
    return 0;
}
