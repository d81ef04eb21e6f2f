/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Opening a store: which state are file and key in?
 *
 *                          is the file there?
 *              no ┌────────────────┴───────────────┐ yes
 *          key in the keyring?          a code given? ──yes──▶ it opens ──▶ OPEN
 *        no │      yes │  unknown │                │ no
 *           ▼          ▼          │           key in the keyring?
 *        CREATE     RESTORE       │     fits │   unknown │     no or another │
 *      both, read  the store is   │          ▼           ▼                   ▼
 *      back first  lost, or none ─┴──▶     OPEN        LOCKED            RECOVERY
 *                  of the key's
 *
 *     file  key in the keyring   what happens
 *     ────  ──────────────────   ──────────────────────────────────────────────────────────────
 *     no    no                   create both, when asked to; read the key back before it counts
 *     yes   fits                 open; with a passphrase mixed in, item and passphrase together
 *     yes   locked, no answer    ESC_LOCKED, _TIMEOUT, _UNAVAILABLE: nothing is known about the key
 *     yes   fits, passphrase not ESC_LOCKED: none was given, or another
 *     yes   no                   ESC_CORRUPT "no key fits": recovery (key_change.h, ESC_KEY_MOVE)
 *     yes   does not fit         ESC_CORRUPT "the key does not fit": another key, or another store
 *     no    yes                  ESC_CONFLICT: restore, or delete the key
 *     yes   any, with a code     open by the recovery code; the keyring is asked for nothing
 * Only the first two write. Until the key fits, the file is only looked at (DB_PEEK).
 *
 * Creating is one step for whoever looks later: the store is made complete beside its place
 * (".new"), then the key goes to the keyring and is read back, then the file is renamed. Killed
 * in between, the next opening finds ".new": it takes it over when the key in the keyring fits,
 * and makes a new one when the keyring has none.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/store/blocks_private.h"
#include "escher/store/key_slots_private.h"
#include "escher/store/recovery.h"
#include "escher/store/rotation_private.h"
#include "escher/store/store_private.h"

/* One opening on its way. */
struct opening {
    const struct esc_store_options *options;
    const struct esc_secret *kek; /* known already; NULL: to be found */
    const struct esc_clock *clock;
    const struct esc_random *random;
    struct esc_argon2 price;
    int64_t left_slot; /* which opened instead of the one that should; 0: none */
    char *pending;     /* path + ".new" */
    char keyring[128]; /* described for people */
    int lock_fd;
};

static void opening_done(struct opening *opening)
{
    free(opening->pending);
    esc_fd_close(&opening->lock_fd);
}

static void opening_init(struct opening *opening, const struct esc_store_options *options)
{
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_NAME);
    esc_keyring_describe(options->keyring, &text);
    *opening = (struct opening){.options = options, .lock_fd = -1};
    opening->clock = options->clock ? options->clock : esc_clock_system();
    opening->random = options->random ? options->random : esc_random_system();
    opening->price = options->price.passes ? options->price : esc_argon2_default();
    opening->pending = esc_sprintf("%s.new", options->path);
    (void)snprintf(opening->keyring, sizeof opening->keyring, "%s", esc_buf_text(&text));
    esc_buf_done(&text);
}

/* The lock */

enum esc_status store_lock(const char *path, int *out, struct esc_error *err)
{
    ESC_CLEANUP(esc_fd_close) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return esc_fail(err, ESC_IO, "%s: %s", path, strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            return esc_fail(err, ESC_LOCKED,
                            "another Escher holds the store (`escher core stop` ends a "
                            "core that does): %s",
                            path);
        return esc_fail(err, ESC_IO, "%s cannot be locked: %s", path, strerror(errno));
    }
    *out = fd;
    fd = -1;
    return ESC_OK;
}

/* The key */

static enum esc_status get_key(const struct opening *opening, const char *item,
                               struct esc_secret **out, struct esc_error *err)
{
    enum esc_status status = esc_keyring_get(opening->options->keyring, item, out, err);
    if (status == ESC_OK && esc_str_is(esc_secret_view(*out), ITEM_MARK)) {
        esc_secret_free(ESC_STEAL(*out));
        return esc_fail(err, ESC_CONFLICT,
                        "%s had the key of a store here, and has it under another name: restore "
                        "the store, or delete the item `%s`",
                        opening->keyring, item);
    }
    if (status == ESC_OK && esc_secret_len(*out) != ESC_SEAL_KEY) {
        esc_secret_free(ESC_STEAL(*out));
        return esc_fail(err, ESC_CORRUPT, "the key `%s` in %s is not a key of ours", item,
                        opening->keyring);
    }
    return status;
}

/* The KEK by the recovery code, which needs no keyring. */
static enum esc_status get_key_by_code(const struct opening *opening, struct esc_secret **out,
                                       struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *slots = NULL;
    enum esc_status status = esc_store_peek_slots(opening->options->path, &slots, err);
    if (status != ESC_OK)
        return status;
    status = esc_slots_open_with_code(slots, opening->options->code, out, err);
    if (status == ESC_NOT_FOUND)
        return esc_fail(err, ESC_CORRUPT, "this store was never given a recovery code");
    return status;
}

/* The row of a slot as the head of a store would have it. */
static bool read_row(const struct esc_json *row, const struct header *header, struct header *out)
{
    char sealed[sizeof out->mixed.sealed];
    const struct esc_str hex = esc_json_value(esc_json_member(row, "sealed"));
    const struct esc_json *params = esc_json_member(row, "params");
    ESC_CLEANUP(esc_freep)
    char *text = params ? esc_json_print(params, ESC_JSON_COMPACT) : esc_strdup("");
    *out = *header;
    const int len =
        snprintf(out->key_name, sizeof out->key_name, "%s", esc_json_str(row, "item", ""));
    return len > 0 && (size_t)len < sizeof out->key_name && hex.len / 2 <= sizeof sealed &&
           esc_hex_parse(hex, sealed, hex.len / 2) && esc_json_num(row, "kek", 0) == header->kek &&
           esc_text_equal(esc_json_str(row, "keyring", NULL), header->keyring) &&
           mixed_read(esc_str_of(text), (struct esc_str){sealed, hex.len / 2}, &out->mixed);
}

/* When the power went, the keyring may have lost the last item that was put into it: then the one
 * that it took the place of, which is to be deleted, has the same KEK. */
static enum esc_status get_left_key(struct opening *opening, const struct header *header,
                                    struct esc_secret **out, struct esc_error *err)
{
    ESC_CLEANUP(db_closep) struct db *db = NULL;
    ESC_CLEANUP(esc_json_freep) struct esc_json *rows = NULL;
    enum esc_status status = db_open(opening->options->path, DB_PEEK, &db, err);
    if (status == ESC_OK)
        status = key_slots_read(db, SLOT_LEAVING, &rows, err);
    if (status != ESC_OK)
        return status;
    for (size_t i = 0; i < esc_json_len(rows); i++) {
        struct header left;
        ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = NULL;
        const struct esc_json *row = esc_json_at(rows, i);
        if (read_row(row, header, &left) && get_key(opening, left.key_name, &key, NULL) == ESC_OK &&
            mixed_open(&left, key, opening->options->passphrase, out, NULL) == ESC_OK) {
            opening->left_slot = esc_json_num(row, "slot", 0);
            return ESC_OK;
        }
    }
    return esc_fail(err, ESC_CORRUPT,
                    "no key fits: the key `%s` of this store is no longer in %s;"
                    " `escher key recovery --restore` brings it back",
                    header->key_name, opening->keyring);
}

/* The slot that opened is the one that opens from now on. */
static enum esc_status take_left_slot(const struct opening *opening, struct esc_store *store,
                                      struct esc_error *err)
{
    struct write write;
    if (!opening->left_slot)
        return ESC_OK;
    enum esc_status status = write_begin(store, &write, err);
    if (status != ESC_OK)
        return status;
    status = key_slots_delete(store->db, SLOT_KEYRING, err);
    if (status == ESC_OK)
        status = key_slots_take_up(store->db, opening->left_slot, err);
    return write_end(&write, status, err);
}

/* The KEK that fits @p header, or why there is none. */
static enum esc_status get_fitting_key(struct opening *opening, const struct header *header,
                                       struct esc_secret **out, struct esc_error *err)
{
    if (opening->kek) {
        *out = esc_secret_copy(opening->kek);
        return header_fits(header, *out)
                   ? ESC_OK
                   : esc_fail(err, ESC_CORRUPT, "the key does not fit the store");
    }
    const char *name = esc_keyring_name(opening->options->keyring);
    if (opening->options->code)
        return get_key_by_code(opening, out, err);
    if (strcmp(header->keyring, name) != 0)
        return esc_fail(err, ESC_INVALID, "the key of this store is kept in `%s`, not in `%s`",
                        header->keyring, name);
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = NULL;
    enum esc_status status = get_key(opening, header->key_name, &key, err);
    if (status == ESC_NOT_FOUND)
        return get_left_key(opening, header, out, err);
    if (status != ESC_OK)
        return esc_wrap(err, status, "key of the store");
    status = mixed_open(header, key, opening->options->passphrase, out, err);
    return status == ESC_LOCKED ? esc_wrap(err, status, "key of the store") : status;
}

/* Making a store */

static enum esc_status remove_pending(const struct opening *opening, struct esc_error *err)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    enum esc_status status = ESC_OK;
    for (size_t i = 0; i < ESC_COUNT(ends) && status == ESC_OK; i++) {
        ESC_CLEANUP(esc_freep) char *path = esc_sprintf("%s%s", opening->pending, ends[i]);
        status = esc_file_remove(path, err);
    }
    return status;
}

static struct keys_options keys_options_of(const struct opening *opening, struct db *db,
                                           const struct header *header,
                                           const struct esc_secret *kek)
{
    const uint64_t budget = opening->options->seal_budget;
    return (struct keys_options){.db = db,
                                 .uuid = header->uuid,
                                 .kek = kek,
                                 .kek_number = header->kek,
                                 .random = opening->random,
                                 .budget = budget ? budget : ESC_SEAL_BUDGET};
}

static enum esc_status write_keyring_slot(const struct opening *opening, struct db *db,
                                          const struct header *header, struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *params = mixed_params(&header->mixed);
    const struct slot slot = {.kind = SLOT_KEYRING,
                              .kek = header->kek,
                              .keyring = header->keyring,
                              .item = header->key_name,
                              .params = params,
                              .sealed = mixed_sealed(&header->mixed)};
    return key_slot_insert(db, &slot, esc_clock_wall_ms(opening->clock), err);
}

/* The slot of the code that is given, in place of any other; the keys are there already. */
static enum esc_status write_code_slot(const struct opening *opening, struct db *db,
                                       const struct header *header, const struct esc_secret *kek,
                                       struct esc_error *err)
{
    struct recovery recovery;
    struct keys *keys = NULL;
    const struct keys_options options = keys_options_of(opening, db, header, kek);
    enum esc_status status = keys_open(&options, &keys, err);
    if (status == ESC_OK)
        status = recovery_write(db, keys, NULL, header, 0, err);
    if (status == ESC_OK && opening->options->new_code) {
        status = recovery_make(opening->options->new_code, kek, header, opening->price,
                               opening->random, &recovery, err);
        if (status == ESC_OK)
            status =
                recovery_write(db, keys, &recovery, header, esc_clock_wall_ms(opening->clock), err);
        recovery_done(&recovery);
    }
    keys_close(keys);
    return status;
}

static enum esc_status fill(const struct opening *opening, struct db *db,
                            const struct header *header, const struct esc_secret *kek,
                            struct esc_error *err)
{
    const struct keys_options options = keys_options_of(opening, db, header, kek);
    enum esc_status status = db_run(db, "BEGIN IMMEDIATE", err);
    if (status == ESC_OK)
        status = header_write(db, header, esc_clock_wall_ms(opening->clock), err);
    if (status == ESC_OK)
        status = write_keyring_slot(opening, db, header, err);
    if (status == ESC_OK)
        status = keys_start(&options, err);
    if (status == ESC_OK)
        status = write_code_slot(opening, db, header, kek, err);
    if (status == ESC_OK)
        status = db_run(db, "COMMIT", err);
    return status;
}

/* The header of a new store. @p item is what goes to the keyring: the KEK, or its half. */
static enum esc_status new_header(const struct opening *opening, const struct esc_secret *kek,
                                  const struct esc_secret *item, struct header *out,
                                  struct esc_error *err)
{
    const char *keyring = esc_keyring_name(opening->options->keyring);
    const char *name = opening->options->key_name;
    *out = (struct header){.format = STORE_FORMAT, .kek = 1};
    if (strlen(keyring) >= sizeof out->keyring || strlen(name) >= sizeof out->key_name)
        return esc_fail(err, ESC_INVALID, "the name of the key is too long");
    out->uuid = esc_uuid_v4(opening->random);
    header_check_value(kek, out->uuid, out->check);
    memcpy(out->keyring, keyring, strlen(keyring));
    memcpy(out->key_name, name, strlen(name));
    if (!opening->options->passphrase)
        return ESC_OK;
    return mixed_make(out, kek, item, opening->options->passphrase, opening->price, opening->random,
                      &out->mixed, err);
}

/* A complete store in the pending file, closed again. */
static enum esc_status make_pending(const struct opening *opening, const struct esc_secret *item,
                                    struct esc_error *err)
{
    struct header header;
    ESC_CLEANUP(esc_secret_freep)
    struct esc_secret *kek = opening->options->passphrase
                                 ? esc_secret_random(opening->random, ESC_SEAL_KEY)
                                 : esc_secret_copy(item);
    enum esc_status status = new_header(opening, kek, item, &header, err);
    if (status == ESC_OK)
        status = remove_pending(opening, err);
    if (status == ESC_OK)
        status = esc_file_make_empty(opening->pending, err);
    if (status != ESC_OK)
        return status;
    ESC_CLEANUP(db_closep) struct db *db = NULL;
    status = db_open(opening->pending, DB_CREATE, &db, err);
    if (status == ESC_OK)
        status = fill(opening, db, &header, kek, err);
    /* Only the file is renamed, so it must not need its log; closing would not tell a failure. */
    return status == ESC_OK ? db_scrub(db, err) : status;
}

/* Renames the pending store to its place, durably. */
static enum esc_status settle(const struct opening *opening, struct esc_error *err)
{
    return esc_file_move(opening->pending, opening->options->path, err);
}

static enum esc_status put_key(const struct opening *opening, const struct esc_secret *item,
                               struct esc_error *err)
{
    const enum esc_status status =
        esc_keyring_keep(opening->options->keyring, opening->options->key_name, item, err);
    return status == ESC_OK ? ESC_OK
                            : esc_wrap(err, status, "%s does not keep the key", opening->keyring);
}

/* Neither store nor key is there. */
static enum esc_status create(const struct opening *opening, struct esc_error *err)
{
    ESC_CLEANUP(esc_secret_freep)
    struct esc_secret *item = esc_secret_random(opening->random, ESC_SEAL_KEY), *kept = NULL;
    enum esc_status status = make_pending(opening, item, err);
    if (status == ESC_OK)
        status = put_key(opening, item, err);
    if (status == ESC_OK)
        return settle(opening, err);
    /* The pending file goes only when it is certain that its key is not in the keyring. */
    if (get_key(opening, opening->options->key_name, &kept, NULL) == ESC_NOT_FOUND)
        (void)remove_pending(opening, NULL); /* the next creation removes it again */
    return status;
}

/* The code of a creation that was cut off was shown to nobody: now it is the one that is given. */
static enum esc_status renew_code(const struct opening *opening, const struct header *header,
                                  const struct esc_secret *kek, struct esc_error *err)
{
    ESC_CLEANUP(db_closep) struct db *db = NULL;
    enum esc_status status = db_open(opening->pending, DB_OPEN, &db, err);
    if (status == ESC_OK)
        status = db_run(db, "BEGIN IMMEDIATE", err);
    if (status == ESC_OK)
        status = write_code_slot(opening, db, header, kek, err);
    if (status == ESC_OK)
        status = db_run(db, "COMMIT", err);
    return status == ESC_OK ? db_scrub(db, err) : status;
}

/* There is a key and no store: either a creation was cut off, or the store is lost. A pending
 * store whose key is in the keyring is complete: the key went there after it was closed. */
static enum esc_status take_over(const struct opening *opening, const struct esc_secret *item,
                                 struct esc_error *err)
{
    struct header header;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *kek = NULL;
    enum esc_status status = esc_file_exists(opening->pending)
                                 ? header_peek(opening->pending, &header, NULL)
                                 : ESC_NOT_FOUND;
    if (status == ESC_OK)
        status = mixed_open(&header, item, opening->options->passphrase, &kek, err);
    if (status == ESC_LOCKED)
        return status;
    if (status != ESC_OK)
        return esc_fail(
            err, ESC_CONFLICT,
            "%s has the key `%s`, but its store is not at %s: restore it, or delete the key",
            opening->keyring, opening->options->key_name, opening->options->path);
    status = renew_code(opening, &header, kek, err);
    return status == ESC_OK ? settle(opening, err) : status;
}

static enum esc_status make(const struct opening *opening, struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *log = esc_sprintf("%s-wal", opening->options->path);
    if (esc_file_exists(log))
        return esc_fail(err, ESC_CONFLICT, "%s is there without its store", log);
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = NULL;
    enum esc_status status = get_key(opening, opening->options->key_name, &key, err);
    if (status == ESC_NOT_FOUND)
        return create(opening, err);
    return status == ESC_OK ? take_over(opening, key, err)
                            : esc_wrap(err, status, "key of the store");
}

/* Opening one that is there */

/* An older format becomes ours in one transaction: whoever is killed in it finds the older one. */
static enum esc_status bring_up(struct db *db, const struct header *header, struct esc_error *err)
{
    if (header->format == STORE_FORMAT)
        return ESC_OK;
    enum esc_status status = db_run(db, "BEGIN IMMEDIATE", err);
    if (status == ESC_OK)
        status = header_bring_up(db, header->format, err);
    if (status == ESC_OK)
        status = db_run(db, "COMMIT", err);
    return status == ESC_OK
               ? ESC_OK
               : esc_wrap(err, status, "the store of format %u cannot be brought to format %u",
                          header->format, STORE_FORMAT);
}

/* Nothing is written to a copy that is older than the last one seen. */
static enum esc_status open_state(struct esc_store *store, const struct esc_store_options *options,
                                  struct esc_error *err)
{
    bool is_there = false;
    enum esc_status status = state_open(store, &is_there, err);
    if (status == ESC_OK)
        status = anchor_check(store, options, err);
    if (status == ESC_CORRUPT && options->accept_older)
        status = ESC_OK;
    return status == ESC_OK && !is_there ? state_adopt(store, err) : status;
}

/* The disk is full in the middle of a transaction. */
static bool make_room(void *context)
{
    struct esc_store *store = context;
    return store->may_spend && ballast_spend(&store->ballast);
}

static enum esc_status open_existing(struct opening *opening, struct esc_store **out,
                                     struct esc_error *err)
{
    struct header header;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *kek = NULL;
    ESC_CLEANUP(db_closep) struct db *db = NULL;
    struct keys *keys = NULL;
    enum esc_status status = header_peek(opening->options->path, &header, err);
    if (status == ESC_OK)
        status = get_fitting_key(opening, &header, &kek, err);
    if (status == ESC_OK)
        status = anchor_check_format(&header, opening->options, err);
    if (status == ESC_OK)
        status = db_open(opening->options->path, DB_OPEN, &db, err);
    if (status == ESC_OK)
        status = bring_up(db, &header, err);
    if (status != ESC_OK)
        return status;
    const struct keys_options options = keys_options_of(opening, db, &header, kek);
    status = keys_open(&options, &keys, err);
    if (status != ESC_OK)
        return status;
    struct esc_store *store =
        store_new(ESC_STEAL(db), keys, header.uuid, opening->clock, opening->random);
    store->lock_fd = opening->lock_fd;
    opening->lock_fd = -1;
    store->is_by_code = opening->options->code || opening->kek;
    status = rotation_load(store, err);
    if (status == ESC_OK)
        status = open_state(store, opening->options, err);
    if (status == ESC_OK)
        status = take_left_slot(opening, store, err);
    if (status != ESC_OK) {
        esc_store_close(store);
        return status;
    }
    ballast_open(&store->ballast, opening->options->ballast_path, opening->options->ballast_size);
    db_on_full(store->db, make_room, store);
    *out = store;
    return ESC_OK;
}

static enum esc_status open_at(struct opening *opening, struct esc_store **out,
                               struct esc_error *err)
{
    const struct esc_store_options *options = opening->options;
    if (!options->create && !esc_file_exists(options->path))
        return esc_fail(err, ESC_NOT_FOUND, "there is no store at %s", options->path);
    enum esc_status status = ESC_OK;
    if (options->create)
        status = esc_file_make_folder_of(options->path, err);
    if (status == ESC_OK && options->create)
        status = esc_file_make_folder_of(options->lock_path, err);
    if (status == ESC_OK)
        status = store_lock(options->lock_path, &opening->lock_fd, err);
    if (status == ESC_OK && !esc_file_exists(options->path)) {
        if (!options->create)
            return esc_fail(err, ESC_NOT_FOUND, "there is no store at %s", options->path);
        status = make(opening, err);
    }
    return status == ESC_OK ? open_existing(opening, out, err) : status;
}

enum esc_status esc_store_open(const struct esc_store_options *options, struct esc_store **out,
                               struct esc_error *err)
{
    struct opening opening;
    opening_init(&opening, options);
    enum esc_status status = open_at(&opening, out, err);
    opening_done(&opening);
    return status;
}

enum esc_status store_open_by_kek(const struct esc_store_options *options,
                                  const struct esc_secret *kek, struct esc_store **out,
                                  struct esc_error *err)
{
    struct opening opening;
    opening_init(&opening, options);
    opening.kek = kek;
    enum esc_status status = open_at(&opening, out, err);
    opening_done(&opening);
    return status;
}

void esc_store_close(struct esc_store *store)
{
    if (!store)
        return;
    esc_store_rollback(store);
    keys_close(store->keys);
    db_close(store->db);
    state_close(store->state);
    ballast_close(&store->ballast);
    esc_map_free(store->seen);
    esc_map_free(store->records);
    blocks_free(store->blocks);
    esc_fd_close(&store->lock_fd); /* last: whoever waits for it finds the file closed */
    free(store);
}
