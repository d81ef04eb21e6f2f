/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A small estate: one line a resource. */

#include "escher/find/index.h"
#include "tests/support/test.h"

struct thing {
    const char *type, *identifier, *name, *account, *region, *state, *environment, *app;
};

static inline const char *account_number(const char *name)
{
    if (esc_text_equal(name, "production"))
        return "123456789012";
    return esc_text_equal(name, "staging") ? "987654321098" : "456789012345";
}

/* Owned by the caller. A NULL name falls back to the identifier, NULL environment sets no tag. */
static inline struct esc_resource *make_resource(const struct thing *thing)
{
    struct esc_resource *made = esc_resource_new();
    const char *account = account_number(thing->account);
    made->id = esc_resource_key(account, thing->region, thing->type, thing->identifier);
    made->provider = esc_strdup("aws");
    made->resource_type = esc_strdup(thing->type);
    made->identifier = esc_strdup(thing->identifier);
    made->arn = esc_sprintf("arn:aws:test:%s:%s:%s/%s", thing->region, account, thing->type,
                            thing->identifier);
    made->name = esc_strdup(thing->name ? thing->name : thing->identifier);
    made->account_id = esc_strdup(account);
    made->account_name = esc_strdup(thing->account);
    made->region = esc_strdup(thing->region);
    made->state = esc_strdup_null(thing->state);
    if (thing->environment)
        esc_json_set_text(made->tags, "environment", thing->environment);
    if (thing->app)
        esc_json_set_text(made->tags, "app", thing->app);
    return made;
}

static const struct thing small_estate[] = {
    {"rds_instance", "pg-instance-main1", NULL, "production", "us-west-2", "available",
     "production", "main"},
    {"rds_instance", "pg-instance-main2", NULL, "production", "us-west-2", "available",
     "production", "main"},
    {"rds_instance", "pg-instance-stage1", NULL, "staging", "us-west-2", "available", "staging",
     "main"},
    {"rds_instance", "orders-db", NULL, "production", "us-east-1", "available", "prod", "orders"},
    {"rds_instance", "orders-db", NULL, "staging", "us-east-1", "stopped", "stg", "orders"},
    {"ec2_instance", "i-0a1b2c3d4e5f60718", "pg-backup-server", "production", "us-west-2",
     "running", "production", "backup"},
    {"ec2_instance", "i-0ffffffffffffff01", "web-1", "production", "us-east-1", "running", "live",
     "web"},
    {"ec2_instance", "i-0ffffffffffffff02", "web-10", "production", "us-east-1", "stopped", "live",
     "web"},
    {"ec2_instance", "i-0ffffffffffffff03", "web", "development", "eu-west-1", "running", "dev",
     "web"},
    {"ec2_instance", "i-0ffffffffffffff04", "OrderWorker2", "development", "eu-west-1", "running",
     "dev", "orders"},
    {"s3_bucket", "acme-pg-backups", NULL, "production", "us-west-2", NULL, "production", NULL},
    {"lambda_function", "resize-images", NULL, "production", "us-west-2", "Active", NULL, NULL},
    {"ec2_instance", "i-0ffffffffffffff05", "--profile x", "development", "eu-west-1", "running",
     "dev", NULL},
    {"ec2_instance", "i-0ffffffffffffff06", "$(reboot)", "development", "eu-west-1", "running",
     "dev", NULL},
};

/* Owned by the caller. */
static inline struct esc_index *make_index(const struct thing *things, size_t count)
{
    struct esc_index *index = esc_index_new();
    for (size_t i = 0; i < count; i++) {
        ESC_CLEANUP(esc_resource_freep) struct esc_resource *made = make_resource(&things[i]);
        esc_index_put(index, made, NULL);
    }
    return index;
}

static inline struct esc_index *make_small_index(void)
{
    return make_index(small_estate, ESC_COUNT(small_estate));
}
