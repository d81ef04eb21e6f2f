/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/send_private.h"

#include "escher/aws/sigv4.h"
#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/http/url.h"

enum {
    MAX_HEADERS = 12
};

static void send_signed(struct esc_aws *aws, const struct aws_request *request,
                        struct esc_http_header *headers, size_t count,
                        const struct esc_sigv4_headers *made, esc_http_done_fn *done, void *context,
                        struct esc_http_call **out)
{
    const struct esc_http_way way = esc_aws_environment_way(request->environment);
    if (made->authorization)
        headers[count++] = (struct esc_http_header){"X-Amz-Date", made->amz_date};
    if (*made->content_sha256)
        headers[count++] = (struct esc_http_header){"X-Amz-Content-Sha256", made->content_sha256};
    if (made->security_token)
        headers[count++] = (struct esc_http_header){"X-Amz-Security-Token", made->security_token};
    if (made->authorization)
        headers[count++] = (struct esc_http_header){"Authorization", made->authorization};
    const struct esc_http_request http = {
        .method = request->method,
        .url = request->url,
        .headers = headers,
        .header_count = count,
        .body = request->body,
        .file = request->file,
        .way = &way,
        .timeout_ms = request->timeout_ms,
        .idle_timeout_ms = request->idle_timeout_ms,
        .max_response = request->max_response,
        .on_data = request->on_data,
        .once = request->once,
    };
    *out = esc_http_send(aws->http, &http, done, context);
}

enum esc_status aws_send(struct esc_aws *aws, const struct aws_request *request,
                         esc_http_done_fn *done, void *context, struct esc_http_call **out,
                         struct esc_error *err)
{
    struct esc_url url;
    struct esc_http_header headers[MAX_HEADERS + 5];
    struct esc_sigv4_headers made = {0};
    size_t count = 0;
    ESC_ASSERT(request->header_count <= MAX_HEADERS);
    if (!esc_url_parse(esc_str_of(request->url), &url))
        return esc_fail(err, ESC_INVALID, "%s: the endpoint is no http or https URL",
                        request->service);
    ESC_CLEANUP(esc_freep) char *host = esc_str_dup(url.host);
    headers[count++] = (struct esc_http_header){"Host", host};
    for (size_t i = 0; i < request->header_count; i++)
        headers[count++] = request->headers[i];
    const struct esc_sigv4_request to_sign = {
        .method = esc_str_of(request->method),
        .path = url.path,
        .query = url.query,
        .headers = headers,
        .header_count = count,
        .body = request->body,
        .body_sha256 = request->file_sha256,
    };
    const struct esc_sigv4_options options = {
        .credentials = request->credentials,
        .region = request->region,
        .service = request->service,
        .now_ms = esc_aws_now_at_ms(aws, request->endpoint_url),
        .is_s3 = request->is_s3,
    };
    const enum esc_status status =
        request->credentials ? esc_sigv4_sign(&options, &to_sign, &made, err) : ESC_OK;
    if (status != ESC_OK)
        return status;
    send_signed(aws, request, headers, count, &made, done, context, out);
    esc_sigv4_headers_done(&made);
    return ESC_OK;
}
