/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a row of the table of routes says: everything about a route that is not its code. The
 * dispatcher (api.c) lets a call in by it, esc_api_describe() tells it to others.
 */

#include "escher/work/work_private.h"

enum {
    WORK_ROUTE_CLOUD = 1,    /* reaches the cloud, and takes the caller's variables as the argument
                                "environment" */
    WORK_ROUTE_SOCKET = 2,   /* not open to pages */
    WORK_ROUTE_DETACHES = 4, /* takes "background": answered before the work is done */
    WORK_ROUTE_TELLS = 8,    /* may end other than well and give its answer nevertheless */
};

struct work_argument {
    const char *name;
    enum esc_json_type type; /* an array is one of strings */
    const char *says;        /* what it is, in a few words */
    bool must;               /* a call without it is refused */
};

struct route {
    const char *method, *path;         /* {} stands for one segment of the path, the subject */
    work_route_fn *run;                /* NULL: a door answers this one itself */
    const char *says;                  /* what it does, in one line */
    const struct work_argument *takes; /* what the body may hold; ends with {0}. NULL: nothing */
    const char *gives;                 /* "FORMAT" or "FORMAT/DEFINITION" of docs/formats; NULL:
                                          it lasts until it is cancelled */
    const char *events;                /* kinds of docs/formats/events.schema.json, apart by
                                          spaces; * those of all routes. NULL: none */
    unsigned flags;
    const char *changes; /* what the feed says has changed after it; NULL: nothing, or it says so */
};

extern const struct route work_routes[];
extern const size_t work_route_count;
