/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What to do after a call that read something and failed. Pure: one table, and the waits.
 *
 *     throttled   again after a wait, up to eleven times; the rate falls (aws/throttle.h)
 *     troubled    again after a wait, twice: 500, 502-504, a broken connection, no answer in time
 *     page token  the list once more from its start: EC2's tokens expire
 *     expired     once more with other credentials
 *     anything    is an answer, and final: what is denied today is denied in a second, too
 *
 * Clocks that differ are another matter (call.h), since only the answer's Date tells.
 */

#include <stdbool.h>

#include "escher/aws/call.h"
#include "escher/base/error.h"
#include "escher/loop/backoff.h"

enum esc_retry {
    ESC_RETRY_NEVER,
    ESC_RETRY_THROTTLED,
    ESC_RETRY_TROUBLED,
    ESC_RETRY_PAGE_TOKEN,
    ESC_RETRY_EXPIRED,
};

/** Of an answer that is a refusal. */
enum esc_retry esc_retry_of_fault(const struct esc_aws_fault *fault);
/** Of a call without an answer, or with one that broke off. */
enum esc_retry esc_retry_of_status(enum esc_status status);

/** How often a call may be made in all, for THROTTLED and TROUBLED; 1 for the others. */
unsigned esc_retry_attempts(enum esc_retry kind);
/** Bounds of the wait between two; jitter is loop/backoff.h's. */
const struct esc_backoff *esc_retry_backoff(enum esc_retry kind);
