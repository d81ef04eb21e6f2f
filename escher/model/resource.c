/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/model/resource.h"

#include <stdlib.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/model/account.h"
#include "escher/model/arn.h"
#include "escher/model/environment.h"
#include "escher/model/model_private.h"

static bool is_provider(struct esc_str text)
{
    static const char *const words[] = {"aws", "azure", "gcp", NULL};
    return model_is_one_of(text, words);
}

static bool is_type(struct esc_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!esc_is_lower(text.ptr[i]) &&
            !(i > 0 && (esc_is_digit(text.ptr[i]) || text.ptr[i] == '_')))
            return false;
    return text.len > 0;
}

static bool is_region(struct esc_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!esc_is_lower(text.ptr[i]) && !esc_is_digit(text.ptr[i]) && text.ptr[i] != '-')
            return false;
    return text.len > 0;
}

static bool is_arn(struct esc_str text)
{
    struct esc_arn arn;
    return esc_arn_parse(text, &arn);
}

static bool is_hash(struct esc_str text)
{
    const struct esc_str prefix = ESC_STR("sha256:");
    unsigned char bytes[ESC_HEX_SHA256 / 2];
    if (!esc_str_starts_with(text, prefix))
        return false;
    for (size_t i = prefix.len; i < text.len; i++)
        if (esc_is_upper(text.ptr[i]))
            return false;
    return esc_hex_parse(esc_str_slice(text, prefix.len, text.len), bytes, sizeof bytes);
}

/* Members that are nouns of their own. */

static enum esc_status read_permissions(const struct esc_json *json, void *member,
                                        struct esc_error *err)
{
    return esc_permissions_from_json(json, member, err);
}

static struct esc_json *write_permissions(const void *member)
{
    const struct esc_permissions *permissions = *(const struct esc_permissions *const *)member;
    return permissions ? esc_permissions_to_json(permissions) : NULL;
}

static void done_permissions(void *member)
{
    esc_permissions_free(*(struct esc_permissions **)member);
}

static void copy_permissions(const void *from, void *to)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = write_permissions(from);
    if (json)
        (void)read_permissions(json, to, NULL); /* what we wrote ourselves reads back */
}

static enum esc_status read_constraints(const struct esc_json *json, void *member,
                                        struct esc_error *err)
{
    return esc_constraints_from_json(json, member, err);
}

static struct esc_json *write_constraints(const void *member)
{
    return esc_constraints_to_json(member);
}

static void done_constraints(void *member)
{
    esc_constraints_done(member);
}

static void copy_constraints(const void *from, void *to)
{
    esc_constraints_copy(from, to);
}

#define AT(member) offsetof(struct esc_relation, member)
static const struct model_field relation_fields[] = {
    {"kind", MODEL_TEXT, AT(kind), true, "a word like in_vpc", is_type, NULL, 0},
    {"target", MODEL_TEXT, AT(target), true, NULL, NULL, NULL, 0},
};
#undef AT
static const struct model_shape relation_shape = {"relation", relation_fields,
                                                  ESC_COUNT(relation_fields)};

/* The member is the pointer `relations`; the count beside it is reached through the struct. */
static struct esc_resource *of_relations(void *member)
{
    return (struct esc_resource *)(void *)((char *)member -
                                           offsetof(struct esc_resource, relations));
}

static const struct esc_resource *const_of_relations(const void *member)
{
    return (const void *)((const char *)member - offsetof(struct esc_resource, relations));
}

static struct esc_relation *add_relation(struct esc_resource *resource)
{
    resource->relations = esc_realloc_array(resource->relations, resource->relation_count + 1,
                                            sizeof *resource->relations);
    struct esc_relation *relation = &resource->relations[resource->relation_count++];
    *relation = (struct esc_relation){0};
    return relation;
}

static enum esc_status read_relations(const struct esc_json *json, void *member,
                                      struct esc_error *err)
{
    if (!esc_json_is(json, ESC_JSON_ARRAY))
        return esc_fail(err, ESC_INVALID, "must be a list of relations");
    for (size_t i = 0; i < esc_json_len(json); i++) {
        struct esc_relation *relation = add_relation(of_relations(member));
        const enum esc_status status =
            model_read(&relation_shape, esc_json_at(json, i), relation, err);
        if (status != ESC_OK)
            return status;
    }
    return ESC_OK;
}

static struct esc_json *write_relations(const void *member)
{
    const struct esc_resource *resource = const_of_relations(member);
    struct esc_json *array = esc_json_array();
    for (size_t i = 0; i < resource->relation_count; i++)
        esc_json_push(array, model_write(&relation_shape, &resource->relations[i]));
    return array;
}

static void done_relations(void *member)
{
    struct esc_resource *resource = of_relations(member);
    for (size_t i = 0; i < resource->relation_count; i++)
        model_done(&relation_shape, &resource->relations[i]);
    free(resource->relations);
}

static void copy_relations(const void *from, void *to)
{
    const struct esc_resource *resource = const_of_relations(from);
    for (size_t i = 0; i < resource->relation_count; i++)
        model_copy(&relation_shape, &resource->relations[i], add_relation(of_relations(to)));
}

static const struct model_nested permissions = {read_permissions, write_permissions,
                                                done_permissions, copy_permissions};
static const struct model_nested constraints = {read_constraints, write_constraints,
                                                done_constraints, copy_constraints};
static const struct model_nested relations = {read_relations, write_relations, done_relations,
                                              copy_relations};

static const char a_hash[] = "sha256: and 64 lower-case hex digits";

#define AT(member) offsetof(struct esc_resource, member)
static const struct model_field fields[] = {
    {"id", MODEL_TEXT, AT(id), true, NULL, NULL, NULL, 0},
    {"provider", MODEL_TEXT, AT(provider), true, "aws, azure or gcp", is_provider, NULL, 0},
    {"resource_type", MODEL_TEXT, AT(resource_type), true, "a word like rds_instance", is_type,
     NULL, 0},
    {"identifier", MODEL_TEXT, AT(identifier), true, NULL, NULL, NULL, 0},
    {"arn", MODEL_TEXT, AT(arn), true, "an ARN", is_arn, NULL, 0},
    {"name", MODEL_TEXT, AT(name), true, NULL, NULL, NULL, 0},
    {"account_id", MODEL_TEXT, AT(account_id), true, NULL, NULL, NULL, 0},
    {"account_name", MODEL_TEXT, AT(account_name), true, NULL, NULL, NULL, 0},
    {"region", MODEL_TEXT, AT(region), true, "a region like us-west-2", is_region, NULL, 0},
    {"state", MODEL_TEXT, AT(state), false, NULL, NULL, NULL, 0},
    {"created_at", MODEL_TIME, AT(created_at_ms), false, NULL, NULL, NULL, 0},
    {"tags", MODEL_TAGS, AT(tags), true, NULL, NULL, NULL, 0},
    {"metadata", MODEL_OBJECT, AT(metadata), true, NULL, NULL, NULL, 0},
    {"iam", MODEL_NESTED, AT(permissions), false, NULL, NULL, &permissions, 0},
    {"constraints", MODEL_NESTED, AT(constraints), true, NULL, NULL, &constraints, 0},
    {"relations", MODEL_NESTED, AT(relations), true, NULL, NULL, &relations, 0},
    {"last_synced", MODEL_TIME, AT(last_synced_ms), false, NULL, NULL, NULL, 0},
    {"seen_in", MODEL_TEXT, AT(seen_in), false, NULL, NULL, NULL, 0},
    {"content_hash", MODEL_TEXT, AT(content_hash), false, a_hash, is_hash, NULL, 0},
    {"embedded_hash", MODEL_TEXT, AT(embedded_hash), false, a_hash, is_hash, NULL, 0},
};
#undef AT
static const struct model_shape shape = {"resource", fields, ESC_COUNT(fields)};

struct esc_resource *esc_resource_new(void)
{
    struct esc_resource *resource = esc_alloc_zero(sizeof *resource);
    resource->tags = esc_json_object();
    resource->metadata = esc_json_object();
    return resource;
}

void esc_resource_free(struct esc_resource *resource)
{
    if (resource)
        model_done(&shape, resource);
    free(resource);
}

void esc_resource_free_item(void *resource)
{
    esc_resource_free(resource);
}

struct esc_resource *esc_resource_take(struct esc_resource *resource)
{
    struct esc_resource *taken = esc_alloc(sizeof *taken);
    *taken = *resource;
    *resource = (struct esc_resource){0};
    return taken;
}

struct esc_resource *esc_resource_copy(const struct esc_resource *resource)
{
    struct esc_resource *copy = esc_resource_new();
    model_copy(&shape, resource, copy);
    return copy;
}

char *esc_resource_key(const char *account_id, const char *region, const char *resource_type,
                       const char *identifier)
{
    const char *const parts[] = {account_id, region, resource_type, identifier};
    size_t lens[ESC_COUNT(parts)], len = 0;
    for (size_t i = 0; i < ESC_COUNT(parts); i++)
        len += 1 + (lens[i] = strlen(parts[i]));
    char *key = esc_alloc(len), *end = key; /* made for each relation: not by printf */
    for (size_t i = 0; i < ESC_COUNT(parts); i++) {
        memcpy(end, parts[i], lens[i]);
        end += lens[i];
        *end++ = i + 1 < ESC_COUNT(parts) ? '-' : '\0';
    }
    return key;
}

/* What the table cannot say: the id follows from the parts, and AWS accounts have 12 digits. */
static enum esc_status check_whole(const struct esc_resource *resource, struct esc_error *err)
{
    if (esc_text_equal(resource->provider, "aws") &&
        !esc_account_id_is_valid(esc_str_of(resource->account_id)))
        return esc_fail(err, ESC_INVALID, "`account_id` must be twelve digits");
    ESC_CLEANUP(esc_freep)
    char *key = esc_resource_key(resource->account_id, resource->region, resource->resource_type,
                                 resource->identifier);
    if (!esc_text_equal(key, resource->id))
        return esc_fail(err, ESC_INVALID, "`id` must be `%s`", key);
    return ESC_OK;
}

static enum esc_status check_size(const struct esc_json *json, struct esc_error *err)
{
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_RESOURCE);
    esc_json_write(json, ESC_JSON_COMPACT, &text);
    const enum esc_status status = esc_buf_status(&text, "the resource", err);
    esc_buf_done(&text);
    return status;
}

enum esc_status esc_resource_from_json(const struct esc_json *json, struct esc_resource **out,
                                       struct esc_error *err)
{
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = esc_resource_new();
    enum esc_status status = check_size(json, err);
    if (status == ESC_OK)
        status = model_read(&shape, json, resource, err);
    if (status == ESC_OK)
        status = check_whole(resource, err);
    if (status == ESC_OK)
        *out = ESC_STEAL(resource);
    return status;
}

struct esc_json *esc_resource_to_json(const struct esc_resource *resource)
{
    return model_write(&shape, resource);
}

const char *esc_resource_tag(const struct esc_resource *resource, const char *key)
{
    const struct esc_json *value = esc_json_member(resource->tags, key);
    return value ? esc_json_str(value, "", NULL) : NULL;
}

void esc_resource_relate(struct esc_resource *resource, const char *kind, const char *target)
{
    for (size_t i = 0; i < resource->relation_count; i++)
        if (esc_text_equal(resource->relations[i].kind, kind) &&
            esc_text_equal(resource->relations[i].target, target))
            return;
    *add_relation(resource) = (struct esc_relation){esc_strdup(kind), esc_strdup(target)};
}

void esc_resource_unrelate(struct esc_resource *resource, const char *kind, const char *target)
{
    size_t kept = 0;
    for (size_t i = 0; i < resource->relation_count; i++) {
        struct esc_relation *relation = &resource->relations[i];
        if (esc_text_equal(relation->kind, kind) && esc_text_equal(relation->target, target)) {
            free(relation->kind);
            free(relation->target);
        } else {
            resource->relations[kept++] = *relation;
        }
    }
    resource->relation_count = kept;
}

const char *esc_environment_of_resource(const struct esc_resource *resource)
{
    const char *environment = esc_environment_of_tags(resource->tags);
    if (!environment && resource->account_name)
        environment = esc_environment_of_text(esc_str_of(resource->account_name));
    return environment;
}
