/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Values that only the person can give. An amount stands free ("512 MB"), or after "to"; after
 * "by" it is a difference, which nobody here may compute silently, so "by" stays uncovered and
 * becomes a question.
 */

#include "escher/answer/planner_private.h"

#include <string.h>

#include "escher/playbook/quantity.h"

static const char *prompt_key(const struct esc_parameter *parameter)
{
    static const char prefix[] = "prompt.";
    bool from_prompt = strncmp(parameter->from, prefix, sizeof prefix - 1) == 0;
    return from_prompt ? parameter->from + sizeof prefix - 1 : NULL;
}

static void use_amount(struct reading *reading, size_t at, size_t end_byte)
{
    struct sentence *sentence = reading->sentence;
    for (size_t i = at; i < sentence->count && sentence->tokens[i].start < end_byte; i++)
        reading_use(reading, i, 1);
    if (at > 0 && (reading_match(reading, at - 1, WORD_TO, NULL) == 1 ||
                   reading_is_mark(reading, at - 1, ":")))
        reading_use(reading, at - 1, 1);
    size_t after = at;
    while (after < sentence->count && sentence->tokens[after].used)
        after++;
    /* "512 MB of memory" */
    bool of = reading_match(reading, after, WORD_OF, NULL) == 1 && after + 1 < sentence->count &&
              sentence->tokens[after + 1].used;
    if (of)
        reading_use(reading, after, 1);
}

/* The first free amount in the parameter's unit. */
static bool take_amount(const struct esc_parameter *parameter, const char *key,
                        struct reading *reading, int64_t *value)
{
    const struct sentence *sentence = reading->sentence;
    for (size_t i = 0; i < sentence->count; i++) {
        const struct token *token = &sentence->tokens[i];
        struct esc_quantity amount;
        bool amount_like = token->kind == TOKEN_NUMBER || token->kind == TOKEN_QUANTITY ||
                           token->kind == TOKEN_TIME;
        if (token->used || !amount_like)
            continue;
        if (!esc_quantity_next(sentence->asked->prompt, token->start, parameter->unit, &amount) ||
            amount.start != token->start)
            continue;
        bool from = i > 0 && esc_str_is(sentence->tokens[i - 1].lower, "from");
        if (from && amount.value != esc_json_num(reading->target->facts, key, -1))
            return false; /* it is not what the estate says */
        use_amount(reading, i, amount.end);
        if (from) { /* "from 512 to 1024" */
            reading_use(reading, i - 1, 1);
            continue;
        }
        *value = amount.value;
        return true;
    }
    return false;
}

/* "Increase to 256" where it has 512 is a slip of the word or of the number. */
static void check_direction(const struct esc_parameter *parameter, const char *key, int64_t value,
                            struct reading *reading, struct slots *out)
{
    int64_t now = esc_json_num(reading->target->facts, key, -1);
    bool raise = reading->action.verb == VERB_RAISE, lower = reading->action.verb == VERB_LOWER;
    if (now < 0 || (!raise && !lower) || (raise && value > now) || (lower && value < now))
        return;
    out->problem =
        esc_arena_printf(reading->arena, "%s has %lld %s now, so %lld %s would not %s it.",
                         reading->target->name, (long long)now, parameter->unit, (long long)value,
                         parameter->unit, raise ? "increase" : "decrease");
}

void slots_read(const struct esc_playbook *playbook, struct reading *reading, struct slots *out)
{
    *out = (struct slots){.values = esc_json_object()};
    for (size_t i = 0; i < playbook->parameter_count; i++) {
        const struct esc_parameter *parameter = &playbook->parameters[i];
        const char *key = prompt_key(parameter);
        int64_t value = 0;
        if (!key || parameter->type != ESC_VALUE_INTEGER ||
            !take_amount(parameter, key, reading, &value))
            continue;
        esc_json_set_int(out->values, key, value);
        check_direction(parameter, key, value, reading, out);
    }
}

bool slots_have_unit(const struct esc_playbook *playbook, const struct reading *reading)
{
    const struct sentence *sentence = reading->sentence;
    for (size_t i = 0; i < playbook->parameter_count; i++) {
        const struct esc_parameter *parameter = &playbook->parameters[i];
        struct esc_quantity amount;
        if (!prompt_key(parameter) || parameter->type != ESC_VALUE_INTEGER)
            continue;
        for (size_t j = 0; j < sentence->count; j++)
            if (sentence->tokens[j].kind != TOKEN_RESOURCE &&
                esc_quantity_next(sentence->asked->prompt, sentence->tokens[j].start,
                                  parameter->unit, &amount) &&
                amount.start == sentence->tokens[j].start && amount.has_unit)
                return true;
    }
    return false;
}
