/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/key_change.h"

#include <stdio.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/num.h"
#include "escher/store/audit.h"
#include "escher/store/key_slots_private.h"
#include "escher/store/recovery.h"
#include "escher/store/rotation_private.h"
#include "escher/store/store_private.h"

/* What begin takes from the store is all that work needs: it runs beside the store. */
struct esc_key_change {
    struct esc_store *store; /* for commit and free alone */
    enum esc_key_change_kind kind;
    struct esc_keyring *from, *to;
    struct esc_secret *passphrase, *new_passphrase, *old_code, *new_code;
    struct esc_argon2 price;
    const struct esc_random *random;
    struct header old, new;   /* the second is what commit writes */
    struct esc_json *event;   /* for the audit trail; may be NULL */
    struct esc_json *slots;   /* to be opened with a code */
    struct esc_secret *kek;   /* of the new header, once there is one */
    struct recovery recovery; /* CODE: the new slot */
    bool is_worked, is_committed;
};

void esc_key_change_free(struct esc_key_change *change)
{
    if (!change)
        return;
    change->store->changes_keys = false;
    esc_secret_free(change->passphrase);
    esc_secret_free(change->new_passphrase);
    esc_secret_free(change->old_code);
    esc_secret_free(change->new_code);
    esc_secret_free(change->kek);
    esc_json_free(change->slots);
    esc_json_free(change->event);
    recovery_done(&change->recovery);
    free(change);
}

/* Beginning */

/* An item of its own for each key: no two names are the same, so none is ever overwritten.
 * "default 01ab", "default 01ab k2 89abcdef", "default 01ab k3 01234567". */
static enum esc_status name_item(struct esc_key_change *change, struct esc_error *err)
{
    uint8_t bytes[4];
    char hex[2 * sizeof bytes + 1];
    const char *name = change->old.key_name;
    esc_random_fill(change->random, bytes, sizeof bytes);
    esc_hex(bytes, sizeof bytes, hex);
    const int len = snprintf(change->new.key_name, sizeof change->new.key_name, "%.*s k%lld %s",
                             (int)key_item_base(name), name, (long long)change->new.kek, hex);
    const char *keyring = esc_keyring_name(change->to);
    if (len < 0 || (size_t)len >= sizeof change->new.key_name ||
        strlen(keyring) >= sizeof change->new.keyring)
        return esc_fail(err, ESC_INVALID, "the name of the key is too long");
    memcpy(change->new.keyring, keyring, strlen(keyring) + 1);
    return ESC_OK;
}

/* From here on whoever finds the item knows that nobody needs it, unless the change was made. */
static enum esc_status announce(struct esc_key_change *change, struct esc_error *err)
{
    struct write write;
    enum esc_status status = write_begin(change->store, &write, err);
    return status == ESC_OK
               ? write_end(&write, items_announce(change->store, &change->new, err), err)
               : status;
}

static struct esc_key_change *change_new(struct esc_store *store,
                                         const struct esc_key_change_options *options)
{
    struct esc_key_change *change = esc_alloc_zero(sizeof *change);
    change->store = store;
    change->kind = options->kind;
    change->from = options->from;
    change->to = options->to;
    change->passphrase = esc_secret_copy(options->passphrase);
    change->new_passphrase = esc_secret_copy(options->new_passphrase);
    change->old_code = esc_secret_copy(options->old_code);
    change->new_code = esc_secret_copy(options->new_code);
    change->event = options->event ? esc_json_copy(options->event) : NULL;
    change->price = options->price.passes ? options->price : esc_argon2_default();
    change->random = esc_random_system(); /* the store's own is of its thread alone */
    store->changes_keys = true;
    return change;
}

enum esc_status esc_key_change_begin(struct esc_store *store,
                                     const struct esc_key_change_options *options,
                                     struct esc_key_change **out, struct esc_error *err)
{
    ESC_ASSERT(!store->is_in_transaction);
    if (store->changes_keys)
        return esc_fail(err, ESC_CONFLICT, "another change of the keys is under way");
    ESC_CLEANUP(esc_key_change_freep) struct esc_key_change *change = change_new(store, options);
    enum esc_status status = header_read(store->db, &change->old, err);
    if (status == ESC_OK)
        status = esc_store_slots(store, &change->slots, err);
    if (status != ESC_OK)
        return status;
    change->new = change->old;
    change->new.mixed = (struct mixed){0};
    change->new.kek += change->kind == ESC_KEY_ROTATE;
    if (change->kind != ESC_KEY_CODE)
        status = name_item(change, err);
    if (status == ESC_OK && change->kind != ESC_KEY_CODE)
        status = announce(change, err);
    if (status == ESC_OK)
        *out = ESC_STEAL(change);
    return status;
}

/* Working */

/* The KEK as it is. */
static enum esc_status fetch_kek(struct esc_key_change *change, struct esc_error *err)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *item = NULL;
    if (change->old_code)
        return esc_slots_open_with_code(change->slots, change->old_code, &change->kek, err);
    enum esc_status status = esc_keyring_get(change->from, change->old.key_name, &item, err);
    if (status != ESC_OK)
        return esc_wrap(err, status, "key of the store");
    return mixed_open(&change->old, item, change->passphrase, &change->kek, err);
}

/* Puts the item and sees that it is there, and that nothing was before. */
static enum esc_status put_item(const struct esc_key_change *change, const struct esc_secret *item,
                                struct esc_error *err)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *found = NULL;
    const char *name = change->new.key_name;
    enum esc_status status = esc_keyring_get(change->to, name, &found, err);
    if (status == ESC_OK)
        return esc_fail(err, ESC_EXISTS, "there is a key `%s` already", name);
    if (status != ESC_NOT_FOUND)
        return status;
    status = esc_keyring_keep(change->to, name, item, err);
    return status == ESC_OK ? ESC_OK : esc_wrap(err, status, "the keyring does not keep the key");
}

/* Under the name that a new store here would give its key, there is at least a mark from now on:
 * who loses the store's file and asks for a new store is told that there was one. */
static void leave_mark(const struct esc_key_change *change)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *found = NULL;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *mark = esc_secret_of_text(ITEM_MARK);
    const char *name = change->new.key_name;
    ESC_CLEANUP(esc_freep) char *base = esc_strndup(name, key_item_base(name));
    if (esc_keyring_get(change->to, base, &found, NULL) == ESC_NOT_FOUND)
        (void)esc_keyring_put(change->to, base, mark, NULL); /* then a new store is just made */
}

void esc_key_mark_remove(struct esc_keyring *keyring, const char *item)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *found = NULL;
    ESC_CLEANUP(esc_freep) char *base = esc_strndup(item, key_item_base(item));
    if (esc_keyring_get(keyring, base, &found, NULL) == ESC_OK &&
        esc_str_is(esc_secret_view(found), ITEM_MARK))
        (void)esc_keyring_del(keyring, base, NULL); /* it would do no harm */
}

static enum esc_status place_kek(struct esc_key_change *change, struct esc_error *err)
{
    header_check_value(change->kek, change->new.uuid, change->new.check);
    if (!change->new_passphrase)
        return put_item(change, change->kek, err);
    ESC_CLEANUP(esc_secret_freep)
    struct esc_secret *half = esc_secret_random(change->random, ESC_SEAL_KEY);
    enum esc_status status = mixed_make(&change->new, change->kek, half, change->new_passphrase,
                                        change->price, change->random, &change->new.mixed, err);
    return status == ESC_OK ? put_item(change, half, err) : status;
}

enum esc_status esc_key_change_work(struct esc_key_change *change, struct esc_error *err)
{
    enum esc_status status = ESC_OK;
    ESC_ASSERT(!change->is_worked);
    if (change->kind == ESC_KEY_ROTATE)
        change->kek = esc_secret_random(change->random, ESC_SEAL_KEY);
    else
        status = fetch_kek(change, err);
    if (status != ESC_OK)
        return status;
    if (change->kind != ESC_KEY_CODE)
        status = place_kek(change, err);
    else
        status = recovery_make(change->new_code, change->kek, &change->new, change->price,
                               change->random, &change->recovery, err);
    change->is_worked = status == ESC_OK;
    if (status == ESC_OK && change->kind != ESC_KEY_CODE)
        leave_mark(change);
    return status;
}

/* Committing: each inside the transaction. */

static enum esc_status write_keyring_slot(struct esc_key_change *change, struct esc_error *err)
{
    struct db *db = change->store->db;
    const struct header *header = &change->new;
    ESC_CLEANUP(esc_json_freep) struct esc_json *params = mixed_params(&header->mixed);
    const struct slot slot = {.kind = SLOT_KEYRING,
                              .kek = header->kek,
                              .keyring = header->keyring,
                              .item = header->key_name,
                              .params = params,
                              .sealed = mixed_sealed(&header->mixed)};
    enum esc_status status = key_slots_drop_item(db, SLOT_COMING, header->key_name, err);
    if (status == ESC_OK)
        status = key_slot_insert(db, &slot, esc_clock_wall_ms(change->store->clock), err);
    return status;
}

static enum esc_status move(struct esc_key_change *change, struct esc_error *err)
{
    struct db *db = change->store->db;
    /* By a code the item was not looked at: it may be somebody else's. */
    enum esc_status status = change->old_code ? key_slots_delete(db, SLOT_KEYRING, err)
                                              : items_retire(change->store, SLOT_LEAVING, err);
    return status == ESC_OK ? write_keyring_slot(change, err) : status;
}

/* The slot of a code for the new KEK; it stays as old as it is. */
static enum esc_status pass_on(struct esc_key_change *change, const struct esc_json *row,
                               const struct esc_secret *auth, struct esc_error *err)
{
    struct recovery recovery;
    const struct header *new = &change->new;
    enum esc_status status =
        recovery_pass_on(row, &change->old, auth, change->kek, new, &recovery, err);
    if (status != ESC_OK)
        return status;
    const struct slot slot = {.kind = SLOT_RECOVERY,
                              .kek = new->kek,
                              .params = recovery.params,
                              .sealed = esc_buf_str(&recovery.sealed)};
    status = key_slot_insert(change->store->db, &slot, (uint64_t)esc_json_num(row, "created_ms", 0),
                             err);
    recovery_done(&recovery);
    return status;
}

static enum esc_status pass_on_code(struct esc_key_change *change, const struct esc_secret *auth,
                                    struct esc_error *err)
{
    struct db *db = change->store->db;
    ESC_CLEANUP(esc_json_freep) struct esc_json *rows = NULL;
    enum esc_status status = key_slots_read(db, SLOT_RECOVERY, &rows, err);
    if (status == ESC_OK && esc_json_len(rows) > 1)
        return esc_fail(err, ESC_CORRUPT,
                        "the store has more than one recovery code; `escher key recovery` makes a "
                        "new one");
    if (status == ESC_OK)
        status = key_slots_delete(db, SLOT_RECOVERY, err);
    return status == ESC_OK && esc_json_len(rows) ? pass_on(change, esc_json_at(rows, 0), auth, err)
                                                  : status;
}

static enum esc_status rotate(struct esc_key_change *change, const struct wrapper *wrapper,
                              int64_t *retired, struct esc_error *err)
{
    size_t damaged; /* nothing is done about them: their rows are told when they are met */
    struct esc_store *store = change->store;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *auth = NULL;
    enum esc_status status = keys_secret_open(store->keys, RECOVERY_AUTH, &auth, err);
    if (status == ESC_OK || status == ESC_NOT_FOUND)
        status = rotation_keep_old(store, err);
    if (status == ESC_OK)
        status = wrapper_change_all(store->db, keys_wrapper(store->keys), wrapper, store->random,
                                    &damaged, err);
    if (status == ESC_OK)
        status = rotation_begin(store, retired, err);
    if (status == ESC_OK)
        status = header_write_kek(store->db, &change->new, esc_clock_wall_ms(store->clock), err);
    if (status == ESC_OK)
        status = items_retire(store, SLOT_FORMER, err);
    if (status == ESC_OK)
        status = write_keyring_slot(change, err);
    return status == ESC_OK ? pass_on_code(change, auth, err) : status;
}

static enum esc_status replace_code(struct esc_key_change *change, struct esc_error *err)
{
    struct esc_store *store = change->store;
    return recovery_write(store->db, store->keys, &change->recovery, &change->new,
                          esc_clock_wall_ms(store->clock), err);
}

/* First of all: its keys are still wrapped as they were. */
static enum esc_status put_on_record(const struct esc_key_change *change, struct esc_error *err)
{
    return change->event ? esc_store_audit_append(change->store, change->event, NULL, err) : ESC_OK;
}

static enum esc_status commit_rotation(struct esc_key_change *change, struct esc_error *err)
{
    struct write write;
    int64_t retired = 0;
    struct keys *keys = change->store->keys;
    enum esc_status status = write_begin(change->store, &write, err);
    if (status != ESC_OK)
        return status;
    ESC_CLEANUP(wrapper_freep)
    struct wrapper *wrapper = wrapper_new(change->kek, change->new.kek, change->new.uuid);
    status = put_on_record(change, err);
    if (status == ESC_OK)
        status = rotate(change, wrapper, &retired, err);
    status = write_end(&write, status, err);
    if (status == ESC_OK) {
        keys_adopt(keys, ESC_STEAL(wrapper));
        keys_retire(keys, retired);
    }
    return status;
}

enum esc_status esc_key_change_commit(struct esc_key_change *change, struct esc_error *err)
{
    struct write write;
    ESC_ASSERT(change->is_worked && !change->is_committed && !change->store->is_in_transaction);
    change->is_committed = true;
    change->store->wants_scrub = true; /* what is replaced must not stay readable in the log */
    if (change->kind == ESC_KEY_ROTATE)
        return commit_rotation(change, err);
    enum esc_status status = write_begin(change->store, &write, err);
    if (status != ESC_OK)
        return status;
    status = put_on_record(change, err);
    if (status == ESC_OK)
        status = change->kind == ESC_KEY_MOVE ? move(change, err) : replace_code(change, err);
    return write_end(&write, status, err);
}
