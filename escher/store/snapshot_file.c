/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/crypt/derive.h"
#include "escher/crypt/digest.h"
#include "escher/crypt/frames.h"
#include "escher/store/joined_private.h"
#include "escher/store/recovery.h"
#include "escher/store/rotation_private.h"
#include "escher/store/snapshot_private.h"

/*
 *     "ESCB" | format 1 (1 byte) | length of the page (4 bytes, little-endian) | page (JSON)
 *     then crypt/frames, bound to all of the above: the store's file | manifest (JSON)
 *
 * The page says where the store's file ends and the manifest begins.
 */

enum {
    FIXED = 4 + 1 + 4,
    PAGE_MAX = 256 * 1024,
    MANIFEST_MAX = 1024 * 1024,
};
static const char magic[4] = {'E', 'S', 'C', 'B'};

static const char purpose[] = "backup";
static const char one_backup[] = "backup file";

/* Head */

void backup_head_done(struct backup_head *head)
{
    esc_json_free(head->page);
    head->page = NULL;
    esc_buf_done(&head->bytes);
}

void backup_head_write(struct backup_head *head)
{
    char id[ESC_UUID_TEXT], len[4];
    esc_uuid_format(head->id, id);
    esc_json_set_text(head->page, "id", id);
    esc_json_set_int(head->page, "store_format", STORE_FORMAT);
    esc_json_set_int(head->page, "made_at_ms", (int64_t)head->facts.made_at_ms);
    esc_json_set_text(head->page, "made_by", head->facts.made_by);
    esc_json_set_int(head->page, "plain_size", (int64_t)head->facts.plain_size);
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(head->page, ESC_JSON_COMPACT);
    esc_store_u32(len, (uint32_t)strlen(text));
    esc_buf_init(&head->bytes, FIXED + PAGE_MAX);
    esc_buf_append(&head->bytes, magic, sizeof magic);
    esc_buf_add_char(&head->bytes, BACKUP_FORMAT);
    esc_buf_append(&head->bytes, len, sizeof len);
    esc_buf_add_text(&head->bytes, text);
}

/* Exactly @p len bytes; false at an early end. */
static bool read_exactly(int fd, size_t len, struct esc_buf *out)
{
    char bytes[16 * 1024];
    while (len) {
        const ssize_t got = read(fd, bytes, len < sizeof bytes ? len : sizeof bytes);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        esc_buf_append(out, bytes, (size_t)got);
        len -= (size_t)got;
    }
    return true;
}

static bool take_page(struct backup_head *head)
{
    const struct esc_json *page = head->page;
    const int64_t made_at = esc_json_num(page, "made_at_ms", -1);
    const int64_t size = esc_json_num(page, "plain_size", -1);
    head->facts.kek = esc_json_num(page, "kek", 0);
    head->facts.made_at_ms = (uint64_t)made_at;
    head->facts.plain_size = (uint64_t)size;
    (void)snprintf(head->facts.made_by, sizeof head->facts.made_by, "%s",
                   esc_json_str(page, "made_by", "")); /* cut when longer */
    const struct esc_str check = esc_json_value(esc_json_member(page, "check"));
    if (made_at < 0 || size < 0 || head->facts.kek < 1 ||
        !esc_hex_parse(check, head->check, CHECK_SIZE) ||
        !esc_uuid_parse(esc_str_of(esc_json_str(page, "store_id", "")), &head->store) ||
        !esc_uuid_parse(esc_str_of(esc_json_str(page, "id", "")), &head->id))
        return false;
    esc_uuid_format(head->store, head->facts.store_id);
    esc_uuid_format(head->id, head->facts.id);
    return true;
}

static enum esc_status parse_page(struct backup_head *head, const char *path, struct esc_error *err)
{
    const struct esc_json_limits limits = {PAGE_MAX, 16};
    const struct esc_str text = esc_str_slice(esc_buf_str(&head->bytes), FIXED, head->bytes.len);
    enum esc_status status = esc_json_parse(text, &limits, &head->page, NULL);
    if (status == ESC_OK && esc_json_num(head->page, "store_format", 0) > STORE_FORMAT)
        return esc_fail(err, ESC_CONFLICT, "%s was written by a newer Escher", path);
    if (status != ESC_OK || !take_page(head))
        return esc_fail(err, ESC_CORRUPT, "the head of %s is damaged", path);
    return ESC_OK;
}

static enum esc_status read_head(int fd, const char *path, struct backup_head *head,
                                 struct esc_error *err)
{
    if (!read_exactly(fd, FIXED, &head->bytes) || memcmp(head->bytes.ptr, magic, sizeof magic) != 0)
        return esc_fail(err, ESC_CORRUPT, "%s is not a backup of Escher", path);
    if (head->bytes.ptr[4] != BACKUP_FORMAT)
        return esc_fail(err, ESC_CONFLICT, "%s was written by a newer Escher (format %u)", path,
                        (unsigned)(unsigned char)head->bytes.ptr[4]);
    const uint32_t len = esc_load_u32(head->bytes.ptr + 5);
    if (len > PAGE_MAX || !read_exactly(fd, len, &head->bytes))
        return esc_fail(err, ESC_CORRUPT, "the head of %s is damaged", path);
    return parse_page(head, path, err);
}

enum esc_status backup_head_read(int fd, const char *path, struct backup_head *out,
                                 struct esc_error *err)
{
    struct backup_head head = {0};
    esc_buf_init(&head.bytes, FIXED + PAGE_MAX);
    const enum esc_status status = read_head(fd, path, &head, err);
    if (status == ESC_OK)
        *out = head;
    else
        backup_head_done(&head);
    return status;
}

static enum esc_status open_backup(const char *path, int *out, struct esc_error *err)
{
    *out = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (*out >= 0)
        return ESC_OK;
    return esc_fail(err, errno == ENOENT ? ESC_NOT_FOUND : ESC_IO, "%s: %s", path, strerror(errno));
}

enum esc_status esc_backup_peek(const char *path, struct esc_backup_facts *facts,
                                struct esc_json **slots, struct esc_error *err)
{
    ESC_CLEANUP(esc_fd_close) int fd = -1;
    struct backup_head head = {0};
    enum esc_status status = open_backup(path, &fd, err);
    if (status == ESC_OK)
        status = backup_head_read(fd, path, &head, err);
    if (status != ESC_OK)
        return status;
    const off_t size = lseek(fd, 0, SEEK_END);
    *facts = head.facts;
    facts->size = size < 0 ? 0 : (uint64_t)size;
    if (slots)
        *slots = ESC_STEAL(head.page);
    backup_head_done(&head);
    return ESC_OK;
}

/* Keys */

enum esc_status esc_backup_opener_of_store(const struct esc_store *store,
                                           struct esc_backup_opener **out, struct esc_error *err)
{
    struct header header;
    enum esc_status status = header_read(store->db, &header, err);
    if (status != ESC_OK)
        return status;
    struct esc_backup_opener *opener = esc_alloc_zero(sizeof *opener);
    opener->root = esc_store_kek_derive(store, purpose, ESC_STR(""), BACKUP_KEY);
    opener->wrap = keys_wrap(store->keys);
    memcpy(opener->check, header.check, CHECK_SIZE);
    opener->number = header.kek;
    *out = opener;
    return ESC_OK;
}

enum esc_status esc_backup_opener_of_earlier(struct esc_store *store, int64_t kek,
                                             struct esc_backup_opener **out, struct esc_error *err)
{
    ESC_CLEANUP(esc_backup_opener_freep)
    struct esc_backup_opener *opener = esc_alloc_zero(sizeof *opener);
    opener->number = kek;
    enum esc_status status = rotation_check_of(store, kek, opener->check, err);
    if (status == ESC_OK)
        status = esc_store_old_kek_derive(store, kek, purpose, ESC_STR(""), BACKUP_KEY,
                                          &opener->root, err);
    if (status == ESC_OK)
        status = rotation_wrap_of(store, kek, &opener->wrap, err);
    if (status == ESC_OK)
        *out = ESC_STEAL(opener);
    return status;
}

struct esc_backup_opener *esc_backup_opener_of_kek(const struct esc_secret *kek)
{
    struct esc_backup_opener *opener = esc_alloc_zero(sizeof *opener);
    opener->root = esc_kek_derive(kek, purpose, ESC_STR(""), BACKUP_KEY);
    opener->kek = esc_secret_copy(kek);
    return opener;
}

int64_t esc_backup_opener_kek(const struct esc_backup_opener *opener)
{
    return opener->number;
}

void esc_backup_opener_free(struct esc_backup_opener *opener)
{
    if (!opener)
        return;
    esc_secret_free(opener->root);
    esc_secret_free(opener->wrap);
    esc_secret_free(opener->kek);
    free(opener);
}

enum esc_status backup_key(const struct esc_backup_opener *opener, const struct backup_head *head,
                           struct esc_secret **out, struct esc_error *err)
{
    uint8_t check[CHECK_SIZE];
    if (opener->kek)
        header_check_value(opener->kek, head->store, check);
    else
        memcpy(check, opener->check, CHECK_SIZE);
    if (!esc_equal_constant_time(check, head->check, CHECK_SIZE))
        return esc_fail(err, ESC_CORRUPT, "the key does not fit: the backup is of another %s",
                        opener->kek ? "store, or of an earlier key" : "store or an earlier key");
    *out = esc_derive(opener->root, one_backup, bytes_of(head->id.bytes, sizeof head->id.bytes),
                      BACKUP_KEY);
    return ESC_OK;
}

/* Sealing */

struct sealing {
    int in, out;
    const char *in_path, *out_path;
    struct esc_frames_writer *writer;
    struct esc_buf sealed;
    char *chunk;
};

static enum esc_status flush(struct sealing *sealing, struct esc_error *err)
{
    const enum esc_status status =
        esc_file_write_fd(sealing->out, esc_buf_str(&sealing->sealed), err);
    esc_buf_reset(&sealing->sealed);
    return status == ESC_OK ? ESC_OK : esc_wrap(err, status, "%s", sealing->out_path);
}

/* Frames of all of the plain file, whose size is in the head. */
static enum esc_status seal_bytes(struct sealing *sealing, uint64_t size,
                                  const struct esc_backup_watch *watch, struct esc_error *err)
{
    uint64_t done = 0;
    enum esc_status status = ESC_OK;
    while (status == ESC_OK && done < size) {
        const ssize_t got = pread(sealing->in, sealing->chunk, BACKUP_CHUNK, (off_t)done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 || (uint64_t)got > size - done)
            return esc_fail(err, ESC_IO, "%s: %s", sealing->in_path,
                            got < 0 ? strerror(errno) : "its size has changed");
        done += (uint64_t)got;
        esc_frames_push(sealing->writer, bytes_of(sealing->chunk, (size_t)got), false,
                        &sealing->sealed);
        status = flush(sealing, err);
        backup_tell(watch, ESC_BACKUP_SEAL, done, size);
        if (status == ESC_OK)
            status = backup_may_go_on(watch, err);
    }
    return status;
}

static enum esc_status seal_all(struct sealing *sealing, const struct backup_head *head,
                                struct esc_str manifest, const struct esc_backup_watch *watch,
                                struct esc_error *err)
{
    enum esc_status status = seal_bytes(sealing, head->facts.plain_size, watch, err);
    if (status != ESC_OK)
        return status;
    esc_frames_push(sealing->writer, manifest, true, &sealing->sealed);
    status = flush(sealing, err);
    if (status == ESC_OK && fsync(sealing->out) != 0)
        return esc_fail(err, ESC_IO, "%s: %s", sealing->out_path, strerror(errno));
    return status;
}

static enum esc_status open_both(struct sealing *sealing, struct esc_error *err)
{
    sealing->in = open(sealing->in_path, O_RDONLY | O_CLOEXEC);
    if (sealing->in < 0)
        return esc_fail(err, ESC_IO, "%s: %s", sealing->in_path, strerror(errno));
    sealing->out = open(sealing->out_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (sealing->out < 0)
        return esc_fail(err, ESC_IO, "%s: %s", sealing->out_path, strerror(errno));
    return ESC_OK;
}

enum esc_status backup_seal(const struct backup_head *head, const struct esc_secret *key,
                            const char *plain, struct esc_str manifest, const char *path,
                            const struct esc_backup_watch *watch, struct esc_error *err)
{
    struct sealing sealing = {.in = -1, .out = -1, .in_path = plain, .out_path = path};
    enum esc_status status = esc_buf_status(&head->bytes, "the head of the backup", err);
    if (status == ESC_OK && manifest.len > MANIFEST_MAX)
        status = esc_fail(err, ESC_LIMIT, "the store has too many collections for a backup");
    if (status == ESC_OK)
        status = open_both(&sealing, err);
    if (status == ESC_OK) {
        sealing.chunk = esc_alloc(BACKUP_CHUNK);
        esc_buf_init(&sealing.sealed, 4 * BACKUP_CHUNK);
        esc_buf_add(&sealing.sealed, esc_buf_str(&head->bytes));
        sealing.writer = esc_frames_writer_new(key, esc_buf_str(&head->bytes), &sealing.sealed);
        status = seal_all(&sealing, head, manifest, watch, err);
    }
    esc_frames_writer_free(sealing.writer);
    esc_buf_done(&sealing.sealed);
    free(sealing.chunk);
    esc_fd_close(&sealing.in);
    esc_fd_close(&sealing.out);
    return status;
}

/* Unsealing */

struct unsealing {
    int in, out;
    const char *in_path, *out_path;
    struct esc_frames_reader *reader;
    struct esc_digest *digest;
    struct esc_buf plain, manifest;
    uint64_t written, plain_size;
    char *chunk;
};

/* What was opened belongs to the store's file, and after its end to the manifest. */
static enum esc_status distribute(struct unsealing *unsealing, struct esc_error *err)
{
    const struct esc_str all = esc_buf_str(&unsealing->plain);
    const uint64_t missing = unsealing->plain_size - unsealing->written;
    const size_t ours = missing < all.len ? (size_t)missing : all.len;
    const enum esc_status status =
        esc_file_write_fd(unsealing->out, esc_str_slice(all, 0, ours), err);
    unsealing->written += ours;
    esc_buf_add(&unsealing->manifest, esc_str_slice(all, ours, all.len));
    esc_buf_reset(&unsealing->plain);
    return status == ESC_OK ? ESC_OK : esc_wrap(err, status, "%s", unsealing->out_path);
}

static enum esc_status feed(struct unsealing *unsealing, const struct esc_backup_watch *watch,
                            uint64_t size, struct esc_error *err)
{
    uint64_t done = 0;
    enum esc_status status = ESC_OK;
    while (status == ESC_OK) {
        const ssize_t got = read(unsealing->in, unsealing->chunk, BACKUP_CHUNK);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return esc_fail(err, ESC_IO, "%s: %s", unsealing->in_path, strerror(errno));
        if (got == 0)
            break;
        done += (uint64_t)got;
        const struct esc_str bytes = bytes_of(unsealing->chunk, (size_t)got);
        esc_digest_add(unsealing->digest, bytes);
        status = esc_frames_feed(unsealing->reader, bytes, &unsealing->plain, err);
        if (status != ESC_OK)
            return esc_wrap(err, status, "%s", unsealing->in_path);
        status = distribute(unsealing, err);
        backup_tell(watch, ESC_BACKUP_CHECK, done < size ? done : size, size);
        if (status == ESC_OK)
            status = backup_may_go_on(watch, err);
    }
    return status;
}

static enum esc_status finish(struct unsealing *unsealing, struct esc_json **manifest,
                              struct esc_error *err)
{
    enum esc_status status = esc_frames_end(unsealing->reader, err);
    if (status != ESC_OK)
        return esc_wrap(err, status, "%s", unsealing->in_path);
    if (unsealing->written != unsealing->plain_size)
        return esc_fail(err, ESC_CORRUPT, "%s holds less than it says", unsealing->in_path);
    status = esc_json_parse(esc_buf_str(&unsealing->manifest), NULL, manifest, NULL);
    return status == ESC_OK ? ESC_OK
                            : esc_fail(err, ESC_CORRUPT, "%s has no manifest", unsealing->in_path);
}

static enum esc_status unseal_all(struct unsealing *unsealing, const struct backup_head *head,
                                  const struct esc_backup_opener *opener,
                                  struct esc_json **manifest, const struct esc_backup_watch *watch,
                                  struct esc_error *err)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = NULL;
    enum esc_status status = backup_key(opener, head, &key, err);
    if (status != ESC_OK)
        return status;
    unsealing->out = open(unsealing->out_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (unsealing->out < 0)
        return esc_fail(err, ESC_IO, "%s: %s", unsealing->out_path, strerror(errno));
    unsealing->reader = esc_frames_reader_new(key, esc_buf_str(&head->bytes));
    unsealing->plain_size = head->facts.plain_size;
    esc_digest_add(unsealing->digest, esc_buf_str(&head->bytes));
    status = feed(unsealing, watch, head->facts.size, err);
    return status == ESC_OK ? finish(unsealing, manifest, err) : status;
}

static void unsealing_done(struct unsealing *unsealing)
{
    esc_frames_reader_free(unsealing->reader);
    esc_digest_free(unsealing->digest);
    esc_buf_done(&unsealing->plain);
    esc_buf_done(&unsealing->manifest);
    free(unsealing->chunk);
    esc_fd_close(&unsealing->in);
    esc_fd_close(&unsealing->out);
}

/* Of the file as the disk has it, and not as the memory remembers it. */
static enum esc_status size_up(int fd, const char *path, struct esc_backup_facts *facts,
                               struct esc_error *err)
{
    const off_t here = lseek(fd, 0, SEEK_CUR), size = lseek(fd, 0, SEEK_END);
    if (here < 0 || size < 0 || lseek(fd, here, SEEK_SET) != here)
        return esc_fail(err, ESC_IO, "%s: %s", path, strerror(errno));
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED); /* an advice */
    facts->size = (uint64_t)size;
    return ESC_OK;
}

enum esc_status backup_unseal(const char *path, const struct esc_backup_opener *opener,
                              const char *plain, struct esc_json **manifest,
                              struct esc_backup_facts *facts, const struct esc_backup_watch *watch,
                              struct esc_error *err)
{
    struct unsealing unsealing = {.in = -1, .out = -1, .in_path = path, .out_path = plain};
    struct backup_head head = {0};
    uint8_t hash[ESC_SHA256_SIZE];
    esc_buf_init(&unsealing.plain, 4 * BACKUP_CHUNK);
    esc_buf_init(&unsealing.manifest, MANIFEST_MAX);
    unsealing.digest = esc_digest_new();
    unsealing.chunk = esc_alloc(BACKUP_CHUNK);
    enum esc_status status = open_backup(path, &unsealing.in, err);
    if (status == ESC_OK)
        status = backup_head_read(unsealing.in, path, &head, err);
    if (status == ESC_OK)
        status = size_up(unsealing.in, path, &head.facts, err);
    if (status == ESC_OK)
        status = unseal_all(&unsealing, &head, opener, manifest, watch, err);
    if (status == ESC_OK) {
        esc_digest_finish(unsealing.digest, hash);
        *facts = head.facts;
        esc_hex(hash, sizeof hash, facts->sha256);
    }
    backup_head_done(&head);
    unsealing_done(&unsealing);
    return status;
}
