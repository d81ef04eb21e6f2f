/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What an event of EventBridge says about where to look again, and nothing else of it: whether it
 * is true is the cloud's to say, so the worst that a made-up one does is one look too many. What is
 * no event at all is told apart, since it may matter to somebody else.
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
    bool tells_of_policy; /* of a resource itself, which no cell tells of */
    char instance_id[32]; /* whose protection may be another one; "": nobody's */
    const char *scanners[ESC_EVENT_SCANNERS]; /* names of scanner.h */
    size_t scanner_count;
};

enum esc_event_kind {
    ESC_EVENT_NONE,      /* no event of EventBridge: somebody else's message */
    ESC_EVENT_ELSEWHERE, /* one of something that no scanner looks at */
    ESC_EVENT_PLACE,     /* one that names a place to look at */
};

/** What a message is. Only with ESC_EVENT_PLACE are there scanners in @p out.
 *  @source EventBridge, structure of an event: each has source, detail-type, account and region */
enum esc_event_kind esc_event_read(struct esc_str message, struct esc_event_place *out);
