/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/read_private.h"

#include "escher/base/alloc.h"
#include "escher/base/attr.h"
#include "escher/crypt/digest.h"

/* "InstanceIds", "LoadBalancerArns", "Names": what is wanted, one by one. Whose it is, is none.
 * @source AWS CLI, ec2/paginate.py */
static bool names_things(const char *member)
{
    static const struct esc_str endings[] = {{"Ids", 3}, {"Arns", 4}, {"Names", 5}};
    if (esc_text_equal(member, "OwnerIds") || esc_text_equal(member, "RestorableByUserIds"))
        return false;
    for (size_t i = 0; i < ESC_COUNT(endings); i++)
        if (esc_str_ends_with(esc_str_of(member), endings[i]))
            return true;
    return false;
}

void page_set_size(const struct esc_operation *operation, struct esc_json *params)
{
    const char *member = operation->page_size, *key;
    const struct esc_json *value;
    if (!operation->pager_in || !member || operation->page_count == 0)
        return;
    for (void *at = NULL; esc_json_next(params, &at, &key, &value);)
        if (esc_text_equal(key, member) || names_things(key))
            return;
    const struct esc_operation_option *option = esc_operation_option(operation, member);
    if (option && option->shape->type == ESC_SHAPE_STRING) {
        ESC_CLEANUP(esc_freep) char *text = esc_sprintf("%u", operation->page_count);
        esc_json_set_text(params, member, text);
    } else {
        esc_json_set_int(params, member, operation->page_count);
    }
}

/* Services that have no more to say leave the token out, or empty. */
static bool is_token(const struct esc_json *value)
{
    if (!value || esc_json_is(value, ESC_JSON_NULL))
        return false;
    return !esc_json_is(value, ESC_JSON_STRING) || esc_json_value(value).len > 0;
}

/* The token's mark, so that what is remembered is small however long tokens are. */
static void mark_of(const struct esc_json *tokens, char out[ESC_SHA256_TEXT])
{
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(tokens, ESC_JSON_SORTED);
    esc_sha256_hex(esc_str_of(text), out);
}

enum page_next page_next(const struct esc_operation *operation, const struct esc_json *output,
                         struct esc_json *params, struct esc_map *seen)
{
    const char *more = operation->pager_more;
    if (!operation->pager_in || (more && !esc_json_flag(output, more, false)))
        return PAGE_LAST;
    ESC_CLEANUP(esc_json_freep) struct esc_json *tokens = esc_json_object();
    for (size_t i = 0; operation->pager_in[i] && operation->pager_out[i]; i++) {
        const struct esc_json *token = esc_json_get(output, operation->pager_out[i]);
        if (is_token(token))
            esc_json_set(tokens, operation->pager_in[i], esc_json_copy(token));
    }
    if (esc_json_len(tokens) == 0)
        return more ? PAGE_LOST : PAGE_LAST;
    char mark[ESC_SHA256_TEXT];
    mark_of(tokens, mark);
    if (esc_map_has(seen, esc_str_of(mark)))
        return PAGE_REPEATED;
    esc_map_set(seen, esc_str_of(mark), seen);
    for (size_t i = 0; operation->pager_in[i]; i++) {
        const struct esc_json *token = esc_json_member(tokens, operation->pager_in[i]);
        esc_json_remove(params, operation->pager_in[i]);
        esc_json_set(params, operation->pager_in[i], token ? esc_json_copy(token) : NULL);
    }
    return PAGE_MORE;
}

void page_restart(const struct esc_operation *operation, struct esc_json *params)
{
    for (size_t i = 0; operation->pager_in && operation->pager_in[i]; i++)
        esc_json_remove(params, operation->pager_in[i]);
}

static void append_all(struct esc_json *all, const struct esc_json *page)
{
    for (size_t i = 0; i < esc_json_len(page); i++)
        esc_json_push(all, esc_json_ref(esc_json_at(page, i)));
}

void page_join(struct esc_json *all, const struct esc_json *page)
{
    const char *key;
    const struct esc_json *value;
    for (void *at = NULL; esc_json_next(page, &at, &key, &value);) {
        struct esc_json *present = esc_json_get_mutable(all, key);
        if (!present)
            esc_json_set(all, key, esc_json_ref(value));
        else if (esc_json_is(value, ESC_JSON_ARRAY) && esc_json_is(present, ESC_JSON_ARRAY))
            append_all(present, value);
        else if (esc_json_is(value, ESC_JSON_OBJECT) && esc_json_is(present, ESC_JSON_OBJECT))
            page_join(present, value);
    }
}

static void remove_at(struct esc_json *output, const char *path)
{
    struct esc_str whole = esc_str_of(path);
    size_t dot = whole.len;
    while (dot > 0 && path[dot - 1] != '.')
        dot--;
    ESC_CLEANUP(esc_freep) char *parent = esc_strndup(path, dot > 0 ? dot - 1 : 0);
    struct esc_json *holder = esc_json_get_mutable(output, parent);
    if (esc_json_is(holder, ESC_JSON_OBJECT))
        esc_json_remove(holder, path + dot);
}

void page_strip(const struct esc_operation *operation, struct esc_json *output)
{
    for (size_t i = 0; operation->pager_out && operation->pager_out[i]; i++)
        remove_at(output, operation->pager_out[i]);
}
