/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/wrapping_private.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/crypt/derive.h"
#include "escher/store/joined_private.h"

enum {
    KEY_SIZE = ESC_SEAL_KEY,
    LABEL_MAX = 256,
};

struct esc_secret *kek_for_outside(const struct esc_secret *kek)
{
    return esc_derive(kek, "store outside", ESC_STR(""), KEY_SIZE);
}

struct wrapper *wrapper_new(const struct esc_secret *kek, int64_t number, struct esc_uuid uuid)
{
    struct wrapper *wrapper = esc_alloc_zero(sizeof *wrapper);
    wrapper->uuid = uuid;
    wrapper->kek = number;
    if (!kek)
        return wrapper;
    wrapper->wrap =
        esc_derive(kek, "store wrap", bytes_of(uuid.bytes, sizeof uuid.bytes), KEY_SIZE);
    wrapper->outside = kek_for_outside(kek);
    return wrapper;
}

void wrapper_free(struct wrapper *wrapper)
{
    if (!wrapper)
        return;
    esc_secret_free(wrapper->wrap);
    esc_secret_free(wrapper->outside);
    free(wrapper);
}

/* What a wrapped key is bound to: this store, this KEK, this purpose, owner and epoch. */
static void label_of(const struct wrapper *wrapper, const struct purpose *purpose,
                     struct esc_buf *out)
{
    esc_buf_init(out, LABEL_MAX);
    piece_add(out, ESC_STR("escher1 key"));
    piece_add(out, bytes_of(wrapper->uuid.bytes, sizeof wrapper->uuid.bytes));
    piece_add_number(out, wrapper->kek);
    piece_add(out, bytes_of(purpose->tag.bytes, TAG_SIZE));
    piece_add(out, bytes_of(purpose->owner.bytes, BLIND_SIZE));
    piece_add_number(out, purpose->epoch);
}

void wrapper_wrap(const struct wrapper *wrapper, const struct purpose *purpose,
                  const struct esc_secret *key, const struct esc_random *random,
                  struct esc_buf *out)
{
    struct esc_buf label;
    label_of(wrapper, purpose, &label);
    esc_seal(wrapper->wrap, random, esc_buf_str(&label), esc_secret_view(key), out);
    esc_buf_done(&label);
}

enum esc_status wrapper_unwrap(const struct wrapper *wrapper, const struct purpose *purpose,
                               struct esc_str wrapped, struct esc_secret **out,
                               struct esc_error *err)
{
    struct esc_buf label;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *secret = NULL;
    label_of(wrapper, purpose, &label);
    enum esc_status status =
        esc_unseal_secret(wrapper->wrap, esc_buf_str(&label), wrapped, &secret, err);
    esc_buf_done(&label);
    if (status != ESC_OK || esc_secret_len(secret) != KEY_SIZE)
        return esc_fail(err, ESC_CORRUPT, "a key in the store is damaged");
    *out = ESC_STEAL(secret);
    return ESC_OK;
}

/* From one KEK to another */

static bool read_purpose(const struct db_statement *row, struct purpose *out)
{
    const struct esc_str tag = db_bytes(row, 1), owner = db_bytes(row, 2);
    if (tag.len != TAG_SIZE || owner.len != BLIND_SIZE)
        return false;
    memcpy(out->tag.bytes, tag.ptr, TAG_SIZE);
    memcpy(out->owner.bytes, owner.ptr, BLIND_SIZE);
    out->epoch = db_int(row, 3);
    return true;
}

static enum esc_status update_key(struct db *db, int64_t key_id, int64_t kek,
                                  struct esc_str wrapped, struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *update = NULL;
    enum esc_status status =
        db_prepare(db, "UPDATE keys SET kek = ?, wrapped = ? WHERE key_id = ?", &update, err);
    if (status != ESC_OK)
        return status;
    db_bind_int(update, 1, kek);
    db_bind_bytes(update, 2, wrapped);
    db_bind_int(update, 3, key_id);
    return db_execute(update, err);
}

/* The first key after @p *key_id; *key_id is 0 when there is none. */
static enum esc_status change_next(struct db *db, const struct wrapper *from,
                                   const struct wrapper *to, const struct esc_random *random,
                                   int64_t *key_id, size_t *damaged, struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *select = NULL;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = NULL;
    struct purpose purpose;
    bool is_row = false;
    enum esc_status status = db_prepare(db,
                                        "SELECT key_id, tag, owner, epoch, wrapped FROM keys"
                                        " WHERE key_id > ? ORDER BY key_id LIMIT 1",
                                        &select, err);
    if (status != ESC_OK)
        return status;
    db_bind_int(select, 1, *key_id);
    status = db_step(select, &is_row, err);
    *key_id = status == ESC_OK && is_row ? db_int(select, 0) : 0;
    if (status != ESC_OK || !is_row)
        return status;
    if (!read_purpose(select, &purpose) ||
        wrapper_unwrap(from, &purpose, db_bytes(select, 4), &key, NULL) != ESC_OK) {
        ++*damaged;
        return ESC_OK;
    }
    struct esc_buf wrapped;
    esc_buf_init(&wrapped, LABEL_MAX);
    wrapper_wrap(to, &purpose, key, random, &wrapped);
    status = update_key(db, *key_id, to->kek, esc_buf_str(&wrapped), err);
    esc_buf_done(&wrapped);
    return status;
}

enum esc_status wrapper_change_all(struct db *db, const struct wrapper *from,
                                   const struct wrapper *to, const struct esc_random *random,
                                   size_t *damaged, struct esc_error *err)
{
    int64_t key_id = 0;
    enum esc_status status;
    *damaged = 0;
    do
        status = change_next(db, from, to, random, &key_id, damaged, err);
    while (status == ESC_OK && key_id);
    return status;
}
