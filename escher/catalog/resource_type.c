/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/catalog/resource_type.h"

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/buf.h"
#include "escher/base/limits.h"
#include "escher/catalog/catalog_private.h"
#include "escher/model/arn.h"
#include "escher/model/partition.h"

#define LIST(...)                                                                                  \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }
#define HEX_ID(prefix) "^" prefix "-[0-9a-f]{8,17}$"
#define ARN(service, resource) "arn:{partition}:" service ":{region}:{account}:" resource
#define OWNERLESS_ARN(service, resource) "arn:{partition}:" service ":{region}::" resource

/*
 * @source Service Authorization Reference, "Resource types defined by ..." for the ARNs and
 * "Actions defined by ..." for the actions; the model of each service for the identifiers.
 */
static const struct esc_resource_type types[] = {
    {
        .name = "ec2_instance",
        .service = "ec2",
        .one = "EC2 instance",
        .many = "EC2 instances",
        .words = LIST("instance", "server", "vm", "virtual machine", "machine", "ec2", "host",
                      "box", "compute instance"),
        .request_key = "instance_id",
        .id_prefix = "i-",
        .id_pattern = HEX_ID("i"),
        .arn_template = ARN("ec2", "instance/{identifier}"),
        .actions = LIST("ec2:StartInstances", "ec2:StopInstances", "ec2:RebootInstances",
                        "ec2:TerminateInstances", "ec2:ModifyInstanceAttribute", "ec2:CreateImage",
                        "ec2:CreateTags"),
    },
    {
        .name = "ebs_volume",
        .service = "ec2",
        .one = "EBS volume",
        .many = "EBS volumes",
        .words = LIST("volume", "disk", "ebs", "block device", "drive"),
        .request_key = "volume_id",
        .id_prefix = "vol-",
        .id_pattern = HEX_ID("vol"),
        .arn_template = ARN("ec2", "volume/{identifier}"),
        .actions = LIST("ec2:AttachVolume", "ec2:DetachVolume", "ec2:ModifyVolume",
                        "ec2:DeleteVolume", "ec2:CreateSnapshot", "ec2:CreateTags"),
    },
    {
        .name = "ebs_snapshot",
        .service = "ec2",
        .one = "EBS snapshot",
        .many = "EBS snapshots",
        .words = LIST("snapshot", "volume snapshot", "disk snapshot"),
        .request_key = "snapshot_id",
        .id_prefix = "snap-",
        .id_pattern = HEX_ID("snap"),
        .arn_template = OWNERLESS_ARN("ec2", "snapshot/{identifier}"),
        .actions = LIST("ec2:CopySnapshot", "ec2:DeleteSnapshot", "ec2:ModifySnapshotAttribute",
                        "ec2:CreateVolume"),
    },
    {
        .name = "rds_instance",
        .service = "rds",
        .one = "RDS database instance",
        .many = "RDS database instances",
        .words = LIST("database", "db", "rds", "rds database", "database instance", "db instance",
                      "database server", "db server"),
        .request_key = "db_instance_identifier",
        .id_pattern = "^[A-Za-z](-?[A-Za-z0-9])*$",
        .arn_template = ARN("rds", "db:{identifier}"),
        .actions = LIST("rds:StartDBInstance", "rds:StopDBInstance", "rds:RebootDBInstance",
                        "rds:ModifyDBInstance", "rds:DeleteDBInstance", "rds:CreateDBSnapshot",
                        "rds:AddTagsToResource"),
    },
    {
        .name = "rds_cluster",
        .service = "rds",
        .one = "RDS database cluster",
        .many = "RDS database clusters",
        .words = LIST("cluster", "database cluster", "db cluster", "aurora", "aurora cluster",
                      "database"),
        .request_key = "db_cluster_identifier",
        .id_pattern = "^[A-Za-z](-?[A-Za-z0-9])*$",
        .arn_template = ARN("rds", "cluster:{identifier}"),
        .actions = LIST("rds:StartDBCluster", "rds:StopDBCluster", "rds:FailoverDBCluster",
                        "rds:ModifyDBCluster", "rds:DeleteDBCluster", "rds:CreateDBClusterSnapshot",
                        "rds:AddTagsToResource"),
    },
    {
        .name = "rds_snapshot",
        .service = "rds",
        .one = "RDS database snapshot",
        .many = "RDS database snapshots",
        .words = LIST("snapshot", "database snapshot", "db snapshot", "database backup"),
        .request_key = "db_snapshot_identifier",
        .id_pattern = "^[A-Za-z][A-Za-z0-9:-]*$", /* automated ones begin with "rds:" */
        .arn_template = ARN("rds", "snapshot:{identifier}"),
        .actions = LIST("rds:CopyDBSnapshot", "rds:DeleteDBSnapshot",
                        "rds:RestoreDBInstanceFromDBSnapshot", "rds:ModifyDBSnapshotAttribute"),
    },
    {
        .name = "rds_cluster_snapshot",
        .service = "rds",
        .one = "RDS cluster snapshot",
        .many = "RDS cluster snapshots",
        .words = LIST("snapshot", "cluster snapshot", "aurora snapshot", "database snapshot"),
        .request_key = "db_cluster_snapshot_identifier",
        .id_pattern = "^[A-Za-z][A-Za-z0-9:-]*$",
        .arn_template = ARN("rds", "cluster-snapshot:{identifier}"),
        .actions = LIST("rds:CopyDBClusterSnapshot", "rds:DeleteDBClusterSnapshot",
                        "rds:RestoreDBClusterFromSnapshot", "rds:ModifyDBClusterSnapshotAttribute"),
    },
    {
        .name = "s3_bucket",
        .service = "s3",
        .one = "S3 bucket",
        .many = "S3 buckets",
        .words = LIST("bucket", "s3", "storage bucket", "object store"),
        .request_key = "bucket",
        .id_pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$", /* old ones had capitals */
        .arn_template = "arn:{partition}:s3:::{identifier}",
        .actions = LIST("s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:DeleteBucket",
                        "s3:PutBucketVersioning", "s3:PutLifecycleConfiguration",
                        "s3:PutBucketPublicAccessBlock", "s3:PutBucketPolicy"),
    },
    {
        .name = "lambda_function",
        .service = "lambda",
        .one = "Lambda function",
        .many = "Lambda functions",
        .words = LIST("function", "lambda", "serverless function"),
        .request_key = "function_name",
        .id_pattern = "^[A-Za-z0-9_-]{1,64}$",
        .arn_template = ARN("lambda", "function:{identifier}"),
        .actions = LIST("lambda:InvokeFunction", "lambda:UpdateFunctionConfiguration",
                        "lambda:UpdateFunctionCode", "lambda:PublishVersion",
                        "lambda:PutFunctionConcurrency", "lambda:DeleteFunction"),
    },
    {
        .name = "lambda_layer",
        .service = "lambda",
        .one = "Lambda layer",
        .many = "Lambda layers",
        .words = LIST("layer", "code layer"),
        .request_key = "layer_name",
        .id_pattern = "^[A-Za-z0-9_-]{1,140}$",
        .arn_template = ARN("lambda", "layer:{identifier}"),
        .actions = LIST("lambda:GetLayerVersion", "lambda:PublishLayerVersion",
                        "lambda:DeleteLayerVersion"),
    },
    {
        .name = "lambda_alias",
        .service = "lambda",
        .one = "Lambda alias",
        .many = "Lambda aliases",
        .words = LIST("alias", "function alias"),
        .request_key = "alias",
        .id_pattern = "^[A-Za-z0-9_-]{1,64}:[A-Za-z0-9_-]{1,128}$", /* function and alias */
        .arn_template = ARN("lambda", "function:{identifier}"),
        .actions = LIST("lambda:UpdateAlias", "lambda:DeleteAlias", "lambda:InvokeFunction"),
    },
    {
        .name = "vpc",
        .service = "ec2",
        .one = "VPC",
        .many = "VPCs",
        .words = LIST("network", "virtual network", "private cloud", "virtual private cloud"),
        .request_key = "vpc_id",
        .id_prefix = "vpc-",
        .id_pattern = HEX_ID("vpc"),
        .arn_template = ARN("ec2", "vpc/{identifier}"),
        .actions = LIST("ec2:ModifyVpcAttribute", "ec2:DeleteVpc", "ec2:CreateTags"),
    },
    {
        .name = "subnet",
        .service = "ec2",
        .one = "subnet",
        .many = "subnets",
        .words = LIST("subnetwork"),
        .request_key = "subnet_id",
        .id_prefix = "subnet-",
        .id_pattern = HEX_ID("subnet"),
        .arn_template = ARN("ec2", "subnet/{identifier}"),
        .actions = LIST("ec2:ModifySubnetAttribute", "ec2:DeleteSubnet", "ec2:CreateTags"),
    },
    {
        .name = "security_group",
        .service = "ec2",
        .one = "security group",
        .many = "security groups",
        .words = LIST("firewall", "sg"),
        .request_key = "group_id",
        .id_prefix = "sg-",
        .id_pattern = HEX_ID("sg"),
        .arn_template = ARN("ec2", "security-group/{identifier}"),
        .actions = LIST("ec2:AuthorizeSecurityGroupIngress", "ec2:AuthorizeSecurityGroupEgress",
                        "ec2:RevokeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress",
                        "ec2:DeleteSecurityGroup", "ec2:CreateTags"),
    },
    {
        .name = "load_balancer",
        .service = "elasticloadbalancing",
        .one = "load balancer",
        .many = "load balancers",
        .words = LIST("balancer", "lb", "alb", "nlb", "elb", "application load balancer",
                      "network load balancer"),
        .request_key = "load_balancer_name",
        .id_pattern = "^[A-Za-z0-9](-?[A-Za-z0-9])*$",
        .actions = LIST("elasticloadbalancing:ModifyLoadBalancerAttributes",
                        "elasticloadbalancing:DeleteLoadBalancer",
                        "elasticloadbalancing:SetSecurityGroups", "elasticloadbalancing:SetSubnets",
                        "elasticloadbalancing:AddTags"),
    },
    {
        .name = "target_group",
        .service = "elasticloadbalancing",
        .one = "target group",
        .many = "target groups",
        .words = LIST("targetgroup"),
        .request_key = "target_group_name",
        .id_pattern = "^[A-Za-z0-9](-?[A-Za-z0-9])*$",
        .actions =
            LIST("elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets",
                 "elasticloadbalancing:ModifyTargetGroup", "elasticloadbalancing:DeleteTargetGroup",
                 "elasticloadbalancing:AddTags"),
    },
    {
        .name = "ami",
        .service = "ec2",
        .one = "machine image",
        .many = "machine images",
        .words = LIST("image", "ami", "ec2 image", "amazon machine image", "golden image"),
        .request_key = "image_id",
        .id_prefix = "ami-",
        .id_pattern = HEX_ID("ami"),
        .arn_template = OWNERLESS_ARN("ec2", "image/{identifier}"),
        .actions = LIST("ec2:DeregisterImage", "ec2:ModifyImageAttribute", "ec2:RunInstances",
                        "ec2:CreateTags"),
    },
    {
        .name = "elastic_ip",
        .service = "ec2",
        .one = "Elastic IP address",
        .many = "Elastic IP addresses",
        .words = LIST("elastic ip", "eip", "elastic address", "public address", "static ip"),
        .request_key = "allocation_id",
        .id_prefix = "eipalloc-",
        .id_pattern = "^(eipalloc-[0-9a-f]{8,17}|([0-9]{1,3}\\.){3}[0-9]{1,3})$",
        .arn_template = ARN("ec2", "elastic-ip/{identifier}"),
        .actions = LIST("ec2:AssociateAddress", "ec2:DisassociateAddress", "ec2:ReleaseAddress",
                        "ec2:CreateTags"),
    },
    {
        .name = "network_interface",
        .service = "ec2",
        .one = "network interface",
        .many = "network interfaces",
        .words = LIST("eni", "elastic network interface", "network card"),
        .request_key = "network_interface_id",
        .id_prefix = "eni-",
        .id_pattern = HEX_ID("eni"),
        .arn_template = ARN("ec2", "network-interface/{identifier}"),
        .actions = LIST("ec2:AttachNetworkInterface", "ec2:DetachNetworkInterface",
                        "ec2:ModifyNetworkInterfaceAttribute", "ec2:DeleteNetworkInterface",
                        "ec2:CreateTags"),
    },
    {
        .name = "nat_gateway",
        .service = "ec2",
        .one = "NAT gateway",
        .many = "NAT gateways",
        .words = LIST("nat", "address translation gateway"),
        .request_key = "nat_gateway_id",
        .id_prefix = "nat-",
        .id_pattern = HEX_ID("nat"),
        .arn_template = ARN("ec2", "natgateway/{identifier}"),
        .actions = LIST("ec2:DeleteNatGateway", "ec2:CreateTags"),
    },
    {
        .name = "internet_gateway",
        .service = "ec2",
        .one = "internet gateway",
        .many = "internet gateways",
        .words = LIST("igw"),
        .request_key = "internet_gateway_id",
        .id_prefix = "igw-",
        .id_pattern = HEX_ID("igw"),
        .arn_template = ARN("ec2", "internet-gateway/{identifier}"),
        .actions = LIST("ec2:AttachInternetGateway", "ec2:DetachInternetGateway",
                        "ec2:DeleteInternetGateway", "ec2:CreateTags"),
    },
    {
        .name = "route_table",
        .service = "ec2",
        .one = "route table",
        .many = "route tables",
        .words = LIST("routing table"),
        .request_key = "route_table_id",
        .id_prefix = "rtb-",
        .id_pattern = HEX_ID("rtb"),
        .arn_template = ARN("ec2", "route-table/{identifier}"),
        .actions = LIST("ec2:CreateRoute", "ec2:ReplaceRoute", "ec2:DeleteRoute",
                        "ec2:AssociateRouteTable", "ec2:DisassociateRouteTable",
                        "ec2:DeleteRouteTable", "ec2:CreateTags"),
    },
    {
        .name = "classic_load_balancer",
        .service = "elasticloadbalancing",
        .one = "classic load balancer",
        .many = "classic load balancers",
        .words = LIST("classic balancer", "clb", "classic elb"),
        .request_key = "load_balancer_name",
        .id_pattern = "^[A-Za-z0-9](-?[A-Za-z0-9])*$",
        .arn_template = ARN("elasticloadbalancing", "loadbalancer/{identifier}"),
        .actions = LIST("elasticloadbalancing:RegisterInstancesWithLoadBalancer",
                        "elasticloadbalancing:DeregisterInstancesFromLoadBalancer",
                        "elasticloadbalancing:ModifyLoadBalancerAttributes",
                        "elasticloadbalancing:ApplySecurityGroupsToLoadBalancer",
                        "elasticloadbalancing:DeleteLoadBalancer", "elasticloadbalancing:AddTags"),
    },
    {
        .name = "auto_scaling_group",
        .service = "autoscaling",
        .one = "Auto Scaling group",
        .many = "Auto Scaling groups",
        .words = LIST("asg", "autoscaling group", "scaling group", "auto-scaling group"),
        .request_key = "auto_scaling_group_name",
        .id_pattern = "^[^:]{1,255}$",
        .actions = LIST("autoscaling:SetDesiredCapacity", "autoscaling:UpdateAutoScalingGroup",
                        "autoscaling:SuspendProcesses", "autoscaling:ResumeProcesses",
                        "autoscaling:StartInstanceRefresh", "autoscaling:DeleteAutoScalingGroup",
                        "autoscaling:CreateOrUpdateTags"),
    },
    {
        .name = "ecs_cluster",
        .service = "ecs",
        .one = "ECS cluster",
        .many = "ECS clusters",
        .words = LIST("container cluster", "fargate cluster"),
        .request_key = "cluster",
        .id_pattern = "^[A-Za-z0-9_-]{1,255}$",
        .arn_template = ARN("ecs", "cluster/{identifier}"),
        .actions = LIST("ecs:UpdateCluster", "ecs:DeleteCluster", "ecs:TagResource"),
    },
    {
        .name = "ecs_service",
        .service = "ecs",
        .one = "ECS service",
        .many = "ECS services",
        .words = LIST("container service", "fargate service"),
        .request_key = "service",
        .id_pattern = "^[A-Za-z0-9_-]{1,255}/[A-Za-z0-9_-]{1,255}$", /* cluster and service */
        .arn_template = ARN("ecs", "service/{identifier}"),
        .actions = LIST("ecs:UpdateService", "ecs:DeleteService", "ecs:TagResource"),
    },
    {
        .name = "eks_cluster",
        .service = "eks",
        .one = "EKS cluster",
        .many = "EKS clusters",
        .words = LIST("kubernetes cluster", "kubernetes", "k8s cluster", "k8s"),
        .request_key = "cluster_name",
        .id_pattern = "^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$",
        .arn_template = ARN("eks", "cluster/{identifier}"),
        .actions = LIST("eks:UpdateClusterConfig", "eks:UpdateClusterVersion", "eks:DeleteCluster",
                        "eks:AccessKubernetesApi", "eks:TagResource"),
    },
    {
        .name = "eks_node_group",
        .service = "eks",
        .one = "EKS node group",
        .many = "EKS node groups",
        .words = LIST("node group", "nodegroup", "kubernetes node group", "managed node group"),
        .request_key = "nodegroup_name",
        .id_pattern = "^[A-Za-z0-9][A-Za-z0-9_-]{0,99}/[A-Za-z0-9][A-Za-z0-9_-]{0,62}$",
        .actions = LIST("eks:UpdateNodegroupConfig", "eks:UpdateNodegroupVersion",
                        "eks:DeleteNodegroup", "eks:TagResource"),
    },
    {
        .name = "dynamodb_table",
        .service = "dynamodb",
        .one = "DynamoDB table",
        .many = "DynamoDB tables",
        .words = LIST("dynamo table", "nosql table", "dynamodb", "table"),
        .request_key = "table_name",
        .id_pattern = "^[A-Za-z0-9_.-]{3,255}$",
        .arn_template = ARN("dynamodb", "table/{identifier}"),
        .actions = LIST("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan",
                        "dynamodb:UpdateTable", "dynamodb:UpdateContinuousBackups",
                        "dynamodb:CreateBackup", "dynamodb:DeleteTable", "dynamodb:TagResource"),
    },
    {
        .name = "elasticache_cluster",
        .service = "elasticache",
        .one = "ElastiCache cluster",
        .many = "ElastiCache clusters",
        .words = LIST("cache", "cache cluster", "redis", "memcached", "valkey", "elasticache"),
        .request_key = "cache_cluster_id",
        .id_pattern = "^[A-Za-z](-?[A-Za-z0-9])*$",
        .arn_template = ARN("elasticache", "cluster:{identifier}"),
        .actions = LIST("elasticache:RebootCacheCluster", "elasticache:ModifyCacheCluster",
                        "elasticache:CreateSnapshot", "elasticache:DeleteCacheCluster",
                        "elasticache:AddTagsToResource"),
    },
    {
        .name = "elasticache_replication_group",
        .service = "elasticache",
        .one = "ElastiCache replication group",
        .many = "ElastiCache replication groups",
        .words =
            LIST("replication group", "cache", "redis", "redis cluster", "valkey", "elasticache"),
        .request_key = "replication_group_id",
        .id_pattern = "^[A-Za-z](-?[A-Za-z0-9])*$",
        .arn_template = ARN("elasticache", "replicationgroup:{identifier}"),
        .actions = LIST("elasticache:ModifyReplicationGroup", "elasticache:TestFailover",
                        "elasticache:CreateSnapshot", "elasticache:DeleteReplicationGroup",
                        "elasticache:AddTagsToResource"),
    },
    {
        .name = "sqs_queue",
        .service = "sqs",
        .one = "SQS queue",
        .many = "SQS queues",
        .words = LIST("queue", "message queue", "sqs"),
        .request_key = "queue_name",
        .id_pattern = "^[A-Za-z0-9_-]{1,80}(\\.fifo)?$",
        .arn_template = ARN("sqs", "{identifier}"),
        .actions = LIST("sqs:SendMessage", "sqs:ReceiveMessage", "sqs:PurgeQueue",
                        "sqs:SetQueueAttributes", "sqs:DeleteQueue", "sqs:TagQueue"),
    },
    {
        .name = "sns_topic",
        .service = "sns",
        .one = "SNS topic",
        .many = "SNS topics",
        .words = LIST("topic", "notification topic", "sns"),
        .request_key = "topic_name",
        .id_pattern = "^[A-Za-z0-9_-]{1,256}(\\.fifo)?$",
        .arn_template = ARN("sns", "{identifier}"),
        .actions = LIST("sns:Publish", "sns:Subscribe", "sns:SetTopicAttributes", "sns:DeleteTopic",
                        "sns:TagResource"),
    },
    {
        .name = "cloudwatch_alarm",
        .service = "cloudwatch",
        .one = "CloudWatch alarm",
        .many = "CloudWatch alarms",
        .words = LIST("alarm", "metric alarm", "composite alarm"),
        .request_key = "alarm_name",
        .id_pattern = "^.{1,255}$",
        .arn_template = ARN("cloudwatch", "alarm:{identifier}"),
        .actions = LIST("cloudwatch:PutMetricAlarm", "cloudwatch:EnableAlarmActions",
                        "cloudwatch:DisableAlarmActions", "cloudwatch:SetAlarmState",
                        "cloudwatch:DeleteAlarms", "cloudwatch:TagResource"),
    },
    {
        .name = "secret",
        .service = "secretsmanager",
        .one = "secret",
        .many = "secrets",
        .words = LIST("secretsmanager secret", "secrets manager secret", "stored secret"),
        .request_key = "secret_id",
        .id_pattern = "^[A-Za-z0-9/_+=.@!-]{1,512}$",
        .actions = LIST("secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue",
                        "secretsmanager:UpdateSecret", "secretsmanager:RotateSecret",
                        "secretsmanager:DeleteSecret", "secretsmanager:RestoreSecret",
                        "secretsmanager:TagResource"),
    },
    {
        .name = "hosted_zone",
        .service = "route53",
        .one = "hosted zone",
        .many = "hosted zones",
        .words = LIST("dns zone", "route 53 zone", "route53 zone", "domain"),
        .request_key = "hosted_zone_id",
        .id_prefix = "Z",
        .id_pattern = "^Z[A-Z0-9]{1,32}$",
        .arn_template = "arn:{partition}:route53:::hostedzone/{identifier}",
        .actions = LIST("route53:ListResourceRecordSets", "route53:ChangeResourceRecordSets",
                        "route53:DeleteHostedZone", "route53:ChangeTagsForResource"),
    },
    {
        .name = "cloudfront_distribution",
        .service = "cloudfront",
        .one = "CloudFront distribution",
        .many = "CloudFront distributions",
        .words = LIST("distribution", "cdn", "content delivery network", "cloudfront"),
        .request_key = "distribution_id",
        .id_prefix = "E",
        .id_pattern = "^E[A-Z0-9]{1,32}$",
        .arn_template = "arn:{partition}:cloudfront::{account}:distribution/{identifier}",
        .actions = LIST("cloudfront:UpdateDistribution", "cloudfront:CreateInvalidation",
                        "cloudfront:DeleteDistribution", "cloudfront:TagResource"),
    },
    {
        .name = "iam_role",
        .service = "iam",
        .one = "IAM role",
        .many = "IAM roles",
        .words = LIST("role"),
        .request_key = "role_name",
        .id_pattern = "^[A-Za-z0-9_+=,.@-]{1,64}$",
        .arn_template = "arn:{partition}:iam::{account}:role/{identifier}",
        .actions = LIST("iam:PassRole", "iam:AttachRolePolicy", "iam:DetachRolePolicy",
                        "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:DeleteRole",
                        "iam:TagRole"),
    },
    {
        .name = "iam_user",
        .service = "iam",
        .one = "IAM user",
        .many = "IAM users",
        .words = LIST("user"),
        .request_key = "user_name",
        .id_pattern = "^[A-Za-z0-9_+=,.@-]{1,64}$",
        .arn_template = "arn:{partition}:iam::{account}:user/{identifier}",
        .actions =
            LIST("iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:AttachUserPolicy",
                 "iam:DetachUserPolicy", "iam:PutUserPolicy", "iam:DeleteUser", "iam:TagUser"),
    },
    {
        .name = "iam_instance_profile",
        .service = "iam",
        .one = "IAM instance profile",
        .many = "IAM instance profiles",
        .words = LIST("instance profile"),
        .request_key = "instance_profile_name",
        .id_pattern = "^[A-Za-z0-9_+=,.@-]{1,128}$",
        .arn_template = "arn:{partition}:iam::{account}:instance-profile/{identifier}",
        .actions = LIST("iam:AddRoleToInstanceProfile", "iam:RemoveRoleFromInstanceProfile",
                        "iam:DeleteInstanceProfile", "iam:TagInstanceProfile"),
    },
};

const struct esc_resource_type *esc_resource_type_find(const char *name)
{
    for (size_t i = 0; i < ESC_COUNT(types); i++)
        if (esc_text_equal(types[i].name, name))
            return &types[i];
    return NULL;
}

const struct esc_resource_type *esc_resource_type_at(size_t index)
{
    ESC_ASSERT(index < ESC_COUNT(types));
    return &types[index];
}

size_t esc_resource_type_count(void)
{
    return ESC_COUNT(types);
}

/* English plural by ending: "alias" → "aliases", "box" → "boxes", "proxy" → "proxies". */
static bool is_plural(struct esc_str word, struct esc_str of)
{
    static const struct {
        const char *ending, *plural;
    } rules[] = {{"s", "ses"}, {"x", "xes"}, {"y", "ies"}, {"", "s"}};
    size_t i = 0;
    while (!esc_str_ends_with(of, esc_str_of(rules[i].ending)))
        i++;
    const struct esc_str plural = esc_str_of(rules[i].plural);
    const size_t stem = of.len - esc_str_of(rules[i].ending).len;
    return word.len == stem + plural.len &&
           esc_str_equal_nocase(esc_str_slice(word, 0, stem), esc_str_slice(of, 0, stem)) &&
           esc_str_equal_nocase(esc_str_slice(word, stem, word.len), plural);
}

static bool is_word(struct esc_str word, const char *of)
{
    return esc_str_equal_nocase(word, esc_str_of(of)) || is_plural(word, esc_str_of(of));
}

bool esc_resource_type_has_word(const struct esc_resource_type *type, struct esc_str word)
{
    if (is_word(word, type->name) || is_word(word, type->one))
        return true;
    ESC_CLEANUP(esc_freep) char *spaced = esc_strdup(type->name);
    for (char *c = spaced; *c; c++)
        if (*c == '_')
            *c = ' ';
    if (is_word(word, spaced))
        return true;
    for (size_t i = 0; type->words[i]; i++)
        if (is_word(word, type->words[i]))
            return true;
    return false;
}

bool esc_resource_type_is_identifier(const struct esc_resource_type *type, struct esc_str text)
{
    return catalog_matches(type->id_pattern, text);
}

char *esc_resource_type_arn(const struct esc_resource_type *type, const char *region,
                            const char *account_id, const char *identifier)
{
    if (!type->arn_template)
        return NULL;
    const struct {
        struct esc_str hole;
        const char *value;
    } parts[] = {
        {ESC_STR("{partition}"), esc_partition_of_region(esc_str_of(region))},
        {ESC_STR("{region}"), region},
        {ESC_STR("{account}"), account_id},
        {ESC_STR("{identifier}"), identifier},
    };
    struct esc_buf arn;
    esc_buf_init(&arn, ESC_MAX_RESOURCE);
    struct esc_str rest = esc_str_of(type->arn_template);
    while (rest.len > 0) {
        size_t i = 0;
        while (i < ESC_COUNT(parts) && !esc_str_starts_with(rest, parts[i].hole))
            i++;
        if (i < ESC_COUNT(parts))
            esc_buf_add_text(&arn, parts[i].value);
        else
            esc_buf_add_char(&arn, *rest.ptr);
        rest = esc_str_slice(rest, i < ESC_COUNT(parts) ? parts[i].hole.len : 1, rest.len);
    }
    return esc_buf_take(&arn);
}
