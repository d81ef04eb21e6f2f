/* SPDX-License-Identifier: Apache-2.0 */

/* Accounts beyond the usual partition, in a fake cloud that is GovCloud: keys count there only. */

#include <stdlib.h>
#include <string.h>

#include "escher/aws/resolve.h"
#include "escher/base/file.h"
#include "escher/work/work_private.h"
#include "tests/work/cloud_desk.h"

#define MEMBER "222222222222"
static const char *const accounts[] = {"111111111111", MEMBER, NULL};
static const char *const regions[] = {"us-gov-west-1", "us-gov-east-1", NULL};

static struct esc_error err;

static int open_cloud(void **state)
{
    struct cloud_desk *at = esc_alloc_zero(sizeof *at);
    const struct fake_aws_options options = {.seed = 5,
                                             .size = 120,
                                             .accounts = accounts,
                                             .regions = regions,
                                             .clock = cloud_desk_clock(at),
                                             .jitter_ms = 300,
                                             .partition = "aws-us-gov"};
    desk_init(&at->desk);
    (void)cloud_desk_clock(at);
    expect_ok(desk_open(&at->desk, true, &err));
    assert_int_equal(0, setenv("ESCHER_TRANSPORT", "native", 1));
    expect_ok(fake_aws_open(at->desk.loop, &options, &at->cloud, &err));
    *state = at;
    return 0;
}

/* @p more are members of the body; the caller has keys of the first account and is at home there. */
static struct esc_json *ask(struct cloud_desk *at, enum esc_status expected, const char *path,
                            const char *more)
{
    ESC_CLEANUP(esc_freep) char *keys = cloud_desk_keys(accounts[0], "us-gov-west-1");
    ESC_CLEANUP(esc_freep) char *body = esc_sprintf("{%s,%s}", more, keys);
    struct esc_json *answer = NULL;
    const enum esc_status status = desk_ask(&at->desk, "POST", path, body, &answer);
    if (status != expected) {
        ESC_CLEANUP(esc_freep) char *text = esc_json_print(answer, ESC_JSON_COMPACT);
        fail_msg("%s: %s instead of %s: %.2000s", path, esc_status_text(status),
                 esc_status_text(expected), text);
    }
    return answer;
}

/* An account of which nobody has said where it is. */
static void add_account(struct cloud_desk *at)
{
    ESC_CLEANUP(esc_freep)
    char *more = esc_sprintf("\"id\":\"%s\",\"name\":\"gov\",\"regions\":[\"enabled\"],"
                             "\"endpoint_url\":\"%s\"",
                             accounts[0], fake_aws_url(at->cloud));
    esc_json_free(ask(at, ESC_OK, "/api/accounts", more));
}

/* No cell but those that were seen well. */
static void expect_whole(const struct esc_json *cells)
{
    for (size_t i = 0; i < esc_json_len(cells); i++) {
        const struct esc_json *cell = esc_json_at(cells, i);
        if (!esc_text_equal(esc_json_str(cell, "state", ""), "ok"))
            fail_msg("%s in %s: %s", esc_json_str(cell, "operation", ""),
                     esc_json_str(cell, "region", ""), esc_json_str(cell, "message", ""));
    }
}

static const struct esc_json *find_cell(const struct esc_json *cells, const char *member,
                                        const char *value)
{
    for (size_t i = 0; i < esc_json_len(cells); i++)
        if (esc_text_equal(esc_json_str(esc_json_at(cells, i), member, ""), value))
            return esc_json_at(cells, i);
    return NULL;
}

static void an_account_of_govcloud_is_seen_whole_without_naming_regions(void **state)
{
    struct cloud_desk *at = *state;
    add_account(at);
    assert_null(work_account_find(at->desk.bench, accounts[0])->partition);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *body = ask(at, ESC_OK, "/api/sync", "\"kind\":\"full\"");
    const struct esc_json *cells = esc_json_member(body, "cells");
    assert_true(esc_json_num(body, "resources", 0) > 60);
    expect_whole(cells);
    assert_non_null(find_cell(cells, "region", "us-gov-west-1"));
    assert_non_null(find_cell(cells, "region", "us-gov-east-1"));
    assert_null(find_cell(cells, "region", "us-east-1"));
    assert_null(find_cell(cells, "service", "cloudfront")); /* which it has not */
    assert_string_equal("aws-us-gov", work_account_find(at->desk.bench, accounts[0])->partition);
    ESC_CLEANUP(esc_freep) char *estate = cloud_desk_estate(&at->desk);
    expect_contains("iam_role", estate);
}

static void what_a_partition_does_not_have_is_no_error(void **state)
{
    struct cloud_desk *at = *state;
    add_account(at);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *body = ask(at, ESC_PARTIAL, "/api/sync", "\"services\":[\"cloudfront\"]");
    const struct esc_json *cell =
        find_cell(esc_json_member(body, "cells"), "operation", "ListDistributions");
    assert_non_null(cell);
    assert_string_equal("disabled", esc_json_str(cell, "state", ""));
    assert_string_equal("there is no cloudfront in aws-us-gov", esc_json_str(cell, "message", ""));
    assert_null(esc_json_str(cell, "cure", NULL));
    assert_int_equal(0, fake_aws_calls(at->cloud, "cloudfront", NULL));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *home = desk_expect(&at->desk, ESC_OK, "GET", "/api/home", NULL);
    assert_null(find_cell(esc_json_member(home, "gaps"), "service", "cloudfront"));
}

static void an_organisation_of_govcloud_is_taken_in_there(void **state)
{
    struct cloud_desk *at = *state;
    ESC_CLEANUP(esc_freep)
    char *more =
        esc_sprintf("\"role\":\"Reader\",\"regions\":[\"enabled\"],\"endpoint_url\":\"%s\"",
                    fake_aws_url(at->cloud));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *body = ask(at, ESC_OK, "/api/accounts/organization", more);
    assert_int_equal(2, esc_json_len(esc_json_member(body, "found")));
    const struct esc_account *member = work_account_find(at->desk.bench, MEMBER);
    assert_string_equal("arn:aws-us-gov:iam::" MEMBER ":role/Reader", member->role_arn);
    assert_string_equal("aws-us-gov", member->partition);
}

static void an_account_lies_in_one_partition_and_in_one_that_we_know(void **state)
{
    static const struct {
        const char *regions, *message;
    } cases[] = {
        {"\"moon\"",
         "`moon` is no region, which looks like us-west-2; `enabled` stands for all that "
         "the account has"},
        {"\"us-east-1\",\"us-gov-west-1\"",
         "us-gov-west-1 is in the partition aws-us-gov, and the account in aws"},
        {"\"eusc-de-east-1\"", "eusc-de-east-1: Escher does not work in the partition aws-eusc, "
                               "only in aws, aws-cn and aws-us-gov"},
        {"\"us-iso-east-1\"", "us-iso-east-1: Escher does not work in the partition aws-iso, only "
                              "in aws, aws-cn and aws-us-gov"},
    };
    struct cloud_desk *at = *state;
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_freep)
        char *more = esc_sprintf("\"id\":\"%s\",\"regions\":[%s]", accounts[0], cases[i].regions);
        ESC_CLEANUP(esc_json_freep)
        struct esc_json *body = ask(at, ESC_INVALID, "/api/accounts", more);
        assert_string_equal(cases[i].message, esc_json_str(body, "message", ""));
        assert_null(work_account_find(at->desk.bench, accounts[0]));
    }
}

/* Else they would lie in the keychain for an account that is not there. */
static void no_keys_are_put_away_for_an_account_that_cannot_be(void **state)
{
    struct cloud_desk *at = *state;
    ESC_CLEANUP(esc_freep)
    char *more = esc_sprintf("\"id\":\"%s\",\"keychain\":true,\"endpoint_url\":\"%s\","
                             "\"regions\":[\"us-gov-west-1\",\"us-east-1\"]",
                             accounts[0], fake_aws_url(at->cloud));
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = ask(at, ESC_INVALID, "/api/accounts", more);
    assert_string_equal("us-east-1 is in the partition aws, and the account in aws-us-gov",
                        esc_json_str(body, "message", ""));
    assert_int_equal(0, fake_aws_calls(at->cloud, NULL, NULL)); /* they were not even proven */
}

/* Accounts whose keys a program is to print that never does. */
static char *slow_keys(struct cloud_desk *at, const char *account)
{
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(at->desk.home, "config");
    ESC_CLEANUP(esc_freep) char *keys = cloud_desk_keys(accounts[0], "us-gov-west-1");
    ESC_CLEANUP(esc_freep)
    char *added = esc_sprintf("{\"id\":\"%s\",\"name\":\"slow\",\"regions\":[\"enabled\"],"
                              "\"profile\":\"slow\",\"endpoint_url\":\"%s\"}",
                              account, fake_aws_url(at->cloud));
    static const char config[] = "[profile slow]\ncredential_process = /bin/sleep 600\n";
    expect_ok(esc_file_replace(path, ESC_STR(config), 0600, &err));
    esc_json_free(desk_expect(&at->desk, ESC_OK, "POST", "/api/accounts", added));
    keys[strlen(keys) - 1] = '\0'; /* without its last brace */
    return esc_sprintf("{\"kind\":\"full\",%s,\"AWS_CONFIG_FILE\":\"%s\"}}", keys, path);
}

static void a_sync_whose_keys_hang_is_cancelled_at_once(void **state)
{
    struct cloud_desk *at = *state;
    struct esc_credentials_state known;
    struct desk_call sync;
    ESC_CLEANUP(esc_freep) char *body = slow_keys(at, MEMBER);
    desk_start(&at->desk, "POST", "/api/sync", body, &sync);
    esc_json_free(desk_expect(&at->desk, ESC_OK, "GET", "/api/ping", NULL)); /* it has begun */
    esc_api_cancel(sync.call);
    desk_wait(&at->desk, &sync);
    assert_int_equal(ESC_CANCELLED, sync.status);
    assert_false(
        esc_credentials_state(at->desk.bench->aws, MEMBER, &known)); /* the keys never came */
    desk_call_done(&sync);
    desk_start(&at->desk, "POST", "/api/sync", body, &sync); /* the next one may begin */
    esc_json_free(desk_expect(&at->desk, ESC_OK, "GET", "/api/ping", NULL));
    esc_api_cancel(sync.call);
    desk_wait(&at->desk, &sync);
    assert_int_equal(ESC_CANCELLED, sync.status);
    desk_call_done(&sync);
}

static bool are_listed(void *context)
{
    const struct cloud_desk *at = context;
    return fake_aws_calls(at->cloud, "ec2", "DescribeInstances") >= 2;
}

static void keys_that_hang_hold_up_no_other_account(void **state)
{
    struct cloud_desk *at = *state;
    struct esc_credentials_state known;
    struct desk_call sync;
    add_account(at);
    ESC_CLEANUP(esc_freep) char *body = slow_keys(at, MEMBER);
    desk_start(&at->desk, "POST", "/api/sync", body, &sync);
    assert_true(esc_loop_run_until(at->desk.loop, are_listed, at));
    assert_string_equal("aws-us-gov", work_account_find(at->desk.bench, accounts[0])->partition);
    assert_false(sync.is_done);
    assert_false(esc_credentials_state(at->desk.bench->aws, MEMBER, &known));
    esc_api_cancel(sync.call); /* though calls of the other still wait for their keys */
    desk_wait(&at->desk, &sync);
    assert_int_equal(ESC_CANCELLED, sync.status);
    desk_call_done(&sync);
}

#define WITH_CLOUD(test) cmocka_unit_test_setup_teardown(test, open_cloud, cloud_desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CLOUD(an_account_of_govcloud_is_seen_whole_without_naming_regions),
        WITH_CLOUD(what_a_partition_does_not_have_is_no_error),
        WITH_CLOUD(an_organisation_of_govcloud_is_taken_in_there),
        WITH_CLOUD(an_account_lies_in_one_partition_and_in_one_that_we_know),
        WITH_CLOUD(a_sync_whose_keys_hang_is_cancelled_at_once),
        WITH_CLOUD(keys_that_hang_hold_up_no_other_account),
        WITH_CLOUD(no_keys_are_put_away_for_an_account_that_cannot_be),
    };
    return cmocka_run_group_tests_name("work/partitions", tests, NULL, NULL);
}
