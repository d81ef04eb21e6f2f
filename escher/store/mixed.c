/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/crypt/digest.h"
#include "escher/store/joined_private.h"
#include "escher/store/key_slots_private.h"

/*
 * The passphrase mixed in: the item in the keyring is 32 random bytes, and the KEK is sealed in the
 * slot under HKDF(item, Argon2id(passphrase)). Whoever reads the keyring has a half of nothing.
 */

static void half_check(const struct header *header, const struct esc_secret *half,
                       uint8_t out[CHECK_SIZE])
{
    ESC_CLEANUP(esc_secret_freep)
    struct esc_secret *check =
        esc_derive(half, "store half check",
                   bytes_of(header->uuid.bytes, sizeof header->uuid.bytes), CHECK_SIZE);
    memcpy(out, esc_secret_view(check).ptr, CHECK_SIZE);
}

/* The key of both halves. */
static enum esc_status mix(const struct mixed *mixed, const struct esc_secret *half,
                           const struct esc_secret *passphrase, struct esc_secret **out,
                           struct esc_error *err)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *other = NULL;
    enum esc_status status =
        esc_argon2id(passphrase, mixed->salt, mixed->price, ESC_SEAL_KEY, &other, err);
    if (status != ESC_OK)
        return status;
    char bytes[2 * ESC_SEAL_KEY];
    memcpy(bytes, esc_secret_view(half).ptr, ESC_SEAL_KEY);
    memcpy(bytes + ESC_SEAL_KEY, esc_secret_view(other).ptr, ESC_SEAL_KEY);
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *both = esc_secret_new(bytes, sizeof bytes);
    esc_wipe(bytes, sizeof bytes);
    *out = esc_derive(both, "store halves", ESC_STR(""), ESC_SEAL_KEY);
    return ESC_OK;
}

static void label_of(const struct header *header, struct esc_buf *out)
{
    esc_buf_init(out, ESC_MAX_NAME);
    piece_add(out, ESC_STR("escher1 halves"));
    piece_add(out, bytes_of(header->uuid.bytes, sizeof header->uuid.bytes));
    piece_add_number(out, header->kek);
}

enum esc_status mixed_make(const struct header *header, const struct esc_secret *kek,
                           const struct esc_secret *half, const struct esc_secret *passphrase,
                           struct esc_argon2 price, const struct esc_random *random,
                           struct mixed *out, struct esc_error *err)
{
    struct mixed mixed = {.is_used = true, .price = price};
    struct esc_buf label, sealed;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = NULL;
    if (esc_secret_len(passphrase) == 0)
        return esc_fail(err, ESC_INVALID, "the passphrase is empty");
    esc_random_fill(random, mixed.salt, sizeof mixed.salt);
    enum esc_status status = mix(&mixed, half, passphrase, &key, err);
    if (status != ESC_OK)
        return status;
    half_check(header, half, mixed.check);
    label_of(header, &label);
    esc_buf_init(&sealed, sizeof mixed.sealed);
    esc_seal(key, random, esc_buf_str(&label), esc_secret_view(kek), &sealed);
    memcpy(mixed.sealed, sealed.ptr, sizeof mixed.sealed);
    esc_buf_done(&label);
    esc_buf_done(&sealed);
    *out = mixed;
    return ESC_OK;
}

static enum esc_status unseal(const struct header *header, const struct esc_secret *key,
                              struct esc_secret **kek, struct esc_error *err)
{
    struct esc_buf label;
    label_of(header, &label);
    const struct esc_str sealed = bytes_of(header->mixed.sealed, sizeof header->mixed.sealed);
    enum esc_status status = esc_unseal_secret(key, esc_buf_str(&label), sealed, kek, NULL);
    esc_buf_done(&label);
    if (status != ESC_OK)
        return esc_fail(err, ESC_LOCKED, "the passphrase does not open the store");
    return ESC_OK;
}

static enum esc_status not_it(const struct header *header, struct esc_error *err)
{
    return esc_fail(err, ESC_CORRUPT,
                    "the key does not fit: `%s` is not of this store;"
                    " `escher key recovery --restore` brings back the one that is",
                    header->key_name);
}

static enum esc_status open_halves(const struct header *header, const struct esc_secret *half,
                                   const struct esc_secret *passphrase, struct esc_secret **kek,
                                   struct esc_error *err)
{
    uint8_t check[CHECK_SIZE];
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = NULL;
    half_check(header, half, check);
    if (!esc_equal_constant_time(check, header->mixed.check, CHECK_SIZE))
        return not_it(header, err);
    if (!passphrase || esc_secret_len(passphrase) == 0)
        return esc_fail(
            err, ESC_LOCKED,
            "the store needs its passphrase: --passphrase-fd N, or ESCHER_PASSPHRASE_FD");
    enum esc_status status = mix(&header->mixed, half, passphrase, &key, err);
    return status == ESC_OK ? unseal(header, key, kek, err) : status;
}

enum esc_status mixed_open(const struct header *header, const struct esc_secret *item,
                           const struct esc_secret *passphrase, struct esc_secret **kek,
                           struct esc_error *err)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *found = NULL;
    enum esc_status status = ESC_OK;
    if (header->mixed.is_used)
        status = open_halves(header, item, passphrase, &found, err);
    else
        found = esc_secret_copy(item);
    if (status != ESC_OK)
        return status;
    if (!header_fits(header, found))
        return not_it(header, err);
    *kek = ESC_STEAL(found);
    return ESC_OK;
}

/* In a slot: params {"kdf", "passes", "memory_kib", "salt", "half": hex}, sealed. */

bool mixed_read(struct esc_str params, struct esc_str sealed, struct mixed *out)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = NULL;
    *out = (struct mixed){0};
    if (!sealed.len)
        return true; /* params may still have the MAC of the row */
    if (sealed.len != sizeof out->sealed || esc_json_parse(params, NULL, &page, NULL) != ESC_OK ||
        !slot_price_read(page, &out->price, out->salt) ||
        !esc_hex_parse(esc_json_value(esc_json_member(page, "half")), out->check, CHECK_SIZE))
        return false;
    memcpy(out->sealed, sealed.ptr, sealed.len);
    out->is_used = true;
    return true;
}

struct esc_json *mixed_params(const struct mixed *mixed)
{
    char check[2 * CHECK_SIZE + 1];
    if (!mixed->is_used)
        return NULL;
    struct esc_json *page = slot_price_page(mixed->price, mixed->salt);
    esc_hex(mixed->check, CHECK_SIZE, check);
    esc_json_set_text(page, "half", check);
    return page;
}

struct esc_str mixed_sealed(const struct mixed *mixed)
{
    return mixed->is_used ? bytes_of(mixed->sealed, sizeof mixed->sealed) : (struct esc_str){0};
}
