/* SPDX-License-Identifier: Apache-2.0 */

/*
 * DynamoDB tables: names, a description each, and whether they can be set back in time. How much
 * is in one is counted anew every six hours, so it is not taken over.
 */

#include "escher/base/alloc.h"
#include "escher/scan/scan_private.h"

static const struct scan_field fields[] = {
    {"read_capacity", "ProvisionedThroughput.ReadCapacityUnits"},
    {"write_capacity", "ProvisionedThroughput.WriteCapacityUnits"},
    {"table_class", "TableClassSummary.TableClass"},
    {"encryption", "SSEDescription.SSEType"},
    {"kms_key_id", "SSEDescription.KMSMasterKeyArn"},
    {"stream", "StreamSpecification.StreamViewType"},
    {"deletion_protection", "DeletionProtectionEnabled"},
};

static void list_table(struct scan_page *page, const struct esc_json *item)
{
    (void)scan_add(page, "dynamodb_table", esc_json_str(item, "", NULL), NULL, NULL);
}

static struct esc_json *name_table(struct esc_resource *const *batch, size_t count)
{
    (void)count; /* one at a time */
    struct esc_json *params = esc_json_object();
    esc_json_set_text(params, "TableName", batch[0]->identifier);
    return params;
}

/* A table is written with provisioned capacity unless it says otherwise. */
static void read_billing(struct esc_resource *table, const struct esc_json *item)
{
    esc_json_set_text(table->metadata, "billing_mode",
                      esc_json_str(item, "BillingModeSummary.BillingMode", "PROVISIONED"));
    esc_json_set_int(table->metadata, "index_count",
                     (int64_t)(esc_json_len(esc_json_member(item, "GlobalSecondaryIndexes")) +
                               esc_json_len(esc_json_member(item, "LocalSecondaryIndexes"))));
}

static void relate_replicas(struct esc_resource *table, const struct esc_json *replicas)
{
    struct esc_json *regions = esc_json_array();
    for (size_t i = 0; i < esc_json_len(replicas); i++) {
        const char *region = esc_json_str(esc_json_at(replicas, i), "RegionName", "");
        if (!*region || esc_text_equal(region, table->region))
            continue;
        ESC_CLEANUP(esc_freep)
        char *target =
            esc_resource_key(table->account_id, region, "dynamodb_table", table->identifier);
        esc_resource_relate(table, "has_replica", target);
        esc_json_push_text(regions, region);
    }
    if (esc_json_len(regions) > 0)
        esc_json_set(table->metadata, "replica_regions", regions);
    else
        esc_json_free(regions);
}

static void constrain(struct esc_resource *table, const struct esc_json *item)
{
    scan_constrain_protection(table, item, "DeletionProtectionEnabled");
    if (table->constraints.is_protected == ESC_YES)
        return;
    if (esc_text_equal(table->state, "ACTIVE"))
        scan_say(table, ESC_CAN_DELETE, ESC_YES);
    else
        scan_constrain(table, ESC_CAN_DELETE, ESC_NO, "TableStatus", "it is %s",
                       table->state ? table->state : "in an unknown state");
}

static void read_table(struct scan_page *page, const struct esc_json *answer)
{
    const struct esc_json *item = esc_json_member(answer, "Table");
    struct esc_resource *table = page->of;
    if (!esc_json_is(item, ESC_JSON_OBJECT)) {
        page->unread_count++;
        return;
    }
    scan_take_fields(table, item, fields, ESC_COUNT(fields));
    read_billing(table, item);
    scan_set_state(table, item, "TableStatus");
    scan_set_created(table, item, "CreationDateTime");
    relate_replicas(table, esc_json_member(item, "Replicas"));
    constrain(table, item);
}

/* The latest moment it can be set back to is always some minutes ago, so it is not taken over. */
static void read_backups(struct scan_page *page, const struct esc_json *answer)
{
    const struct esc_json *item =
        esc_json_get(answer, "ContinuousBackupsDescription.PointInTimeRecoveryDescription");
    const char *status = esc_json_str(item, "PointInTimeRecoveryStatus", NULL);
    const int64_t days = esc_json_num(item, "RecoveryPeriodInDays", 35);
    const bool is_on = esc_text_equal(status, "ENABLED");
    if (!status) {
        page->unread_count++;
        return;
    }
    esc_json_set_bool(page->of->metadata, "point_in_time_recovery", is_on);
    if (is_on)
        scan_constrain(page->of, ESC_HAS_BACKUPS, ESC_YES, "PointInTimeRecoveryStatus",
                       "it can be set back to any second of the last %lld days", (long long)days);
    else
        scan_constrain(page->of, ESC_HAS_BACKUPS, ESC_UNKNOWN, "PointInTimeRecoveryStatus",
                       "point-in-time recovery is off; backups made by hand are not looked for");
}

static const struct scan_step steps[] = {
    {
        .operation = "ListTables",
        .type = "dynamodb_table",
        .list = "TableNames",
        .texts = true,
        .read = list_table,
        .tags_elsewhere = true,
    },
    {
        .operation = "DescribeTable",
        .read = read_table,
        .stage = 1,
        .of_type = "dynamodb_table",
        .batch = 1,
        .make_params = name_table,
        .gone_codes = "ResourceNotFoundException TableNotFoundException",
    },
    {
        .operation = "DescribeContinuousBackups",
        .read = read_backups,
        .stage = 1,
        .of_type = "dynamodb_table",
        .batch = 1,
        .make_params = name_table,
        .gone_codes = "ResourceNotFoundException TableNotFoundException",
    },
};

const struct esc_scanner scan_service_dynamodb = {.name = "dynamodb",
                                                  .service = "dynamodb",
                                                  .needs_tags = true,
                                                  .steps = steps,
                                                  .step_count = ESC_COUNT(steps)};
