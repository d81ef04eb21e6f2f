/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/event.h"

#include <stdio.h>

#include "escher/base/json.h"
#include "escher/base/limits.h"
#include "escher/model/account.h"
#include "escher/scan/region_private.h"
#include "escher/scan/scanner.h"

/* Names that events and scanners spell in two ways. */
static const struct {
    const char *said, *service;
} spellings[] = {
    {"elasticloadbalancing", "elbv2"},
    {"monitoring", "cloudwatch"},
    {"tag", "resourcegroupstaggingapi"},
};

/* Events that tell of one scanner's things only, where several share a service. */
static const struct {
    const char *detail_type, *scanner;
} narrower[] = {
    {"EC2 Instance State-change Notification", "ec2"},
    {"EC2 Spot Instance Interruption Warning", "ec2"},
    {"EBS Volume Notification", "ebs"},
    {"EBS Snapshot Notification", "ebs"},
};

/* What else of an instance may be modified, as a member of its own or as the text of `attribute`.
 * @source EC2 API, ModifyInstanceAttribute: parameters, and the valid values of Attribute */
static const char *const other_attributes[] = {
    "blockDeviceMapping",
    "disableApiStop",
    "ebsOptimized",
    "enaSupport",
    "enclaveOptions",
    "groupSet",
    "instanceInitiatedShutdownBehavior",
    "instanceType",
    "kernel",
    "productCodes",
    "ramdisk",
    "rootDeviceName",
    "sourceDestCheck",
    "sriovNetSupport",
    "userData",
};

static bool is_other_attribute(const char *name)
{
    for (size_t i = 0; i < ESC_COUNT(other_attributes); i++)
        if (esc_text_equal(name, other_attributes[i]))
            return true;
    return false;
}

/* Whether all that was asked for is known and none of it is termination protection. */
static bool changes_others_only(const struct esc_json *params)
{
    size_t others = 0;
    void *position = NULL;
    const char *name;
    const struct esc_json *value;
    while (esc_json_next(params, &position, &name, &value)) {
        const bool is_named = esc_text_equal(name, "attribute");
        if (esc_text_equal(name, "instanceId") || esc_text_equal(name, "value"))
            continue; /* `value` belongs to `attribute` */
        if (!is_other_attribute(is_named ? esc_json_str(value, "", "") : name))
            return false;
        others++;
    }
    return others > 0;
}

/* What costs a call for each instance is asked again only after what can change it. A call that was
 * refused has changed nothing, also one that was only tried (DryRun).
 * @source CloudTrail, record contents: errorCode, of EC2 "Client.…" where the request is to blame */
static bool may_change_protection(const struct esc_json *event)
{
    const char *name = esc_json_str(event, "detail.eventName", NULL);
    const struct esc_str code = esc_str_of(esc_json_str(event, "detail.errorCode", ""));
    if (esc_str_starts_with(code, ESC_STR("Client.")))
        return false;
    if (esc_text_equal(name, "ModifyInstanceAttribute"))
        return !changes_others_only(esc_json_get(event, "detail.requestParameters"));
    return esc_text_equal(name, "RunInstances");
}

/* A region may have more instances than are asked at once, so that it matters which one it was. What
 * is too long is no id of an instance.
 * @source CloudTrail, requestParameters of ModifyInstanceAttribute: "instanceId" */
static void read_instance(const struct esc_json *event, struct esc_event_place *out)
{
    const char *id = esc_json_str(event, "detail.requestParameters.instanceId", "");
    if (esc_text_equal(esc_json_str(event, "detail.eventName", NULL), "ModifyInstanceAttribute") &&
        may_change_protection(event) && esc_str_of(id).len < sizeof out->instance_id)
        (void)snprintf(out->instance_id, sizeof out->instance_id, "%s", id);
}

/* @source CloudTrail, eventName: PutBucketPolicy, PutResourcePolicy, AddPermission, … */
static bool tells_of_policy(const struct esc_json *event)
{
    const struct esc_str name = esc_str_of(esc_json_str(event, "detail.eventName", ""));
    return esc_str_contains(name, ESC_STR("Policy")) ||
           esc_str_contains(name, ESC_STR("Permission"));
}

static bool may_touch(const struct esc_json *event, const char *scanner)
{
    return !esc_text_equal(scanner, "protection") || may_change_protection(event);
}

/* A bucket may send one for each object that is written; nothing that is scanned is other then.
 * @source S3 guide, EventBridge event types: "Object Created", "Object Tags Added", … */
static bool is_of_object(const struct esc_json *event, const char *service)
{
    return esc_text_equal(service, "s3") &&
           esc_str_starts_with(esc_str_of(esc_json_str(event, "detail-type", "")),
                               ESC_STR("Object "));
}

static const char *spelled(const char *said)
{
    for (size_t i = 0; i < ESC_COUNT(spellings); i++)
        if (esc_text_equal(said, spellings[i].said))
            return spellings[i].service;
    return said;
}

/* "aws.rds" and "rds.amazonaws.com" are both "rds". */
static bool service_of(const struct esc_json *event, char *out, size_t size)
{
    struct esc_str text = esc_str_of(esc_json_str(event, "detail.eventSource", ""));
    struct esc_str name = {0};
    if (esc_text_equal(esc_json_str(event, "detail-type", ""), "Tag Change on Resource"))
        name = esc_str_of(esc_json_str(event, "detail.service", ""));
    else if (text.len)
        (void)esc_str_next(&text, '.', &name); /* without a dot it is all of it */
    else
        name = esc_str_of(esc_json_str(event, "source", ""));
    if (esc_str_starts_with(name, ESC_STR("aws.")))
        name = esc_str_slice(name, 4, name.len);
    const int length = snprintf(out, size, "%.*s", ESC_STR_ARG(name));
    return length > 0 && (size_t)length < size;
}

static void add_scanners(const struct esc_json *event, const char *service,
                         struct esc_event_place *out)
{
    const char *detail_type = esc_json_str(event, "detail-type", "");
    const char *only = NULL;
    for (size_t i = 0; i < ESC_COUNT(narrower); i++)
        if (esc_text_equal(detail_type, narrower[i].detail_type))
            only = narrower[i].scanner;
    for (size_t i = 0; i < esc_scanner_count() && out->scanner_count < ESC_EVENT_SCANNERS; i++) {
        const struct esc_scanner *scanner = esc_scanner_at(i);
        const bool same_service = esc_text_equal(scanner->service, spelled(service)) ||
                                  esc_text_equal(scanner->service, service);
        if (same_service && (!only || esc_text_equal(scanner->name, only)) &&
            may_touch(event, scanner->name))
            out->scanners[out->scanner_count++] = scanner->name;
    }
}

/* What each event has, whoever sent it. */
static bool is_event(const struct esc_json *event)
{
    return *esc_json_str(event, "source", "") && *esc_json_str(event, "detail-type", "") &&
           esc_account_id_is_valid(esc_str_of(esc_json_str(event, "account", ""))) &&
           scan_is_region(esc_str_of(esc_json_str(event, "region", "")));
}

enum esc_event_kind esc_event_read(struct esc_str message, struct esc_event_place *out)
{
    static const struct esc_json_limits limits = {ESC_EVENT_MESSAGE, ESC_MAX_JSON_DEPTH};
    char service[64];
    ESC_CLEANUP(esc_json_freep) struct esc_json *event = NULL;
    *out = (struct esc_event_place){.scanner_count = 0};
    if (message.len > ESC_EVENT_MESSAGE ||
        esc_json_parse(message, &limits, &event, NULL) != ESC_OK || !is_event(event))
        return ESC_EVENT_NONE;
    if (!service_of(event, service, sizeof service) || is_of_object(event, service))
        return ESC_EVENT_ELSEWHERE;
    (void)snprintf(out->account_id, sizeof out->account_id, "%s",
                   esc_json_str(event, "account", ""));
    (void)snprintf(out->region, sizeof out->region, "%s", esc_json_str(event, "region", ""));
    add_scanners(event, service, out);
    read_instance(event, out);
    out->tells_of_policy = tells_of_policy(event);
    return out->scanner_count > 0 ? ESC_EVENT_PLACE : ESC_EVENT_ELSEWHERE;
}
