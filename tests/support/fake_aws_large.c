/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What a large estate is made of. The usual world has much of everything, so that every call is
 * made; in one that has grown to a hundred thousand resources most are what programs leave behind
 * and what hangs on something else: snapshots, interfaces, volumes, images, alarms. Nothing of
 * these is asked one by one, so a sync is bounded by its lists. What is asked one by one (functions,
 * buckets, queues, tables, roles) comes by the hundred.
 */

#include "escher/base/str.h"
#include "tests/support/fake_aws_world.h"

static const struct {
    const char *kind;
    unsigned share; /* of some 10,000 */
} shares[] = {
    {"ebs_snapshot", 4200},
    {"network_interface", 1300},
    {"ebs_volume", 1300},
    {"ec2_instance", 700},
    {"rds_snapshot", 500},
    {"cloudwatch_alarm", 500},
    {"security_group", 300},
    {"ami", 300},
    {"secret", 150},
    {"lambda_function", 100},
    {"rds_cluster_snapshot", 100},
    {"iam_role", 80},
    {"subnet", 60},
    {"rds_instance", 60},
    {"elastic_ip", 60},
    {"target_group", 60},
    {"s3_bucket", 60},
    {"ecs_service", 60},
    {"sqs_queue", 50},
    {"route_table", 40},
    {"sns_topic", 40},
    {"dynamodb_table", 40},
    {"auto_scaling_group", 40},
    {"load_balancer", 40},
    {"lambda_alias", 30},
    {"lambda_layer", 20},
    {"elasticache_cluster", 20},
    {"iam_instance_profile", 20},
    {"rds_cluster", 15},
    {"ecs_cluster", 10},
    {"hosted_zone", 10},
    {"iam_user", 10},
};

enum {
    OTHERS = 5
};

unsigned fake_share_in_large(const struct fake_kind *kind)
{
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++)
        if (esc_text_equal(shares[i].kind, kind->name))
            return shares[i].share;
    return OTHERS;
}
