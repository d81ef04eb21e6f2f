/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One call of the AWS CLI, built so that nothing of a person's configuration, and no text of a
 * resource, can change what it does:
 *
 *     /abs/aws rds stop-db-instance --cli-input-json file:///dev/fd/3 --region us-west-2
 *         --output json [--endpoint-url URL]
 *     fd 3   a sealed memfd with the parameters as JSON (a pipe would come out empty: both CLIs
 *            read it twice)
 *     fd 4   a sealed memfd as AWS_CONFIG_FILE: no pager, no loading of values from URLs
 *
 * The environment is made from nothing and carries the keys; no alias, plugin, credential
 * process, profile or endpoint of a file can act. The CLI never retries by itself.
 *
 * What people read is rendered from the same operation and parameters (playbook/argv.h).
 *
 * Threads    the loop thread only.
 */

#include "escher/base/json.h"
#include "escher/catalog/operation.h"
#include "escher/exec/command.h"
#include "escher/exec/ending.h"
#include "escher/exec/process.h"
#include "escher/model/error_category.h"

/** What a child may know of the person's network; all may be NULL. Borrowed. */
struct esc_aws_network {
    const char *ca_bundle; /* AWS_CA_BUNDLE */
    const char *http_proxy, *https_proxy, *no_proxy;
};

/** Borrowed during the call that takes it. */
struct esc_aws_command {
    const char *aws_path; /* absolute (exec/aws_cli.h) */
    const struct esc_operation *operation;
    const struct esc_json *params; /* an object, checked against the operation; NULL is {} */
    const char *region;
    const char *endpoint_url; /* NULL: the cloud's own; emulators always need one */
    const char *access_key_id;
    const struct esc_secret *secret_access_key;
    const struct esc_secret *session_token; /* NULL: none */
    struct esc_aws_network network;
    uint64_t timeout_ms; /* 0: none */
    size_t max_output;   /* of each stream; 0: ESC_MAX_COMMAND_OUTPUT */
};

struct esc_aws_result {
    enum esc_ending ending;
    int exit_code, signal;
    enum esc_error_category category; /* NONE: it worked */
    const char *error_code;           /* "AccessDenied", or NULL */
    const char *error_message;        /* one clean line, or NULL when it worked */
    const struct esc_json *output;    /* NULL when there was none or it failed */
    struct esc_str err_text;          /* what it wrote to stderr */
    uint64_t took_ms;
}; /* all borrowed during the callback; esc_json_ref() keeps the output */

struct esc_aws_call;
typedef void esc_aws_done_fn(void *context, const struct esc_aws_result *result);

/**
 * Makes the command for a run (esc_helper_start) or for esc_process_start(); for
 * esc_command_done() by the caller, also after a failure.
 * @errors ESC_INVALID: parameters that do not fit, or an operation without JSON input; ESC_IO.
 */
enum esc_status esc_aws_command_prepare(const struct esc_aws_command *aws, struct esc_command *out,
                                        struct esc_error *err);

/** Runs it with pipes, nothing on disk: for scans, captures and probes. */
enum esc_status esc_aws_command_start(struct esc_loop *loop, const struct esc_aws_command *aws,
                                      esc_aws_done_fn *done, void *context,
                                      struct esc_aws_call **out, struct esc_error *err);
/** Its callback still fires, with ESC_ENDING_CANCELLED. Only before it has. */
void esc_aws_command_cancel(struct esc_aws_call *call);
