/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/playbook/assess.h"

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/utf8.h"
#include "escher/playbook/fill_private.h"
#include "escher/playbook/template_private.h"

static bool is_plain(struct esc_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!esc_is_alnum(text.ptr[i]) &&
            !esc_str_contains(ESC_STR("._:/-"), esc_str_slice(text, i, i + 1)))
            return false;
    return text.len > 0;
}

/* A value as people read it; what could be taken for words of ours stands in quotes. */
static bool add_value(const struct esc_json *value, struct esc_buf *out)
{
    if (!value || esc_json_is(value, ESC_JSON_NULL))
        return false;
    if (esc_json_is(value, ESC_JSON_BOOL)) {
        esc_buf_add_text(out, esc_json_flag(value, "", false) ? "yes" : "no");
        return true;
    }
    if (!esc_json_is(value, ESC_JSON_STRING)) {
        ESC_CLEANUP(esc_freep) char *text = esc_json_print(value, ESC_JSON_COMPACT);
        esc_utf8_append_display(out, esc_str_of(text), false);
        return true;
    }
    const struct esc_str text = esc_json_value(value);
    const bool plain = is_plain(text);
    esc_buf_add_text(out, plain ? "" : "\"");
    esc_utf8_append_display(out, text, false);
    esc_buf_add_text(out, plain ? "" : "\"");
    return true;
}

static bool add_attribute(const struct esc_filled *filled, const struct esc_attribute *attribute,
                          struct esc_buf *out)
{
    const struct esc_json *value = esc_json_get(filled->facts, attribute->from);
    ESC_CLEANUP(esc_freep) char *key = esc_str_dup(esc_json_value(value));
    const char *word =
        attribute->words ? esc_json_str(esc_json_member(attribute->words, key), "", NULL) : NULL;
    if (word)
        esc_buf_add_text(out, word);
    else if (attribute->words || !add_value(value, out))
        esc_buf_add_text(out, attribute->otherwise);
    return true;
}

bool fill_word(const void *context, struct esc_str reference, struct esc_buf *out)
{
    const struct esc_filled *filled = context;
    const struct esc_playbook *playbook = filled->playbook;
    ESC_CLEANUP(esc_freep) char *name = esc_str_dup(reference);
    for (size_t i = 0; i < playbook->attribute_count; i++)
        if (esc_text_equal(playbook->attributes[i].name, name))
            return add_attribute(filled, &playbook->attributes[i], out);
    if (template_root(reference).len > 0)
        return add_value(esc_json_get(filled->facts, name), out);
    return add_value(esc_json_member(filled->values, name), out);
}

char *esc_fill_text(const struct esc_filled *filled, const char *text)
{
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_REQUEST);
    (void)template_render(esc_str_of(text), fill_word, filled, &out);
    return esc_buf_take(&out);
}

static bool holds(const struct esc_filled *filled, const struct esc_expression *expression)
{
    return !expression || esc_expression_judge(expression, filled->facts) == ESC_TRUE;
}

char *esc_explain(const struct esc_filled *filled)
{
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_REQUEST);
    for (size_t i = 0; i < filled->playbook->explain_count; i++) {
        const struct esc_sentence *sentence = &filled->playbook->explain[i];
        if (!holds(filled, sentence->when))
            continue;
        ESC_CLEANUP(esc_freep) char *text = esc_fill_text(filled, sentence->text);
        esc_buf_add_text(&out, out.len > 0 ? " " : "");
        esc_buf_add_text(&out, text);
    }
    return esc_buf_take(&out);
}

static void set_downtime(struct esc_json *assessment, const struct esc_risk *risk)
{
    if (risk->downtime_max_ms == 0)
        return;
    struct esc_json *downtime = esc_json_object();
    esc_json_set_int(downtime, "typical_s", (int64_t)(risk->downtime_typical_ms / 1000));
    esc_json_set_int(downtime, "max_s", (int64_t)(risk->downtime_max_ms / 1000));
    esc_json_set(assessment, "downtime", downtime);
}

static void set_text(struct esc_json *object, const char *key, char *text)
{
    if (text)
        esc_json_set_text(object, key, text);
    free(text);
}

struct esc_json *esc_assess(const struct esc_filled *filled)
{
    const struct esc_risk *risk = &filled->playbook->risk;
    enum esc_risk_level level = risk->base;
    const char *impact = risk->impact;
    struct esc_json *reasons = esc_json_array();
    for (size_t i = 0; i < risk->rule_count; i++) {
        const struct esc_risk_rule *rule = &risk->rules[i];
        if (!holds(filled, rule->when))
            continue;
        ESC_CLEANUP(esc_freep) char *reason = esc_fill_text(filled, rule->reason);
        esc_json_push_text(reasons, reason);
        if (rule->impact && rule->level >= level)
            impact = rule->impact;
        if (rule->level > level)
            level = rule->level;
    }
    struct esc_json *assessment = esc_json_object();
    esc_json_set_text(assessment, "level", esc_risk_level_text(level));
    esc_json_set(assessment, "reasons", reasons);
    set_text(assessment, "impact", esc_fill_text(filled, impact));
    esc_json_set_text(assessment, "reversible", esc_reversible_text(risk->reversible));
    set_text(assessment, "undo", esc_fill_undo_text(filled));
    set_downtime(assessment, risk);
    return assessment;
}

const char *esc_verdict_kind_text(enum esc_verdict_kind kind)
{
    static const char *const texts[] = {"ok", "noop", "blocked"};
    return texts[kind];
}

void esc_verdict_init(struct esc_verdict *verdict)
{
    *verdict = (struct esc_verdict){.warnings = esc_json_array()};
}

void esc_verdict_done(struct esc_verdict *verdict)
{
    free(verdict->decided_by);
    free(verdict->reason);
    esc_json_free(verdict->warnings);
    *verdict = (struct esc_verdict){0};
}

static void decide(struct esc_verdict *verdict, enum esc_verdict_kind kind,
                   const struct esc_precondition *row, char *reason)
{
    verdict->kind = kind;
    verdict->decided_by = esc_strdup(row->id);
    verdict->reason = reason;
}

void esc_preconditions_judge(const struct esc_filled *filled, bool live,
                             struct esc_verdict *verdict)
{
    const struct esc_playbook *playbook = filled->playbook;
    for (size_t i = 0; i < playbook->precondition_count && verdict->kind == ESC_VERDICT_OK; i++) {
        const struct esc_precondition *row = &playbook->preconditions[i];
        if (row->noop_if && holds(filled, row->noop_if)) {
            decide(verdict, ESC_VERDICT_NOOP, row, esc_fill_text(filled, row->noop_reason));
            continue;
        }
        const enum esc_truth truth = esc_expression_judge(row->expect, filled->facts);
        if (truth == ESC_TRUE || (truth == ESC_TRUTH_UNKNOWN && !live))
            continue;
        char *reason = esc_fill_text(filled, row->reason);
        if (row->otherwise == ESC_ELSE_BLOCK) {
            decide(verdict, ESC_VERDICT_BLOCKED, row, reason);
            continue;
        }
        esc_json_push_text(verdict->warnings, reason);
        free(reason);
    }
}

struct observation {
    const struct esc_filled *filled;
    struct esc_json *values;
};

/* Keeps what `reference` stands for when it was captured. */
static bool observe(void *context, struct esc_str reference)
{
    const struct observation *observation = context;
    const struct esc_filled *filled = observation->filled;
    const struct esc_str root = template_root(reference);
    for (size_t i = 0; i < filled->playbook->capture_count; i++) {
        if (!esc_str_is(root, filled->playbook->captures[i].name))
            continue;
        struct esc_str rest = reference, bare = reference;
        (void)esc_str_next(&rest, '|', &bare); /* without its default */
        ESC_CLEANUP(esc_freep) char *path = esc_str_dup(bare);
        const struct esc_json *value = esc_json_get(filled->facts, path);
        esc_json_set(observation->values, path, value ? esc_json_copy(value) : esc_json_null());
    }
    return true;
}

static void observe_expression(struct observation *observation,
                               const struct esc_expression *expression)
{
    struct esc_list paths;
    esc_list_init(&paths, NULL);
    if (expression)
        esc_expression_paths(expression, &paths);
    for (size_t i = 0; i < paths.count; i++)
        (void)observe(observation, esc_str_of(paths.items[i])); /* always goes on */
    esc_list_done(&paths);
}

static void observe_text(struct observation *observation, const char *text)
{
    if (text)
        template_each(esc_str_of(text), observe, observation);
}

/* Every text in the parameters of a call. */
static void observe_params(struct observation *observation, const struct esc_json *value)
{
    void *position = NULL;
    const char *member;
    const struct esc_json *inner;
    if (esc_json_is(value, ESC_JSON_STRING))
        observe_text(observation, esc_json_str(value, "", ""));
    while (esc_json_next(value, &position, &member, &inner))
        observe_params(observation, inner);
    for (size_t i = 0; esc_json_is(value, ESC_JSON_ARRAY) && i < esc_json_len(value); i++)
        observe_params(observation, esc_json_at(value, i));
}

struct esc_json *esc_observed(const struct esc_filled *filled)
{
    const struct esc_playbook *playbook = filled->playbook;
    struct observation observation = {.filled = filled, .values = esc_json_object()};
    for (size_t i = 0; i < playbook->precondition_count; i++) {
        observe_expression(&observation, playbook->preconditions[i].expect);
        observe_expression(&observation, playbook->preconditions[i].noop_if);
        observe_text(&observation, playbook->preconditions[i].reason);
    }
    for (size_t i = 0; i < playbook->risk.rule_count; i++) {
        observe_expression(&observation, playbook->risk.rules[i].when);
        observe_text(&observation, playbook->risk.rules[i].reason);
    }
    for (size_t i = 0; i < playbook->explain_count; i++) {
        observe_expression(&observation, playbook->explain[i].when);
        observe_text(&observation, playbook->explain[i].text);
    }
    for (size_t i = 0; i < playbook->step_count; i++)
        observe_params(&observation, playbook->steps[i].undo.params);
    return observation.values;
}
