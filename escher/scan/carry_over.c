/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/carry_over.h"

#include "escher/base/attr.h"
#include "escher/base/json.h"

/* Of a resource's metadata, what merge.c sets and not its own answer. */
static const char *const merged_members[] = {"latest_snapshot_at"};

/* The reasons in their order, which counts for whether two looks are the same. One without a field
 * follows from several resources. */
static void carry_reasons(struct esc_resource *fresh, const struct esc_resource *before,
                          const bool *lacks)
{
    for (size_t i = 0; i < before->constraints.reason_count; i++) {
        const struct esc_constraint_reason *reason = &before->constraints.reasons[i];
        for (int k = 0; k < ESC_CONSTRAINT_COUNT && !reason->field; k++) {
            const enum esc_constraint constraint = (enum esc_constraint)k;
            if (lacks[k] && esc_text_equal(reason->constraint, esc_constraint_text(constraint)))
                esc_constraints_set(&fresh->constraints, constraint,
                                    esc_constraints_get(&before->constraints, constraint),
                                    reason->because, NULL);
        }
    }
}

void esc_carry_over(struct esc_resource *fresh, const struct esc_resource *before)
{
    bool lacks[ESC_CONSTRAINT_COUNT];
    for (size_t i = 0; i < ESC_COUNT(merged_members); i++) {
        const struct esc_json *value = esc_json_member(before->metadata, merged_members[i]);
        if (value && !esc_json_member(fresh->metadata, merged_members[i]))
            esc_json_set(fresh->metadata, merged_members[i], esc_json_copy(value));
    }
    for (int i = 0; i < ESC_CONSTRAINT_COUNT; i++)
        lacks[i] = esc_constraints_get(&fresh->constraints, (enum esc_constraint)i) == ESC_UNKNOWN;
    carry_reasons(fresh, before, lacks);
}
