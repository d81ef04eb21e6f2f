/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One policy document, read once and made ready for many questions: patterns compiled, condition
 * keys hashed, operands parsed.
 *
 *     text (plain or percent-encoded) or JSON ──▶ esc_iam_policy ──▶ evaluate.h, explain.h
 *
 * A document that the cloud would refuse is refused as a whole, because half a policy would answer
 * wrongly: the layer it belongs to is then one that could not be read. What is merely new to us (a
 * condition operator nobody has heard of) is kept and makes its statement undecided.
 *
 * Ownership  new/free; texts given back are borrowed from the policy.
 * Threads    any one at a time: a policy remembers which statements speak of the last actions.
 * Source     IAM JSON policy language grammar (IAM User Guide).
 */

#include <stddef.h>

#include "escher/base/error.h"
#include "escher/base/json.h"
#include "escher/base/str.h"

struct esc_iam_policy;

/**
 * Reads a document as an answer or a file holds it, percent-encoded or not. @p label says in
 * explanations which policy it is ("AmazonEC2ReadOnlyAccess, attached"); copied.
 * @errors ESC_INVALID naming label, statement and member; ESC_LIMIT.
 */
enum esc_status esc_iam_policy_parse(struct esc_str text, const char *label,
                                     struct esc_iam_policy **out, struct esc_error *err);
/** The same from a document that is JSON already, or text in JSON; copied. */
enum esc_status esc_iam_policy_read(const struct esc_json *document, const char *label,
                                    struct esc_iam_policy **out, struct esc_error *err);
void esc_iam_policy_free(struct esc_iam_policy *policy); /* NULL does nothing */
ESC_DEFINE_CLEANUP(struct esc_iam_policy, esc_iam_policy_free)

const char *esc_iam_policy_label(const struct esc_iam_policy *policy);
const struct esc_json *esc_iam_policy_document(const struct esc_iam_policy *policy);
size_t esc_iam_policy_statement_count(const struct esc_iam_policy *policy);
/** The statement at @p index (< count) as it was written. */
const struct esc_json *esc_iam_policy_statement(const struct esc_iam_policy *policy, size_t index);
/** Its Sid; empty when it has none. */
struct esc_str esc_iam_policy_sid(const struct esc_iam_policy *policy, size_t index);
