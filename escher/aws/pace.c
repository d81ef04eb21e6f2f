/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/pace_private.h"

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/map.h"

struct aws_pace {
    struct esc_map *accounts, *endpoints; /* → unsigned *, how many are out */
    struct esc_map *buckets;              /* → struct esc_bucket * */
    struct aws_turn *first, *last;
};

struct aws_pace *aws_pace_new(void)
{
    struct aws_pace *pace = esc_alloc_zero(sizeof *pace);
    pace->accounts = esc_map_new(free);
    pace->endpoints = esc_map_new(free);
    pace->buckets = esc_map_new(free);
    return pace;
}

void aws_pace_free(struct aws_pace *pace)
{
    if (!pace)
        return;
    ESC_ASSERT(!pace->first);
    esc_map_free(pace->accounts);
    esc_map_free(pace->endpoints);
    esc_map_free(pace->buckets);
    free(pace);
}

static unsigned *counter(struct esc_map *map, const char *key)
{
    unsigned *count = esc_map_get(map, esc_str_of(key));
    if (!count) {
        count = esc_alloc_zero(sizeof *count);
        esc_map_set(map, esc_str_of(key), count);
    }
    return count;
}

static struct esc_bucket *bucket_of(struct aws_pace *pace, const struct aws_turn_key *key,
                                    uint64_t now_ms)
{
    const struct esc_rate *rate = esc_rate_find(key->service, key->operation);
    ESC_CLEANUP(esc_freep)
    char *name = esc_sprintf("%s %s %s %s", key->account, key->region, key->service,
                             rate->shared ? rate->shared : key->operation);
    struct esc_bucket *bucket = esc_map_get(pace->buckets, esc_str_of(name));
    if (!bucket) {
        bucket = esc_alloc_zero(sizeof *bucket);
        esc_bucket_init(bucket, rate, now_ms);
        esc_map_set(pace->buckets, esc_str_of(name), bucket);
    }
    return bucket;
}

void aws_turn_init(struct aws_turn *turn, struct aws_pace *pace, const struct aws_turn_key *key,
                   uint64_t now_ms)
{
    ESC_CLEANUP(esc_freep)
    char *endpoint = esc_sprintf("%s %s %s", key->account, key->region, key->service);
    *turn = (struct aws_turn){
        .pace = pace,
        .in_account = counter(pace->accounts, key->account),
        .at_endpoint = counter(pace->endpoints, endpoint),
        .most_at_endpoint = key->is_apart ? ESC_AWS_IN_ACCOUNT : ESC_AWS_AT_ENDPOINT,
        .bucket = bucket_of(pace, key, now_ms),
    };
}

void aws_turn_wait(struct aws_turn *turn)
{
    struct aws_pace *pace = turn->pace;
    ESC_ASSERT(!turn->waiting && !turn->out);
    turn->waiting = true;
    turn->next = NULL;
    turn->previous = pace->last;
    if (pace->last)
        pace->last->next = turn;
    else
        pace->first = turn;
    pace->last = turn;
}

static void unlink_turn(struct aws_turn *turn)
{
    struct aws_pace *pace = turn->pace;
    if (turn->previous)
        turn->previous->next = turn->next;
    else
        pace->first = turn->next;
    if (turn->next)
        turn->next->previous = turn->previous;
    else
        pace->last = turn->previous;
    turn->waiting = false;
}

static void come_back(struct aws_turn *turn)
{
    turn->out = false;
    (*turn->in_account)--;
    (*turn->at_endpoint)--;
}

void aws_turn_leave(struct aws_turn *turn)
{
    if (turn->waiting)
        unlink_turn(turn);
    else if (turn->out)
        come_back(turn);
}

void aws_turn_end(struct aws_turn *turn, enum aws_outcome outcome, uint64_t now_ms)
{
    ESC_ASSERT(turn->out);
    come_back(turn);
    if (outcome == AWS_THROTTLED)
        esc_bucket_throttled(turn->bucket, now_ms);
    else if (outcome == AWS_FARED_WELL)
        esc_bucket_fared_well(turn->bucket, now_ms);
}

static void send_out(struct aws_turn *turn, uint64_t now_ms)
{
    unlink_turn(turn);
    turn->out = true;
    (*turn->in_account)++;
    (*turn->at_endpoint)++;
    esc_bucket_take(turn->bucket, now_ms);
}

struct aws_turn *aws_pace_next(struct aws_pace *pace, uint64_t now_ms, uint64_t *wait_ms)
{
    *wait_ms = UINT64_MAX;
    for (struct aws_turn *turn = pace->first; turn; turn = turn->next) {
        if (*turn->in_account >= ESC_AWS_IN_ACCOUNT || *turn->at_endpoint >= turn->most_at_endpoint)
            continue;
        const uint64_t wait = esc_bucket_wait_ms(turn->bucket, now_ms);
        if (wait == 0) {
            send_out(turn, now_ms);
            return turn;
        }
        if (wait < *wait_ms)
            *wait_ms = wait;
    }
    return NULL;
}
