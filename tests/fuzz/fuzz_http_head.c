/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/http/gate.h"
#include "tests/fuzz/fuzz.h"

static bool is_clean(struct esc_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '\r' || text.ptr[i] == '\n' || text.ptr[i] == '\0')
            return false;
    return true;
}

/* What passes the gate is framed in one way only. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const struct esc_gate_rules rules = {0};
    const struct esc_str text = {(const char *)bytes, len};
    struct esc_http_head head;
    size_t head_len = 0;
    int status = 0;
    if (esc_http_head_parse(text, &head, &head_len) != ESC_HEAD_DONE)
        return 0;
    ESC_ASSERT(head_len <= len && bytes[head_len - 1] == '\n');
    for (size_t i = 0; i < head.field_count; i++)
        ESC_ASSERT(is_clean(head.fields[i].name) && is_clean(head.fields[i].value));
    if (esc_gate_check(&rules, &head, &status, NULL) != ESC_OK)
        return 0;
    ESC_ASSERT(status == 200 && head.path.len > 0 && head.path.ptr[0] == '/');
    ESC_ASSERT(esc_http_head_count(&head, "host") == 1);
    ESC_ASSERT(esc_http_head_count(&head, "content-length") <= 1);
    ESC_ASSERT(esc_http_head_count(&head, "transfer-encoding") == 0);
    return 0;
}
