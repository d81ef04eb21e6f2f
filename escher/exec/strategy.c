/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/exec/strategy.h"

static const struct esc_step *need_of(const struct esc_run *run, const struct esc_step *step,
                                      size_t index)
{
    for (size_t i = 0; i < run->step_count; i++) {
        if (esc_text_equal(run->steps[i].id, step->needs[index]))
            return &run->steps[i];
    }
    return NULL; /* esc_run_check() lets none through */
}

/* A step whose end lets nothing follow: not as wished, and the run does not go on for it. */
static bool is_stopper(const struct esc_step *step)
{
    return esc_step_is_over(step->state) && !esc_step_is_good(step->state) && !step->keep_going;
}

static bool is_stopped(const struct esc_run *run)
{
    for (size_t i = 0; i < run->step_count; i++) {
        if (is_stopper(&run->steps[i]))
            return true;
    }
    return run->cancelled;
}

static bool needs_a_bad_end(const struct esc_run *run, const struct esc_step *step)
{
    for (size_t i = 0; i < step->need_count; i++) {
        const struct esc_step *need = need_of(run, step, i);
        if (!need || (esc_step_is_over(need->state) && !esc_step_is_good(need->state)))
            return true;
    }
    return false;
}

static bool has_all_it_needs(const struct esc_run *run, size_t index)
{
    const struct esc_step *step = &run->steps[index];
    for (size_t i = 0; i < step->need_count; i++) {
        const struct esc_step *need = need_of(run, step, i);
        if (!need || !esc_step_is_good(need->state))
            return false;
    }
    return true;
}

static bool is_before_done(const struct esc_run *run, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (!esc_step_is_over(run->steps[i].state))
            return false;
    }
    return true;
}

static size_t count_active(const struct esc_run *run)
{
    size_t count = 0;
    for (size_t i = 0; i < run->step_count; i++)
        count += esc_step_is_active(run->steps[i].state);
    return count;
}

size_t esc_strategy_ready(const struct esc_run *run, size_t *ready)
{
    size_t width = run->strategy == ESC_STRATEGY_SERIAL ? 1 : run->width;
    size_t active = count_active(run), count = 0;
    if (is_stopped(run))
        return 0;
    for (size_t i = 0; i < run->step_count && active + count < width; i++) {
        if (run->steps[i].state != ESC_STEP_QUEUED || !has_all_it_needs(run, i))
            continue;
        if (run->strategy != ESC_STRATEGY_SERIAL || is_before_done(run, i))
            ready[count++] = i;
    }
    return count;
}

bool esc_strategy_is_hopeless(const struct esc_run *run, size_t index)
{
    const struct esc_step *step = &run->steps[index];
    return step->state == ESC_STEP_QUEUED && (is_stopped(run) || needs_a_bad_end(run, step));
}
