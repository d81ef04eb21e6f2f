/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "apps/cli/rooms.h"
#include "escher/base/alloc.h"
#include "escher/base/limits.h"

void cli_add_code(const struct cli *cli, struct esc_buf *out, const struct esc_secret *code)
{
    esc_buf_add_text(out, "\nRecovery code, shown this once and kept nowhere:\n\n    ");
    cli_add(cli, out, CLI_BOLD, esc_secret_view(code).ptr);
    esc_buf_add_text(out,
                     "\n\nWrite it down and keep it away from this machine. It opens the store and "
                     "its backups\nwhen the keyring is lost; `escher key recovery` makes another "
                     "in its place.\n\n");
}

/* Status */

static void add_line(const struct cli *cli, struct esc_buf *out, const char *label,
                     const char *value)
{
    esc_buf_printf(out, "%-12s ", label);
    cli_add(cli, out, CLI_PLAIN, value);
    esc_buf_add_char(out, '\n');
}

static void print_data_keys(const struct cli *cli, const struct esc_json *page, struct esc_buf *out)
{
    static const char *const titles[] = {"DATA KEYS OF", "KEYS", "EPOCH", "SEALS", "OF"};
    const struct esc_json *list = esc_json_member(page, "data_keys");
    if (!esc_json_len(list))
        return;
    ESC_CLEANUP(esc_freep) char *budget = esc_sprintf("%" PRId64, esc_json_num(page, "budget", 0));
    struct cli_table *table = cli_table_new(titles, ESC_COUNT(titles));
    for (size_t i = 0; i < esc_json_len(list); i++) {
        const struct esc_json *one = esc_json_at(list, i);
        ESC_CLEANUP(esc_freep) char *keys = esc_sprintf("%" PRId64, esc_json_num(one, "keys", 0));
        ESC_CLEANUP(esc_freep) char *epoch = esc_sprintf("%" PRId64, esc_json_num(one, "epoch", 0));
        ESC_CLEANUP(esc_freep) char *seals = esc_sprintf("%" PRId64, esc_json_num(one, "seals", 0));
        const char *const cells[] = {esc_json_str(one, "collection", ""), keys, epoch, seals,
                                     budget};
        cli_table_row(table, cells);
    }
    esc_buf_add_char(out, '\n');
    cli_table_print(cli, table, out);
    cli_table_free(table);
}

static char *rotation_text(const struct esc_json *page)
{
    const struct esc_json *rotation = esc_json_member(page, "rotation");
    const char *state = esc_json_str(rotation, "state", "");
    const int64_t sealed = esc_json_num(rotation, "sealed", 0);
    if (esc_text_equal(state, "sealing"))
        return esc_sprintf("under way: %" PRId64 " of %" PRId64 " rows are sealed anew", sealed,
                           esc_json_num(rotation, "rows", 0));
    if (esc_text_equal(state, "sealed"))
        return esc_sprintf("done %s; the old keys wait for the next verified backup",
                           esc_json_str(rotation, "done", ""));
    if (esc_text_equal(state, "over"))
        return esc_sprintf("done %s; the old keys are gone", esc_json_str(rotation, "done", ""));
    return esc_strdup("never");
}

static void print_page(const struct cli *cli, const struct esc_json *page)
{
    struct esc_buf out;
    const char *since = esc_json_str(page, "recovery_since", NULL);
    esc_buf_init(&out, ESC_MAX_FILE);
    ESC_CLEANUP(esc_freep)
    char *key = esc_sprintf("number %" PRId64 ", since %s", esc_json_num(page, "kek", 0),
                            esc_json_str(page, "since", ""));
    ESC_CLEANUP(esc_freep)
    char *where = esc_sprintf("%s, item `%s`", esc_json_str(page, "keyring", ""),
                              esc_json_str(page, "item", ""));
    ESC_CLEANUP(esc_freep)
    char *code = since ? esc_sprintf("a code since %s", since)
                       : esc_strdup("no code; `escher key recovery` prints one");
    ESC_CLEANUP(esc_freep) char *rotation = rotation_text(page);
    add_line(cli, &out, "key", key);
    add_line(cli, &out, "keyring", where);
    add_line(cli, &out, "passphrase",
             esc_json_flag(page, "passphrase", false) ? "the other half of the key"
                                                      : "not a part of the key");
    add_line(cli, &out, "recovery", code);
    add_line(cli, &out, "rotation", rotation);
    print_data_keys(cli, page, &out);
    cli_out(&out);
    esc_buf_done(&out);
}

static int key_status(struct cli *cli)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = NULL;
    const enum esc_status status = cli_call(cli, "GET", "/api/keys", NULL, NULL, NULL, &page);
    if (status != ESC_OK)
        return cli_fail_body(cli, status, page);
    if (cli->json)
        cli_print_json(page);
    else
        print_page(cli, page);
    return 0;
}

/* A new code */

static int new_code(struct cli *cli)
{
    struct esc_buf out;
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    const enum esc_status status =
        cli_call(cli, "POST", "/api/keys/recovery", NULL, NULL, NULL, &body);
    if (status != ESC_OK)
        return cli_fail_body(cli, status, body);
    if (cli->json) {
        cli_print_json(body);
        return 0;
    }
    ESC_CLEANUP(esc_secret_freep)
    struct esc_secret *code = esc_secret_of_text(esc_json_str(body, "code", ""));
    esc_buf_init(&out, ESC_MAX_LINE);
    cli_add_code(cli, &out, code);
    esc_buf_add_text(&out,
                     "The code before it is in no slot of this store any more. Who has it and a "
                     "copy from before\ncan still get the key: `escher key rotate` makes that "
                     "one worthless.\n");
    cli_out(&out);
    esc_buf_done(&out);
    return 0;
}

/* New keys */

static void note_progress(struct cli *cli, const struct esc_json *event, void *)
{
    if (esc_text_equal(esc_json_str(event, "kind", NULL), "key.progress"))
        cli_note(cli, "%" PRId64 " of %" PRId64 " rows are sealed anew",
                 esc_json_num(event, "data.sealed", 0), esc_json_num(event, "data.rows", 0));
}

static void print_rotated(const struct cli *cli, const struct esc_json *page)
{
    struct esc_buf out;
    const int64_t unreadable = esc_json_num(page, "rotation.unreadable", 0);
    esc_buf_init(&out, ESC_MAX_LINE);
    esc_buf_printf(&out, "Key %" PRId64 " is in use: %" PRId64 " rows were sealed anew.\n",
                   esc_json_num(page, "kek", 0), esc_json_num(page, "rotation.sealed", 0));
    if (unreadable)
        esc_buf_printf(&out, "%" PRId64 " damaged rows are as they were.\n", unreadable);
    esc_buf_add_text(&out, "The old keys go after the next verified backup.\n");
    cli_out(&out);
    esc_buf_done(&out);
    (void)cli;
}

static int rotate(struct cli *cli)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = NULL;
    const enum esc_status status =
        cli_call(cli, "POST", "/api/keys/rotate", NULL, note_progress, NULL, &page);
    if (status != ESC_OK)
        return cli_fail_body(cli, status, page);
    if (cli->json)
        cli_print_json(page);
    else
        print_rotated(cli, page);
    return 0;
}

/* With the store for ourselves */

static void local_progress(void *context, uint64_t sealed, uint64_t rows)
{
    cli_note(context, "%" PRIu64 " of %" PRIu64 " rows are sealed anew", sealed, rows);
}

static struct esc_key_task task_of(struct cli *cli)
{
    return (struct esc_key_task){.profile = cli->paths.profile,
                                 .passphrase = cli->passphrase,
                                 .on_progress = local_progress,
                                 .context = cli};
}

static int end_local(const struct cli *cli, enum esc_status status, const struct esc_error *err,
                     const char *says)
{
    if (status != ESC_OK)
        return cli_fail(cli, status, err->message);
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = esc_json_object();
    esc_json_set_text(body, "says", says);
    if (cli->json) {
        cli_print_json(body);
        return 0;
    }
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_LINE);
    esc_buf_printf(&out, "%s\n", says);
    cli_out(&out);
    esc_buf_done(&out);
    return 0;
}

/* Runs @p act; when that wants a passphrase and a person is there, they are asked, once. */
static enum esc_status with_passphrase(struct cli *cli, struct esc_key_task *task,
                                       enum esc_status (*act)(const struct esc_key_task *,
                                                              struct esc_error *),
                                       struct esc_error *err)
{
    enum esc_status status = act(task, err);
    if (status != ESC_LOCKED || cli->passphrase || !cli->interactive ||
        !strstr(err->message, "passphrase"))
        return status;
    status = cli_passphrase(cli, true, err);
    task->passphrase = cli->passphrase;
    return status == ESC_OK ? act(task, err) : status;
}

static int restore(struct cli *cli)
{
    static const struct cli_secret kind = {"recovery code", "code-fd", "ESCHER_RECOVERY_CODE_FD",
                                           "Recovery code: ", false};
    struct esc_error err;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *code = NULL;
    const struct cli_rooms *rooms = cli_rooms(cli, &err);
    enum esc_status status = rooms ? cli_passphrase(cli, false, &err) : err.status;
    if (status == ESC_OK)
        status = cli_secret(cli, &kind, true, &code, &err);
    if (status == ESC_OK && !code)
        status = esc_fail(&err, ESC_INVALID, "give the recovery code: --code-fd N, or a terminal");
    struct esc_key_task task = task_of(cli);
    task.code = code;
    if (status == ESC_OK)
        status = with_passphrase(cli, &task, rooms->key_restore, &err);
    return end_local(cli, status, &err, "The key is back in the keyring, and the store opens.");
}

static enum esc_status read_new_passphrase(struct cli *cli, bool is_needed, struct esc_secret **out,
                                           struct esc_error *err)
{
    static const struct cli_secret kind = {"passphrase", "new-passphrase-fd", NULL,
                                           "New passphrase: ", true};
    enum esc_status status = cli_secret(cli, &kind, is_needed, out, err);
    if (status == ESC_OK && is_needed && !*out)
        return esc_fail(err, ESC_INVALID,
                        "give the new passphrase: --new-passphrase-fd N, or a terminal");
    return status;
}

static int passphrase(struct cli *cli)
{
    const char *act = cli_argument(&cli->arguments, 1);
    const bool is_set = esc_text_equal(act, "set");
    struct esc_error err;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *fresh = NULL;
    if (!is_set && !esc_text_equal(act, "remove"))
        return cli_fail(cli, ESC_INVALID, "usage: escher key passphrase set|remove");
    const struct cli_rooms *rooms = cli_rooms(cli, &err);
    enum esc_status status = rooms ? cli_passphrase(cli, false, &err) : err.status;
    if (status == ESC_OK && is_set)
        status = read_new_passphrase(cli, true, &fresh, &err);
    struct esc_key_task task = task_of(cli);
    task.new_passphrase = fresh;
    if (status == ESC_OK)
        status = with_passphrase(cli, &task, rooms->key_set_passphrase, &err);
    return end_local(cli, status, &err,
                     is_set ? "New keys are in use; only keychain and passphrase together open "
                              "the store."
                            : "New keys are in use; the keychain alone opens the store.");
}

static int migrate(struct cli *cli)
{
    const char *kind = cli_argument(&cli->arguments, 1);
    const bool to_file = esc_text_equal(kind, "file");
    struct esc_error err;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *fresh = NULL;
    if (!to_file && !esc_text_equal(kind, "auto"))
        return cli_fail(cli, ESC_INVALID, "usage: escher key migrate file|auto");
    const struct cli_rooms *rooms = cli_rooms(cli, &err);
    enum esc_status status = rooms ? cli_passphrase(cli, !to_file, &err) : err.status;
    if (status == ESC_OK)
        status = read_new_passphrase(cli, to_file, &fresh, &err);
    struct esc_key_task task = task_of(cli);
    task.new_passphrase = fresh;
    if (status == ESC_OK)
        status = rooms->key_migrate(&task, to_file ? ESC_KEYRING_FILE : ESC_KEYRING_AUTO, &err);
    return end_local(cli, status, &err,
                     to_file ? "The key is in a file now, under the new passphrase."
                             : "The key is in the desktop's keychain now.");
}

int cmd_key(struct cli *cli)
{
    static const struct {
        const char *name;
        int (*run)(struct cli *cli);
    } acts[] = {
        {"status", key_status}, {"recovery", new_code},     {"rotate", rotate},
        {"migrate", migrate},   {"passphrase", passphrase},
    };
    const char *act = cli_argument(&cli->arguments, 0);
    if (!act)
        return key_status(cli);
    if (esc_text_equal(act, "recovery") && cli_has(&cli->arguments, "restore"))
        return restore(cli);
    for (size_t i = 0; i < ESC_COUNT(acts); i++)
        if (esc_text_equal(act, acts[i].name))
            return acts[i].run(cli);
    return cli_fail(cli, ESC_INVALID,
                    "usage: escher key [status|recovery|rotate|passphrase|migrate]");
}
