/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Tags of types whose own answers carry none, from the tagging service: one call per region in
 * place of one per function and bucket. merge.c gives them to their resources.
 */

#include "escher/base/attr.h"
#include "escher/scan/scan_private.h"

static void read_mapping(struct scan_page *page, const struct esc_json *item)
{
    const struct esc_str arn = esc_str_of(esc_json_str(item, "ResourceARN", ""));
    if (arn.len == 0)
        page->unread_count++;
    else if (page->tags)
        esc_map_set(page->tags, arn, scan_tag_object(esc_json_member(item, "Tags")));
}

static const struct scan_step steps[] = {
    {
        .operation = "GetResources",
        .params = "{\"ResourceTypeFilters\": [\"cloudfront:distribution\", \"cloudwatch:alarm\","
                  " \"dynamodb:table\", \"elasticache:cluster\", \"elasticache:replicationgroup\","
                  " \"elasticloadbalancing:loadbalancer\", \"lambda:function\","
                  " \"route53:hostedzone\", \"s3\", \"sns\", \"sqs\"]}",
        .list = "ResourceTagMappingList",
        .read = read_mapping,
        .gives_tags = true,
    },
};

const struct esc_scanner scan_service_tags = {.name = "tags",
                                              .service = "resourcegroupstaggingapi",
                                              .steps = steps,
                                              .step_count = ESC_COUNT(steps)};
