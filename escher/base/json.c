/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/json.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/clock.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/base/utf8.h"

/*
 * A struct esc_json * is a json_t *, never defined. jansson's own depth limit is fixed at
 * compile time (2048), so depth is counted over the text before parsing.
 */
static json_t *inside(const struct esc_json *json)
{
    return (json_t *)(uintptr_t)json;
}

static struct esc_json *outside(const json_t *value)
{
    ESC_ASSERT(value);
    return (struct esc_json *)(uintptr_t)value;
}

static unsigned depth_of(struct esc_str text)
{
    unsigned depth = 0, deepest = 0;
    bool quoted = false;
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];
        if (quoted) {
            i += c == '\\';
            quoted = c != '"';
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            if (++depth > deepest)
                deepest = depth;
        } else if ((c == '}' || c == ']') && depth) {
            depth--;
        }
    }
    return deepest;
}

enum esc_status esc_json_parse(struct esc_str text, const struct esc_json_limits *limits,
                               struct esc_json **out, struct esc_error *err)
{
    static const struct esc_json_limits usual = {ESC_MAX_JSON, ESC_MAX_JSON_DEPTH};
    const struct esc_json_limits *use = limits ? limits : &usual;
    if (text.len > use->max_bytes)
        return esc_fail(err, ESC_LIMIT, "JSON of %zu bytes; the limit is %zu", text.len,
                        use->max_bytes);
    if (depth_of(text) > use->max_depth)
        return esc_fail(err, ESC_LIMIT, "JSON nests deeper than %u", use->max_depth);
    if (text.len && memchr(text.ptr, '\0', text.len)) /* jansson would take it for the end */
        return esc_fail(err, ESC_INVALID, "JSON line 1 column 1: a NUL byte in the text");
    json_error_t where;
    const size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY;
    json_t *value = json_loadb(text.ptr ? text.ptr : "", text.len, flags, &where);
    if (!value)
        return esc_fail(err, ESC_INVALID, "JSON line %d column %d: %s", where.line, where.column,
                        where.text);
    *out = outside(value);
    return ESC_OK;
}

void esc_json_free(struct esc_json *json)
{
    json_decref(inside(json));
}

void esc_json_free_item(void *json)
{
    esc_json_free(json);
}

static void wipe_text(json_t *string)
{
    explicit_bzero((char *)(uintptr_t)json_string_value(string), json_string_length(string));
}

/* Depth is bounded by the parser's limit; a value with other owners stays as it is. */
static void wipe(json_t *value)
{
    const char *name;
    json_t *member;
    size_t i;
    if (!value || value->refcount != 1)
        return;
    if (json_is_string(value))
        wipe_text(value);
    json_object_foreach(value, name, member) wipe(member);
    json_array_foreach(value, i, member) wipe(member);
}

void esc_json_wipe_free(struct esc_json *json)
{
    wipe(inside(json));
    esc_json_free(json);
}

struct esc_json *esc_json_ref(const struct esc_json *json)
{
    return outside(json_incref(inside(json)));
}

struct esc_json *esc_json_copy(const struct esc_json *json)
{
    return outside(json_deep_copy(inside(json)));
}

struct esc_json *esc_json_object(void)
{
    return outside(json_object());
}

struct esc_json *esc_json_array(void)
{
    return outside(json_array());
}

struct esc_json *esc_json_string(struct esc_str text)
{
    const bool clean = esc_utf8_is_valid(text) && !(text.len && memchr(text.ptr, '\0', text.len));
    if (clean)
        return outside(json_stringn_nocheck(text.ptr ? text.ptr : "", text.len));
    struct esc_buf buf;
    esc_buf_init(&buf, SIZE_MAX / 2); /* at most three times the text, which is in memory already */
    while (text.len) {
        const uint32_t c = esc_utf8_next(&text);
        esc_utf8_append(&buf, c == 0 || c == ESC_UTF8_INVALID ? 0xFFFD : c);
    }
    struct esc_json *value = outside(json_stringn_nocheck(esc_buf_text(&buf), buf.len));
    esc_buf_done(&buf);
    return value;
}

struct esc_json *esc_json_text(const char *text)
{
    return text ? esc_json_string(esc_str_of(text)) : esc_json_null();
}

struct esc_json *esc_json_int(int64_t value)
{
    return outside(json_integer(value));
}

struct esc_json *esc_json_real(double value)
{
    return isfinite(value) ? outside(json_real(value)) : esc_json_null();
}

struct esc_json *esc_json_bool(bool value)
{
    return outside(json_boolean(value));
}

struct esc_json *esc_json_null(void)
{
    return outside(json_null());
}

void esc_json_set(struct esc_json *object, const char *key, struct esc_json *value)
{
    if (!value)
        return;
    ESC_ASSERT(json_object_set_new_nocheck(inside(object), key, inside(value)) == 0);
}

void esc_json_set_key(struct esc_json *object, struct esc_str key, struct esc_json *value)
{
    if (!value)
        return;
    ESC_ASSERT(json_object_setn_new_nocheck(inside(object), key.len ? key.ptr : "", key.len,
                                            inside(value)) == 0);
}

void esc_json_set_text(struct esc_json *object, const char *key, const char *text)
{
    esc_json_set(object, key, esc_json_text(text));
}

void esc_json_set_secret(struct esc_json *object, const char *key, const char *text)
{
    json_t *old = json_incref(json_object_get(inside(object), key)); /* NULL stays NULL */
    esc_json_set_text(object, key, text);
    esc_json_wipe_free((struct esc_json *)old);
}

void esc_json_set_str(struct esc_json *object, const char *key, struct esc_str text)
{
    esc_json_set(object, key, esc_json_string(text));
}

void esc_json_set_int(struct esc_json *object, const char *key, int64_t value)
{
    esc_json_set(object, key, esc_json_int(value));
}

void esc_json_set_bool(struct esc_json *object, const char *key, bool value)
{
    esc_json_set(object, key, esc_json_bool(value));
}

void esc_json_set_time(struct esc_json *object, const char *key, uint64_t wall_ms)
{
    char text[ESC_TIME_TEXT];
    if (wall_ms == 0)
        return;
    esc_time_format(wall_ms, text);
    esc_json_set_text(object, key, text);
}

void esc_json_remove(struct esc_json *object, const char *key)
{
    (void)json_object_del(inside(object), key); /* a missing member is fine */
}

struct member {
    char *name;
    struct esc_json *value;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct member *)a)->name, ((const struct member *)b)->name);
}

void esc_json_sort_members(struct esc_json *object, size_t kept)
{
    const size_t all = esc_json_len(object);
    if (all < kept + 2)
        return;
    ESC_CLEANUP(esc_freep)
    struct member *members = esc_alloc_array(all - kept, sizeof *members);
    size_t at = 0, count = 0;
    const char *name;
    const struct esc_json *value;
    for (void *position = NULL; esc_json_next(object, &position, &name, &value); at++)
        if (at >= kept)
            members[count++] = (struct member){esc_strdup(name), esc_json_ref(value)};
    qsort(members, count, sizeof *members, by_name);
    for (size_t i = 0; i < count; i++)
        esc_json_remove(object, members[i].name);
    for (size_t i = 0; i < count; i++) {
        esc_json_set(object, members[i].name, members[i].value);
        free(members[i].name);
    }
}

void esc_json_push(struct esc_json *array, struct esc_json *value)
{
    if (!value)
        return;
    ESC_ASSERT(json_array_append_new(inside(array), inside(value)) == 0);
}

void esc_json_push_text(struct esc_json *array, const char *text)
{
    esc_json_push(array, esc_json_text(text));
}

void esc_json_replace(struct esc_json *array, size_t index, struct esc_json *value)
{
    ESC_ASSERT(json_array_set_new(inside(array), index, inside(value)) == 0);
}

enum esc_json_type esc_json_type(const struct esc_json *json)
{
    if (!json)
        return ESC_JSON_NULL;
    switch (json_typeof(inside(json))) {
    case JSON_OBJECT:
        return ESC_JSON_OBJECT;
    case JSON_ARRAY:
        return ESC_JSON_ARRAY;
    case JSON_STRING:
        return ESC_JSON_STRING;
    case JSON_INTEGER:
        return ESC_JSON_INT;
    case JSON_REAL:
        return ESC_JSON_REAL;
    case JSON_TRUE:
    case JSON_FALSE:
        return ESC_JSON_BOOL;
    case JSON_NULL:
    default:
        return ESC_JSON_NULL;
    }
}

bool esc_json_is(const struct esc_json *json, enum esc_json_type type)
{
    return json && esc_json_type(json) == type;
}

const char *esc_json_type_text(enum esc_json_type type)
{
    static const char *const texts[] = {
        [ESC_JSON_NULL] = "null",          [ESC_JSON_BOOL] = "a boolean",
        [ESC_JSON_INT] = "a whole number", [ESC_JSON_REAL] = "a number",
        [ESC_JSON_STRING] = "a string",    [ESC_JSON_ARRAY] = "an array",
        [ESC_JSON_OBJECT] = "an object",
    };
    return texts[type];
}

const struct esc_json *esc_json_member(const struct esc_json *object, const char *key)
{
    const json_t *value = json_object_get(inside(object), key); /* NULL for what is no object */
    return value ? outside(value) : NULL;
}

static const struct esc_json *member_of(const struct esc_json *object, struct esc_str key)
{
    const json_t *value = json_object_getn(inside(object), key.len ? key.ptr : "", key.len);
    return value ? outside(value) : NULL;
}

/* One step of a path off its front: "Name", "[0]"; the dot between them goes too. */
static const struct esc_json *take_step(const struct esc_json *at, struct esc_str *path)
{
    if (path->ptr[0] == '[') {
        const size_t close = esc_str_find(*path, ESC_STR("]"), 1);
        uint64_t index;
        ESC_ASSERT(close != SIZE_MAX && esc_num_u64(esc_str_slice(*path, 1, close), &index));
        *path = esc_str_slice(*path, close + 1, path->len);
        at = esc_json_at(at, (size_t)index);
    } else {
        size_t end = 0;
        while (end < path->len && path->ptr[end] != '.' && path->ptr[end] != '[')
            end++;
        at = member_of(at, esc_str_slice(*path, 0, end));
        *path = esc_str_slice(*path, end, path->len);
    }
    if (path->len && path->ptr[0] == '.')
        *path = esc_str_slice(*path, 1, path->len);
    return at;
}

const struct esc_json *esc_json_get(const struct esc_json *root, const char *path)
{
    struct esc_str rest = esc_str_of(path);
    while (root && rest.len)
        root = take_step(root, &rest);
    return root;
}

struct esc_json *esc_json_get_mutable(struct esc_json *root, const char *path)
{
    const struct esc_json *found = esc_json_get(root, path);
    return found ? outside(inside(found)) : NULL;
}

size_t esc_json_len(const struct esc_json *json)
{
    const json_t *value = inside(json);
    return json_is_array(value) ? json_array_size(value) : json_object_size(value);
}

const struct esc_json *esc_json_at(const struct esc_json *array, size_t index)
{
    const json_t *value = json_array_get(inside(array), index);
    return value ? outside(value) : NULL;
}

const char *esc_json_str(const struct esc_json *root, const char *path, const char *missing)
{
    const char *text = json_string_value(inside(esc_json_get(root, path)));
    return text ? text : missing;
}

int64_t esc_json_num(const struct esc_json *root, const char *path, int64_t missing)
{
    const json_t *value = inside(esc_json_get(root, path));
    return json_is_integer(value) ? json_integer_value(value) : missing;
}

double esc_json_dbl(const struct esc_json *root, const char *path, double missing)
{
    const json_t *value = inside(esc_json_get(root, path));
    return json_is_number(value) ? json_number_value(value) : missing;
}

bool esc_json_flag(const struct esc_json *root, const char *path, bool missing)
{
    const json_t *value = inside(esc_json_get(root, path));
    return json_is_boolean(value) ? json_is_true(value) : missing;
}

struct esc_str esc_json_value(const struct esc_json *string)
{
    const json_t *value = inside(string);
    if (!json_is_string(value))
        return (struct esc_str){"", 0};
    return (struct esc_str){json_string_value(value), json_string_length(value)};
}

enum esc_status esc_json_need(const struct esc_json *root, const char *path,
                              enum esc_json_type type, const struct esc_json **out,
                              struct esc_error *err)
{
    const struct esc_json *found = esc_json_get(root, path);
    if (!found)
        return esc_fail(err, ESC_INVALID, "`%s` is missing", path);
    if (!esc_json_is(found, type))
        return esc_fail(err, ESC_INVALID, "`%s` must be %s", path, esc_json_type_text(type));
    *out = found;
    return ESC_OK;
}

enum esc_status esc_json_need_str(const struct esc_json *root, const char *path, const char **out,
                                  struct esc_error *err)
{
    const struct esc_json *found = NULL;
    const enum esc_status status = esc_json_need(root, path, ESC_JSON_STRING, &found, err);
    if (status == ESC_OK)
        *out = json_string_value(inside(found));
    return status;
}

enum esc_status esc_json_need_num(const struct esc_json *root, const char *path, int64_t *out,
                                  struct esc_error *err)
{
    const struct esc_json *found = NULL;
    const enum esc_status status = esc_json_need(root, path, ESC_JSON_INT, &found, err);
    if (status == ESC_OK)
        *out = json_integer_value(inside(found));
    return status;
}

bool esc_json_next(const struct esc_json *object, void **position, const char **key,
                   const struct esc_json **value)
{
    json_t *in = inside(object);
    *position = *position ? json_object_iter_next(in, *position) : json_object_iter(in);
    if (!*position)
        return false;
    *key = json_object_iter_key(*position);
    *value = outside(json_object_iter_value(*position));
    return true;
}

bool esc_json_equal(const struct esc_json *a, const struct esc_json *b)
{
    return a == b || json_equal(inside(a), inside(b));
}

enum esc_status esc_json_only(const struct esc_json *object, const char *const *allowed,
                              struct esc_error *err)
{
    void *position = NULL;
    const char *key;
    const struct esc_json *value;
    while (esc_json_next(object, &position, &key, &value)) {
        size_t i = 0;
        while (allowed[i] && strcmp(allowed[i], key) != 0)
            i++;
        if (!allowed[i])
            return esc_fail(err, ESC_INVALID, "unknown member `%s`", key);
    }
    return ESC_OK;
}
