/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Pages: tokens that only fit the list they were given for, and the limits that services set.
 *
 * @source EC2 API, "Pagination"; RDS API, DescribeDBInstances, MaxRecords; Lambda, ListFunctions
 */

#include <stdio.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/num.h"
#include "escher/crypt/digest.h"
#include "tests/support/fake_aws_private.h"

void fake_page_token(const struct fake_request *request, size_t offset, unsigned page,
                     char out[FAKE_PAGE_TOKEN_SIZE])
{
    char seal[ESC_SHA256_TEXT];
    ESC_CLEANUP(esc_freep)
    char *text =
        esc_sprintf("%s %s %s %s %zu %u", request->account, request->region,
                    request->operation->service, request->operation->operation, offset, page);
    esc_sha256_hex(esc_str_of(text), seal);
    (void)snprintf(out, FAKE_PAGE_TOKEN_SIZE, "from-%zu-page-%u-%.16s", offset, page, seal);
}

bool fake_page_read(struct fake_request *request, struct fake_refusal *refusal)
{
    request->page = 1;
    request->offset = 0;
    if (!request->operation->pager_in)
        return true;
    const struct esc_str token = fake_param_text(request, request->operation->pager_in[0]);
    char right[FAKE_PAGE_TOKEN_SIZE];
    uint64_t numbers[4] = {0}; /* "from", offset, "page", page */
    struct esc_str rest = token, piece;
    if (token.len == 0)
        return true;
    for (size_t i = 0; i < ESC_COUNT(numbers) && esc_str_next(&rest, '-', &piece); i++)
        (void)esc_num_u64(piece, &numbers[i]); /* a wrong one fails below */
    fake_page_token(request, numbers[1], (unsigned)numbers[3], right);
    if (!esc_str_is(token, right)) {
        (void)fake_fault_refusal(FAKE_FAULT_LATE_TOKEN, request, refusal);
        return false;
    }
    request->offset = numbers[1];
    request->page = (unsigned)numbers[3];
    return true;
}

/* What a service lists when nobody says how much. */
static size_t usual_size(const struct fake_request *request)
{
    if (request->service->protocol == ESC_PROTOCOL_EC2)
        return SIZE_MAX; /* all there is */
    return strcmp(request->operation->service, "lambda") == 0 ? 50 : 100;
}

static bool is_allowed(const struct fake_request *request, uint64_t size,
                       struct fake_refusal *refusal)
{
    const bool is_ec2 = request->service->protocol == ESC_PROTOCOL_EC2;
    const bool is_rds = strcmp(request->operation->service, "rds") == 0;
    const bool is_refused =
        (is_ec2 && (size < 5 || size > 1000)) || (is_rds && (size < 20 || size > 100)) || size < 1;
    return !is_refused ||
           fake_refuse(refusal, 400, "InvalidParameterValue", "The page size is not allowed here.");
}

bool fake_page_size(const struct fake_aws *aws, const struct fake_request *request, size_t *out,
                    struct fake_refusal *refusal)
{
    const char *member = request->operation->page_size;
    const struct esc_json *given = member ? fake_param(request, member) : NULL;
    uint64_t asked = 0;
    *out = usual_size(request);
    if (esc_json_is(given, ESC_JSON_INT))
        asked = (uint64_t)esc_json_num(given, "", 0);
    else
        (void)esc_num_u64(esc_json_value(given), &asked); /* none: 0 */
    if (given && !is_allowed(request, asked, refusal))
        return false;
    if (given)
        *out = (size_t)asked;
    if (strcmp(request->operation->service, "lambda") == 0 && *out > 50)
        *out = 50;
    if (aws->options.page_size && *out > aws->options.page_size && request->operation->pager_in)
        *out = aws->options.page_size;
    return true;
}
