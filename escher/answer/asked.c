/* SPDX-License-Identifier: Apache-2.0 */

/* The request, read strictly: it may come over a network. */

#include "escher/answer/answer_private.h"

#include <string.h>

#include "escher/base/limits.h"
#include "escher/base/utf8.h"
#include "escher/model/environment.h"

enum {
    MAX_RESOURCES = 100 /* of one request */
};

static enum esc_status check_top(const struct esc_json *request, struct esc_error *err)
{
    static const char *const members[] = {
        "v", "mode", "prompt", "identified_resources", "history", "user_context", NULL};
    if (!esc_json_is(request, ESC_JSON_OBJECT))
        return esc_fail(err, ESC_INVALID, "the request is no object");
    enum esc_status status = esc_json_only(request, members, err);
    if (status != ESC_OK)
        return status;
    if (esc_json_num(request, "v", 1) != 1)
        return esc_fail(err, ESC_INVALID, "v: only version 1 is known");
    const char *mode = esc_json_str(request, "mode", "full");
    if (!esc_text_equal(mode, "full") && !esc_text_equal(mode, "local"))
        return esc_fail(err, ESC_INVALID, "mode: `%s` is not known here", mode);
    return ESC_OK;
}

static enum esc_status read_mention(const struct esc_json *entry, size_t index, size_t prompt_len,
                                    struct asked_resource *out, struct esc_error *err)
{
    const struct esc_json *mention = esc_json_member(entry, "mention");
    out->picked = esc_json_flag(entry, "picked", false);
    if (!mention || esc_json_is(mention, ESC_JSON_NULL))
        return ESC_OK;
    int64_t start = esc_json_num(mention, "start", -1), end = esc_json_num(mention, "end", -1);
    if (start < 0 || end <= start || (uint64_t)end > prompt_len)
        return esc_fail(err, ESC_INVALID,
                        "identified_resources[%zu].mention lies outside the prompt", index);
    out->has_mention = true;
    out->start = (size_t)start;
    out->end = (size_t)end;
    return ESC_OK;
}

/* The facts as conditions and templates see them: the entry, its identifier under one name for
 * all types, and the class of its environment. */
static struct esc_json *facts_of(const struct esc_json *entry, const struct asked_resource *of)
{
    struct esc_json *facts = esc_json_copy(entry);
    esc_json_remove(facts, "mention");
    esc_json_remove(facts, "picked");
    esc_json_set_text(facts, "identifier", of->identifier);
    if (of->environment)
        esc_json_set_text(facts, "environment", of->environment);
    return facts;
}

static const char *environment_of(const struct esc_json *entry)
{
    const char *said = esc_json_str(entry, "environment", NULL);
    const char *class = said ? esc_environment_of_word(esc_str_of(said)) : NULL;
    if (!class)
        class = esc_environment_of_tags(esc_json_member(entry, "tags"));
    if (!class)
        class = esc_environment_of_text(esc_str_of(esc_json_str(entry, "account_name", "")));
    return class;
}

static enum esc_status read_resource(const struct esc_json *entry, size_t index, size_t prompt_len,
                                     struct esc_list *owned, struct asked_resource *out,
                                     struct esc_error *err)
{
    const char *type = NULL;
    enum esc_status status = esc_json_need_str(entry, "resource_type", &type, err);
    if (status != ESC_OK)
        return esc_wrap(err, status, "identified_resources[%zu]", index);
    out->type = esc_resource_type_find(type);
    const char *key = out->type ? out->type->request_key : "identifier";
    out->identifier = esc_json_str(entry, key, esc_json_str(entry, "identifier", NULL));
    if (!out->identifier)
        return esc_fail(err, ESC_INVALID, "identified_resources[%zu]: `%s` is missing", index, key);
    out->name = esc_json_str(entry, "name", out->identifier);
    out->id = esc_json_str(entry, "id", out->identifier);
    out->account_id = esc_json_str(entry, "account_id", "");
    out->account_name = esc_json_str(entry, "account_name", "");
    out->region = esc_json_str(entry, "region", "");
    out->state = esc_json_str(entry, "current_state", NULL);
    out->environment = environment_of(entry);
    struct esc_json *facts = facts_of(entry, out);
    esc_list_push(owned, facts);
    out->facts = facts;
    return read_mention(entry, index, prompt_len, out, err);
}

/* The same resource twice is one. Where else the prompt names it is found by its name. */
static bool merge(struct asked *asked, struct asked_resource *resource)
{
    for (size_t i = 0; i < asked->resource_count; i++) {
        struct asked_resource *earlier = &asked->resources[i];
        if (strcmp(earlier->id, resource->id) != 0 || earlier->type != resource->type)
            continue;
        earlier->picked = earlier->picked || resource->picked;
        if (!earlier->has_mention) {
            earlier->has_mention = resource->has_mention;
            earlier->start = resource->start;
            earlier->end = resource->end;
        }
        return true;
    }
    return false;
}

enum esc_status asked_read(const struct esc_json *request, struct esc_arena *arena,
                           struct esc_list *owned, struct asked *out, struct esc_error *err)
{
    *out = (struct asked){.arena = arena, .context = esc_json_member(request, "user_context")};
    enum esc_status status = check_top(request, err);
    if (status != ESC_OK)
        return status;
    const struct esc_json *prompt = NULL;
    status = esc_json_need(request, "prompt", ESC_JSON_STRING, &prompt, err);
    if (status != ESC_OK)
        return status;
    out->prompt = esc_json_value(prompt);
    const struct esc_json *entries = esc_json_member(request, "identified_resources");
    if (esc_json_len(entries) > MAX_RESOURCES)
        return esc_fail(err, ESC_LIMIT, "more than %d identified resources", MAX_RESOURCES);
    out->resources = esc_arena_alloc(arena, (esc_json_len(entries) + 1) * sizeof *out->resources);
    for (size_t i = 0; i < esc_json_len(entries) && status == ESC_OK; i++) {
        struct asked_resource *resource = &out->resources[out->resource_count];
        status = read_resource(esc_json_at(entries, i), i, out->prompt.len, owned, resource, err);
        if (status == ESC_OK && !merge(out, resource))
            out->resource_count++;
    }
    return status;
}

const char *resource_label(const struct asked_resource *resource, struct esc_arena *arena)
{
    struct esc_buf label;
    esc_buf_init(&label, ESC_MAX_NAME * 2);
    esc_utf8_append_display(&label, esc_str_of(resource->name), false);
    esc_buf_printf(&label, " (%s",
                   resource->type ? resource->type->one
                                  : esc_json_str(resource->facts, "resource_type", ""));
    if (!esc_text_equal(resource->name, resource->identifier)) {
        esc_buf_add_text(&label, ", ");
        esc_utf8_append_display(&label, esc_str_of(resource->identifier), false);
    }
    esc_buf_printf(&label, ", %s, account %s%s%s", resource->region, resource->account_name,
                   *resource->account_name ? " " : "", resource->account_id);
    if (resource->state)
        esc_buf_printf(&label, ", %s", resource->state);
    esc_buf_add_char(&label, ')');
    const char *text = esc_arena_dup(arena, esc_buf_str(&label));
    esc_buf_done(&label);
    return text;
}
