/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/playbook/check_private.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/playbook/template_private.h"

/* Names that mean something of their own in templates and conditions. */
static const char *const reserved[] = {"resource",  "context", "prompt", "after",
                                       "parameter", "unknown", "utc",    "run4"};

bool check_looks_like(const char *text, const char *pattern_text)
{
    ESC_CLEANUP(esc_pattern_freep) struct esc_pattern *pattern = NULL;
    return esc_pattern_compile(esc_str_of(pattern_text), &pattern, NULL) == ESC_OK &&
           esc_pattern_matches(pattern, esc_str_of(text));
}

enum esc_status check_name(const struct reader *reader, const char *path, const char *name)
{
    if (!check_looks_like(name, "^[a-z][a-z0-9_]{0,31}$"))
        return format_fail(reader, path, "`%.40s` is no name", name);
    for (size_t i = 0; i < ESC_COUNT(reserved); i++)
        if (esc_text_equal(name, reserved[i]))
            return format_fail(reader, path, "`%s` has a meaning of its own", name);
    return ESC_OK;
}

static bool is_capture(const struct esc_playbook *playbook, struct esc_str name)
{
    for (size_t i = 0; i < playbook->capture_count; i++)
        if (esc_str_is(name, playbook->captures[i].name))
            return true;
    return false;
}

static bool is_attribute(const struct esc_playbook *playbook, struct esc_str name)
{
    for (size_t i = 0; i < playbook->attribute_count; i++)
        if (esc_str_is(name, playbook->attributes[i].name))
            return true;
    return false;
}

struct scope {
    const struct esc_playbook *playbook;
    unsigned sees;
    size_t parameter_count; /* only the first so many */
    char bad[64];           /* the first reference that is not allowed */
};

static bool is_root_visible(const struct scope *scope, struct esc_str root)
{
    if (esc_str_is(root, "resource"))
        return scope->sees & SEES_RESOURCE;
    if (esc_str_is(root, "after"))
        return scope->sees & SEES_AFTER;
    if (esc_str_is(root, "parameter"))
        return scope->sees & SEES_PARAMETERS;
    return (scope->sees & SEES_CAPTURES) && is_capture(scope->playbook, root);
}

static bool is_parameter(const struct scope *scope, struct esc_str name)
{
    for (size_t i = 0; i < scope->parameter_count; i++)
        if (esc_str_is(name, scope->playbook->parameters[i].name))
            return true;
    return false;
}

static bool is_visible(const struct scope *scope, struct esc_str reference)
{
    const struct esc_str root = template_root(reference);
    if (template_is_late(reference))
        return scope->sees & SEES_TIME;
    if (root.len > 0)
        return is_root_visible(scope, root);
    return ((scope->sees & SEES_VALUES) && is_parameter(scope, reference)) ||
           ((scope->sees & SEES_ATTRIBUTES) && is_attribute(scope->playbook, reference));
}

static bool look_at_reference(void *context, struct esc_str reference)
{
    struct scope *scope = context;
    if (is_visible(scope, reference))
        return true;
    const struct esc_str cut = esc_str_slice(reference, 0, sizeof scope->bad - 1);
    memcpy(scope->bad, cut.ptr, cut.len);
    return false;
}

bool check_is_visible_root(const struct reader *reader, struct esc_str root, unsigned sees)
{
    const struct scope scope = {.playbook = reader->playbook, .sees = sees};
    return is_root_visible(&scope, root);
}

enum esc_status check_references(const struct reader *reader, const char *path, struct esc_str text,
                                 unsigned sees, size_t parameter_count)
{
    struct scope scope = {
        .playbook = reader->playbook, .sees = sees, .parameter_count = parameter_count};
    template_each(text, look_at_reference, &scope);
    if (scope.bad[0])
        return format_fail(reader, path, "{%s} is not known here", scope.bad);
    return ESC_OK;
}

enum esc_status check_words(const struct reader *reader, const char *path, const char *text)
{
    return check_references(reader, path, esc_str_of(text),
                            SEES_RESOURCE | SEES_CAPTURES | SEES_VALUES | SEES_ATTRIBUTES,
                            reader->playbook->parameter_count);
}

enum esc_status check_expression(const struct reader *reader, const char *path,
                                 const struct esc_expression *expression, unsigned sees)
{
    const struct scope scope = {.playbook = reader->playbook, .sees = sees};
    struct esc_list paths;
    enum esc_status status = ESC_OK;
    esc_list_init(&paths, NULL);
    if (expression)
        esc_expression_paths(expression, &paths);
    for (size_t i = 0; i < paths.count && status == ESC_OK; i++) {
        const struct esc_str reference = esc_str_of(paths.items[i]);
        const struct esc_str root = template_root(reference);
        if (!is_root_visible(&scope, root.len > 0 ? root : reference))
            status = format_fail(reader, path, "`%.60s` is not known here", reference.ptr);
        else if (root.len == 0 && is_capture(reader->playbook, reference))
            status = format_fail(reader, path, "say which member of `%s`", reference.ptr);
    }
    esc_list_done(&paths);
    return status;
}
