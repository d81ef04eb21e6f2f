/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What every door does with a request that passed it: an API call and its answer, or the feed.
 *
 *     Accept: application/json   the answer {"status", "body"} with the HTTP status of its status
 *     anything else              an event stream: the call's events, then `done` with the same
 *     GET /api/events            the feed (work/feed.h), from the Last-Event-ID on
 */

#include "escher/aws/credentials_env.h"
#include "escher/base/list.h"
#include "escher/http/listener.h"
#include "escher/work/api.h"

struct door_visits {
    struct esc_workbench *bench;
    struct esc_list list; /* struct visit * of door_visits.c, not over yet */
};

/** How the caller came in. */
struct door_caller {
    bool page;                                     /* a window or a browser: not every route */
    bool document;                                 /* answered by one document, never by events */
    const struct esc_aws_environment *environment; /* NULL: the one its body brings; borrowed */
};

/** Takes the exchange over. A caller that goes away cancels its call. */
void door_visits_serve(struct door_visits *visits, const struct door_caller *caller,
                       struct esc_http_exchange *exchange);
/** The door closes: calls under way are answered to nobody. */
void door_visits_leave(struct door_visits *visits);
