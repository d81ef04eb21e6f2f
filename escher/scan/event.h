/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What an event of EventBridge says about where to look again, and nothing else of it: whether it
 * is true is the cloud's to say, so the worst that a made-up one does is one look too many.
 *
 * Pure. The body of a queue's message is from outside: anything may be in it.
 */

#include <stdbool.h>
#include <stddef.h>

#include "escher/base/str.h"

enum {
    ESC_EVENT_MESSAGE = 256 * 1024, /* bytes of a message at most */
    ESC_EVENT_SCANNERS = 8,
};

struct esc_event_place {
    char account_id[16], region[32];
    const char *scanners[ESC_EVENT_SCANNERS]; /* names of scanner.h */
    size_t scanner_count;
};

/** False when the message names no place that a scanner could look at. */
bool esc_event_read(struct esc_str message, struct esc_event_place *out);
