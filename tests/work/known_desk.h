/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The world of tests about what syncs leave out: the fake AWS with one account, two regions and what
 * is global, three places.
 */

#include <stdlib.h>

#include "escher/work/work_private.h"
#include "tests/work/cloud_desk.h"

#define ACCOUNT "111111111111"

static const char *const known_accounts[] = {ACCOUNT, NULL};
static const char *const known_regions[] = {"us-east-1", "us-west-2", NULL};

static inline void open_world(struct cloud_desk *at, uint64_t seed, size_t size)
{
    struct fake_aws_options options = {
        .seed = seed, .size = size, .accounts = known_accounts, .regions = known_regions};
    cloud_desk_open(at, &options);
    assert_int_equal(0, setenv("ESCHER_TRANSPORT", "native", 1));
}

/* Also what goes on behind: vectors. */
static inline bool is_settled(void *context)
{
    const struct esc_index *index = ((struct cloud_desk *)context)->desk.bench->index;
    for (size_t i = 0; i < esc_index_count(index); i++)
        if (!esc_index_at(index, i, NULL).has_vector)
            return false;
    return true;
}

static inline struct esc_json *sync_as(struct cloud_desk *at, const char *more)
{
    enum esc_status status;
    struct esc_json *body = cloud_desk_sync(&at->desk, ACCOUNT, more, &status);
    if (status != ESC_OK && status != ESC_PARTIAL) {
        ESC_CLEANUP(esc_freep) char *text = esc_json_print(body, ESC_JSON_COMPACT);
        fail_msg("%s: %.2000s", esc_status_text(status), text);
    }
    assert_true(esc_loop_run_until(at->desk.loop, is_settled, at));
    return body;
}
