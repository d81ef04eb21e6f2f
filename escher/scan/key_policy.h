/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Reading what a key of KMS lets the caller do: its policy, and whether somebody has given the caller
 * a grant for it, which a policy does not show.
 *
 *     alias ─▶ DescribeKey ─┐
 *     key ──────────────────┴▶ GetKeyPolicy ─ refused ─▶ DescribeKey: is it one that AWS manages?
 *                                   └──────▶ ListGrants, of the caller
 *
 * What is kept, and says itself what is to be asked next:
 *
 *     {"key": ARN, not of an alias, "document"?: TEXT, "unread"?: WHY, "described"?: true,
 *      "managed"?: true: by AWS for everybody who may use the service,
 *      "grantee"?: whose grants were asked for, "grants"?: how many, "grants_unread"?: WHY}
 *
 * Pure. Ownership  results are owned by the caller.
 * @source KMS API, GetKeyPolicy ("cross-account use: no"), DescribeKey, ListGrants
 */

#include "escher/catalog/operation.h"
#include "escher/scan/permit.h"
#include "escher/scan/walk.h"

/** Nothing is known yet of the key or alias. */
ESC_RETURNS_NONNULL struct esc_json *esc_key_page_new(const char *arn);
/** What is asked next for @p principal (the ARN of a user or role; NULL: there is none) with its
 *  input in *params; NULL: nothing. */
const struct esc_operation *esc_key_page_next(const struct esc_json *page, const char *arn,
                                              const char *principal, struct esc_json **params);
/** Adds one answer to that, or a page of one. */
void esc_key_page_add(struct esc_json *page, const struct esc_operation *operation,
                      const char *principal, const struct esc_scan_answer *answer);

/** A key as it may be asked: all but `of` is set, the policy is in *policy, which is
 *  the caller's. @p page NULL: nobody has read it. */
void esc_key_page_open(const struct esc_json *page, const char *arn, const char *principal,
                       struct esc_permit_key *key, struct esc_iam_policy **policy);

/** The actions that reading them takes, ends with NULL. */
extern const char *const esc_key_policy_actions[];
