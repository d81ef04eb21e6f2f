/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One window a profile: whoever holds the lock beside the core's socket owns the window; a later
 * start hands its link over and ends.
 *
 *     first    flock PROFILE.window.lock ─▶ listen on PROFILE.window.sock ─▶ on_raise(link, token)
 *     second   locked by another ─▶ connect, {"link", "token"}, wait for "ok" ─▶ ends
 *
 * Other users' connections are closed without an answer. Threads: the GTK thread only.
 */

#include <stdbool.h>

#include "escher/base/error.h"
#include "escher/base/paths.h"

struct instance;
/** @p link and @p token (of the desktop, to come to the front with) may be NULL; borrowed. */
typedef void instance_raise_fn(void *context, const char *link, const char *token);

/**
 * Takes the lock, or raises the window of whoever has it: then *out stays NULL.
 * @errors ESC_IO; ESC_UNAVAILABLE: the other one holds the lock and does not answer.
 */
enum esc_status instance_claim(const struct esc_paths *paths, const char *link,
                               struct instance **out, struct esc_error *err);
/** From now on later starts are answered, on GLib's main loop. */
void instance_listen(struct instance *instance, instance_raise_fn *on_raise, void *context);
void instance_release(struct instance *instance); /* NULL does nothing */
