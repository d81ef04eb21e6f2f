/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The store and its keyring, of a profile: which kind of keyring it is, what the item is called,
 * where the passphrase goes. The workbench has one; so has whoever changes keys without it.
 */

#include "escher/base/paths.h"
#include "escher/store/store.h"
#include "escher/work/workbench.h"

/* What a file keyring asks for its passphrase; nobody is asked from in here. */
struct work_passphrase {
    const struct esc_secret *secret; /* NULL: none was given */
};
/** @p passphrase is borrowed for the keyring's life. */
ESC_RETURNS_NONNULL struct esc_keyring *work_keyring_new(enum esc_keyring_kind kind,
                                                         const struct esc_paths *paths,
                                                         struct work_passphrase *passphrase,
                                                         const struct esc_random *random);

/** What the item of a new store is called; owned by the caller. */
ESC_RETURNS_NONNULL char *work_key_name(const struct esc_paths *paths);

struct work_vault_options {
    const char *profile;
    const struct esc_clock *clock;
    const struct esc_random *random;
    enum esc_keyring_kind keyring; /* of a new store */
    struct esc_keyring *keyring_of_caller;
    const struct esc_secret *passphrase; /* NULL: none */
    const struct esc_secret *code;       /* opens it instead of the key; NULL: the key does */
    const struct esc_secret *new_code;   /* of a new store; NULL: it gets none */
    struct esc_salvaged *salvaged;       /* what opens of it becomes the store; NULL: as it is */
    bool accepts_older;                  /* an older copy than the last one seen is meant */
    bool ignores_anchor;                 /* only whether the key fits is asked */
    bool create, mixes_passphrase;       /* a new store: the passphrase is the key's other half */
};

struct work_vault {
    struct esc_paths paths;
    const struct esc_clock *clock;
    const struct esc_random *random;
    struct work_passphrase passphrase;         /* its secret is owned */
    struct esc_keyring *keyring, *own_keyring; /* the second is NULL when it is the caller's */
    struct esc_store *store;                   /* NULL: it did not open */
    bool is_mixed;                             /* a passphrase is the key's other half */
};

/** To be closed also after a failure. @errors as esc_workbench_open(). The vault must stay where it
 *  is: the keyring points into it. */
enum esc_status work_vault_open(const struct work_vault_options *options, struct work_vault *vault,
                                struct esc_error *err);
void work_vault_close(struct work_vault *vault);
