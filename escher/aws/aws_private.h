/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the calls of this room share. */

#include "escher/aws/call.h"
#include "escher/base/id.h"
#include "escher/base/list.h"

struct esc_aws {
    struct esc_loop *loop;
    struct esc_http_client *http;
    const struct esc_clock *clock;
    int64_t skew_ms;            /* what to add to our clock to have the service's */
    struct aws_call *calls;     /* under way */
    struct resolution *pending; /* under way; resolve.c */
    struct esc_list cache;      /* struct kept; resolve.c */
};

/* Ends every resolution with ESC_CANCELLED and drops the cache; for esc_aws_free(). */
void resolve_end_all(struct esc_aws *aws);
