/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Everything that happens in the core, as one stream of server-sent events that many may follow
 * and come back to.
 *
 *     publish ──▶ [ oldest … newest ] ──▶ every follower
 *                        └── a follower that comes back with the id of its last event gets what
 *                            it missed; where that is gone or unknown, an event `reset`: ask anew
 *
 * The id of an event is "BOOT-NUMBER": numbers count up by one, BOOT is another one in each life
 * of the core.
 *
 * Ownership  a follower belongs to who followed, until esc_feed_unfollow().
 * Threads    the loop thread only.
 */

#include <stdint.h>

#include "escher/base/id.h"
#include "escher/base/json.h"
#include "escher/base/str.h"

enum {
    ESC_FEED_EVENTS = 4096,           /* how many are kept at most */
    ESC_FEED_BYTES = 4 * 1024 * 1024, /* and how much text */
};

struct esc_feed;
struct esc_follower;
/** @p bytes is one event or more, ready to be sent; borrowed. */
typedef void esc_feed_fn(void *context, struct esc_str bytes);

ESC_RETURNS_NONNULL struct esc_feed *esc_feed_new(const struct esc_random *random);
void esc_feed_free(struct esc_feed *feed); /* NULL does nothing; nobody may follow any more */

/** @p event has a "kind", which names the event in the stream. */
void esc_feed_publish(struct esc_feed *feed, const struct esc_json *event);

/**
 * Follows from now on. @p last_id is the last event that was seen, or empty: then `hello` comes
 * first. What was missed is handed over at once, from within this call.
 */
ESC_RETURNS_NONNULL struct esc_follower *
esc_feed_follow(struct esc_feed *feed, struct esc_str last_id, esc_feed_fn *fn, void *context);
void esc_feed_unfollow(struct esc_follower *follower); /* NULL does nothing */
