/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The parts of the check (check.c): what a place may speak of, and what a value may be. */

#include "escher/playbook/format_private.h"

/* What a place of a playbook may speak of. */
enum {
    SEES_CAPTURES = 1 << 0,
    SEES_AFTER = 1 << 1,
    SEES_VALUES = 1 << 2,     /* parameters by name, in templates */
    SEES_ATTRIBUTES = 1 << 3, /* in texts for people */
    SEES_TIME = 1 << 4,       /* {utc:...} and {run4} */
    SEES_RESOURCE = 1 << 5,
    SEES_PARAMETERS = 1 << 6, /* as members of `parameter`, in conditions */
};

bool check_looks_like(const char *text, const char *pattern);
/** A name of the playbook's own: a parameter, an attribute, a capture. */
enum esc_status check_name(const struct reader *reader, const char *path, const char *name);
bool check_is_visible_root(const struct reader *reader, struct esc_str root, unsigned sees);
/** The references of a template; only the first @p parameter_count parameters are there. */
enum esc_status check_references(const struct reader *reader, const char *path, struct esc_str text,
                                 unsigned sees, size_t parameter_count);
/** A text for people, which may speak of everything that is known before the run; NULL is fine. */
enum esc_status check_words(const struct reader *reader, const char *path, const char *text);
/** The paths of a condition; NULL is fine. */
enum esc_status check_expression(const struct reader *reader, const char *path,
                                 const struct esc_expression *expression, unsigned sees);

enum esc_status check_parameters(const struct reader *reader);
enum esc_status check_attributes(const struct reader *reader);
/** A call: its references and its fixed values; without an operation it is fine. */
enum esc_status check_call(const struct reader *reader, const char *path,
                           const struct esc_call_template *call, unsigned sees);
/** The same for a call of the plan itself, whose permission must be named. */
enum esc_status check_own_call(const struct reader *reader, const char *path,
                               const struct esc_call_template *call);
enum esc_status check_probe(const struct reader *reader, const char *path,
                            const struct esc_probe *probe);
