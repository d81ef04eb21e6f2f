/* SPDX-License-Identifier: Apache-2.0 */
#include <time.h>

#include "apps/cli/cli.h"
#include "escher/base/alloc.h"
#include "escher/base/clock.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"

static void add_how(const struct esc_json *account, struct esc_buf *out)
{
    const char *profile = esc_json_str(account, "profile", NULL);
    const char *role = esc_json_str(account, "role_arn", NULL);
    const char *session = esc_json_str(account, "sso_session", NULL);
    const bool keychain = esc_json_str(account, "keychain", NULL) != NULL;
    if (session)
        esc_buf_printf(out, "SSO %s as %s", session, esc_json_str(account, "sso_role", ""));
    else if (profile)
        esc_buf_printf(out, "profile %s", profile);
    else if (keychain)
        esc_buf_add_text(out, "keychain");
    else if (!role)
        esc_buf_add_text(out, "environment");
    if (role)
        esc_buf_printf(out, "%srole %s", out->len ? ", " : "", role);
    if (esc_json_flag(account, "emulator", false))
        esc_buf_printf(out, ", emulator %s", esc_json_str(account, "endpoint_url", ""));
}

static void add_regions(const struct esc_json *account, struct esc_buf *out)
{
    const struct esc_json *regions = esc_json_get(account, "regions");
    if (esc_json_len(regions) == 0)
        esc_buf_add_text(out, "enabled ones");
    for (size_t i = 0; i < esc_json_len(regions); i++)
        esc_buf_printf(out, "%s%s", i ? ", " : "", esc_json_str(esc_json_at(regions, i), "", ""));
}

static const struct esc_json *state_of(const struct esc_json *body, const char *account_id)
{
    const struct esc_json *states = esc_json_get(body, "credentials");
    for (size_t i = 0; i < esc_json_len(states); i++)
        if (esc_text_equal(esc_json_str(esc_json_at(states, i), "account_id", ""), account_id))
            return esc_json_at(states, i);
    return NULL;
}

/* "until 14:03", in the time of whoever reads it. */
static void add_end(const char *expires_at, struct esc_buf *out)
{
    char text[16];
    uint64_t at_ms = 0;
    struct tm local;
    if (!esc_time_parse(esc_str_of(expires_at), &at_ms))
        return;
    if (at_ms <= esc_clock_wall_ms(esc_clock_system())) {
        esc_buf_add_text(out, "asked for when needed");
        return;
    }
    const time_t at_s = (time_t)(at_ms / 1000);
    if (localtime_r(&at_s, &local) && strftime(text, sizeof text, "%H:%M", &local) > 0)
        esc_buf_printf(out, "until %s", text);
}

static void add_keys(const struct esc_json *state, struct esc_buf *out)
{
    const char *expires_at = esc_json_str(state, "expires_at", NULL);
    if (!state)
        esc_buf_add_text(out, "not asked yet");
    else if (esc_json_str(state, "message", NULL))
        esc_buf_add_text(out, "none");
    else if (expires_at)
        add_end(expires_at, out);
    else
        esc_buf_add_text(out, "good");
}

/* What is wrong with the keys of each, below the table. */
static void add_failures(const struct cli *cli, const struct esc_json *body, struct esc_buf *out)
{
    const struct esc_json *accounts = esc_json_get(body, "accounts");
    for (size_t i = 0; i < esc_json_len(accounts); i++) {
        const struct esc_json *account = esc_json_at(accounts, i);
        const struct esc_json *state = state_of(body, esc_json_str(account, "id", ""));
        const char *message = esc_json_str(state, "message", NULL);
        if (!message)
            continue;
        cli_add(cli, out, CLI_BAD, "✗ ");
        cli_add(cli, out, CLI_BOLD, esc_json_str(account, "name", ""));
        esc_buf_add_text(out, ": ");
        cli_add(cli, out, CLI_PLAIN, message);
        esc_buf_add_char(out, '\n');
    }
}

/* Where somebody has to log in again soon. */
static void add_logins(const struct cli *cli, const struct esc_json *body, struct esc_buf *out)
{
    const struct esc_json *states = esc_json_get(body, "credentials");
    for (size_t i = 0; i < esc_json_len(states); i++) {
        const char *says = esc_json_str(esc_json_at(states, i), "says", NULL);
        if (!says)
            continue;
        cli_add(cli, out, CLI_WARN, says);
        esc_buf_add_char(out, '\n');
    }
}

/* Without a word about keys unless the answer has one. */
static void print_accounts(const struct cli *cli, const struct esc_json *body)
{
    static const char *const all_titles[] = {"NAME", "ACCOUNT", "REGIONS", "REACHED BY", "KEYS"};
    const bool tells_keys = esc_json_get(body, "credentials") != NULL;
    struct cli_table *table = cli_table_new(all_titles, tells_keys ? 5 : 4);
    const struct esc_json *accounts = esc_json_get(body, "accounts");
    for (size_t i = 0; i < esc_json_len(accounts); i++) {
        const struct esc_json *account = esc_json_at(accounts, i);
        struct esc_buf how, regions, keys;
        esc_buf_init(&how, ESC_MAX_LINE);
        esc_buf_init(&regions, ESC_MAX_LINE);
        esc_buf_init(&keys, ESC_MAX_LINE);
        add_keys(state_of(body, esc_json_str(account, "id", "")), &keys);
        add_how(account, &how);
        add_regions(account, &regions);
        const char *const cells[] = {esc_json_str(account, "name", ""),
                                     esc_json_str(account, "id", ""), esc_buf_text(&regions),
                                     esc_buf_text(&how), esc_buf_text(&keys)};
        cli_table_row(table, cells);
        esc_buf_done(&how);
        esc_buf_done(&regions);
        esc_buf_done(&keys);
    }
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_FILE);
    if (esc_json_len(accounts))
        cli_table_print(cli, table, &out);
    else
        esc_buf_add_text(&out, "No accounts yet. `escher accounts add --discover` reads the AWS "
                               "configuration.\n");
    add_failures(cli, body, &out);
    add_logins(cli, body, &out);
    cli_out(&out);
    esc_buf_done(&out);
    cli_table_free(table);
}

static struct esc_json *split(const char *text)
{
    struct esc_json *array = esc_json_array();
    struct esc_str rest = esc_str_of(text), piece;
    while (text && esc_str_next(&rest, ',', &piece)) {
        if (esc_str_trim(piece).len)
            esc_json_push(array, esc_json_string(esc_str_trim(piece)));
    }
    return array;
}

/* What is no number goes along as it is, so that it is refused and not overlooked. */
static void add_duration(const struct cli_arguments *arguments, struct esc_json *request)
{
    const char *text = cli_value(arguments, "duration");
    uint64_t seconds = 0;
    if (text && esc_num_u64(esc_str_of(text), &seconds) && seconds <= INT32_MAX)
        esc_json_set_int(request, "duration_s", (int64_t)seconds);
    else if (text)
        esc_json_set_text(request, "duration_s", text);
}

static struct esc_json *add_request(const struct cli *cli)
{
    struct esc_json *request = esc_json_object();
    const struct cli_arguments *arguments = &cli->arguments;
    esc_json_set(request, "environment", cli_environment());
    esc_json_set(request, "regions", split(cli_value(arguments, "regions")));
    if (cli_value(arguments, "emulator"))
        esc_json_set_text(request, "endpoint_url", cli_value(arguments, "emulator"));
    if (cli_has(arguments, "discover"))
        return request;
    const bool organization = cli_has(arguments, "organization");
    const char *const options[][2] = {{"name", "name"},
                                      {"aws-profile", "profile"},
                                      {"role", organization ? "role" : "role_arn"},
                                      {"external-id", "external_id"},
                                      {"mfa-serial", "mfa_serial"},
                                      {"sso-session", "sso_session"},
                                      {"sso-role", "sso_role"}};
    if (!organization)
        esc_json_set_text(request, "id", cli_argument(arguments, 1));
    for (size_t i = 0; i < ESC_COUNT(options); i++) {
        if (cli_value(arguments, options[i][0]))
            esc_json_set_text(request, options[i][1], cli_value(arguments, options[i][0]));
    }
    if (cli_has(arguments, "keychain"))
        esc_json_set_bool(request, "keychain", true);
    add_duration(arguments, request);
    return request;
}

static int finish(struct cli *cli, enum esc_status status, const struct esc_json *body)
{
    const struct esc_json *skipped = esc_json_get(body, "skipped");
    for (size_t i = 0; !cli->json && i < esc_json_len(skipped); i++) {
        const struct esc_json *one = esc_json_at(skipped, i);
        const char *profile = esc_json_str(one, "profile", NULL);
        cli_note(cli, "skipped %s %s: %s", profile ? "profile" : esc_json_str(one, "name", ""),
                 profile ? profile : esc_json_str(one, "account_id", ""),
                 esc_json_str(one, "why", ""));
    }
    if (status != ESC_OK && status != ESC_PARTIAL)
        return cli_fail_body(cli, status, body);
    if (cli->json)
        cli_print_json(body);
    else
        print_accounts(cli, body);
    return esc_status_exit_code(status);
}

static int test_account(struct cli *cli, const char *name)
{
    ESC_CLEANUP(esc_freep) char *path = cli_path("accounts", name, "test");
    struct esc_json *request = esc_json_object();
    esc_json_set(request, "environment", cli_environment());
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    const enum esc_status status = cli_call(cli, "POST", path, request, NULL, NULL, &body);
    if (status != ESC_OK)
        return cli_fail_body(cli, status, body);
    if (cli->json) {
        cli_print_json(body);
        return 0;
    }
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_LINE);
    cli_add(cli, &out, CLI_BOLD, name);
    esc_buf_add_text(&out, ": ");
    cli_add(cli, &out, CLI_GOOD, esc_json_str(body, "result", ""));
    esc_buf_add_char(&out, '\n');
    cli_out(&out);
    esc_buf_done(&out);
    return 0;
}

static void print_policy(const struct cli *, const struct esc_json *body, struct esc_buf *out)
{
    const struct esc_json *policies = esc_json_get(body, "policies");
    esc_json_write(esc_json_len(policies) == 1 ? esc_json_at(policies, 0) : policies,
                   ESC_JSON_PRETTY, out);
    esc_buf_add_char(out, '\n');
}

static int show_policy(struct cli *cli)
{
    struct esc_json *request = esc_json_object();
    const char *service = cli_value(&cli->arguments, "service");
    if (service)
        esc_json_set_text(request, "service", service);
    if (cli_has(&cli->arguments, "organization"))
        esc_json_set_bool(request, "organization", true);
    else
        cli_note(cli, "for an organisation's management account, add --organization");
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    const enum esc_status status =
        cli_call(cli, "POST", "/api/accounts/policy", request, NULL, NULL, &body);
    return cli_answer(cli, status, body, print_policy);
}

int cmd_accounts(struct cli *cli)
{
    const char *act = cli_argument(&cli->arguments, 0);
    const char *name = cli_argument(&cli->arguments, 1);
    const bool discover = cli_has(&cli->arguments, "discover");
    const bool organization = cli_has(&cli->arguments, "organization");
    ESC_CLEANUP(esc_freep) char *path = esc_strdup("/api/accounts");
    const char *method = "GET";
    struct esc_json *request = NULL;
    if (esc_text_equal(act, "policy") && !name)
        return show_policy(cli);
    if (esc_text_equal(act, "test") && name)
        return test_account(cli, name);
    if (esc_text_equal(act, "add") && (name || discover || organization)) {
        method = "POST";
        request = add_request(cli);
        free(path);
        path = esc_strdup(discover       ? "/api/accounts/discover"
                          : organization ? "/api/accounts/organization"
                                         : "/api/accounts");
    } else if (esc_text_equal(act, "remove") && name) {
        method = "DELETE";
        free(path);
        path = cli_path("accounts", name, NULL);
    } else if (act && !esc_text_equal(act, "list")) {
        return cli_fail(cli, ESC_INVALID,
                        "usage: escher accounts [list | add ACCOUNT | add --discover | "
                        "add --organization | remove ACCOUNT | test ACCOUNT | policy]");
    }
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    const enum esc_status status = cli_call(cli, method, path, request, NULL, NULL, &body);
    return finish(cli, status, body);
}
