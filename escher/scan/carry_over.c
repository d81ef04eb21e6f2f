/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/carry_over.h"

#include "escher/scan/scan_private.h"

/* Of a resource's metadata, what merge.c sets and not its own answer. */
static const char *const merged_members[] = {"latest_snapshot_at"};

/* Relations that merge.c makes of two answers. */
static const char *const merged_relations[] = {"routed_by"};

static bool is_from_others(const struct esc_constraint_reason *reason)
{
    return !reason->field;
}

static bool is_from_a_call_each(const struct esc_constraint_reason *reason)
{
    return esc_text_equal(reason->field, SCAN_PROTECTION_FIELD);
}

/* Whether the reason follows from another answer than the resource's own: it has no field, or one
 * that only a call of its own tells. */
static bool is_from_elsewhere(const struct esc_constraint_reason *reason)
{
    return is_from_others(reason) || is_from_a_call_each(reason);
}

typedef bool reason_fn(const struct esc_constraint_reason *reason);

static bool has_reason(const struct esc_resource *resource, enum esc_constraint constraint,
                       reason_fn *is_of)
{
    for (size_t i = 0; i < resource->constraints.reason_count; i++) {
        const struct esc_constraint_reason *reason = &resource->constraints.reasons[i];
        if (is_of(reason) && esc_text_equal(reason->constraint, esc_constraint_text(constraint)))
            return true;
    }
    return false;
}

/* Which conclusions the fresh look could not draw: it knows nothing of the constraint, or only what
 * its own answer says and that is the same as before. */
static bool lacks(const struct esc_resource *fresh, const struct esc_resource *before,
                  enum esc_constraint constraint, reason_fn *is_of)
{
    const enum esc_tristate now = esc_constraints_get(&fresh->constraints, constraint);
    return now == ESC_UNKNOWN || (now == esc_constraints_get(&before->constraints, constraint) &&
                                  !has_reason(fresh, constraint, is_of));
}

static void carry_reasons(struct esc_resource *fresh, const struct esc_resource *before,
                          reason_fn *is_of)
{
    bool lacking[ESC_CONSTRAINT_COUNT];
    for (int k = 0; k < ESC_CONSTRAINT_COUNT; k++)
        lacking[k] = lacks(fresh, before, (enum esc_constraint)k, is_of);
    for (size_t i = 0; i < before->constraints.reason_count; i++) {
        const struct esc_constraint_reason *reason = &before->constraints.reasons[i];
        for (int k = 0; k < ESC_CONSTRAINT_COUNT && is_of(reason); k++) {
            const enum esc_constraint constraint = (enum esc_constraint)k;
            if (lacking[k] && esc_text_equal(reason->constraint, esc_constraint_text(constraint)))
                esc_constraints_set(&fresh->constraints, constraint,
                                    esc_constraints_get(&before->constraints, constraint),
                                    reason->because, reason->field);
        }
    }
    esc_constraints_sort(&fresh->constraints);
}

static bool has_kind(const struct esc_resource *resource, const char *kind)
{
    for (size_t i = 0; i < resource->relation_count; i++)
        if (esc_text_equal(resource->relations[i].kind, kind))
            return true;
    return false;
}

static void carry_relations(struct esc_resource *fresh, const struct esc_resource *before,
                            const char *kind)
{
    if (has_kind(fresh, kind))
        return;
    for (size_t i = 0; i < before->relation_count; i++)
        if (esc_text_equal(before->relations[i].kind, kind))
            esc_resource_relate(fresh, kind, before->relations[i].target);
}

static void carry_all(struct esc_resource *fresh, const struct esc_resource *before,
                      reason_fn *is_of)
{
    for (size_t i = 0; i < ESC_COUNT(merged_members); i++) {
        const struct esc_json *value = esc_json_member(before->metadata, merged_members[i]);
        if (value && !esc_json_member(fresh->metadata, merged_members[i]))
            esc_json_set(fresh->metadata, merged_members[i], esc_json_copy(value));
    }
    for (size_t i = 0; i < ESC_COUNT(merged_relations); i++)
        carry_relations(fresh, before, merged_relations[i]);
    carry_reasons(fresh, before, is_of);
}

void esc_carry_over(struct esc_resource *fresh, const struct esc_resource *before)
{
    carry_all(fresh, before, is_from_elsewhere);
}

void esc_carry_undoubted(struct esc_resource *fresh, const struct esc_resource *before)
{
    carry_all(fresh, before, is_from_others);
}

bool esc_carry_was_asked(const struct esc_resource *resource)
{
    for (size_t i = 0; i < resource->constraints.reason_count; i++)
        if (is_from_a_call_each(&resource->constraints.reasons[i]))
            return true;
    return false;
}

bool esc_carry_unasked(struct esc_resource *fresh, const struct esc_resource *before)
{
    if (!scan_is_type(fresh, "ec2_instance") || !scan_protection_is_asked(fresh) ||
        esc_carry_was_asked(fresh) || !esc_carry_was_asked(before))
        return false;
    carry_reasons(fresh, before, is_from_a_call_each);
    return true;
}
