/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What escher-desktop is told by its arguments, from one table that also makes the help. */

#include <stdbool.h>

#include "escher/base/buf.h"
#include "escher/base/error.h"

struct desktop_options {
    const char *profile;    /* NULL: the default one */
    const char *graphics;   /* "software" or "gpu"; NULL: as the last time */
    const char *size;       /* "1280x800"; NULL: as the last time */
    const char *theme;      /* "dark" or "light"; NULL: as the system has it */
    const char *screenshot; /* file; NULL: none */
    const char *link;       /* escher://open/…; NULL: the start page */
    bool automation, help, version;
};

/** Text is borrowed from @p argv. @errors ESC_INVALID naming the word. */
enum esc_status desktop_options_parse(int argc, char **argv, struct desktop_options *out,
                                      struct esc_error *err);
void desktop_options_help(struct esc_buf *out);
