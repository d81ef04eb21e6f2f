/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a resource allows at the moment, and why: six answers of yes, no or unknown. Unknown is
 * the honest default; it is absent from the JSON. A reason names the constraint, says why in
 * words, and names the field of the cloud's answer that decided.
 *
 * Ownership  esc_constraints_done frees the reasons; the struct itself belongs to its parent.
 * Threads    any one at a time.
 */

#include <stdbool.h>
#include <stddef.h>

#include "escher/base/error.h"
#include "escher/base/json.h"

enum esc_tristate {
    ESC_UNKNOWN,
    ESC_NO,
    ESC_YES,
};

enum esc_constraint {
    ESC_CAN_STOP,
    ESC_CAN_START,
    ESC_CAN_DELETE,
    ESC_HAS_BACKUPS,
    ESC_HAS_DEPENDENCIES,
    ESC_PROTECTED,
    ESC_CONSTRAINT_COUNT,
};

struct esc_constraint_reason {
    char *constraint; /* "can_stop"; also a warning's subject while the answer stays yes */
    char *because;    /* "deletion protection is on" */
    char *field;      /* "DeletionProtection"; NULL when it follows from several */
};

struct esc_constraints {
    enum esc_tristate can_stop, can_start, can_delete, has_backups, has_dependencies,
        is_protected; /* "protected": against deletion, termination or scaling in */
    struct esc_constraint_reason *reasons; /* NULL when there are none */
    size_t reason_count;
};

void esc_constraints_init(struct esc_constraints *constraints); /* all unknown */
void esc_constraints_done(struct esc_constraints *constraints); /* twice is fine */
/** A deep copy into @p to, which need not be initialised. */
void esc_constraints_copy(const struct esc_constraints *from, struct esc_constraints *to);

/** "can_stop" and so on; static text. */
const char *esc_constraint_text(enum esc_constraint constraint);
enum esc_tristate esc_constraints_get(const struct esc_constraints *constraints,
                                      enum esc_constraint constraint);
/** Sets the answer; @p because (copied) adds a reason unless NULL. @p field may be NULL. */
void esc_constraints_set(struct esc_constraints *constraints, enum esc_constraint constraint,
                         enum esc_tristate value, const char *because, const char *field);
/** Brings the reasons into the order of the constraints, whoever was asked first. Reasons for the
 *  same one keep theirs. */
void esc_constraints_sort(struct esc_constraints *constraints);
/** The first reason for @p constraint, borrowed; NULL when none is known. */
const struct esc_constraint_reason *
esc_constraints_reason(const struct esc_constraints *constraints, enum esc_constraint constraint);

/** Reads docs/formats/constraint.schema.json into @p out, which need not be initialised.
 *  @errors ESC_INVALID, with @p out untouched. */
enum esc_status esc_constraints_from_json(const struct esc_json *json, struct esc_constraints *out,
                                          struct esc_error *err);
struct esc_json *esc_constraints_to_json(const struct esc_constraints *constraints);
