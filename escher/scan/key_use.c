/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/key_use.h"

#include "escher/base/alloc.h"
#include "escher/model/arn.h"
#include "escher/model/partition.h"

#define LIST(...)                                                                                  \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }
/* @source Amazon EBS User Guide, "Requirements for Amazon EBS encryption", permissions for users */
#define EBS                                                                                        \
    LIST("kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey",                                      \
         "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo")
/* @source Amazon RDS User Guide, "Authorizing use of a customer managed key" */
#define RDS LIST("kms:CreateGrant", "kms:DescribeKey")
#define GRANT LIST("kms:CreateGrant")
#define DECRYPT LIST("kms:Decrypt")
#define WRITE LIST("kms:GenerateDataKey", "kms:Decrypt")

enum {
    CERTAIN = true,
    PERHAPS = false
};

/*
 * An instance is started only by who may make the grant for it (re:Post, "my instance stays
 * stopped", kms-iam-ec2-permission). A database is started under the grant that was made with it:
 * whether RDS asks anew nobody says.
 * @source EC2: re:Post above; Secrets Manager User Guide, "Permissions for the KMS key"; SQS
 * Developer Guide, "Configuring KMS permissions"; SNS Developer Guide, "Managing encryption keys";
 * S3 User Guide, "Using server-side encryption with KMS keys"; Lambda Developer Guide, "Securing
 * environment variables"; DynamoDB Developer Guide, "Encryption at rest: usage notes"
 */
static const struct esc_key_use table[] = {
    {"ec2_instance", "ec2:StartInstances", CERTAIN, true, "ec2", GRANT},
    {"ec2_instance", "ec2:CreateImage", PERHAPS, true, "ec2", EBS},
    {"ami", "ec2:RunInstances", PERHAPS, true, "ec2", EBS},
    {"ebs_volume", "ec2:AttachVolume", PERHAPS, true, "ec2", GRANT},
    {"ebs_volume", "ec2:CreateSnapshot", PERHAPS, true, "ec2", EBS},
    {"ebs_snapshot", "ec2:CopySnapshot", PERHAPS, true, "ec2", EBS},
    {"ebs_snapshot", "ec2:CreateVolume", PERHAPS, true, "ec2", EBS},
    {"rds_instance", "rds:StartDBInstance", PERHAPS, true, "rds", RDS},
    {"rds_instance", "rds:CreateDBSnapshot", PERHAPS, true, "rds", RDS},
    {"rds_cluster", "rds:StartDBCluster", PERHAPS, true, "rds", RDS},
    {"rds_cluster", "rds:CreateDBClusterSnapshot", PERHAPS, true, "rds", RDS},
    {"rds_snapshot", "rds:RestoreDBInstanceFromDBSnapshot", CERTAIN, true, "rds", RDS},
    {"rds_snapshot", "rds:CopyDBSnapshot", PERHAPS, true, "rds", RDS},
    {"rds_cluster_snapshot", "rds:RestoreDBClusterFromSnapshot", PERHAPS, true, "rds", RDS},
    {"rds_cluster_snapshot", "rds:CopyDBClusterSnapshot", PERHAPS, true, "rds", RDS},
    {"s3_bucket", "s3:GetObject", PERHAPS, false, "s3", DECRYPT},
    {"s3_bucket", "s3:PutObject", PERHAPS, false, "s3", LIST("kms:GenerateDataKey")},
    {"lambda_function", "lambda:UpdateFunctionConfiguration", PERHAPS, true, "lambda",
     LIST("kms:CreateGrant", "kms:Decrypt", "kms:Encrypt")},
    {"dynamodb_table", "dynamodb:GetItem", PERHAPS, false, "dynamodb", DECRYPT},
    {"dynamodb_table", "dynamodb:PutItem", PERHAPS, false, "dynamodb", DECRYPT},
    {"dynamodb_table", "dynamodb:Query", PERHAPS, false, "dynamodb", DECRYPT},
    {"dynamodb_table", "dynamodb:Scan", PERHAPS, false, "dynamodb", DECRYPT},
    {"dynamodb_table", "dynamodb:CreateBackup", PERHAPS, true, "dynamodb", GRANT},
    {"sqs_queue", "sqs:SendMessage", CERTAIN, false, "sqs", WRITE},
    {"sqs_queue", "sqs:ReceiveMessage", CERTAIN, false, "sqs", DECRYPT},
    {"sns_topic", "sns:Publish", CERTAIN, false, "sns", WRITE},
    {"secret", "secretsmanager:GetSecretValue", CERTAIN, false, "secretsmanager", DECRYPT},
    {"secret", "secretsmanager:PutSecretValue", CERTAIN, false, "secretsmanager", WRITE},
    {"secret", "secretsmanager:UpdateSecret", PERHAPS, false, "secretsmanager", WRITE},
    {"secret", "secretsmanager:RotateSecret", PERHAPS, false, "secretsmanager", WRITE},
};

static const struct {
    const char *type, *relation;
} relations[] = {
    {"ec2_instance", "has_volume"},
    {"ami", "made_of"},
};

const struct esc_key_use *esc_key_use_find(const char *type, const char *action)
{
    for (size_t i = 0; i < ESC_COUNT(table); i++)
        if (esc_text_equal(table[i].type, type) &&
            esc_str_equal_nocase(esc_str_of(table[i].action), esc_str_of(action)))
            return &table[i];
    return NULL;
}

bool esc_key_use_is_of(const char *type)
{
    for (size_t i = 0; i < ESC_COUNT(table); i++)
        if (esc_text_equal(table[i].type, type))
            return true;
    return false;
}

bool esc_key_use_is_in(struct esc_str service)
{
    for (size_t i = 0; i < ESC_COUNT(table); i++)
        if (esc_str_is(service, table[i].service))
            return true;
    return false;
}

const char *esc_key_use_relation(const char *type)
{
    for (size_t i = 0; i < ESC_COUNT(relations); i++)
        if (esc_text_equal(relations[i].type, type))
            return relations[i].relation;
    return NULL;
}

/* "1234abcd-…", "mrk-…": an id is within its place. */
static bool is_key_id(struct esc_str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!esc_is_alnum(name.ptr[i]) && name.ptr[i] != '-')
            return false;
    return name.len > 0;
}

char *esc_key_named_by(const struct esc_resource *resource)
{
    struct esc_arn arn;
    const char *named = esc_json_str(resource->metadata, "kms_key_id", "");
    const struct esc_str name = esc_str_of(named);
    const bool is_arn = esc_arn_parse(name, &arn);
    const struct esc_str rest = is_arn ? arn.resource : name;
    if (name.len == 0 || esc_str_starts_with(rest, ESC_STR("alias/aws/")))
        return NULL;
    const bool is_alias = esc_str_starts_with(rest, ESC_STR("alias/"));
    if (is_arn || !(is_alias || is_key_id(rest)))
        return esc_strdup(named);
    return esc_sprintf("arn:%s:kms:%s:%s:%s%s",
                       esc_partition_of_region(esc_str_of(resource->region)), resource->region,
                       resource->account_id, is_alias ? "" : "key/", named);
}
