/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/vault_private.h"

#include <stdio.h>

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/crypt/digest.h"
#include "escher/store/anchor.h"
#include "escher/store/salvage.h"

static enum esc_status bring_passphrase(void *context, bool, struct esc_secret **out,
                                        struct esc_error *err)
{
    const struct work_passphrase *passphrase = context;
    if (!passphrase->secret)
        return esc_fail(
            err, ESC_LOCKED,
            "the store needs its passphrase: --passphrase-fd N, or ESCHER_PASSPHRASE_FD");
    *out = esc_secret_copy(passphrase->secret);
    return ESC_OK;
}

struct esc_keyring *work_keyring_new(enum esc_keyring_kind kind, const struct esc_paths *paths,
                                     struct work_passphrase *passphrase,
                                     const struct esc_random *random)
{
    if (kind != ESC_KEYRING_FILE)
        return esc_keyring_libsecret_new(0);
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(paths->data, "key.slot");
    const struct esc_keyring_file_options options = {
        .path = path, .passphrase = bring_passphrase, .context = passphrase, .random = random};
    return esc_keyring_file_new(&options);
}

/* A store stays with the kind that it was made with, or moved to. */
static void choose_keyring(struct work_vault *vault, const struct work_vault_options *options,
                           const struct esc_store_peek *made)
{
    enum esc_keyring_kind kind = options->keyring;
    if (made)
        kind = esc_text_equal(made->keyring, "file") ? ESC_KEYRING_FILE : ESC_KEYRING_AUTO;
    if (!options->keyring_of_caller)
        vault->own_keyring =
            work_keyring_new(kind, &vault->paths, &vault->passphrase, vault->random);
    vault->keyring = vault->own_keyring ? vault->own_keyring : options->keyring_of_caller;
}

/* Two homes may have a profile of the same name; their keys must not be one. */
char *work_key_name(const struct esc_paths *paths)
{
    char hex[65];
    esc_sha256_hex(esc_str_of(paths->data), hex);
    return esc_sprintf("%s %.16s", paths->profile, hex);
}

/* Of a store whose own head is damaged; what its slots say is read when they are salvaged. */
static enum esc_status guess(const struct work_vault *vault, struct esc_store_peek *out)
{
    ESC_CLEANUP(esc_freep) char *slot = esc_path_join(vault->paths.data, "key.slot");
    *out = (struct esc_store_peek){0};
    (void)snprintf(out->keyring, sizeof out->keyring, "%s",
                   esc_file_exists(slot) ? "file" : "secret-service");
    return ESC_OK;
}

static enum esc_status open_store(struct work_vault *vault,
                                  const struct work_vault_options *options, struct esc_error *err)
{
    struct esc_store_peek peek = {0};
    const bool exists = esc_file_exists(vault->paths.store);
    if (exists && options->create)
        return esc_fail(err, ESC_EXISTS, "there is a store already: %s", vault->paths.store);
    if (!exists && !options->create)
        return esc_fail(err, ESC_NOT_FOUND, "there is no store yet; `escher init` makes one");
    enum esc_status status = exists ? esc_store_peek(vault->paths.store, &peek, err)
                                    : esc_file_make_folder(vault->paths.data, err);
    if (status == ESC_CORRUPT && options->salvaged)
        status = guess(vault, &peek);
    if (status != ESC_OK)
        return status;
    choose_keyring(vault, options, exists ? &peek : NULL);
    vault->is_mixed = exists ? peek.wants_passphrase : options->mixes_passphrase;
    ESC_CLEANUP(esc_freep)
    char *key_name = exists ? esc_strdup(peek.key_name) : work_key_name(&vault->paths);
    ESC_CLEANUP(esc_freep) char *ballast = esc_path_join(vault->paths.data, "store.ballast");
    const struct esc_store_options store = {.path = vault->paths.store,
                                            .lock_path = vault->paths.lock,
                                            .key_name = key_name,
                                            .keyring = vault->keyring,
                                            .clock = vault->clock,
                                            .random = vault->random,
                                            .create = options->create,
                                            .anchor = !options->ignores_anchor,
                                            .ballast_path = ballast,
                                            .code = options->code,
                                            .new_code = options->new_code,
                                            .passphrase =
                                                vault->is_mixed ? vault->passphrase.secret : NULL};
    status = options->salvaged        ? esc_store_salvage(&store, options->salvaged, err)
             : options->accepts_older ? esc_store_anchor_accept(&store, err)
                                      : ESC_OK;
    return status == ESC_OK ? esc_store_open(&store, &vault->store, err) : status;
}

enum esc_status work_vault_open(const struct work_vault_options *options, struct work_vault *vault,
                                struct esc_error *err)
{
    *vault = (struct work_vault){0};
    vault->clock = options->clock ? options->clock : esc_clock_system();
    vault->random = options->random ? options->random : esc_random_system();
    vault->passphrase.secret = esc_secret_copy(options->passphrase);
    enum esc_status status = esc_paths_init(&vault->paths, options->profile, err);
    return status == ESC_OK ? open_store(vault, options, err) : status;
}

void work_vault_close(struct work_vault *vault)
{
    esc_store_close(vault->store);
    esc_keyring_free(vault->own_keyring);
    esc_secret_free((struct esc_secret *)(uintptr_t)vault->passphrase.secret);
    esc_paths_done(&vault->paths);
    *vault = (struct work_vault){0};
}
