/* SPDX-License-Identifier: Apache-2.0 */

/* The small readers every service file is made of. */

#include <stdlib.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/clock.h"
#include "escher/base/limits.h"
#include "escher/catalog/resource_type.h"
#include "escher/model/account.h"
#include "escher/model/arn.h"
#include "escher/model/partition.h"
#include "escher/model/relation_kind.h"
#include "escher/scan/scan_private.h"

static void set_text(char **field, const char *text)
{
    free(*field);
    *field = esc_strdup(text);
}

static bool is_usable(const char *text)
{
    return text && *text && esc_str_of(text).len <= ESC_MAX_NAME;
}

/* The ARN the cloud gave, or one from the type's template. One of another partition than the place
 * names something that cannot be here, whatever it is: then there is none. */
static char *arn_of(const struct scan_page *page, const struct esc_resource_type *type,
                    const char *identifier, const char *arn, const char *owner)
{
    struct esc_arn parts;
    if (arn && esc_arn_parse(esc_str_of(arn), &parts))
        return esc_str_is(parts.partition, esc_partition_of_region(esc_str_of(page->place->region)))
                   ? esc_strdup(arn)
                   : NULL;
    if (!owner || !esc_account_id_is_valid(esc_str_of(owner)))
        owner = page->place->account->id;
    return esc_resource_type_arn(type, page->place->region, owner, identifier);
}

struct esc_resource *scan_add(struct scan_page *page, const char *type, const char *identifier,
                              const char *arn, const char *owner)
{
    const struct esc_resource_type *row = esc_resource_type_find(type);
    char *full_arn = is_usable(identifier) ? arn_of(page, row, identifier, arn, owner) : NULL;
    if (!full_arn) {
        page->unread_count++;
        return NULL;
    }
    struct esc_resource *resource = esc_resource_new();
    resource->provider = esc_strdup("aws");
    resource->resource_type = esc_strdup(type);
    resource->identifier = esc_strdup(identifier);
    resource->arn = full_arn;
    resource->name = esc_strdup(identifier);
    resource->account_id = esc_strdup(page->place->account->id);
    resource->account_name = esc_strdup(page->place->account->name);
    resource->last_synced_ms = page->place->now_ms;
    resource->seen_in = esc_strdup_null(page->place->sync_id);
    scan_locate(resource, page->place->region);
    esc_list_push(page->resources, resource);
    return resource;
}

void scan_locate(struct esc_resource *resource, const char *region)
{
    set_text(&resource->region, region);
    free(resource->id);
    resource->id = esc_resource_key(resource->account_id, region, resource->resource_type,
                                    resource->identifier);
}

void scan_set_name(struct esc_resource *resource, const char *name)
{
    if (is_usable(name))
        set_text(&resource->name, name);
}

void scan_set_state(struct esc_resource *resource, const struct esc_json *item, const char *path)
{
    const char *state = esc_json_str(item, path, NULL);
    if (is_usable(state))
        set_text(&resource->state, state);
}

/* Lambda and older services write "+0000", which RFC 3339 spells "+00:00". */
uint64_t scan_time(const char *text)
{
    const struct esc_str given = esc_str_of(text);
    uint64_t wall_ms = 0;
    if (given.len > 5 && (given.ptr[given.len - 5] == '+' || given.ptr[given.len - 5] == '-')) {
        ESC_CLEANUP(esc_freep)
        char *spelled = esc_sprintf("%.*s:%s", (int)(given.len - 2), text, text + given.len - 2);
        return esc_time_parse(esc_str_of(spelled), &wall_ms) ? wall_ms : 0;
    }
    return esc_time_parse(given, &wall_ms) ? wall_ms : 0;
}

/* The first CLI prints seconds since 1970 where the protocol has them, the second one a text. */
static uint64_t time_at(const struct esc_json *item, const char *path)
{
    const struct esc_json *value = esc_json_get(item, path);
    if (esc_json_is(value, ESC_JSON_INT) || esc_json_is(value, ESC_JSON_REAL)) {
        const double seconds = esc_json_dbl(value, "", 0);
        return seconds > 0 && seconds < 1e11 ? (uint64_t)(seconds * 1000 + 0.5) : 0;
    }
    return scan_time(esc_json_str(value, "", ""));
}

void scan_set_created(struct esc_resource *resource, const struct esc_json *item, const char *path)
{
    resource->created_at_ms = time_at(item, path);
}

void scan_take_time(struct esc_resource *resource, const struct esc_json *item, const char *name,
                    const char *path)
{
    const uint64_t wall_ms = time_at(item, path);
    char text[ESC_TIME_TEXT];
    if (wall_ms == 0)
        return;
    esc_time_format(wall_ms, text);
    esc_json_set_text(resource->metadata, name, text);
}

struct esc_json *scan_tag_object(const struct esc_json *list)
{
    struct esc_json *tags = esc_json_object();
    for (size_t i = 0; i < esc_json_len(list); i++) {
        const struct esc_json *tag = esc_json_at(list, i);
        const bool small = esc_json_member(tag, "key"); /* newer services write it so */
        const struct esc_json *key = esc_json_member(tag, small ? "key" : "Key");
        const struct esc_json *value = esc_json_member(tag, small ? "value" : "Value");
        if (esc_json_is(key, ESC_JSON_STRING))
            esc_json_set_key(tags, esc_json_value(key),
                             esc_json_is(value, ESC_JSON_STRING) ? esc_json_ref(value)
                                                                 : esc_json_text(""));
    }
    return tags;
}

void scan_take_tag_map(struct esc_resource *resource, const struct esc_json *item, const char *path)
{
    const struct esc_json *map = esc_json_get(item, path), *value;
    void *position = NULL;
    const char *key;
    esc_json_free(resource->tags);
    resource->tags = esc_json_object();
    while (esc_json_next(map, &position, &key, &value))
        if (esc_json_is(value, ESC_JSON_STRING))
            esc_json_set(resource->tags, key, esc_json_ref(value));
}

void scan_take_tags(struct esc_resource *resource, const struct esc_json *item, const char *path)
{
    esc_json_free(resource->tags);
    resource->tags = scan_tag_object(esc_json_get(item, path));
}

void scan_name_by_tag(struct esc_resource *resource)
{
    scan_set_name(resource, esc_resource_tag(resource, "Name"));
}

static bool is_scalar(const struct esc_json *value)
{
    return esc_json_is(value, ESC_JSON_STRING) || esc_json_is(value, ESC_JSON_INT) ||
           esc_json_is(value, ESC_JSON_REAL) || esc_json_is(value, ESC_JSON_BOOL);
}

/* A scalar, which nobody changes and many share, or a list of its own of a list's scalars; NULL for
 * anything else, empty texts and lists too. */
static struct esc_json *plain_part(const struct esc_json *value)
{
    if (esc_json_is(value, ESC_JSON_STRING) && esc_json_value(value).len == 0)
        return NULL;
    if (is_scalar(value))
        return esc_json_ref(value);
    if (!esc_json_is(value, ESC_JSON_ARRAY))
        return NULL;
    struct esc_json *list = esc_json_array();
    for (size_t i = 0; i < esc_json_len(value); i++)
        if (is_scalar(esc_json_at(value, i)))
            esc_json_push(list, esc_json_ref(esc_json_at(value, i)));
    if (esc_json_len(list) > 0)
        return list;
    esc_json_free(list);
    return NULL;
}

void scan_take_fields(struct esc_resource *resource, const struct esc_json *item,
                      const struct scan_field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++)
        esc_json_set(resource->metadata, fields[i].name,
                     plain_part(esc_json_get(item, fields[i].path)));
}

void scan_relate(struct esc_resource *resource, const char *kind, const char *type,
                 const char *identifier)
{
    ESC_ASSERT(esc_relation_kind_find(kind));
    if (!is_usable(identifier))
        return;
    ESC_CLEANUP(esc_freep)
    char *target = esc_resource_key(resource->account_id, resource->region, type, identifier);
    esc_resource_relate(resource, kind, target);
}

void scan_relate_all(struct esc_resource *resource, const char *kind, const char *type,
                     const struct esc_json *item, const char *path, const char *member)
{
    const struct esc_json *list = esc_json_get(item, path);
    for (size_t i = 0; i < esc_json_len(list); i++)
        scan_relate(resource, kind, type, esc_json_str(esc_json_at(list, i), member, NULL));
}

/* How an ARN names resources of a type that are called otherwise than by all behind the kind:
 * "loadbalancer/app/web/50dc6c495c0c9188" is the load balancer web. */
static const struct {
    const char *type;
    char separator;
    int piece; /* -1: the last one */
} arn_names[] = {
    {"load_balancer", '/', 1}, {"target_group", '/', 0},   {"lambda_function", ':', 0},
    {"lambda_layer", ':', 0},  {"iam_role", '/', -1},      {"iam_user", '/', -1},
    {"rds_cluster", ':', 0},   {"dynamodb_table", '/', 0}, {"iam_instance_profile", '/', -1},
};

static struct esc_str identifier_of(const struct esc_arn *arn, const char *type)
{
    const struct esc_str name = esc_arn_name(arn);
    struct esc_str rest = name, piece = name;
    for (size_t i = 0; i < ESC_COUNT(arn_names); i++) {
        if (!esc_text_equal(arn_names[i].type, type))
            continue;
        for (int at = 0; esc_str_next(&rest, arn_names[i].separator, &piece); at++)
            if (at == arn_names[i].piece)
                break;
        return piece;
    }
    return name;
}

void scan_relate_arn(struct esc_resource *resource, const char *kind, const char *type,
                     const char *text)
{
    struct esc_arn arn;
    ESC_ASSERT(esc_relation_kind_find(kind));
    if (!is_usable(text) || !esc_arn_parse(esc_str_of(text), &arn))
        return;
    const bool is_global = esc_str_is(arn.service, "iam");
    ESC_CLEANUP(esc_freep)
    char *account =
        arn.account.len > 0 ? esc_str_dup(arn.account) : esc_strdup(resource->account_id);
    ESC_CLEANUP(esc_freep)
    char *region = is_global ? esc_strdup(SCAN_GLOBAL) : esc_str_dup(arn.region);
    ESC_CLEANUP(esc_freep) char *identifier = esc_str_dup(identifier_of(&arn, type));
    ESC_CLEANUP(esc_freep) char *target = esc_resource_key(account, region, type, identifier);
    esc_resource_relate(resource, kind, target);
}

struct esc_resource *scan_find_arn(const struct scan_page *page, const char *arn)
{
    for (size_t i = 0; arn && i < page->resources->count; i++) {
        struct esc_resource *resource = esc_list_at(page->resources, i);
        if (esc_text_equal(resource->arn, arn))
            return resource;
    }
    return NULL;
}

const char *scan_last_piece(const char *text, char separator)
{
    const char *last = text ? strrchr(text, separator) : NULL;
    return last ? last + 1 : text;
}

bool scan_is_type(const struct esc_resource *resource, const char *type)
{
    return esc_text_equal(resource->resource_type, type);
}
