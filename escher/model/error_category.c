/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/model/error_category.h"

#include "escher/base/assert.h"

#define ROW(name, text, status, retry) {text, ESC_##status, retry},
static const struct {
    const char *text;
    enum esc_status status;
    bool may_retry;
} categories[] = {ESC_ERROR_CATEGORY_LIST(ROW)};
#undef ROW
static_assert(ESC_COUNT(categories) == ESC_CATEGORY_COUNT, "one row per category");

const char *esc_error_category_text(enum esc_error_category category)
{
    ESC_ASSERT(category < ESC_CATEGORY_COUNT);
    return categories[category].text;
}

enum esc_error_category esc_error_category_of_text(struct esc_str text)
{
    enum esc_error_category category = 0;
    while (category < ESC_CATEGORY_COUNT && !esc_str_is(text, categories[category].text))
        category++;
    return category;
}

enum esc_error_category esc_error_category_of_status(enum esc_status status)
{
    return esc_error_category_of_text(esc_str_of(esc_status_category(status)));
}

enum esc_status esc_error_category_status(enum esc_error_category category)
{
    ESC_ASSERT(category < ESC_CATEGORY_COUNT);
    return categories[category].status;
}

bool esc_error_category_may_retry(enum esc_error_category category)
{
    ESC_ASSERT(category < ESC_CATEGORY_COUNT);
    return categories[category].may_retry;
}

/*
 * Error codes of the AWS services we call, as they stand in "An error occurred (CODE)". Exact
 * codes first; after them endings and beginnings, which name whole families, in this order.
 */
enum match {
    WHOLE,
    BEGINS,
    ENDS,
    CONTAINS,
};

static const struct {
    enum match match;
    enum esc_error_category category;
    const char *part;
} codes[] = {
    {WHOLE, ESC_CATEGORY_THROTTLE, "RequestLimitExceeded"},
    {WHOLE, ESC_CATEGORY_THROTTLE, "RequestThrottled"},
    {WHOLE, ESC_CATEGORY_THROTTLE, "TooManyRequestsException"},
    {WHOLE, ESC_CATEGORY_THROTTLE, "SlowDown"},
    {WHOLE, ESC_CATEGORY_THROTTLE, "PriorRequestNotComplete"},
    {WHOLE, ESC_CATEGORY_THROTTLE, "BandwidthLimitExceeded"},
    {WHOLE, ESC_CATEGORY_TIMEOUT, "RequestTimeout"},
    {WHOLE, ESC_CATEGORY_TIMEOUT, "RequestTimeoutException"},
    {WHOLE, ESC_CATEGORY_AUTH, "AuthFailure"},
    {WHOLE, ESC_CATEGORY_AUTH, "ExpiredToken"},
    {WHOLE, ESC_CATEGORY_AUTH, "ExpiredTokenException"},
    {WHOLE, ESC_CATEGORY_AUTH, "RequestExpired"},
    {WHOLE, ESC_CATEGORY_AUTH, "InvalidClientTokenId"},
    {WHOLE, ESC_CATEGORY_AUTH, "InvalidAccessKeyId"},
    {WHOLE, ESC_CATEGORY_AUTH, "InvalidToken"},
    {WHOLE, ESC_CATEGORY_AUTH, "IncompleteSignature"},
    {WHOLE, ESC_CATEGORY_AUTH, "MissingAuthenticationToken"},
    {WHOLE, ESC_CATEGORY_AUTH, "MissingAuthenticationTokenException"},
    {WHOLE, ESC_CATEGORY_AUTH, "SignatureDoesNotMatch"},
    {WHOLE, ESC_CATEGORY_AUTH, "InvalidSignatureException"},
    {WHOLE, ESC_CATEGORY_AUTH, "UnrecognizedClientException"},
    {WHOLE, ESC_CATEGORY_PERMISSION, "OptInRequired"}, /* of the service, not of the region */
    {WHOLE, ESC_CATEGORY_PERMISSION, "NotSignedUp"},
    {WHOLE, ESC_CATEGORY_PERMISSION, "SubscriptionRequiredException"},
    {WHOLE, ESC_CATEGORY_PERMISSION, "UnauthorizedOperation"},
    {WHOLE, ESC_CATEGORY_PERMISSION, "UnauthorizedException"},
    {WHOLE, ESC_CATEGORY_PERMISSION, "AllAccessDisabled"},
    {WHOLE, ESC_CATEGORY_PERMISSION, "403"}, /* S3 answers HEAD requests without a code */
    {WHOLE, ESC_CATEGORY_NOT_FOUND, "404"},
    {WHOLE, ESC_CATEGORY_VALIDATION, "400"},
    {WHOLE, ESC_CATEGORY_CONFLICT_STATE, "ResourceConflictException"},
    {WHOLE, ESC_CATEGORY_CONFLICT_STATE, "DependencyViolation"},
    {WHOLE, ESC_CATEGORY_CONFLICT_STATE, "VolumeInUse"},
    {WHOLE, ESC_CATEGORY_CONFLICT_STATE, "ResourceInUse"},
    {WHOLE, ESC_CATEGORY_CONFLICT_STATE, "ResourceInUseException"},
    {WHOLE, ESC_CATEGORY_CONFLICT_STATE, "IncorrectState"},
    {WHOLE, ESC_CATEGORY_CONFLICT_STATE, "OperationNotPermitted"},
    {WHOLE, ESC_CATEGORY_CONFLICT_STATE, "OperationAborted"},
    {WHOLE, ESC_CATEGORY_CONFLICT_STATE, "BucketNotEmpty"},
    {WHOLE, ESC_CATEGORY_CONFLICT_STATE, "PreconditionFailedException"},
    {WHOLE, ESC_CATEGORY_QUOTA, "LimitExceededException"},
    {WHOLE, ESC_CATEGORY_QUOTA, "InsufficientInstanceCapacity"},
    {WHOLE, ESC_CATEGORY_QUOTA, "CodeStorageExceededException"},
    {WHOLE, ESC_CATEGORY_SERVICE, "InternalError"},
    {WHOLE, ESC_CATEGORY_SERVICE, "InternalFailure"},
    {WHOLE, ESC_CATEGORY_SERVICE, "ServiceException"},
    {WHOLE, ESC_CATEGORY_SERVICE, "ServiceUnavailable"},
    {WHOLE, ESC_CATEGORY_SERVICE, "Unavailable"},
    {WHOLE, ESC_CATEGORY_SERVICE, "500"},
    {WHOLE, ESC_CATEGORY_SERVICE, "502"},
    {WHOLE, ESC_CATEGORY_SERVICE, "503"},
    {WHOLE, ESC_CATEGORY_SERVICE, "504"},
    {BEGINS, ESC_CATEGORY_THROTTLE, "Throttl"},
    {CONTAINS, ESC_CATEGORY_THROTTLE, "Throttled"},
    {BEGINS, ESC_CATEGORY_PERMISSION, "AccessDenied"},
    {CONTAINS, ESC_CATEGORY_NOT_FOUND, "NotFound"},
    {BEGINS, ESC_CATEGORY_NOT_FOUND, "NoSuch"},
    {CONTAINS, ESC_CATEGORY_NOT_FOUND, "NonExistent"}, /* AWS.SimpleQueueService.NonExistentQueue */
    {ENDS, ESC_CATEGORY_NOT_FOUND, "DoesNotExist"},
    {ENDS, ESC_CATEGORY_CONFLICT_STATE, "State"},
    {ENDS, ESC_CATEGORY_CONFLICT_STATE, "StateFault"},
    {ENDS, ESC_CATEGORY_CONFLICT_STATE, "AlreadyExists"},
    {ENDS, ESC_CATEGORY_CONFLICT_STATE, "AlreadyExistsFault"},
    {ENDS, ESC_CATEGORY_CONFLICT_STATE, "InUse"},
    {ENDS, ESC_CATEGORY_QUOTA, "QuotaExceeded"},
    {ENDS, ESC_CATEGORY_QUOTA, "QuotaExceededFault"},
    {ENDS, ESC_CATEGORY_QUOTA, "LimitExceeded"},
    {BEGINS, ESC_CATEGORY_VALIDATION, "Invalid"},
    {BEGINS, ESC_CATEGORY_VALIDATION, "Malformed"},
    {BEGINS, ESC_CATEGORY_VALIDATION, "Missing"},
    {BEGINS, ESC_CATEGORY_VALIDATION, "Validation"},
    {BEGINS, ESC_CATEGORY_VALIDATION, "Unsupported"},
    {BEGINS, ESC_CATEGORY_VALIDATION, "Unknown"},
};

static bool matches(struct esc_str code, enum match match, const char *part)
{
    switch (match) {
    case WHOLE:
        return esc_str_is(code, part);
    case BEGINS:
        return esc_str_starts_with(code, esc_str_of(part));
    case ENDS:
        return esc_str_ends_with(code, esc_str_of(part));
    case CONTAINS:
        break;
    }
    return esc_str_contains(code, esc_str_of(part));
}

enum esc_error_category esc_error_category_of_code(struct esc_str code)
{
    for (size_t i = 0; i < ESC_COUNT(codes); i++)
        if (matches(code, codes[i].match, codes[i].part))
            return codes[i].category;
    return ESC_CATEGORY_UNKNOWN;
}

enum esc_status esc_error_category_from_json(const struct esc_json *json,
                                             enum esc_error_category *out, struct esc_error *err)
{
    const enum esc_error_category category = esc_error_category_of_text(esc_json_value(json));
    if (category == ESC_CATEGORY_COUNT)
        return esc_fail(err, ESC_INVALID, "no such error category");
    *out = category;
    return ESC_OK;
}

struct esc_json *esc_error_category_to_json(enum esc_error_category category)
{
    return esc_json_text(esc_error_category_text(category));
}
