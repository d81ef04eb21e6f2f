/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/keys_private.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/list.h"
#include "escher/crypt/derive.h"
#include "escher/crypt/digest.h"
#include "escher/store/joined_private.h"
#include "escher/store/wrapping_private.h"

enum {
    KEY_SIZE = ESC_SEAL_KEY,
    LABEL_MAX = 256,
    CACHE_MAX = 256, /* keys kept ready */
};

struct keys {
    struct db *db;
    struct wrapper *wrapper;
    const struct esc_random *random;
    uint64_t budget;
    int64_t retired;          /* data keys up to this id seal nothing more */
    struct esc_secret *index; /* makes tags and blind names */
    struct esc_hmac *names;   /* the same, made ready */
    struct known_tag *tags;   /* made so far */
    struct esc_list cache;    /* struct data_key */
};

/* Few collections have all the rows: their tags are not made again each time. */
enum {
    KNOWN_TAGS = 32,
    KNOWN_NAME = 24
};
struct known_tag {
    char name[KNOWN_NAME];
    struct tag tag;
};

static const struct tag index_tag; /* zeros: tags are made with the index key itself */
static const struct blind nobody;

static void data_key_free(void *item)
{
    struct data_key *key = item;
    if (key)
        esc_sealer_free(key->sealer);
    free(key);
}

static struct esc_str tag_bytes(const struct tag *tag)
{
    return bytes_of(tag->bytes, TAG_SIZE);
}

static struct esc_str blind_bytes(const struct blind *blind)
{
    return bytes_of(blind->bytes, BLIND_SIZE);
}

static bool is_same_blind(const struct blind *a, const struct blind *b)
{
    return memcmp(a->bytes, b->bytes, BLIND_SIZE) == 0;
}

static bool is_same_tag(const struct tag *a, const struct tag *b)
{
    return memcmp(a->bytes, b->bytes, TAG_SIZE) == 0;
}

/* Names, tags */

static void name_hash(const struct keys *keys, const char *use, const char *collection,
                      struct esc_str name, uint8_t out[ESC_SHA256_SIZE])
{
    struct esc_buf text;
    esc_buf_init(&text, LABEL_MAX + name.len);
    piece_add(&text, esc_str_of(use));
    piece_add(&text, esc_str_of(collection));
    piece_add(&text, name);
    esc_hmac_of(keys->names, esc_buf_str(&text), out);
    esc_buf_done(&text);
}

static struct tag make_tag(const struct keys *keys, const char *collection)
{
    struct tag tag;
    uint8_t hash[ESC_SHA256_SIZE];
    name_hash(keys, "tag", collection, ESC_STR(""), hash);
    memcpy(tag.bytes, hash, TAG_SIZE);
    return tag;
}

struct tag keys_tag(const struct keys *keys, const char *collection)
{
    size_t i = 0;
    for (; i < KNOWN_TAGS && *keys->tags[i].name; i++)
        if (strcmp(keys->tags[i].name, collection) == 0)
            return keys->tags[i].tag;
    const struct tag tag = make_tag(keys, collection);
    const size_t len = strlen(collection);
    if (i < KNOWN_TAGS && len && len < KNOWN_NAME) {
        memcpy(keys->tags[i].name, collection, len + 1);
        keys->tags[i].tag = tag;
    }
    return tag;
}

struct blind keys_blind(const struct keys *keys, const char *use, const char *collection,
                        struct esc_str name)
{
    struct blind blind;
    uint8_t hash[ESC_SHA256_SIZE];
    name_hash(keys, use, collection, name, hash);
    memcpy(blind.bytes, hash, BLIND_SIZE);
    return blind;
}

/* Wrapping */

static enum esc_status insert_key(struct keys *keys, const struct tag *tag,
                                  const struct blind *owner, int64_t epoch,
                                  const struct esc_secret *secret, struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *insert = NULL;
    enum esc_status status = db_prepare(keys->db,
                                        "INSERT INTO keys (kek, tag, owner, epoch, seals, wrapped)"
                                        " VALUES (?, ?, ?, ?, 0, ?)",
                                        &insert, err);
    if (status != ESC_OK)
        return status;
    struct esc_buf wrapped;
    const struct purpose purpose = {*tag, *owner, epoch};
    esc_buf_init(&wrapped, LABEL_MAX);
    wrapper_wrap(keys->wrapper, &purpose, secret, keys->random, &wrapped);
    db_bind_int(insert, 1, keys->wrapper->kek);
    db_bind_bytes(insert, 2, tag_bytes(tag));
    db_bind_bytes(insert, 3, blind_bytes(owner));
    db_bind_int(insert, 4, epoch);
    db_bind_bytes(insert, 5, esc_buf_str(&wrapped));
    status = db_execute(insert, err);
    esc_buf_done(&wrapped);
    return status;
}

const struct esc_secret *keys_for_outside(const struct keys *keys)
{
    return keys->wrapper->outside;
}

/* Opening and closing the tree */

static struct keys *keys_new(const struct keys_options *options)
{
    struct keys *keys = esc_alloc_zero(sizeof *keys);
    keys->db = options->db;
    keys->random = options->random;
    keys->budget = options->budget;
    keys->wrapper = wrapper_new(options->kek, options->kek_number, options->uuid);
    if (options->wrap)
        keys->wrapper->wrap = esc_secret_copy(options->wrap);
    keys->tags = esc_alloc_array(KNOWN_TAGS, sizeof *keys->tags);
    esc_list_init(&keys->cache, data_key_free);
    return keys;
}

struct esc_secret *keys_wrap(const struct keys *keys)
{
    return esc_secret_copy(keys->wrapper->wrap);
}

void keys_close(struct keys *keys)
{
    if (!keys)
        return;
    esc_list_done(&keys->cache);
    wrapper_free(keys->wrapper);
    esc_secret_free(keys->index);
    esc_hmac_free(keys->names);
    free(keys->tags);
    free(keys);
}

/* The secret kept under a tag of its own. */
static enum esc_status open_secret(const struct keys *keys, const struct tag *tag,
                                   struct esc_secret **out, struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *select = NULL;
    bool is_row = false;
    enum esc_status status =
        db_prepare(keys->db, "SELECT epoch, wrapped FROM keys WHERE tag = ?", &select, err);
    if (status != ESC_OK)
        return status;
    db_bind_bytes(select, 1, tag_bytes(tag));
    status = db_step(select, &is_row, err);
    if (status != ESC_OK)
        return status;
    if (!is_row)
        return esc_fail(err, ESC_NOT_FOUND, "there is no such key in the store");
    const struct purpose purpose = {*tag, nobody, db_int(select, 0)};
    return wrapper_unwrap(keys->wrapper, &purpose, db_bytes(select, 1), out, err);
}

/* Handed over. */
static void set_index(struct keys *keys, struct esc_secret *index)
{
    keys->index = index;
    keys->names = esc_hmac_new(index);
}

enum esc_status keys_start(const struct keys_options *options, struct esc_error *err)
{
    ESC_CLEANUP(keys_closep) struct keys *keys = keys_new(options);
    set_index(keys, esc_secret_random(keys->random, KEY_SIZE));
    return insert_key(keys, &index_tag, &nobody, 1, keys->index, err);
}

enum esc_status keys_open(const struct keys_options *options, struct keys **out,
                          struct esc_error *err)
{
    ESC_CLEANUP(keys_closep) struct keys *keys = keys_new(options);
    struct esc_secret *index = NULL;
    enum esc_status status = open_secret(keys, &index_tag, &index, err);
    if (status == ESC_NOT_FOUND)
        return esc_fail(err, ESC_CORRUPT, "the index key of the store is gone");
    if (status != ESC_OK)
        return status;
    set_index(keys, index);
    *out = ESC_STEAL(keys);
    return ESC_OK;
}

enum esc_status keys_secret_make(struct keys *keys, const char *purpose, struct esc_secret **out,
                                 struct esc_error *err)
{
    ESC_CLEANUP(esc_secret_freep)
    struct esc_secret *secret = esc_secret_random(keys->random, KEY_SIZE);
    enum esc_status status = keys_secret_keep(keys, purpose, secret, err);
    if (status == ESC_OK)
        *out = ESC_STEAL(secret);
    return status;
}

enum esc_status keys_secret_keep(struct keys *keys, const char *purpose,
                                 const struct esc_secret *secret, struct esc_error *err)
{
    const struct tag tag = keys_tag(keys, purpose);
    return insert_key(keys, &tag, &nobody, 1, secret, err);
}

enum esc_status keys_secret_drop(struct keys *keys, const char *purpose, struct esc_error *err)
{
    const struct tag tag = keys_tag(keys, purpose);
    ESC_CLEANUP(db_releasep) struct db_statement *delete = NULL;
    enum esc_status status = db_prepare(keys->db, "DELETE FROM keys WHERE tag = ?", &delete, err);
    if (status != ESC_OK)
        return status;
    db_bind_bytes(delete, 1, tag_bytes(&tag));
    return db_execute(delete, err);
}

enum esc_status keys_secret_open(struct keys *keys, const char *purpose, struct esc_secret **out,
                                 struct esc_error *err)
{
    const struct tag tag = keys_tag(keys, purpose);
    return open_secret(keys, &tag, out, err);
}

struct esc_secret *keys_derive(const struct keys *keys, const char *purpose)
{
    return esc_derive(keys->index, purpose,
                      bytes_of(keys->wrapper->uuid.bytes, sizeof keys->wrapper->uuid.bytes),
                      KEY_SIZE);
}

/* Data keys */

static void forget(struct keys *keys, bool (*is_over)(const struct data_key *, const void *),
                   const void *context)
{
    for (size_t i = keys->cache.count; i-- > 0;)
        if (is_over(keys->cache.items[i], context))
            data_key_free(esc_list_remove(&keys->cache, i));
}

/* What may leave the cache at any time: conversations can be many. */
static bool is_spare(const struct data_key *key, const void *)
{
    return !is_same_blind(&key->owner, &nobody) && !key->is_fresh && !key->is_dirty;
}

/* Takes the key in the row of `select` (key_id, tag, owner, epoch, seals, wrapped) to the cache. */
static enum esc_status take_key(struct keys *keys, const struct db_statement *select,
                                struct data_key **out, struct esc_error *err)
{
    struct esc_str tag = db_bytes(select, 1), owner = db_bytes(select, 2);
    if (tag.len != TAG_SIZE || owner.len != BLIND_SIZE)
        return esc_fail(err, ESC_CORRUPT, "a key in the store is damaged");
    ESC_CLEANUP(esc_freep) struct data_key *key = esc_alloc_zero(sizeof *key);
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *secret = NULL;
    key->id = db_int(select, 0);
    memcpy(key->tag.bytes, tag.ptr, TAG_SIZE);
    memcpy(key->owner.bytes, owner.ptr, BLIND_SIZE);
    key->epoch = db_int(select, 3);
    key->seals = (uint64_t)db_int(select, 4);
    const struct purpose purpose = {key->tag, key->owner, key->epoch};
    enum esc_status status =
        wrapper_unwrap(keys->wrapper, &purpose, db_bytes(select, 5), &secret, err);
    if (status != ESC_OK)
        return status;
    key->sealer = esc_sealer_new(secret);
    *out = key;
    if (keys->cache.count >= CACHE_MAX)
        forget(keys, is_spare, NULL);
    esc_list_push(&keys->cache, ESC_STEAL(key));
    return ESC_OK;
}

enum esc_status keys_for_opening(struct keys *keys, int64_t key_id, struct data_key **out,
                                 struct esc_error *err)
{
    for (size_t i = 0; i < keys->cache.count; i++) {
        struct data_key *key = keys->cache.items[i];
        if (key->id == key_id) {
            *out = key;
            return ESC_OK;
        }
    }
    ESC_CLEANUP(db_releasep) struct db_statement *select = NULL;
    bool is_row = false;
    enum esc_status status = db_prepare(
        keys->db, "SELECT key_id, tag, owner, epoch, seals, wrapped FROM keys WHERE key_id = ?",
        &select, err);
    if (status != ESC_OK)
        return status;
    db_bind_int(select, 1, key_id);
    status = db_step(select, &is_row, err);
    if (status != ESC_OK)
        return status;
    if (!is_row)
        return esc_fail(err, ESC_CORRUPT, "its key is not in the store");
    return take_key(keys, select, out, err);
}

static bool may_seal(const struct keys *keys, const struct data_key *key)
{
    return key && key->seals < keys->budget && key->id > keys->retired;
}

/* The newest key for a purpose, from the cache or the table; *out is NULL when there is none. */
static enum esc_status newest_key(struct keys *keys, const struct tag *tag,
                                  const struct blind *owner, struct data_key **out,
                                  struct esc_error *err)
{
    struct data_key *newest = NULL;
    for (size_t i = 0; i < keys->cache.count; i++) {
        struct data_key *key = keys->cache.items[i];
        if (is_same_tag(&key->tag, tag) && is_same_blind(&key->owner, owner) &&
            (!newest || key->epoch > newest->epoch))
            newest = key;
    }
    *out = newest;
    if (may_seal(keys, newest))
        return ESC_OK; /* only what seals no more can have a successor */
    ESC_CLEANUP(db_releasep) struct db_statement *select = NULL;
    bool is_row = false;
    enum esc_status status = db_prepare(keys->db,
                                        "SELECT key_id FROM keys WHERE tag = ? AND owner = ?"
                                        " ORDER BY epoch DESC LIMIT 1",
                                        &select, err);
    if (status != ESC_OK)
        return status;
    db_bind_bytes(select, 1, tag_bytes(tag));
    db_bind_bytes(select, 2, blind_bytes(owner));
    status = db_step(select, &is_row, err);
    return status == ESC_OK && is_row ? keys_for_opening(keys, db_int(select, 0), out, err)
                                      : status;
}

static enum esc_status make_key(struct keys *keys, const struct tag *tag, const struct blind *owner,
                                int64_t epoch, struct data_key **out, struct esc_error *err)
{
    ESC_CLEANUP(esc_secret_freep)
    struct esc_secret *secret = esc_secret_random(keys->random, KEY_SIZE);
    enum esc_status status = insert_key(keys, tag, owner, epoch, secret, err);
    if (status == ESC_OK)
        status = keys_for_opening(keys, db_last_id(keys->db), out, err);
    if (status == ESC_OK)
        (*out)->is_fresh = true;
    return status;
}

enum esc_status keys_for_sealing(struct keys *keys, struct tag tag, const struct blind *owner,
                                 struct data_key **out, struct esc_error *err)
{
    ESC_ASSERT(db_in_transaction(keys->db));
    struct data_key *key = NULL;
    const struct blind *whose = owner ? owner : &nobody;
    enum esc_status status = newest_key(keys, &tag, whose, &key, err);
    if (status == ESC_OK && !may_seal(keys, key))
        status = make_key(keys, &tag, whose, key ? key->epoch + 1 : 1, &key, err);
    if (status != ESC_OK)
        return status;
    key->seals++;
    key->is_dirty = true;
    *out = key;
    return ESC_OK;
}

static bool is_of(const struct data_key *key, const void *owner)
{
    return is_same_blind(&key->owner, owner);
}

enum esc_status keys_destroy(struct keys *keys, const struct blind *owner, struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *delete = NULL;
    enum esc_status status = db_prepare(keys->db, "DELETE FROM keys WHERE owner = ?", &delete, err);
    if (status != ESC_OK)
        return status;
    ESC_ASSERT(!is_same_blind(owner, &nobody));
    db_bind_bytes(delete, 1, blind_bytes(owner));
    forget(keys, is_of, owner);
    return db_execute(delete, err);
}

/* Another KEK, another generation */

const struct wrapper *keys_wrapper(const struct keys *keys)
{
    return keys->wrapper;
}

void keys_adopt(struct keys *keys, struct wrapper *wrapper)
{
    wrapper_free(keys->wrapper);
    keys->wrapper = wrapper;
}

void keys_retire(struct keys *keys, int64_t up_to)
{
    keys->retired = up_to;
}

static bool is_any(const struct data_key *, const void *)
{
    return true;
}

void keys_forget(struct keys *keys)
{
    forget(keys, is_any, NULL);
}

/* Around transactions */

enum esc_status keys_before_commit(struct keys *keys, struct esc_error *err)
{
    for (size_t i = 0; i < keys->cache.count; i++) {
        const struct data_key *key = keys->cache.items[i];
        if (!key->is_dirty)
            continue;
        ESC_CLEANUP(db_releasep) struct db_statement *update = NULL;
        enum esc_status status = db_prepare(
            keys->db, "UPDATE keys SET seals = max(seals, ?) WHERE key_id = ?", &update, err);
        if (status != ESC_OK)
            return status;
        db_bind_int(update, 1, (int64_t)key->seals);
        db_bind_int(update, 2, key->id);
        status = db_execute(update, err);
        if (status != ESC_OK)
            return status;
    }
    return ESC_OK;
}

void keys_after_commit(struct keys *keys)
{
    for (size_t i = 0; i < keys->cache.count; i++) {
        struct data_key *key = keys->cache.items[i];
        key->is_fresh = key->is_dirty = false;
    }
}

static bool was_made(const struct data_key *key, const void *)
{
    return key->is_fresh;
}

/* Seals that were undone stay counted: what they made may have reached the disk. */
void keys_after_rollback(struct keys *keys)
{
    forget(keys, was_made, NULL);
}
