/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/request/context.h"

#include "escher/catalog/resource_type.h"

/* Scalar metadata stands beside the resource's own fields, which win over a clash of names. */
static void add_metadata(struct esc_json *facts, const struct esc_json *metadata)
{
    void *position = NULL;
    const char *key;
    const struct esc_json *value;
    while (esc_json_next(metadata, &position, &key, &value)) {
        const bool scalar =
            !esc_json_is(value, ESC_JSON_ARRAY) && !esc_json_is(value, ESC_JSON_OBJECT);
        if (scalar && !esc_json_member(facts, key))
            esc_json_set(facts, key, esc_json_ref(value));
    }
}

static void add_permissions(struct esc_json *facts, const struct esc_permissions *permissions)
{
    struct esc_json *allowed = esc_json_array();
    for (size_t i = 0; permissions && i < permissions->allowed_actions.count; i++)
        esc_json_push_text(allowed, esc_list_at(&permissions->allowed_actions, i));
    esc_json_set(facts, "available_permissions", allowed);
}

static void add_identity(struct esc_json *facts, const struct esc_resource *resource)
{
    esc_json_set_text(facts, "id", resource->id);
    esc_json_set_text(facts, "resource_type", resource->resource_type);
    const struct esc_resource_type *type = esc_resource_type_find(resource->resource_type);
    if (type)
        esc_json_set_text(facts, type->request_key, resource->identifier);
    esc_json_set_text(facts, "identifier", resource->identifier);
    esc_json_set_text(facts, "name", resource->name);
    if (resource->arn)
        esc_json_set_text(facts, "arn", resource->arn);
    esc_json_set_text(facts, "account_id", resource->account_id);
    if (resource->account_name)
        esc_json_set_text(facts, "account_name", resource->account_name);
    esc_json_set_text(facts, "region", resource->region);
}

struct esc_json *esc_request_facts(const struct esc_resource *resource)
{
    struct esc_json *facts = esc_json_object();
    add_identity(facts, resource);
    if (resource->state)
        esc_json_set_text(facts, "current_state", resource->state);
    const char *environment = esc_environment_of_resource(resource);
    if (environment)
        esc_json_set_text(facts, "environment", environment);
    esc_json_set(facts, "tags", esc_json_ref(resource->tags));
    add_permissions(facts, resource->permissions);
    esc_json_set(facts, "constraints", esc_constraints_to_json(&resource->constraints));
    add_metadata(facts, resource->metadata);
    return facts;
}

static struct esc_json *resource_entry(const struct esc_request_resource *entry)
{
    struct esc_json *facts = esc_request_facts(entry->resource);
    if (entry->picked)
        esc_json_set_bool(facts, "picked", true);
    if (entry->mention_end > 0) {
        struct esc_json *mention = esc_json_object();
        esc_json_set_int(mention, "start", (int64_t)entry->mention_start);
        esc_json_set_int(mention, "end", (int64_t)entry->mention_end);
        esc_json_set(facts, "mention", mention);
    }
    return facts;
}

struct esc_json *esc_request_to_json(const struct esc_request *request)
{
    struct esc_json *json = esc_json_object();
    esc_json_set_int(json, "v", 1);
    esc_json_set_text(json, "mode", "full");
    esc_json_set_str(json, "prompt", request->prompt);
    struct esc_json *resources = esc_json_array();
    for (size_t i = 0; i < request->resource_count; i++)
        esc_json_push(resources, resource_entry(&request->resources[i]));
    esc_json_set(json, "identified_resources", resources);
    struct esc_json *user = esc_json_object();
    esc_json_set_text(user, "user_id", request->user_id);
    if (request->default_region)
        esc_json_set_text(user, "default_region", request->default_region);
    if (request->session_expires_ms)
        esc_json_set_time(user, "session_expires", request->session_expires_ms);
    struct esc_json *accounts = esc_json_array();
    for (size_t i = 0; i < request->account_count; i++)
        esc_json_push_text(accounts, request->account_ids[i]);
    esc_json_set(user, "aws_accounts", accounts);
    esc_json_set(json, "user_context", user);
    esc_json_set(json, "history",
                 request->history ? esc_json_ref(request->history) : esc_json_array());
    return json;
}
