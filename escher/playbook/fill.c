/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Facts → values → calls. Values first, in the playbook's order, so that a template may use those
 * before it; then every call is copied with its references replaced. Binding does the second
 * half again with time and nonce known.
 */

#include "escher/playbook/fill.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/model/account.h"
#include "escher/playbook/argv.h"
#include "escher/playbook/fill_private.h"
#include "escher/playbook/template_private.h"
#include "escher/playbook/value.h"

static const struct esc_str template_prefix = {"template:", 9};

/* What references may stand for while calls are filled. */
struct late {
    const struct esc_filled *filled;
    uint64_t now_ms;
    const char *nonce; /* NULL: time and nonce are not known */
};

static void done_call(struct esc_filled_call *call)
{
    esc_json_free(call->params);
    *call = (struct esc_filled_call){0};
}

static void done_calls(struct esc_filled *filled)
{
    for (size_t i = 0; i < filled->step_count; i++) {
        struct esc_filled_step *step = &filled->steps[i];
        done_call(&step->call);
        done_call(&step->probe);
        done_call(&step->undo);
        free(step->title);
        free(step->message);
        step->title = step->message = NULL;
    }
    for (size_t i = 0; i < filled->capture_count; i++)
        done_call(&filled->captures[i]);
    for (size_t i = 0; i < filled->verify_count; i++)
        done_call(&filled->verify[i]);
}

void esc_filled_free(struct esc_filled *filled)
{
    if (!filled)
        return;
    done_calls(filled);
    esc_json_free(filled->facts);
    esc_json_free(filled->parameters);
    esc_json_free(filled->values);
    free(filled->region);
    free(filled->account_id);
    free(filled->steps);
    free(filled->captures);
    free(filled->verify);
    free(filled);
}

/* The facts with the resource's identifier under the name that playbooks use. */
static enum esc_status take_facts(struct esc_filled *filled, const struct esc_json *facts,
                                  struct esc_error *err)
{
    const struct esc_playbook *playbook = filled->playbook;
    const struct esc_json *resource = esc_json_member(facts, "resource");
    const char *type = esc_json_str(resource, "resource_type", "");
    if (!esc_text_equal(type, playbook->type->name))
        return esc_fail(err, ESC_BLOCKED, "%s is for %s, not for %.60s", playbook->id,
                        playbook->type->many, *type ? type : "nothing");
    const struct esc_json *own = esc_json_member(resource, "identifier");
    const struct esc_json *identifier = esc_json_member(resource, playbook->type->request_key);
    if (own && identifier && !esc_json_equal(own, identifier))
        return esc_fail(err, ESC_INVALID, "the resource has two identifiers");
    if (!esc_json_is(own ? own : identifier, ESC_JSON_STRING))
        return esc_fail(err, ESC_INVALID, "the resource has no `%s`", playbook->type->request_key);
    filled->facts = esc_json_copy(facts);
    esc_json_set(esc_json_get_mutable(filled->facts, "resource"), "identifier",
                 esc_json_copy(own ? own : identifier));
    return ESC_OK;
}

static bool is_region(struct esc_str text)
{
    ESC_CLEANUP(esc_pattern_freep) struct esc_pattern *pattern = NULL;
    return esc_pattern_compile(ESC_STR("^[a-z]{2,4}(-[a-z]{2,12}){1,3}-[0-9]{1,2}$"), &pattern,
                               NULL) == ESC_OK &&
           esc_pattern_matches(pattern, text);
}

/* Account and region never stand in a call; whoever runs it adds them. */
static enum esc_status take_place(struct esc_filled *filled, struct esc_error *err)
{
    const char *region = esc_json_str(filled->facts, "resource.region", "");
    const char *account = esc_json_str(filled->facts, "resource.account_id", "");
    if (!is_region(esc_str_of(region)))
        return esc_fail(err, ESC_INVALID, "`%.40s` is no region", region);
    if (!esc_account_id_is_valid(esc_str_of(account)))
        return esc_fail(err, ESC_INVALID, "`%.40s` is no account id", account);
    filled->region = esc_strdup(region);
    filled->account_id = esc_strdup(account);
    return ESC_OK;
}

static bool value_of_parameter(const void *context, struct esc_str reference, struct esc_buf *out)
{
    const struct late *late = context;
    ESC_CLEANUP(esc_freep) char *name = esc_str_dup(reference);
    const struct esc_json *value = esc_json_member(late->filled->values, name);
    if (template_is_late(reference))
        return late->nonce && template_late_value(reference, late->now_ms, late->nonce, out);
    if (esc_json_is(value, ESC_JSON_STRING))
        esc_buf_add(out, esc_json_value(value));
    else if (esc_json_is(value, ESC_JSON_INT))
        esc_buf_printf(out, "%lld", (long long)esc_json_num(value, "", 0));
    else
        return false;
    return true;
}

/* The text a template parameter has; also judged as it will look once time and nonce are known. */
static enum esc_status take_name(const struct late *late, const struct esc_parameter *parameter,
                                 struct esc_json **out, struct esc_error *err)
{
    const struct esc_str from = esc_str_of(parameter->from);
    const struct esc_str text = esc_str_slice(from, template_prefix.len, from.len);
    struct late sample = *late;
    struct esc_buf now, then;
    esc_buf_init(&now, ESC_MAX_LINE);
    esc_buf_init(&then, ESC_MAX_LINE);
    sample.nonce = late->nonce ? late->nonce : "0000";
    (void)template_render(text, value_of_parameter, late, &now);
    (void)template_render(text, value_of_parameter, &sample, &then);
    const bool fits = esc_pattern_matches(parameter->pattern, esc_buf_str(&then));
    if (fits)
        *out = esc_json_string(esc_buf_str(&now));
    else
        (void)esc_fail(err, ESC_INVALID, "the value of `%s` does not fit its pattern",
                       parameter->name);
    esc_buf_done(&now);
    esc_buf_done(&then);
    return fits ? ESC_OK : ESC_INVALID;
}

/* The estate may call a thing anything; what could be more than a name to a program is refused. */
static enum esc_status check_identifier(const struct esc_parameter *parameter, struct esc_str name,
                                        struct esc_error *err)
{
    struct esc_error why = {.message = "nothing of that kind can be called so"};
    if (esc_value_check_text(parameter->name, name, &why) == ESC_OK &&
        esc_pattern_matches(parameter->pattern, name))
        return ESC_OK;
    return esc_fail(err, ESC_BLOCKED, "`%.*s` is not passed on to the cloud: %s",
                    name.len < 60 ? (int)name.len : 60, name.ptr, why.message);
}

static enum esc_status take_identifier(const struct esc_parameter *parameter,
                                       const struct esc_json *fact, struct esc_json **out,
                                       struct esc_error *err)
{
    if (!esc_json_is(fact, ESC_JSON_STRING))
        return esc_fail(err, ESC_INVALID, "`%s` is missing", parameter->from);
    const enum esc_status status = check_identifier(parameter, esc_json_value(fact), err);
    if (status == ESC_OK)
        *out = esc_json_copy(fact);
    return status;
}

static enum esc_status take_integer(const struct esc_parameter *parameter,
                                    const struct esc_json *fact, struct esc_json **out,
                                    struct esc_error *err)
{
    if (!esc_json_is(fact, ESC_JSON_INT))
        return parameter->ask && !fact
                   ? esc_fail(err, ESC_AMBIGUOUS, "%s", parameter->ask)
                   : esc_fail(err, ESC_INVALID, "`%s` is no whole number", parameter->from);
    const int64_t value = esc_json_num(fact, "", 0);
    if (value < parameter->min || value > parameter->max)
        return esc_fail(err, ESC_INVALID, "`%s` must be %lld to %lld%s%s", parameter->name,
                        (long long)parameter->min, (long long)parameter->max,
                        *parameter->unit ? " " : "", parameter->unit);
    *out = esc_json_int(value);
    return ESC_OK;
}

static enum esc_status take_value(const struct late *late, const struct esc_parameter *parameter,
                                  struct esc_json **out, struct esc_error *err)
{
    const struct esc_json *fact = esc_json_get(late->filled->facts, parameter->from);
    switch (parameter->type) {
    case ESC_VALUE_NAME:
        return take_name(late, parameter, out, err);
    case ESC_VALUE_INTEGER:
        return take_integer(parameter, fact, out, err);
    case ESC_VALUE_IDENTIFIER:
    case ESC_VALUE_TYPE_COUNT:
        break;
    }
    return take_identifier(parameter, fact, out, err);
}

static enum esc_status take_values(struct esc_filled *filled, const struct late *late,
                                   struct esc_error *err)
{
    const struct esc_playbook *playbook = filled->playbook;
    esc_json_free(filled->values);
    esc_json_free(filled->parameters);
    filled->values = esc_json_object();
    filled->parameters = esc_json_array();
    for (size_t i = 0; i < playbook->parameter_count; i++) {
        const struct esc_parameter *parameter = &playbook->parameters[i];
        struct esc_json *value = NULL;
        const enum esc_status status = take_value(late, parameter, &value, err);
        if (status != ESC_OK)
            return status;
        struct esc_json *row = esc_json_object();
        esc_json_set_text(row, "name", parameter->name);
        esc_json_set(row, "value", esc_json_ref(value));
        esc_json_set_text(row, "source", parameter->from);
        esc_json_push(filled->parameters, row);
        esc_json_set(filled->values, parameter->name, value);
    }
    esc_json_set(filled->facts, "parameter", esc_json_copy(filled->values));
    return ESC_OK;
}

/* true, false, a number or a text, as a reference's default is written. */
static struct esc_json *default_value(struct esc_str text)
{
    int64_t number;
    if (esc_str_is(text, "true") || esc_str_is(text, "false"))
        return esc_json_bool(esc_str_is(text, "true"));
    return esc_num_i64(text, &number) ? esc_json_int(number) : esc_json_string(text);
}

/* What "root.path" or "root.path|default" stands for, owned by the caller; NULL when nothing is
 * known there (yet). */
static struct esc_json *fact_at(const struct esc_filled *filled, struct esc_str reference)
{
    struct esc_str rest = reference, piece = {"", 0};
    (void)esc_str_next(&rest, '|', &piece); /* never empty */
    ESC_CLEANUP(esc_freep) char *path = esc_str_dup(piece);
    ESC_CLEANUP(esc_freep) char *root = esc_str_dup(template_root(piece));
    const struct esc_json *fact = esc_json_get(filled->facts, path);
    if (fact && !esc_json_is(fact, ESC_JSON_NULL))
        return esc_json_copy(fact);
    const bool has_default = piece.len < reference.len && esc_json_member(filled->facts, root);
    return has_default ? default_value(rest) : NULL;
}

static bool value_of_reference(const void *context, struct esc_str reference, struct esc_buf *out)
{
    const struct late *late = context;
    if (template_root(reference).len == 0)
        return value_of_parameter(context, reference, out);
    ESC_CLEANUP(esc_json_freep) struct esc_json *fact = fact_at(late->filled, reference);
    if (esc_json_is(fact, ESC_JSON_STRING))
        esc_buf_add(out, esc_json_value(fact));
    else if (fact && esc_json_is(fact, ESC_JSON_INT))
        esc_buf_printf(out, "%lld", (long long)esc_json_num(fact, "", 0));
    else
        return false;
    return true;
}

/* The value of a parameter, owned by the caller; NULL when there is none. */
static struct esc_json *value_at(const struct esc_filled *filled, struct esc_str name)
{
    ESC_CLEANUP(esc_freep) char *key = esc_str_dup(name);
    const struct esc_json *value = esc_json_member(filled->values, key);
    return value ? esc_json_copy(value) : NULL;
}

/* A text of a call: a number or structure stays one when the text is nothing but its reference. */
static struct esc_json *fill_string(const struct late *late, struct esc_str text, bool *open)
{
    const struct esc_str only = template_only_reference(text);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *whole =
        template_root(only).len > 0 ? fact_at(late->filled, only) : value_at(late->filled, only);
    if (only.len > 0 && whole && !esc_json_is(whole, ESC_JSON_STRING))
        return ESC_STEAL(whole);
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_LINE);
    if (!template_render(text, value_of_reference, late, &out))
        *open = true;
    struct esc_json *result = esc_json_string(esc_buf_str(&out));
    esc_buf_done(&out);
    return result;
}

static struct esc_json *fill_value(const struct late *late, const struct esc_json *value,
                                   bool *open)
{
    void *position = NULL;
    const char *key;
    const struct esc_json *member;
    if (esc_json_is(value, ESC_JSON_STRING))
        return fill_string(late, esc_json_value(value), open);
    if (esc_json_is(value, ESC_JSON_ARRAY)) {
        struct esc_json *array = esc_json_array();
        for (size_t i = 0; i < esc_json_len(value); i++)
            esc_json_push(array, fill_value(late, esc_json_at(value, i), open));
        return array;
    }
    if (!esc_json_is(value, ESC_JSON_OBJECT))
        return esc_json_copy(value);
    struct esc_json *object = esc_json_object();
    while (esc_json_next(value, &position, &key, &member))
        esc_json_set(object, key, fill_value(late, member, open));
    return object;
}

/* Whether a value still holds a template's text: that of a parameter with the time in it. */
static bool is_late_inside(const struct late *late)
{
    const struct esc_playbook *playbook = late->filled->playbook;
    for (size_t i = 0; !late->nonce && i < playbook->parameter_count; i++)
        if (strstr(playbook->parameters[i].from, "{utc:") ||
            strstr(playbook->parameters[i].from, "{run4}"))
            return true;
    return false;
}

static enum esc_status fill_call(const struct late *late, const struct esc_call_template *from,
                                 struct esc_filled_call *out, struct esc_error *err)
{
    if (!from->operation)
        return ESC_OK;
    out->operation = from->operation;
    out->params = fill_value(late, from->params, &out->open);
    out->open = out->open || is_late_inside(late);
    const enum esc_status status = esc_value_check(from->operation->operation, out->params, err);
    if (status != ESC_OK || out->open)
        return status;
    return esc_operation_check(from->operation, out->params, err);
}

static enum esc_status fill_step(const struct late *late, const struct esc_playbook_step *from,
                                 struct esc_filled_step *out, struct esc_error *err)
{
    out->step = from;
    out->title = esc_fill_text(late->filled, from->title);
    out->message = from->message ? esc_fill_text(late->filled, from->message) : NULL;
    enum esc_status status = fill_call(late, &from->call, &out->call, err);
    if (status == ESC_OK)
        status = fill_call(late, &from->outcome.probe.call, &out->probe, err);
    if (status == ESC_OK && from->has_undo)
        status = fill_call(late, &from->undo, &out->undo, err);
    return status;
}

static enum esc_status fill_calls(struct esc_filled *filled, const struct late *late,
                                  struct esc_error *err)
{
    const struct esc_playbook *playbook = filled->playbook;
    enum esc_status status = ESC_OK;
    done_calls(filled);
    for (size_t i = 0; i < playbook->step_count && status == ESC_OK; i++)
        status = fill_step(late, &playbook->steps[i], &filled->steps[i], err);
    for (size_t i = 0; i < playbook->capture_count && status == ESC_OK; i++)
        status = fill_call(late, &playbook->captures[i].probe.call, &filled->captures[i], err);
    for (size_t i = 0; i < playbook->verify_count && status == ESC_OK; i++)
        status = fill_call(late, &playbook->verify[i].outcome.probe.call, &filled->verify[i], err);
    filled->bound = !is_late_inside(late);
    return status;
}

static enum esc_status fill_all(struct esc_filled *filled, const struct late *late,
                                struct esc_error *err)
{
    const enum esc_status status = take_values(filled, late, err);
    return status == ESC_OK ? fill_calls(filled, late, err) : status;
}

static enum esc_status check_where(const struct esc_filled *filled, struct esc_error *err)
{
    const struct esc_playbook *playbook = filled->playbook;
    if (!playbook->where || esc_expression_judge(playbook->where, filled->facts) != ESC_FALSE)
        return ESC_OK;
    ESC_CLEANUP(esc_freep) char *why = esc_fill_text(filled, playbook->why);
    return esc_fail(err, ESC_BLOCKED, "%s", why);
}

enum esc_status esc_fill(const struct esc_playbook *playbook, const struct esc_json *facts,
                         struct esc_filled **out, struct esc_error *err)
{
    ESC_CLEANUP(esc_filled_freep) struct esc_filled *filled = esc_alloc_zero(sizeof *filled);
    const struct late late = {.filled = filled};
    filled->playbook = playbook;
    filled->step_count = playbook->step_count;
    filled->capture_count = playbook->capture_count;
    filled->verify_count = playbook->verify_count;
    filled->steps = esc_alloc_array(playbook->step_count + 1, sizeof *filled->steps);
    filled->captures = esc_alloc_array(playbook->capture_count + 1, sizeof *filled->captures);
    filled->verify = esc_alloc_array(playbook->verify_count + 1, sizeof *filled->verify);
    enum esc_status status = take_facts(filled, facts, err);
    if (status == ESC_OK)
        status = take_place(filled, err);
    if (status == ESC_OK)
        status = check_where(filled, err);
    if (status == ESC_OK)
        status = fill_all(filled, &late, err);
    if (status != ESC_OK)
        return status;
    *out = ESC_STEAL(filled);
    return ESC_OK;
}

const struct esc_parameter *esc_fill_missing(const struct esc_playbook *playbook,
                                             const struct esc_json *facts)
{
    for (size_t i = 0; i < playbook->parameter_count; i++)
        if (playbook->parameters[i].ask && !esc_json_get(facts, playbook->parameters[i].from))
            return &playbook->parameters[i];
    return NULL;
}

enum esc_status esc_fill_bind(struct esc_filled *filled, uint64_t now_ms, const char *nonce,
                              struct esc_error *err)
{
    const struct late late = {.filled = filled, .now_ms = now_ms, .nonce = nonce};
    bool is_nonce = strlen(nonce) == ESC_NONCE_SIZE;
    for (size_t i = 0; is_nonce && i < ESC_NONCE_SIZE; i++)
        is_nonce = esc_is_lower(nonce[i]) || esc_is_digit(nonce[i]);
    if (!is_nonce)
        return esc_fail(err, ESC_INVALID, "a nonce is %d characters of [a-z0-9]", ESC_NONCE_SIZE);
    return fill_all(filled, &late, err);
}

struct esc_json *esc_fill_script(const struct esc_filled *filled)
{
    struct esc_json *steps = esc_json_array();
    for (size_t i = 0; i < filled->playbook->step_count; i++) {
        const struct esc_filled_step *step = &filled->steps[i];
        if (step->step->kind != ESC_PLAYBOOK_AWS)
            continue;
        ESC_CLEANUP(esc_freep) char *id = esc_sprintf("%zu", i + 1);
        ESC_CLEANUP(esc_freep) char *command = esc_argv_command(step->call.operation);
        struct esc_json *row = esc_json_object();
        esc_json_set_text(row, "step_id", id);
        esc_json_set_text(row, "command", command);
        esc_json_set(row, "args",
                     esc_argv_args(step->call.operation, step->call.params, filled->region));
        esc_json_set_bool(row, "mutates", step->step->mutates);
        esc_json_set_int(row, "timeout_s", (int64_t)(step->step->timeout_ms / 1000));
        esc_json_push(steps, row);
    }
    return steps;
}

char *esc_fill_undo_text(const struct esc_filled *filled)
{
    const struct late late = {.filled = filled};
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_REQUEST);
    for (size_t i = filled->playbook->step_count; i-- > 0;) {
        const struct esc_playbook_step *step = &filled->playbook->steps[i];
        if (!step->has_undo)
            continue;
        bool open = false;
        ESC_CLEANUP(esc_json_freep)
        struct esc_json *params = fill_value(&late, step->undo.params, &open);
        if (text.len > 0)
            esc_buf_add_text(&text, " && ");
        esc_argv_line(step->undo.operation, params, filled->region, &text);
    }
    char *result = text.len > 0 ? esc_buf_take(&text) : NULL;
    esc_buf_done(&text);
    return result;
}
