/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/profile_file.h"

#include <string.h>

#include "escher/base/buf.h"
#include "escher/base/file.h"
#include "tests/support/test.h"

static struct esc_error err;

static enum esc_status parse(const char *config, const char *credentials, struct esc_profiles **out)
{
    return esc_profiles_parse(esc_str_of(config), "config", esc_str_of(credentials), "credentials",
                              out, &err);
}

static const char config[] = "\xEF\xBB\xBF# made by hand\r\n"
                             "[default]\r\n"
                             "region = us-east-1\r\n"
                             "output=json\r\n"
                             "s3 =\r\n"
                             "  max_concurrent_requests = 10\r\n"
                             "  role_arn = nested, so none of ours\r\n"
                             "\n"
                             "[profile deploy]  ; a remark\n"
                             "role_arn = arn:aws:iam::123456789012:role/Deploy # why\n"
                             "source_profile = base\n"
                             "external_id=a;b#c\n"
                             "duration_seconds = 1800\n"
                             "region=us-west-2\n"
                             "[profile \"with space\"]\n"
                             "aws_access_key_id = A\n"
                             "aws_secret_access_key = S\n"
                             "[profile sso]\n"
                             "sso_session = corp\n"
                             "sso_account_id = 111122223333\n"
                             "sso_role_name = ReadOnly\n"
                             "sso_region = overridden\n"
                             "[sso-session corp]\n"
                             "sso_start_url = https://example.awsapps.com/start\n"
                             "sso_region = eu-north-1\n"
                             "[profile tool]\n"
                             "credential_process = /bin/false --now\n"
                             "[profile web]\n"
                             "role_arn = arn:aws:iam::123456789012:role/Web\n"
                             "web_identity_token_file = /tmp/token\n"
                             "[profile only-region]\n"
                             "region = eu-west-1\n"
                             "[services local]\n"
                             "region = x\n"
                             "[not-a-profile]\n"
                             "role_arn = y\n";
static const char credentials[] = "[default]\n"
                                  "aws_access_key_id = AKIADEFAULT\n"
                                  "aws_secret_access_key = secret/+=1\n"
                                  "[base]\n"
                                  "AWS_ACCESS_KEY_ID=AKIABASE\n"
                                  "aws_secret_access_key=other\n"
                                  "aws_session_token = token\n"
                                  "[deploy]\n"
                                  "region = eu-central-1\n";

static void both_files_make_one_list_of_profiles(void **)
{
    ESC_CLEANUP(esc_profiles_freep) struct esc_profiles *profiles = NULL;
    expect_ok(parse(config, credentials, &profiles));
    static const struct {
        const char *name;
        enum esc_profile_kind kind;
    } expected[] = {
        {"default", ESC_PROFILE_KEYS},     {"deploy", ESC_PROFILE_ROLE},
        {"with space", ESC_PROFILE_KEYS},  {"sso", ESC_PROFILE_SSO},
        {"tool", ESC_PROFILE_PROCESS},     {"web", ESC_PROFILE_WEB_IDENTITY},
        {"only-region", ESC_PROFILE_NONE}, {"base", ESC_PROFILE_KEYS},
    };
    assert_int_equal(ESC_COUNT(expected), esc_profiles_count(profiles));
    for (size_t i = 0; i < ESC_COUNT(expected); i++) {
        assert_string_equal(expected[i].name, esc_profiles_at(profiles, i)->name);
        assert_int_equal(expected[i].kind, esc_profiles_at(profiles, i)->kind);
    }
    const struct esc_profile *plain = esc_profiles_find(profiles, "default");
    assert_string_equal("us-east-1", plain->region);
    assert_null(plain->role_arn);
    assert_string_equal("AKIADEFAULT", plain->keys->access_key_id);
    assert_true(esc_str_is(esc_secret_view(plain->keys->secret_access_key), "secret/+=1"));
    const struct esc_profile *role = esc_profiles_find(profiles, "deploy");
    assert_string_equal("arn:aws:iam::123456789012:role/Deploy", role->role_arn);
    assert_string_equal("base", role->source_profile);
    assert_string_equal("a;b#c", role->external_id);
    assert_int_equal(1800, role->duration_s);
    assert_string_equal("eu-central-1", role->region); /* credentials win */
    assert_string_equal("config", role->file);
    assert_int_equal(9, role->line);
    assert_true(esc_str_is(
        esc_secret_view(esc_profiles_find(profiles, "base")->keys->session_token), "token"));
    assert_null(esc_profiles_find(profiles, "not-a-profile"));
}

static void mistakes_are_named_by_file_and_line(void **)
{
    static const struct {
        const char *config, *message;
    } cases[] = {
        {"region = x\n", "config:1: a setting stands before the first section"},
        {"[default\n", "config:1: a section has no closing ]"},
        {"[]\n", "config:1: a section has no name"},
        {"[default]\nnonsense\n", "config:2: neither a section nor `key = value`"},
        {"[default]\n= x\n", "config:2: a setting has no name"},
        {"[default]\nregion = a\x01\n", "config:2: the line holds a control character"},
        {"[default]\n\nregion = \xFF\n", "config:3: the line is not UTF-8"},
        {"[default]\nrole_arn = a\n  b\n", "config:3: a value goes on in a second line"},
        {"[default]\naws_access_key_id = A\n",
         "config:1: profile `default` has only one half of a key pair"},
        {"[default]\naws_secret_access_key = hunter2\n",
         "config:1: profile `default` has only one half of a key pair"},
        {"[profile a]\nrole_arn = r\nduration_seconds = soon\n",
         "config:1: profile `a`: duration_seconds is not between 900 and 43200"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct esc_profiles *profiles = NULL;
        expect_status(ESC_INVALID, parse(cases[i].config, "", &profiles));
        assert_string_equal(cases[i].message, err.message);
        assert_null(profiles);
    }
}

static void huge_files_are_refused(void **)
{
    struct esc_profiles *profiles = NULL;
    struct esc_buf buf;
    esc_buf_init(&buf, 4 * ESC_PROFILE_MAX_FILE);
    esc_buf_add_text(&buf, "[default]\nregion = ");
    for (int i = 0; i <= ESC_PROFILE_MAX_LINE; i++)
        esc_buf_add_char(&buf, 'x');
    expect_status(ESC_LIMIT, parse(esc_buf_text(&buf), "", &profiles));
    esc_buf_reset(&buf);
    for (int i = 0; i <= ESC_PROFILE_MAX_COUNT; i++)
        esc_buf_printf(&buf, "[profile p%d]\n", i);
    expect_status(ESC_LIMIT, parse(esc_buf_text(&buf), "", &profiles));
    esc_buf_reset(&buf);
    while (buf.len <= ESC_PROFILE_MAX_FILE)
        esc_buf_add_text(&buf, "# nothing but remarks\n");
    expect_status(ESC_LIMIT, parse(esc_buf_text(&buf), "", &profiles));
    esc_buf_done(&buf);
}

static void missing_files_are_like_empty_ones(void **)
{
    ESC_CLEANUP(esc_profiles_freep) struct esc_profiles *profiles = NULL;
    expect_ok(esc_profiles_load(NULL, "/nonexistent/credentials", &profiles, &err));
    assert_int_equal(0, esc_profiles_count(profiles));
}

static void files_are_read_and_not_changed(void **)
{
    ESC_CLEANUP(esc_freep) char *folder = test_folder();
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(folder, "config");
    ESC_CLEANUP(esc_profiles_freep) struct esc_profiles *profiles = NULL;
    expect_ok(esc_file_replace(path, esc_str_of(config), 0600, &err));
    expect_ok(esc_profiles_load(path, NULL, &profiles, &err));
    assert_string_equal(path, esc_profiles_find(profiles, "deploy")->file);
    struct esc_buf buf;
    esc_buf_init(&buf, ESC_PROFILE_MAX_FILE);
    expect_ok(esc_file_read(path, &buf, &err));
    assert_string_equal(config, esc_buf_text(&buf));
    esc_buf_done(&buf);
}

static const struct esc_account_candidate *candidate(const struct esc_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct esc_account_candidate *one = list->items[i];
        if (esc_text_equal(one->profile, name))
            return one;
    }
    return NULL;
}

static void accounts_are_discovered_with_what_stands_in_their_way(void **)
{
    ESC_CLEANUP(esc_profiles_freep) struct esc_profiles *profiles = NULL;
    struct esc_list list;
    esc_account_candidates_init(&list);
    expect_ok(parse(config, credentials, &profiles));
    esc_profiles_discover(profiles, &list);
    assert_int_equal(7, list.count);
    assert_null(candidate(&list, "only-region"));
    assert_null(candidate(&list, "default")->account_id);
    assert_null(candidate(&list, "default")->obstacle);
    assert_string_equal("123456789012", candidate(&list, "deploy")->account_id);
    assert_string_equal("base", candidate(&list, "deploy")->source_profile);
    assert_null(candidate(&list, "deploy")->obstacle);
    assert_string_equal("111122223333", candidate(&list, "sso")->account_id);
    assert_null(candidate(&list, "sso")->obstacle);
    assert_null(candidate(&list, "tool")->obstacle);
    assert_string_equal("123456789012", candidate(&list, "web")->account_id);
    assert_null(candidate(&list, "web")->obstacle);
    esc_list_done(&list);
}

static void a_profile_of_sso_has_what_its_session_says(void **)
{
    ESC_CLEANUP(esc_profiles_freep) struct esc_profiles *profiles = NULL;
    struct esc_sso_session session;
    expect_ok(parse(config, credentials, &profiles));
    const struct esc_profile *sso = esc_profiles_find(profiles, "sso");
    assert_string_equal("https://example.awsapps.com/start", sso->sso_start_url);
    assert_string_equal("eu-north-1", sso->sso_region);
    assert_true(esc_profiles_sso_session(profiles, "corp", &session));
    assert_string_equal("eu-north-1", session.region);
    assert_false(esc_profiles_sso_session(profiles, "sso", &session));
    assert_null(esc_profiles_find(profiles, "corp"));
}

static void what_runs_a_program_is_known_before_it_is_run(void **)
{
    ESC_CLEANUP(esc_profiles_freep) struct esc_profiles *profiles = NULL;
    expect_ok(parse("[profile tool]\ncredential_process = /bin/false\n"
                    "[profile by-tool]\nrole_arn = r\nsource_profile = tool\n"
                    "[profile loop]\nrole_arn = r\nsource_profile = loop\n",
                    "[keys]\naws_access_key_id = A\naws_secret_access_key = S\n", &profiles));
    static const struct {
        const char *name;
        bool runs;
    } cases[] = {{"tool", true}, {"by-tool", true}, {"loop", false}, {"keys", false}};
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        assert_int_equal(cases[i].runs, esc_profile_runs_program(
                                            profiles, esc_profiles_find(profiles, cases[i].name)));
}

static void a_profile_that_cannot_be_used_says_why(void **)
{
    static const struct {
        const char *settings, *obstacle;
    } cases[] = {
        {"sso_session = none\nsso_account_id = 1\nsso_role_name = R\n",
         "no whole [sso-session none]"},
        {"sso_start_url = https://x\nsso_region = eu-west-1\n", "aws configure sso --profile r"},
        {"web_identity_token_file = /t\n", "no ARN of a role"},
        {"role_arn = nonsense\nsource_profile = s\n", "no ARN of a role"},
        {"role_arn = arn:aws:iam::1:role/R\nsource_profile = s\n", "no ARN of a role"},
        {"role_arn = arn:aws:iam::123456789012:role/R\n", "needs source_profile"},
        {"role_arn = arn:aws:iam::123456789012:role/R\nsource_profile = gone\n", "`gone`"},
        {"role_arn = arn:aws:iam::123456789012:role/R\ncredential_source = Elsewhere\n",
         "Elsewhere is none of"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_profiles_freep) struct esc_profiles *profiles = NULL;
        ESC_CLEANUP(esc_freep)
        char *text = esc_sprintf("[profile s]\n[profile r]\n%s", cases[i].settings);
        expect_ok(parse(text, "", &profiles));
        ESC_CLEANUP(esc_freep)
        char *obstacle = esc_profile_obstacle(profiles, esc_profiles_find(profiles, "r"));
        expect_contains(cases[i].obstacle, obstacle);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_files_make_one_list_of_profiles),
        cmocka_unit_test(mistakes_are_named_by_file_and_line),
        cmocka_unit_test(huge_files_are_refused),
        cmocka_unit_test(missing_files_are_like_empty_ones),
        cmocka_unit_test(files_are_read_and_not_changed),
        cmocka_unit_test(accounts_are_discovered_with_what_stands_in_their_way),
        cmocka_unit_test(a_profile_of_sso_has_what_its_session_says),
        cmocka_unit_test(what_runs_a_program_is_known_before_it_is_run),
        cmocka_unit_test(a_profile_that_cannot_be_used_says_why),
    };
    return cmocka_run_group_tests_name("aws/profile_file", tests, NULL, NULL);
}
