/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/backup_fetch.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "escher/aws/s3_policy.h"
#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/crypt/digest.h"
#include "escher/loop/loop.h"
#include "escher/work/backup_s3.h"

#define ENDING ".escb"

/* All that one task takes, from the address to the answer. */
struct fetching {
    const struct esc_fetch_task *task;
    struct esc_loop *loop;
    struct esc_aws *aws;
    struct backup_s3 place;
    struct esc_account *account;
    char *key; /* the one that is meant; NULL: the newest */
    bool done;
    struct esc_json *answer;
    struct esc_error failure;
};

static void fetching_done(struct fetching *fetching)
{
    esc_aws_free(fetching->aws);
    esc_loop_free(fetching->loop);
    backup_s3_done(&fetching->place);
    esc_account_free(fetching->account);
    esc_json_free(fetching->answer);
    free(fetching->key);
}

/* "s3://BUCKET/PREFIX/STORE/TIME-SHA256.escb" is below the place "s3://BUCKET/PREFIX". */
static enum esc_status read_url(struct fetching *fetching, struct esc_error *err)
{
    const struct esc_str url = esc_str_of(fetching->task->url);
    size_t len = url.len;
    if (esc_str_ends_with(url, ESC_STR(ENDING)))
        for (int slashes = 0; len > 0 && slashes < 2; len--)
            slashes += url.ptr[len - 1] == '/';
    enum esc_status status = backup_s3_parse(esc_str_slice(url, 0, len), &fetching->place, err);
    if (status != ESC_OK || len == url.len)
        return status;
    struct backup_s3_entry entry;
    const char *whole = fetching->task->url + strlen("s3://") + strlen(fetching->place.bucket) + 1;
    fetching->key = esc_strdup(whole);
    if (!backup_s3_read_key(&fetching->place, whole, &entry))
        return esc_fail(err, ESC_INVALID, "`%s` is no address of a backup", fetching->task->url);
    return ESC_OK;
}

static enum esc_status fetching_init(struct fetching *fetching, const struct esc_fetch_task *task,
                                     struct esc_error *err)
{
    *fetching = (struct fetching){.task = task};
    enum esc_status status = read_url(fetching, err);
    if (status == ESC_OK)
        status = esc_loop_new(&fetching->loop, err);
    if (status == ESC_OK)
        status = esc_aws_new(fetching->loop, NULL, &fetching->aws, err);
    fetching->place.region = esc_strdup_null(task->region);
    fetching->place.role = esc_strdup_null(task->role);
    fetching->account = esc_account_new();
    fetching->account->name = esc_strdup("backups");
    fetching->account->profile = esc_strdup_null(task->profile);
    fetching->account->endpoint_url = esc_strdup_null(task->endpoint_url);
    fetching->account->emulator = task->endpoint_url != NULL;
    return status;
}

static struct backup_s3_way way_of(const struct fetching *fetching)
{
    return (struct backup_s3_way){.loop = fetching->loop,
                                  .aws = fetching->aws,
                                  .place = &fetching->place,
                                  .account = fetching->account,
                                  .environment = fetching->task->environment};
}

static void on_done(void *context, const struct esc_json *answer, const struct esc_error *failure)
{
    struct fetching *fetching = context;
    fetching->done = true;
    fetching->answer = answer ? esc_json_copy(answer) : NULL;
    fetching->failure = failure ? *failure : (struct esc_error){0};
}

static void on_progress(void *context, uint64_t done, uint64_t total)
{
    const struct fetching *fetching = context;
    if (fetching->task->progress)
        fetching->task->progress(fetching->task->context, done, total);
}

static bool is_done(void *context)
{
    return ((struct fetching *)context)->done;
}

static enum esc_status wait_for(struct fetching *fetching, struct esc_error *err)
{
    if (!esc_loop_run_until(fetching->loop, is_done, fetching))
        return esc_fail(err, ESC_IO, "the fetching came to no end");
    fetching->done = false;
    if (fetching->failure.status != ESC_OK && err)
        *err = fetching->failure;
    return fetching->failure.status;
}

static struct backup_watch watch_of(struct fetching *fetching)
{
    return (struct backup_watch){.progress = on_progress, .done = on_done, .context = fetching};
}

static int newest_first(const void *a, const void *b)
{
    const struct esc_str left = esc_str_of(esc_json_str(a, "at", ""));
    return -esc_str_compare(left, esc_str_of(esc_json_str(b, "at", "")));
}

static enum esc_status add_url(const struct fetching *fetching, struct esc_json *entry,
                               struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *key = NULL;
    enum esc_status status = backup_s3_key(&fetching->place, esc_json_str(entry, "name", ""),
                                           esc_json_str(entry, "sha256", ""), &key, err);
    if (status != ESC_OK)
        return status;
    ESC_CLEANUP(esc_freep) char *url = esc_sprintf("s3://%s/%s", fetching->place.bucket, key);
    esc_json_set_text(entry, "url", url);
    return ESC_OK;
}

/* What is there, the newest first, each with its address. */
static enum esc_status list(struct fetching *fetching, struct esc_json **out, struct esc_error *err)
{
    const struct backup_s3_way way = way_of(fetching);
    const struct backup_watch watch = watch_of(fetching);
    struct esc_list entries;
    (void)backup_s3_list(&way, NULL, &watch); /* it ends by itself */
    enum esc_status status = wait_for(fetching, err);
    if (status != ESC_OK)
        return status;
    const struct esc_json *found = esc_json_member(fetching->answer, "backups");
    esc_list_init(&entries, NULL);
    for (size_t i = 0; i < esc_json_len(found); i++)
        esc_list_push(&entries, esc_json_copy(esc_json_at(found, i)));
    esc_list_sort(&entries, newest_first);
    *out = esc_json_array();
    for (size_t i = 0; i < entries.count; i++) {
        if (status == ESC_OK)
            status = add_url(fetching, entries.items[i], err);
        esc_json_push(*out, entries.items[i]);
    }
    esc_list_done(&entries);
    esc_json_free(ESC_STEAL(fetching->answer));
    return status;
}

enum esc_status esc_fetch_list(const struct esc_fetch_task *task, struct esc_json **out,
                               struct esc_error *err)
{
    struct fetching fetching;
    struct esc_json *backups = NULL;
    enum esc_status status = fetching_init(&fetching, task, err);
    if (status == ESC_OK)
        status = list(&fetching, &backups, err);
    if (status == ESC_OK) {
        *out = esc_json_object();
        esc_json_set(*out, "backups", ESC_STEAL(backups));
    }
    esc_json_free(backups);
    fetching_done(&fetching);
    return status;
}

/* The one that is meant, borrowed from the list. */
static enum esc_status choose(const struct fetching *fetching, const struct esc_json *backups,
                              const struct esc_json **out, struct esc_error *err)
{
    const struct esc_json *newest = NULL;
    for (size_t i = 0; i < esc_json_len(backups); i++) {
        const struct esc_json *one = esc_json_at(backups, i);
        const char *url = esc_json_str(one, "url", "");
        if (fetching->key && !esc_str_ends_with(esc_str_of(url), esc_str_of(fetching->key)))
            continue;
        if (newest &&
            !esc_text_equal(esc_json_str(newest, "store", ""), esc_json_str(one, "store", "")))
            return esc_fail(err, ESC_AMBIGUOUS,
                            "backups of several stores are there; `escher backup list %s` lists "
                            "them, and the whole address of one restores it",
                            fetching->task->url);
        newest = newest ? newest : one;
    }
    if (!newest)
        return esc_fail(err, ESC_NOT_FOUND, "there is no backup at %s", fetching->task->url);
    *out = newest;
    return ESC_OK;
}

static bool is_here(const char *path, const char *sha256)
{
    struct esc_mapping mapping;
    char hex[ESC_SHA256_TEXT];
    if (esc_file_map(path, &mapping, NULL) != ESC_OK)
        return false;
    esc_sha256_hex((struct esc_str){mapping.ptr, mapping.len}, hex);
    esc_file_unmap(&mapping);
    return esc_text_equal(hex, sha256);
}

static enum esc_status get(struct fetching *fetching, const struct esc_json *one,
                           const char *folder, char **path, struct esc_error *err)
{
    const struct backup_s3_way way = way_of(fetching);
    const struct backup_watch watch = watch_of(fetching);
    const char *name = esc_json_str(one, "name", "");
    ESC_CLEANUP(esc_freep) char *whole = esc_path_join(folder, name);
    ESC_CLEANUP(esc_freep) char *part = esc_sprintf("%s.part", whole);
    if (is_here(whole, esc_json_str(one, "sha256", ""))) {
        *path = ESC_STEAL(whole);
        return ESC_OK;
    }
    enum esc_status status = esc_file_make_folder(folder, err);
    if (status == ESC_OK)
        status = esc_file_remove(part, err); /* of a fetching that was cut off */
    if (status != ESC_OK)
        return status;
    (void)backup_s3_get(&way, name, part, &watch); /* it ends by itself */
    status = wait_for(fetching, err);
    if (status == ESC_OK && rename(part, whole) != 0)
        status = esc_fail(err, ESC_IO, "%s: cannot be named so", whole);
    if (status == ESC_OK)
        *path = ESC_STEAL(whole);
    return status;
}

enum esc_status esc_fetch_backup(const struct esc_fetch_task *task, const char *folder, char **path,
                                 struct esc_error *err)
{
    struct fetching fetching;
    const struct esc_json *one = NULL;
    ESC_CLEANUP(esc_json_freep) struct esc_json *backups = NULL;
    enum esc_status status = fetching_init(&fetching, task, err);
    if (status == ESC_OK)
        status = list(&fetching, &backups, err);
    if (status == ESC_OK)
        status = choose(&fetching, backups, &one, err);
    if (status == ESC_OK)
        status = get(&fetching, one, folder, path, err);
    fetching_done(&fetching);
    return status;
}
