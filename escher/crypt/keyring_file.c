/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The slot file: JSON that names the price of a guess and its salt, and holds the items sealed
 * under the key that Argon2id makes of the passphrase.
 *
 *     {"format": "escher.key-slot/1", "kdf": "argon2id", "passes": 3, "memory_kib": 65536,
 *      "salt": HEX, "check": HEX, "items": {"default": HEX}, "sum": HEX}
 *
 * `check` is the empty text, sealed: it tells a wrong passphrase before any item is tried.
 * `sum` is SHA-256 over the rest: a damaged file is not taken for a wrong passphrase.
 * The derived key is kept while the keyring lives, so that one start asks once.
 */

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/json.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/crypt/digest.h"
#include "escher/crypt/keyring.h"
#include "escher/crypt/seal.h"

#define FORMAT "escher.key-slot/1"

enum {
    SEALED_MAX = ESC_KEYRING_MAX_SECRET + ESC_SEAL_OVERHEAD
};

struct slot_file {
    char *path;
    esc_passphrase_fn *passphrase;
    void *passphrase_context;
    struct esc_argon2 price; /* of a slot that is made */
    const struct esc_random *random;
    struct esc_secret *key;        /* NULL until a passphrase fitted */
    uint8_t salt[ESC_ARGON2_SALT]; /* the one `key` was made with */
};

/* Reading and writing the JSON. */

static void sum_of(const struct esc_json *slot, char out[ESC_SHA256_TEXT])
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *rest = esc_json_copy(slot);
    esc_json_remove(rest, "sum");
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(rest, ESC_JSON_SORTED);
    esc_sha256_hex(esc_str_of(text), out);
}

static bool is_intact(const struct esc_json *slot)
{
    char sum[ESC_SHA256_TEXT];
    sum_of(slot, sum);
    return esc_text_equal(esc_json_str(slot, "format", NULL), FORMAT) &&
           esc_text_equal(esc_json_str(slot, "kdf", NULL), "argon2id") &&
           esc_text_equal(esc_json_str(slot, "sum", NULL), sum) &&
           esc_json_is(esc_json_get(slot, "items"), ESC_JSON_OBJECT);
}

static enum esc_status damaged(const struct slot_file *file, struct esc_error *err)
{
    return esc_fail(err, ESC_CORRUPT, "the key file %s is damaged", file->path);
}

/* @errors ESC_NOT_FOUND, ESC_CORRUPT. */
static enum esc_status load(const struct slot_file *file, struct esc_json **out,
                            struct esc_error *err)
{
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_REQUEST);
    ESC_CLEANUP(esc_json_freep) struct esc_json *slot = NULL;
    enum esc_status status = esc_file_read(file->path, &text, err);
    if (status == ESC_OK &&
        (esc_json_parse(esc_buf_str(&text), NULL, &slot, NULL) != ESC_OK || !is_intact(slot)))
        status = damaged(file, err);
    esc_buf_done(&text);
    if (status == ESC_OK)
        *out = ESC_STEAL(slot);
    return status;
}

static enum esc_status save(const struct slot_file *file, struct esc_json *slot,
                            struct esc_error *err)
{
    char sum[ESC_SHA256_TEXT];
    sum_of(slot, sum);
    esc_json_set_text(slot, "sum", sum);
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(slot, ESC_JSON_PRETTY);
    return esc_file_replace(file->path, esc_str_of(text), 0600, err);
}

/* Sealing items under the passphrase's key. */

/* What is authenticated with an item, so that it fits no other; owned by the caller. */
static char *label_of(const char *item)
{
    return esc_sprintf("escher1 key-slot %s", item);
}

static struct esc_json *seal_item(const struct slot_file *file, const char *item,
                                  struct esc_str plain)
{
    char bytes[SEALED_MAX], hex[2 * SEALED_MAX + 1];
    ESC_CLEANUP(esc_freep) char *label = label_of(item);
    struct esc_buf sealed;
    esc_buf_init(&sealed, sizeof bytes);
    esc_seal(file->key, file->random, esc_str_of(label), plain, &sealed);
    esc_hex(sealed.ptr, sealed.len, hex);
    esc_buf_done(&sealed);
    return esc_json_text(hex);
}

static enum esc_status unseal_item(const struct slot_file *file, const struct esc_secret *key,
                                   const char *item, const struct esc_json *value,
                                   struct esc_secret **out, struct esc_error *err)
{
    char bytes[SEALED_MAX];
    struct esc_str hex = esc_json_value(value);
    size_t len = hex.len / 2;
    if (len > sizeof bytes || !esc_hex_parse(hex, bytes, len))
        return damaged(file, err);
    ESC_CLEANUP(esc_freep) char *label = label_of(item);
    return esc_unseal_secret(key, esc_str_of(label), (struct esc_str){bytes, len}, out, err);
}

/* From the passphrase to the key. */

static enum esc_status derive_key(struct slot_file *file, bool fresh, const uint8_t *salt,
                                  struct esc_argon2 price, struct esc_secret **out,
                                  struct esc_error *err)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *passphrase = NULL;
    enum esc_status status = file->passphrase(file->passphrase_context, fresh, &passphrase, err);
    if (status != ESC_OK)
        return status;
    if (esc_secret_len(passphrase) == 0)
        return esc_fail(err, fresh ? ESC_INVALID : ESC_LOCKED, "the passphrase is empty");
    return esc_argon2id(passphrase, salt, price, ESC_SEAL_KEY, out, err);
}

static void keep_key(struct slot_file *file, struct esc_secret *key, const uint8_t *salt)
{
    esc_secret_free(file->key);
    file->key = key;
    memcpy(file->salt, salt, sizeof file->salt);
}

/* The key that fits this slot is in file->key, asking for the passphrase only when it has to. */
static enum esc_status unlock(struct slot_file *file, const struct esc_json *slot,
                              struct esc_error *err)
{
    uint8_t salt[ESC_ARGON2_SALT];
    const struct esc_argon2 price = {(uint32_t)esc_json_num(slot, "passes", 0),
                                     (uint32_t)esc_json_num(slot, "memory_kib", 0)};
    if (!esc_hex_parse(esc_json_value(esc_json_get(slot, "salt")), salt, sizeof salt))
        return damaged(file, err);
    if (file->key && memcmp(salt, file->salt, sizeof salt) == 0)
        return ESC_OK;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = NULL, *check = NULL;
    enum esc_status status = derive_key(file, false, salt, price, &key, err);
    if (status != ESC_OK)
        return status;
    if (unseal_item(file, key, "", esc_json_get(slot, "check"), &check, NULL) != ESC_OK)
        return esc_fail(err, ESC_LOCKED, "the passphrase does not open %s", file->path);
    keep_key(file, ESC_STEAL(key), salt);
    return ESC_OK;
}

/* A slot without items, under a passphrase asked for now. */
static enum esc_status make_slot(struct slot_file *file, struct esc_json **out,
                                 struct esc_error *err)
{
    uint8_t salt[ESC_ARGON2_SALT];
    char hex[2 * sizeof salt + 1];
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = NULL;
    esc_random_fill(file->random, salt, sizeof salt);
    enum esc_status status = derive_key(file, true, salt, file->price, &key, err);
    if (status != ESC_OK)
        return status;
    keep_key(file, ESC_STEAL(key), salt);
    esc_hex(salt, sizeof salt, hex);
    struct esc_json *slot = esc_json_object();
    esc_json_set_text(slot, "format", FORMAT);
    esc_json_set_text(slot, "kdf", "argon2id");
    esc_json_set_int(slot, "passes", file->price.passes);
    esc_json_set_int(slot, "memory_kib", file->price.memory_kib);
    esc_json_set_text(slot, "salt", hex);
    esc_json_set(slot, "check", seal_item(file, "", ESC_STR("")));
    esc_json_set(slot, "items", esc_json_object());
    *out = slot;
    return ESC_OK;
}

/* The five functions. */

static enum esc_status file_probe(void *context, struct esc_error *err)
{
    const struct slot_file *file = context;
    ESC_CLEANUP(esc_json_freep) struct esc_json *slot = NULL;
    enum esc_status status = load(file, &slot, err);
    return status == ESC_NOT_FOUND ? ESC_OK : status; /* it will be made by the first put */
}

static enum esc_status file_get(void *context, const char *item, struct esc_secret **out,
                                struct esc_error *err)
{
    struct slot_file *file = context;
    ESC_CLEANUP(esc_json_freep) struct esc_json *slot = NULL;
    enum esc_status status = load(file, &slot, err);
    if (status != ESC_OK)
        return status;
    const struct esc_json *value = esc_json_member(esc_json_get(slot, "items"), item);
    if (!value)
        return esc_fail(err, ESC_NOT_FOUND, "no key `%s` in %s", item, file->path);
    status = unlock(file, slot, err);
    return status == ESC_OK ? unseal_item(file, file->key, item, value, out, err) : status;
}

static enum esc_status file_put(void *context, const char *item, const struct esc_secret *secret,
                                struct esc_error *err)
{
    struct slot_file *file = context;
    ESC_CLEANUP(esc_json_freep) struct esc_json *slot = NULL;
    enum esc_status status = load(file, &slot, err);
    if (status == ESC_NOT_FOUND)
        status = make_slot(file, &slot, err);
    else if (status == ESC_OK)
        status = unlock(file, slot, err);
    if (status != ESC_OK)
        return status;
    esc_json_set(esc_json_get_mutable(slot, "items"), item,
                 seal_item(file, item, esc_secret_view(secret)));
    status = save(file, slot, err);
    if (status != ESC_OK)
        return status;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *back = NULL;
    status = file_get(file, item, &back, err);
    if (status == ESC_OK && !esc_secret_equal(back, secret))
        return damaged(file, err);
    return status;
}

static enum esc_status file_del(void *context, const char *item, struct esc_error *err)
{
    const struct slot_file *file = context;
    ESC_CLEANUP(esc_json_freep) struct esc_json *slot = NULL;
    enum esc_status status = load(file, &slot, err);
    if (status == ESC_NOT_FOUND)
        return ESC_OK;
    if (status != ESC_OK || !esc_json_member(esc_json_get(slot, "items"), item))
        return status;
    esc_json_remove(esc_json_get_mutable(slot, "items"), item);
    if (esc_json_len(esc_json_get(slot, "items")))
        return save(file, slot, err);
    return esc_file_remove(file->path, err); /* the next key may have another passphrase */
}

static void file_describe(void *context, struct esc_buf *out)
{
    const struct slot_file *file = context;
    esc_buf_add_text(out, "the key file ");
    esc_buf_add_text(out, file->path);
}

static void file_free(void *context)
{
    struct slot_file *file = context;
    esc_secret_free(file->key);
    free(file->path);
    free(file);
}

struct esc_keyring *esc_keyring_file_new(const struct esc_keyring_file_options *options)
{
    static const struct esc_keyring_table table = {
        "file", file_probe, file_get, file_put, file_del, file_describe,
    };
    struct slot_file *file = esc_alloc_zero(sizeof *file);
    file->path = esc_strdup(options->path);
    file->passphrase = options->passphrase;
    file->passphrase_context = options->context;
    file->price = options->price.passes ? options->price : esc_argon2_default();
    file->random = options->random ? options->random : esc_random_system();
    return esc_keyring_new(&table, file, file_free);
}
