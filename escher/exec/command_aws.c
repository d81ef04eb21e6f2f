/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/exec/command_aws.h"

#include <fcntl.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/utf8.h"
#include "escher/exec/category.h"

enum {
    PARAMS_FD = 3,
    CONFIG_FD = 4,
    MAX_MESSAGE = 2 * 1024,
};

/* `file://` and `http://` inside parameters are text, as they are for the API. */
static const char config[] = "[default]\ncli_follow_urlparam = false\ncli_pager =\n";

static bool is_plain(struct esc_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~')
            return false;
    }
    return text.len > 0 && text.ptr[0] != '-'; /* would be read as an option */
}

static enum esc_status check(const struct esc_aws_command *aws, const struct esc_json *params,
                             struct esc_error *err)
{
    const struct esc_operation *operation = aws->operation;
    if (!operation->json_input)
        return esc_fail(err, ESC_INVALID, "%s %s cannot be called with JSON alone",
                        operation->cli_service, operation->cli_verb);
    if (!is_plain(esc_str_of(aws->region)))
        return esc_fail(err, ESC_INVALID, "no such region");
    struct esc_str url = esc_str_of(aws->endpoint_url);
    bool web = esc_str_starts_with(url, ESC_STR("http://")) ||
               esc_str_starts_with(url, ESC_STR("https://"));
    if (aws->endpoint_url && (!web || !is_plain(url)))
        return esc_fail(err, ESC_INVALID, "the endpoint is no URL");
    if (!aws->access_key_id || !aws->secret_access_key)
        return esc_fail(err, ESC_INVALID, "no credentials for %s", operation->operation);
    return esc_operation_check(operation, params, err);
}

static void add_arguments(struct esc_command *command, const struct esc_aws_command *aws)
{
    const char *const arguments[] = {
        aws->aws_path,
        aws->operation->cli_service,
        aws->operation->cli_verb,
        "--cli-input-json",
        "file:///dev/fd/3",
        "--region",
        aws->region,
        "--output",
        "json",
    };
    for (size_t i = 0; i < ESC_COUNT(arguments); i++)
        esc_command_arg(command, arguments[i]);
    if (aws->endpoint_url) { /* an argument: older CLIs ignore the variable and call the cloud */
        esc_command_arg(command, "--endpoint-url");
        esc_command_arg(command, aws->endpoint_url);
    }
}

static void add_environment(struct esc_command *command, const struct esc_aws_command *aws)
{
    const struct {
        const char *name, *value;
    } variables[] = {
        {"PATH", "/usr/local/bin:/usr/bin:/bin"},
        {"HOME", "/nonexistent"},
        {"LC_ALL", "C.UTF-8"},
        {"PYTHONUNBUFFERED", "1"},
        {"AWS_CONFIG_FILE", "/dev/fd/4"},
        {"AWS_SHARED_CREDENTIALS_FILE", "/dev/null"},
        {"AWS_EC2_METADATA_DISABLED", "true"},
        {"AWS_RETRY_MODE", "standard"},
        {"AWS_MAX_ATTEMPTS", "1"}, /* who retries, and when, is decided here */
        {"AWS_PAGER", ""},
        {"AWS_CLI_AUTO_PROMPT", "off"},
        {"AWS_ACCESS_KEY_ID", aws->access_key_id},
        {"AWS_CA_BUNDLE", aws->network.ca_bundle},
        {"HTTP_PROXY", aws->network.http_proxy},
        {"HTTPS_PROXY", aws->network.https_proxy},
        {"NO_PROXY", aws->network.no_proxy},
    };
    for (size_t i = 0; i < ESC_COUNT(variables); i++) {
        if (variables[i].value)
            esc_command_env(command, variables[i].name, variables[i].value);
    }
    esc_command_secret(command, "AWS_SECRET_ACCESS_KEY", aws->secret_access_key);
    if (aws->session_token)
        esc_command_secret(command, "AWS_SESSION_TOKEN", aws->session_token);
}

enum esc_status esc_aws_command_prepare(const struct esc_aws_command *aws, struct esc_command *out,
                                        struct esc_error *err)
{
    *out = (struct esc_command){0};
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *params = aws->params ? esc_json_ref(aws->params) : esc_json_object();
    enum esc_status status = check(aws, params, err);
    if (status != ESC_OK)
        return status;
    esc_command_init(out, aws->aws_path);
    add_arguments(out, aws);
    add_environment(out, aws);
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(params, ESC_JSON_COMPACT);
    status = esc_command_pass_bytes(out, "escher-params", esc_str_of(text), PARAMS_FD, err);
    if (status == ESC_OK)
        status = esc_command_pass_bytes(out, "escher-config", esc_str_of(config), CONFIG_FD, err);
    return status;
}

struct esc_aws_call {
    struct esc_process *process;
    esc_aws_done_fn *done;
    void *context;
};

/* One line that is safe to show; owned by the caller. */
static char *one_line(struct esc_str text)
{
    struct esc_buf line;
    esc_buf_init(&line, MAX_MESSAGE * 8); /* an escape is at most eight times its byte */
    struct esc_str rest = esc_utf8_cut(text, MAX_MESSAGE), piece;
    bool first = true;
    while (rest.ptr && esc_str_next(&rest, '\n', &piece)) {
        piece = esc_str_trim(piece);
        if (piece.len == 0)
            continue;
        if (!first)
            esc_buf_add_char(&line, ' ');
        esc_utf8_append_display(&line, piece, false);
        first = false;
    }
    return esc_buf_take(&line);
}

/* What to say of a call that failed without words of its own; owned by the caller. */
static char *ending_line(const struct esc_process_result *process)
{
    switch (process->ending) {
    case ESC_ENDING_TIMED_OUT:
        return esc_sprintf("timed out after %llu s", (unsigned long long)process->took_ms / 1000);
    case ESC_ENDING_SIGNALLED:
        return esc_sprintf("the AWS CLI was ended by signal %d", process->signal);
    case ESC_ENDING_CANCELLED:
        return esc_strdup("cancelled");
    case ESC_ENDING_LOST:
        return esc_strdup("nobody knows how the AWS CLI ended");
    case ESC_ENDING_EXITED:
    case ESC_ENDING_FAILED_TO_START:
    case ESC_ENDING_COUNT:
        break;
    }
    return esc_sprintf("the AWS CLI ended with code %d", process->exit_code);
}

/* The words of a failure into @p result; both texts are owned by the caller. */
static void tell_failure(struct esc_aws_result *result, const struct esc_process_result *process,
                         char **code, char **message)
{
    struct esc_aws_failure failure;
    bool answered = esc_aws_failure_parse(process->err, &failure);
    bool by_itself = process->ending == ESC_ENDING_EXITED;
    if (answered && by_itself)
        *code = one_line(failure.code);
    *message =
        by_itself && failure.message.len > 0 ? one_line(failure.message) : ending_line(process);
    if (*code && strstr(*code, "Signature")) { /* the service repeats the request, token and all */
        free(*message);
        *message = esc_strdup("the secret key does not fit the key id, or a clock is off");
    }
    result->error_code = *code;
    result->error_message = *message;
}

static void read_output(struct esc_aws_result *result, const struct esc_process_result *process,
                        struct esc_json **output)
{
    struct esc_error err;
    struct esc_str text = esc_str_trim(process->out);
    if (process->over_limit) {
        result->category = ESC_CATEGORY_OUTPUT_LIMIT;
        result->error_message = "the answer is larger than what is kept";
    } else if (text.len > 0 && esc_json_parse(text, NULL, output, &err) != ESC_OK) {
        result->category = ESC_CATEGORY_UNKNOWN;
        result->error_message = "the answer of the AWS CLI is no JSON";
    }
    result->output = *output;
}

static void on_exit_of_cli(void *context, const struct esc_process_result *process)
{
    struct esc_aws_call *call = context;
    ESC_CLEANUP(esc_json_freep) struct esc_json *output = NULL;
    ESC_CLEANUP(esc_freep) char *code = NULL;
    ESC_CLEANUP(esc_freep) char *message = NULL;
    struct esc_aws_result result = {
        .ending = process->ending,
        .exit_code = process->exit_code,
        .signal = process->signal,
        .category = esc_category_of_aws(process->ending, process->exit_code, process->err),
        .err_text = process->err,
        .took_ms = process->took_ms,
    };
    if (result.category == ESC_CATEGORY_NONE)
        read_output(&result, process, &output);
    else
        tell_failure(&result, process, &code, &message);
    call->done(call->context, &result);
    free(call);
}

enum esc_status esc_aws_command_start(struct esc_loop *loop, const struct esc_aws_command *aws,
                                      esc_aws_done_fn *done, void *context,
                                      struct esc_aws_call **out, struct esc_error *err)
{
    struct esc_command command;
    enum esc_status status = esc_aws_command_prepare(aws, &command, err);
    if (status == ESC_OK) {
        struct esc_aws_call *call = esc_alloc_zero(sizeof *call);
        const struct esc_process_options options = {
            .timeout_ms = aws->timeout_ms,
            .max_output = aws->max_output ? aws->max_output : ESC_MAX_COMMAND_OUTPUT,
            .on_exit = on_exit_of_cli,
            .context = call,
        };
        *call = (struct esc_aws_call){.done = done, .context = context};
        status = esc_process_start(loop, &command, &options, &call->process, err);
        if (status != ESC_OK)
            free(call);
        else if (out)
            *out = call;
    }
    esc_command_done(&command);
    return status;
}

void esc_aws_command_cancel(struct esc_aws_call *call)
{
    esc_process_cancel(call->process, ESC_PROCESS_GRACE_MS);
}
