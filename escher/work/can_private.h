/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A question about what may be done with a resource, shared by can_page.c, which answers it from
 * what was read, and can_cloud.c, which asks the cloud. */

#include "escher/work/permission_private.h"

struct can_asking {
    struct esc_api_call *call;
    struct esc_resource *resource;
    struct work_permit *permit; /* NULL: nothing was read */
    const char *const *actions; /* of the resource's type */
    char *action;               /* NULL: all of them */
    const char *asked[2];       /* the one as a list */
    struct work_cloud *cloud;   /* while it is asked */
    bool proving;               /* whether an emulator knows dry runs */
};

/* can_page.c */

/** Fills @p found (borrowed texts) with those that are @p word, with or without the service, or
 *  (@p begins) whose name begins so. */
size_t can_find_actions(const char *const *actions, struct esc_str word, bool begins,
                        struct esc_list *found);
/** The question of a call, about the resource of that id; NULL: the call is answered. */
struct can_asking *can_begin(struct esc_api_call *call, const char *id);
void can_free(struct can_asking *asking);
const char *const *can_actions(const struct can_asking *asking);
/** What is known without asking; owned by the caller. */
struct esc_json *can_page(const struct can_asking *asking);

/* can_which.c */

/** As work_named(). An action alone is answered with the resources that it may be asked about. */
char *can_named(struct esc_api_call *call);
