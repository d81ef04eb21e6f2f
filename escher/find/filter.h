/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The filter language: which resources are meant, as a boolean expression.
 *
 *     expression  term, term AND term, term OR term, NOT term, ( expression ); two terms side by
 *                 side mean AND. NOT binds tightest, then AND, then OR. The words in any case.
 *     term        field:value or field=value   account region type state name id env
 *                 field~text                   contains, in any case
 *                 key=value   key!=value       a tag; `tag:key=value` where a field has its name
 *                 key=*                        the tag is there
 *     value       bare up to a space or a parenthesis, or "quoted" with \" and \\ inside
 *
 * Values compare without case. `account` takes the id or the name, `type` a name of the catalog
 * or a word people use for it ("database", "db"), `env`, `environment` and `stage` a class or
 * any word for it: `env=prod` finds what is tagged stage=live. A resource that lacks what a term
 * asks for does not match the term, and matches its negation.
 *
 * Ownership  a filter belongs to its caller and borrows nothing.
 * Threads    a filter is constant once parsed.
 */

#include <stdbool.h>
#include <stdint.h>

#include "escher/base/error.h"
#include "escher/base/str.h"

struct esc_filter;
struct esc_index;

/** @errors ESC_INVALID with the column (characters, from 1): "column 9: expected a value"; ESC_LIMIT:
 *  more than 64 levels of parentheses. *out is owned by the caller. */
enum esc_status esc_filter_parse(struct esc_str text, struct esc_filter **out,
                                 struct esc_error *err);
/** Whether words are meant as a filter: they begin with a comparison. */
bool esc_filter_is_meant(struct esc_str text);
void esc_filter_free(struct esc_filter *filter); /* NULL does nothing */
ESC_DEFINE_CLEANUP(struct esc_filter, esc_filter_free)

/** Where something lies that nobody has seen; NULL is not known. Borrowed. */
struct esc_filter_place {
    const char *account_id, *account_name, *region, *resource_type;
};
/** Whether a resource there could match, whatever else it may be like. */
bool esc_filter_may_match(const struct esc_filter *filter, const struct esc_filter_place *place);

/** Whether the row of the table at @p position does. */
bool esc_filter_matches(const struct esc_filter *filter, const struct esc_index *index,
                        size_t position);
