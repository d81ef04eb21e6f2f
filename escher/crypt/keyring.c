/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/crypt/keyring.h"

#include <pthread.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/utf8.h"

enum {
    ITEM_MAX = 128
};

struct esc_keyring {
    const struct esc_keyring_table *table;
    void *context;
    void (*free_context)(void *context);
    pthread_mutex_t lock; /* one call at a time */
    size_t holds;         /* of its owner's thread alone */
};

struct esc_keyring *esc_keyring_new(const struct esc_keyring_table *table, void *context,
                                    void (*free_context)(void *context))
{
    struct esc_keyring *keyring = esc_alloc(sizeof *keyring);
    *keyring =
        (struct esc_keyring){.table = table, .context = context, .free_context = free_context};
    ESC_ASSERT(pthread_mutex_init(&keyring->lock, NULL) == 0);
    return keyring;
}

void esc_keyring_free(struct esc_keyring *keyring)
{
    if (!keyring)
        return;
    ESC_ASSERT(keyring->holds == 0); /* else a worker is about to use it */
    if (keyring->free_context)
        keyring->free_context(keyring->context);
    (void)pthread_mutex_destroy(&keyring->lock); /* nobody holds it any more */
    free(keyring);
}

void esc_keyring_hold(struct esc_keyring *keyring)
{
    keyring->holds++;
}

void esc_keyring_release(struct esc_keyring *keyring)
{
    ESC_ASSERT(keyring->holds > 0);
    keyring->holds--;
}

bool esc_keyring_is_held(const struct esc_keyring *keyring)
{
    return keyring && keyring->holds > 0;
}

static enum esc_status unlock(struct esc_keyring *keyring, enum esc_status status)
{
    ESC_ASSERT(pthread_mutex_unlock(&keyring->lock) == 0);
    return status;
}

static void lock(struct esc_keyring *keyring)
{
    ESC_ASSERT(pthread_mutex_lock(&keyring->lock) == 0);
}

static enum esc_status check_item(const char *item, struct esc_error *err)
{
    struct esc_str name = esc_str_of(item);
    if (!name.len || name.len > ITEM_MAX || !esc_utf8_is_valid(name) || esc_utf8_has_unsafe(name))
        return esc_fail(err, ESC_INVALID, "the name of a key is a short text of one line");
    return ESC_OK;
}

const char *esc_keyring_name(const struct esc_keyring *keyring)
{
    return keyring->table->name;
}

enum esc_status esc_keyring_probe(struct esc_keyring *keyring, struct esc_error *err)
{
    lock(keyring);
    return unlock(keyring, keyring->table->probe(keyring->context, err));
}

enum esc_status esc_keyring_get(struct esc_keyring *keyring, const char *item,
                                struct esc_secret **out, struct esc_error *err)
{
    enum esc_status status = check_item(item, err);
    if (status != ESC_OK)
        return status;
    lock(keyring);
    return unlock(keyring, keyring->table->get(keyring->context, item, out, err));
}

enum esc_status esc_keyring_put(struct esc_keyring *keyring, const char *item,
                                const struct esc_secret *secret, struct esc_error *err)
{
    enum esc_status status = check_item(item, err);
    if (status != ESC_OK)
        return status;
    if (esc_secret_len(secret) > ESC_KEYRING_MAX_SECRET)
        return esc_fail(err, ESC_LIMIT, "a key has at most %d bytes", ESC_KEYRING_MAX_SECRET);
    lock(keyring);
    return unlock(keyring, keyring->table->put(keyring->context, item, secret, err));
}

enum esc_status esc_keyring_keep(struct esc_keyring *keyring, const char *item,
                                 const struct esc_secret *secret, struct esc_error *err)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *back = NULL;
    enum esc_status status = esc_keyring_put(keyring, item, secret, err);
    if (status == ESC_OK)
        status = esc_keyring_get(keyring, item, &back, err);
    if (status == ESC_NOT_FOUND)
        return esc_fail(err, ESC_IO, "it is not there after it was put");
    return status == ESC_OK && !esc_secret_equal(back, secret)
               ? esc_fail(err, ESC_IO, "it gives another key back")
               : status;
}

enum esc_status esc_keyring_del(struct esc_keyring *keyring, const char *item,
                                struct esc_error *err)
{
    enum esc_status status = check_item(item, err);
    if (status != ESC_OK)
        return status;
    lock(keyring);
    return unlock(keyring, keyring->table->del(keyring->context, item, err));
}

void esc_keyring_describe(struct esc_keyring *keyring, struct esc_buf *out)
{
    keyring->table->describe(keyring->context, out);
}
