/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/read_private.h"

#include "escher/aws/wire_private.h"

/*
 * The mark of a read: one digest of its answers, page after page, as the service has written them,
 * so that equal marks are equal answers. Of a page is left out what is another each time though it
 * says nothing: the request's id in the envelope of XML, the token for the next page, and how far
 * back a database can be restored at this minute, which nobody reads. Where it was left out counts,
 * and so does what stands in headers.
 *
 * What is not recognised stays in, so whatever goes wrong here makes answers differ.
 */

enum {
    ENVELOPE = 512, /* the id stands so near to one end */
    SURE_TOKEN = 16 /* shorter ones may stand anywhere */
};

/* From where on and how much; a cut of nothing is none. */
struct cut {
    size_t at, len;
};

static struct cut cut_element(struct esc_str body, struct esc_str open, size_t from)
{
    const size_t tag = esc_str_find(body, open, from);
    if (tag == SIZE_MAX)
        return (struct cut){0};
    const size_t at = tag + open.len, end = esc_str_find(body, ESC_STR("<"), at);
    return end == SIZE_MAX ? (struct cut){0} : (struct cut){at, end - at};
}

/* EC2 says it first, the others last. */
static struct cut cut_request_id(const struct esc_operation *operation, struct esc_str body)
{
    const struct esc_str head = esc_str_slice(body, 0, ENVELOPE);
    const size_t tail = body.len > ENVELOPE ? body.len - ENVELOPE : 0;
    switch (operation->wire->protocol) {
    case ESC_PROTOCOL_EC2:
        return cut_element(head, ESC_STR("<requestId>"), 0);
    case ESC_PROTOCOL_QUERY:
        return cut_element(body, ESC_STR("<RequestId>"), tail);
    default:
        return (struct cut){0};
    }
}

static struct cut cut_token(const struct esc_operation *operation, struct esc_str body,
                            const struct esc_json *output)
{
    for (size_t i = 0; operation->pager_out && operation->pager_out[i]; i++) {
        const struct esc_str token = esc_json_value(esc_json_get(output, operation->pager_out[i]));
        const size_t at = token.len < SURE_TOKEN ? SIZE_MAX : esc_str_find(body, token, 0);
        if (at != SIZE_MAX)
            return (struct cut){at, token.len};
    }
    return (struct cut){0};
}

static void add_headers(struct esc_digest *digest, const struct esc_operation *operation,
                        const struct esc_http_response *response)
{
    const struct esc_shape *shape = operation->output;
    for (size_t i = 0; shape && i < shape->member_count; i++)
        if (shape->members[i].location == ESC_LOCATION_HEADER)
            esc_digest_add_sized(digest, esc_str_of(esc_http_response_header(
                                             response, wire_name(&shape->members[i]))));
}

/* A piece of a page; databases say every five minutes that they can be restored to a later one. */
static void add_piece(struct esc_digest *digest, const struct esc_operation *operation,
                      struct esc_str piece)
{
    const bool is_cut = operation->wire->protocol == ESC_PROTOCOL_QUERY &&
                        esc_text_equal(operation->service, "rds");
    struct cut cut = {0};
    size_t from = 0;
    while (is_cut && (cut = cut_element(piece, ESC_STR("<LatestRestorableTime>"), from)).at) {
        esc_digest_add_sized(digest, esc_str_slice(piece, from, cut.at));
        from = cut.at + cut.len;
    }
    esc_digest_add_sized(digest, esc_str_slice(piece, from, piece.len));
}

void read_mark_page(struct esc_digest *digest, const struct esc_operation *operation,
                    const struct esc_http_response *response, const struct esc_json *output)
{
    const struct esc_str body = response->body;
    struct cut first = cut_request_id(operation, body), last = cut_token(operation, body, output);
    if (last.at < first.at) {
        const struct cut swapped = first;
        first = last;
        last = swapped;
    }
    if (last.at < first.at + first.len)
        last = (struct cut){first.at + first.len, 0};
    add_headers(digest, operation, response);
    add_piece(digest, operation, esc_str_slice(body, 0, first.at));
    add_piece(digest, operation, esc_str_slice(body, first.at + first.len, last.at));
    add_piece(digest, operation, esc_str_slice(body, last.at + last.len, body.len));
}
