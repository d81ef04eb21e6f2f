/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Two desks before the same cloud, one of which leaves out what it knows and one of which looks at
 * all of it, through a history by chance: nobody can tell which is which by the records, what may be
 * done with them, the ledger, the counts and the history.
 */

#include <string.h>

#include "escher/base/limits.h"
#include "tests/work/known_desk.h"

static struct esc_error err;

enum {
    HOUR_MS = 3'600'000,
};

/* What hangs on the sync's id and on how long it took, and what was left out. */
static const char *const random_members[] = {"sync_id", "seen_in", "took_ms", "whole_since",
                                             "places_known"};

static void strip(struct esc_json *json)
{
    for (size_t i = 0; i < ESC_COUNT(random_members); i++)
        if (esc_json_is(json, ESC_JSON_OBJECT))
            esc_json_remove(json, random_members[i]);
    for (size_t i = 0; esc_json_is(json, ESC_JSON_ARRAY) && i < esc_json_len(json); i++) {
        struct esc_json *item = esc_json_copy(esc_json_at(json, i));
        strip(item);
        esc_json_replace(json, i, item);
    }
    if (!esc_json_is(json, ESC_JSON_OBJECT))
        return;
    struct esc_json *made = esc_json_object();
    const struct esc_json *value;
    const char *name;
    for (void *at = NULL; esc_json_next(json, &at, &name, &value);) {
        struct esc_json *copy = esc_json_copy(value);
        strip(copy);
        esc_json_set(made, name, copy);
    }
    for (void *at = NULL; esc_json_next(made, &at, &name, &value);)
        esc_json_set(json, name, esc_json_ref(value));
    esc_json_free(made);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* The list of an answer as sorted lines. */
static void add_lines(struct cloud_desk *at, const char *method, const char *path, const char *body,
                      const char *list, struct esc_buf *out)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *page = desk_expect(&at->desk, ESC_OK, method, path, body);
    struct esc_json *items = esc_json_copy(esc_json_get(page, list));
    struct esc_list lines;
    strip(items);
    esc_list_init(&lines, free);
    for (size_t i = 0; i < esc_json_len(items); i++)
        esc_list_push(&lines, esc_json_print(esc_json_at(items, i), ESC_JSON_SORTED));
    if (esc_json_is(items, ESC_JSON_OBJECT))
        esc_list_push(&lines, esc_json_print(items, ESC_JSON_SORTED));
    esc_list_sort(&lines, by_text);
    for (size_t i = 0; i < lines.count; i++)
        esc_buf_printf(out, "%s\n", (const char *)lines.items[i]);
    esc_list_done(&lines);
    esc_json_free(items);
}

/* Records with what may be done, the ledger, counts of permissions, and the history. */
static char *everything(struct cloud_desk *at)
{
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_FILE);
    add_lines(at, "POST", "/api/estate/export", "{}", "resources", &text);
    add_lines(at, "GET", "/api/status", NULL, "cells", &text);
    add_lines(at, "GET", "/api/status", NULL, "permissions", &text);
    add_lines(at, "POST", "/api/changes", "{\"n\":2000}", "changes", &text);
    return esc_buf_take(&text);
}

static void expect_same(struct cloud_desk *one, struct cloud_desk *other, int round)
{
    ESC_CLEANUP(esc_freep) char *a = everything(one);
    ESC_CLEANUP(esc_freep) char *b = everything(other);
    size_t at = 0;
    while (a[at] && a[at] == b[at])
        at++;
    const size_t from = at > 400 ? at - 400 : 0;
    if (a[at] != b[at])
        fail_msg("round %d, at %zu:\n%.800s\nand\n%.800s", round, at, a + from, b + from);
    assert_true(at > 1000);
}

/* Clusters were others for a while, and a narrow sync has seen them so. */
static void happen_and_pass(struct cloud_desk *at, uint64_t chance)
{
    fake_aws_turn(at->cloud, "rds_cluster", chance | 1);
    esc_json_free(sync_as(at, "\"service\":\"rds\","));
    fake_aws_turn(at->cloud, "rds_cluster", 0);
}

/* What happens to a cloud between two syncs; the same to both. */
static void happen(struct cloud_desk *at, uint64_t what, uint64_t chance)
{
    static const char *const kinds[] = {"rds_instance", "ec2_instance", "s3_bucket",
                                        "sqs_queue",    "ebs_volume",   "sns_topic",
                                        "vpc",          "secret",       "load_balancer",
                                        "hosted_zone",  "ebs_snapshot", "security_group"};
    static const struct {
        enum fake_fault_kind kind;
        const char *service, *operation;
    } faults[] = {
        {FAKE_FAULT_DENIED, "s3", "GetBucketPolicy"},
        {FAKE_FAULT_DENIED, "sqs", "GetQueueAttributes"},
        {FAKE_FAULT_SCP, "rds", "DescribeDBInstances"},
        {FAKE_FAULT_BROKEN, "ec2", "DescribeVolumes"},
        {FAKE_FAULT_DENIED, "lambda", "GetPolicy"},
        {FAKE_FAULT_DENIED, NULL, "GetResources"},
        {FAKE_FAULT_DENIED, "ec2", "DescribeInstanceAttribute"},
        {FAKE_FAULT_HTML, "iam", "ListUsers"},
    };
    const char *kind = kinds[chance % ESC_COUNT(kinds)];
    const size_t fault = chance % ESC_COUNT(faults);
    fake_aws_heal(at->cloud);
    switch (what) {
    case 0:
        fake_aws_turn(at->cloud, kind, chance);
        break;
    case 1:
        fake_aws_turn(at->cloud, kind, 0);
        break;
    case 2:
        fake_aws_remove(at->cloud, kind, 1);
        break;
    case 3:
        fake_aws_remove(at->cloud, kind, 0);
        break;
    case 4:
        fake_aws_fault(at->cloud, &(struct fake_fault){.kind = faults[fault].kind,
                                                       .service = faults[fault].service,
                                                       .operation = faults[fault].operation,
                                                       .region = chance & 64 ? "us-west-2" : NULL});
        break;
    case 5:
    case 6:
    case 7:
    case 8:
        happen_and_pass(at, chance);
        break;
    default:
        break; /* nothing: most of the time */
    }
}

static const char *scope_of(uint64_t chance)
{
    static const char *const scopes[] = {"",
                                         "",
                                         "",
                                         "",
                                         "\"kind\":\"incremental\",",
                                         "\"kind\":\"incremental\",",
                                         "\"service\":\"rds\",",
                                         "\"region\":\"us-west-2\","};
    return scopes[chance % ESC_COUNT(scopes)];
}

static uint64_t next(struct esc_random_seeded *random)
{
    uint64_t value;
    esc_random_fill(&random->random, &value, sizeof value);
    return value;
}

static void nobody_can_tell_what_was_left_out(void **)
{
    const int rounds = test_rounds(40);
    const uint64_t seed = test_seed(20261122);
    struct cloud_desk leaves, looks;
    struct esc_random_seeded random;
    int64_t left_out = 0;
    esc_random_seeded_init(&random, seed);
    open_world(&leaves, seed, 60);
    open_world(&looks, seed, 60);
    for (int round = 0; round < rounds; round++) {
        const uint64_t what = next(&random) % 24, chance = next(&random);
        const char *scope = scope_of(next(&random));
        happen(&leaves, what, chance);
        happen(&looks, what, chance);
        leaves.desk.clock.wall_ms += HOUR_MS;
        looks.desk.clock.wall_ms = leaves.desk.clock.wall_ms;
        expect_ok(work_known_forget(looks.desk.bench, ACCOUNT, &err));
        ESC_CLEANUP(esc_json_freep) struct esc_json *one = sync_as(&leaves, scope);
        ESC_CLEANUP(esc_json_freep) struct esc_json *other = sync_as(&looks, scope);
        left_out += esc_json_num(one, "places_known", 0);
        assert_int_equal(0, esc_json_num(other, "places_known", 0));
        assert_int_equal(esc_json_num(other, "resources", -1), esc_json_num(one, "resources", -2));
        assert_int_equal(esc_json_num(other, "changed", -1), esc_json_num(one, "changed", -2));
        expect_same(&leaves, &looks, round);
    }
    assert_true(left_out > rounds / 4);
    cloud_desk_close(&looks);
    cloud_desk_close(&leaves);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_can_tell_what_was_left_out),
    };
    return cmocka_run_group_tests_name("work/sync_alike", tests, NULL, NULL);
}
