/* SPDX-License-Identifier: Apache-2.0 */

/* The account book: what may be in it, and how accounts are found. */

#include <unistd.h>

#include "escher/base/file.h"
#include "escher/base/paths.h"
#include "escher/exec/sweep.h"
#include "escher/work/work_private.h"
#include "tests/work/desk.h"

static struct esc_error err;

#define OTHER_ACCOUNT "987654321098"

static const char *text(const struct esc_json *json, const char *path)
{
    return esc_json_str(json, path, "");
}

static size_t account_count(struct desk *desk)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *body = desk_expect(desk, ESC_OK, "GET", "/api/accounts", NULL);
    return esc_json_len(esc_json_member(body, "accounts"));
}

static void an_account_stays_and_is_there_once(void **state)
{
    struct desk *desk = *state;
    desk_add_account(desk);
    desk_restart(desk);
    assert_int_equal(1, account_count(desk));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *body = desk_expect(desk, ESC_OK, "GET", "/api/accounts", NULL);
    assert_string_equal("production", text(body, "accounts[0].name"));
    assert_true(esc_json_flag(body, "accounts[0].emulator", false));
}

static void an_emulator_has_a_plain_address_on_this_machine(void **state)
{
    static const char *const bad[] = {"",
                                      "127.0.0.1:5000",
                                      "file:///etc/passwd",
                                      "ftp://h",
                                      "http://user:pass@h",
                                      "http://h?x=1",
                                      "http://h /",
                                      "http://cloud.example:5000",
                                      "https://vpce-1.rds.us-west-2.vpce.amazonaws.com"};
    for (size_t i = 0; i < ESC_COUNT(bad); i++) {
        ESC_CLEANUP(esc_freep)
        char *add = esc_sprintf("{\"id\":\"" OTHER_ACCOUNT "\",\"endpoint_url\":\"%s\"}", bad[i]);
        ESC_CLEANUP(esc_freep) char *discover = esc_sprintf("{\"endpoint_url\":\"%s\"}", bad[i]);
        esc_json_free(desk_expect(*state, ESC_INVALID, "POST", "/api/accounts", add));
        esc_json_free(desk_expect(*state, ESC_INVALID, "POST", "/api/accounts/discover", discover));
    }
    assert_int_equal(1, account_count(*state));
}

static void no_name_stands_in_for_an_account(void **state)
{
    struct desk *desk = *state;
    esc_json_free(desk_expect(desk, ESC_OK, "POST", "/api/accounts",
                              "{\"id\":\"" OTHER_ACCOUNT "\",\"name\":\"" DESK_ACCOUNT "\"}"));
    assert_string_equal("production", work_account_find(desk->bench, DESK_ACCOUNT)->name);
    esc_json_free(desk_expect(desk, ESC_OK, "DELETE", "/api/accounts/" DESK_ACCOUNT, NULL));
    assert_null(work_account_find(desk->bench, DESK_ACCOUNT));
    assert_non_null(work_account_find(desk->bench, OTHER_ACCOUNT));
}

static void keys_are_proven_and_never_kept(void **state)
{
    struct desk *desk = *state;
    static const char other[] = "{\"environment\":{\"AWS_ACCESS_KEY_ID\":\"AK" OTHER_ACCOUNT
                                "\",\"AWS_SECRET_ACCESS_KEY\":\"x\"}}";
    static const char path[] = "/api/accounts/production/test";
    esc_json_free(desk_expect(desk, ESC_OK, "POST", path, "{" DESK_KEYS "}"));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *foreign = desk_expect(desk, ESC_BLOCKED, "POST", path, other);
    expect_contains(OTHER_ACCOUNT, text(foreign, "message"));
    esc_json_free(desk_expect(desk, ESC_NOT_FOUND, "POST", path, "{\"environment\":{}}"));
    esc_json_free(
        desk_expect(desk, ESC_NOT_FOUND, "POST", "/api/accounts/nobody/test", "{" DESK_KEYS "}"));
}

static void discovery_says_what_it_found_and_what_not(void **state)
{
    struct desk *desk = *state;
    desk_cloud_put(desk, "config",
                   "[profile first]\naws_access_key_id = AK111111111111\n"
                   "aws_secret_access_key = s\nregion = eu-west-1\n"
                   "[profile second]\nrole_arn = arn:aws:iam::222222222222:role/Reader\n"
                   "source_profile = first\nregion = us-east-1\n"
                   "[profile third]\nsso_start_url = https://x.example\nsso_region = us-east-1\n"
                   "sso_account_id = 333333333333\nsso_role_name = Reader\n");
    ESC_CLEANUP(esc_freep)
    char *body = esc_sprintf("{\"endpoint_url\":\"http://127.0.0.1:%u\",\"environment\":"
                             "{\"AWS_CONFIG_FILE\":\"%s/config\","
                             "\"AWS_SHARED_CREDENTIALS_FILE\":\"/dev/null\"}}",
                             desk->sts_port, desk->cloud);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *answer = desk_expect(desk, ESC_OK, "POST", "/api/accounts/discover", body);
    assert_int_equal(2, esc_json_len(esc_json_member(answer, "found")));
    assert_string_equal("222222222222", text(answer, "found[0].id"));
    assert_string_equal("111111111111", text(answer, "found[1].id"));
    assert_int_equal(1, esc_json_len(esc_json_member(answer, "skipped")));
    assert_string_equal("third", text(answer, "skipped[0].profile"));
    expect_contains("a token of AWS SSO is never shown to an emulator",
                    text(answer, "skipped[0].why"));
    assert_int_equal(3, account_count(desk));
}

#define MEMBER(id, name) "{\"Id\":\"" id "\",\"Name\":\"" name "\",\"Status\":\"ACTIVE\"}"

static struct esc_json *add_organization(struct desk *desk, const char *members)
{
    ESC_CLEANUP(esc_freep) char *answer = esc_sprintf("{\"Accounts\":[%s]}", members);
    ESC_CLEANUP(esc_freep)
    char *body =
        esc_sprintf("{\"endpoint_url\":\"http://127.0.0.1:%u\",\"role\":\"Reader\"," DESK_KEYS "}",
                    desk->sts_port);
    desk_cloud_put(desk, "list-accounts.json", answer);
    return desk_expect(desk, ESC_OK, "POST", "/api/accounts/organization", body);
}

static const char *name_of(struct desk *desk, const char *id)
{
    return work_account_find(desk->bench, id)->name;
}

/* Each account's people choose its name. */
static void an_organisations_account_takes_nobodys_name_or_place(void **state)
{
    struct desk *desk = *state;
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *first = add_organization(
        desk,
        MEMBER(DESK_ACCOUNT, "mine") "," MEMBER("111111111111", "Production") "," MEMBER(
            "222222222222",
            "333333333333") "," MEMBER("333333333333",
                                       "a\\u202eb") "," MEMBER("444444444444",
                                                               "data") ","
                                                                       "{\"Id\":\"555555555555\","
                                                                       "\"Name\":\"x\",\"State\":"
                                                                       "\"SUSPENDED\"}");
    assert_int_equal(4, esc_json_len(esc_json_member(first, "found")));
    assert_string_equal(DESK_ACCOUNT, text(first, "skipped[0].account_id"));
    expect_contains("reached in another way", text(first, "skipped[0].why"));
    assert_string_equal("555555555555", text(first, "skipped[1].account_id"));
    assert_string_equal("is not active", text(first, "skipped[1].why"));
    assert_string_equal("production", name_of(desk, DESK_ACCOUNT)); /* as it was */
    assert_null(work_account_find(desk->bench, DESK_ACCOUNT)->role_arn);
    assert_string_equal("Production-111111111111", name_of(desk, "111111111111"));
    assert_string_equal("222222222222", name_of(desk, "222222222222"));
    assert_string_equal("333333333333", name_of(desk, "333333333333"));
    assert_string_equal("data", name_of(desk, "444444444444"));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *second = add_organization(desk, MEMBER("444444444444", "production"));
    assert_int_equal(1, esc_json_len(esc_json_member(second, "found")));
    assert_string_equal("data", name_of(desk, "444444444444")); /* nobody is renamed under way */
}

/* What demo/control.py leaves behind, for a process and the desk's own STS. */
static void put_demo(struct desk *desk, pid_t pid, uint64_t started)
{
    ESC_CLEANUP(esc_freep) char *folder = esc_path_join(desk->home, "demo-small");
    ESC_CLEANUP(esc_freep) char *state_path = esc_path_join(folder, "state.json");
    ESC_CLEANUP(esc_freep) char *config_path = esc_path_join(folder, "config");
    ESC_CLEANUP(esc_freep)
    char *state =
        esc_sprintf("{\"pid\":%d,\"started\":%llu,\"ready\":true,\"world\":\"small\","
                    "\"endpoint\":\"http://127.0.0.1:%u\",\"accounts\":[{\"id\":\"111111111111\","
                    "\"profile\":\"shop\",\"regions\":[\"eu-west-1\",\"eu-west-3\"]}]}",
                    (int)pid, (unsigned long long)started, desk->sts_port);
    expect_ok(esc_file_make_folder(folder, &err));
    expect_ok(esc_file_replace(state_path, esc_str_of(state), 0600, &err));
    expect_ok(esc_file_replace(config_path,
                               ESC_STR("[profile shop]\naws_access_key_id = AK111111111111\n"
                                       "aws_secret_access_key = s\nregion = eu-west-1\n"),
                               0600, &err));
}

/* No variable leads there: the environment of this call has neither keys nor files. */
static const char use_demo[] = "{\"demo\":true,\"environment\":{\"AWS_CONFIG_FILE\":"
                               "\"/dev/null\",\"AWS_SHARED_CREDENTIALS_FILE\":\"/dev/null\"}}";

static void a_demo_cloud_that_runs_is_found_and_taken_in_without_any_variable(void **state)
{
    struct desk *desk = *state;
    struct esc_brood_member self;
    assert_true(esc_brood_identify(getpid(), &self));
    put_demo(desk, getpid(), self.start + 1); /* another process had this id once */
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *before = desk_expect(desk, ESC_OK, "GET", "/api/home", NULL);
    assert_null(esc_json_member(before, "demo_cloud"));
    esc_json_free(desk_expect(desk, ESC_NOT_FOUND, "POST", "/api/accounts/discover", use_demo));
    put_demo(desk, getpid(), self.start);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *home = desk_expect(desk, ESC_OK, "GET", "/api/home", NULL);
    assert_int_equal(1, esc_json_num(home, "demo_cloud.accounts", 0));
    assert_string_equal("small", text(home, "demo_cloud.world"));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *found = desk_expect(desk, ESC_OK, "POST", "/api/accounts/discover", use_demo);
    assert_string_equal("111111111111", text(found, "found[0].id"));
    assert_string_equal("eu-west-3", text(found, "found[0].regions[1]"));
    assert_true(esc_json_flag(found, "found[0].emulator", false));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *after = desk_expect(desk, ESC_OK, "GET", "/api/home", NULL);
    assert_null(esc_json_member(after, "demo_cloud"));
    desk_restart(desk); /* the account remembers where its profile is */
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *tested = desk_expect(desk, ESC_OK, "POST", "/api/accounts/111111111111/test",
                                          "{\"environment\":{\"AWS_CONFIG_FILE\":\"/dev/null\","
                                          "\"AWS_SHARED_CREDENTIALS_FILE\":\"/dev/null\"}}");
    expect_contains("valid", text(tested, "result"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_setup_account, desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_account_stays_and_is_there_once),
        TEST(an_emulator_has_a_plain_address_on_this_machine),
        TEST(no_name_stands_in_for_an_account),
        TEST(keys_are_proven_and_never_kept),
        TEST(discovery_says_what_it_found_and_what_not),
        TEST(an_organisations_account_takes_nobodys_name_or_place),
        TEST(a_demo_cloud_that_runs_is_found_and_taken_in_without_any_variable),
    };
    return cmocka_run_group_tests_name("work/accounts", tests, NULL, NULL);
}
