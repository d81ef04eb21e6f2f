/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a finished AWS CLI call says about why it failed. Both CLIs write the cloud's answer as
 *     An error occurred (CODE) when calling the OPERATION operation: MESSAGE
 * and everything else in words of their own; exit codes alone tell little (version 1 ends almost
 * everything with 255).
 * @source AWS CLI user guide, "Command line return codes"; tried with 1.46.2 and 2.9.19.
 */

#include "escher/base/str.h"
#include "escher/exec/ending.h"
#include "escher/model/error_category.h"

struct esc_aws_failure {
    struct esc_str code;      /* "AccessDenied"; empty when the cloud did not answer */
    struct esc_str operation; /* "StopDBInstance"; likewise */
    struct esc_str message;   /* the sentence that tells most; may be empty */
};

/** Finds the cloud's answer in the stderr of a CLI; slices of @p text. False when it is not there. */
bool esc_aws_failure_parse(struct esc_str text, struct esc_aws_failure *out);

/** The category of a call that ended so; NONE for exit code 0. */
enum esc_error_category esc_category_of_aws(enum esc_ending ending, int exit_code,
                                            struct esc_str err_text);
