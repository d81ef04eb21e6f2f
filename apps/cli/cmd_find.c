/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/cards.h"
#include "apps/cli/cli.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"

/* An option into the request, when it was given. */
static void pass_on(const struct cli *cli, struct esc_json *request, const char *name)
{
    const char *value = cli_value(&cli->arguments, name);
    if (value)
        esc_json_set_text(request, name, value);
}

static enum esc_status pass_count(struct cli *cli, struct esc_json *request, struct esc_error *err)
{
    const char *text = cli_value(&cli->arguments, "n");
    uint64_t count;
    if (!text)
        return ESC_OK;
    if (!esc_num_u64(esc_str_of(text), &count) || count == 0 || count > 1000)
        return esc_fail(err, ESC_INVALID, "`-n %s`: a number from 1 to 1000", text);
    esc_json_set_int(request, "n", (int64_t)count);
    return ESC_OK;
}

static void print_why(const struct cli *cli, const struct esc_json *hits, struct esc_buf *out)
{
    for (size_t i = 0; i < esc_json_len(hits); i++) {
        const struct esc_json *hit = esc_json_at(hits, i);
        cli_add(cli, out, CLI_BOLD, esc_json_str(hit, "resource.name", ""));
        esc_buf_add_text(out, "  ");
        cli_add(cli, out, CLI_DIM, esc_json_str(hit, "why", ""));
        esc_buf_add_char(out, '\n');
    }
}

static void print_hits(struct cli *cli, const struct esc_json *body)
{
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_FILE);
    const struct esc_json *hits = esc_json_get(body, "hits");
    if (cli_has(&cli->arguments, "explain"))
        print_why(cli, hits, &out);
    else
        cli_print_hits(cli, hits, &out);
    cli_out(&out);
    esc_buf_done(&out);
    if (esc_json_str(body, "unreadable", NULL))
        cli_note(cli, "the estate is damaged; `escher sync` reads it from the cloud again: %s",
                 esc_json_str(body, "unreadable", ""));
    const int64_t total = esc_json_num(body, "total", 0);
    if (total > (int64_t)esc_json_len(hits))
        cli_note(cli, "%zu of %lld shown; -n shows more", esc_json_len(hits), (long long)total);
}

int cmd_find(struct cli *cli)
{
    struct esc_json *request = esc_json_object();
    struct esc_error err;
    const char *text = cli_argument(&cli->arguments, 0);
    static const char *const options[] = {"filter", "type", "account", "region", "view"};
    bool is_question = text != NULL;
    for (size_t i = 0; i < ESC_COUNT(options); i++)
        is_question = is_question || cli_has(&cli->arguments, options[i]);
    if (!is_question) {
        esc_json_free(request);
        return cli_fail(cli, ESC_INVALID, "find what? Give a text, or --filter, --type, --account");
    }
    esc_json_set_text(request, "text", text ? text : "");
    for (size_t i = 0; i < ESC_COUNT(options); i++)
        pass_on(cli, request, options[i]);
    if (pass_count(cli, request, &err) != ESC_OK) {
        esc_json_free(request);
        return cli_fail(cli, err.status, err.message);
    }
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    const enum esc_status status = cli_call(cli, "POST", "/api/find", request, NULL, NULL, &body);
    if (status != ESC_OK)
        return cli_fail_body(cli, status, body);
    if (cli->json)
        cli_print_json(body);
    else
        print_hits(cli, body);
    return 0;
}

int cmd_complete(struct cli *cli)
{
    struct esc_json *request = esc_json_object();
    struct esc_error err;
    esc_json_set_text(request, "prefix", cli_argument(&cli->arguments, 0));
    if (pass_count(cli, request, &err) != ESC_OK) {
        esc_json_free(request);
        return cli_fail(cli, err.status, err.message);
    }
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    const enum esc_status status =
        cli_call(cli, "POST", "/api/complete", request, NULL, NULL, &body);
    if (status != ESC_OK)
        return cli_fail_body(cli, status, body);
    if (cli->json) {
        cli_print_json(body);
        return 0;
    }
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_FILE);
    const struct esc_json *names = esc_json_get(body, "names");
    for (size_t i = 0; i < esc_json_len(names); i++) {
        cli_add(cli, &out, CLI_PLAIN, esc_json_str(esc_json_at(names, i), "", ""));
        esc_buf_add_char(&out, '\n');
    }
    cli_out(&out);
    esc_buf_done(&out);
    return 0;
}
