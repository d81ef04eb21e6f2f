/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/aws/wire_private.h"
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"

/* Percent-encoded JSON, as policies come; what is none stays text. */
static struct esc_json *read_encoded(struct esc_str text)
{
    struct esc_json *json = NULL;
    ESC_CLEANUP(esc_freep) char *decoded = esc_percent_decode(text);
    struct esc_str source = decoded ? esc_str_of(decoded) : text;
    if (esc_json_parse(source, NULL, &json, NULL) != ESC_OK)
        return esc_json_string(text);
    return json;
}

static bool read_integer(struct esc_str text, struct esc_json **out)
{
    int64_t value;
    if (!esc_num_i64(text, &value))
        return false;
    *out = esc_json_int(value);
    return true;
}

static bool read_number(struct esc_str text, struct esc_json **out)
{
    double value;
    if (esc_str_is(text, "NaN") || esc_str_is(text, "Infinity") || esc_str_is(text, "-Infinity"))
        return true; /* JSON has no word for them */
    if (!esc_num_double(text, &value))
        return false;
    *out = esc_json_real(value);
    return true;
}

static struct esc_json *read_time(struct esc_str text)
{
    char time[WIRE_TIME_TEXT];
    return wire_time_read(text, time) ? esc_json_text(time) : esc_json_string(text);
}

bool wire_scalar_read(const struct esc_shape *shape, struct esc_str text, struct esc_json **out)
{
    struct esc_str word = esc_str_trim(text);
    *out = NULL;
    switch (shape->type) {
    case ESC_SHAPE_INTEGER:
        return word.len == 0 || read_integer(word, out);
    case ESC_SHAPE_NUMBER:
        return word.len == 0 || read_number(word, out);
    case ESC_SHAPE_BOOLEAN:
        *out = esc_json_bool(esc_str_is(text, "true"));
        return true;
    case ESC_SHAPE_TIMESTAMP:
        *out = word.len ? read_time(word) : NULL;
        return true;
    case ESC_SHAPE_BLOB:
        *out = esc_json_string(word);
        return true;
    default:
        *out = shape->is_encoded_json ? read_encoded(text) : esc_json_string(text);
        return true;
    }
}

static bool write_number(struct esc_arena *arena, const struct esc_json *value, struct esc_str *out)
{
    if (!esc_json_is(value, ESC_JSON_INT) && !esc_json_is(value, ESC_JSON_REAL))
        return false;
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(value, ESC_JSON_COMPACT);
    *out = esc_str_of(esc_arena_dup(arena, esc_str_of(text)));
    return true;
}

static bool write_blob(struct esc_arena *arena, const struct esc_json *value, struct esc_str *out)
{
    struct esc_str bytes = esc_json_value(value);
    ESC_CLEANUP(esc_freep) char *encoded = esc_base64(bytes.ptr, bytes.len);
    *out = esc_str_of(esc_arena_dup(arena, esc_str_of(encoded)));
    return esc_json_is(value, ESC_JSON_STRING);
}

static bool write_time(struct esc_arena *arena, const struct esc_shape *shape,
                       const struct esc_json *value, enum esc_time_format format,
                       struct esc_str *out)
{
    char time[WIRE_TIME_TEXT];
    if (!wire_time_write(value, shape->time ? shape->time : format, time))
        return false;
    *out = esc_str_of(esc_arena_dup(arena, esc_str_of(time)));
    return true;
}

static bool write(struct esc_arena *arena, const struct esc_shape *shape,
                  const struct esc_json *value, enum esc_time_format format, struct esc_str *out)
{
    switch (shape->type) {
    case ESC_SHAPE_INTEGER:
    case ESC_SHAPE_NUMBER:
        return write_number(arena, value, out);
    case ESC_SHAPE_BOOLEAN:
        *out = esc_json_flag(value, "", false) ? ESC_STR("true") : ESC_STR("false");
        return esc_json_is(value, ESC_JSON_BOOL);
    case ESC_SHAPE_TIMESTAMP:
        return write_time(arena, shape, value, format, out);
    case ESC_SHAPE_BLOB:
        return write_blob(arena, value, out);
    case ESC_SHAPE_STRING:
        if (!esc_json_is(value, ESC_JSON_STRING)) /* a number stands for its digits */
            return write_number(arena, value, out);
        *out = esc_str_of(esc_arena_dup(arena, esc_json_value(value)));
        return true;
    default:
        return false;
    }
}

enum esc_status wire_scalar_write(struct esc_arena *arena, const struct esc_shape *shape,
                                  const char *name, const struct esc_json *value,
                                  enum esc_time_format format, struct esc_str *out,
                                  struct esc_error *err)
{
    if (!write(arena, shape, value, format, out))
        return esc_fail(err, ESC_INVALID, "%s must not be %s", name,
                        esc_json_type_text(esc_json_type(value)));
    return ESC_OK;
}
