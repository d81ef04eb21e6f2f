/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A small estate, and requests over it as a client makes them: what the prompt names exactly comes
 * along, with its place.
 */

#include <string.h>

#include "escher/answer/answer.h"
#include "escher/base/file.h"
#include "escher/base/json.h"
#include "escher/base/limits.h"
#include "escher/base/map.h"
#include "escher/base/paths.h"
#include "escher/catalog/resource_type.h"
#include "escher/find/mention.h"
#include "escher/playbook/shelf.h"
#include "tests/support/test.h"

struct world_thing {
    const char *type, *identifier, *name, *account_id, *account, *region, *state, *environment;
    const char *facts; /* more metadata, JSON */
};

#define PROD "123456789012", "production"
#define STAGE "987654321098", "staging"
#define DEV "456789012345", "development"

static const struct world_thing world_things[] = {
    {"rds_instance", "pg-instance-main1", NULL, PROD, "us-west-2", "available", "production",
     "{\"engine\":\"postgres\",\"engine_version\":\"14.7\",\"multi_az\":true}"},
    {"rds_instance", "orders-db", NULL, PROD, "us-east-1", "available", "production",
     "{\"engine\":\"mysql\",\"multi_az\":false}"},
    {"rds_instance", "orders-db", NULL, STAGE, "us-east-1", "stopped", "staging",
     "{\"engine\":\"mysql\",\"multi_az\":false}"},
    {"rds_instance", "reports", NULL, DEV, "eu-west-1", "stopped", "development",
     "{\"engine\":\"mariadb\"}"},
    {"rds_cluster", "checkout-aurora", NULL, PROD, "us-east-1", "available", "production",
     "{\"engine\":\"aurora-postgresql\"}"},
    {"ec2_instance", "i-0aaaaaaaaaaaaaa01", "web-1", PROD, "us-east-1", "running", "production",
     "{\"instance_type\":\"t3.large\"}"},
    {"ec2_instance", "i-0aaaaaaaaaaaaaa02", "web-2", PROD, "us-east-1", "running", "production",
     "{}"},
    {"ec2_instance", "i-0aaaaaaaaaaaaaa03", "delete-worker-2", DEV, "eu-west-1", "running",
     "development", "{}"},
    {"ec2_instance", "i-0aaaaaaaaaaaaaa04", "stop", DEV, "eu-west-1", "running", "development",
     "{}"},
    {"ec2_instance", "i-0aaaaaaaaaaaaaa05", "everything", DEV, "eu-west-1", "running",
     "development", "{}"},
    {"ec2_instance", "i-0aaaaaaaaaaaaaa06", "$(reboot)", DEV, "eu-west-1", "running", "development",
     "{}"},
    {"ec2_instance", "i-0aaaaaaaaaaaaaa07", "pg-backup-server", PROD, "us-west-2", "running",
     "production", "{}"},
    {"ec2_instance", "i-0aaaaaaaaaaaaaa08", "billing", PROD, "us-west-2", "stopped", "production",
     "{}"},
    {"ebs_volume", "vol-0bbbbbbbbbbbbbb01", "data-1", PROD, "us-west-2", "in-use", "production",
     "{\"size_gb\":100}"},
    {"s3_bucket", "acme-reports", NULL, PROD, "us-west-2", NULL, "production", "{}"},
    {"lambda_function", "resize-images", NULL, PROD, "us-west-2", "Active", "production",
     "{\"memory_mb\":512,\"timeout_s\":30,\"runtime\":\"python3.12\"}"},
};

static struct esc_index *world_index;
static struct esc_map *world_resources; /* by id: what the index leads to */
static struct esc_shelf *world_shelf;
static struct esc_planner *world_planner;

static inline struct esc_resource *world_resource(const struct world_thing *thing)
{
    struct esc_error err;
    struct esc_resource *made = esc_resource_new();
    made->id = esc_resource_key(thing->account_id, thing->region, thing->type, thing->identifier);
    made->provider = esc_strdup("aws");
    made->resource_type = esc_strdup(thing->type);
    made->identifier = esc_strdup(thing->identifier);
    made->arn =
        esc_sprintf("arn:aws:x:%s:%s:%s", thing->region, thing->account_id, thing->identifier);
    made->name = esc_strdup(thing->name ? thing->name : thing->identifier);
    made->account_id = esc_strdup(thing->account_id);
    made->account_name = esc_strdup(thing->account);
    made->region = esc_strdup(thing->region);
    made->state = esc_strdup_null(thing->state);
    esc_json_set_text(made->tags, "environment", thing->environment);
    esc_json_set_text(made->tags, "app", "main");
    esc_json_free(made->metadata);
    expect_ok(esc_json_parse(esc_str_of(thing->facts), NULL, &made->metadata, &err));
    return made;
}

/* Handed over. */
static inline void world_put(struct esc_resource *made)
{
    esc_index_put(world_index, made, NULL);
    esc_map_set(world_resources, esc_str_of(made->id), made);
}

static inline void world_free_resource(void *resource)
{
    esc_resource_free(resource);
}

static inline int world_open(void **)
{
    struct esc_error err;
    const char *root = esc_env("ESCHER_SOURCE");
    ESC_CLEANUP(esc_freep) char *folder = esc_path_join(root ? root : ".", "playbooks");
    expect_ok(esc_shelf_open(folder, &world_shelf, &err));
    expect_ok(esc_planner_new(world_shelf, NULL, NULL, &world_planner, &err));
    world_index = esc_index_new();
    world_resources = esc_map_new(world_free_resource);
    for (size_t i = 0; i < ESC_COUNT(world_things); i++)
        world_put(world_resource(&world_things[i]));
    return 0;
}

static inline int world_close(void **)
{
    esc_planner_free(world_planner);
    esc_shelf_free(world_shelf);
    esc_index_free(world_index);
    esc_map_free(world_resources);
    return 0;
}

/* An entry of identified_resources. */
static inline struct esc_json *world_entry(const char *id)
{
    const struct esc_resource *resource = esc_map_get(world_resources, esc_str_of(id));
    struct esc_json *entry = esc_json_copy(resource->metadata);
    const struct esc_resource_type *type = esc_resource_type_find(resource->resource_type);
    esc_json_set_text(entry, "id", resource->id);
    esc_json_set_text(entry, "resource_type", resource->resource_type);
    esc_json_set_text(entry, type->request_key, resource->identifier);
    esc_json_set_text(entry, "name", resource->name);
    esc_json_set_text(entry, "arn", resource->arn);
    esc_json_set_text(entry, "account_id", resource->account_id);
    esc_json_set_text(entry, "account_name", resource->account_name);
    esc_json_set_text(entry, "region", resource->region);
    if (resource->state)
        esc_json_set_text(entry, "current_state", resource->state);
    esc_json_set(entry, "tags", esc_json_copy(resource->tags));
    return entry;
}

static inline struct esc_json *world_user(void)
{
    static const char *const ids[] = {"123456789012", "987654321098", "456789012345"};
    struct esc_json *user = esc_json_object(), *accounts = esc_json_array();
    for (size_t i = 0; i < ESC_COUNT(ids); i++)
        esc_json_push_text(accounts, ids[i]);
    esc_json_set_text(user, "user_id", "user-1");
    esc_json_set(user, "aws_accounts", accounts);
    return user;
}

/* The request for @p prompt; @p picked is a name that was picked, or NULL. Owned. */
static inline struct esc_json *world_request(const char *prompt, const char *picked)
{
    struct esc_json *request = esc_json_object(), *resources = esc_json_array();
    struct esc_mentions mentions;
    esc_find_mentions(world_index, esc_str_of(prompt), NULL, &mentions);
    for (size_t i = 0; i < mentions.exact_count; i++)
        for (size_t j = 0; j < mentions.exact[i].card_count; j++) {
            struct esc_json *entry = world_entry(mentions.exact[i].cards[j].id);
            struct esc_json *mention = esc_json_object();
            esc_json_set_int(mention, "start", (int64_t)mentions.exact[i].start);
            esc_json_set_int(mention, "end", (int64_t)mentions.exact[i].end);
            esc_json_set(entry, "mention", mention);
            esc_json_push(resources, entry);
        }
    for (size_t i = 0; picked && i < esc_index_count(world_index); i++) {
        const struct esc_card card = esc_index_at(world_index, i, &mentions.arena);
        if (strcmp(card.name, picked) != 0)
            continue;
        struct esc_json *entry = world_entry(card.id);
        esc_json_set_bool(entry, "picked", true);
        esc_json_push(resources, entry);
        break;
    }
    esc_mentions_done(&mentions);
    esc_json_set_int(request, "v", 1);
    esc_json_set_text(request, "mode", "full");
    esc_json_set_text(request, "prompt", prompt);
    esc_json_set(request, "identified_resources", resources);
    esc_json_set(request, "user_context", world_user());
    return request;
}

/* The planner's answer, owned. */
static inline char *world_answer(const char *prompt, const char *picked)
{
    struct esc_error err;
    struct esc_buf response;
    esc_buf_init(&response, ESC_MAX_REQUEST);
    ESC_CLEANUP(esc_json_freep) struct esc_json *request = world_request(prompt, picked);
    expect_ok(esc_answer(world_planner, request, &response, &err));
    return esc_buf_take(&response);
}

/*
 * An answer in one line: "plan aws_rds_stop_instance pg-instance-main1 us-west-2", with values
 * from the prompt behind; "question coverage"; "answer"; "query FILTER"; "refusal no_playbook".
 * Owned.
 */
static inline char *world_summary(const char *prompt, const char *picked)
{
    struct esc_error err;
    ESC_CLEANUP(esc_freep) char *text = world_answer(prompt, picked);
    ESC_CLEANUP(esc_json_freep) struct esc_json *answer = NULL;
    expect_ok(esc_json_parse(esc_str_of(text), NULL, &answer, &err));
    const char *kind = esc_json_str(answer, "kind", "");
    if (strcmp(kind, "plan") != 0)
        return esc_sprintf("%s%s%s", kind, strcmp(kind, "answer") == 0 ? "" : " ",
                           esc_json_str(answer, "reason", esc_json_str(answer, "filter", "")));
    const char *target = esc_json_str(answer, "targets[0]", "");
    const struct esc_resource *resource = esc_map_get(world_resources, esc_str_of(target));
    char *line =
        esc_sprintf("plan %s %s %s", esc_json_str(answer, "playbook.id", ""),
                    resource ? resource->name : "?", resource ? resource->account_name : "?");
    const struct esc_json *parameters = esc_json_get(answer, "parameters");
    for (size_t i = 0; i < esc_json_len(parameters); i++) {
        const struct esc_json *one = esc_json_at(parameters, i);
        if (!esc_str_starts_with(esc_str_of(esc_json_str(one, "source", "")), ESC_STR("prompt")))
            continue;
        char *more = esc_sprintf("%s %lld", line, (long long)esc_json_num(one, "value", -1));
        free(line);
        line = more;
    }
    return line;
}
