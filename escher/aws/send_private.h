/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One request to a service, signed and sent once: what every caller of this room shares. */

#include "escher/aws/aws_private.h"

struct aws_request {
    const struct esc_credentials *credentials; /* NULL: nobody signs it */
    const struct esc_aws_environment *environment;
    const char *service, *region;          /* signing names */
    const char *method, *url;              /* the URL as it is sent */
    const char *endpoint_url;              /* whose clock counts; NULL: the cloud's */
    const struct esc_http_header *headers; /* signed, Host beside them; at most 12 */
    size_t header_count;
    struct esc_str body;
    const struct esc_http_file *file; /* instead of the body; NULL: none */
    const char *file_sha256;          /* hex, of the file */
    bool is_s3;                       /* its rules of signing (sigv4.h) */
    uint64_t timeout_ms, idle_timeout_ms;
    size_t max_response;
    bool once; /* nothing sends it again */
    esc_http_data_fn *on_data;
};

/** Everything is copied. @errors ESC_INVALID: no http or https URL, a malformed query. */
enum esc_status aws_send(struct esc_aws *aws, const struct aws_request *request,
                         esc_http_done_fn *done, void *context, struct esc_http_call **out,
                         struct esc_error *err);
