/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Conditions of a playbook: total, without side effects, bounded, three-valued.
 *
 *     or       and ( "||" and )*
 *     and      not ( "&&" not )*
 *     not      "!" not | compare
 *     compare  value [ ("==" | "!=" | "<" | "<=" | ">" | ">=") value
 *                    | ["not"] "in" "[" value, ... "]" | ("=~" | "!~") 'pattern' ]
 *     value    'text' | number | true | false | null | unknown | path | function | "(" or ")"
 *     path     root ( ".name" | "[index]" )*          before.DBInstances[0].Engine
 *     function len(v)  contains(v, part)  known(v, ...)  environment(tags)  tag(tags, 'key')
 *
 * `unknown` says that nobody can tell: what follows a restart looks like what was before it.
 * A path is looked up in an object whose members are the roots. A root that is not there makes
 * the path unknown (at the planner nothing has been read from the cloud yet); anything missing
 * below a root is null. Unknown spreads as in Kleene's logic: false && unknown is false, all else
 * that needs it is unknown, and so is a comparison of things that have no order.
 *
 * len is of text, list or object; of null it is 0. contains looks for an element, a member or a
 * piece of text. known is its first argument that is neither unknown nor null. environment is the
 * class (model/environment.h) of tags, tag the value of one; both take {"k": "v"} as well as
 * [{"Key": "k", "Value": "v"}].
 *
 * Ownership  parse/free; results borrow from the environment.
 * Threads    a parsed expression is read only; any.
 */

#include "escher/base/error.h"
#include "escher/base/json.h"
#include "escher/base/list.h"
#include "escher/base/str.h"

enum {
    ESC_EXPRESSION_BYTES = 4096,
    ESC_EXPRESSION_NODES = 256,
    ESC_EXPRESSION_DEPTH = 32,
};

enum esc_truth {
    ESC_FALSE,
    ESC_TRUE,
    ESC_TRUTH_UNKNOWN,
};

struct esc_expression;

/** @p text is copied. @errors ESC_INVALID saying what and at which character; ESC_LIMIT. */
enum esc_status esc_expression_parse(struct esc_str text, struct esc_expression **out,
                                     struct esc_error *err);
void esc_expression_free(struct esc_expression *expression); /* NULL does nothing */
ESC_DEFINE_CLEANUP(struct esc_expression, esc_expression_free)

/** Judges it in @p environment, an object of roots; NULL is an empty one. */
enum esc_truth esc_expression_judge(const struct esc_expression *expression,
                                    const struct esc_json *environment);
/** Parses and judges at once, for conditions kept in a plan. @errors as parsing. */
enum esc_status esc_expression_judge_text(struct esc_str text, const struct esc_json *environment,
                                          enum esc_truth *out, struct esc_error *err);

const char *esc_expression_text(const struct esc_expression *expression);
/** Each path of the expression, a borrowed `const char *` per entry, pushed onto @p paths. */
void esc_expression_paths(const struct esc_expression *expression, struct esc_list *paths);
