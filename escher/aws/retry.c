/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/retry.h"

#include "escher/aws/aws_private.h"
#include "escher/base/attr.h"

/*
 * Codes first, since throttling arrives with any HTTP status: 400 from query services, 503 from
 * EC2 and S3, 429 from Lambda. A trailing '*' stands for any ending; the first row that fits.
 * @source AWS SDKs and tools reference, "Retry behavior", standard mode: transient and throttling
 * errors; EC2 API reference, "Common client errors"
 */
static const struct {
    const char *code;
    enum esc_retry kind;
} codes[] = {
    {"BandwidthLimitExceeded", ESC_RETRY_THROTTLED},
    {"EC2ThrottledException", ESC_RETRY_THROTTLED},
    {"LimitExceededException", ESC_RETRY_THROTTLED}, /* of IAM and DynamoDB, on what reads */
    {"PriorRequestNotComplete", ESC_RETRY_THROTTLED},
    {"ProvisionedThroughputExceeded*", ESC_RETRY_THROTTLED},
    {"RequestLimitExceeded", ESC_RETRY_THROTTLED},
    {"RequestThrottled*", ESC_RETRY_THROTTLED},
    {"SlowDown", ESC_RETRY_THROTTLED},
    {"Throttl*", ESC_RETRY_THROTTLED},
    {"TooManyRequests*", ESC_RETRY_THROTTLED},
    {"TransactionInProgressException", ESC_RETRY_THROTTLED},

    {"RequestTimeout*", ESC_RETRY_TROUBLED},
    {"Internal*", ESC_RETRY_TROUBLED},
    {"ServiceUnavailable*", ESC_RETRY_TROUBLED},
    {"Unavailable", ESC_RETRY_TROUBLED},
    {"ServiceException", ESC_RETRY_TROUBLED},
    {"OperationAborted", ESC_RETRY_TROUBLED}, /* S3: somebody changes the same thing */

    {"ExpiredToken*", ESC_RETRY_EXPIRED}, /* before page tokens: this is the session's */
    {"RequestExpired", ESC_RETRY_EXPIRED},

    {"InvalidNextToken*", ESC_RETRY_PAGE_TOKEN},
    {"InvalidPaginationToken*", ESC_RETRY_PAGE_TOKEN},
    {"ExpiredNextToken*", ESC_RETRY_PAGE_TOKEN},
    {"PaginationTokenExpired*", ESC_RETRY_PAGE_TOKEN},
    {"InvalidMarker", ESC_RETRY_PAGE_TOKEN},

    {"AccessDenied*", ESC_RETRY_NEVER},
    {"UnauthorizedOperation", ESC_RETRY_NEVER},
    {"AuthFailure", ESC_RETRY_NEVER},
    {"OptInRequired", ESC_RETRY_NEVER},
    {"InvalidClientTokenId", ESC_RETRY_NEVER},
    {"UnrecognizedClient*", ESC_RETRY_NEVER},
    {"InvalidAccessKeyId", ESC_RETRY_NEVER},
    {"SignatureDoesNotMatch", ESC_RETRY_NEVER},
    {"InvalidSignature*", ESC_RETRY_NEVER},
};

enum esc_retry esc_retry_of_fault(const struct esc_aws_fault *fault)
{
    const int status = fault->http_status;
    for (size_t i = 0; *fault->code && i < ESC_COUNT(codes); i++)
        if (aws_code_fits(codes[i].code, fault->code))
            return codes[i].kind;
    if (status == 429)
        return ESC_RETRY_THROTTLED;
    return status == 500 || (status >= 502 && status <= 504) ? ESC_RETRY_TROUBLED : ESC_RETRY_NEVER;
}

enum esc_retry esc_retry_of_status(enum esc_status status)
{
    switch (status) {
    case ESC_THROTTLED:
        return ESC_RETRY_THROTTLED;
    case ESC_UNAVAILABLE: /* no connection, or it broke */
    case ESC_TIMEOUT:
    case ESC_CORRUPT: /* the answer broke off, or somebody on the way gave one */
        return ESC_RETRY_TROUBLED;
    default:
        return ESC_RETRY_NEVER;
    }
}

unsigned esc_retry_attempts(enum esc_retry kind)
{
    if (kind == ESC_RETRY_THROTTLED)
        return 12;
    return kind == ESC_RETRY_TROUBLED ? 3 : 1;
}

/* Of a throttled call the first waits are short: how soon it goes again is for its bucket to say,
 * which was emptied and slowed down for it. They grow long where that does not help. */
const struct esc_backoff *esc_retry_backoff(enum esc_retry kind)
{
    static const struct esc_backoff throttled = {.base_ms = 25, .max_ms = 20 * 1000};
    static const struct esc_backoff troubled = {.base_ms = 200, .max_ms = 5 * 1000};
    return kind == ESC_RETRY_THROTTLED ? &throttled : &troubled;
}
