/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <unistd.h>

#include "apps/cli/cli.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"

static enum esc_status read_input(const char *path, struct esc_buf *text, struct esc_error *err)
{
    if (esc_text_equal(path, "-"))
        return esc_file_read_fd(STDIN_FILENO, text, err);
    return esc_file_read(path, text, err);
}

static int import(struct cli *cli, const char *path)
{
    struct esc_buf text;
    struct esc_error err;
    esc_buf_init(&text, ESC_MAX_FILE);
    if (read_input(path, &text, &err) != ESC_OK) {
        esc_buf_done(&text);
        return cli_fail(cli, err.status, err.message);
    }
    struct esc_json *request = esc_json_object();
    esc_json_set_str(request, "lines", esc_buf_str(&text));
    esc_buf_done(&text);
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    const enum esc_status status =
        cli_call(cli, "POST", "/api/estate/import", request, NULL, NULL, &body);
    if (status != ESC_OK)
        return cli_fail_body(cli, status, body);
    if (cli->json)
        cli_print_json(body);
    else
        cli_note(cli, "%lld resources imported", (long long)esc_json_num(body, "imported", 0));
    return 0;
}

/* Estate text leaves the sealed store here because its owner asked for it: the file is theirs
 * alone. */
static int export(struct cli *cli, const char *path)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    const enum esc_status status =
        cli_call(cli, "POST", "/api/estate/export", NULL, NULL, NULL, &body);
    if (status != ESC_OK && status != ESC_PARTIAL)
        return cli_fail_body(cli, status, body);
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_FILE);
    const struct esc_json *resources = esc_json_get(body, "resources");
    for (size_t i = 0; i < esc_json_len(resources); i++) {
        esc_json_write(esc_json_at(resources, i), ESC_JSON_SHOWN, &text);
        esc_buf_add_char(&text, '\n');
    }
    struct esc_error err = {0};
    enum esc_status written = esc_buf_status(&text, "the estate", &err);
    if (written == ESC_OK && esc_text_equal(path, "-"))
        cli_out(&text);
    else if (written == ESC_OK)
        written = esc_file_replace(path, esc_buf_str(&text), 0600, &err);
    esc_buf_done(&text);
    if (written != ESC_OK)
        return cli_fail(cli, written, err.message);
    cli_note(cli, "%zu resources exported", esc_json_len(resources));
    if (status == ESC_PARTIAL)
        cli_note(cli, "%s", esc_json_str(body, "message", ""));
    return esc_status_exit_code(status);
}

int cmd_estate(struct cli *cli)
{
    const char *act = cli_argument(&cli->arguments, 0);
    const char *path = cli_argument(&cli->arguments, 1);
    if (esc_text_equal(act, "import"))
        return import(cli, path);
    if (esc_text_equal(act, "export"))
        return export(cli, path);
    return cli_fail(cli, ESC_INVALID, "usage: escher estate import|export FILE");
}
