/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whose turn it is. Whoever wants to make a call waits in one queue; the first goes for which
 * there is room in its account, room at its endpoint and a token in its bucket.
 *
 *     idle ──wait──▶ waiting ──next──▶ out ──end──▶ idle
 *              ▲        └──leave──▶ idle
 *
 * An endpoint is one service in one region of one account, wherever it is reached, so that an
 * emulator with one address for everything is treated as the cloud is.
 *
 * Pure: the time is given; read.c drives it from the loop.
 * Ownership  a turn is part of whoever waits, and must be idle when that is freed.
 */

#include <stdbool.h>
#include <stdint.h>

#include "escher/aws/throttle.h"

enum aws_outcome {
    AWS_FARED_WELL, /* any answer but the next */
    AWS_THROTTLED,
    AWS_UNHEARD, /* none: it tells nothing about the rate */
};

struct aws_pace;

struct aws_turn {
    struct aws_pace *pace;
    unsigned *in_account, *at_endpoint; /* out there now; the pace's */
    unsigned most_at_endpoint;
    struct esc_bucket *bucket;        /* likewise */
    struct aws_turn *next, *previous; /* in the queue */
    bool waiting, out;
};

struct aws_turn_key {
    const char *account, *region, *service, *operation;
    bool is_apart; /* nobody else has turns of that account: all of them may be at one endpoint */
};

struct aws_pace *aws_pace_new(void);
void aws_pace_free(struct aws_pace *pace); /* nobody waits or is out */

void aws_turn_init(struct aws_turn *turn, struct aws_pace *pace, const struct aws_turn_key *key,
                   uint64_t now_ms);
/** To the end of the queue. Only when idle. */
void aws_turn_wait(struct aws_turn *turn);
/** Out of the queue, or from a call that was given up; nothing when idle. */
void aws_turn_leave(struct aws_turn *turn);
/** The call is over. Only when out. */
void aws_turn_end(struct aws_turn *turn, enum aws_outcome outcome, uint64_t now_ms);
/** Who may go now, out from then on; NULL: nobody, before *wait_ms have passed or, when that is
 *  UINT64_MAX, before another call has ended. */
struct aws_turn *aws_pace_next(struct aws_pace *pace, uint64_t now_ms, uint64_t *wait_ms);
