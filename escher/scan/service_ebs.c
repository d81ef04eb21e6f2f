/* SPDX-License-Identifier: Apache-2.0 */

/* EBS volumes and the account's own snapshots; shared and public ones belong to others. */

#include "escher/base/attr.h"
#include "escher/scan/scan_private.h"

static const struct scan_field volume_fields[] = {
    {"size_gb", "Size"},
    {"volume_type", "VolumeType"},
    {"iops", "Iops"},
    {"throughput_mb_s", "Throughput"},
    {"encrypted", "Encrypted"},
    {"kms_key_id", "KmsKeyId"},
    {"snapshot_id", "SnapshotId"},
    {"availability_zone", "AvailabilityZone"},
    {"attached_to", "Attachments[0].InstanceId"},
    {"device", "Attachments[0].Device"},
    {"delete_on_termination", "Attachments[0].DeleteOnTermination"},
};

static const struct scan_field snapshot_fields[] = {
    {"size_gb", "VolumeSize"}, {"encrypted", "Encrypted"},     {"kms_key_id", "KmsKeyId"},
    {"volume_id", "VolumeId"}, {"description", "Description"}, {"storage_tier", "StorageTier"},
};

static void read_volume(struct scan_page *page, const struct esc_json *item)
{
    struct esc_resource *volume =
        scan_add(page, "ebs_volume", esc_json_str(item, "VolumeId", NULL), NULL, NULL);
    if (!volume)
        return;
    scan_take_fields(volume, item, volume_fields, ESC_COUNT(volume_fields));
    scan_take_tags(volume, item, "Tags");
    scan_name_by_tag(volume);
    scan_set_state(volume, item, "State");
    scan_set_created(volume, item, "CreateTime");
    scan_relate_all(volume, "attached_to", "ec2_instance", item, "Attachments", "InstanceId");
    scan_constrain_volume(volume, item);
}

static void read_snapshot(struct scan_page *page, const struct esc_json *item)
{
    const char *owner = esc_json_str(item, "OwnerId", page->place->account->id);
    if (!esc_text_equal(owner, page->place->account->id))
        return;
    struct esc_resource *snapshot =
        scan_add(page, "ebs_snapshot", esc_json_str(item, "SnapshotId", NULL), NULL, NULL);
    if (!snapshot)
        return;
    scan_take_fields(snapshot, item, snapshot_fields, ESC_COUNT(snapshot_fields));
    scan_take_tags(snapshot, item, "Tags");
    scan_name_by_tag(snapshot);
    scan_set_state(snapshot, item, "State");
    scan_set_created(snapshot, item, "StartTime");
    scan_relate(snapshot, "snapshot_of", "ebs_volume", esc_json_str(item, "VolumeId", NULL));
}

static const struct scan_step steps[] = {
    {
        .operation = "DescribeVolumes",
        .type = "ebs_volume",
        .list = "Volumes",
        .read = read_volume,
    },
    {
        .operation = "DescribeSnapshots",
        .params = "{\"OwnerIds\": [\"self\"]}",
        .type = "ebs_snapshot",
        .list = "Snapshots",
        .read = read_snapshot,
    },
};

const struct esc_scanner scan_service_ebs = {.name = "ebs",
                                             .service = "ec2",
                                             .is_restless = true,
                                             .steps = steps,
                                             .step_count = ESC_COUNT(steps)};
