/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Where Escher keeps things (XDG base directories, or everything under ESCHER_HOME), and the
 * only door to the environment.
 *
 *     data     DATA/escher/PROFILE      store.db, store.lock
 *     state    STATE/escher/PROFILE     runs/RUN/
 *     config   CONFIG/escher            config.yaml
 *     cache    CACHE/escher
 *     demos    STATE/escher              demo/, demo-WORLD/ (demo/control.py)
 *     socket   RUNTIME/escher/PROFILE.sock
 * With ESCHER_HOME=DIR: DIR/data/PROFILE, DIR/state/PROFILE, DIR/config, DIR/cache,
 * DIR/demo, DIR/run/PROFILE.sock. A socket path longer than 100 bytes becomes a hashed short one below /tmp.
 */

#include "escher/base/error.h"

/** A variable of the process environment, or NULL when unset or empty. Borrowed. */
const char *esc_env(const char *name);
/** Wipes the value where it stands, so that nobody who looks at this process sees it any more, and
 *  removes the variable. An unset one is fine. No other thread may be at the environment. */
void esc_env_forget(const char *name);
/** The whole environment, "NAME=value", ends with NULL. Borrowed. */
char *const *esc_env_all(void);

struct esc_paths {
    char *profile;
    char *data, *state, *config, *cache; /* folders, not made yet */
    char *demos; /* where the folders of demo clouds lie: demo, demo-WORLD */
    char *store, *lock, *runs, *socket, *config_file;
};

/** Profile names are [a-z0-9][a-z0-9_-]{0,31}; NULL is "default". @errors ESC_INVALID. */
enum esc_status esc_paths_init(struct esc_paths *paths, const char *profile, struct esc_error *err);
void esc_paths_done(struct esc_paths *paths);
/** The file @p name below share/escher: ESCHER_SHARE, beside the build, or the installed place;
 *  owned by the caller. @errors ESC_NOT_FOUND. */
enum esc_status esc_paths_share(const char *name, char **out, struct esc_error *err);
