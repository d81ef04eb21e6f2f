/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Finding the AWS CLI once: the program behind the name, and its version.
 *
 * Version managers put a small shell script in front of it that costs a fifth of a second each
 * time and needs the environment we do not pass on; such a shim is asked for the program it
 * stands for.
 */

#include "escher/base/error.h"
#include "escher/loop/loop.h"

struct esc_aws_cli_options {
    const char *configured; /* a path that was asked for (ESCHER_AWS); NULL: search */
    const char *search;     /* as PATH: folders with colons between; NULL finds nothing */
    char *const *env;       /* the person's environment, for asking a shim; NULL is empty */
};

struct esc_aws_cli {
    const char *path;    /* absolute, no symbolic link, no shim */
    const char *version; /* "1.46.2" */
};

/** @p cli is borrowed, NULL with @p failure: ESC_NOT_FOUND, ESC_DENIED, ESC_IO, ESC_TIMEOUT. */
typedef void esc_aws_cli_fn(void *context, const struct esc_aws_cli *cli,
                            const struct esc_error *failure);

void esc_aws_cli_find(struct esc_loop *loop, const struct esc_aws_cli_options *options,
                      esc_aws_cli_fn *done, void *context);
