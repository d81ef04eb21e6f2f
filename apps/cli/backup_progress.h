/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How far a backup or a restore has come: at a terminal a bar that grows, elsewhere a line for each
 * phase when it begins. */

#include "apps/cli/cli.h"

struct cli_backup_bar {
    char phase[16];
    bool is_open; /* the line has no end yet */
};

/** @p phase: a word of the event backup.progress. */
void cli_backup_show(const struct cli *cli, struct cli_backup_bar *bar, const char *phase,
                     int64_t done, int64_t total);
/** Ends the line. */
void cli_backup_end(const struct cli *cli, struct cli_backup_bar *bar);
/** "1.3 MiB" */
void cli_add_size(struct esc_buf *out, int64_t bytes);

/* backup_back.c: the acts that bring a store back; the exit code. */
int cli_backup_restore(struct cli *cli);
int cli_backup_drill(struct cli *cli);
