/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A random history of a store: transactions of every kind, and beside them a model that is told
 * what each would leave behind, as lines of text. So what a store holds can be compared whole.
 *
 *     history_new ──▶ history_step ... ──▶ history_close ──▶ moments, states ──▶ history_free
 *
 * States are numbered as they may come to be; a moment is a number in the log of the simulator:
 *
 *     moment   a step begins   it failed   the next begins   it is acknowledged
 *     from     s               s           s                 s+2     what must be there at least
 *     to       s+1             s+1         s+2               s+2     or one of these, whole
 *
 * Everything follows from the seed. Threads: one.
 */

#include "escher/base/clock.h"
#include "escher/base/list.h"
#include "escher/store/store.h"
#include "tests/support/vfs_sim.h"

/* What may be found from some act of the log on. */
struct moment {
    size_t from, to;   /* states */
    bool has_key;      /* the keyring keeps the key */
    bool is_made;      /* opening was acknowledged once */
    const char *doing; /* the step, for people */
    unsigned step;
};

struct history;

struct history_options {
    uint64_t seed;
    struct vfs_device device;
    int checkpoint_pages; /* SQLite moves the log into the file at this many; 0: its own number */
    bool is_careless;     /* nothing is synced: what a test of these tests has to find */
};

/** A folder with nothing in it, and a log that begins. */
struct history *history_new(const struct history_options *options);
void history_free(struct history *history);
struct vfs_sim *history_sim(struct history *history);

/** Opens the store, or makes it. */
enum esc_status history_open(struct history *history, struct esc_error *err);
void history_close(struct history *history);
struct esc_store *history_store(const struct history *history); /* NULL: not open */

/** The next transaction. What it is does not depend on whether earlier ones failed. */
enum esc_status history_step(struct history *history, struct esc_error *err);
/** The same of a kind, by its name in history.c; what it needs must be there. */
enum esc_status history_take(struct history *history, const char *kind, struct esc_error *err);
/** The one that failed, once more. */
enum esc_status history_repeat(struct history *history, struct esc_error *err);
const char *history_doing(const struct history *history);

const struct moment *history_moment(const struct history *history, uint64_t mark);
/** The state's lines, and its number of them that is acknowledged now. */
const char *history_state(const struct history *history, size_t state);
size_t history_acknowledged(const struct history *history);
/** The store's own id, as it was made first. */
const char *history_id(const struct history *history);

/** Everything @p store holds, as states are written; *out is owned by the caller.
 *  @errors ESC_CORRUPT: a row does not open, the audit trail does not verify; as reading does. */
enum esc_status history_read(struct esc_store *store, char **out, struct esc_error *err);

struct reopened;
/** Opens what is in @p folder by the real code, with or without the key in its keyring. *out is
 *  closed by history_shut. */
enum esc_status history_reopen(const struct history *history, const char *folder, bool has_key,
                               struct reopened **out, struct esc_error *err);
struct esc_store *reopened_store(const struct reopened *reopened);
void history_shut(struct reopened *reopened);
