/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A cloud account and how it is reached: by a profile of the AWS tools, by a session of AWS SSO, by
 * keys in a keychain, or (none of these) by the environment; and from there by a role to assume.
 * It holds no credential.
 *
 * Ownership  new/free/copy; strings belong to the struct.
 * Threads    any one at a time.
 */

#include <stdbool.h>

#include "escher/base/error.h"
#include "escher/base/json.h"
#include "escher/base/list.h"

struct esc_account {
    char *id;    /* twelve digits */
    char *name;  /* what people call it, never NULL in a valid account */
    char *alias; /* NULL when it has none, as every string below */
    char *profile;
    char *role_arn;
    char *source_profile;
    char *external_id;   /* that the role wants */
    char *mfa_serial;    /* of the device that the role wants */
    unsigned duration_s; /* of the role's sessions; 0: an hour */
    char *sso_session;   /* by its name in the AWS configuration; then sso_role is there too */
    char *sso_role;
    char *keychain;       /* the item that holds its keys */
    char *profile_folder; /* of an emulator: has config and credentials, instead of the caller's */
    char *endpoint_url;   /* of an emulator */
    bool emulator;
    bool is_default;
    struct esc_list regions; /* char *; empty: those that are enabled, whichever they are then */
    char *environment;       /* class of model/environment.h, or NULL */
    char *partition;         /* that its keys have been seen to belong to; NULL: nobody has looked
                                yet, or its regions say it */
};

ESC_RETURNS_NONNULL struct esc_account *esc_account_new(void);
void esc_account_free(struct esc_account *account);
ESC_DEFINE_CLEANUP(struct esc_account, esc_account_free)
ESC_RETURNS_NONNULL struct esc_account *esc_account_copy(const struct esc_account *account);

/** @errors ESC_INVALID; *out is owned by the caller. An emulator needs an endpoint. */
enum esc_status esc_account_from_json(const struct esc_json *json, struct esc_account **out,
                                      struct esc_error *err);
struct esc_json *esc_account_to_json(const struct esc_account *account);

/** By its regions, what was seen of its keys, its role; NULL: nothing tells. Borrowed. */
const char *esc_account_partition(const struct esc_account *account);
/** Where what has no region of its own is asked; of `aws` when nothing tells. Static. */
ESC_RETURNS_NONNULL const char *esc_account_main_region(const struct esc_account *account);

/** Twelve digits. */
bool esc_account_id_is_valid(struct esc_str id);
