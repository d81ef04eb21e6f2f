/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Text with references: "escher-{db}-{utc:%Y%m%d}-{run4}", "it is {before.DBInstanceStatus}".
 * A reference is {name}, {root.path[0].more}, {root.path|default}, {utc:PATTERN} or {run4}; braces stand for nothing
 * else. What is put in is never read for references again.
 */

#include <stdbool.h>

#include "escher/base/buf.h"
#include "escher/base/error.h"
#include "escher/base/json.h"
#include "escher/base/str.h"

/** Is told each reference, without its braces; false ends the walk. */
typedef bool template_reference_fn(void *context, struct esc_str reference);

/** @errors ESC_INVALID: a brace without its other one, or an empty or malformed reference. */
enum esc_status template_check(struct esc_str text, struct esc_error *err);
/** Walks the references of a checked template. */
void template_each(struct esc_str text, template_reference_fn *fn, void *context);
bool template_has_reference(struct esc_str text);
/** The whole of @p text is one reference: it, else the empty text. */
struct esc_str template_only_reference(struct esc_str text);

/** Appends what @p reference stands for, or returns false: it is not known (yet). */
typedef bool template_value_fn(const void *context, struct esc_str reference, struct esc_buf *out);
/** Appends the text with every known reference replaced, the others as they stand.
 *  Returns whether all were known. */
bool template_render(struct esc_str text, template_value_fn *fn, const void *context,
                     struct esc_buf *out);

/** Whether @p reference is {utc:...} or {run4}. */
bool template_is_late(struct esc_str reference);
/** {utc:...} and {run4} by @p now_ms and @p nonce; false for any other reference. */
bool template_late_value(struct esc_str reference, uint64_t now_ms, const char *nonce,
                         struct esc_buf *out);
/** The root of a path reference, "before" of "before.MultiAZ"; the empty text for a plain name. */
struct esc_str template_root(struct esc_str reference);
