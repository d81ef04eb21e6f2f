/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The policies of one caller in one account, made ready: what policy_reader.h has read, as layers
 * that iam/evaluate.h can be asked with, and what is known of every request this caller makes.
 *
 * A policy that does not parse makes its layer unread: what it might say is unknown.
 *
 * Ownership  new/free; what it gives is borrowed from it.
 * Threads    any one at a time.
 */

#include "escher/base/json.h"
#include "escher/crypt/digest.h"
#include "escher/iam/evaluate.h"
#include "escher/model/user_context.h"

struct esc_policy_set;

enum esc_organisation {
    ESC_ORGANISATION_UNREAD, /* service control policies may apply, nobody knows */
    ESC_ORGANISATION_NONE,
    ESC_ORGANISATION_BILLING,    /* its accounts share a bill: it has no policies */
    ESC_ORGANISATION_MANAGEMENT, /* they apply to other accounts */
    ESC_ORGANISATION_MEMBER,     /* they apply; what they say its management account may read */
};

/** @p document of policy_reader.h; copied where needed. */
ESC_RETURNS_NONNULL struct esc_policy_set *esc_policy_set_new(const struct esc_json *document);
void esc_policy_set_free(struct esc_policy_set *set);
ESC_DEFINE_CLEANUP(struct esc_policy_set, esc_policy_set_free)

/** Identity, boundary and session; SCP levels and the resource's policy are the asker's. */
const struct esc_iam_layers *esc_policy_set_layers(const struct esc_policy_set *set);
const struct esc_iam_principal *esc_policy_set_principal(const struct esc_policy_set *set);
/** What holds for each request of this caller; keys of the call itself are unknown. */
const struct esc_iam_context *esc_policy_set_context(const struct esc_policy_set *set);
const char *esc_policy_set_account(const struct esc_policy_set *set);
enum esc_organisation esc_policy_set_organisation(const struct esc_policy_set *set);
/** Why nobody knows; NULL otherwise. */
const char *esc_policy_set_organisation_why(const struct esc_policy_set *set);
/** What stands above the account in its organisation, of ESC_IAM_SCP or ESC_IAM_RCP, from the root
 *  down; none: the organisation does not use it. False: nobody could read it. Borrowed. */
bool esc_policy_set_levels(const struct esc_policy_set *set, enum esc_iam_layer layer,
                           const struct esc_iam_set **levels, size_t *count);
uint64_t esc_policy_set_read_at_ms(const struct esc_policy_set *set);
/** Whose permissions these are; owned by the caller. */
ESC_RETURNS_NONNULL struct esc_user_context *esc_policy_set_user(const struct esc_policy_set *set);

/** Of what decides: equal when the policies, the caller and the layers that could be read are. */
void esc_policy_set_digest(const struct esc_json *document, char out[ESC_SHA256_TEXT]);
