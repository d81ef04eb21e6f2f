/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Running a pattern's program: the set of instructions reached so far goes through the text byte
 * by byte. Reaching one twice at the same place adds nothing, which bounds the work and the loops
 * of (a*)*.
 */

#include "escher/playbook/pattern_private.h"

#include "escher/base/alloc.h"

void esc_pattern_free(struct esc_pattern *pattern)
{
    if (!pattern)
        return;
    free(pattern->text);
    free(pattern->program);
    free(pattern);
}

static bool set_has(const struct pattern_set *set, unsigned char byte)
{
    return set->bits[byte / 64] >> (byte % 64) & 1;
}

/* The set of instructions reached at one place of the text. */
struct reached {
    const struct esc_pattern *pattern;
    unsigned *list, count;
    unsigned *seen, mark; /* seen[i] == mark: i was reached at this place */
    unsigned *stack;
};

static void reached_init(struct reached *reached, const struct esc_pattern *pattern)
{
    *reached = (struct reached){.pattern = pattern, .mark = 1};
    reached->list = esc_alloc_array(pattern->count, sizeof *reached->list);
    reached->seen = esc_alloc_array(pattern->count, sizeof *reached->seen);
    reached->stack = esc_alloc_array(pattern->count, sizeof *reached->stack);
}

static void reached_done(struct reached *reached)
{
    free(reached->list);
    free(reached->seen);
    free(reached->stack);
}

static void reached_clear(struct reached *reached)
{
    reached->count = 0;
    reached->mark++;
}

static void push(struct reached *reached, unsigned *depth, unsigned at)
{
    if (reached->seen[at] == reached->mark)
        return;
    reached->seen[at] = reached->mark;
    reached->stack[(*depth)++] = at;
}

/* Adds `at` and all that is reached from it without taking a byte. */
static void reach(struct reached *reached, unsigned at, bool is_start, bool is_end)
{
    unsigned depth = 0;
    push(reached, &depth, at);
    while (depth > 0) {
        const unsigned now = reached->stack[--depth];
        const struct pattern_instruction *instruction = &reached->pattern->program[now];
        if (instruction->op == PATTERN_TAKE || instruction->op == PATTERN_DONE)
            reached->list[reached->count++] = now;
        const bool passes = instruction->op == PATTERN_JUMP || instruction->op == PATTERN_SPLIT ||
                            (instruction->op == PATTERN_START && is_start) ||
                            (instruction->op == PATTERN_END && is_end);
        if (passes)
            push(reached, &depth, instruction->next);
        if (instruction->op == PATTERN_SPLIT)
            push(reached, &depth, instruction->other);
    }
}

static bool is_done(const struct reached *reached)
{
    for (unsigned i = 0; i < reached->count; i++)
        if (reached->pattern->program[reached->list[i]].op == PATTERN_DONE)
            return true;
    return false;
}

static void step(const struct reached *now, struct reached *next, unsigned char byte, bool is_end)
{
    for (unsigned i = 0; i < now->count; i++) {
        const struct pattern_instruction *instruction = &now->pattern->program[now->list[i]];
        if (instruction->op == PATTERN_TAKE && set_has(&instruction->set, byte))
            reach(next, instruction->next, false, is_end);
    }
}

bool esc_pattern_matches(const struct esc_pattern *pattern, struct esc_str text)
{
    struct reached sets[2];
    reached_init(&sets[0], pattern);
    reached_init(&sets[1], pattern);
    struct reached *now = &sets[0], *next = &sets[1];
    reach(now, 0, true, text.len == 0);
    bool matches = is_done(now);
    for (size_t i = 0; i < text.len && !matches; i++) {
        const bool is_end = i + 1 == text.len;
        reached_clear(next);
        step(now, next, (unsigned char)text.ptr[i], is_end);
        reach(next, 0, false, is_end); /* a match may begin anywhere */
        struct reached *swap = now;
        now = next;
        next = swap;
        matches = is_done(now);
    }
    reached_done(&sets[0]);
    reached_done(&sets[1]);
    return matches;
}

bool esc_pattern_admits_first(const struct esc_pattern *pattern, char first)
{
    struct reached begin, later;
    reached_init(&begin, pattern);
    reached_init(&later, pattern);
    reach(&begin, 0, true, false);
    step(&begin, &later, (unsigned char)first, true);
    /* What is reached can go on whatever follows: every TAKE is taken. */
    for (unsigned i = 0; i < later.count; i++)
        if (pattern->program[later.list[i]].op == PATTERN_TAKE)
            reach(&later, pattern->program[later.list[i]].next, false, true);
    const bool admits = is_done(&later);
    reached_done(&begin);
    reached_done(&later);
    return admits;
}

/* Whether DONE is reached from `at` without another byte and without passing a $. */
static bool ends_without(const struct esc_pattern *pattern, unsigned at, bool is_start)
{
    struct reached reached;
    reached_init(&reached, pattern);
    reach(&reached, at, is_start, false);
    const bool ends = is_done(&reached);
    reached_done(&reached);
    return ends;
}

bool esc_pattern_is_anchored(const struct esc_pattern *pattern)
{
    struct reached begin;
    reached_init(&begin, pattern);
    reach(&begin, 0, false, true); /* past no ^: nothing may be reached */
    bool anchored = begin.count == 0;
    reached_done(&begin);
    anchored = anchored && !ends_without(pattern, 0, true);
    for (unsigned i = 0; anchored && i < pattern->count; i++)
        if (pattern->program[i].op == PATTERN_TAKE)
            anchored = !ends_without(pattern, pattern->program[i].next, true);
    return anchored;
}
