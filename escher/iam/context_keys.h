/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is known of a request's context before the request is made. A key is known with its
 * values, known to be absent, or unknown until the call; names compare without case.
 *
 *     base     aws:PrincipalArn = …, aws:username absent, everything else unknown
 *       ▲
 *     child    aws:ResourceTag/Owner = "ada", aws:ResourceTag/ absent      (one per resource)
 *
 * A name that ends in "/" speaks of a whole family: all its keys that are not named themselves.
 * The closest word counts: the key itself in the child, then in its base, then its family in the
 * child, then in the base, and last what the root says about all others.
 *
 * Ownership  new/free; texts are copied. A child borrows its base, which must outlive it.
 * Threads    any one at a time while it is filled, any number afterwards.
 */

#include <stdbool.h>
#include <stddef.h>

#include "escher/base/attr.h"
#include "escher/base/str.h"

struct esc_iam_context;

enum esc_iam_knowledge {
    ESC_IAM_UNKNOWN, /* only the call will tell */
    ESC_IAM_ABSENT,  /* the request will not carry it */
    ESC_IAM_KNOWN,   /* it will, with these values */
};

/** @p others says what holds for keys nobody names: ESC_IAM_UNKNOWN or ESC_IAM_ABSENT. */
ESC_RETURNS_NONNULL struct esc_iam_context *esc_iam_context_new(enum esc_iam_knowledge others);
/** @p base is borrowed. */
ESC_RETURNS_NONNULL struct esc_iam_context *
esc_iam_context_child(const struct esc_iam_context *base);
void esc_iam_context_free(struct esc_iam_context *context);
ESC_DEFINE_CLEANUP(struct esc_iam_context, esc_iam_context_free)

/** Each replaces what was said of the key in this context. */
void esc_iam_context_set(struct esc_iam_context *context, struct esc_str key, struct esc_str value);
/** A key of several values; none at all is the same as absent. */
void esc_iam_context_set_all(struct esc_iam_context *context, struct esc_str key,
                             const struct esc_str *values, size_t count);
void esc_iam_context_set_absent(struct esc_iam_context *context, struct esc_str key_or_family);
void esc_iam_context_set_unknown(struct esc_iam_context *context, struct esc_str key_or_family);
/** Forgets what this context itself says; its base stays. Memory is kept for the next resource. */
void esc_iam_context_clear(struct esc_iam_context *context);

/** What is known of @p key; with ESC_IAM_KNOWN the values, borrowed until the next change. */
enum esc_iam_knowledge esc_iam_context_get(const struct esc_iam_context *context,
                                           struct esc_str key, const struct esc_str **values,
                                           size_t *count);
