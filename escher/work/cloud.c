/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/read.h"
#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/paths.h"
#include "escher/exec/aws_cli.h"
#include "escher/store/document.h"
#include "escher/work/work_private.h"

/*
 * From an account and an operation to an answer of its cloud:
 *
 *     native:                                  ┌▶ our own read ─▶ answer
 *                               credentials ─▶─┤      │ "expired" (once): other credentials
 *     CLI:  find it (once) ──────▶─────────────└▶ command ─▶ answer
 *                                     ▲                         │ "expired" (once)
 *                                     └──────── forget ◀────────┘
 *
 * work_cloud_prepare() ends before the command is started: a run starts it through its helper.
 */
enum {
    DEFAULT_TIMEOUT_MS = 120'000,
    ONE_EXPIRY_MS = 60'000, /* calls that were under way when a session ended say so within it */
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
    struct esc_resolving *resolving; /* on the way to them; NULL: nothing is */
    bool native, needs_cli, once, marked;
    struct esc_aws_call *running;    /* the CLI's */
    struct esc_aws_reading *reading; /* our own */
    bool cancelled, renewed;
    void (*on_page)(void *context, const struct esc_json *output);
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

/* Drops what is kept of the account's credentials, once for all calls that were under way with
 * them: the others would drop what the first has fetched. */
static void forget_expired(struct work_cloud *cloud)
{
    struct esc_workbench *bench = cloud->bench;
    const char *key = cloud->credentials->access_key_id;
    const uint64_t now_ms = esc_clock_monotonic_ms(bench->clock);
    if (esc_text_equal(bench->expired_key, key) && now_ms - bench->expired_ms < ONE_EXPIRY_MS)
        return;
    free(bench->expired_key);
    bench->expired_key = esc_strdup(key);
    bench->expired_ms = now_ms;
    esc_credentials_forget(bench->aws, cloud->account);
}

/* Our own read */

static const char *caller_of(const struct work_cloud *cloud)
{
    return cloud->credentials ? cloud->credentials->caller_arn : NULL;
}

static void read_is_over(void *context, const struct esc_aws_read_result *read)
{
    struct work_cloud *cloud = context;
    const struct work_cloud_result result = {.category = read->category,
                                             .error_code = read->code,
                                             .error_message = read->message,
                                             .output = read->output,
                                             .final = true,
                                             .page_count = read->page_count,
                                             .call_count = read->call_count,
                                             .mark = read->mark,
                                             .caller_arn = caller_of(cloud)};
    cloud->reading = NULL;
    cloud->done(cloud->context, &result, NULL);
    cloud_free(cloud);
}

static void page_came(void *context, const struct esc_json *output)
{
    struct work_cloud *cloud = context;
    cloud->on_page(cloud->context, output);
}

/* The read waits for have_credentials() meanwhile. */
static void credentials_expired(void *context, struct esc_aws_reading *)
{
    struct work_cloud *cloud = context;
    cloud->renewed = true;
    forget_expired(cloud);
    resolve(cloud);
}

static void start_reading(struct work_cloud *cloud)
{
    ESC_CLEANUP(esc_freep) char *apart = esc_sprintf("%s once", cloud->account->id);
    const struct esc_aws_read read = {
        .credentials = cloud->credentials,
        .account_id = cloud->once ? apart : cloud->account->id, /* whose turns it takes */
        .place = {.region = cloud->region,
                  .endpoint_url = cloud->account->emulator ? cloud->account->endpoint_url : NULL,
                  .environment = cloud->environment},
        .operation = cloud->operation,
        .params = cloud->params,
        .deadline_ms = cloud->timeout_ms,
        .once = cloud->once,
        .marked = cloud->marked,
        .on_page = cloud->on_page ? page_came : NULL,
        .on_expired = credentials_expired,
    };
    struct esc_error err;
    if (esc_operation_check(cloud->operation, cloud->params, &err) != ESC_OK)
        give_up(cloud, &err);
    else
        cloud->reading = esc_aws_read(cloud->bench->aws, &read, read_is_over, cloud);
}

/* The AWS CLI */

static bool is_expired(const struct esc_aws_result *result)
{
    return esc_text_equal(result->error_code, "ExpiredToken") ||
           esc_text_equal(result->error_code, "ExpiredTokenException") ||
           esc_text_equal(result->error_code, "RequestExpired");
}

static void answered(void *context, const struct esc_aws_result *cli)
{
    struct work_cloud *cloud = context;
    const struct work_cloud_result result = {.category = cli->category,
                                             .error_code = cli->error_code,
                                             .error_message = cli->error_message,
                                             .output = cli->output,
                                             .caller_arn = caller_of(cloud)};
    cloud->running = NULL;
    if (is_expired(cli) && !cloud->renewed && !cloud->cancelled) {
        cloud->renewed = true;
        forget_expired(cloud);
        resolve(cloud);
        return;
    }
    cloud->done(cloud->context, &result, NULL);
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

static void start_command(struct work_cloud *cloud)
{
    const struct esc_aws_command command = command_of(cloud);
    struct esc_error err;
    if (esc_aws_command_start(cloud->bench->loop, &command, answered, cloud, &cloud->running,
                              &err) != ESC_OK)
        give_up(cloud, &err);
}

static void have_credentials(void *context, struct esc_credentials *credentials,
                             const struct esc_error *failure)
{
    struct work_cloud *cloud = context;
    esc_credentials_free(cloud->credentials);
    cloud->credentials = credentials;
    cloud->resolving = NULL;
    if (cloud->reading) {
        esc_aws_read_renew(cloud->reading, credentials);
        return;
    }
    if (was_cancelled(cloud))
        return;
    if (!credentials) {
        give_up(cloud, failure); /* which names the account */
        return;
    }
    if (cloud->prepared)
        prepare(cloud);
    else if (cloud->native)
        start_reading(cloud);
    else
        start_command(cloud);
}

static void resolve(struct work_cloud *cloud)
{
    if (!cloud->bench->aws) { /* it comes late: the workbench is being closed */
        struct esc_error err;
        (void)esc_fail(&err, ESC_CANCELLED, "cancelled");
        have_credentials(cloud, NULL, &err);
        return;
    }
    cloud->resolving =
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
    if ((cloud->native && !cloud->needs_cli) || cloud->bench->aws_path) {
        resolve(cloud);
        return;
    }
    const struct esc_aws_cli_options options = {
        .configured = esc_env("ESCHER_AWS"), .search = esc_env("PATH"), .env = esc_env_all()};
    esc_aws_cli_find(cloud->bench->loop, &options, have_cli, cloud);
}

enum esc_status work_transport_of_text(const char *text, enum work_transport *out,
                                       struct esc_error *err)
{
    if (!text || esc_text_equal(text, "native") || esc_text_equal(text, "cli")) {
        *out = !text                            ? WORK_TRANSPORT_USUAL
               : esc_text_equal(text, "native") ? WORK_TRANSPORT_NATIVE
                                                : WORK_TRANSPORT_CLI;
        return ESC_OK;
    }
    return esc_fail(err, ESC_INVALID, "the transport is `native` or `cli`, not `%s`", text);
}

enum work_transport work_transport_usual(struct esc_workbench *bench)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *settings = NULL;
    enum work_transport found = WORK_TRANSPORT_USUAL;
    (void)work_transport_of_text(esc_env("ESCHER_TRANSPORT"), &found, NULL); /* else the setting */
    if (found == WORK_TRANSPORT_USUAL &&
        esc_store_doc_get(bench->store, "settings", "page", &settings, NULL) == ESC_OK)
        (void)work_transport_of_text(esc_json_str(settings, "transport", NULL), &found,
                                     NULL); /* else the usual */
    return found == WORK_TRANSPORT_CLI ? WORK_TRANSPORT_CLI : WORK_TRANSPORT_NATIVE;
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
    ESC_ASSERT(!call->once || esc_aws_can_send(call->operation));
    struct work_cloud *cloud = cloud_new(bench, call, context);
    const enum work_transport transport =
        call->transport == WORK_TRANSPORT_USUAL ? work_transport_usual(bench) : call->transport;
    cloud->native =
        transport == WORK_TRANSPORT_NATIVE &&
        (call->once ? esc_aws_can_send(call->operation) : esc_aws_can_read(call->operation));
    cloud->once = call->once;
    cloud->marked = call->marked;
    cloud->needs_cli = call->needs_cli;
    cloud->on_page = call->on_page;
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
    if (cloud->reading)
        esc_aws_read_cancel(cloud->reading);
    if (cloud->resolving)
        esc_credentials_cancel(cloud->resolving);
}
