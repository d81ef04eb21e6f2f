/* SPDX-License-Identifier: Apache-2.0 */

/* The steps of a playbook and what verifies them. */

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/playbook/format_private.h"

#define STEP_OFFSET(member) offsetof(struct esc_playbook_step, member)
#define OUTCOME_KEYS                                                                               \
    {"probe", FIELD_OTHER, true, 0, NULL}, {"select", FIELD_OTHER, false, 0, NULL},                \
    {                                                                                              \
        "missing", FIELD_OTHER, false, 0, NULL                                                     \
    }

static const char *const idempotency_words[] = {"natural", "state_check", NULL};

/* done_when of an AWS step, and a probe step */
static const struct field outcome_fields[] = {
    OUTCOME_KEYS,
    {"expect", FIELD_EXPRESSION, true, offsetof(struct esc_outcome, expect), NULL},
};

static enum esc_status read_outcome(const struct reader *reader, const char *path,
                                    const struct esc_json *object, struct esc_outcome *out)
{
    const enum esc_status status =
        format_fields(reader, path, object, outcome_fields, ESC_COUNT(outcome_fields), out);
    return status == ESC_OK ? format_probe(reader, path, object, &out->probe) : status;
}

static const struct field undo_fields[] = {
    {"aws", FIELD_OTHER, true, 0, NULL},
    {"when", FIELD_EXPRESSION, false, STEP_OFFSET(undo_when), NULL},
};

static enum esc_status read_undo(const struct reader *reader, const char *path,
                                 const struct esc_json *object, struct esc_playbook_step *step)
{
    const enum esc_status status =
        format_fields(reader, path, object, undo_fields, ESC_COUNT(undo_fields), step);
    ESC_CLEANUP(esc_freep) char *inner = format_path(path, "aws");
    step->has_undo = true;
    return status == ESC_OK
               ? format_call(reader, inner, esc_json_member(object, "aws"), &step->undo)
               : status;
}

static enum esc_status read_retry(const struct reader *reader, const char *path,
                                  const struct esc_json *object, struct esc_playbook_step *step)
{
    step->retry = esc_retry_policy_default();
    if (!object || esc_retry_policy_from_json(object, &step->retry, reader->err) == ESC_OK)
        return ESC_OK;
    return format_fail_here(reader, path);
}

static const struct field aws_fields[] = {
    {"id", FIELD_TEXT, true, STEP_OFFSET(id), NULL},
    {"title", FIELD_TEMPLATE, true, STEP_OFFSET(title), NULL},
    {"needs", FIELD_OTHER, false, 0, NULL},
    {"aws", FIELD_OTHER, true, 0, NULL},
    {"mutates", FIELD_FLAG, true, STEP_OFFSET(mutates), NULL},
    {"idempotency", FIELD_CHOICE, false, STEP_OFFSET(idempotency), idempotency_words},
    {"timeout", FIELD_DURATION, true, STEP_OFFSET(timeout_ms), NULL},
    {"retry", FIELD_OTHER, false, 0, NULL},
    {"done_when", FIELD_OTHER, false, 0, NULL},
    {"undo", FIELD_OTHER, false, 0, NULL},
};

static enum esc_status read_aws(const struct reader *reader, const char *path,
                                const struct esc_json *object, struct esc_playbook_step *step)
{
    ESC_CLEANUP(esc_freep) char *call = format_path(path, "aws");
    ESC_CLEANUP(esc_freep) char *done_when = format_path(path, "done_when");
    ESC_CLEANUP(esc_freep) char *undo = format_path(path, "undo");
    ESC_CLEANUP(esc_freep) char *retry = format_path(path, "retry");
    const struct esc_json *outcome = esc_json_member(object, "done_when");
    const struct esc_json *back = esc_json_member(object, "undo");
    step->idempotency = ESC_IDEMPOTENT_STATE;
    enum esc_status status =
        format_fields(reader, path, object, aws_fields, ESC_COUNT(aws_fields), step);
    if (status == ESC_OK)
        status = format_call(reader, call, esc_json_member(object, "aws"), &step->call);
    if (status == ESC_OK && outcome)
        status = read_outcome(reader, done_when, outcome, &step->outcome);
    if (status == ESC_OK && back)
        status = read_undo(reader, undo, back, step);
    if (status == ESC_OK)
        status = read_retry(reader, retry, esc_json_member(object, "retry"), step);
    return status;
}

static const struct field wait_step_fields[] = {
    {"id", FIELD_TEXT, true, STEP_OFFSET(id), NULL},
    {"title", FIELD_TEMPLATE, true, STEP_OFFSET(title), NULL},
    {"needs", FIELD_OTHER, false, 0, NULL},
    {"wait", FIELD_OTHER, true, 0, NULL},
};
static const struct field wait_fields[] = {
    OUTCOME_KEYS,
    {"until", FIELD_EXPRESSION, true, STEP_OFFSET(outcome.expect), NULL},
    {"fail_if", FIELD_EXPRESSION, false, STEP_OFFSET(fail_if), NULL},
    {"every", FIELD_DURATION, true, STEP_OFFSET(every_ms), NULL},
    {"timeout", FIELD_DURATION, true, STEP_OFFSET(timeout_ms), NULL},
};

static enum esc_status read_wait(const struct reader *reader, const char *path,
                                 const struct esc_json *object, struct esc_playbook_step *step)
{
    ESC_CLEANUP(esc_freep) char *inner = format_path(path, "wait");
    const struct esc_json *wait = esc_json_member(object, "wait");
    enum esc_status status =
        format_fields(reader, path, object, wait_step_fields, ESC_COUNT(wait_step_fields), step);
    if (status == ESC_OK)
        status = format_fields(reader, inner, wait, wait_fields, ESC_COUNT(wait_fields), step);
    return status == ESC_OK ? format_probe(reader, inner, wait, &step->outcome.probe) : status;
}

static const struct field probe_fields[] = {
    OUTCOME_KEYS,
    {"id", FIELD_TEXT, true, STEP_OFFSET(id), NULL},
    {"title", FIELD_TEMPLATE, true, STEP_OFFSET(title), NULL},
    {"needs", FIELD_OTHER, false, 0, NULL},
    {"expect", FIELD_EXPRESSION, true, STEP_OFFSET(outcome.expect), NULL},
    {"timeout", FIELD_DURATION, true, STEP_OFFSET(timeout_ms), NULL},
};

static enum esc_status read_probe(const struct reader *reader, const char *path,
                                  const struct esc_json *object, struct esc_playbook_step *step)
{
    const enum esc_status status =
        format_fields(reader, path, object, probe_fields, ESC_COUNT(probe_fields), step);
    return status == ESC_OK ? format_probe(reader, path, object, &step->outcome.probe) : status;
}

static const struct field approve_fields[] = {
    {"id", FIELD_TEXT, true, STEP_OFFSET(id), NULL},
    {"title", FIELD_TEMPLATE, true, STEP_OFFSET(title), NULL},
    {"needs", FIELD_OTHER, false, 0, NULL},
    {"approve", FIELD_TEMPLATE, true, STEP_OFFSET(message), NULL},
};

static enum esc_status read_approve(const struct reader *reader, const char *path,
                                    const struct esc_json *object, struct esc_playbook_step *step)
{
    return format_fields(reader, path, object, approve_fields, ESC_COUNT(approve_fields), step);
}

typedef enum esc_status read_step_fn(const struct reader *reader, const char *path,
                                     const struct esc_json *object, struct esc_playbook_step *step);

/* A step is of the kind whose key it has. */
static const struct {
    const char *key;
    read_step_fn *read;
} kinds[] = {
    [ESC_PLAYBOOK_AWS] = {"aws", read_aws},
    [ESC_PLAYBOOK_WAIT] = {"wait", read_wait},
    [ESC_PLAYBOOK_PROBE] = {"probe", read_probe},
    [ESC_PLAYBOOK_APPROVE] = {"approve", read_approve},
};
static_assert(ESC_COUNT(kinds) == ESC_PLAYBOOK_STEP_KIND_COUNT, "one row per kind");

static enum esc_status read_step(const struct reader *reader, const char *path,
                                 const struct esc_json *object, struct esc_playbook_step *step)
{
    size_t kind = 0;
    enum esc_status status = format_need(reader, path, object, ESC_JSON_OBJECT);
    if (status != ESC_OK)
        return status;
    while (kind < ESC_COUNT(kinds) && !esc_json_member(object, kinds[kind].key))
        kind++;
    if (kind == ESC_COUNT(kinds))
        return format_fail(reader, path, "a step needs `aws`, `wait`, `probe` or `approve`");
    step->kind = (enum esc_playbook_step_kind)kind;
    status = kinds[kind].read(reader, path, object, step);
    ESC_CLEANUP(esc_freep) char *needs = format_path(path, "needs");
    if (status == ESC_OK)
        status = format_texts(reader, needs, esc_json_member(object, "needs"), &step->needs,
                              &step->need_count);
    return status;
}

enum esc_status format_steps(const struct reader *reader, const struct esc_json *array)
{
    struct esc_playbook *playbook = reader->playbook;
    enum esc_status status = format_need(reader, "steps", array, ESC_JSON_ARRAY);
    if (status != ESC_OK)
        return status;
    if (esc_json_len(array) == 0 || esc_json_len(array) > ESC_MAX_STEPS_COUNT)
        return format_fail(reader, "steps", "there must be 1 to %d steps", ESC_MAX_STEPS_COUNT);
    playbook->steps = esc_alloc_array(esc_json_len(array), sizeof *playbook->steps);
    for (size_t i = 0; i < esc_json_len(array) && status == ESC_OK; i++) {
        ESC_CLEANUP(esc_freep) char *path = format_path_at("steps", i);
        status = read_step(reader, path, esc_json_at(array, i),
                           &playbook->steps[playbook->step_count++]);
    }
    return status;
}

static const struct field verify_fields[] = {
    OUTCOME_KEYS,
    {"id", FIELD_TEXT, true, offsetof(struct esc_verification, id), NULL},
    {"title", FIELD_TEMPLATE, true, offsetof(struct esc_verification, title), NULL},
    {"expect", FIELD_EXPRESSION, true, offsetof(struct esc_verification, outcome.expect), NULL},
    {"timeout", FIELD_DURATION, true, offsetof(struct esc_verification, timeout_ms), NULL},
};

enum esc_status format_verify(const struct reader *reader, const struct esc_json *array)
{
    struct esc_playbook *playbook = reader->playbook;
    enum esc_status status = format_need(reader, "verify", array, ESC_JSON_ARRAY);
    if (status != ESC_OK)
        return status;
    playbook->verify = esc_alloc_array(esc_json_len(array) + 1, sizeof *playbook->verify);
    for (size_t i = 0; i < esc_json_len(array) && status == ESC_OK; i++) {
        ESC_CLEANUP(esc_freep) char *path = format_path_at("verify", i);
        struct esc_verification *verification = &playbook->verify[playbook->verify_count++];
        const struct esc_json *object = esc_json_at(array, i);
        status = format_fields(reader, path, object, verify_fields, ESC_COUNT(verify_fields),
                               verification);
        if (status == ESC_OK)
            status = format_probe(reader, path, object, &verification->outcome.probe);
    }
    return status;
}
