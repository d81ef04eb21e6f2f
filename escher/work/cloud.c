/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/paths.h"
#include "escher/exec/aws_cli.h"
#include "escher/work/work_private.h"

/*
 * From an account and an operation to an answer of its cloud:
 *
 *     find the AWS CLI (once) ─▶ credentials ─▶ command ─▶ answer
 *                                     ▲                      │ "expired" (once)
 *                                     └──────── forget ◀─────┘
 *
 * work_cloud_prepare() ends before the command is started: a run starts it through its helper.
 */
enum {
    DEFAULT_TIMEOUT_MS = 120'000
};

struct work_cloud {
    struct esc_workbench *bench;
    struct esc_account *account;
    struct esc_aws_environment *environment;
    const struct esc_operation *operation;
    struct esc_json *params;
    char *region, *session_name;
    uint64_t timeout_ms;
    struct esc_credentials *credentials;
    struct esc_aws_call *running;
    bool cancelled, renewed;
    work_cloud_fn *done;
    work_command_fn *prepared;
    void *context;
};

static void resolve(struct work_cloud *cloud);

static void cloud_free(struct work_cloud *cloud)
{
    esc_account_free(cloud->account);
    esc_aws_environment_free(cloud->environment);
    esc_json_free(cloud->params);
    free(cloud->region);
    free(cloud->session_name);
    esc_credentials_free(cloud->credentials);
    free(cloud);
}

static void give_up(struct work_cloud *cloud, const struct esc_error *err)
{
    if (cloud->done)
        cloud->done(cloud->context, NULL, err);
    else
        cloud->prepared(cloud->context, NULL, err);
    cloud_free(cloud);
}

static bool was_cancelled(struct work_cloud *cloud)
{
    if (!cloud->cancelled)
        return false;
    struct esc_error err;
    (void)esc_fail(&err, ESC_CANCELLED, "cancelled");
    give_up(cloud, &err);
    return true;
}

static bool is_expired(const struct esc_aws_result *result)
{
    return esc_text_equal(result->error_code, "ExpiredToken") ||
           esc_text_equal(result->error_code, "ExpiredTokenException") ||
           esc_text_equal(result->error_code, "RequestExpired");
}

static void answered(void *context, const struct esc_aws_result *result)
{
    struct work_cloud *cloud = context;
    cloud->running = NULL;
    if (is_expired(result) && !cloud->renewed && !cloud->cancelled) {
        cloud->renewed = true;
        esc_credentials_forget(cloud->bench->aws, cloud->account);
        resolve(cloud);
        return;
    }
    cloud->done(cloud->context, result, NULL);
    cloud_free(cloud);
}

static struct esc_aws_command command_of(const struct work_cloud *cloud)
{
    const struct esc_aws_environment *environment = cloud->environment;
    return (struct esc_aws_command){
        .aws_path = cloud->bench->aws_path,
        .operation = cloud->operation,
        .params = cloud->params,
        .region = cloud->region,
        .endpoint_url = cloud->account->emulator ? cloud->account->endpoint_url : NULL,
        .access_key_id = cloud->credentials->access_key_id,
        .secret_access_key = cloud->credentials->secret_access_key,
        .session_token = cloud->credentials->session_token,
        .network = {.ca_bundle = environment->ca_bundle,
                    .http_proxy = environment->http_proxy,
                    .https_proxy = environment->https_proxy,
                    .no_proxy = environment->no_proxy},
        .timeout_ms = cloud->timeout_ms,
    };
}

static void prepare(struct work_cloud *cloud)
{
    const struct esc_aws_command aws = command_of(cloud);
    struct esc_command command;
    struct esc_error err;
    if (esc_aws_command_prepare(&aws, &command, &err) != ESC_OK) {
        esc_command_done(&command);
        give_up(cloud, &err);
        return;
    }
    cloud->prepared(cloud->context, &command, NULL);
    cloud_free(cloud);
}

static void have_credentials(void *context, struct esc_credentials *credentials,
                             const struct esc_error *failure)
{
    struct work_cloud *cloud = context;
    esc_credentials_free(cloud->credentials);
    cloud->credentials = credentials;
    if (was_cancelled(cloud))
        return;
    if (!credentials) {
        struct esc_error err = *failure;
        (void)esc_wrap(&err, err.status, "account %s", cloud->account->name);
        give_up(cloud, &err);
        return;
    }
    if (cloud->prepared) {
        prepare(cloud);
        return;
    }
    const struct esc_aws_command command = command_of(cloud);
    struct esc_error err;
    if (esc_aws_command_start(cloud->bench->loop, &command, answered, cloud, &cloud->running,
                              &err) != ESC_OK)
        give_up(cloud, &err);
}

static void resolve(struct work_cloud *cloud)
{
    esc_credentials_resolve(cloud->bench->aws, cloud->account, cloud->environment,
                            cloud->session_name, have_credentials, cloud);
}

static void have_cli(void *context, const struct esc_aws_cli *cli, const struct esc_error *failure)
{
    struct work_cloud *cloud = context;
    struct esc_workbench *bench = cloud->bench;
    if (cli && !bench->aws_path) {
        bench->aws_path = esc_strdup(cli->path);
        bench->aws_version = esc_strdup(cli->version);
    }
    if (was_cancelled(cloud))
        return;
    if (!cli && !bench->aws_path)
        give_up(cloud, failure);
    else
        resolve(cloud);
}

static void begin(void *context)
{
    struct work_cloud *cloud = context;
    if (was_cancelled(cloud))
        return;
    if (cloud->bench->aws_path) {
        resolve(cloud);
        return;
    }
    const struct esc_aws_cli_options options = {
        .configured = esc_env("ESCHER_AWS"), .search = esc_env("PATH"), .env = esc_env_all()};
    esc_aws_cli_find(cloud->bench->loop, &options, have_cli, cloud);
}

static struct work_cloud *cloud_new(struct esc_workbench *bench, const struct work_cloud_call *call,
                                    void *context)
{
    ESC_ASSERT(call->operation && call->region);
    struct work_cloud *cloud = esc_alloc_zero(sizeof *cloud);
    cloud->bench = bench;
    cloud->account = esc_account_copy(call->account);
    cloud->environment = esc_aws_environment_copy(call->environment);
    cloud->operation = call->operation;
    cloud->params = call->params ? esc_json_copy(call->params) : esc_json_object();
    cloud->region = esc_strdup(call->region);
    cloud->session_name = esc_strdup(call->session_name ? call->session_name : "escher");
    cloud->timeout_ms = call->timeout_ms ? call->timeout_ms : DEFAULT_TIMEOUT_MS;
    cloud->context = context;
    return cloud;
}

struct work_cloud *work_cloud_send(struct esc_workbench *bench, const struct work_cloud_call *call,
                                   work_cloud_fn *done, void *context)
{
    struct work_cloud *cloud = cloud_new(bench, call, context);
    cloud->done = done;
    esc_loop_post(bench->loop, begin, cloud);
    return cloud;
}

struct work_cloud *work_cloud_prepare(struct esc_workbench *bench,
                                      const struct work_cloud_call *call, work_command_fn *done,
                                      void *context)
{
    struct work_cloud *cloud = cloud_new(bench, call, context);
    cloud->prepared = done;
    esc_loop_post(bench->loop, begin, cloud);
    return cloud;
}

void work_cloud_cancel(struct work_cloud *cloud)
{
    cloud->cancelled = true;
    if (cloud->running)
        esc_aws_command_cancel(cloud->running);
}
