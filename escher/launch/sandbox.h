/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whether this system lets the window shut its page in. WebKit does that with bubblewrap, and ends
 * the whole program where it fails, as it does where user namespaces are forbidden. So whoever
 * wants to know looks around first and then tries bubblewrap by itself:
 *
 *     look ─▶ run the trial, where there is a bubblewrap ─▶ judge ─▶ works, or why not and the cure
 *
 * How the trial is run is the caller's: the window has GLib, the core its loop.
 */

#include <stdbool.h>
#include <stdint.h>

#include "escher/base/error.h"
#include "escher/base/str.h"

struct esc_sandbox_system {
    char *bubblewrap; /* the program, owned; NULL: not installed */
    bool has_proxy;   /* xdg-dbus-proxy, without which WebKit does not start it either */
    bool is_off;      /* the person switched it off, by WebKit's own variable */
    /* What the kernel says of user namespaces; as if it allowed them where it says nothing. */
    uint64_t apparmor_restricts, unprivileged_allowed, most;
};

struct esc_sandbox_verdict {
    bool works;
    char says[256]; /* one line */
    char cure[256]; /* empty when it works */
};

/** Reads what is there; free with esc_sandbox_system_done(). */
void esc_sandbox_look(struct esc_sandbox_system *out);
void esc_sandbox_system_done(struct esc_sandbox_system *system);
/** The trial's words after the program; NULL ends them. It ends with 0 where it works. */
extern const char *const esc_sandbox_trial[];
/** @p worked and @p said (its stderr) are the trial's, false and empty where none could be run. */
void esc_sandbox_judge(const struct esc_sandbox_system *system, bool worked, struct esc_str said,
                       struct esc_sandbox_verdict *out);
