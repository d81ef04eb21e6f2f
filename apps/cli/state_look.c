/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/cards.h"

struct look {
    const char *word, *shape;
    enum cli_style style;
};

/* State is shape and word before colour. Words are the clouds' own, in whatever case: EKS says
 * ACTIVE, load balancers say active. */
static const struct look looks[] = {
    {"available", "●", CLI_GOOD},
    {"running", "●", CLI_GOOD},
    {"active", "●", CLI_GOOD},
    {"in-use", "●", CLI_GOOD},
    {"completed", "●", CLI_GOOD},
    {"enabled", "●", CLI_GOOD},
    {"ok", "●", CLI_GOOD},
    {"deployed", "●", CLI_GOOD},
    {"succeeded", "●", CLI_GOOD},
    {"noop", "●", CLI_GOOD},
    {"stopped", "○", CLI_DIM},
    {"inactive", "○", CLI_DIM},
    {"disabled", "○", CLI_DIM},
    {"terminated", "○", CLI_DIM},
    {"deleted", "○", CLI_DIM},
    {"cancelled", "○", CLI_DIM},
    {"skipped", "○", CLI_DIM},
    {"stale", "○", CLI_DIM},
    {"failed", "▲", CLI_BAD},
    {"error", "▲", CLI_BAD},
    {"alarm", "▲", CLI_BAD},
    {"deleting", "▲", CLI_BAD},
    {"degraded", "▲", CLI_BAD},
    {"unknown", "?", CLI_WARN},
    {"insufficient_data", "?", CLI_WARN},
};

void cli_add_state(const struct cli *cli, struct esc_buf *out, const char *state)
{
    if (!state) {
        cli_add(cli, out, CLI_DIM, "–");
        return;
    }
    struct look look = {state, "◐", CLI_WARN}; /* on its way from one to another */
    for (size_t i = 0; i < ESC_COUNT(looks); i++)
        if (esc_str_equal_nocase(esc_str_of(looks[i].word), esc_str_of(state)))
            look = looks[i];
    cli_add(cli, out, look.style, look.shape);
    esc_buf_add_char(out, ' ');
    cli_add(cli, out, look.style, state);
}
