/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/scanner.h"

#include "escher/base/assert.h"
#include "escher/base/limits.h"
#include "escher/scan/scan_private.h"

/* In the order in which a place is asked: what people ask for most comes first. */
static const struct esc_scanner *const scanners[] = {
    &scan_service_rds,        &scan_service_ec2,         &scan_service_ebs,
    &scan_service_vpc,        &scan_service_s3,          &scan_service_lambda,
    &scan_service_elb,        &scan_service_classic_elb, &scan_service_autoscaling,
    &scan_service_network,    &scan_service_ecs,         &scan_service_eks,
    &scan_service_dynamodb,   &scan_service_elasticache, &scan_service_sqs,
    &scan_service_sns,        &scan_service_cloudwatch,  &scan_service_secrets,
    &scan_service_route53,    &scan_service_cloudfront,  &scan_service_iam,
    &scan_service_protection, &scan_service_tags,
};

size_t esc_scanner_count(void)
{
    return ESC_COUNT(scanners);
}

const struct esc_scanner *esc_scanner_at(size_t index)
{
    ESC_ASSERT(index < ESC_COUNT(scanners));
    return scanners[index];
}

const struct esc_scanner *esc_scanner_find(struct esc_str name)
{
    for (size_t i = 0; i < ESC_COUNT(scanners); i++)
        if (esc_str_is(name, scanners[i]->name))
            return scanners[i];
    return NULL;
}

enum esc_status esc_scanner_named(const char *name, const struct esc_scanner **out,
                                  struct esc_error *err)
{
    *out = esc_scanner_find(esc_str_of(name));
    if (*out)
        return ESC_OK;
    struct esc_buf names;
    esc_buf_init(&names, ESC_MAX_LINE);
    for (size_t i = 0; i < ESC_COUNT(scanners); i++)
        esc_buf_printf(&names, "%s%s", i ? ", " : "", scanners[i]->name);
    const enum esc_status status = esc_fail(
        err, ESC_INVALID, "no service is called `%s`; there are %s", name, esc_buf_text(&names));
    esc_buf_done(&names);
    return status;
}

const char *esc_scanner_operation(const struct esc_scanner *scanner, size_t index)
{
    return index < scanner->step_count ? scanner->steps[index].operation : NULL;
}

const struct esc_scanner *esc_scanner_of_operation(const char *service, const char *operation)
{
    for (size_t i = 0; i < ESC_COUNT(scanners); i++)
        for (size_t j = 0; j < scanners[i]->step_count; j++)
            if (esc_text_equal(scanners[i]->service, service) &&
                esc_text_equal(scanners[i]->steps[j].operation, operation))
                return scanners[i];
    return NULL;
}

const struct esc_scanner *esc_scanner_of_type(const char *resource_type)
{
    for (size_t i = 0; i < ESC_COUNT(scanners); i++)
        for (size_t j = 0; j < scanners[i]->step_count; j++)
            if (esc_text_equal(scanners[i]->steps[j].type, resource_type))
                return scanners[i];
    return NULL;
}

const struct scan_step *scan_step_find(const char *service, const char *operation)
{
    for (size_t i = 0; i < ESC_COUNT(scanners); i++)
        for (size_t j = 0; j < scanners[i]->step_count; j++)
            if (esc_text_equal(scanners[i]->service, service) &&
                esc_text_equal(scanners[i]->steps[j].operation, operation))
                return &scanners[i]->steps[j];
    return NULL;
}

bool scan_tags_are_elsewhere(const char *resource_type)
{
    const struct esc_scanner *scanner = esc_scanner_of_type(resource_type);
    for (size_t i = 0; scanner && i < scanner->step_count; i++)
        if (esc_text_equal(scanner->steps[i].type, resource_type))
            return scanner->steps[i].tags_elsewhere;
    return false;
}
