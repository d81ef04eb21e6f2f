/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The account book, for those who write into it. */

#include "escher/work/work_private.h"

/** Stores the account and puts it in place of an earlier one of the same id; handed over when it
 *  returns ESC_OK. */
enum esc_status work_account_keep(struct esc_workbench *bench, struct esc_account *account,
                                  struct esc_error *err);
/** The regions named, or the one that stands for them (may be NULL). */
void work_account_set_regions(struct esc_account *account, const struct esc_json *regions,
                              const char *otherwise);
/** The same, where the one word `enabled` stands for whatever the account has: none is named. */
void work_account_set_asked_regions(struct esc_account *account, const struct esc_json *regions,
                                    const char *otherwise);
/** Keeps the account (handed over) and answers the call. */
void work_account_add_done(struct esc_api_call *call, struct esc_account *account);
/** Copies the keys that lead to the account (handed over) into the keychain before that. */
void work_account_add_keychain(struct esc_api_call *call, struct esc_account *account);
/** NULL is fine. @errors ESC_INVALID: no http or https address, or one with credentials or a query. */
enum esc_status work_account_check_endpoint(const char *endpoint_url, struct esc_error *err);
/** An endpoint makes it an account of an emulator; NULL: the cloud's own. */
void work_account_set_endpoint(struct esc_account *account, const char *endpoint_url);
/* account_partition.c */
/** What the ARN of the account's caller tells of its partition. */
void work_account_set_partition(struct esc_account *account, const char *caller_arn);
/** The same of the account in the book, if it is there and nothing is known yet. */
void work_account_learn_partition(struct esc_workbench *bench, const char *account_id,
                                  const char *caller_arn);
/** @errors ESC_INVALID: its regions lie in several partitions, or where Escher does not work. */
enum esc_status work_account_check_partition(const struct esc_account *account,
                                             struct esc_error *err);

/** A demo cloud that runs. Owns what is in it. */
struct work_demo {
    char *folder;           /* with its profiles: config, credentials */
    struct esc_json *state; /* endpoint, world, accounts: as it wrote it down */
};
/** Finds one; false: none is up. */
bool work_demo_find(const struct esc_workbench *bench, struct work_demo *out);
void work_demo_done(struct work_demo *demo); /* zeroed is fine */
/** What it says of the account behind a profile: id, regions …; NULL: nothing. Borrowed. */
const struct esc_json *work_demo_account(const struct work_demo *demo, const char *profile);

/** {"accounts": [...]}; owned by the caller. */
struct esc_json *work_accounts_page(const struct esc_workbench *bench);
