/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/iam/rcp_cover.h"

#include <stddef.h>
#include <stdint.h>

/* clang-format off */
static const char *const services[] = {
    "aoss", "appconfig", "appstream", "autoscaling", "autoscaling-plans", "budgets",
    "clouddirectory", "cloudfront", "cloudsearch", "cloudtrail-data", "codeartifact", "codebuild",
    "codecommit", "codepipeline", "cognito-identity", "cognito-idp", "comprehend",
    "comprehendmedical", "compute-optimizer", "cost-optimization-hub", "dax", "dsql", "dynamodb",
    "ecr", "ecr-public", "events", "firehose", "fis", "fms", "gamelift", "health",
    "inspector-scan", "kendra", "kinesisvideo", "kms", "logs", "memorydb", "networkmonitor",
    "notifications", "opensearch", "pca-connector-ad", "personalize", "polly", "pricing",
    "resource-groups", "rolesanywhere", "s3", "secretsmanager", "servicediscovery", "signin",
    "sqs", "sts", "support", "swf", "textract", "timestream-influxdb", "transcribe", "transfer",
    "translate", "wafv2", "workspaces", "xray",
};
/* clang-format on */

bool esc_iam_rcp_covers(struct esc_str action)
{
    const size_t colon = esc_str_find(action, ESC_STR(":"), 0);
    const struct esc_str service = esc_str_slice(action, 0, colon);
    if (esc_str_equal_nocase(action, ESC_STR("kms:RetireGrant")))
        return false;
    for (size_t i = 0; colon != SIZE_MAX && i < ESC_COUNT(services); i++)
        if (esc_str_equal_nocase(service, esc_str_of(services[i])))
            return true;
    return false;
}
