/* SPDX-License-Identifier: Apache-2.0 */

/* The policies of resources themselves, where the sync that brought these was cut off. */

#include "escher/store/document.h"
#include "escher/work/permission_private.h"
#include "tests/work/caller_desk.h"

#define SECRET(name) DESK_ACCOUNT "-us-west-2-secret-" name
#define LISTED(name)                                                                               \
    "{\"Name\": \"" name "\", \"ARN\": \"arn:aws:secretsmanager:us-west-2:" DESK_ACCOUNT           \
    ":secret:" name "-a1b2c3\"}"

static const char two_regions[] =
    "{\"service\":\"secretsmanager\",\"regions\":[\"us-west-2\",\"eu-west-1\"]," DESK_KEYS "}";
static const char one_region[] = "{\"service\":\"secretsmanager\"," DESK_KEYS "}";

static void set_two_regions(struct desk *desk)
{
    ESC_CLEANUP(esc_freep)
    char *account = esc_sprintf("{\"id\":\"" DESK_ACCOUNT "\",\"name\":\"production\",\"regions\":"
                                "[\"us-west-2\",\"eu-west-1\"],\"endpoint_url\":"
                                "\"http://127.0.0.1:%u\"," DESK_KEYS "}",
                                desk->sts_port);
    esc_json_free(desk_expect(desk, ESC_OK, "POST", "/api/accounts", account));
}

/* Where there are none. */
static void answer_elsewhere(const struct desk *desk, const char *command)
{
    ESC_CLEANUP(esc_freep)
    char *script = esc_sprintf("case \"$*\" in *eu-west-1*) %s;; esac\n", command);
    desk_cloud_put(desk, "list-secrets.sh", script);
}

static const char none[] = "echo '{\"SecretList\": []}'; exit 0";

static void put_secrets(const struct desk *desk, const char *listed)
{
    ESC_CLEANUP(esc_freep) char *text = esc_sprintf("{\"SecretList\": [%s]}", listed);
    desk_cloud_put(desk, "list-secrets.json", text);
    desk_cloud_put(desk, "get-resource-policy.json", "{}");
}

static void deny_deletion(const struct desk *desk)
{
    desk_cloud_put(desk, "get-resource-policy.json",
                   "{\"ResourcePolicy\": \"{\\\"Statement\\\": [{\\\"Effect\\\": \\\"Deny\\\","
                   " \\\"Principal\\\": \\\"*\\\", \\\"Action\\\":"
                   " \\\"secretsmanager:DeleteSecret\\\", \\\"Resource\\\": \\\"*\\\"}]}\"}");
}

struct under_way {
    struct desk *desk;
    struct desk_call call;
};

static bool a_place_is_seen(void *context)
{
    const struct under_way *sync = context;
    for (size_t i = 0; i < sync->call.events.count; i++)
        if (esc_text_equal("sync.cell", esc_json_str(sync->call.events.items[i], "kind", "")))
            return true;
    return false;
}

static size_t policies_kept(const struct desk *desk)
{
    static const char *const ids[] = {SECRET("papers"), SECRET("reports")};
    size_t count = 0;
    for (size_t i = 0; i < ESC_COUNT(ids); i++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *kept = NULL;
        count +=
            esc_store_doc_get(desk->bench->store, WORK_IAM_RESOURCE, ids[i], &kept, NULL) == ESC_OK;
    }
    return count;
}

static bool a_policy_is_kept(void *context)
{
    return policies_kept(((const struct under_way *)context)->desk) > 0;
}

/* A sync that is cancelled as soon as @p reached, and a core that starts again. */
static void cut_off(struct desk *desk, const char *request, bool (*reached)(void *context))
{
    struct under_way sync = {.desk = desk};
    desk_start(desk, "POST", "/api/sync", request, &sync.call);
    assert_true(esc_loop_run_until(desk->loop, reached, &sync));
    assert_false(sync.call.is_done);
    esc_api_cancel(sync.call.call);
    desk_wait(desk, &sync.call);
    assert_int_equal(ESC_CANCELLED, sync.call.status);
    desk_call_done(&sync.call);
    desk_restart(desk);
}

/* The other region hangs, so all that is seen before the cut is the first. */
static void cut_off_after_first(struct desk *desk)
{
    answer_elsewhere(desk, "sleep 600");
    cut_off(desk, two_regions, a_place_is_seen);
    answer_elsewhere(desk, none);
}

static struct esc_json *go_on(struct desk *desk, const char *request)
{
    struct esc_json *body = desk_expect(desk, ESC_OK, "POST", "/api/sync", request);
    assert_int_equal(1, esc_json_num(body, "places_resumed", 0));
    return body;
}

static void policies_of_what_was_seen_before_a_cut_are_read_by_whoever_goes_on(void **state)
{
    struct desk *desk = caller_desk(state);
    set_two_regions(desk);
    put_secrets(desk, LISTED("papers"));
    deny_deletion(desk);
    cut_off_after_first(desk);
    assert_int_equal(0, desk_cloud_calls(desk, "get-resource-policy"));
    esc_json_free(go_on(desk, two_regions));
    assert_int_equal(1, desk_cloud_calls(desk, "get-resource-policy"));
    caller_expect(desk, "papers", "secretsmanager:DeleteSecret", "denied");
    caller_expect(desk, "papers", "secretsmanager:GetSecretValue", "allowed");
}

/* One that an earlier sync has read is another by now. */
static void a_policy_that_changed_before_a_cut_is_followed_by_whoever_goes_on(void **state)
{
    struct desk *desk = caller_desk(state);
    set_two_regions(desk);
    put_secrets(desk, LISTED("papers"));
    answer_elsewhere(desk, none);
    esc_json_free(desk_expect(desk, ESC_OK, "POST", "/api/sync", two_regions));
    caller_expect(desk, "papers", "secretsmanager:DeleteSecret", "allowed");
    deny_deletion(desk);
    desk->clock.wall_ms += 60'000;
    cut_off_after_first(desk);
    caller_expect(desk, "papers", "secretsmanager:DeleteSecret", "allowed");
    esc_json_free(go_on(desk, two_regions));
    caller_expect(desk, "papers", "secretsmanager:DeleteSecret", "denied");
}

/* One of the two policies is read, and the other never answers. */
static void cut_off_while_it_looks(struct desk *desk)
{
    put_secrets(desk, LISTED("papers") "," LISTED("reports"));
    deny_deletion(desk);
    desk_cloud_put(desk, "get-resource-policy.sh",
                   "mkdir \"$here/first\" 2>/dev/null || sleep 600\n");
    cut_off(desk, one_region, a_policy_is_kept);
    assert_int_equal(1, policies_kept(desk));
    desk_cloud_drop(desk, "get-resource-policy.sh");
}

static void what_was_read_before_a_cut_is_not_read_again(void **state)
{
    struct desk *desk = caller_desk(state);
    cut_off_while_it_looks(desk);
    const size_t calls = desk_cloud_calls(desk, "get-resource-policy");
    esc_json_free(go_on(desk, one_region));
    assert_int_equal(calls + 1, desk_cloud_calls(desk, "get-resource-policy"));
    caller_expect(desk, "papers", "secretsmanager:DeleteSecret", "denied");
    caller_expect(desk, "reports", "secretsmanager:DeleteSecret", "denied");
}

static bool count_one(void *context, const char *, const struct esc_json *)
{
    ++*(size_t *)context;
    return true;
}

static void a_sync_that_ends_leaves_no_notes_and_the_next_reads_all(void **state)
{
    struct desk *desk = caller_desk(state);
    struct esc_error err;
    size_t notes = 0;
    cut_off_while_it_looks(desk);
    esc_json_free(go_on(desk, one_region));
    expect_ok(esc_store_docs(desk->bench->store, WORK_IAM_LOOKED, count_one, &notes, NULL, &err));
    assert_int_equal(0, notes);
    const size_t calls = desk_cloud_calls(desk, "get-resource-policy");
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *next = desk_expect(desk, ESC_OK, "POST", "/api/sync", one_region);
    assert_int_equal(0, esc_json_num(next, "places_resumed", 0));
    assert_int_equal(calls + 2, desk_cloud_calls(desk, "get-resource-policy"));
}

#define KEY "arn:aws:kms:us-west-2:" DESK_ACCOUNT ":key/1234abcd"

/* The secret's own policy was read before the cut, and the key's not. */
static void keys_of_what_was_seen_before_a_cut_are_asked_by_whoever_goes_on(void **state)
{
    struct desk *desk = caller_desk(state);
    set_two_regions(desk);
    put_secrets(desk,
                "{\"Name\": \"papers\", \"ARN\": \"arn:aws:secretsmanager:us-west-2:" DESK_ACCOUNT
                ":secret:papers-a1b2c3\", \"KmsKeyId\": \"" KEY "\"}");
    desk_cloud_put(desk, "get-key-policy.json",
                   "{\"Policy\": \"{\\\"Statement\\\": [{\\\"Effect\\\": \\\"Deny\\\","
                   " \\\"Principal\\\": \\\"*\\\", \\\"Action\\\": \\\"kms:Decrypt\\\","
                   " \\\"Resource\\\": \\\"*\\\"}]}\"}");
    desk_cloud_put(desk, "list-grants.json", "{\"Grants\": []}");
    cut_off_after_first(desk);
    assert_int_equal(0, desk_cloud_calls(desk, "get-key-policy"));
    esc_json_free(go_on(desk, two_regions));
    assert_int_equal(1, desk_cloud_calls(desk, "get-key-policy"));
    caller_expect(desk, "papers", "secretsmanager:GetSecretValue", "denied");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(policies_of_what_was_seen_before_a_cut_are_read_by_whoever_goes_on),
        TEST(a_policy_that_changed_before_a_cut_is_followed_by_whoever_goes_on),
        TEST(what_was_read_before_a_cut_is_not_read_again),
        TEST(keys_of_what_was_seen_before_a_cut_are_asked_by_whoever_goes_on),
        TEST(a_sync_that_ends_leaves_no_notes_and_the_next_reads_all),
    };
    return cmocka_run_group_tests_name("work/permission_resume", tests, NULL, NULL);
}
