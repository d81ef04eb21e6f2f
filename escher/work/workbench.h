/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The workbench: the one owner of store, key, index, encoder, shelf, planner and runs. Whoever
 * holds it open is the core; everybody else asks the core.
 *
 *     open: lock ─▶ key ─▶ store ─▶ index filled from the sealed rows ─▶ playbooks ─▶ planner
 *
 * Ownership  open/close. The loop, clock and random are borrowed for its life.
 * Threads    the loop thread only.
 */

#include <stdbool.h>

#include "escher/base/clock.h"
#include "escher/base/error.h"
#include "escher/base/id.h"
#include "escher/base/paths.h"
#include "escher/crypt/keyring.h"
#include "escher/loop/loop.h"
#include "escher/store/salvage.h"

enum esc_keyring_kind {
    ESC_KEYRING_AUTO, /* what the store was made with; the desktop's keychain for a new one */
    ESC_KEYRING_FILE,
};

struct esc_workbench_options {
    struct esc_loop *loop;
    const struct esc_clock *clock;   /* NULL: the system's */
    const struct esc_random *random; /* NULL: the system's */
    const char *profile;             /* NULL: "default" */
    enum esc_keyring_kind keyring;
    struct esc_keyring *keyring_of_caller; /* instead of one of a kind; borrowed; NULL: none */
    const struct esc_secret
        *passphrase;                   /* of a file keyring, or the key's other half; NULL: none */
    bool create;                       /* make store and key when there are none */
    bool mixes_passphrase;             /* create: the passphrase is the key's other half */
    const struct esc_secret *new_code; /* create: a recovery code opens it too; NULL: none does */
    bool schedule;                     /* make backups when they are due */
};

struct esc_workbench;

/**
 * @errors ESC_LOCKED: keychain locked, passphrase wrong, or another process holds the store ·
 * ESC_CORRUPT: the key does not fit, or data is damaged · ESC_NOT_FOUND: no store yet, or weights
 * or playbooks are missing · ESC_EXISTS: create, and there is one.
 */
enum esc_status esc_workbench_open(const struct esc_workbench_options *options,
                                   struct esc_workbench **out, struct esc_error *err);
/** Makes store and key and closes them again; nothing else has to be there. @p options->create is
 *  taken for granted. */
enum esc_status esc_workbench_create(const struct esc_workbench_options *options,
                                     struct esc_error *err);
/** Makes a new store of what still opens of a damaged one (store/salvage.h), and closes it. */
enum esc_status esc_workbench_salvage(const struct esc_workbench_options *options,
                                      struct esc_salvaged *out, struct esc_error *err);
/** Takes a store that is older than the last one seen, and closes it again (store/anchor.h). */
enum esc_status esc_workbench_accept(const struct esc_workbench_options *options,
                                     struct esc_error *err);
/**
 * Ends what is under way (runs are left to their helpers) and closes; turns the loop until all is
 * over, so it is called outside of callbacks and may take some seconds. NULL does nothing.
 */
void esc_workbench_close(struct esc_workbench *bench);
ESC_DEFINE_CLEANUP(struct esc_workbench, esc_workbench_close)
