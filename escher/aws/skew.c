/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/aws_private.h"
#include "escher/base/alloc.h"

/*
 * How far our clock is from a service's. The cloud's own services have one clock between them;
 * whatever answers at another endpoint has one for itself, and what it says of the time counts
 * there alone: it may be anybody's, in clear, and signatures and the end of keys depend on it.
 */

enum {
    WORTH_MS = 60 * 1000,                     /* less is not what a signature fails for */
    MOST_MS = 24 * 60 * 60 * 1000 + WORTH_MS, /* more is no skew, but a clock that was never set */
    MOST_ENDPOINTS = 32,
};

struct skew {
    char *endpoint_url;
    int64_t skew_ms;
};

static void free_skew(struct skew *skew)
{
    free(skew->endpoint_url);
    free(skew);
}

static struct skew *find(const struct esc_aws *aws, const char *endpoint_url)
{
    for (size_t i = 0; i < aws->skews.count; i++)
        if (esc_text_equal(((struct skew *)aws->skews.items[i])->endpoint_url, endpoint_url))
            return aws->skews.items[i];
    return NULL;
}

static int64_t skew_at(const struct esc_aws *aws, const char *endpoint_url)
{
    const struct skew *skew = endpoint_url ? find(aws, endpoint_url) : NULL;
    return skew ? skew->skew_ms : endpoint_url ? 0 : aws->skew_ms;
}

static void set(struct esc_aws *aws, const char *endpoint_url, int64_t skew_ms)
{
    struct skew *skew = endpoint_url ? find(aws, endpoint_url) : NULL;
    if (!endpoint_url) {
        aws->skew_ms = skew_ms;
        return;
    }
    if (!skew) {
        if (aws->skews.count == MOST_ENDPOINTS)
            free_skew(esc_list_remove(&aws->skews, 0)); /* the oldest */
        skew = esc_alloc_zero(sizeof *skew);
        skew->endpoint_url = esc_strdup(endpoint_url);
        esc_list_push(&aws->skews, skew);
    }
    skew->skew_ms = skew_ms;
}

uint64_t esc_aws_now_at_ms(const struct esc_aws *aws, const char *endpoint_url)
{
    return esc_clock_wall_ms(aws->clock) + (uint64_t)skew_at(aws, endpoint_url);
}

uint64_t esc_aws_now_ms(const struct esc_aws *aws)
{
    return esc_aws_now_at_ms(aws, NULL);
}

bool aws_skew_learn(struct esc_aws *aws, const char *endpoint_url,
                    const struct esc_http_response *response, const struct esc_aws_fault *fault)
{
    static const char *const suspects[] = {"RequestTimeTooSkewed", "SignatureDoesNotMatch",
                                           "InvalidSignature*", "RequestExpired", "AuthFailure"};
    uint64_t theirs_ms = 0;
    bool suspect = false;
    for (size_t i = 0; i < ESC_COUNT(suspects); i++)
        suspect = suspect || aws_code_fits(suspects[i], fault->code);
    if (!suspect || !aws_parse_http_date(esc_http_response_header(response, "Date"), &theirs_ms))
        return false;
    const int64_t skew_ms = (int64_t)(theirs_ms - esc_clock_wall_ms(aws->clock));
    const int64_t change_ms = skew_ms - skew_at(aws, endpoint_url);
    if ((change_ms > -WORTH_MS && change_ms < WORTH_MS) || skew_ms > MOST_MS || skew_ms < -MOST_MS)
        return false;
    set(aws, endpoint_url, skew_ms);
    return true;
}

void aws_skews_drop(struct esc_aws *aws)
{
    while (aws->skews.count)
        free_skew(esc_list_remove(&aws->skews, 0));
    esc_list_done(&aws->skews);
}
