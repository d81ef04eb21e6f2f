/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What opens a store when its keyring does not: a recovery code, written down by a person.
 *
 *     code ──Argon2id──▶ seed ──▶ private half ──opens──▶ slot `recovery` ──▶ KEK ──▶ the store
 *                                 public half, in the slot in clear: seals a new KEK for the code
 *
 * A code is seven groups of four characters of Crockford's base 32 and one that checks them: 140
 * random bits. Each group tells its own typo.
 *
 *     8QW3E-7ZK2M-...     small letters, spaces for dashes, O for 0 and I or L for 1 are read too
 *
 * A copy of a store carries its slots in clear beside what is sealed, so the code opens backups on
 * an empty machine. A code opens every store and backup whose slot was made with it, and keeps
 * doing so when the KEK is changed.
 *
 * Ownership  results are owned by the caller. A code is a secret: shown to a person once, never
 *            kept or logged.
 * Threads    those with a store on its thread; the others any. Argon2id takes up to a second, so
 *            a program with a loop calls esc_slots_open_with_code in a job.
 */

#include "escher/base/json.h"
#include "escher/crypt/secret.h"
#include "escher/store/store.h"

enum {
    ESC_RECOVERY_GROUPS = 7,
    ESC_RECOVERY_GROUP = 5, /* characters, the last of which checks */
    ESC_RECOVERY_CODE_LEN = ESC_RECOVERY_GROUPS * (ESC_RECOVERY_GROUP + 1) - 1,
};

/** A new code as it is shown. */
ESC_RETURNS_NONNULL struct esc_secret *esc_recovery_code_new(const struct esc_random *random);
/** The code as it is shown, from what a person typed. @errors ESC_INVALID: names the group that has
 *  a typo, or says what is missing. */
enum esc_status esc_recovery_code_check(struct esc_str typed, struct esc_secret **out,
                                        struct esc_error *err);

/**
 * All that a copy of the store needs beside it to be opened without its keyring:
 *     {"store_id", "kek": number, "check": hex, "slots": [{"kind", "kek", "params", "sealed": hex}]}
 * "slots" is empty when there is no recovery code. Nothing in it is secret.
 */
enum esc_status esc_store_slots(struct esc_store *store, struct esc_json **out,
                                struct esc_error *err);
/** The same of a store that is not open; changes nothing. */
enum esc_status esc_store_peek_slots(const char *path, struct esc_json **out,
                                     struct esc_error *err);
/** The KEK out of such a document, which may come from anywhere. @errors ESC_INVALID: a typo;
 *  ESC_LOCKED: another code; ESC_NOT_FOUND: there is no slot for one; ESC_CORRUPT. */
enum esc_status esc_slots_open_with_code(const struct esc_json *slots,
                                         const struct esc_secret *code, struct esc_secret **kek,
                                         struct esc_error *err);

/** A key of @p size bytes below the store's KEK, for what is kept outside of the store. */
ESC_RETURNS_NONNULL struct esc_secret *esc_store_kek_derive(const struct esc_store *store,
                                                            const char *purpose,
                                                            struct esc_str context, size_t size);
/** The same key from the KEK itself. */
ESC_RETURNS_NONNULL struct esc_secret *esc_kek_derive(const struct esc_secret *kek,
                                                      const char *purpose, struct esc_str context,
                                                      size_t size);
