/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/exec/step.h"

#include "escher/base/assert.h"

#define ROW(name, text, over) {text, over},
static const struct {
    const char *text;
    bool over;
} states[] = {ESC_STEP_STATE_LIST(ROW)};
#undef ROW
static_assert(ESC_COUNT(states) == ESC_STEP_STATE_COUNT);

/* The picture in step.h as data: bit `next` of may_become[now] allows that step. */
#define TO(state) (1u << ESC_STEP_##state)
static const unsigned may_become[] = {
    [ESC_STEP_QUEUED] =
        TO(AWAITING_APPROVAL) | TO(RUNNING) | TO(NOOP) | TO(FAILED) | TO(SKIPPED) | TO(CANCELLED),
    [ESC_STEP_AWAITING_APPROVAL] =
        TO(QUEUED) | TO(RUNNING) | TO(FAILED) | TO(SKIPPED) | TO(CANCELLED),
    [ESC_STEP_RUNNING] = TO(SUCCEEDED) | TO(NOOP) | TO(FAILED) | TO(UNKNOWN) | TO(WAITING) |
                         TO(CANCELLING) | TO(CANCELLED) | TO(INTERRUPTED),
    [ESC_STEP_WAITING] = TO(RUNNING) | TO(SUCCEEDED) | TO(FAILED) | TO(UNKNOWN) | TO(CANCELLING) |
                         TO(CANCELLED) | TO(INTERRUPTED),
    [ESC_STEP_INTERRUPTED] =
        TO(QUEUED) | TO(RUNNING) | TO(SUCCEEDED) | TO(FAILED) | TO(UNKNOWN) | TO(CANCELLED),
    [ESC_STEP_UNKNOWN] = TO(SUCCEEDED) | TO(FAILED), /* a person, or a later look, tells */
    [ESC_STEP_SUCCEEDED] = TO(ROLLING_BACK),
    [ESC_STEP_NOOP] = 0,
    [ESC_STEP_FAILED] = 0,
    [ESC_STEP_CANCELLING] =
        TO(CANCELLED) | TO(SUCCEEDED) | TO(FAILED) | TO(UNKNOWN) | TO(INTERRUPTED),
    [ESC_STEP_CANCELLED] = 0,
    [ESC_STEP_SKIPPED] = 0,
    [ESC_STEP_ROLLING_BACK] = TO(ROLLED_BACK) | TO(FAILED) | TO(UNKNOWN),
    [ESC_STEP_ROLLED_BACK] = 0,
};
#undef TO
static_assert(ESC_COUNT(may_become) == ESC_STEP_STATE_COUNT);

const char *esc_step_state_text(enum esc_step_state state)
{
    ESC_ASSERT(state < ESC_STEP_STATE_COUNT);
    return states[state].text;
}

enum esc_step_state esc_step_state_of_text(struct esc_str text)
{
    enum esc_step_state state = 0;
    while (state < ESC_STEP_STATE_COUNT && !esc_str_is(text, states[state].text))
        state++;
    return state;
}

bool esc_step_may_become(enum esc_step_state now, enum esc_step_state next)
{
    ESC_ASSERT(now < ESC_STEP_STATE_COUNT && next < ESC_STEP_STATE_COUNT);
    return (may_become[now] & (1u << next)) != 0;
}

bool esc_step_is_over(enum esc_step_state state)
{
    ESC_ASSERT(state < ESC_STEP_STATE_COUNT);
    return states[state].over;
}

bool esc_step_is_good(enum esc_step_state state)
{
    return state == ESC_STEP_SUCCEEDED || state == ESC_STEP_NOOP;
}

bool esc_step_is_active(enum esc_step_state state)
{
    return !esc_step_is_over(state) && state != ESC_STEP_QUEUED;
}

static const char *const kinds[] = {
    [ESC_STEP_AWS] = "aws",         [ESC_STEP_WAIT] = "wait",         [ESC_STEP_PROBE] = "probe",
    [ESC_STEP_APPROVE] = "approve", [ESC_STEP_PLAYBOOK] = "playbook",
};
static_assert(ESC_COUNT(kinds) == ESC_STEP_KIND_COUNT);

const char *esc_step_kind_text(enum esc_step_kind kind)
{
    ESC_ASSERT(kind < ESC_STEP_KIND_COUNT);
    return kinds[kind];
}

enum esc_step_kind esc_step_kind_of_text(struct esc_str text)
{
    enum esc_step_kind kind = 0;
    while (kind < ESC_STEP_KIND_COUNT && !esc_str_is(text, kinds[kind]))
        kind++;
    return kind;
}

/* Categories in which the cloud, or the CLI before it, has refused in words. */
static bool is_refusal(enum esc_error_category category)
{
    switch (category) {
    case ESC_CATEGORY_VALIDATION:
    case ESC_CATEGORY_AUTH:
    case ESC_CATEGORY_PERMISSION:
    case ESC_CATEGORY_NOT_FOUND:
    case ESC_CATEGORY_CONFLICT_STATE:
    case ESC_CATEGORY_THROTTLE:
    case ESC_CATEGORY_QUOTA:
    case ESC_CATEGORY_SPAWN:
        return true;
    case ESC_CATEGORY_NONE:
    case ESC_CATEGORY_NETWORK:
    case ESC_CATEGORY_SERVICE: /* an internal error may come after the act */
    case ESC_CATEGORY_TIMEOUT:
    case ESC_CATEGORY_CANCELLED:
    case ESC_CATEGORY_SIGNAL:
    case ESC_CATEGORY_OUTPUT_LIMIT:
    case ESC_CATEGORY_UNKNOWN:
    case ESC_CATEGORY_COUNT:
        break;
    }
    return false;
}

enum esc_judgement esc_step_judge(bool mutates, enum esc_ending ending,
                                  enum esc_error_category category)
{
    if (ending == ESC_ENDING_EXITED && category == ESC_CATEGORY_NONE)
        return ESC_JUDGED_DONE;
    if (!mutates || ending == ESC_ENDING_FAILED_TO_START)
        return ESC_JUDGED_NOT_DONE;
    return ending == ESC_ENDING_EXITED && is_refusal(category) ? ESC_JUDGED_NOT_DONE
                                                               : ESC_JUDGED_UNCERTAIN;
}
