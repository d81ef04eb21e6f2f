/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/wire_private.h"
#include "escher/aws/wire_query.h"
#include "escher/base/limits.h"

/*
 * EC2 query and query: a form of flat names.
 *
 *     {"Filters": [{"Name": "vpc-id", "Values": ["vpc-1"]}]}
 *     query   Filters.Filter.1.Name=vpc-id&Filters.Filter.1.Values.Value.1=vpc-1
 *     ec2     Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-1
 *
 * @source Smithy, AWS query protocol and AWS EC2 query protocol, "Query key resolution"
 */

struct form {
    bool is_ec2;
    struct esc_wire_request *request;
    struct esc_buf *body;
    struct esc_buf name; /* of the value under way */
    unsigned depth;
};

static enum esc_status add_value(struct form *form, const struct esc_shape *shape, bool flattened,
                                 const struct esc_json *value, struct esc_error *err);

static const char *asked_name(const struct form *form, const struct esc_member *member)
{
    return form->is_ec2 && member->query ? member->query : wire_name(member);
}

static void cut_name(struct form *form, size_t len)
{
    form->name.len = len;
    if (form->name.ptr)
        form->name.ptr[len] = '\0';
}

static enum esc_status add_structure(struct form *form, const struct esc_shape *shape,
                                     const struct esc_json *params, struct esc_error *err)
{
    const size_t len = form->name.len;
    const struct esc_json *value;
    const char *key;
    enum esc_status status = ESC_OK;
    for (void *at = NULL; status == ESC_OK && esc_json_next(params, &at, &key, &value);) {
        const struct esc_member *member = wire_member(shape, key);
        if (!member)
            return esc_fail(err, ESC_INVALID, "%s has no member %s", shape->name, key);
        esc_buf_printf(&form->name, "%s%s", len ? "." : "", asked_name(form, member));
        status = add_value(form, member->shape, member->flattened, value, err);
        cut_name(form, len);
    }
    return status;
}

/* Where elements are counted: behind the list's name, or behind a name of their own. */
static void begin_elements(struct form *form, const struct esc_shape *shape, bool flattened)
{
    if (form->is_ec2 || (flattened && !shape->item_name))
        return;
    if (flattened) { /* in place of the list's own name */
        while (form->name.len > 0 && form->name.ptr[form->name.len - 1] != '.')
            form->name.len--;
        esc_buf_add_text(&form->name, shape->item_name);
        return;
    }
    esc_buf_printf(&form->name, ".%s", shape->item_name ? shape->item_name : "member");
}

static enum esc_status add_list(struct form *form, const struct esc_shape *shape, bool flattened,
                                const struct esc_json *list, struct esc_error *err)
{
    enum esc_status status = ESC_OK;
    if (esc_json_len(list) == 0 && !form->is_ec2)
        esc_buf_printf(form->body, "&%s=", esc_buf_text(&form->name));
    begin_elements(form, shape, flattened);
    const size_t len = form->name.len;
    for (size_t i = 0; status == ESC_OK && i < esc_json_len(list); i++) {
        esc_buf_printf(&form->name, ".%zu", i + 1);
        status = add_value(form, shape->item, false, esc_json_at(list, i), err);
        cut_name(form, len);
    }
    return status;
}

static enum esc_status add_map(struct form *form, const struct esc_shape *shape, bool flattened,
                               const struct esc_json *map, struct esc_error *err)
{
    const char *key, *key_name = shape->key_name ? shape->key_name : "key";
    const struct esc_json *value;
    enum esc_status status = ESC_OK;
    if (!flattened)
        esc_buf_add_text(&form->name, ".entry");
    const size_t len = form->name.len;
    size_t count = 0;
    for (void *at = NULL; status == ESC_OK && esc_json_next(map, &at, &key, &value);) {
        esc_buf_printf(&form->name, ".%zu.%s", ++count, key_name);
        esc_query_add_str(form->body, esc_buf_text(&form->name), esc_str_of(key));
        cut_name(form, len);
        esc_buf_printf(&form->name, ".%zu.%s", count,
                       shape->item_name ? shape->item_name : "value");
        status = add_value(form, shape->item, false, value, err);
        cut_name(form, len);
    }
    return status;
}

static enum esc_status add_scalar(struct form *form, const struct esc_shape *shape,
                                  const struct esc_json *value, struct esc_error *err)
{
    struct esc_str text;
    const char *name = esc_buf_text(&form->name);
    enum esc_status status =
        wire_scalar_write(&form->request->arena, shape, name, value, ESC_TIME_ISO8601, &text, err);
    if (status == ESC_OK)
        esc_query_add_str(form->body, name, text);
    return status;
}

static enum esc_status add_nested(struct form *form, const struct esc_shape *shape, bool flattened,
                                  const struct esc_json *value, struct esc_error *err)
{
    const enum esc_json_type wanted =
        shape->type == ESC_SHAPE_LIST ? ESC_JSON_ARRAY : ESC_JSON_OBJECT;
    if (!esc_json_is(value, wanted) || form->depth >= ESC_WIRE_MAX_DEPTH)
        return esc_fail(err, ESC_INVALID, "%s must not be %s", esc_buf_text(&form->name),
                        esc_json_type_text(esc_json_type(value)));
    if (shape->type == ESC_SHAPE_LIST)
        return add_list(form, shape, flattened, value, err);
    if (shape->type == ESC_SHAPE_MAP)
        return add_map(form, shape, flattened, value, err);
    return add_structure(form, shape, value, err);
}

static enum esc_status add_value(struct form *form, const struct esc_shape *shape, bool flattened,
                                 const struct esc_json *value, struct esc_error *err)
{
    if (esc_json_is(value, ESC_JSON_NULL))
        return ESC_OK;
    if (shape->type != ESC_SHAPE_LIST && shape->type != ESC_SHAPE_MAP &&
        shape->type != ESC_SHAPE_STRUCTURE)
        return add_scalar(form, shape, value, err);
    form->depth++;
    enum esc_status status = add_nested(form, shape, flattened || shape->flattened, value, err);
    form->depth--;
    return status;
}

enum esc_status wire_form_make(const struct esc_operation *operation, const struct esc_json *params,
                               struct esc_wire_request *out, struct esc_error *err)
{
    struct esc_buf body;
    struct form form = {
        .is_ec2 = operation->wire->protocol == ESC_PROTOCOL_EC2, .request = out, .body = &body};
    esc_buf_init(&body, ESC_MAX_REQUEST);
    esc_buf_init(&form.name, ESC_MAX_LINE);
    esc_query_begin(&body, operation->operation, operation->wire->api_version);
    enum esc_status status =
        operation->input ? add_structure(&form, operation->input, params, err) : ESC_OK;
    if (status == ESC_OK)
        status = esc_buf_status(&form.name, "the name of a parameter", err);
    if (status == ESC_OK)
        status = esc_buf_status(&body, "the request", err);
    if (status == ESC_OK) {
        out->path = ESC_STR("/");
        out->body = (struct esc_str){esc_arena_dup(&out->arena, esc_buf_str(&body)), body.len};
        status = wire_add_header(out, "Content-Type",
                                 "application/x-www-form-urlencoded; charset=utf-8", err);
    }
    esc_buf_done(&form.name);
    esc_buf_done(&body);
    return status;
}
