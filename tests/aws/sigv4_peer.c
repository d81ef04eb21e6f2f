/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Our signer on one line of JSON each, for tests/aws/test_signer.py:
 * {"method", "path", "query", "headers": [[name, value]], "body", "key", "secret", "token",
 *  "region", "service", "now_s"} becomes {"authorization", "date", "sha256"}.
 */

#include <stdio.h>
#include <stdlib.h>

#include "escher/aws/sigv4.h"
#include "escher/base/alloc.h"
#include "escher/base/json.h"

enum {
    MAX_HEADERS = 16
};

static struct esc_str text_of(const struct esc_json *line, const char *name)
{
    return esc_json_value(esc_json_member(line, name));
}

static struct esc_json *sign(const struct esc_json *line)
{
    struct esc_http_header headers[MAX_HEADERS];
    const struct esc_json *given = esc_json_member(line, "headers");
    size_t count = 0;
    for (; count < MAX_HEADERS && count < esc_json_len(given); count++)
        headers[count] =
            (struct esc_http_header){esc_json_str(esc_json_at(given, count), "[0]", ""),
                                     esc_json_str(esc_json_at(given, count), "[1]", "")};
    const struct esc_sigv4_request request = {
        .method = text_of(line, "method"),
        .path = text_of(line, "path"),
        .query = text_of(line, "query"),
        .headers = headers,
        .header_count = count,
        .body = text_of(line, "body"),
    };
    ESC_CLEANUP(esc_credentials_freep)
    struct esc_credentials *credentials =
        esc_credentials_new(esc_json_str(line, "key", NULL), esc_json_str(line, "secret", NULL),
                            esc_json_str(line, "token", NULL), 0);
    const struct esc_sigv4_options options = {
        .credentials = credentials,
        .region = esc_json_str(line, "region", NULL),
        .service = esc_json_str(line, "service", NULL),
        .now_ms = (uint64_t)esc_json_num(line, "now_s", 0) * 1000,
        .is_s3 = esc_text_equal(esc_json_str(line, "service", ""), "s3"),
    };
    struct esc_json *json = esc_json_object();
    struct esc_sigv4_headers made;
    struct esc_error err;
    if (esc_sigv4_sign(&options, &request, &made, &err) != ESC_OK) {
        esc_json_set_text(json, "error", err.message);
        return json;
    }
    esc_json_set_text(json, "authorization", made.authorization);
    esc_json_set_text(json, "date", made.amz_date);
    esc_json_set_text(json, "sha256", made.content_sha256);
    esc_sigv4_headers_done(&made);
    return json;
}

int main(void)
{
    char *text = NULL;
    size_t size = 0;
    for (ssize_t len; (len = getline(&text, &size, stdin)) > 0;) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *line = NULL;
        struct esc_error err;
        if (esc_json_parse((struct esc_str){text, (size_t)len}, NULL, &line, &err) != ESC_OK) {
            (void)fprintf(stderr, "sigv4-peer: %s\n", err.message);
            return 1;
        }
        ESC_CLEANUP(esc_json_freep) struct esc_json *made = sign(line);
        ESC_CLEANUP(esc_freep) char *printed = esc_json_print(made, ESC_JSON_COMPACT);
        puts(printed);
    }
    free(text);
    return 0;
}
