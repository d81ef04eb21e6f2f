/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a request needs besides its own action because data is encrypted under a key of KMS: the
 * service uses the key as the caller, who must be allowed that too.
 *
 *     ec2:StartInstances ──has_volume──▶ volume ──kms_key_id──▶ key: kms:CreateGrant
 *
 * Keys that AWS owns need nothing of anybody, and a resource does not name them.
 *
 * Pure. Ownership  static texts, unless said otherwise.
 * @source the guides that stand beside the rows of key_use.c
 */

#include "escher/model/resource.h"

struct esc_key_use {
    const char *type, *action; /* "ec2_instance", "ec2:StartInstances" */
    /** Documented for each such request. Else it may be needed, or a key of the request's own:
     *  that it is refused makes the action unknown. */
    bool is_certain;
    bool makes_grants;         /* kms:CreateGrant comes from the service, for itself */
    const char *service;       /* "ec2": in whose name the call comes, "kms:ViaService" */
    const char *const *needed; /* "kms:CreateGrant"; ends with NULL */
};

/** NULL: the action needs no key. */
const struct esc_key_use *esc_key_use_find(const char *type, const char *action);
/** Whether some action of a service ("ec2") does. */
bool esc_key_use_is_in(struct esc_str service);
/** Whether some action on resources of @p type needs one. */
bool esc_key_use_is_of(const char *type);
/** The relation to those that name the keys for it: "has_volume" of an instance. NULL: a resource of
 *  that type names its key itself. */
const char *esc_key_use_relation(const char *type);

/** The ARN of the key, or of its alias, that @p resource names as its own; owned by the caller. NULL:
 *  none, or one that AWS manages, by its alias. What is no name of a key stays as it is. */
char *esc_key_named_by(const struct esc_resource *resource);
