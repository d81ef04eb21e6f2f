/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What a playbook must have beyond its form, so that it may be run for somebody: known sources
 * and strict patterns for every value, an end that can be seen and a way back for every change,
 * exactly the permissions it needs, texts and conditions that only speak of what there is.
 */

#include "escher/playbook/check_private.h"

#include "escher/base/alloc.h"

enum {
    TESTS_LEAST = 3,
    SENTENCES_LEAST = 3,
};

static enum esc_status check_top(const struct reader *reader)
{
    const struct esc_playbook *playbook = reader->playbook;
    if (!check_looks_like(playbook->id, "^[a-z][a-z0-9_]{0,63}$"))
        return format_fail(reader, "id", "`%.60s` is no id", playbook->id);
    if (!check_looks_like(playbook->version, "^\\d{1,4}\\.\\d{1,4}\\.\\d{1,4}$"))
        return format_fail(reader, "version", "a version looks like 1.0.0");
    if (!check_looks_like(playbook->verb, "^[a-z][a-z_]{0,31}$"))
        return format_fail(reader, "verb", "`%.40s` is no verb", playbook->verb);
    if (playbook->yes_count < SENTENCES_LEAST || playbook->no_count == 0)
        return format_fail(reader, "intents", "there must be %d sentences in `yes`, one in `no`",
                           SENTENCES_LEAST);
    if (!playbook->where != !playbook->why)
        return format_fail(reader, "applies_to", "`where` and `why` go together");
    const enum esc_status status =
        check_expression(reader, "applies_to.where", playbook->where, SEES_RESOURCE);
    return status == ESC_OK ? check_references(reader, "applies_to.why", esc_str_of(playbook->why),
                                               SEES_RESOURCE, 0)
                            : status;
}

static enum esc_status check_captures(const struct reader *reader)
{
    const struct esc_playbook *playbook = reader->playbook;
    enum esc_status status = ESC_OK;
    for (size_t i = 0; i < playbook->capture_count && status == ESC_OK; i++) {
        ESC_CLEANUP(esc_freep) char *path = format_path("capture", playbook->captures[i].name);
        status = check_name(reader, path, playbook->captures[i].name);
        if (status == ESC_OK)
            status = check_probe(reader, path, &playbook->captures[i].probe);
    }
    if (status == ESC_OK && playbook->capture_count == 0 && esc_playbook_mutates(playbook))
        return format_fail(reader, "capture", "a change needs a look at the live state before it");
    return status;
}

static enum esc_status check_preconditions(const struct reader *reader)
{
    const struct esc_playbook *playbook = reader->playbook;
    enum esc_status status = ESC_OK;
    for (size_t i = 0; i < playbook->precondition_count && status == ESC_OK; i++) {
        const struct esc_precondition *row = &playbook->preconditions[i];
        ESC_CLEANUP(esc_freep) char *path = format_path_at("preconditions", i);
        const unsigned sees = SEES_RESOURCE | SEES_CAPTURES | SEES_PARAMETERS;
        status = check_expression(reader, path, row->expect, sees);
        if (status == ESC_OK)
            status = check_expression(reader, path, row->noop_if, sees);
        if (status == ESC_OK)
            status = check_words(reader, path, row->reason);
        if (status == ESC_OK)
            status = check_words(reader, path, row->noop_reason);
        for (size_t j = 0; j < i && status == ESC_OK; j++)
            if (esc_text_equal(playbook->preconditions[j].id, row->id))
                status = format_fail(reader, path, "the id `%s` is taken", row->id);
    }
    return status;
}

static enum esc_status check_risk(const struct reader *reader)
{
    const struct esc_risk *risk = &reader->playbook->risk;
    enum esc_status status = check_words(reader, "risk.impact", risk->impact);
    if (status == ESC_OK &&
        (risk->reversible == ESC_REVERSIBLE_FULL) != (risk->irreversible_because == NULL))
        return format_fail(reader, "risk", "`because` says why it is not fully reversible");
    for (size_t i = 0; i < risk->rule_count && status == ESC_OK; i++) {
        ESC_CLEANUP(esc_freep) char *path = format_path_at("risk.rules", i);
        status = check_expression(reader, path, risk->rules[i].when,
                                  SEES_RESOURCE | SEES_CAPTURES | SEES_PARAMETERS);
        if (status == ESC_OK)
            status = check_words(reader, path, risk->rules[i].reason);
        if (status == ESC_OK)
            status = check_words(reader, path, risk->rules[i].impact);
    }
    return status;
}

static enum esc_status check_explain(const struct reader *reader)
{
    const struct esc_playbook *playbook = reader->playbook;
    enum esc_status status = ESC_OK;
    if (playbook->explain_count == 0)
        return format_fail(reader, "explain", "there must be a sentence");
    for (size_t i = 0; i < playbook->explain_count && status == ESC_OK; i++) {
        ESC_CLEANUP(esc_freep) char *path = format_path_at("explain", i);
        status = check_expression(reader, path, playbook->explain[i].when,
                                  SEES_RESOURCE | SEES_CAPTURES | SEES_PARAMETERS);
        if (status == ESC_OK)
            status = check_words(reader, path, playbook->explain[i].text);
    }
    return status;
}

static bool is_step_before(const struct esc_playbook *playbook, size_t index, const char *id)
{
    for (size_t i = 0; i < index; i++)
        if (esc_text_equal(playbook->steps[i].id, id))
            return true;
    return false;
}

static enum esc_status check_order(const struct reader *reader, const char *path, size_t index)
{
    const struct esc_playbook *playbook = reader->playbook;
    const struct esc_playbook_step *step = &playbook->steps[index];
    if (!check_looks_like(step->id, "^[a-z][a-z0-9_]{0,31}$"))
        return format_fail(reader, path, "`%.40s` is no id", step->id);
    if (is_step_before(playbook, index, step->id))
        return format_fail(reader, path, "the id `%s` is taken", step->id);
    for (size_t i = 0; i < step->need_count; i++)
        if (!is_step_before(playbook, index, step->needs[i]))
            return format_fail(reader, path, "there is no step `%.40s` before this one",
                               step->needs[i]);
    return ESC_OK;
}

static enum esc_status check_change(const struct reader *reader, const char *path,
                                    const struct esc_playbook_step *step)
{
    const struct esc_risk *risk = &reader->playbook->risk;
    if (step->kind != ESC_PLAYBOOK_AWS)
        return ESC_OK;
    if (step->mutates != step->call.operation->mutates)
        return format_fail(reader, path, "`mutates` must be %s for %s",
                           step->call.operation->mutates ? "true" : "false",
                           step->call.operation->operation);
    if (!step->mutates)
        return ESC_OK;
    if (!step->outcome.expect)
        return format_fail(reader, path, "a step that changes something needs `done_when`");
    if (!step->has_undo && risk->reversible != ESC_REVERSIBLE_NONE)
        return format_fail(reader, path,
                           "a step that changes something needs `undo`, or `reversible: none`");
    return ESC_OK;
}

static enum esc_status check_step(const struct reader *reader, const char *path,
                                  const struct esc_playbook_step *step)
{
    const unsigned sees = SEES_PARAMETERS | SEES_CAPTURES | SEES_AFTER;
    enum esc_status status = check_change(reader, path, step);
    if (status == ESC_OK)
        status = check_words(reader, path, step->title);
    if (status == ESC_OK)
        status = check_words(reader, path, step->message);
    if (status == ESC_OK)
        status = check_own_call(reader, path, &step->call);
    if (status == ESC_OK)
        status = check_probe(reader, path, &step->outcome.probe);
    if (status == ESC_OK)
        status = check_call(reader, path, &step->undo, SEES_VALUES | SEES_CAPTURES | SEES_AFTER);
    if (status == ESC_OK)
        status = check_expression(reader, path, step->outcome.expect, sees);
    if (status == ESC_OK)
        status = check_expression(reader, path, step->fail_if, sees);
    if (status == ESC_OK)
        status = check_expression(reader, path, step->undo_when, sees);
    if (status == ESC_OK && step->kind == ESC_PLAYBOOK_WAIT &&
        (step->every_ms == 0 || step->timeout_ms < step->every_ms))
        return format_fail(reader, path, "`every` and `timeout` must be in order");
    return status;
}

static enum esc_status check_steps(const struct reader *reader)
{
    const struct esc_playbook *playbook = reader->playbook;
    enum esc_status status = ESC_OK;
    for (size_t i = 0; i < playbook->step_count && status == ESC_OK; i++) {
        ESC_CLEANUP(esc_freep) char *path = format_path_at("steps", i);
        status = check_order(reader, path, i);
        if (status == ESC_OK)
            status = check_step(reader, path, &playbook->steps[i]);
    }
    return status;
}

static enum esc_status check_verify(const struct reader *reader)
{
    const struct esc_playbook *playbook = reader->playbook;
    enum esc_status status = ESC_OK;
    if (playbook->verify_count == 0 && esc_playbook_mutates(playbook))
        return format_fail(reader, "verify", "a change must be verified");
    for (size_t i = 0; i < playbook->verify_count && status == ESC_OK; i++) {
        const struct esc_verification *row = &playbook->verify[i];
        ESC_CLEANUP(esc_freep) char *path = format_path_at("verify", i);
        status = check_probe(reader, path, &row->outcome.probe);
        if (status == ESC_OK)
            status = check_expression(reader, path, row->outcome.expect,
                                      SEES_PARAMETERS | SEES_CAPTURES | SEES_AFTER);
        if (status == ESC_OK)
            status = check_words(reader, path, row->title);
    }
    return status;
}

static bool is_used(const struct esc_call_template *call, const char *action)
{
    return call->operation && esc_text_equal(call->operation->iam_action, action);
}

static bool is_action_used(const struct esc_playbook *playbook, const char *action)
{
    for (size_t i = 0; i < playbook->capture_count; i++)
        if (is_used(&playbook->captures[i].probe.call, action))
            return true;
    for (size_t i = 0; i < playbook->step_count; i++)
        if (is_used(&playbook->steps[i].call, action) ||
            is_used(&playbook->steps[i].outcome.probe.call, action))
            return true;
    for (size_t i = 0; i < playbook->verify_count; i++)
        if (is_used(&playbook->verify[i].outcome.probe.call, action))
            return true;
    return false;
}

static enum esc_status check_actions(const struct reader *reader)
{
    const struct esc_playbook *playbook = reader->playbook;
    for (size_t i = 0; i < playbook->action_count; i++) {
        ESC_CLEANUP(esc_freep) char *path = format_path_at("requires.iam", i);
        if (!is_action_used(playbook, playbook->actions[i]))
            return format_fail(reader, path, "nothing here needs %.60s", playbook->actions[i]);
    }
    return ESC_OK;
}

static enum esc_status check_tests(const struct reader *reader)
{
    const struct esc_json *tests = reader->playbook->tests;
    if (!esc_json_is(tests, ESC_JSON_ARRAY) || esc_json_len(tests) < TESTS_LEAST)
        return format_fail(reader, "tests", "there must be at least %d tests", TESTS_LEAST);
    for (size_t i = 0; i < esc_json_len(tests); i++) {
        static const char *const members[] = {"given", "prompt", "expect", NULL};
        const struct esc_json *test = esc_json_at(tests, i);
        ESC_CLEANUP(esc_freep) char *path = format_path_at("tests", i);
        if (esc_json_only(test, members, reader->err) != ESC_OK)
            return format_fail_here(reader, path);
        if (!esc_json_str(test, "given", NULL) ||
            !esc_json_is(esc_json_member(test, "expect"), ESC_JSON_OBJECT))
            return format_fail(reader, path, "a test has `given` and `expect`");
    }
    return ESC_OK;
}

enum esc_status playbook_check(const struct reader *reader)
{
    typedef enum esc_status check_fn(const struct reader *reader);
    static check_fn *const checks[] = {
        check_top,           check_parameters, check_attributes, check_captures,
        check_preconditions, check_risk,       check_explain,    check_steps,
        check_verify,        check_actions,    check_tests,
    };
    enum esc_status status = ESC_OK;
    for (size_t i = 0; i < ESC_COUNT(checks) && status == ESC_OK; i++)
        status = checks[i](reader);
    return status;
}
