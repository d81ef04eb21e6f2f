/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The fake AWS as a program, for tests of other programs and for trying things by hand:
 *
 *     fake-aws [--port N] [--seed N] [--size N] [--large 1] [--accounts A,B] [--regions R,S]
 *              [--page-size N] [--latency-ms N] [--throttle PERCENT]
 *              [--messages N] [--message-age-s N]
 *              [--fault KIND[:SERVICE.OPERATION[:REGION]]]...
 *
 * It prints one line of JSON when it listens, with its address and the keys of its accounts, and
 * another with what it saw when it is asked to end (SIGTERM, SIGINT) or its stdin closes.
 */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "escher/base/alloc.h"
#include "escher/base/list.h"
#include "escher/base/num.h"
#include "tests/support/fake_aws.h"

struct program {
    struct esc_loop *loop;
    struct fake_aws *aws;
    struct fake_aws_options options;
    struct esc_list accounts, regions; /* char *, end with NULL */
    struct esc_list faults;            /* const char *, as given */
    struct esc_watch *stdin_watch;
    uint64_t messages; /* in the queue: events of its first account */
};

static void split(struct esc_list *into, const char *text)
{
    struct esc_str rest = esc_str_of(text), piece;
    while (esc_str_next(&rest, ',', &piece))
        esc_list_push(into, esc_str_dup(piece));
    esc_list_push(into, NULL);
}

static bool take_number(struct program *program, const char *name, const char *value)
{
    uint64_t number = 0;
    if (!esc_num_u64(esc_str_of(value), &number))
        return false;
    if (strcmp(name, "--port") == 0)
        program->options.port = (unsigned)number;
    else if (strcmp(name, "--seed") == 0)
        program->options.seed = number;
    else if (strcmp(name, "--size") == 0)
        program->options.size = (size_t)number;
    else if (strcmp(name, "--large") == 0)
        program->options.is_large = number;
    else if (strcmp(name, "--page-size") == 0)
        program->options.page_size = (unsigned)number;
    else if (strcmp(name, "--latency-ms") == 0)
        program->options.latency_ms = number;
    else if (strcmp(name, "--messages") == 0)
        program->messages = number;
    else if (strcmp(name, "--message-age-s") == 0)
        program->options.message_age_ms = number * 1000;
    else if (strcmp(name, "--throttle") == 0)
        program->options.throttle_percent = (unsigned)number;
    else
        return false;
    return true;
}

static bool take_option(struct program *program, const char *name, const char *value)
{
    if (strcmp(name, "--accounts") == 0)
        split(&program->accounts, value);
    else if (strcmp(name, "--regions") == 0)
        split(&program->regions, value);
    else if (strcmp(name, "--fault") == 0)
        esc_list_push(&program->faults, esc_strdup(value));
    else
        return take_number(program, name, value);
    return true;
}

/* "denied:rds.DescribeDBInstances:us-west-2" */
static bool add_fault(struct fake_aws *aws, const char *text)
{
    struct esc_str rest = esc_str_of(text), kind = {0}, where = {0}, service = {0};
    struct fake_fault fault = {.kind = FAKE_FAULT_COUNT};
    (void)esc_str_next(&rest, ':', &kind);
    if (rest.ptr && esc_str_next(&rest, ':', &where))
        (void)esc_str_next(&where, '.', &service);
    ESC_CLEANUP(esc_freep) char *service_name = esc_str_dup(service);
    ESC_CLEANUP(esc_freep) char *operation = esc_str_dup(where);
    ESC_CLEANUP(esc_freep) char *region = esc_str_dup(rest);
    for (enum fake_fault_kind i = 0; i < FAKE_FAULT_COUNT; i++)
        if (esc_str_is(kind, fake_fault_text(i)))
            fault.kind = i;
    if (fault.kind == FAKE_FAULT_COUNT)
        return false;
    fault.service = *service_name ? service_name : NULL;
    fault.operation = *operation ? operation : NULL;
    fault.region = *region ? region : NULL;
    fake_aws_fault(aws, &fault);
    return true;
}

static void print_line(struct esc_json *line)
{
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(line, ESC_JSON_COMPACT);
    (void)printf("%s\n", text);
    (void)fflush(stdout);
    esc_json_free(line);
}

static void print_start(const struct program *program)
{
    struct esc_json *line = esc_json_object(), *accounts = esc_json_array();
    const char *const *names = fake_aws_accounts(program->aws);
    esc_json_set_text(line, "url", fake_aws_url(program->aws));
    for (size_t i = 0; names[i]; i++) {
        struct esc_json *account = esc_json_object();
        ESC_CLEANUP(esc_freep) char *key = fake_aws_key(names[i]);
        ESC_CLEANUP(esc_freep) char *secret = fake_aws_secret(key);
        esc_json_set_text(account, "id", names[i]);
        esc_json_set_text(account, "access_key_id", key);
        esc_json_set_text(account, "secret_access_key", secret);
        esc_json_push(accounts, account);
    }
    esc_json_set(line, "accounts", accounts);
    print_line(line);
}

/* Of a service that each region has, all over its regions. */
static void send_messages(const struct program *program)
{
    const char *const *regions = fake_aws_regions(program->aws);
    size_t count = 0;
    while (regions[count])
        count++;
    for (size_t i = 0; i < count; i++) {
        ESC_CLEANUP(esc_freep)
        char *event =
            esc_sprintf("{\"version\":\"0\",\"source\":\"aws.sqs\",\"detail-type\":\"AWS API "
                        "Call via CloudTrail\",\"account\":\"%s\",\"region\":\"%s\"}",
                        fake_aws_accounts(program->aws)[0], regions[i]);
        fake_aws_send_messages(program->aws, event,
                               program->messages / count + (i < program->messages % count));
    }
}

static void on_signal(void *context, int)
{
    esc_loop_stop(((struct program *)context)->loop);
}

static void on_stdin(void *context, unsigned)
{
    struct program *program = context;
    char bytes[256];
    if (read(STDIN_FILENO, bytes, sizeof bytes) > 0)
        return;
    esc_watch_close(ESC_STEAL(program->stdin_watch));
    esc_loop_stop(program->loop);
}

static int run(struct program *program)
{
    struct esc_error err;
    struct esc_signal *end = NULL, *interrupt = NULL;
    if (esc_loop_new(&program->loop, &err) != ESC_OK ||
        fake_aws_open(program->loop, &program->options, &program->aws, &err) != ESC_OK ||
        esc_loop_on_signal(program->loop, SIGTERM, on_signal, program, &end, &err) != ESC_OK ||
        esc_loop_on_signal(program->loop, SIGINT, on_signal, program, &interrupt, &err) != ESC_OK) {
        (void)fprintf(stderr, "fake-aws: %s\n", err.message);
        return 1;
    }
    for (size_t i = 0; i < program->faults.count; i++)
        if (!add_fault(program->aws, program->faults.items[i])) {
            (void)fprintf(stderr, "fake-aws: no fault `%s`\n", (char *)program->faults.items[i]);
            return 2;
        }
    send_messages(program);
    program->stdin_watch =
        esc_loop_watch(program->loop, STDIN_FILENO, ESC_READABLE, on_stdin, program);
    print_start(program);
    const enum esc_status status = esc_loop_run(program->loop, &err);
    print_line(fake_aws_report(program->aws));
    esc_watch_close(program->stdin_watch);
    esc_signal_close(end);
    esc_signal_close(interrupt);
    return status == ESC_OK ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct program program = {.options = {.seed = 1, .size = 1000}};
    esc_list_init(&program.accounts, free);
    esc_list_init(&program.regions, free);
    esc_list_init(&program.faults, free);
    int code = 0;
    for (int i = 1; code == 0 && i < argc; i += 2)
        if (i + 1 == argc || !take_option(&program, argv[i], argv[i + 1])) {
            (void)fprintf(stderr, "fake-aws: what is `%s`?\n", argv[i]);
            code = 2;
        }
    if (program.accounts.count > 0)
        program.options.accounts = (const char *const *)(uintptr_t)program.accounts.items;
    if (program.regions.count > 0)
        program.options.regions = (const char *const *)(uintptr_t)program.regions.items;
    if (code == 0)
        code = run(&program);
    fake_aws_close(program.aws);
    esc_loop_free(program.loop);
    esc_list_done(&program.accounts);
    esc_list_done(&program.regions);
    esc_list_done(&program.faults);
    return code;
}
