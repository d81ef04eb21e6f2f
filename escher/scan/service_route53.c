/* SPDX-License-Identifier: Apache-2.0 */

/* Route 53 hosted zones, once per account: DNS has no regions. Records are not read. */

#include "escher/base/alloc.h"
#include "escher/scan/scan_private.h"

static const struct scan_field fields[] = {
    {"record_count", "ResourceRecordSetCount"},
    {"private", "Config.PrivateZone"},
    {"comment", "Config.Comment"},
    {"owned_by", "LinkedService.ServicePrincipal"},
};

/* Every zone has its NS and SOA records, which go with it. */
enum {
    OWN_RECORDS = 2
};

static void constrain(struct esc_resource *zone, const struct esc_json *item)
{
    const int64_t records = esc_json_num(item, "ResourceRecordSetCount", -1);
    const char *owner = esc_json_str(item, "LinkedService.ServicePrincipal", NULL);
    if (owner)
        scan_constrain(zone, ESC_CAN_DELETE, ESC_NO, "LinkedService", "it belongs to %s", owner);
    else if (records > OWN_RECORDS)
        scan_constrain(zone, ESC_CAN_DELETE, ESC_NO, "ResourceRecordSetCount",
                       "it has %lld records besides its own two",
                       (long long)(records - OWN_RECORDS));
    else if (records >= 0)
        scan_say(zone, ESC_CAN_DELETE, ESC_YES);
}

static void read_zone(struct scan_page *page, const struct esc_json *item)
{
    const char *id = scan_last_piece(esc_json_str(item, "Id", NULL), '/'); /* "/hostedzone/Z1" */
    struct esc_resource *zone = scan_add(page, "hosted_zone", id, NULL, NULL);
    if (!zone)
        return;
    struct esc_str name = esc_str_of(esc_json_str(item, "Name", ""));
    if (esc_str_ends_with(name, ESC_STR(".")))
        name.len--;
    ESC_CLEANUP(esc_freep) char *domain = esc_str_dup(name);
    scan_locate(zone, SCAN_GLOBAL);
    scan_set_name(zone, domain);
    scan_take_fields(zone, item, fields, ESC_COUNT(fields));
    constrain(zone, item);
}

static const struct scan_step steps[] = {
    {
        .operation = "ListHostedZones",
        .type = "hosted_zone",
        .list = "HostedZones",
        .read = read_zone,
        .tags_elsewhere = true,
    },
};

const struct esc_scanner scan_service_route53 = {.name = "route53",
                                                 .service = "route53",
                                                 .global = true,
                                                 .needs_tags = true,
                                                 .steps = steps,
                                                 .step_count = ESC_COUNT(steps)};
