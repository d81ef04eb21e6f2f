/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A desk (desk.h) with an account, a database and a cluster: what tests of syncs, of schedules and
 * of the queue of events begin with.
 */

#include "tests/work/desk.h"

#define RDS "{\"service\":\"rds\"," DESK_KEYS "}"
#define CLUSTER DESK_ACCOUNT "-us-west-2-rds_cluster-orders"
#define TEST(name) cmocka_unit_test_setup_teardown(name, sync_desk_setup, desk_teardown)

static inline const char *text(const struct esc_json *json, const char *path)
{
    return esc_json_str(json, path, "");
}

static inline struct esc_json *sync_with(struct desk *desk, enum esc_status expected,
                                         const char *body)
{
    return desk_expect(desk, expected, "POST", "/api/sync", body);
}

static inline int sync_desk_setup(void **state)
{
    desk_setup(state);
    struct desk *desk = *state;
    desk_add_account(desk);
    desk_add_database(desk);
    desk_cloud_put(desk, "describe-db-clusters.json", "{\"DBClusters\":[]}");
    desk_cloud_put(desk, "describe-db-snapshots.json", "{\"DBSnapshots\":[]}");
    desk_cloud_put(desk, "describe-db-cluster-snapshots.json", "{\"DBClusterSnapshots\":[]}");
    return 0;
}

static inline void set_cluster(struct desk *desk, const char *status)
{
    ESC_CLEANUP(esc_freep)
    char *answer = esc_sprintf("{\"DBClusters\":[{\"DBClusterIdentifier\":\"orders\","
                               "\"Status\":\"%s\"}]}",
                               status);
    desk_cloud_put(desk, "describe-db-clusters.json", answer);
}

static inline size_t count_changes(struct desk *desk)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *changes = desk_expect(desk, ESC_OK, "POST", "/api/changes", "{}");
    return (size_t)esc_json_num(changes, "total", 0);
}

static inline void set_schedule(struct desk *desk, const char *body)
{
    esc_json_free(desk_expect(desk, ESC_OK, "PUT", "/api/schedule", body));
}

static inline void with_keys(bool has)
{
    if (has) {
        assert_int_equal(0, setenv("AWS_ACCESS_KEY_ID", "AK" DESK_ACCOUNT, 1));
        assert_int_equal(0, setenv("AWS_SECRET_ACCESS_KEY", "canary-secret", 1));
    } else {
        assert_int_equal(0, unsetenv("AWS_ACCESS_KEY_ID"));
        assert_int_equal(0, unsetenv("AWS_SECRET_ACCESS_KEY"));
    }
}
