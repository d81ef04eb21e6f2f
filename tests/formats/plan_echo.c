/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The C side of the tests of a planner's formats. First writes what the C code makes of every
 * question of tests/plan/ask.h, as lines `FORMAT DOCUMENT`, and a line `end`; then reads lines
 * `FORMAT DOCUMENT` and answers each with `ok` or `refused MESSAGE`.
 */

#include <stdio.h>

#include "escher/plan/judge.h"
#include "escher/plan/response.h"
#include "escher/request/context.h"
#include "tests/plan/ask.h"

static void say(const char *format, const struct esc_json *document)
{
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(document, ESC_JSON_COMPACT);
    (void)printf("%s %s\n", format, text);
}

static void say_question(const struct esc_shelf *shelf, const char *name)
{
    struct ask ask;
    struct esc_error err;
    struct esc_verdict verdict;
    ask_init(&ask, shelf, name);
    ESC_CLEANUP(esc_json_freep) struct esc_json *plan = ask_draft(&ask, shelf);
    say("planner-request", ask.request);
    say("planner-response", ask.response);
    say("plan", plan);
    esc_verdict_init(&verdict);
    expect_ok(esc_plan_judge(shelf, ask.request, ask.captures, &(struct esc_known_actions){0}, plan,
                             &verdict, &err));
    say("plan", plan);
    esc_verdict_done(&verdict);
    ask_done(&ask);
}

/* A request as the client builds it from its estate. */
static void say_request(void)
{
    struct esc_error err;
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = NULL;
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *cases = ask_file("tests/cases/formats/resource.json");
    expect_ok(esc_resource_from_json(esc_json_get(cases, "good[0]"), &resource, &err));
    const struct esc_request_resource entries[] = {
        {.resource = resource, .picked = true},
        {.resource = resource, .mention_start = 5, .mention_end = 9}};
    const char *const accounts[] = {"123456789012"};
    const struct esc_request request = {.prompt = ESC_STR("Stop this"),
                                        .resources = entries,
                                        .resource_count = ESC_COUNT(entries),
                                        .user_id = "u",
                                        .default_region = "us-west-2",
                                        .session_expires_ms = UINT64_C(1795262400000),
                                        .account_ids = accounts,
                                        .account_count = 1};
    ESC_CLEANUP(esc_json_freep) struct esc_json *document = esc_request_to_json(&request);
    say("planner-request", document);
}

static enum esc_status read_one(struct esc_str format, struct esc_str text, struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    enum esc_response_kind kind;
    if (esc_str_is(format, "planner-response"))
        return esc_response_read(text, &kind, &json, err);
    const enum esc_status status = esc_json_parse(text, NULL, &json, err);
    return status == ESC_OK ? esc_plan_check(json, err) : status;
}

static void answer_lines(void)
{
    char *line = NULL;
    size_t capacity = 0;
    for (ssize_t len; (len = getline(&line, &capacity, stdin)) > 0;) {
        struct esc_error err;
        struct esc_str text = esc_str_trim((struct esc_str){line, (size_t)len}), format;
        if (!esc_str_next(&text, ' ', &format))
            continue;
        if (read_one(format, text, &err) == ESC_OK)
            (void)printf("ok\n");
        else
            (void)printf("refused %s\n", err.message);
    }
    free(line);
}

int main(void)
{
    ESC_CLEANUP(esc_shelf_freep) struct esc_shelf *shelf = ask_shelf();
    for (size_t i = 0; i < ESC_COUNT(questions); i++)
        say_question(shelf, questions[i].name);
    say_request();
    (void)printf("end\n");
    answer_lines();
    return 0;
}
