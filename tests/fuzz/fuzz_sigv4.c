/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/sigv4.h"
#include "tests/fuzz/fuzz.h"

/* The first line is a path, the second a query, the rest the value of a header. The canonical
 * request has exactly the lines it should, so no input can add one. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct esc_str rest = {(const char *)bytes, len}, path = {0}, query = {0};
    struct esc_buf value, canonical;
    if (len == 0 || len > 4096 || !esc_str_next(&rest, '\n', &path))
        return 0;
    if (rest.len > 0)
        (void)esc_str_next(&rest, '\n', &query); /* a missing second line is an empty query */
    esc_buf_init(&value, 4096);
    esc_buf_init(&canonical, 64 * 1024);
    for (size_t i = 0; i < rest.len; i++)
        if (rest.ptr[i] != '\0')
            esc_buf_add_char(&value, rest.ptr[i]);
    const struct esc_http_header headers[] = {{"Host", "h"}, {"X-Value", esc_buf_text(&value)}};
    const struct esc_sigv4_request request = {
        .method = ESC_STR("GET"),
        .path = path,
        .query = query,
        .headers = headers,
        .header_count = 2,
    };
    for (int is_s3 = 0; is_s3 < 2; is_s3++) {
        const struct esc_sigv4_options options = {.is_s3 = is_s3 != 0};
        size_t lines = 1;
        esc_buf_reset(&canonical);
        if (esc_sigv4_canonical_request(&options, &request, ESC_STR("hash"), &canonical, NULL) !=
            ESC_OK)
            continue;
        for (size_t i = 0; i < canonical.len; i++)
            lines += canonical.ptr[i] == '\n';
        ESC_ASSERT(lines == 8);
    }
    esc_buf_done(&value);
    esc_buf_done(&canonical);
    return 0;
}
