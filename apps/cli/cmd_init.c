/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/rooms.h"
#include "escher/base/limits.h"

static enum esc_status keyring_of(const struct cli *cli, enum esc_keyring_kind *kind,
                                  struct esc_error *err)
{
    const char *text = cli_value(&cli->arguments, "keyring");
    *kind = esc_text_equal(text, "file") ? ESC_KEYRING_FILE : ESC_KEYRING_AUTO;
    if (text && !esc_text_equal(text, "file") && !esc_text_equal(text, "auto"))
        return esc_fail(err, ESC_INVALID, "--keyring takes auto or file");
    return ESC_OK;
}

/* Something new is protected: at the terminal it is typed twice. */
static enum esc_status read_passphrase(struct cli *cli, const struct cli_creation *creation,
                                       struct esc_error *err)
{
    static const struct cli_secret kind = {"passphrase", "passphrase-fd", "ESCHER_PASSPHRASE_FD",
                                           "New passphrase: ", true};
    const bool is_needed = creation->mixes_passphrase || creation->keyring == ESC_KEYRING_FILE;
    enum esc_status status = cli_secret(cli, &kind, is_needed, &cli->passphrase, err);
    if (status == ESC_OK && is_needed && !cli->passphrase)
        return esc_fail(err, ESC_INVALID, "%s needs a passphrase: --passphrase-fd N, or a terminal",
                        creation->mixes_passphrase ? "--mix-passphrase" : "--keyring file");
    return status;
}

static enum esc_status create(struct cli *cli, struct esc_secret **code, struct esc_error *err)
{
    struct cli_creation creation = {.with_code = cli_has(&cli->arguments, "show-code") ||
                                                 (cli->shows && !cli->json),
                                    .mixes_passphrase = cli_has(&cli->arguments, "mix-passphrase")};
    const struct cli_rooms *rooms = cli_rooms(cli, err);
    enum esc_status status = rooms ? keyring_of(cli, &creation.keyring, err) : err->status;
    if (status == ESC_OK && creation.mixes_passphrase && creation.keyring == ESC_KEYRING_FILE)
        status = esc_fail(err, ESC_INVALID, "--keyring file has a passphrase of its own");
    if (status == ESC_OK)
        status = read_passphrase(cli, &creation, err);
    return status == ESC_OK ? rooms->create(cli, &creation, code, err) : status;
}

static void print_json(const struct cli *cli, const struct esc_secret *code)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = esc_json_object();
    esc_json_set_text(body, "store", cli->paths.store);
    if (code)
        esc_json_set_str(body, "recovery_code", esc_secret_view(code));
    cli_print_json(body);
}

static void print_text(const struct cli *cli, const struct esc_secret *code)
{
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_LINE);
    esc_buf_add_text(&out, "The store is ready: ");
    cli_add(cli, &out, CLI_PLAIN, cli->paths.store);
    esc_buf_add_char(&out, '\n');
    if (code)
        cli_add_code(cli, &out, code);
    else
        esc_buf_add_text(&out, "It has no recovery code yet: `escher key recovery` prints one.\n");
    esc_buf_add_text(&out, "Next: `escher accounts add --discover`, then `escher sync`.\n");
    cli_out(&out);
    esc_buf_done(&out);
}

/* A code is made when a person sees it: at a terminal, or where one asks for it. Whoever is killed
 * between the store and the screen has a store with a code that nobody knows; `escher key recovery`
 * replaces it. */
int cmd_init(struct cli *cli)
{
    struct esc_error err;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *code = NULL;
    if (create(cli, &code, &err) != ESC_OK)
        return cli_fail(cli, err.status, err.message);
    if (cli->json)
        print_json(cli, code);
    else
        print_text(cli, code);
    return 0;
}
