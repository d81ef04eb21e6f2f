/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/aws/source_private.h"
#include "escher/base/alloc.h"
#include "escher/base/buf.h"
#include "escher/base/file.h"
#include "escher/base/json.h"
#include "escher/base/limits.h"

/* What the kinds of source share: a small request, and the documents that hold credentials. */

enum {
    MAX_DOCUMENT = 64 * 1024,
};

void aws_fetch_send(struct aws_fetch *fetch, const struct aws_fetch_request *given,
                    esc_http_done_fn *done)
{
    const struct esc_http_way way = esc_aws_environment_way(fetch->environment);
    const struct esc_http_request request = {
        .method = given->method,
        .url = given->url,
        .headers = given->headers,
        .header_count = given->header_count,
        .body = given->body,
        .way = given->by_proxy ? &way : NULL,
        .timeout_ms = given->timeout_ms,
        .max_response = MAX_DOCUMENT,
    };
    aws_fetch_hold(fetch);
    fetch->http = esc_http_send(fetch->aws->http, &request, done, fetch);
}

static bool read_expiration(const struct esc_json *json, const struct aws_document_names *names,
                            uint64_t *out)
{
    if (names->expiration_is_number) {
        const int64_t at_ms = esc_json_num(json, names->expiration, 0);
        *out = at_ms > 0 ? (uint64_t)at_ms : 0;
        return at_ms > 0;
    }
    return esc_time_parse(esc_str_of(esc_json_str(json, names->expiration, "")), out);
}

/* What a key id or secret may look like, so that no line break gets into a header. */
static bool is_plain(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text <= 0x20 || (unsigned char)*text >= 0x7F)
            return false;
    return true;
}

enum esc_status aws_document_read(struct esc_str text, const struct aws_document_names *names,
                                  const char *who, struct esc_credentials **out,
                                  struct esc_error *err)
{
    static const struct esc_json_limits limits = {MAX_DOCUMENT, 8};
    ESC_CLEANUP(esc_json_wipe_freep) struct esc_json *json = NULL;
    uint64_t expires_at_ms = 0;
    if (esc_json_parse(text, &limits, &json, NULL) != ESC_OK)
        return esc_fail(err, ESC_CORRUPT, "%s: the answer is not the JSON it should be", who);
    const char *id = esc_json_str(json, names->key_id, "");
    const char *secret = esc_json_str(json, names->secret, "");
    const char *token = esc_json_str(json, names->token, "");
    if (!*id || !*secret || (!*token && !names->token_is_optional))
        return esc_fail(err, ESC_CORRUPT, "%s: the answer holds no whole credentials", who);
    if (!is_plain(id) || !is_plain(secret) || !is_plain(token))
        return esc_fail(err, ESC_CORRUPT, "%s: the answer holds what cannot be credentials", who);
    if (esc_json_get(json, names->expiration) && !read_expiration(json, names, &expires_at_ms))
        return esc_fail(err, ESC_CORRUPT, "%s: `%s` is no time", who, names->expiration);
    *out = esc_credentials_new(id, secret, token, expires_at_ms);
    return ESC_OK;
}

enum esc_status aws_read_secret_file(const char *path, struct esc_secret **out,
                                     struct esc_error *err)
{
    struct esc_buf buf;
    esc_buf_init_wiped(&buf, MAX_DOCUMENT);
    const enum esc_status status = esc_file_read(path, &buf, err);
    const struct esc_str text = esc_str_trim(esc_buf_str(&buf));
    if (status == ESC_OK)
        *out = esc_secret_new(text.ptr, text.len);
    esc_buf_done(&buf);
    return status;
}
