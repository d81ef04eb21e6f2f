/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Secrets Manager: that a secret exists, what it is called, and how it is looked after. Values
 * are never asked for; descriptions, where people write what does not belong there, stay out.
 */

#include "escher/base/alloc.h"
#include "escher/scan/scan_private.h"

static const struct scan_field fields[] = {
    {"rotation_enabled", "RotationEnabled"},
    {"rotates_after_days", "RotationRules.AutomaticallyAfterDays"},
    {"kms_key_id", "KmsKeyId"},
    {"owned_by", "OwningService"},
    {"primary_region", "PrimaryRegion"},
};

static void read_secret(struct scan_page *page, const struct esc_json *item)
{
    struct esc_resource *secret = scan_add(page, "secret", esc_json_str(item, "Name", NULL),
                                           esc_json_str(item, "ARN", NULL), NULL);
    if (!secret)
        return;
    const bool deleted = esc_json_member(item, "DeletedDate");
    const char *owner = esc_json_str(item, "OwningService", NULL);
    scan_take_fields(secret, item, fields, ESC_COUNT(fields));
    scan_take_time(secret, item, "last_rotated", "LastRotatedDate");
    scan_take_time(secret, item, "last_changed", "LastChangedDate");
    scan_take_tags(secret, item, "Tags");
    scan_set_created(secret, item, "CreatedDate");
    secret->state = esc_strdup(deleted ? "deleting" : "available");
    scan_relate_arn(secret, "rotated_by", "lambda_function",
                    esc_json_str(item, "RotationLambdaARN", NULL));
    if (deleted)
        scan_constrain(secret, ESC_CAN_DELETE, ESC_NO, "DeletedDate", "it is deleted already");
    else if (owner)
        scan_constrain(secret, ESC_CAN_DELETE, ESC_NO, "OwningService", "it belongs to %s", owner);
    else
        scan_say(secret, ESC_CAN_DELETE, ESC_YES);
}

static const struct scan_step steps[] = {
    {
        .operation = "ListSecrets",
        .params = "{\"IncludePlannedDeletion\": true}", /* they can be restored for some days */
        .type = "secret",
        .list = "SecretList",
        .read = read_secret,
    },
};

const struct esc_scanner scan_service_secrets = {.name = "secretsmanager",
                                                 .service = "secretsmanager",
                                                 .steps = steps,
                                                 .step_count = ESC_COUNT(steps)};
