/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/http/client.h"

/* Apart from client.c, whose library not every reader of an answer wants. */

const char *esc_http_response_header(const struct esc_http_response *response, const char *name)
{
    for (size_t i = 0; i < response->header_count; i++)
        if (esc_str_equal_nocase(esc_str_of(response->headers[i].name), esc_str_of(name)))
            return response->headers[i].value;
    return NULL;
}
