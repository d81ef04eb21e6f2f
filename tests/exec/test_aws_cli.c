/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/exec/aws_cli.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "escher/base/file.h"
#include "tests/support/test.h"

static struct esc_error err;

struct outcome {
    bool over;
    char *path, *version;
    struct esc_error failure;
};

static void note(void *context, const struct esc_aws_cli *cli, const struct esc_error *failure)
{
    struct outcome *outcome = context;
    assert_false(outcome->over);
    outcome->over = true;
    if (cli) {
        outcome->path = esc_strdup(cli->path);
        outcome->version = esc_strdup(cli->version);
    } else {
        outcome->failure = *failure;
    }
}

static bool is_over(void *context)
{
    return ((struct outcome *)context)->over;
}

static void find(const struct esc_aws_cli_options *options, struct outcome *outcome)
{
    ESC_CLEANUP(esc_loop_freep) struct esc_loop *loop = NULL;
    *outcome = (struct outcome){0};
    expect_ok(esc_loop_new(&loop, &err));
    esc_aws_cli_find(loop, options, note, outcome);
    assert_false(outcome->over);
    assert_true(esc_loop_run_until(loop, is_over, outcome));
}

static void forget(struct outcome *outcome)
{
    free(outcome->path);
    free(outcome->version);
}

/* Writes an executable script FOLDER/NAME; its path is owned by the caller. */
static char *script(const char *folder, const char *name, const char *text)
{
    char *path = esc_path_join(folder, name);
    expect_ok(esc_file_replace(path, esc_str_of(text), 0700, &err));
    return path;
}

static const char cli_text[] = "#!/bin/sh\n"
                               "[ \"$1\" = --version ] || exit 3\n"
                               "[ -z \"$SECRET\" ] || exit 4\n"
                               "echo aws-cli/9.8.7 Python/3.11 Linux\n";

static void the_first_program_on_the_path_is_taken(void **)
{
    ESC_CLEANUP(esc_freep) char *empty = test_folder();
    ESC_CLEANUP(esc_freep) char *folder = test_folder();
    ESC_CLEANUP(esc_freep) char *aws = script(folder, "aws", cli_text);
    ESC_CLEANUP(esc_freep) char *path = esc_sprintf("relative::%s:%s", empty, folder);
    struct outcome outcome;
    find(&(struct esc_aws_cli_options){.search = path}, &outcome);
    ESC_CLEANUP(esc_freep) char *real = realpath(aws, NULL);
    assert_string_equal(real, outcome.path);
    assert_string_equal("9.8.7", outcome.version);
    forget(&outcome);
}

static void a_configured_path_wins(void **)
{
    ESC_CLEANUP(esc_freep) char *folder = test_folder();
    ESC_CLEANUP(esc_freep) char *aws = script(folder, "my-aws", cli_text);
    struct outcome outcome;
    find(&(struct esc_aws_cli_options){.configured = aws, .search = "/nonexistent"}, &outcome);
    assert_string_equal("9.8.7", outcome.version);
    forget(&outcome);
}

static void a_link_is_followed(void **)
{
    ESC_CLEANUP(esc_freep) char *folder = test_folder();
    ESC_CLEANUP(esc_freep) char *target = script(folder, "aws-of-the-package", cli_text);
    ESC_CLEANUP(esc_freep) char *link_path = esc_path_join(folder, "aws");
    ESC_CLEANUP(esc_freep) char *real = realpath(target, NULL);
    assert_int_equal(0, symlink(target, link_path));
    struct outcome outcome;
    find(&(struct esc_aws_cli_options){.search = folder}, &outcome);
    assert_string_equal(real, outcome.path);
    forget(&outcome);
}

static void a_launcher_of_many_names_is_called_by_the_one_of_the_cli(void **)
{
    ESC_CLEANUP(esc_freep) char *folder = test_folder();
    ESC_CLEANUP(esc_freep)
    char *text = esc_sprintf("#!/bin/sh\n[ \"${0##*/}\" = aws ] || exit 64\n%s", cli_text);
    ESC_CLEANUP(esc_freep) char *launcher = script(folder, "snap", text);
    ESC_CLEANUP(esc_freep) char *link_path = esc_path_join(folder, "aws");
    assert_int_equal(0, symlink(launcher, link_path));
    struct outcome outcome;
    find(&(struct esc_aws_cli_options){.search = folder}, &outcome);
    assert_string_equal(link_path, outcome.path);
    assert_string_equal("9.8.7", outcome.version);
    forget(&outcome);
}

static void a_folder_called_aws_is_none(void **)
{
    ESC_CLEANUP(esc_freep) char *folder = test_folder();
    ESC_CLEANUP(esc_freep) char *decoy = test_folder();
    ESC_CLEANUP(esc_freep) char *inside = esc_path_join(decoy, "aws");
    ESC_CLEANUP(esc_freep) char *aws = script(folder, "aws", cli_text);
    ESC_CLEANUP(esc_freep) char *real = realpath(aws, NULL);
    ESC_CLEANUP(esc_freep) char *path = esc_sprintf("%s:%s", decoy, folder);
    expect_ok(esc_file_make_folder(inside, NULL));
    struct outcome outcome;
    find(&(struct esc_aws_cli_options){.search = path}, &outcome);
    assert_string_equal(real, outcome.path);
    forget(&outcome);
}

static void a_shim_is_asked_for_what_it_stands_for(void **)
{
    ESC_CLEANUP(esc_freep) char *folder = test_folder();
    ESC_CLEANUP(esc_freep) char *real_folder = test_folder();
    ESC_CLEANUP(esc_freep) char *real = script(real_folder, "aws", cli_text);
    ESC_CLEANUP(esc_freep)
    char *answer = esc_sprintf("#!/bin/sh\n"
                               "[ \"$SECRET\" = \"of the person\" ] || exit 1\n"
                               "[ \"$*\" = \"which aws\" ] && echo %s\n",
                               real);
    ESC_CLEANUP(esc_freep) char *manager = script(folder, "manager", answer);
    ESC_CLEANUP(esc_freep)
    char *text = esc_sprintf("#!/usr/bin/env bash\nset -e\nprogram=\"${0##*/}\"\n"
                             "exec \"%s\" exec \"$program\" \"$@\"\n",
                             manager);
    ESC_CLEANUP(esc_freep) char *shim = script(folder, "aws", text);
    char variable[] = "SECRET=of the person";
    char *const env[] = {variable, NULL};
    struct outcome outcome;
    find(&(struct esc_aws_cli_options){.search = folder, .env = env}, &outcome);
    ESC_CLEANUP(esc_freep) char *expected = realpath(real, NULL);
    assert_string_equal(expected, outcome.path);
    forget(&outcome);
    find(&(struct esc_aws_cli_options){.configured = shim}, &outcome);
    assert_int_equal(ESC_IO, outcome.failure.status); /* its manager fails */
    expect_contains("which program it stands for", outcome.failure.message);
}

static void what_is_no_cli_is_refused(void **)
{
    ESC_CLEANUP(esc_freep) char *folder = test_folder();
    ESC_CLEANUP(esc_freep) char *talker = script(folder, "talker", "#!/bin/sh\necho hello\n");
    ESC_CLEANUP(esc_freep) char *failing = script(folder, "failing", "#!/bin/sh\nexit 1\n");
    ESC_CLEANUP(esc_freep) char *plain = script(folder, "plain", "text");
    assert_int_equal(0, chmod(plain, 0600));
    const struct {
        struct esc_aws_cli_options options;
        enum esc_status status;
    } cases[] = {
        {{.configured = talker}, ESC_IO},       {{.configured = failing}, ESC_IO},
        {{.configured = plain}, ESC_DENIED},    {{.configured = "/nonexistent/aws"}, ESC_NOT_FOUND},
        {{.configured = "aws"}, ESC_NOT_FOUND}, {{.search = folder}, ESC_NOT_FOUND},
        {{.search = ""}, ESC_NOT_FOUND},        {{0}, ESC_NOT_FOUND},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct outcome outcome;
        find(&cases[i].options, &outcome);
        assert_null(outcome.path);
        assert_int_equal(cases[i].status, outcome.failure.status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_program_on_the_path_is_taken),
        cmocka_unit_test(a_configured_path_wins),
        cmocka_unit_test(a_link_is_followed),
        cmocka_unit_test(a_launcher_of_many_names_is_called_by_the_one_of_the_cli),
        cmocka_unit_test(a_folder_called_aws_is_none),
        cmocka_unit_test(a_shim_is_asked_for_what_it_stands_for),
        cmocka_unit_test(what_is_no_cli_is_refused),
    };
    return cmocka_run_group_tests_name("exec/aws_cli", tests, NULL, NULL);
}
