/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the window remembers from one start to the next, in STATE/PROFILE/window.json. No position:
 * Wayland knows none. A file that is missing, damaged or absurd is as good as none.
 */

#include <stdbool.h>

#include "escher/base/error.h"
#include "escher/base/paths.h"

struct window_state {
    int width, height; /* pixels, of the window when it is not maximised */
    bool maximized;
    bool gpu; /* who draws; software when false */
};

struct window_state window_state_load(const struct esc_paths *paths);
enum esc_status window_state_save(const struct esc_paths *paths, const struct window_state *state,
                                  struct esc_error *err);
/** Reads "1280x800" into @p state. @errors ESC_INVALID: no size, or one that no window has. */
enum esc_status window_state_set_size(struct window_state *state, const char *text,
                                      struct esc_error *err);
