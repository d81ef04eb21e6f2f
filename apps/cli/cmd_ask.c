/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/cards.h"
#include "apps/cli/cli.h"
#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"

/*
 *     prompt ─▶ /api/ask ─┬─ answer, query, nothing to do  exit 0
 *                         ├─ question                      exit 4 (3: nothing of that name),
 *                         │    └─ at a terminal: pick one, ask again with it
 *                         ├─ refusal                       exit 5
 *                         └─ plan ─┬─ shown, waits         exit 6
 *                                  └─ approved ─▶ run      exit 0, or 1 when it failed
 */

static void show_phase(struct cli *cli, const struct esc_json *event, void *context)
{
    if (esc_text_equal(esc_json_str(event, "kind", ""), "phase") && !cli->json)
        cli_note(cli, "%s", esc_json_str(event, "data.text", ""));
    else if (!esc_text_equal(esc_json_str(event, "kind", ""), "phase"))
        cli_show_run_event(cli, event, context);
}

static int print_outcome(struct cli *cli, enum esc_status status, const struct esc_json *run)
{
    if (cli->json)
        cli_print_json(run);
    if (!cli->json && esc_json_member(run, "steps")) {
        struct esc_buf out;
        esc_buf_init(&out, ESC_MAX_FILE);
        cli_print_run(cli, run, &out);
        cli_out(&out);
        esc_buf_done(&out);
    }
    if (!cli->json && status != ESC_OK)
        return cli_fail_body(cli, status, run);
    return esc_status_exit_code(status);
}

int cli_approve(struct cli *cli, const char *hash, const char *confirm, const char *by)
{
    ESC_CLEANUP(esc_freep) char *path = cli_path("plans", hash, "approve");
    struct esc_json *request = esc_json_object();
    esc_json_set(request, "environment", cli_environment());
    esc_json_set_text(request, "by", by);
    if (confirm)
        esc_json_set_text(request, "confirm", confirm);
    if (cli_has(&cli->arguments, "background"))
        esc_json_set_bool(request, "background", true);
    ESC_CLEANUP(esc_json_freep) struct esc_json *run = NULL;
    const enum esc_status status =
        cli_call(cli, "POST", path, request, cli_show_run_event, NULL, &run);
    return print_outcome(cli, status, run);
}

static struct esc_json *picked(const struct cli *cli)
{
    struct esc_json *resources = esc_json_array();
    const char *id;
    for (size_t i = 0; (id = cli_value_at(&cli->arguments, "resource", i)) != NULL; i++)
        esc_json_push_text(resources, id);
    return resources;
}

static enum esc_status add_planner(const struct cli *cli, struct esc_json *request,
                                   struct esc_error *err)
{
    const char *mode = cli_value(&cli->arguments, "mode");
    const char *planner = cli_value(&cli->arguments, "planner");
    const char *file = cli_value(&cli->arguments, "planner-token-file");
    esc_json_set_text(request, "mode", mode ? mode : "local");
    if (planner)
        esc_json_set_text(request, "planner", planner);
    if (!file)
        return ESC_OK;
    struct esc_buf token;
    esc_buf_init(&token, 4096);
    const enum esc_status status = esc_file_read(file, &token, err);
    if (status == ESC_OK)
        esc_json_set_str(request, "planner_token", esc_str_trim(esc_buf_str(&token)));
    esc_buf_done(&token);
    return status;
}

static enum esc_status make_request(const struct cli *cli, struct esc_json *request,
                                    struct esc_error *err)
{
    esc_json_set_text(request, "prompt", cli_argument(&cli->arguments, 0));
    esc_json_set(request, "resources", picked(cli));
    esc_json_set(request, "environment", cli_environment());
    if (cli_value(&cli->arguments, "conversation"))
        esc_json_set_text(request, "conversation", cli_value(&cli->arguments, "conversation"));
    return add_planner(cli, request, err);
}

/* At a terminal the number is asked for. */
static void say_how_to_choose(const struct cli *cli, struct esc_buf *out)
{
    if (!cli->interactive)
        esc_buf_add_text(out,
                         "Ask again with its exact name and, if that is not enough, its account; "
                         "or pick it: --resource ID (--json has the ids).\n");
}

static void print_answer(const struct cli *cli, const struct esc_json *body)
{
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_FILE);
    const char *kind = esc_json_str(body, "kind", "");
    if (esc_text_equal(kind, "plan")) {
        cli_print_plan(cli, esc_json_get(body, "plan"), &out);
    } else {
        cli_add(cli, &out, CLI_PLAIN, esc_json_str(body, "text", ""));
        esc_buf_add_char(&out, '\n');
        if (esc_json_len(esc_json_get(body, "choices"))) {
            cli_print_choices(cli, esc_json_get(body, "choices"), &out);
            say_how_to_choose(cli, &out);
        }
        if (esc_json_len(esc_json_get(body, "hits")))
            cli_print_hits(cli, esc_json_get(body, "hits"), &out);
    }
    cli_out(&out);
    esc_buf_done(&out);
}

/* Default No: only "y" and "yes", or the name where it is demanded, go on. */
static int ask_approval(struct cli *cli, const struct esc_json *body)
{
    const char *hash = esc_json_str(body, "plan_hash", "");
    const char *name = esc_json_str(body, "confirm", NULL);
    ESC_CLEANUP(esc_freep)
    char *question = name ? esc_strdup("\nType the resource's name to approve, or Enter for no: ")
                          : esc_strdup("\nApprove and run? [y/N] ");
    ESC_CLEANUP(esc_freep) char *line = cli_prompt(question);
    const bool yes = line && (name ? esc_text_equal(line, name)
                                   : esc_str_equal_nocase(esc_str_of(line), ESC_STR("y")) ||
                                         esc_str_equal_nocase(esc_str_of(line), ESC_STR("yes")));
    if (!yes) {
        cli_note(cli, "Not approved; nothing was changed.");
        return esc_status_exit_code(ESC_STALE);
    }
    return cli_approve(cli, hash, name, "terminal");
}

/* Part of the result, so that it is there with --quiet too. */
static void say_how_to_approve(const struct cli *cli, const char *hash, const char *name)
{
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_LINE);
    esc_buf_add_text(&out, "\nWaits for approval: escher ask --approve ");
    cli_add(cli, &out, CLI_PLAIN, hash);
    if (name)
        esc_buf_add_text(&out,
                         " --confirm NAME\nNAME is the name of the resource, as you type it.");
    esc_buf_add_char(&out, '\n');
    cli_out(&out);
    esc_buf_done(&out);
}

static int offer_approval(struct cli *cli, const struct esc_json *body)
{
    const char *hash = esc_json_str(body, "plan_hash", "");
    const char *name = esc_json_str(body, "confirm", NULL);
    if (cli_has(&cli->arguments, "yes-demo")) {
        if (!esc_json_flag(body, "emulator", false))
            return cli_fail(cli, ESC_BLOCKED,
                            "--yes-demo approves only in accounts of an emulator");
        cli_note(cli, "Approved by --yes-demo: the account is an emulator.");
        return cli_approve(cli, hash, name, "yes-demo");
    }
    if (cli->interactive && cli->shows && !cli->json)
        return ask_approval(cli, body);
    if (!cli->json)
        say_how_to_approve(cli, hash, name);
    return esc_status_exit_code(ESC_STALE);
}

/* At a terminal a choice can be made at once; elsewhere the numbered ids are the answer. */
static const char *choose(const struct cli *cli, const struct esc_json *body)
{
    const struct esc_json *choices = esc_json_get(body, "choices");
    if (!cli->interactive || !cli->shows || cli->json || esc_json_len(choices) == 0)
        return NULL;
    ESC_CLEANUP(esc_freep) char *line = cli_prompt("Which one? Number, or Enter for none: ");
    uint64_t number;
    if (!line || !esc_num_u64(esc_str_of(line), &number) || number == 0 ||
        number > esc_json_len(choices))
        return NULL;
    const struct esc_json *choice = esc_json_at(choices, (size_t)number - 1);
    return esc_json_str(choice, "resource.id", esc_json_str(choice, "id", NULL));
}

static enum esc_status ask_once(struct cli *cli, const char *choice, struct esc_json **body,
                                struct esc_error *err)
{
    struct esc_json *request = esc_json_object();
    enum esc_status status = make_request(cli, request, err);
    if (status != ESC_OK) {
        esc_json_free(request);
        return status;
    }
    if (choice) {
        struct esc_json *resources = esc_json_array();
        esc_json_push_text(resources, choice);
        esc_json_set(request, "resources", resources);
    }
    status = cli_call(cli, "POST", "/api/ask", request, show_phase, NULL, body);
    if (status != ESC_OK)
        (void)esc_fail(err, status, "%s", esc_json_str(*body, "message", ""));
    return status;
}

static int take_body(struct cli *cli, const struct esc_json *body)
{
    const char *kind = esc_json_str(body, "kind", "");
    const bool approves = cli_has(&cli->arguments, "yes-demo");
    if (!cli->json)
        print_answer(cli, body);
    else if (!approves || !esc_text_equal(kind, "plan"))
        cli_print_json(body);
    if (esc_text_equal(kind, "plan"))
        return offer_approval(cli, body);
    return esc_status_exit_code(esc_status_of_text(esc_json_str(body, "status", "ok")));
}

static int ask(struct cli *cli)
{
    struct esc_error err = {0};
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    if (ask_once(cli, NULL, &body, &err) != ESC_OK)
        return body ? cli_fail_body(cli, err.status, body) : cli_fail(cli, err.status, err.message);
    int code = take_body(cli, body);
    const char *choice = choose(cli, body);
    if (choice) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *again = NULL;
        if (ask_once(cli, choice, &again, &err) != ESC_OK)
            return cli_fail(cli, err.status, err.message);
        code = take_body(cli, again);
    }
    return code;
}

static void print_line(struct cli *, const struct esc_json *event, void *)
{
    if (esc_text_equal(esc_json_str(event, "kind", ""), "batch.answer"))
        cli_print_json(esc_json_get(event, "data"));
}

static int ask_batch(struct cli *cli, const char *path)
{
    struct esc_buf text;
    struct esc_error err;
    esc_buf_init(&text, ESC_MAX_FILE);
    const enum esc_status read = esc_text_equal(path, "-") ? esc_file_read_fd(0, &text, &err)
                                                           : esc_file_read(path, &text, &err);
    if (read != ESC_OK) {
        esc_buf_done(&text);
        return cli_fail(cli, read, err.message);
    }
    struct esc_json *request = esc_json_object();
    esc_json_set_str(request, "lines", esc_buf_str(&text));
    esc_buf_done(&text);
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    const enum esc_status status =
        cli_call(cli, "POST", "/api/ask/batch", request, print_line, NULL, &body);
    return status == ESC_OK ? 0 : cli_fail_body(cli, status, body);
}

int cmd_ask(struct cli *cli)
{
    const char *hash = cli_value(&cli->arguments, "approve");
    if (hash)
        return cli_approve(cli, hash, cli_value(&cli->arguments, "confirm"), "command line");
    if (cli_value(&cli->arguments, "batch"))
        return ask_batch(cli, cli_value(&cli->arguments, "batch"));
    if (!cli_argument(&cli->arguments, 0))
        return cli_fail(cli, ESC_INVALID, "ask what? For example: escher ask \"Stop web-1\"");
    return ask(cli);
}
