/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What escher-server is told: by its arguments, else by the environment, from one table. */

#include <stdbool.h>

#include "escher/base/buf.h"
#include "escher/base/error.h"

struct server_options {
    const char *listen;     /* "127.0.0.1:PORT", "[::1]:PORT", "unix:PATH" */
    const char *token_file; /* NULL: none */
    const char *playbooks;  /* NULL: those installed */
    const char *weights;    /* NULL: those installed */
    bool help, version;
};

/** Text is borrowed from @p argv and the environment. @errors ESC_INVALID naming the word. */
enum esc_status server_options_parse(int argc, char **argv, struct server_options *out,
                                     struct esc_error *err);
void server_options_help(struct esc_buf *out);
