/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "apps/cli/cli.h"
#include "escher/base/alloc.h"
#include "escher/base/num.h"

/* "6h", "15m", "2d" or "off" as minutes. */
static bool read_minutes(const char *text, int64_t *out)
{
    static const struct {
        char unit;
        uint64_t minutes;
    } units[] = {{'m', 1}, {'h', 60}, {'d', 24 * 60}};
    const struct esc_str given = esc_str_of(text);
    uint64_t count;
    *out = 0;
    if (esc_str_is(given, "off"))
        return true;
    if (given.len < 2 || !esc_num_u64(esc_str_slice(given, 0, given.len - 1), &count) ||
        count > 100'000)
        return false;
    for (size_t i = 0; i < ESC_COUNT(units); i++) {
        if (given.ptr[given.len - 1] != units[i].unit)
            continue;
        *out = (int64_t)(count * units[i].minutes);
        return true;
    }
    return false;
}

static void add_every(struct esc_buf *out, int64_t minutes)
{
    if (minutes % (24 * 60) == 0)
        esc_buf_printf(out, "every %lld d", (long long)(minutes / (24 * 60)));
    else if (minutes % 60 == 0)
        esc_buf_printf(out, "every %lld h", (long long)(minutes / 60));
    else
        esc_buf_printf(out, "every %lld min", (long long)minutes);
}

static void add_turn(const struct cli *cli, struct esc_buf *out, const char *label,
                     const struct esc_json *turn)
{
    const int64_t minutes = esc_json_num(turn, "every_minutes", 0);
    esc_buf_printf(out, "%-12s ", label);
    if (minutes)
        add_every(out, minutes);
    else
        esc_buf_add_text(out, "off");
    esc_buf_add_text(out, "; the last ");
    cli_add(cli, out, CLI_PLAIN, esc_json_str(turn, "age", "never"));
    if (esc_json_str(turn, "due_at", NULL)) {
        esc_buf_add_text(out, ", due ");
        cli_add(cli, out, CLI_PLAIN, esc_json_str(turn, "due_at", ""));
    }
    esc_buf_add_char(out, '\n');
}

static void print_schedule(const struct cli *cli, const struct esc_json *body, struct esc_buf *out)
{
    const struct esc_json *missed = esc_json_get(body, "missed");
    add_turn(cli, out, "full", esc_json_get(body, "full"));
    add_turn(cli, out, "incremental", esc_json_get(body, "incremental"));
    esc_buf_printf(out, "%-12s ", "events");
    cli_add(cli, out, CLI_PLAIN,
            esc_json_str(body, "queue_url",
                         "none; `escher schedule rule --account A --region R` shows how"));
    if (esc_json_str(body, "queue_problem", NULL)) {
        esc_buf_printf(out, "\n%-12s stopped: ", "");
        cli_add(cli, out, CLI_WARN, esc_json_str(body, "queue_problem", ""));
    }
    if (esc_json_str(body, "queue_trouble", NULL)) {
        esc_buf_printf(out, "\n%-12s not read: ", "");
        cli_add(cli, out, CLI_WARN, esc_json_str(body, "queue_trouble", ""));
    }
    esc_buf_printf(out, "\n%-12s %lld days\n", "history",
                   (long long)esc_json_num(body, "history_days", 0));
    if (esc_json_num(body, "failures", 0))
        esc_buf_printf(out, "%-12s %lld, and none since that went well\n", "failures",
                       (long long)esc_json_num(body, "failures", 0));
    for (size_t i = 0; i < esc_json_len(missed); i++) {
        const struct esc_json *one = esc_json_at(missed, i);
        esc_buf_printf(out, "%-12s ", i ? "" : "left out");
        cli_add(cli, out, CLI_PLAIN, esc_json_str(one, "account_name", ""));
        esc_buf_add_text(out, ": ");
        cli_add(cli, out, CLI_DIM, esc_json_str(one, "message", ""));
        esc_buf_add_char(out, '\n');
    }
    if (!esc_json_flag(esc_json_get(body, "runs"), "", false))
        esc_buf_add_text(out, "Only a core that stays keeps it: `systemctl --user enable --now "
                              "escher`, or `escher core`.\n");
}

/* The rule */

static const char rule[] =
    "# Once in account %s, region %s. Events only say where to look again.\n"
    "# Those of IAM, Route 53 and CloudFront come in us-east-1 only: add \"aws.iam\" there.\n"
    "cat >escher-queue.json <<'END'\n"
    "{\"MessageRetentionPeriod\": \"3600\",\n"
    " \"Policy\": \"{\\\"Version\\\":\\\"2012-10-17\\\",\\\"Statement\\\":[{\\\"Effect\\\":"
    "\\\"Allow\\\",\\\"Principal\\\":{\\\"Service\\\":\\\"events.amazonaws.com\\\"},"
    "\\\"Action\\\":\\\"sqs:SendMessage\\\","
    "\\\"Resource\\\":\\\"arn:aws:sqs:%s:%s:escher-events\\\",\\\"Condition\\\":{\\\"ArnEquals"
    "\\\":{\\\"aws:SourceArn\\\":\\\"arn:aws:events:%s:%s:rule/escher-events\\\"}}}]}\"}\n"
    "END\n"
    "aws sqs create-queue --queue-name escher-events --region %s"
    " --attributes file://escher-queue.json\n"
    "aws events put-rule --name escher-events --region %s --event-pattern"
    " '{\"source\":[\"aws.ec2\",\"aws.rds\",\"aws.s3\",\"aws.lambda\",\"aws.autoscaling\","
    "\"aws.elasticloadbalancing\",\"aws.ecs\",\"aws.eks\",\"aws.dynamodb\","
    "\"aws.elasticache\",\"aws.sns\",\"aws.sqs\",\"aws.secretsmanager\",\"aws.tag\"]}'\n"
    "aws events put-targets --rule escher-events --region %s"
    " --targets Id=escher,Arn=arn:aws:sqs:%s:%s:escher-events\n"
    "escher schedule events https://sqs.%s.amazonaws.com/%s/escher-events"
    " --account %s --region %s\n"
    "# Who reads it needs sqs:ReceiveMessage and sqs:DeleteMessage on the queue.\n";

/* Both go into a shell's line. */
static bool is_plain(const char *text)
{
    const struct esc_str word = esc_str_of(text);
    for (size_t i = 0; i < word.len; i++)
        if (!esc_is_alnum(word.ptr[i]) && word.ptr[i] != '-')
            return false;
    return word.len > 0;
}

static int print_rule(struct cli *cli)
{
    const char *account = cli_value(&cli->arguments, "account");
    const char *region = cli_value(&cli->arguments, "region");
    struct esc_buf out;
    if (!is_plain(account) || esc_str_of(account).len != 12 || !is_plain(region))
        return cli_fail(cli, ESC_INVALID,
                        "`escher schedule rule` takes --account with twelve digits, and --region");
    esc_buf_init(&out, 16 * 1024);
    esc_buf_printf(&out, rule, account, region, region, account, region, account, region, region,
                   region, region, account, region, account, account, region);
    cli_out(&out);
    esc_buf_done(&out);
    return 0;
}

/* What is set */

static bool set_turn(struct esc_json *request, const char *member, const char *value)
{
    int64_t minutes;
    if (!value || !read_minutes(value, &minutes))
        return false;
    esc_json_set_int(request, member, minutes);
    return true;
}

static bool set_history(struct esc_json *request, const char *value)
{
    int64_t minutes;
    if (!value || !read_minutes(value, &minutes) || minutes % (24 * 60) != 0 || minutes == 0)
        return false;
    esc_json_set_int(request, "history_days", minutes / (24 * 60));
    return true;
}

static bool set_events(const struct cli *cli, struct esc_json *request, const char *value)
{
    if (!value)
        return false;
    esc_json_set_text(request, "queue_url", strcmp(value, "off") == 0 ? "" : value);
    if (cli_value(&cli->arguments, "account"))
        esc_json_set_text(request, "queue_account", cli_value(&cli->arguments, "account"));
    if (cli_value(&cli->arguments, "region"))
        esc_json_set_text(request, "queue_region", cli_value(&cli->arguments, "region"));
    return true;
}

static bool set_emulators(struct esc_json *request, const char *value)
{
    const bool on = value && strcmp(value, "on") == 0;
    esc_json_set_bool(request, "emulators", on);
    return on || (value && strcmp(value, "off") == 0);
}

/* False: the words make no sense. */
static bool read_words(const struct cli *cli, struct esc_json *request)
{
    const char *what = cli_argument(&cli->arguments, 0), *value = cli_argument(&cli->arguments, 1);
    if (strcmp(what, "full") == 0)
        return set_turn(request, "full_minutes", value);
    if (strcmp(what, "incremental") == 0)
        return set_turn(request, "incremental_minutes", value);
    if (strcmp(what, "history") == 0)
        return set_history(request, value);
    if (strcmp(what, "events") == 0)
        return set_events(cli, request, value);
    return strcmp(what, "emulators") == 0 && set_emulators(request, value);
}

/* What the word before it takes. */
static int fail_words(const struct cli *cli)
{
    static const struct {
        const char *word, *takes;
    } words[] = {
        {"full", "an interval such as 6h or 2d, or `off`"},
        {"incremental", "an interval such as 15m or 1h, or `off`"},
        {"history", "a number of days such as 90d"},
        {"events", "the URL of a queue, or `off`"},
        {"emulators", "`on` or `off`"},
    };
    const char *what = cli_argument(&cli->arguments, 0), *value = cli_argument(&cli->arguments, 1);
    for (size_t i = 0; i < ESC_COUNT(words); i++) {
        if (strcmp(what, words[i].word) != 0)
            continue;
        ESC_CLEANUP(esc_freep)
        char *message = esc_sprintf("`escher schedule %s` takes %s%s%s%s", what, words[i].takes,
                                    value ? ", not `" : "", value ? value : "", value ? "`" : "");
        return cli_fail(cli, ESC_INVALID, message);
    }
    return cli_fail(cli, ESC_INVALID,
                    "`escher schedule` takes show, full, incremental, history, events, emulators "
                    "or rule");
}

int cmd_schedule(struct cli *cli)
{
    const char *what = cli_argument(&cli->arguments, 0);
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    if (what && strcmp(what, "rule") == 0)
        return print_rule(cli);
    if (!what || strcmp(what, "show") == 0) {
        const enum esc_status shown =
            cli_call(cli, "GET", "/api/schedule", NULL, NULL, NULL, &body);
        return cli_answer(cli, shown, body, print_schedule);
    }
    struct esc_json *request = esc_json_object();
    if (!read_words(cli, request)) {
        esc_json_free(request);
        return fail_words(cli);
    }
    const enum esc_status status =
        cli_call(cli, "PUT", "/api/schedule", request, NULL, NULL, &body);
    return cli_answer(cli, status, body, print_schedule);
}
