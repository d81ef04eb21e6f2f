/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/cli.h"
#include "escher/base/alloc.h"
#include "escher/base/limits.h"

static void add_how(const struct esc_json *account, struct esc_buf *out)
{
    const char *profile = esc_json_str(account, "profile", NULL);
    const char *role = esc_json_str(account, "role_arn", NULL);
    if (profile)
        esc_buf_printf(out, "profile %s", profile);
    else if (role)
        esc_buf_printf(out, "role %s", role);
    else
        esc_buf_add_text(out, "environment");
    if (esc_json_flag(account, "emulator", false))
        esc_buf_printf(out, ", emulator %s", esc_json_str(account, "endpoint_url", ""));
}

static void add_regions(const struct esc_json *account, struct esc_buf *out)
{
    const struct esc_json *regions = esc_json_get(account, "regions");
    for (size_t i = 0; i < esc_json_len(regions); i++)
        esc_buf_printf(out, "%s%s", i ? ", " : "", esc_json_str(esc_json_at(regions, i), "", ""));
}

static void print_accounts(const struct cli *cli, const struct esc_json *body)
{
    static const char *const titles[] = {"NAME", "ACCOUNT", "REGIONS", "REACHED BY"};
    struct cli_table *table = cli_table_new(titles, ESC_COUNT(titles));
    const struct esc_json *accounts = esc_json_get(body, "accounts");
    for (size_t i = 0; i < esc_json_len(accounts); i++) {
        const struct esc_json *account = esc_json_at(accounts, i);
        struct esc_buf how, regions;
        esc_buf_init(&how, ESC_MAX_LINE);
        esc_buf_init(&regions, ESC_MAX_LINE);
        add_how(account, &how);
        add_regions(account, &regions);
        const char *const cells[] = {esc_json_str(account, "name", ""),
                                     esc_json_str(account, "id", ""), esc_buf_text(&regions),
                                     esc_buf_text(&how)};
        cli_table_row(table, cells);
        esc_buf_done(&how);
        esc_buf_done(&regions);
    }
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_FILE);
    if (esc_json_len(accounts))
        cli_table_print(cli, table, &out);
    else
        esc_buf_add_text(&out, "No accounts yet. `escher accounts add --discover` reads the AWS "
                               "configuration.\n");
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
    esc_json_set_text(request, "id", cli_argument(arguments, 1));
    static const char *const options[][2] = {
        {"name", "name"}, {"aws-profile", "profile"}, {"role", "role_arn"}};
    for (size_t i = 0; i < ESC_COUNT(options); i++) {
        if (cli_value(arguments, options[i][0]))
            esc_json_set_text(request, options[i][1], cli_value(arguments, options[i][0]));
    }
    return request;
}

static int finish(struct cli *cli, enum esc_status status, const struct esc_json *body)
{
    const struct esc_json *skipped = esc_json_get(body, "skipped");
    for (size_t i = 0; !cli->json && i < esc_json_len(skipped); i++)
        cli_note(cli, "skipped profile %s: %s",
                 esc_json_str(esc_json_at(skipped, i), "profile", ""),
                 esc_json_str(esc_json_at(skipped, i), "why", ""));
    if (status != ESC_OK)
        return cli_fail_body(cli, status, body);
    if (cli->json)
        cli_print_json(body);
    else
        print_accounts(cli, body);
    return 0;
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
    ESC_CLEANUP(esc_freep) char *path = esc_strdup("/api/accounts");
    const char *method = "GET";
    struct esc_json *request = NULL;
    if (esc_text_equal(act, "policy") && !name)
        return show_policy(cli);
    if (esc_text_equal(act, "test") && name)
        return test_account(cli, name);
    if (esc_text_equal(act, "add") && (name || discover)) {
        method = "POST";
        request = add_request(cli);
        free(path);
        path = esc_strdup(discover ? "/api/accounts/discover" : "/api/accounts");
    } else if (esc_text_equal(act, "remove") && name) {
        method = "DELETE";
        free(path);
        path = cli_path("accounts", name, NULL);
    } else if (act && !esc_text_equal(act, "list")) {
        return cli_fail(cli, ESC_INVALID,
                        "usage: escher accounts [list | add ACCOUNT | add --discover | "
                        "remove ACCOUNT | test ACCOUNT | policy]");
    }
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    const enum esc_status status = cli_call(cli, method, path, request, NULL, NULL, &body);
    return finish(cli, status, body);
}
