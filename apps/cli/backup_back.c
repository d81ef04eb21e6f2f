/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "apps/cli/backup_progress.h"
#include "apps/cli/rooms.h"
#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"

/*
 * Restore and drill, in this process: a core may not hold the store, and on an empty machine none
 * could be started.
 */
struct going_back {
    struct cli *cli;
    const struct cli_rooms *rooms;
    struct esc_restore_task task;
    struct esc_backup_watch watch;
    struct cli_backup_bar bar;
    struct esc_secret *code;
    char *fetched; /* the file that came out of a bucket; NULL: none */
    uint64_t began_ms, told_ms;
    enum esc_backup_phase phase;
};

static const char *const phases[] = {
    [ESC_BACKUP_COPY] = "copy",
    [ESC_BACKUP_SEAL] = "seal",
    [ESC_BACKUP_CHECK] = "check",
    [ESC_BACKUP_OPEN] = "open",
};

static void show(void *context, enum esc_backup_phase phase, uint64_t done, uint64_t total)
{
    enum {
        OFTEN_MS = 50
    };
    struct going_back *back = context;
    const uint64_t now_ms = esc_clock_monotonic_ms(esc_clock_system());
    if (phase == back->phase && now_ms - back->told_ms < OFTEN_MS && done < total)
        return;
    back->phase = phase;
    back->told_ms = now_ms;
    cli_backup_show(back->cli, &back->bar, phases[phase], (int64_t)done, (int64_t)total);
}

static enum esc_status read_code(struct going_back *back, bool may_ask, struct esc_error *err)
{
    static const struct cli_secret kind = {"recovery code", "code-fd", "ESCHER_RECOVERY_CODE_FD",
                                           "Recovery code: ", false};
    const enum esc_status status = cli_secret(back->cli, &kind, may_ask, &back->code, err);
    back->task.code = back->code;
    return status;
}

static void show_fetching(void *context, uint64_t done, uint64_t total)
{
    struct going_back *back = context;
    cli_backup_show(back->cli, &back->bar, "fetch", (int64_t)done, (int64_t)total);
}

/* Out of a bucket into a folder beside the store, where it stays until the store is restored. */
static enum esc_status fetch(struct going_back *back, struct esc_error *err)
{
    if (!esc_str_starts_with(esc_str_of(back->task.backup), ESC_STR("s3://")))
        return ESC_OK;
    struct esc_fetch_task task = cli_fetch_task(back->cli, back->task.backup);
    ESC_CLEANUP(esc_freep) char *folder = esc_path_join(back->cli->paths.data, "fetched");
    task.progress = show_fetching;
    task.context = back;
    const enum esc_status status = back->rooms->fetch_backup(&task, folder, &back->fetched, err);
    back->task.backup = back->fetched;
    return status;
}

static void forget_fetched(struct going_back *back, bool is_over)
{
    if (back->fetched && is_over)
        (void)esc_file_remove(back->fetched, NULL); /* the bucket has it */
    free(back->fetched);
}

static enum esc_status begin(struct going_back *back, bool wants_code, struct esc_error *err)
{
    struct cli *cli = back->cli;
    const char *keyring = cli_value(&cli->arguments, "keyring");
    back->rooms = cli_rooms(cli, err);
    if (!back->rooms)
        return err->status;
    if (keyring && !esc_text_equal(keyring, "file") && !esc_text_equal(keyring, "auto"))
        return esc_fail(err, ESC_INVALID, "--keyring takes auto or file");
    back->watch = (struct esc_backup_watch){.progress = show, .context = back};
    back->task = (struct esc_restore_task){
        .profile = cli->paths.profile,
        .backup = cli_argument(&cli->arguments, 1),
        .keyring = esc_text_equal(keyring, "file") ? ESC_KEYRING_FILE : ESC_KEYRING_AUTO,
        .watch = &back->watch};
    back->began_ms = esc_clock_monotonic_ms(esc_clock_system());
    enum esc_status status = read_code(back, wants_code, err);
    if (status == ESC_OK && wants_code && !back->code)
        return esc_fail(err, ESC_INVALID, "give the recovery code: --code-fd N, or a terminal");
    if (status == ESC_OK)
        status = cli_passphrase(cli, false, err);
    back->task.passphrase = cli->passphrase;
    return status == ESC_OK ? fetch(back, err) : status;
}

static void add_facts(const struct going_back *back, const struct esc_backup_facts *facts,
                      struct esc_json *body)
{
    char at[ESC_TIME_TEXT];
    esc_time_format(facts->made_at_ms, at);
    esc_json_set_text(body, "made_at", at);
    esc_json_set_text(body, "store_id", facts->store_id);
    esc_json_set_int(body, "rows", (int64_t)facts->rows);
    esc_json_set_int(body, "records", (int64_t)facts->records);
    esc_json_set_int(body, "size", (int64_t)facts->size);
    esc_json_set_int(body, "took_ms",
                     (int64_t)(esc_clock_monotonic_ms(esc_clock_system()) - back->began_ms));
}

static void print_facts(const struct esc_json *body, const char *what, struct esc_buf *out)
{
    esc_buf_printf(out, "%s of %s: %lld rows, %lld entries of the record, all whole; ", what,
                   esc_json_str(body, "made_at", ""), (long long)esc_json_num(body, "rows", 0),
                   (long long)esc_json_num(body, "records", 0));
    cli_add_size(out, esc_json_num(body, "size", 0));
    esc_buf_printf(out, " in %.1f s\n", (double)esc_json_num(body, "took_ms", 0) / 1000);
}

/* Restore */

static void print_restored(const struct cli *cli, const struct esc_restored *restored,
                           const struct esc_json *body, struct esc_buf *out)
{
    print_facts(body, "Restored the backup", out);
    if (*restored->aside) {
        esc_buf_add_text(out, "The store that was here is kept beside it: ");
        cli_add(cli, out, CLI_PLAIN, restored->aside);
        esc_buf_add_char(out, '\n');
    }
    if (restored->key_put) {
        esc_buf_add_text(out, "Its key is in the keyring again, as ");
        cli_add(cli, out, CLI_PLAIN, restored->key_name);
        esc_buf_add_char(out, '\n');
    }
    if (restored->lost_passphrase)
        esc_buf_add_text(out, "It no longer wants the passphrase that was mixed with its key; "
                              "`escher key passphrase` sets a new one.\n");
}

static void tell_restored(const struct going_back *back, const struct esc_restored *restored)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = esc_json_object();
    struct esc_buf out;
    add_facts(back, &restored->facts, body);
    if (*restored->aside)
        esc_json_set_text(body, "aside", restored->aside);
    esc_json_set_bool(body, "key_put", restored->key_put);
    esc_json_set_bool(body, "lost_passphrase", restored->lost_passphrase);
    esc_buf_init(&out, ESC_MAX_FILE);
    if (back->cli->json)
        cli_print_json(body);
    else
        print_restored(back->cli, restored, body, &out);
    cli_out(&out);
    esc_buf_done(&out);
}

/* What the keyring wants is asked for when it has said so. */
static enum esc_status restore(struct going_back *back, struct esc_restored *restored,
                               struct esc_error *err)
{
    struct cli *cli = back->cli;
    enum esc_status status = back->rooms->restore(&back->task, restored, err);
    if (status == ESC_LOCKED && cli->interactive && !cli->passphrase &&
        esc_str_contains(esc_str_of(err->message), ESC_STR("passphrase"))) {
        status = cli_passphrase(cli, true, err);
        back->task.passphrase = cli->passphrase;
        if (status == ESC_OK)
            status = back->rooms->restore(&back->task, restored, err);
    }
    if (status == ESC_CORRUPT && cli->interactive && !back->code &&
        esc_str_contains(esc_str_of(err->message), ESC_STR("no key fits"))) {
        cli_note(cli, "%s", err->message);
        status = read_code(back, true, err);
        if (status == ESC_OK)
            status = back->rooms->restore(&back->task, restored, err);
    }
    return status;
}

int cli_backup_restore(struct cli *cli)
{
    struct going_back back = {.cli = cli};
    struct esc_restored restored;
    struct esc_error err;
    enum esc_status status = begin(&back, false, &err);
    if (status == ESC_OK)
        status = restore(&back, &restored, &err);
    cli_backup_end(cli, &back.bar);
    if (status == ESC_OK)
        tell_restored(&back, &restored);
    forget_fetched(&back, status == ESC_OK);
    esc_secret_free(back.code);
    return status == ESC_OK ? 0 : cli_fail(cli, status, err.message);
}

/* Drill */

int cli_backup_drill(struct cli *cli)
{
    struct going_back back = {.cli = cli};
    struct esc_backup_facts facts;
    struct esc_error err;
    enum esc_status status = begin(&back, true, &err);
    if (status == ESC_OK)
        status = back.rooms->drill(&back.task, &facts, &err);
    cli_backup_end(cli, &back.bar);
    if (status == ESC_OK) {
        struct esc_buf out;
        ESC_CLEANUP(esc_json_freep) struct esc_json *body = esc_json_object();
        esc_buf_init(&out, ESC_MAX_FILE);
        add_facts(&back, &facts, body);
        if (cli->json)
            cli_print_json(body);
        else
            print_facts(body, "With the code alone this machine could restore the backup", &out);
        cli_out(&out);
        esc_buf_done(&out);
    }
    forget_fetched(&back, status == ESC_OK);
    esc_secret_free(back.code);
    return status == ESC_OK ? 0 : cli_fail(cli, status, err.message);
}
