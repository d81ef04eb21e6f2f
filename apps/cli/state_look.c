/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/cards.h"

/*
 * State is shape and word before colour. Words are the clouds' own and ours, in whatever case: EKS
 * says ACTIVE, load balancers say active. The page tells them alike (ui/src/parts/state.tsx), by
 * tests/cases/states.json.
 */

struct look {
    const char *shape;
    enum cli_style style;
};

static const struct look well = {"●", CLI_GOOD};
static const struct look off = {"○", CLI_DIM};
static const struct look changing = {"◐", CLI_WARN};
static const struct look bad = {"▲", CLI_BAD};
static const struct look unknown = {"?", CLI_WARN};

static const char *const well_words[] = {
    "available", "running",  "active",  "in-use",     "completed", "enabled", "ok",
    "deployed",  "attached", "healthy", "associated", "succeeded", "noop",    "done"};
static const char *const off_words[] = {
    "stopped",  "inactive",    "disabled",  "terminated", "deleted", "deregistered",
    "detached", "archived",    "queued",    "cancelled",  "skipped", "stale",
    "expired",  "rolled_back", "discarded", "recoverable" /* a snapshot in the recycle bin */};
static const char *const bad_words[] = {"alarm",       "degraded",     "invalid",
                                        "unavailable", "denied",       "replication_not_authorized",
                                        "unhealthy",   "storage_full", "storage-full",
                                        "unverified",  "partial",      "timed_out"};
static const char *const changing_words[] = {
    "pending",
    "transient",
    "maintenance",
    "inprogress",
    "delete in progress",
    "delete-precheck",
    "interrupted",
    "awaiting_approval",
    "update-iam-db-auth",
    "storage-optimization",
    "storage-initialization",
    "storage-config-upgrade",
    "failing-over" /* to another instance, which mends it */};
static const char *const unknown_words[] = {"unknown", "insufficient_data"};

static bool is_one_of(struct esc_str state, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (esc_str_equal_nocase(esc_str_of(words[i]), state))
            return true;
    return false;
}

/* Whole families of words: create-failed, restore-error, incompatible-network. */
static bool tells_trouble(struct esc_str state)
{
    static const char *const parts[] = {"fail",         "error",    "incompatible",
                                        "inaccessible", "impaired", "insufficient-capacity"};
    for (size_t i = 0; i < ESC_COUNT(parts); i++)
        if (esc_str_contains_nocase(state, esc_str_of(parts[i])))
            return true;
    return false;
}

/* Modifying, backing-up, rebooting cluster nodes. */
static bool tells_change(struct esc_str state)
{
    for (size_t at = 0; (at = esc_str_find_nocase(state, ESC_STR("ing"), at)) != SIZE_MAX; at++)
        if (at + 3 == state.len || !esc_is_alpha(state.ptr[at + 3]))
            return true;
    return false;
}

static struct look look_of(struct esc_str state)
{
    if (is_one_of(state, well_words, ESC_COUNT(well_words)))
        return well;
    if (is_one_of(state, off_words, ESC_COUNT(off_words)))
        return off;
    if (is_one_of(state, bad_words, ESC_COUNT(bad_words)))
        return bad;
    if (is_one_of(state, changing_words, ESC_COUNT(changing_words)))
        return changing;
    if (is_one_of(state, unknown_words, ESC_COUNT(unknown_words)))
        return unknown;
    return tells_trouble(state) ? bad : tells_change(state) ? changing : unknown;
}

void cli_add_state(const struct cli *cli, struct esc_buf *out, const char *state)
{
    if (!state) {
        cli_add(cli, out, CLI_DIM, "–");
        return;
    }
    const struct look look = look_of(esc_str_of(state));
    cli_add(cli, out, look.style, look.shape);
    esc_buf_add_char(out, ' ');
    cli_add(cli, out, look.style, state);
}
