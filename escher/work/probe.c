/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/probe_private.h"

#include "escher/base/alloc.h"
#include "escher/plan/judge.h"

struct work_probe {
    struct esc_workbench *bench;
    struct esc_aws_environment *environment;
    struct esc_json *probes; /* array; one for a single probe */
    bool single;
    size_t next;
    struct esc_json *values;
    struct work_cloud *running;
    char *caller_arn; /* NULL: nobody's yet, or several ones' */
    bool cancelled;
    work_probe_fn *done;
    void *context;
};

static void take_next(void *context);

static void finish(struct work_probe *probe, struct esc_json *value, const struct esc_error *err)
{
    probe->done(probe->context, value, err);
    esc_aws_environment_free(probe->environment);
    esc_json_free(probe->probes);
    esc_json_free(probe->values);
    free(probe->caller_arn);
    free(probe);
}

static void give_up(struct work_probe *probe, enum esc_status status, const char *message)
{
    struct esc_error err;
    (void)esc_fail(&err, status, "%s", message);
    finish(probe, NULL, &err);
}

static const struct esc_json *current(const struct work_probe *probe)
{
    return esc_json_at(probe->probes, probe->next);
}

/* The failure of a call, with the operation that failed in front. */
static void give_up_call(struct work_probe *probe, const struct work_cloud_result *result)
{
    struct esc_error err;
    enum esc_status status = esc_error_category_status(result->category);
    if (status == ESC_OK)
        status = ESC_CORRUPT;
    (void)esc_fail(&err, status, "%s: %s", esc_json_str(current(probe), "operation", ""),
                   result->error_message ? result->error_message : "no answer that can be read");
    finish(probe, NULL, &err);
}

static void note_caller(struct work_probe *probe, const char *caller_arn)
{
    const bool differs = probe->next > 0 && !esc_text_equal(probe->caller_arn, caller_arn);
    free(probe->caller_arn);
    probe->caller_arn = differs ? NULL : esc_strdup_null(caller_arn);
}

static void answered(void *context, const struct work_cloud_result *result,
                     const struct esc_error *failure)
{
    struct work_probe *probe = context;
    struct esc_error err;
    struct esc_json *value = NULL;
    probe->running = NULL;
    if (probe->cancelled) {
        give_up(probe, ESC_CANCELLED, "cancelled");
        return;
    }
    if (!result) {
        finish(probe, NULL, failure);
        return;
    }
    if (result->category != ESC_CATEGORY_NONE && !result->error_code) {
        give_up_call(probe, result);
        return;
    }
    if (esc_plan_probe_value(current(probe), result->output, result->error_code, &value, &err) !=
        ESC_OK) {
        if (result->category != ESC_CATEGORY_NONE)
            give_up_call(probe, result);
        else
            finish(probe, NULL, &err);
        return;
    }
    note_caller(probe, result->caller_arn);
    esc_json_set(probe->values, esc_json_str(current(probe), "name", "value"), value);
    probe->next++;
    take_next(probe);
}

static void take_next(void *context)
{
    struct work_probe *probe = context;
    const struct esc_json *what = current(probe);
    if (probe->cancelled) {
        give_up(probe, ESC_CANCELLED, "cancelled");
        return;
    }
    if (!what) {
        struct esc_json *value = ESC_STEAL(probe->values);
        if (probe->single) {
            struct esc_json *one = esc_json_ref(esc_json_member(value, "value"));
            esc_json_free(value);
            value = one;
        }
        finish(probe, value, NULL);
        return;
    }
    const char *account_id = esc_json_str(what, "account", "");
    const struct esc_account *account = work_account_find(probe->bench, account_id);
    const struct esc_operation *operation =
        esc_operation_find(esc_json_str(what, "service", ""), esc_json_str(what, "operation", ""));
    if (!account || !operation) {
        struct esc_error err;
        if (!account)
            (void)esc_fail(&err, ESC_NOT_FOUND, "account %s is not set up; `escher accounts add`",
                           account_id);
        else
            (void)esc_fail(&err, ESC_BLOCKED, "unknown operation `%s`",
                           esc_json_str(what, "operation", ""));
        finish(probe, NULL, &err);
        return;
    }
    const struct work_cloud_call call = {.account = account,
                                         .environment = probe->environment,
                                         .operation = operation,
                                         .params = esc_json_get(what, "params"),
                                         .region = esc_json_str(what, "region", "us-east-1"),
                                         .session_name = "escher-probe",
                                         .needs_cli = true}; /* a plan is run by it */
    probe->running = work_cloud_send(probe->bench, &call, answered, probe);
}

static struct work_probe *begin(struct esc_workbench *bench, struct esc_json *probes, bool single,
                                const struct esc_aws_environment *environment, work_probe_fn *done,
                                void *context)
{
    struct work_probe *probe = esc_alloc_zero(sizeof *probe);
    probe->bench = bench;
    probe->probes = probes;
    probe->single = single;
    probe->environment = esc_aws_environment_copy(environment);
    probe->values = esc_json_object();
    probe->done = done;
    probe->context = context;
    esc_loop_post(bench->loop, take_next, probe);
    return probe;
}

struct work_probe *work_probe_start(struct esc_workbench *bench, const struct esc_json *probe,
                                    const struct esc_aws_environment *environment,
                                    work_probe_fn *done, void *context)
{
    struct esc_json *copy = esc_json_copy(probe);
    esc_json_set_text(copy, "name", "value");
    struct esc_json *probes = esc_json_array();
    esc_json_push(probes, copy);
    return begin(bench, probes, true, environment, done, context);
}

struct work_probe *work_captures_start(struct esc_workbench *bench, const struct esc_json *plan,
                                       const struct esc_aws_environment *environment,
                                       work_probe_fn *done, void *context)
{
    const struct esc_json *captures = esc_json_get(plan, "captures");
    struct esc_json *probes = captures ? esc_json_copy(captures) : esc_json_array();
    return begin(bench, probes, false, environment, done, context);
}

const char *work_probe_caller(const struct work_probe *probe)
{
    return probe->caller_arn;
}

void work_probe_cancel(struct work_probe *probe)
{
    if (!probe)
        return;
    probe->cancelled = true;
    if (probe->running)
        work_cloud_cancel(probe->running);
}
