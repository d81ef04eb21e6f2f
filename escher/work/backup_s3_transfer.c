/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "escher/aws/resolve.h"
#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/work/backup_s3.h"
#include "escher/work/work_private.h"

/*
 * One transfer:
 *
 *     next turn ─▶ credentials ─▶ put                              ─▶ done
 *                              ├▶ list                             ─▶ done
 *                              ├▶ list (what is its key?) ─▶ get   ─▶ done
 *                              └▶ list ─▶ what protects it?        ─▶ done
 */

struct backup_transfer {
    struct esc_loop *loop;
    struct esc_aws *aws;
    struct backup_s3 place;
    struct esc_account *account;
    struct esc_aws_environment *environment;
    struct esc_credentials *credentials;
    struct esc_error failure; /* before it began */
    bool cancelled;
    struct backup_watch watch;
    void (*start)(struct backup_transfer *transfer); /* with credentials */
    struct esc_s3_call *call;                        /* under way */
    char *store;                                     /* NULL: of all */
    char *name, *path, *sha256, *key;
    uint64_t size_bytes;
    int fd;
    struct esc_json *listed;
};

static void transfer_free(struct backup_transfer *transfer)
{
    backup_s3_done(&transfer->place);
    esc_account_free(transfer->account);
    esc_aws_environment_free(transfer->environment);
    esc_credentials_free(transfer->credentials);
    esc_fd_close(&transfer->fd);
    esc_json_free(transfer->listed);
    free(transfer->store);
    free(transfer->name);
    free(transfer->path);
    free(transfer->sha256);
    free(transfer->key);
    free(transfer);
}

/* The last thing that happens. */
static void end(struct backup_transfer *transfer, const struct esc_json *answer,
                const struct esc_error *failure)
{
    if (failure && transfer->path && transfer->fd >= 0)
        (void)unlink(transfer->path); /* what did not come whole is not left */
    transfer->watch.done(transfer->watch.context, failure ? NULL : answer, failure);
    transfer_free(transfer);
}

static void fail(struct backup_transfer *transfer, enum esc_status status, const char *message)
{
    struct esc_error err;
    (void)esc_fail(&err, status, "%s", message);
    end(transfer, NULL, &err);
}

static struct esc_s3_bucket bucket_of(const struct backup_transfer *transfer)
{
    const struct esc_account *account = transfer->account;
    return (struct esc_s3_bucket){
        .name = transfer->place.bucket,
        .owner = transfer->place.owner,
        .credentials = transfer->credentials,
        .place = {.region = transfer->place.region,
                  .endpoint_url = account->emulator ? account->endpoint_url : NULL,
                  .environment = transfer->environment},
    };
}

static void progress(void *context, uint64_t done_bytes, uint64_t all_bytes)
{
    const struct backup_transfer *transfer = context;
    if (transfer->watch.progress)
        transfer->watch.progress(transfer->watch.context, done_bytes, all_bytes);
}

/* Putting */

/* Under a key that has the hash of these bytes there is something; so many bytes, at least. */
static void was_there(void *context, const struct esc_s3_object *objects, size_t count,
                      const struct esc_error *failure)
{
    struct backup_transfer *transfer = context;
    transfer->call = NULL;
    bool same = false;
    for (size_t i = 0; i < count; i++)
        same = same || (esc_text_equal(objects[i].key, transfer->key) &&
                        objects[i].size_bytes == transfer->size_bytes);
    if (failure || same)
        end(transfer, NULL, failure);
    else
        fail(transfer, ESC_CORRUPT, "something else is in S3 under the name of this backup");
}

static void was_put(void *context, const struct esc_s3_object *object,
                    const struct esc_error *failure)
{
    struct backup_transfer *transfer = context;
    transfer->call = NULL;
    if (failure && failure->status == ESC_EXISTS) {
        const struct esc_s3_bucket bucket = bucket_of(transfer);
        const struct esc_s3_list asked = {.prefix = transfer->key};
        transfer->call = esc_s3_list(transfer->aws, &bucket, &asked, was_there, transfer);
    } else if (object && !object->confirmed) {
        fail(transfer, ESC_CONFLICT, "the service keeps no checksums, so the copy does not count");
    } else {
        end(transfer, NULL, failure);
    }
}

static void put(struct backup_transfer *transfer)
{
    const struct esc_s3_bucket bucket = bucket_of(transfer);
    const struct esc_s3_put put = {
        .key = transfer->key, .fd = transfer->fd, .sha256 = transfer->sha256, .progress = progress};
    transfer->call = esc_s3_put(transfer->aws, &bucket, &put, was_put, transfer);
}

/* Listing */

static void add_entry(struct backup_transfer *transfer, const struct esc_s3_object *object)
{
    struct backup_s3_entry entry;
    if (!backup_s3_read_key(&transfer->place, object->key, &entry))
        return; /* somebody else's */
    struct esc_json *one = esc_json_object();
    esc_json_set_text(one, "name", entry.name);
    esc_json_set_int(one, "size", (int64_t)object->size_bytes);
    esc_json_set_time(one, "at", entry.at_ms);
    esc_json_set_text(one, "sha256", entry.sha256);
    esc_json_set_text(one, "store", entry.store);
    esc_json_push(transfer->listed, one);
}

static void list(struct backup_transfer *transfer, esc_s3_list_fn *listed)
{
    const struct esc_s3_bucket bucket = bucket_of(transfer);
    ESC_CLEANUP(esc_freep)
    char *prefix = esc_sprintf("%s%s%s", transfer->place.prefix,
                               transfer->store ? transfer->store : "", transfer->store ? "/" : "");
    const struct esc_s3_list asked = {.prefix = prefix};
    transfer->call = esc_s3_list(transfer->aws, &bucket, &asked, listed, transfer);
}

static bool take_list(struct backup_transfer *transfer, const struct esc_s3_object *objects,
                      size_t count, const struct esc_error *failure)
{
    transfer->call = NULL;
    transfer->listed = esc_json_array();
    for (size_t i = 0; i < count; i++)
        add_entry(transfer, &objects[i]);
    if (failure)
        end(transfer, NULL, failure);
    return !failure;
}

static void was_listed(void *context, const struct esc_s3_object *objects, size_t count,
                       const struct esc_error *failure)
{
    struct backup_transfer *transfer = context;
    if (!take_list(transfer, objects, count, failure))
        return;
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = esc_json_object();
    esc_json_set(body, "backups", esc_json_ref(transfer->listed));
    end(transfer, body, NULL);
}

static void begin_list(struct backup_transfer *transfer)
{
    list(transfer, was_listed);
}

/* Getting */

static void was_got(void *context, const struct esc_s3_object *object,
                    const struct esc_error *failure)
{
    struct backup_transfer *transfer = context;
    transfer->call = NULL;
    if (failure)
        end(transfer, NULL, failure);
    else if (!esc_text_equal(object->sha256, transfer->sha256))
        fail(transfer, ESC_CORRUPT, "what came from S3 is not what its name says");
    else if (fsync(transfer->fd) != 0)
        fail(transfer, ESC_IO, "what came from S3 cannot be written");
    else
        end(transfer, NULL, NULL);
}

static const struct esc_json *find_named(struct backup_transfer *transfer)
{
    const struct esc_json *found = NULL;
    for (size_t i = 0; i < esc_json_len(transfer->listed); i++) {
        const struct esc_json *one = esc_json_at(transfer->listed, i);
        if (esc_text_equal(esc_json_str(one, "name", ""), transfer->name))
            found = one;
    }
    return found;
}

static void find_and_get(void *context, const struct esc_s3_object *objects, size_t count,
                         const struct esc_error *failure)
{
    struct backup_transfer *transfer = context;
    struct esc_error err;
    if (!take_list(transfer, objects, count, failure))
        return;
    const struct esc_json *found = find_named(transfer);
    if (!found) {
        (void)esc_fail(&err, ESC_NOT_FOUND, "there is no backup `%s` in S3", transfer->name);
        end(transfer, NULL, &err);
        return;
    }
    transfer->sha256 = esc_strdup(esc_json_str(found, "sha256", ""));
    if (backup_s3_key(&transfer->place, transfer->name, transfer->sha256, &transfer->key, &err) !=
        ESC_OK) {
        end(transfer, NULL, &err);
        return;
    }
    transfer->fd = open(transfer->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (transfer->fd < 0) {
        (void)esc_fail(&err, ESC_IO, "%s: cannot be made", transfer->path);
        end(transfer, NULL, &err);
        return;
    }
    const struct esc_s3_bucket bucket = bucket_of(transfer);
    const struct esc_s3_get get = {.key = transfer->key,
                                   .fd = transfer->fd,
                                   .size_bytes = (uint64_t)esc_json_num(found, "size", 0),
                                   .progress = progress};
    transfer->call = esc_s3_get(transfer->aws, &bucket, &get, was_got, transfer);
}

static void begin_get(struct backup_transfer *transfer)
{
    list(transfer, find_and_get);
}

/* Looking */

static const char *word(enum esc_s3_answer answer)
{
    static const char *const words[] = {
        [ESC_S3_UNKNOWN] = "unknown", [ESC_S3_NO] = "no", [ESC_S3_YES] = "yes"};
    return words[answer];
}

static void warn(struct esc_json *warnings, bool when, const char *text)
{
    if (when)
        esc_json_push(warnings, esc_json_text(text));
}

static struct esc_json *look_page(const struct esc_s3_protection *found)
{
    struct esc_json *page = esc_json_object(), *warnings = esc_json_array();
    esc_json_set_text(page, "versions", word(found->versions));
    esc_json_set_text(page, "expires", word(found->expires));
    esc_json_set_text(page, "aborts", word(found->aborts));
    esc_json_set_text(page, "locked", word(found->locked));
    if (found->expires == ESC_S3_YES)
        esc_json_set_int(page, "expires_days", (int64_t)found->expires_days);
    if (found->locked == ESC_S3_YES) {
        esc_json_set_int(page, "lock_days", (int64_t)found->lock_days);
        esc_json_set_text(page, "lock_mode",
                          found->lock_is_governance ? "governance" : "compliance");
    }
    warn(warnings, found->expires == ESC_S3_NO,
         "no lifecycle rule expires backups: they stay, and with them what was deleted since");
    warn(warnings, found->expires == ESC_S3_YES && found->expires_days < 30,
         "a lifecycle rule expires backups before 30 days are over");
    warn(warnings, found->locked == ESC_S3_NO,
         "Object Lock is off: whoever may delete in the bucket can delete backups");
    warn(warnings, found->versions == ESC_S3_NO,
         "versions are off: an overwritten backup would be gone");
    esc_json_set(page, "warnings", warnings);
    return page;
}

static void was_looked_at(void *context, const struct esc_s3_protection *found,
                          const struct esc_error *failure)
{
    struct backup_transfer *transfer = context;
    transfer->call = NULL;
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = found ? look_page(found) : NULL;
    end(transfer, page, failure);
}

static void look(void *context, const struct esc_s3_object *objects, size_t count,
                 const struct esc_error *failure)
{
    struct backup_transfer *transfer = context;
    if (!take_list(transfer, objects, count, failure))
        return;
    const struct esc_s3_bucket bucket = bucket_of(transfer);
    transfer->call =
        esc_s3_protection(transfer->aws, &bucket, transfer->place.prefix, was_looked_at, transfer);
}

static void begin_look(struct backup_transfer *transfer)
{
    list(transfer, look);
}

/* The way to the keys */

static void have_credentials(void *context, struct esc_credentials *credentials,
                             const struct esc_error *failure)
{
    struct backup_transfer *transfer = context;
    transfer->credentials = credentials;
    if (transfer->cancelled)
        fail(transfer, ESC_CANCELLED, "cancelled");
    else if (!credentials)
        end(transfer, NULL, failure);
    else
        transfer->start(transfer);
}

static void begin(void *context)
{
    struct backup_transfer *transfer = context;
    if (transfer->cancelled)
        fail(transfer, ESC_CANCELLED, "cancelled");
    else if (transfer->failure.status != ESC_OK)
        end(transfer, NULL, &transfer->failure);
    else
        esc_credentials_resolve(transfer->aws, transfer->account, transfer->environment,
                                "escher-backup", have_credentials, transfer);
}

static struct backup_transfer *transfer_new(struct esc_loop *loop, struct esc_aws *aws,
                                            const struct esc_aws_environment *environment,
                                            const struct backup_watch *watch)
{
    struct backup_transfer *transfer = esc_alloc_zero(sizeof *transfer);
    transfer->loop = loop;
    transfer->aws = aws;
    transfer->environment =
        environment ? esc_aws_environment_copy(environment) : esc_aws_environment_of_process();
    transfer->watch = *watch;
    transfer->fd = -1;
    esc_loop_post(loop, begin, transfer);
    return transfer;
}

/* The account as it is reached for backups: with the role of the place on top, when it has one. */
static struct esc_account *account_for(const struct esc_account *account, const char *role)
{
    struct esc_account *copy = account ? esc_account_copy(account) : esc_account_new();
    if (!role)
        return copy;
    if (!copy->source_profile)
        copy->source_profile = ESC_STEAL(copy->profile);
    free(copy->role_arn);
    copy->role_arn = esc_strdup(role);
    return copy;
}

static struct backup_transfer *transfer_on(const struct backup_s3_way *way, const char *store,
                                           const struct backup_watch *watch)
{
    struct backup_transfer *transfer = transfer_new(way->loop, way->aws, way->environment, watch);
    const struct backup_s3 *place = way->place;
    transfer->place = (struct backup_s3){.bucket = esc_strdup(place->bucket),
                                         .prefix = esc_strdup(place->prefix),
                                         .region = esc_strdup_null(place->region),
                                         .role = esc_strdup_null(place->role),
                                         .owner = esc_strdup_null(place->owner)};
    transfer->account = account_for(way->account, place->role);
    transfer->store = esc_strdup_null(store);
    return transfer;
}

/* A name says which store it is of; that may be another than the one that is open. */
static void want_file(struct backup_transfer *transfer, const char *name, const char *path)
{
    transfer->start = begin_get;
    transfer->name = esc_strdup(name);
    transfer->path = esc_strdup(path);
    free(transfer->store);
    transfer->store = backup_s3_store_of(name);
}

struct backup_transfer *backup_s3_list(const struct backup_s3_way *way, const char *store,
                                       const struct backup_watch *watch)
{
    struct backup_transfer *transfer = transfer_on(way, store, watch);
    transfer->start = begin_list;
    return transfer;
}

struct backup_transfer *backup_s3_get(const struct backup_s3_way *way, const char *name,
                                      const char *path, const struct backup_watch *watch)
{
    struct backup_transfer *transfer = transfer_on(way, NULL, watch);
    want_file(transfer, name, path);
    return transfer;
}

struct backup_transfer *backup_s3_look(const struct backup_s3_way *way,
                                       const struct backup_watch *watch)
{
    struct backup_transfer *transfer = transfer_on(way, NULL, watch);
    transfer->start = begin_look;
    return transfer;
}

void backup_s3_cancel(struct backup_transfer *transfer)
{
    transfer->cancelled = true;
    esc_s3_cancel(transfer->call);
}

/* The place of a workbench */

static struct backup_transfer *transfer_of(struct esc_workbench *bench,
                                           const struct esc_aws_environment *environment,
                                           const struct backup_watch *watch)
{
    struct backup_transfer *transfer = transfer_new(bench->loop, bench->aws, environment, watch);
    struct backup_s3 *place = &transfer->place;
    if (backup_s3_load(bench, place, &transfer->failure) != ESC_OK)
        return transfer;
    const struct esc_account *account =
        place->account ? work_account_find(bench, place->account) : NULL;
    if (place->account && !account)
        (void)esc_fail(&transfer->failure, ESC_NOT_FOUND,
                       "account %s, whose keys backups to S3 use, is not there any more",
                       place->account);
    transfer->account = account_for(account, place->role);
    transfer->store = esc_strdup(esc_store_id(bench->store));
    return transfer;
}

static bool is_set_up(struct esc_workbench *bench)
{
    struct backup_s3 place = {0};
    const bool found = backup_s3_load(bench, &place, NULL) == ESC_OK;
    backup_s3_done(&place);
    return found;
}

static struct backup_transfer *place_put(struct esc_workbench *bench,
                                         const struct esc_aws_environment *environment,
                                         const struct backup_object *object,
                                         const struct backup_watch *watch)
{
    struct backup_transfer *transfer = transfer_of(bench, environment, watch);
    transfer->start = put;
    transfer->sha256 = esc_strdup(object->sha256);
    transfer->size_bytes = object->size;
    if (transfer->failure.status != ESC_OK ||
        backup_s3_key(&transfer->place, object->name, object->sha256, &transfer->key,
                      &transfer->failure) != ESC_OK)
        return transfer;
    transfer->fd = open(object->path, O_RDONLY | O_CLOEXEC);
    if (transfer->fd < 0)
        (void)esc_fail(&transfer->failure, ESC_IO, "%s: cannot be read", object->path);
    return transfer;
}

static struct backup_transfer *place_list(struct esc_workbench *bench,
                                          const struct esc_aws_environment *environment,
                                          const struct backup_watch *watch)
{
    struct backup_transfer *transfer = transfer_of(bench, environment, watch);
    transfer->start = begin_list;
    return transfer;
}

static struct backup_transfer *place_get(struct esc_workbench *bench,
                                         const struct esc_aws_environment *environment,
                                         const char *name, const char *path,
                                         const struct backup_watch *watch)
{
    struct backup_transfer *transfer = transfer_of(bench, environment, watch);
    want_file(transfer, name, path);
    return transfer;
}

const struct backup_place backup_s3_place = {
    .name = "s3",
    .is_set_up = is_set_up,
    .put = place_put,
    .list = place_list,
    .get = place_get,
    .cancel = backup_s3_cancel,
};
