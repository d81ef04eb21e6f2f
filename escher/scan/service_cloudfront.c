/* SPDX-License-Identifier: Apache-2.0 */

/*
 * CloudFront distributions, once per account. Headers that a distribution adds for its origins
 * often hold a shared secret; they stay out because no field names them.
 */

#include "escher/base/alloc.h"
#include "escher/scan/scan_private.h"

static const struct scan_field fields[] = {
    {"domain_name", "DomainName"},
    {"aliases", "Aliases.Items"},
    {"enabled", "Enabled"},
    {"comment", "Comment"},
    {"price_class", "PriceClass"},
    {"http_version", "HttpVersion"},
    {"viewer_protocol", "DefaultCacheBehavior.ViewerProtocolPolicy"},
    {"minimum_tls", "ViewerCertificate.MinimumProtocolVersion"},
    {"certificate", "ViewerCertificate.ACMCertificateArn"},
    {"web_acl", "WebACLId"},
};

/* "BUCKET.s3.REGION.amazonaws.com" names a bucket and its region; older names leave the region
 * out, and then which bucket it is cannot be told. */
static void relate_origin(struct esc_resource *distribution, const char *host)
{
    const struct esc_str name = esc_str_of(host), mark = ESC_STR(".s3.");
    const size_t at = esc_str_find(name, mark, 0);
    struct esc_str rest, region;
    if (at == SIZE_MAX)
        return;
    rest = esc_str_slice(name, at + mark.len, name.len);
    if (!esc_str_next(&rest, '.', &region) || esc_str_is(region, "amazonaws"))
        return;
    ESC_CLEANUP(esc_freep) char *bucket = esc_str_dup(esc_str_slice(name, 0, at));
    ESC_CLEANUP(esc_freep) char *place = esc_str_dup(region);
    ESC_CLEANUP(esc_freep)
    char *target = esc_resource_key(distribution->account_id, place, "s3_bucket", bucket);
    esc_resource_relate(distribution, "origin", target);
}

static void read_origins(struct esc_resource *distribution, const struct esc_json *origins)
{
    struct esc_json *hosts = esc_json_array();
    for (size_t i = 0; i < esc_json_len(origins); i++) {
        const char *host = esc_json_str(esc_json_at(origins, i), "DomainName", "");
        if (!*host)
            continue;
        esc_json_push_text(hosts, host);
        relate_origin(distribution, host);
    }
    if (esc_json_len(hosts) > 0)
        esc_json_set(distribution->metadata, "origins", hosts);
    else
        esc_json_free(hosts);
}

static void read_distribution(struct scan_page *page, const struct esc_json *item)
{
    struct esc_resource *distribution =
        scan_add(page, "cloudfront_distribution", esc_json_str(item, "Id", NULL),
                 esc_json_str(item, "ARN", NULL), NULL);
    if (!distribution)
        return;
    scan_locate(distribution, SCAN_GLOBAL);
    scan_set_name(distribution, esc_json_str(item, "DomainName", NULL));
    scan_set_name(distribution, esc_json_str(item, "Aliases.Items[0]", NULL)); /* people's name */
    scan_take_fields(distribution, item, fields, ESC_COUNT(fields));
    scan_take_time(distribution, item, "last_modified", "LastModifiedTime");
    scan_set_state(distribution, item, "Status");
    read_origins(distribution, esc_json_get(item, "Origins.Items"));
    if (esc_json_flag(item, "Enabled", false))
        scan_constrain(distribution, ESC_CAN_DELETE, ESC_NO, "Enabled",
                       "it must be disabled first");
    else if (esc_json_member(item, "Enabled"))
        scan_say(distribution, ESC_CAN_DELETE, ESC_YES);
}

/* Without distributions the list has no items, or there is no list at all. */
static void read_distributions(struct scan_page *page, const struct esc_json *answer)
{
    const struct esc_json *list = esc_json_member(answer, "DistributionList");
    const struct esc_json *items = esc_json_member(list, "Items");
    if (list && !esc_json_is(list, ESC_JSON_OBJECT))
        page->unread_count++;
    for (size_t i = 0; i < esc_json_len(items); i++)
        read_distribution(page, esc_json_at(items, i));
}

static const struct scan_step steps[] = {
    {
        .operation = "ListDistributions",
        .type = "cloudfront_distribution",
        .read = read_distributions,
        .tags_elsewhere = true,
    },
};

const struct esc_scanner scan_service_cloudfront = {.name = "cloudfront",
                                                    .service = "cloudfront",
                                                    .global = true,
                                                    .needs_tags = true,
                                                    .steps = steps,
                                                    .step_count = ESC_COUNT(steps)};
