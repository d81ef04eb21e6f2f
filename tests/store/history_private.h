/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the three files of a history share: history.c has its life, history_steps.c what can happen
 * in it and what the model expects of that, history_lines.c the model's lines and how a store is
 * read into them.
 */

#include "escher/store/store_private.h"
#include "tests/store/history.h"

enum {
    HISTORY_NOW_MS = 1'795'000'000, /* the clock stands */
};

/* A keyring of one key, which says when it has kept it. */
struct chest {
    struct esc_secret *key;
    struct history *history; /* NULL: nobody listens */
};

/* What a step is about: numbers that mean something to its kind only. */
struct step {
    size_t kind;
    unsigned a, b, c;
};

struct history {
    struct history_options options;
    char *folder, *path, *lock;
    struct vfs_sim *sim;
    struct chest chest;
    struct esc_keyring *keyring;
    struct esc_clock_fixed clock;
    struct esc_random_seeded random, dice;
    struct esc_store *store;
    char id[ESC_UUID_TEXT];
    struct esc_list lines;   /* char *: the model, acknowledged */
    struct esc_list states;  /* char * */
    struct esc_list moments; /* struct moment */
    struct moment now;
    struct step step;
    unsigned step_count;
    bool scan_is_open; /* the step before put what a scan saw */
};

/** Notes in the log that it is @p history->now. */
void mark(struct history *history);

/* What is kept of the blocks of the estate: here each resource and each vector as a text. */
enum esc_status history_keep_blocks(struct esc_store *store, struct esc_error *err);
/** @errors ESC_CORRUPT: something is kept that the rows do not say. */
enum esc_status history_check_blocks(struct esc_store *store, struct esc_error *err);

/* Lines: "name\tvalue", in any order until they become a state */

/** Borrowed; NULL when there is no such line. */
const char *line_value(const struct esc_list *lines, const char *name);
/** @p value NULL takes the line away. */
void set_line(struct esc_list *lines, const char *name, const char *value);
void set_json(struct esc_list *lines, const char *name, const struct esc_json *json);
size_t count_lines(const struct esc_list *lines, const char *start);
/** The name of the @p index-th line that begins with @p start, without that; owned, or NULL. */
char *line_at(const struct esc_list *lines, const char *start, size_t index);
/** Sorts them; the text is owned by the caller. */
char *join_lines(struct esc_list *lines);
/** What a resource's line says; @p vector is its last number, 0 for none. Owned. */
char *resource_value(const char *name, const char *state, float vector);
