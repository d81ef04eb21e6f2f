/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * When a backup is due, and which may go: pure functions of what is known and the time.
 *
 * Time is the wall clock's, which may be wrong, jump and stand still; what is dated in the future
 * then counts for nothing and is left alone.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "escher/base/str.h"

/* What is remembered of the backups so far. */
struct backup_history {
    uint64_t last_ok_ms;  /* when the newest verified one was made; 0: there is none */
    uint64_t last_try_ms; /* when the last one ended, well or not; 0: never */
    unsigned failures;    /* since the last one that went well */
};

/**
 * Once on each day (UTC) that the program runs on, and not within an hour; after failures again in
 * 15 minutes, then in twice as many, at most in six hours. Never made is due at once, and so is
 * what the clock has jumped back over. Returns a time up to @p now_ms when it is due.
 */
uint64_t backup_due_ms(const struct backup_history *history, uint64_t now_ms);

struct backup_policy {
    uint64_t keep_ms;   /* what is younger stays */
    size_t keep_newest; /* and so do the newest verified ones, whatever their age */
};
extern const struct backup_policy backup_policy_local; /* 7 days, 3 */

struct backup_item {
    const char *name; /* the same name twice is one file */
    uint64_t made_at_ms;
    bool is_verified;
    bool goes; /* the answer */
};

/**
 * Sets `goes` of each. Only what was verified goes, when it is older than the policy keeps and
 * enough newer verified ones stay. After a backup that failed nothing goes.
 */
void backup_retain(struct backup_item *items, size_t count, uint64_t now_ms, bool last_failed,
                   const struct backup_policy *policy);

/* "escher-20261121T203000Z-<id of the store>.escb"; a second one of the same second has "-2" before
 * the dot. */
enum {
    BACKUP_NAME = 96
};
void backup_name(uint64_t made_at_ms, const char *store_id, unsigned number, char out[BACKUP_NAME]);
/** False when it is no such name. @p store_id gets ESC_UUID_TEXT bytes. */
bool backup_name_read(struct esc_str name, uint64_t *made_at_ms, char *store_id);
