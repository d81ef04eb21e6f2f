/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How often an operation may be asked: the rates services publish, as a table, and the token
 * bucket that keeps to them.
 *
 *     bucket:  full at first ──take──▶ one less ──time──▶ refilled at its rate, up to the burst
 *              "throttled": three tenths less, and nothing left ─▶ each call that fares well
 *              raises the rate by a twentieth of the published one, up to that
 *
 * A tenth of the burst, at least one call, is kept back: what leaves at even distances may arrive
 * closer together. Others use the same account's buckets, so a published rate may still be too much; hence the
 * additive increase and multiplicative decrease.
 *
 * Pure: the time is given. Whole numbers only, so that tests are exact.
 * Units  milliseconds of a monotonic clock; rates in thousandths of a call per second, which is
 *        millionths of a call per millisecond.
 */

#include <stdint.h>

enum {
    ESC_AWS_IN_ACCOUNT = 16, /* calls in flight */
    ESC_AWS_AT_ENDPOINT = 4, /* of these at one service in one region */
};

struct esc_rate {
    const char *service;   /* of botocore */
    const char *operation; /* a trailing '*' stands for any ending */
    const char *shared;    /* the bucket all operations of this row share; NULL: each has its own */
    uint32_t burst;        /* calls at once */
    uint32_t per_second;   /* calls */
};

/** The row for an operation; one for anything unknown is careful. Static. */
const struct esc_rate *esc_rate_find(const char *service, const char *operation);

struct esc_bucket {
    uint64_t burst_micro, full_rate_milli; /* as published, without what is kept back */
    uint64_t rate_milli;                   /* at present */
    uint64_t tokens_micro, at_ms;          /* what was in it, and when */
    uint64_t cut_ms;                       /* when the rate was last cut */
};

void esc_bucket_init(struct esc_bucket *bucket, const struct esc_rate *rate, uint64_t now_ms);
/** How long until a call may go; 0: now. */
uint64_t esc_bucket_wait_ms(struct esc_bucket *bucket, uint64_t now_ms);
/** A call goes. Only when there is nothing to wait for. */
void esc_bucket_take(struct esc_bucket *bucket, uint64_t now_ms);
/** The service called it too much. What was refused at about the same time counts once. */
void esc_bucket_throttled(struct esc_bucket *bucket, uint64_t now_ms);
/** It answered otherwise. */
void esc_bucket_fared_well(struct esc_bucket *bucket, uint64_t now_ms);
