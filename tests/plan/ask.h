/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A request and an honest answer to it, made from a playbook and one of its fixtures: what the
 * planner would send for the same facts. Tests then change one thing.
 */

#include "escher/base/file.h"
#include "escher/base/paths.h"
#include "escher/plan/verify.h"
#include "escher/playbook/assess.h"
#include "tests/support/test.h"

struct ask {
    const struct esc_playbook *playbook;
    struct esc_json *request, *response, *captures;
};

/* What may be asked about; `values` is what the prompt says, by the name playbooks use. */
static const struct question {
    const char *name, *playbook, *fixture, *prompt, *values;
} questions[] = {
    {"stop", "aws_rds_stop_instance", "rds_available", "Stop pg-instance-main1", "{}"},
    {"stopped", "aws_rds_stop_instance", "rds_stopped", "Stop reports-db", "{}"},
    {"replica", "aws_rds_stop_instance", "rds_replica", "Stop it", "{}"},
    {"plain", "aws_rds_stop_instance", "rds_plain", "Stop it", "{}"},
    {"snapshot", "aws_rds_stop_instance_with_snapshot", "rds_available",
     "Stop pg-instance-main1 with a snapshot", "{}"},
    {"server", "aws_ec2_stop_instance", "ec2_running", "stop main-web-1", "{}"},
    {"spot", "aws_ec2_stop_instance", "ec2_spot", "stop it", "{}"},
    {"memory", "aws_lambda_set_memory", "lambda_active",
     "set the memory of thumbnail-maker from 256 to 512 MB", "{\"memory_mb\":512}"},
    {"timeout", "aws_lambda_set_timeout", "lambda_active",
     "set the timeout of thumbnail-maker to 1 minute", "{\"timeout_s\":60}"},
    {"bucket", "aws_s3_block_public_access", "s3_public", "block public access of it", "{}"},
};

static const uint64_t ask_now_ms = UINT64_C(1795248000000); /* 2026-11-21T08:00:00Z */
static const struct esc_plan_local ask_local = {
    .cli_version = "aws-cli/1.46.5", .now_ms = ask_now_ms, .nonce = "ab12"};

static inline struct esc_shelf *ask_shelf(void)
{
    struct esc_error err;
    struct esc_shelf *shelf = NULL;
    const char *root = esc_env("ESCHER_SOURCE");
    ESC_CLEANUP(esc_freep) char *folder = esc_path_join(root ? root : ".", "playbooks");
    expect_ok(esc_shelf_open(folder, &shelf, &err));
    return shelf;
}

static inline struct esc_json *ask_parse(const char *text)
{
    struct esc_error err;
    struct esc_json *json = NULL;
    expect_ok(esc_json_parse(esc_str_of(text), NULL, &json, &err));
    return json;
}

static inline struct esc_json *ask_file(const char *path)
{
    ESC_CLEANUP(esc_freep) char *text = test_source(path);
    return ask_parse(text);
}

/* Named in the prompt where its name stands there, else picked. */
static inline void ask_point(struct esc_json *resource, struct esc_str prompt)
{
    const struct esc_str name = esc_json_value(esc_json_member(resource, "name"));
    const size_t start = esc_str_find(prompt, name, 0);
    if (start == SIZE_MAX) {
        esc_json_set_bool(resource, "picked", true);
        return;
    }
    struct esc_json *mention = esc_json_object();
    esc_json_set_int(mention, "start", (int64_t)start);
    esc_json_set_int(mention, "end", (int64_t)(start + name.len));
    esc_json_set(resource, "mention", mention);
}

/* What a fixture has as null a request leaves out. */
static inline void ask_drop_null(struct esc_json *object, const char *member)
{
    if (esc_json_is(esc_json_member(object, member), ESC_JSON_NULL))
        esc_json_remove(object, member);
}

static inline struct esc_json *ask_request(const char *prompt, struct esc_json *resource)
{
    struct esc_json *request = ask_parse(
        "{\"v\":1,\"mode\":\"full\",\"identified_resources\":[],\"user_context\":{\"user_id\":"
        "\"u\",\"default_region\":\"us-west-2\",\"aws_accounts\":[]},"
        "\"history\":[]}");
    esc_json_set_text(request, "prompt", prompt);
    esc_json_push_text(esc_json_get_mutable(request, "user_context.aws_accounts"),
                       esc_json_str(resource, "account_id", ""));
    ask_drop_null(resource, "current_state");
    ask_drop_null(resource, "environment");
    ask_point(resource, esc_str_of(prompt));
    esc_json_push(esc_json_get_mutable(request, "identified_resources"), resource);
    return request;
}

static inline struct esc_json *ask_classification(const struct esc_playbook *playbook)
{
    const struct esc_operation *operation = esc_playbook_operation(playbook);
    struct esc_json *json =
        ask_parse("{\"confidence\":0.99,\"system\":\"aws\",\"route\":\"aws_operations\"}");
    ESC_CLEANUP(esc_freep)
    char *intent = esc_sprintf("%s %s", playbook->verb, playbook->type->name);
    esc_json_set_text(json, "intent", intent);
    esc_json_set_text(json, "service", operation->service);
    esc_json_set_text(json, "operation", operation->operation);
    return json;
}

static inline struct esc_json *ask_response(const struct esc_filled *filled)
{
    const struct esc_playbook *playbook = filled->playbook;
    struct esc_json *response = ask_parse("{\"v\":1,\"kind\":\"plan\",\"playbook\":{},"
                                          "\"alternatives\":[],\"targets\":[],\"script\":{}}");
    struct esc_json *own = esc_json_get_mutable(response, "playbook");
    esc_json_set_text(own, "id", playbook->id);
    esc_json_set_text(own, "version", playbook->version);
    esc_json_set_text(own, "sha256", playbook->sha256);
    esc_json_set(response, "classification", ask_classification(playbook));
    esc_json_push_text(esc_json_get_mutable(response, "targets"),
                       esc_json_str(filled->facts, "resource.id", ""));
    ESC_CLEANUP(esc_freep) char *explanation = esc_explain(filled);
    esc_json_set_text(response, "explain_plan", explanation);
    esc_json_set(response, "parameters", esc_json_copy(filled->parameters));
    esc_json_set(esc_json_get_mutable(response, "script"), "steps", esc_fill_script(filled));
    esc_json_set(response, "risk_assessment", esc_assess(filled));
    esc_json_set_bool(response, "approval_required", esc_playbook_mutates(playbook));
    return response;
}

static inline const struct question *ask_question(const char *name)
{
    for (size_t i = 0; i < ESC_COUNT(questions); i++) {
        if (esc_text_equal(questions[i].name, name))
            return &questions[i];
    }
    fail_msg("there is no question `%s`", name);
    return NULL;
}

static inline void ask_init(struct ask *ask, const struct esc_shelf *shelf, const char *name)
{
    struct esc_error err;
    const struct question *question = ask_question(name);
    ESC_CLEANUP(esc_freep)
    char *path = esc_sprintf("playbooks/fixtures/%s.json", question->fixture);
    ESC_CLEANUP(esc_json_freep) struct esc_json *fixture = ask_file(path);
    ESC_CLEANUP(esc_json_freep) struct esc_json *facts = esc_json_object();
    ESC_CLEANUP(esc_filled_freep) struct esc_filled *filled = NULL;
    ask->playbook = esc_shelf_find(shelf, question->playbook);
    ask->captures = esc_json_copy(esc_json_member(fixture, "captures"));
    ask->request =
        ask_request(question->prompt, esc_json_copy(esc_json_member(fixture, "resource")));
    esc_json_set(facts, "resource",
                 esc_json_copy(esc_json_get(ask->request, "identified_resources[0]")));
    esc_json_set(facts, "context", esc_json_copy(esc_json_get(ask->request, "user_context")));
    esc_json_set(facts, "prompt", ask_parse(question->values));
    expect_ok(esc_fill(ask->playbook, facts, &filled, &err));
    ask->response = ask_response(filled);
}

static inline void ask_done(struct ask *ask)
{
    esc_json_free(ask->request);
    esc_json_free(ask->response);
    esc_json_free(ask->captures);
}

/* A verified draft of the honest answer. */
static inline struct esc_json *ask_draft(const struct ask *ask, const struct esc_shelf *shelf)
{
    struct esc_error err;
    struct esc_json *plan = NULL;
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(ask->response, ESC_JSON_COMPACT);
    expect_ok(esc_plan_verify(shelf, ask->request, esc_str_of(text), &ask_local, &plan, &err));
    return plan;
}

/* Puts @p value, handed over, at a path whose parent is there: "a.b", "a[0]", "a[+]" behind the
 * last. NULL removes a member. */
static inline void ask_set(struct esc_json *root, const char *path, struct esc_json *value)
{
    const struct esc_str text = esc_str_of(path);
    size_t cut = text.len;
    while (cut > 0 && path[cut - 1] != '.' && path[cut - 1] != '[')
        cut--;
    ESC_CLEANUP(esc_freep) char *above = esc_str_dup(esc_str_slice(text, 0, cut ? cut - 1 : 0));
    struct esc_json *parent = *above ? esc_json_get_mutable(root, above) : root;
    if (!parent)
        fail_msg("nothing stands above `%s`", path);
    if (cut > 0 && path[cut - 1] == '[' && path[cut] == '+')
        esc_json_push(parent, value);
    else if (cut > 0 && path[cut - 1] == '[')
        esc_json_replace(parent, (size_t)(path[cut] - '0'), value);
    else if (value)
        esc_json_set(parent, path + cut, value);
    else
        esc_json_remove(parent, path + cut);
}
