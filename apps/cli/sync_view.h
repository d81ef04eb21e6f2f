/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A sync while it is under way, on stderr: a line for each place once it is done, with what could
 * not be seen below it, and at a terminal a last line that changes: how far, how fast, how long
 * still.
 */

#include "apps/cli/cli.h"

struct sync_view {
    char *account, *region; /* of the place whose cells are coming; NULL: none yet */
    size_t cells, seen;
    int64_t resources;
    struct esc_json *missing; /* its cells that were not seen */
    bool open;                /* the last line has no end */
};

void sync_view_init(struct sync_view *view);
/** Takes an event of the sync; a cli_event_fn. */
void sync_view_event(struct cli *cli, const struct esc_json *event, void *view);
/** Ends what is open. */
void sync_view_done(const struct cli *cli, struct sync_view *view);
/** What the sync came to, by the body of its answer. */
void sync_view_result(const struct esc_json *body, struct esc_buf *out);
