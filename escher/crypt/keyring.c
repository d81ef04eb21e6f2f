/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/crypt/keyring.h"

#include "escher/base/alloc.h"
#include "escher/base/utf8.h"

enum {
    ITEM_MAX = 128
};

struct esc_keyring {
    const struct esc_keyring_table *table;
    void *context;
    void (*free_context)(void *context);
};

struct esc_keyring *esc_keyring_new(const struct esc_keyring_table *table, void *context,
                                    void (*free_context)(void *context))
{
    struct esc_keyring *keyring = esc_alloc(sizeof *keyring);
    *keyring = (struct esc_keyring){table, context, free_context};
    return keyring;
}

void esc_keyring_free(struct esc_keyring *keyring)
{
    if (keyring && keyring->free_context)
        keyring->free_context(keyring->context);
    free(keyring);
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
    return keyring->table->probe(keyring->context, err);
}

enum esc_status esc_keyring_get(struct esc_keyring *keyring, const char *item,
                                struct esc_secret **out, struct esc_error *err)
{
    enum esc_status status = check_item(item, err);
    return status == ESC_OK ? keyring->table->get(keyring->context, item, out, err) : status;
}

enum esc_status esc_keyring_put(struct esc_keyring *keyring, const char *item,
                                const struct esc_secret *secret, struct esc_error *err)
{
    enum esc_status status = check_item(item, err);
    if (status != ESC_OK)
        return status;
    if (esc_secret_len(secret) > ESC_KEYRING_MAX_SECRET)
        return esc_fail(err, ESC_LIMIT, "a key has at most %d bytes", ESC_KEYRING_MAX_SECRET);
    return keyring->table->put(keyring->context, item, secret, err);
}

enum esc_status esc_keyring_del(struct esc_keyring *keyring, const char *item,
                                struct esc_error *err)
{
    enum esc_status status = check_item(item, err);
    return status == ESC_OK ? keyring->table->del(keyring->context, item, err) : status;
}

void esc_keyring_describe(struct esc_keyring *keyring, struct esc_buf *out)
{
    keyring->table->describe(keyring->context, out);
}
