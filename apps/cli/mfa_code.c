/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/cli.h"
#include "escher/base/limits.h"

/* The code that an MFA device shows: from a descriptor, or typed at the terminal and not seen. */

enum esc_status cli_mfa_code(struct cli *cli, const struct esc_json *asked, struct esc_secret **out,
                             struct esc_error *err)
{
    const char *account = esc_json_str(asked, "account", NULL);
    const bool again = esc_json_flag(asked, "again", false);
    struct esc_buf question;
    if (cli->code_was_read)
        return esc_fail(err, ESC_LOCKED, "the MFA code is not taken; one counts for half a minute");
    cli->code_was_read = cli_value(&cli->arguments, "mfa-code-fd") != NULL;
    esc_buf_init(&question, ESC_MAX_LINE);
    if (again)
        esc_buf_add_text(&question, "That code is not taken. ");
    cli_add(cli, &question, CLI_PLAIN, "MFA code of ");
    cli_add(cli, &question, CLI_PLAIN, esc_json_str(asked, "device", ""));
    if (account) {
        esc_buf_add_text(&question, " for ");
        cli_add(cli, &question, CLI_PLAIN, account);
    }
    esc_buf_add_text(&question, ": ");
    const struct cli_secret kind = {"MFA code", "mfa-code-fd", NULL, esc_buf_text(&question),
                                    false};
    enum esc_status status = cli_secret(cli, &kind, true, out, err);
    if (status == ESC_OK && !*out)
        status = esc_fail(err, ESC_LOCKED,
                          "an MFA code is needed: at a terminal, or with --mfa-code-fd N");
    esc_buf_done(&question);
    return status;
}
