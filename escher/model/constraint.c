/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/model/constraint.h"

#include <stdlib.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/model/model_private.h"

static const char *const names[] = {
    [ESC_CAN_STOP] = "can_stop",
    [ESC_CAN_START] = "can_start",
    [ESC_CAN_DELETE] = "can_delete",
    [ESC_HAS_BACKUPS] = "has_backups",
    [ESC_HAS_DEPENDENCIES] = "has_dependencies",
    [ESC_PROTECTED] = "protected",
};
static_assert(ESC_COUNT(names) == ESC_CONSTRAINT_COUNT, "every constraint has a name");

static enum esc_tristate *answer_of(struct esc_constraints *constraints,
                                    enum esc_constraint constraint)
{
    enum esc_tristate *const answers[] = {
        [ESC_CAN_STOP] = &constraints->can_stop,
        [ESC_CAN_START] = &constraints->can_start,
        [ESC_CAN_DELETE] = &constraints->can_delete,
        [ESC_HAS_BACKUPS] = &constraints->has_backups,
        [ESC_HAS_DEPENDENCIES] = &constraints->has_dependencies,
        [ESC_PROTECTED] = &constraints->is_protected,
    };
    ESC_ASSERT(constraint < ESC_CONSTRAINT_COUNT);
    return answers[constraint];
}

void esc_constraints_init(struct esc_constraints *constraints)
{
    *constraints = (struct esc_constraints){0};
}

void esc_constraints_done(struct esc_constraints *constraints)
{
    for (size_t i = 0; i < constraints->reason_count; i++) {
        free(constraints->reasons[i].constraint);
        free(constraints->reasons[i].because);
        free(constraints->reasons[i].field);
    }
    free(constraints->reasons);
    esc_constraints_init(constraints);
}

/* Room for one more reason, zeroed. */
static struct esc_constraint_reason *add_reason(struct esc_constraints *constraints)
{
    constraints->reasons = esc_realloc_array(constraints->reasons, constraints->reason_count + 1,
                                             sizeof *constraints->reasons);
    struct esc_constraint_reason *reason = &constraints->reasons[constraints->reason_count++];
    *reason = (struct esc_constraint_reason){0};
    return reason;
}

void esc_constraints_copy(const struct esc_constraints *from, struct esc_constraints *to)
{
    *to = *from;
    to->reasons = NULL;
    to->reason_count = 0;
    for (size_t i = 0; i < from->reason_count; i++)
        *add_reason(to) = (struct esc_constraint_reason){
            .constraint = esc_strdup(from->reasons[i].constraint),
            .because = esc_strdup(from->reasons[i].because),
            .field = esc_strdup_null(from->reasons[i].field),
        };
}

const char *esc_constraint_text(enum esc_constraint constraint)
{
    ESC_ASSERT(constraint < ESC_CONSTRAINT_COUNT);
    return names[constraint];
}

enum esc_tristate esc_constraints_get(const struct esc_constraints *constraints,
                                      enum esc_constraint constraint)
{
    struct esc_constraints shallow = *constraints;
    return *answer_of(&shallow, constraint);
}

void esc_constraints_set(struct esc_constraints *constraints, enum esc_constraint constraint,
                         enum esc_tristate value, const char *because, const char *field)
{
    *answer_of(constraints, constraint) = value;
    if (because)
        *add_reason(constraints) = (struct esc_constraint_reason){
            .constraint = esc_strdup(esc_constraint_text(constraint)),
            .because = esc_strdup(because),
            .field = esc_strdup_null(field),
        };
}

/* Where the constraint stands in the table of names. */
static size_t rank_of(const struct esc_constraint_reason *reason)
{
    size_t rank = 0;
    while (rank < ESC_COUNT(names) && !esc_text_equal(names[rank], reason->constraint))
        rank++;
    return rank;
}

void esc_constraints_sort(struct esc_constraints *constraints)
{
    struct esc_constraint_reason *reasons = constraints->reasons;
    for (size_t i = 1; i < constraints->reason_count; i++) { /* a handful */
        const struct esc_constraint_reason moved = reasons[i];
        size_t at = i;
        for (; at > 0 && rank_of(&reasons[at - 1]) > rank_of(&moved); at--)
            reasons[at] = reasons[at - 1];
        reasons[at] = moved;
    }
}

const struct esc_constraint_reason *
esc_constraints_reason(const struct esc_constraints *constraints, enum esc_constraint constraint)
{
    for (size_t i = 0; i < constraints->reason_count; i++)
        if (esc_text_equal(constraints->reasons[i].constraint, esc_constraint_text(constraint)))
            return &constraints->reasons[i];
    return NULL;
}

/* JSON: an answer is true, false or absent. */

static enum esc_status read_answer(const struct esc_json *json, void *member, struct esc_error *err)
{
    if (!esc_json_is(json, ESC_JSON_BOOL))
        return esc_fail(err, ESC_INVALID, "must be true or false");
    *(enum esc_tristate *)member = esc_json_flag(json, "", false) ? ESC_YES : ESC_NO;
    return ESC_OK;
}

static struct esc_json *write_answer(const void *member)
{
    const enum esc_tristate answer = *(const enum esc_tristate *)member;
    return answer == ESC_UNKNOWN ? NULL : esc_json_bool(answer == ESC_YES);
}

static void forget(void *member)
{
    (void)member; /* an answer owns nothing, and the reasons go with esc_constraints_done */
}

static void copy_answer(const void *from, void *to)
{
    *(enum esc_tristate *)to = *(const enum esc_tristate *)from;
}

static bool is_constraint(struct esc_str text)
{
    for (size_t i = 0; i < ESC_COUNT(names); i++)
        if (esc_str_is(text, names[i]))
            return true;
    return false;
}

#define REASON(member) offsetof(struct esc_constraint_reason, member)
static const struct model_field reason_fields[] = {
    {"constraint", MODEL_TEXT, REASON(constraint), true, "the name of a constraint", is_constraint,
     NULL, 0},
    {"because", MODEL_TEXT, REASON(because), true, NULL, NULL, NULL, 0},
    {"field", MODEL_TEXT, REASON(field), false, NULL, NULL, NULL, 0},
};
#undef REASON
static const struct model_shape reason_shape = {"reason", reason_fields, ESC_COUNT(reason_fields)};

/* The member is the pointer `reasons`; the count beside it is reached through the struct. */
static struct esc_constraints *of_reasons(void *member)
{
    return (struct esc_constraints *)(void *)((char *)member -
                                              offsetof(struct esc_constraints, reasons));
}

static enum esc_status read_reasons(const struct esc_json *json, void *member,
                                    struct esc_error *err)
{
    if (!esc_json_is(json, ESC_JSON_ARRAY))
        return esc_fail(err, ESC_INVALID, "must be a list of reasons");
    for (size_t i = 0; i < esc_json_len(json); i++) {
        struct esc_constraint_reason *reason = add_reason(of_reasons(member));
        const enum esc_status status = model_read(&reason_shape, esc_json_at(json, i), reason, err);
        if (status != ESC_OK)
            return status;
    }
    return ESC_OK;
}

static struct esc_json *write_reasons(const void *member)
{
    const struct esc_constraints *constraints =
        (const void *)((const char *)member - offsetof(struct esc_constraints, reasons));
    struct esc_json *array = constraints->reason_count > 0 ? esc_json_array() : NULL;
    for (size_t i = 0; i < constraints->reason_count; i++)
        esc_json_push(array, model_write(&reason_shape, &constraints->reasons[i]));
    return array;
}

static const struct model_nested answer = {read_answer, write_answer, forget, copy_answer};
static const struct model_nested reasons = {read_reasons, write_reasons, forget, NULL};

#define ANSWER(name, member)                                                                       \
    {                                                                                              \
        name, MODEL_NESTED, offsetof(struct esc_constraints, member), false, NULL, NULL, &answer,  \
            0                                                                                      \
    }
static const struct model_field fields[] = {
    ANSWER("can_stop", can_stop),
    ANSWER("can_start", can_start),
    ANSWER("can_delete", can_delete),
    ANSWER("has_backups", has_backups),
    ANSWER("has_dependencies", has_dependencies),
    ANSWER("protected", is_protected),
    {"reasons", MODEL_NESTED, offsetof(struct esc_constraints, reasons), false, NULL, NULL,
     &reasons, 0},
};
#undef ANSWER
static const struct model_shape shape = {"constraints", fields, ESC_COUNT(fields)};

enum esc_status esc_constraints_from_json(const struct esc_json *json, struct esc_constraints *out,
                                          struct esc_error *err)
{
    struct esc_constraints read = {0};
    const enum esc_status status = model_read(&shape, json, &read, err);
    if (status == ESC_OK)
        *out = read;
    else
        esc_constraints_done(&read);
    return status;
}

struct esc_json *esc_constraints_to_json(const struct esc_constraints *constraints)
{
    return model_write(&shape, constraints);
}
