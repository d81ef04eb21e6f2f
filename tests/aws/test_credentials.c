/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/credentials.h"

#include "escher/aws/credentials_env.h"
#include "tests/support/test.h"

static void credentials_are_fresh_until_five_minutes_before_their_end(void **)
{
    ESC_CLEANUP(esc_credentials_freep)
    struct esc_credentials *some = esc_credentials_new("a", "b", "c", 10 * 60 * 1000);
    assert_true(esc_credentials_are_fresh(some, 5 * 60 * 1000 - 1));
    assert_false(esc_credentials_are_fresh(some, 5 * 60 * 1000));
    assert_false(esc_credentials_are_fresh(some, 11 * 60 * 1000));
    some->expires_at_ms = 0;
    assert_true(esc_credentials_are_fresh(some, UINT64_MAX));
}

static void a_copy_holds_the_same_secrets(void **)
{
    ESC_CLEANUP(esc_credentials_freep)
    struct esc_credentials *some = esc_credentials_new("a", "b", "", 7);
    ESC_CLEANUP(esc_credentials_freep) struct esc_credentials *copy = esc_credentials_copy(some);
    assert_string_equal("a", copy->access_key_id);
    assert_true(esc_str_is(esc_secret_view(copy->secret_access_key), "b"));
    assert_null(copy->session_token);
    assert_int_equal(7, copy->expires_at_ms);
    assert_null(esc_credentials_copy(NULL));
}

/* Variables as "NAME=value" texts that end with NULL. */
static const char *get(void *context, const char *name)
{
    for (const char *const *variable = context; *variable; variable++) {
        struct esc_str rest = esc_str_of(*variable), key;
        if (esc_str_next(&rest, '=', &key) && esc_str_is(key, name))
            return rest.ptr;
    }
    return NULL;
}

static void the_environment_is_taken_as_its_owner_says(void **)
{
    const char *variables[] = {"HOME=/home/me",
                               "AWS_ACCESS_KEY_ID=AKID",
                               "AWS_SECRET_ACCESS_KEY=secret",
                               "AWS_SESSION_TOKEN=token",
                               "AWS_DEFAULT_REGION=eu-west-1",
                               "AWS_CONFIG_FILE=~/aws/config",
                               "https_proxy=http://proxy:3128",
                               "AWS_PROFILE=",
                               NULL};
    ESC_CLEANUP(esc_aws_environment_freep)
    struct esc_aws_environment *environment = esc_aws_environment_new(get, variables);
    ESC_CLEANUP(esc_aws_environment_freep)
    struct esc_aws_environment *copy = esc_aws_environment_copy(environment);
    assert_string_equal("AKID", copy->credentials->access_key_id);
    assert_true(esc_str_is(esc_secret_view(copy->credentials->session_token), "token"));
    assert_string_equal("eu-west-1", copy->region);
    assert_string_equal("/home/me/aws/config", copy->config_file);
    assert_string_equal("/home/me/.aws/credentials", copy->credentials_file);
    assert_string_equal("http://proxy:3128", copy->https_proxy);
    assert_null(copy->profile);
    assert_null(copy->ca_bundle);
}

static void half_a_key_pair_and_no_home_give_nothing(void **)
{
    const char *variables[] = {"AWS_ACCESS_KEY_ID=AKID", NULL};
    ESC_CLEANUP(esc_aws_environment_freep)
    struct esc_aws_environment *environment = esc_aws_environment_new(get, variables);
    assert_null(environment->credentials);
    assert_null(environment->config_file);
    assert_null(environment->credentials_file);
}

static const char *note_name(void *context, const char *name)
{
    const char *const *names = esc_aws_environment_names();
    while (*names && !esc_text_equal(*names, name))
        names++;
    *(bool *)context &= *names != NULL;
    return NULL;
}

static void every_variable_asked_for_is_on_the_list(void **)
{
    bool all_listed = true;
    esc_aws_environment_free(esc_aws_environment_new(note_name, &all_listed));
    assert_true(all_listed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(credentials_are_fresh_until_five_minutes_before_their_end),
        cmocka_unit_test(a_copy_holds_the_same_secrets),
        cmocka_unit_test(the_environment_is_taken_as_its_owner_says),
        cmocka_unit_test(half_a_key_pair_and_no_home_give_nothing),
        cmocka_unit_test(every_variable_asked_for_is_on_the_list),
    };
    return cmocka_run_group_tests_name("aws/credentials", tests, NULL, NULL);
}
