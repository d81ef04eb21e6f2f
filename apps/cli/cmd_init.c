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

static enum esc_status create(struct cli *cli, struct esc_error *err)
{
    enum esc_keyring_kind kind = ESC_KEYRING_AUTO;
    const struct cli_rooms *rooms = cli_rooms(cli, err);
    enum esc_status status = rooms ? keyring_of(cli, &kind, err) : err->status;
    if (status == ESC_OK)
        status = cli_passphrase(cli, kind == ESC_KEYRING_FILE, err);
    if (status != ESC_OK)
        return status;
    if (kind == ESC_KEYRING_FILE && !cli->passphrase)
        return esc_fail(err, ESC_INVALID,
                        "--keyring file needs a passphrase: --passphrase-fd N, or a terminal");
    return rooms->create(cli, kind, err);
}

int cmd_init(struct cli *cli)
{
    struct esc_error err;
    if (create(cli, &err) != ESC_OK)
        return cli_fail(cli, err.status, err.message);
    if (cli->json) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *body = esc_json_object();
        esc_json_set_text(body, "store", cli->paths.store);
        cli_print_json(body);
        return 0;
    }
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_LINE);
    esc_buf_add_text(&out, "The store is ready: ");
    cli_add(cli, &out, CLI_PLAIN, cli->paths.store);
    esc_buf_add_text(&out, "\nNext: `escher accounts add --discover`, then `escher sync`.\n");
    cli_out(&out);
    esc_buf_done(&out);
    return 0;
}
