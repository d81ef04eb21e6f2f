/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/key_local.h"

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/store/key_change.h"
#include "escher/store/rotation.h"
#include "escher/work/vault_private.h"

enum {
    ROWS_A_TURN = 200
};

static struct work_vault_options options_of(const struct esc_key_task *task)
{
    return (struct work_vault_options){.profile = task->profile,
                                       .clock = task->clock,
                                       .random = task->random,
                                       .keyring_of_caller = task->keyring_of_caller,
                                       .passphrase = task->passphrase};
}

/* With a record of it in the audit trail. */
static enum esc_status make_change(struct work_vault *vault,
                                   const struct esc_key_change_options *options, const char *kind,
                                   const char *text, struct esc_error *err)
{
    ESC_CLEANUP(esc_key_change_freep) struct esc_key_change *change = NULL;
    ESC_CLEANUP(esc_json_freep) struct esc_json *event = esc_json_object();
    struct esc_key_change_options recorded = *options;
    esc_json_set_text(event, "kind", kind);
    esc_json_set_text(event, "text", text);
    recorded.event = event;
    enum esc_status status = esc_key_change_begin(vault->store, &recorded, &change, err);
    if (status == ESC_OK)
        status = esc_key_change_work(change, err);
    return status == ESC_OK ? esc_key_change_commit(change, err) : status;
}

/* What leads nowhere is deleted, in one keyring and the other; what cannot be is left for later. */
static void tidy(struct work_vault *vault, struct esc_keyring *keyring)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *stale = NULL, *gone = NULL;
    if (esc_store_stale_items(vault->store, &stale, NULL) != ESC_OK)
        return;
    (void)esc_stale_items_delete(stale, keyring, &gone, NULL);
    (void)esc_store_forget_items(vault->store, gone, NULL);
}

/* By the code */

static enum esc_status restore(struct work_vault *vault, const struct esc_key_task *task,
                               struct esc_error *err)
{
    const struct esc_key_change_options options = {.kind = ESC_KEY_MOVE,
                                                   .to = vault->keyring,
                                                   .old_code = task->code,
                                                   .new_passphrase =
                                                       vault->is_mixed ? task->passphrase : NULL,
                                                   .price = task->price};
    if (vault->is_mixed && !task->passphrase)
        return esc_fail(err, ESC_LOCKED,
                        "this store has a passphrase beside its key; give one with "
                        "--passphrase-fd N or at the terminal");
    return make_change(vault, &options, "key_restored",
                       "the key is back in the keyring, by the recovery code", err);
}

enum esc_status esc_key_restore(const struct esc_key_task *task, struct esc_error *err)
{
    struct work_vault vault;
    struct work_vault_options options = options_of(task);
    options.ignores_anchor = true; /* an older copy of the store has its key, too */
    enum esc_status status = work_vault_open(&options, &vault, err);
    work_vault_close(&vault);
    if (status == ESC_OK)
        return esc_fail(err, ESC_EXISTS, "the key is in the keyring and fits; nothing was changed");
    if (status != ESC_CORRUPT)
        return status; /* locked, or out of reach: then the key is not known to be gone */
    options.code = task->code;
    status = work_vault_open(&options, &vault, err);
    if (status == ESC_OK)
        status = restore(&vault, task, err);
    work_vault_close(&vault);
    return status;
}

/* Another passphrase */

static enum esc_status seal_rows(struct work_vault *vault, const struct esc_key_task *task,
                                 struct esc_error *err)
{
    struct esc_rotation rotation;
    enum esc_status status;
    do {
        status = esc_store_rotation_step(vault->store, ROWS_A_TURN, &rotation, err);
        if (status == ESC_OK && task->on_progress)
            task->on_progress(task->context, rotation.sealed, rotation.rows);
    } while (status == ESC_OK && rotation.state == ESC_ROTATION_SEALING);
    return status;
}

enum esc_status esc_key_set_passphrase(const struct esc_key_task *task, struct esc_error *err)
{
    struct work_vault vault;
    const struct work_vault_options options = options_of(task);
    enum esc_status status = work_vault_open(&options, &vault, err);
    if (status == ESC_OK && esc_text_equal(esc_keyring_name(vault.keyring), "file"))
        status =
            esc_fail(err, ESC_INVALID, "the key is in a file, which has a passphrase of its own");
    if (status == ESC_OK)
        status =
            make_change(&vault,
                        &(struct esc_key_change_options){.kind = ESC_KEY_ROTATE,
                                                         .to = vault.keyring,
                                                         .new_passphrase = task->new_passphrase,
                                                         .price = task->price},
                        "keys_rotated",
                        task->new_passphrase ? "new keys, and a passphrase beside them"
                                             : "new keys, and no passphrase beside them",
                        err);
    if (status == ESC_OK)
        status = seal_rows(&vault, task, err);
    if (vault.store)
        tidy(&vault, vault.keyring);
    work_vault_close(&vault);
    return status;
}

/* Another place */

/* Anchor (store/anchor.h) and mark stay behind in the keyring that is left; the next ones are where
 * the key is. */
static void leave_keyring(struct work_vault *vault)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = NULL;
    ESC_CLEANUP(esc_freep) char *item = esc_sprintf("anchor %s", esc_store_id(vault->store));
    (void)esc_keyring_del(vault->keyring, item, NULL); /* of no use to anybody, and no harm */
    if (esc_store_keys_page(vault->store, &page, NULL) == ESC_OK)
        esc_key_mark_remove(vault->keyring, esc_json_str(page, "item", ""));
}

static enum esc_status migrate(struct work_vault *vault, const struct esc_key_task *task,
                               enum esc_keyring_kind kind, struct esc_error *err)
{
    struct work_passphrase fresh = {task->new_passphrase};
    ESC_CLEANUP(esc_keyring_freep)
    struct esc_keyring *to = work_keyring_new(kind, &vault->paths, &fresh, vault->random);
    const bool to_file = kind == ESC_KEYRING_FILE;
    if (esc_text_equal(esc_keyring_name(to), esc_keyring_name(vault->keyring)))
        return esc_fail(err, ESC_EXISTS, "the key is in `%s` already", esc_keyring_name(to));
    if (to_file && !task->new_passphrase)
        return esc_fail(err, ESC_INVALID,
                        "a key file needs a passphrase: --new-passphrase-fd N, or a terminal");
    enum esc_status status = make_change(
        vault,
        &(struct esc_key_change_options){.kind = ESC_KEY_MOVE,
                                         .from = vault->keyring,
                                         .to = to,
                                         .passphrase = vault->is_mixed ? task->passphrase : NULL,
                                         .new_passphrase = to_file ? NULL : task->new_passphrase,
                                         .price = task->price},
        "key_moved", to_file ? "the key is in a file" : "the key is in the desktop's keychain",
        err);
    tidy(vault, vault->keyring);
    if (status == ESC_OK)
        leave_keyring(vault);
    tidy(vault, to);
    return status;
}

enum esc_status esc_key_migrate(const struct esc_key_task *task, enum esc_keyring_kind kind,
                                struct esc_error *err)
{
    struct work_vault vault;
    const struct work_vault_options options = options_of(task);
    enum esc_status status = work_vault_open(&options, &vault, err);
    if (status == ESC_OK)
        status = migrate(&vault, task, kind, err);
    work_vault_close(&vault);
    return status;
}
