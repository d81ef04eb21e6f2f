/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * May the caller do this to that resource? Every action that matters for a resource, from the
 * policies of policy_set.h and what the record knows of the resource, without a call.
 *
 *     policies + probes ──▶ permit ──resource──▶ allowed, denied, conditional, the rest unknown
 *                              └──one action──▶ the same with layer, policy, statement, reason
 *
 * What is not known never makes a denial: keys that only the call will have make an answer
 * conditional, a layer that could not be read makes it unknown. Service control policies can be
 * read by nobody but an administrator of the organisation; for a member account it counts that
 * the simulator says they allow it (a probe), for the one resource it was asked about, and under
 * the keys that it missed.
 *
 * Ownership  new/free; results are owned by the caller.
 * Threads    any one at a time.
 */

#include <stdbool.h>

#include "escher/base/json.h"
#include "escher/base/list.h"
#include "escher/model/resource.h"
#include "escher/scan/policy_set.h"

struct esc_permit;

/** @p document of policy_reader.h, copied. @p probes is what probe.h has learned, an object by
 *  "TYPE REGION"; may be NULL; a reference is kept. */
ESC_RETURNS_NONNULL struct esc_permit *esc_permit_new(const struct esc_json *document,
                                                      const struct esc_json *probes);
void esc_permit_free(struct esc_permit *permit);
ESC_DEFINE_CLEANUP(struct esc_permit, esc_permit_free)
const struct esc_policy_set *esc_permit_policies(const struct esc_permit *permit);

/** Whether the resource has the tags that the probe asked about: what was asked about others says
 *  nothing of these. */
bool esc_permit_probe_has_tags(const struct esc_json *probe, const struct esc_resource *resource);

/** What is known of the resource's own policy, where its type has one. */
struct esc_permit_policy {
    const struct esc_iam_policy *policy; /* NULL: it has none, or: */
    const char *unread;                  /* why nobody knows; NULL */
};

/** A key that the data of a resource is encrypted under, and what is known of its policy. */
struct esc_permit_key {
    char *arn;  /* owned; NULL: whether there is one is not known, policy.unread says why */
    char *name; /* as the resource has it: the same, or that of an alias; owned */
    char *of;   /* what names it, "vol-1"; owned */
    char *text; /* owned, for policy.unread; NULL */
    struct esc_permit_policy policy;
    const char *grants; /* why somebody whom its policy does not allow may have a grant; NULL */
};
/** Adds to @p out, which owns with esc_permit_key_free(), the keys over @p resource. */
typedef void esc_permit_keys_fn(void *context, const struct esc_resource *resource,
                                struct esc_list *out);
void esc_permit_key_free(void *key);
/** Asked when an action needs keys; without it nobody has read the policy of any. */
void esc_permit_set_keys(struct esc_permit *permit, esc_permit_keys_fn *keys, void *context);
/** The policy of some key is another from now on. */
void esc_permit_renew_keys(struct esc_permit *permit);
/** What was found so for the resource that was asked about last: struct esc_permit_key *, borrowed
 *  until the next one. */
const struct esc_list *esc_permit_last_keys(const struct esc_permit *permit);

/** How many actions came to what. */
struct esc_permit_count {
    size_t allowed, denied, conditional, unknown;
};

/**
 * What may be done with @p resource: each of @p actions (ends with NULL) in one of the lists, or in
 * none when it is unknown. @p policy NULL: nobody has asked for the resource's policy.
 * @p count may be NULL; it is added to.
 */
ESC_RETURNS_NONNULL struct esc_permissions *
esc_permit_resource(struct esc_permit *permit, const struct esc_resource *resource,
                    const char *const *actions, const struct esc_permit_policy *policy,
                    struct esc_permit_count *count);

/**
 * The same for one action, with the reason:
 *
 *     {"action", "verdict": "allowed"|"denied"|"conditional"|"unknown", "explicit": whether a
 *      statement says no, "source": "local"|"simulate", "sentence", "layer", "asked": ARN,
 *      "policy"?: label, "statement"?: {"number", "sid"?, "json"}, "keys"?: [KEY], "why"?,
 *      "needs"?: {"action", "key"?: ARN, "of"}: what it needs of a key of KMS has decided}
 */
ESC_RETURNS_NONNULL struct esc_json *esc_permit_explain(struct esc_permit *permit,
                                                        const struct esc_resource *resource,
                                                        const char *action,
                                                        const struct esc_permit_policy *policy);

/** The region that a request about the resource goes to: its own, or where its global service
 *  stands in its partition. Static, or the resource's. */
const char *esc_permit_region(const struct esc_resource *resource);
/** The account the resource belongs to: that of its ARN, which is another's when it is shared into
 *  the account. Borrowed from the resource. */
struct esc_str esc_permit_owner(const struct esc_resource *resource);

/** "allowed", "denied", "conditional" or "unknown"; static text. */
const char *esc_permission_text(enum esc_permission permission);

/** Whether both say the same of every action; who asked and when does not matter. */
bool esc_permit_same(const struct esc_permissions *a, const struct esc_permissions *b);
