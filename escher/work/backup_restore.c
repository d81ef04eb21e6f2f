/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/backup_restore.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/list.h"
#include "escher/work/backup_rules.h"
#include "escher/work/vault_private.h"

/* Which backup */

/* Names in the folder that are called like @p wanted, or all; by time, as names sort. */
static enum esc_status matching(const char *folder, const char *wanted, struct esc_list *out,
                                struct esc_error *err)
{
    struct esc_list names;
    uint64_t at_ms;
    char store_id[ESC_UUID_TEXT];
    esc_list_init(&names, free);
    enum esc_status status = esc_file_list(folder, &names, err);
    if (status == ESC_NOT_FOUND)
        status = ESC_OK;
    for (size_t i = 0; status == ESC_OK && i < names.count; i++) {
        const char *name = names.items[i];
        if (backup_name_read(esc_str_of(name), &at_ms, store_id) &&
            (!wanted || strstr(name, wanted)))
            esc_list_push(out, esc_strdup(name));
    }
    esc_list_done(&names);
    return status;
}

static enum esc_status find_in(const char *folder, const char *wanted, char **out,
                               struct esc_error *err)
{
    struct esc_list names;
    esc_list_init(&names, free);
    enum esc_status status = matching(folder, wanted, &names, err);
    if (status == ESC_OK && names.count == 0)
        status = esc_fail(err, ESC_NOT_FOUND, "there is no backup%s%s%s in %s", wanted ? " `" : "",
                          wanted ? wanted : "", wanted ? "`" : "", folder);
    if (status == ESC_OK && wanted && names.count > 1)
        status =
            esc_fail(err, ESC_AMBIGUOUS, "%zu backups are called like `%s`", names.count, wanted);
    if (status == ESC_OK)
        *out = esc_path_join(folder, names.items[names.count - 1]);
    esc_list_done(&names);
    return status;
}

static enum esc_status find(const struct esc_paths *paths, const char *wanted, char **out,
                            struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *folder = esc_path_join(paths->data, "backups");
    ESC_CLEANUP(esc_freep) char *exact = wanted ? esc_path_join(folder, wanted) : NULL;
    const bool is_path = wanted && (strchr(wanted, '/') || esc_file_exists(wanted));
    if (is_path)
        *out = esc_strdup(wanted);
    else if (exact && esc_file_exists(exact))
        *out = ESC_STEAL(exact);
    else
        return find_in(folder, wanted, out, err);
    return ESC_OK;
}

enum esc_status esc_restore_find(const struct esc_restore_task *task, char **out,
                                 struct esc_error *err)
{
    struct esc_paths paths = {0};
    enum esc_status status = esc_paths_init(&paths, task->profile, err);
    if (status == ESC_OK)
        status = find(&paths, task->backup, out, err);
    esc_paths_done(&paths);
    return status;
}

/* Which keyring: the one of the store in place, the one that is asked for, the one it was. */

static bool is_file_keyring(const struct esc_restore_task *task, const struct esc_paths *paths,
                            const char *backup)
{
    struct esc_store_peek peek;
    struct esc_backup_facts facts;
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = NULL;
    if (task->keyring == ESC_KEYRING_FILE)
        return true;
    if (esc_store_peek(paths->store, &peek, NULL) == ESC_OK)
        return esc_text_equal(peek.keyring, "file");
    return esc_backup_peek(backup, &facts, &page, NULL) == ESC_OK &&
           esc_text_equal(esc_json_str(page, "keyrings[0].keyring", ""), "file");
}

static enum esc_status run(const struct esc_restore_task *task, const struct esc_paths *paths,
                           const char *backup, struct esc_restored *out, struct esc_error *err)
{
    struct work_passphrase passphrase = {task->passphrase};
    const bool in_file = is_file_keyring(task, paths, backup);
    ESC_CLEANUP(esc_keyring_freep)
    struct esc_keyring *own =
        task->keyring_of_caller
            ? NULL
            : work_keyring_new(in_file ? ESC_KEYRING_FILE : ESC_KEYRING_AUTO, paths, &passphrase,
                               task->random ? task->random : esc_random_system());
    ESC_CLEANUP(esc_freep) char *key_name = work_key_name(paths);
    const struct esc_restore_options options = {
        .backup = backup,
        .path = paths->store,
        .lock_path = paths->lock,
        .keyring = own ? own : task->keyring_of_caller,
        .key_name = key_name,
        .code = task->code,
        .passphrase = in_file ? NULL : task->passphrase,
        .clock = task->clock,
        .random = task->random,
        .watch = task->watch,
    };
    return esc_backup_restore(&options, out, err);
}

enum esc_status esc_restore_run(const struct esc_restore_task *task, struct esc_restored *out,
                                struct esc_error *err)
{
    struct esc_paths paths = {0};
    ESC_CLEANUP(esc_freep) char *backup = NULL;
    enum esc_status status = esc_paths_init(&paths, task->profile, err);
    if (status == ESC_OK)
        status = find(&paths, task->backup, &backup, err);
    if (status == ESC_OK)
        status = run(task, &paths, backup, out, err);
    esc_paths_done(&paths);
    return status;
}

enum esc_status esc_restore_drill(const struct esc_restore_task *task,
                                  struct esc_backup_facts *facts, struct esc_error *err)
{
    struct esc_paths paths = {0};
    ESC_CLEANUP(esc_freep) char *backup = NULL;
    enum esc_status status = esc_paths_init(&paths, task->profile, err);
    if (status == ESC_OK)
        status = find(&paths, task->backup, &backup, err);
    if (status == ESC_OK) {
        ESC_CLEANUP(esc_freep) char *folder = esc_path_join(paths.data, ".drill");
        status = esc_backup_drill(backup, task->code, folder, task->watch, facts, err);
    }
    esc_paths_done(&paths);
    return status;
}
