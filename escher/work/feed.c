/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/feed.h"

#include <inttypes.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/limits.h"
#include "escher/base/list.h"
#include "escher/base/num.h"
#include "escher/http/events.h"

struct kept {
    char *text;
    size_t len;
};

struct esc_feed {
    char boot[17];
    struct kept kept[ESC_FEED_EVENTS]; /* the event of number n stands at n % ESC_FEED_EVENTS */
    uint64_t oldest, next;             /* numbers; empty when equal. The first is 1 */
    size_t bytes;                      /* of what is kept */
    struct esc_list followers;
};

struct esc_follower {
    struct esc_feed *feed;
    esc_feed_fn *fn;
    void *context;
};

struct esc_feed *esc_feed_new(const struct esc_random *random)
{
    struct esc_feed *feed = esc_alloc_zero(sizeof *feed);
    unsigned char boot[8];
    esc_random_fill(random, boot, sizeof boot);
    esc_hex(boot, sizeof boot, feed->boot);
    feed->oldest = feed->next = 1;
    return feed;
}

static void drop_oldest(struct esc_feed *feed)
{
    struct kept *kept = &feed->kept[feed->oldest++ % ESC_FEED_EVENTS];
    feed->bytes -= kept->len;
    free(ESC_STEAL(kept->text));
}

void esc_feed_free(struct esc_feed *feed)
{
    if (!feed)
        return;
    ESC_ASSERT(feed->followers.count == 0);
    while (feed->oldest < feed->next)
        drop_oldest(feed);
    esc_list_done(&feed->followers);
    free(feed);
}

static void write_event(struct esc_feed *feed, uint64_t number, const char *kind,
                        const struct esc_json *data, struct esc_buf *out)
{
    ESC_CLEANUP(esc_freep) char *id = esc_sprintf("%s-%" PRIu64, feed->boot, number);
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(data, ESC_JSON_COMPACT);
    const struct esc_event event = {.id = id, .kind = kind, .data = esc_str_of(text)};
    esc_event_write(out, &event);
}

static void keep(struct esc_feed *feed, struct esc_buf *bytes)
{
    while (feed->oldest < feed->next && (feed->next - feed->oldest == ESC_FEED_EVENTS ||
                                         feed->bytes + bytes->len > ESC_FEED_BYTES))
        drop_oldest(feed);
    struct kept *kept = &feed->kept[feed->next++ % ESC_FEED_EVENTS];
    kept->len = bytes->len;
    kept->text = esc_buf_take(bytes);
    feed->bytes += kept->len;
}

void esc_feed_publish(struct esc_feed *feed, const struct esc_json *event)
{
    struct esc_buf bytes;
    esc_buf_init(&bytes, ESC_MAX_FILE);
    write_event(feed, feed->next, esc_json_str(event, "kind", "message"), event, &bytes);
    for (size_t i = feed->followers.count; i > 0; i--) { /* one may leave when it is told */
        const struct esc_follower *follower = feed->followers.items[i - 1];
        follower->fn(follower->context, esc_buf_str(&bytes));
    }
    keep(feed, &bytes);
    esc_buf_done(&bytes);
}

/* Whether what came after the event of this id is still there, without a gap. */
static bool resumes(const struct esc_feed *feed, struct esc_str id, uint64_t *seen)
{
    struct esc_str boot = {0};
    return id.len && esc_str_next(&id, '-', &boot) && esc_str_is(boot, feed->boot) &&
           esc_num_u64(id, seen) && *seen + 1 >= feed->oldest && *seen < feed->next;
}

/* The follower knows nothing yet, or nothing that holds. The id is that of the newest event. */
static void greet(const struct esc_follower *follower, const char *kind)
{
    struct esc_feed *feed = follower->feed;
    ESC_CLEANUP(esc_json_freep) struct esc_json *event = esc_json_object();
    struct esc_json *data = esc_json_object();
    esc_json_set_text(event, "kind", kind);
    esc_json_set_text(data, "boot", feed->boot);
    esc_json_set(event, "data", data);
    struct esc_buf bytes;
    esc_buf_init(&bytes, ESC_MAX_LINE);
    write_event(feed, feed->next - 1, kind, event, &bytes);
    follower->fn(follower->context, esc_buf_str(&bytes));
    esc_buf_done(&bytes);
}

static void catch_up(const struct esc_follower *follower, uint64_t seen)
{
    const struct esc_feed *feed = follower->feed;
    for (uint64_t number = seen + 1; number < feed->next; number++) {
        const struct kept *kept = &feed->kept[number % ESC_FEED_EVENTS];
        follower->fn(follower->context, (struct esc_str){kept->text, kept->len});
    }
}

struct esc_follower *esc_feed_follow(struct esc_feed *feed, struct esc_str last_id, esc_feed_fn *fn,
                                     void *context)
{
    struct esc_follower *follower = esc_alloc_zero(sizeof *follower);
    *follower = (struct esc_follower){feed, fn, context};
    uint64_t seen = 0;
    if (resumes(feed, last_id, &seen))
        catch_up(follower, seen);
    else
        greet(follower, last_id.len ? "reset" : "hello");
    esc_list_push(&feed->followers, follower);
    return follower;
}

void esc_feed_unfollow(struct esc_follower *follower)
{
    if (follower)
        (void)esc_list_drop(&follower->feed->followers, follower);
    free(follower);
}
