/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/model/resource_diff.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/list.h"
#include "escher/base/utf8.h"

enum {
    MAX_DEPTH = 3, /* of objects that are looked into; what lies deeper is one value */
};

static bool is_left_out(const char *path)
{
    static const char *const paths[] = {"id",           "provider",           "resource_type",
                                        "identifier",   "account_id",         "region",
                                        "iam",          "last_synced",        "seen_in",
                                        "content_hash", "embedded_hash",      "relations",
                                        "account_name", "constraints.reasons"};
    for (size_t i = 0; i < ESC_COUNT(paths); i++)
        if (strcmp(path, paths[i]) == 0)
            return true;
    return false;
}

static void set_value(struct esc_json *flat, const char *path, const struct esc_json *value)
{
    if (esc_json_is(value, ESC_JSON_STRING)) {
        esc_json_set_str(flat, path, esc_utf8_cut(esc_json_value(value), ESC_DIFF_VALUE));
        return;
    }
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(value, ESC_JSON_SORTED);
    esc_json_set_str(flat, path, esc_utf8_cut(esc_str_of(text), ESC_DIFF_VALUE));
}

static void flatten(const struct esc_json *object, const char *above, int depth,
                    struct esc_json *flat)
{
    void *position = NULL;
    const char *key;
    const struct esc_json *value;
    while (esc_json_next(object, &position, &key, &value)) {
        ESC_CLEANUP(esc_freep)
        char *path = *above ? esc_sprintf("%s.%s", above, key) : esc_strdup(key);
        if (is_left_out(path) || esc_json_is(value, ESC_JSON_NULL))
            continue;
        if (esc_json_is(value, ESC_JSON_OBJECT) && depth < MAX_DEPTH)
            flatten(value, path, depth + 1, flat);
        else
            set_value(flat, path, value);
    }
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* The targets of a kind, sorted, without what they share with every resource here. */
static void flatten_relations(const struct esc_resource *resource, struct esc_json *flat)
{
    struct esc_list lines;
    esc_list_init(&lines, free);
    for (size_t i = 0; i < resource->relation_count; i++)
        esc_list_push(&lines, esc_sprintf("relations.%s %s", resource->relations[i].kind,
                                          resource->relations[i].target));
    esc_list_sort(&lines, by_text);
    for (size_t i = 0; i < lines.count; i++) {
        struct esc_str target = esc_str_of(lines.items[i]), kind;
        (void)esc_str_next(&target, ' ', &kind); /* it has one */
        ESC_CLEANUP(esc_freep) char *path = esc_str_dup(kind);
        const struct esc_str before = esc_json_value(esc_json_member(flat, path));
        ESC_CLEANUP(esc_freep)
        char *all = esc_sprintf("%.*s%s%.*s", ESC_STR_ARG(before), before.len ? ", " : "",
                                ESC_STR_ARG(target));
        esc_json_set_str(flat, path, esc_utf8_cut(esc_str_of(all), ESC_DIFF_VALUE));
    }
    esc_list_done(&lines);
}

static struct esc_json *flat_of(const struct esc_resource *resource)
{
    struct esc_json *flat = esc_json_object();
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_resource_to_json(resource);
    flatten(json, "", 0, flat);
    flatten_relations(resource, flat);
    return flat;
}

/* Pushes the names that the other one lacks or has another value for. */
static void find_changed(const struct esc_json *one, const struct esc_json *other,
                         bool only_lacking, struct esc_list *names)
{
    void *position = NULL;
    const char *name;
    const struct esc_json *value;
    while (esc_json_next(one, &position, &name, &value)) {
        const struct esc_json *its = esc_json_member(other, name);
        if (!its || (!only_lacking && !esc_json_equal(value, its)))
            esc_list_push(names, esc_strdup(name));
    }
}

static struct esc_json *change_of(const char *name, const struct esc_json *before,
                                  const struct esc_json *after)
{
    struct esc_json *change = esc_json_object();
    const struct esc_json *from = esc_json_member(before, name), *to = esc_json_member(after, name);
    esc_json_set_text(change, "field", name);
    if (from)
        esc_json_set(change, "from", esc_json_copy(from));
    if (to)
        esc_json_set(change, "to", esc_json_copy(to));
    return change;
}

struct esc_json *esc_resource_diff(const struct esc_resource *before,
                                   const struct esc_resource *after)
{
    struct esc_list names;
    struct esc_json *changes = esc_json_array();
    ESC_CLEANUP(esc_json_freep) struct esc_json *was = flat_of(before);
    ESC_CLEANUP(esc_json_freep) struct esc_json *is = flat_of(after);
    esc_list_init(&names, free);
    find_changed(was, is, false, &names);
    find_changed(is, was, true, &names);
    esc_list_sort(&names, by_text);
    for (size_t i = 0; i < names.count; i++) {
        if (i + 1 == ESC_DIFF_FIELDS && names.count > ESC_DIFF_FIELDS) {
            struct esc_json *rest = esc_json_object();
            ESC_CLEANUP(esc_freep) char *text = esc_sprintf("%zu more fields", names.count - i);
            esc_json_set_text(rest, "field", text);
            esc_json_push(changes, rest);
            break;
        }
        esc_json_push(changes, change_of(names.items[i], was, is));
    }
    esc_list_done(&names);
    return changes;
}
