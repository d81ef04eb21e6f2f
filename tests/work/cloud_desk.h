/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A desk whose cloud is the fake AWS: real syncs over our own transport into a real store. The wall
 * clock stands, the other one runs, since rates are kept by it.
 */

#include "tests/support/fake_aws.h"
#include "tests/work/desk.h"

struct cloud_desk {
    struct desk desk;
    struct fake_aws *cloud; /* on the desk's loop; NULL: somebody else's */
};

/** A desk with an empty store and the fake beside it, its first account added. */
void cloud_desk_open(struct cloud_desk *at, struct fake_aws_options *options);
/** Fails when the fake was asked what it does not know. */
void cloud_desk_close(struct cloud_desk *at);
/** The same of a state that is a cloud_desk in memory of its own. */
int cloud_desk_teardown(void **state);

/** The clock of desk and cloud. */
const struct esc_clock *cloud_desk_clock(struct cloud_desk *at);
/** Adds an account that is reached at @p url by its long-lived key. */
void cloud_desk_add(struct desk *desk, const char *url, const char *account,
                    const char *const *regions);
/** The member "environment" of a body: the account's key and the region of who has it. Owned. */
char *cloud_desk_keys(const char *account, const char *region);
/** POST /api/sync with the account's key; @p more are members of the body ("" none). Owned. */
struct esc_json *cloud_desk_sync(struct desk *desk, const char *account, const char *more,
                                 enum esc_status *status);
/** The estate as sorted lines "id content-hash"; owned by the caller. */
char *cloud_desk_estate(struct desk *desk);
