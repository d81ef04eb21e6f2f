/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/s3_private.h"
#include "escher/base/alloc.h"
#include "escher/base/num.h"

/* Three questions to a bucket, one after the other; one that may not be asked stays open. */

struct protection {
    struct esc_s3_call call;
    char *prefix;
    unsigned question;
    struct esc_s3_protection found;
    esc_s3_protection_fn *done;
    void *context;
};

static void read_versioning(struct protection *at, const struct esc_xml *xml)
{
    bool enabled = esc_text_equal(esc_xml_str(xml, "Status", ""), "Enabled");
    at->found.versions = enabled ? ESC_S3_YES : ESC_S3_NO;
}

/* Whether a rule is about every object below the prefix: with nothing but a prefix, or less. */
static bool applies(const struct esc_xml *rule, const char *prefix)
{
    const struct esc_xml *filter = esc_xml_child(rule, "Filter");
    const char *of_rule =
        esc_xml_str(filter, "Prefix", esc_xml_str(rule, "Prefix", "")); /* without Filter: old */
    for (const struct esc_xml *at = filter ? esc_xml_first(filter) : NULL; at;
         at = esc_xml_next(at))
        if (!esc_text_equal(esc_xml_name(at), "Prefix"))
            return false;
    return esc_text_equal(esc_xml_str(rule, "Status", ""), "Enabled") &&
           esc_str_starts_with(esc_str_of(prefix), esc_str_of(of_rule));
}

static void read_lifecycle(struct protection *at, const struct esc_xml *xml)
{
    struct esc_s3_protection *found = &at->found;
    uint64_t days;
    found->expires = ESC_S3_NO;
    found->aborts = ESC_S3_NO;
    for (const struct esc_xml *rule = xml ? esc_xml_first(xml) : NULL; rule;
         rule = esc_xml_next(rule)) {
        if (!esc_text_equal(esc_xml_name(rule), "Rule") || !applies(rule, at->prefix))
            continue;
        if (esc_xml_get(rule, "AbortIncompleteMultipartUpload.DaysAfterInitiation"))
            found->aborts = ESC_S3_YES;
        if (!esc_num_u64(esc_str_of(esc_xml_str(rule, "Expiration.Days", "")), &days))
            continue;
        if (found->expires == ESC_S3_NO || days < found->expires_days)
            found->expires_days = days;
        found->expires = ESC_S3_YES;
    }
}

static void read_lock(struct protection *at, const struct esc_xml *xml)
{
    const struct esc_xml *kept = esc_xml_get(xml, "Rule.DefaultRetention");
    uint64_t days = 0, years = 0;
    (void)esc_num_u64(esc_str_of(esc_xml_str(kept, "Days", "")), &days);
    (void)esc_num_u64(esc_str_of(esc_xml_str(kept, "Years", "")), &years);
    at->found.locked = days || years ? ESC_S3_YES : ESC_S3_NO;
    at->found.lock_days = days + 365 * (years < 1000 ? years : 1000);
    at->found.lock_is_governance = esc_text_equal(esc_xml_str(kept, "Mode", ""), "GOVERNANCE");
}

static const struct {
    const char *query;
    void (*read)(struct protection *at, const struct esc_xml *xml); /* NULL: nothing is set */
} questions[] = {
    {"versioning=", read_versioning},
    {"lifecycle=", read_lifecycle},
    {"object-lock=", read_lock},
};

static void ask(struct esc_s3_call *op);

static void answered(struct esc_s3_call *op, const struct s3_answer *answer,
                     const struct esc_error *failure)
{
    struct protection *at = (struct protection *)op;
    bool no_bucket = answer->fault && esc_text_equal(answer->fault->code, "NoSuchBucket");
    bool nothing_set = failure && failure->status == ESC_NOT_FOUND && !no_bucket;
    bool may_not = answer->fault && esc_text_equal(answer->fault->code, "AccessDenied");
    if (failure && !nothing_set && !may_not) {
        s3_end(op, failure);
        return;
    }
    if (!may_not)
        questions[at->question].read(at, failure ? NULL : answer->xml);
    if (++at->question < ESC_COUNT(questions))
        ask(op);
    else
        s3_end(op, NULL);
}

static void ask(struct esc_s3_call *op)
{
    const char *query = questions[((struct protection *)op)->question].query;
    s3_send(op, &(struct s3_request){.method = "GET", .query = query}, answered);
}

static void finish(struct esc_s3_call *op, const struct esc_error *failure)
{
    struct protection *at = (struct protection *)op;
    at->done(at->context, failure ? NULL : &at->found, failure);
    free(at->prefix);
}

struct esc_s3_call *esc_s3_protection(struct esc_aws *aws, const struct esc_s3_bucket *bucket,
                                      const char *prefix, esc_s3_protection_fn *done, void *context)
{
    static const struct s3_kind kind = {.first = ask, .finish = finish};
    struct protection *at = esc_alloc_zero(sizeof *at);
    s3_begin(&at->call, &kind, aws, bucket);
    at->prefix = esc_strdup(prefix);
    at->done = done;
    at->context = context;
    return &at->call;
}
