/* SPDX-License-Identifier: Apache-2.0 */

/* The same calls against moto, an emulator that checks more than our fake does: with
 * authentication on, it verifies the signature of a POST. */

#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "escher/aws/resolve.h"
#include "escher/aws/sts.h"
#include "escher/base/buf.h"
#include "escher/base/file.h"
#include "escher/base/paths.h"
#include "escher/loop/timer.h"
#include "tests/support/test.h"

static struct esc_error err;

struct bench {
    struct esc_loop *loop;
    struct esc_aws *aws;
    struct esc_http_client *http;
    struct esc_credentials *keys, *found;
    char *url;
    pid_t server;
    bool done;
    int status;
    char account[16];
    struct esc_error failure;
};

static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(0, bind(fd, (struct sockaddr *)&address, len));
    assert_int_equal(0, getsockname(fd, (struct sockaddr *)&address, &len));
    close(fd);
    return ntohs(address.sin_port);
}

static pid_t start_moto(const char *program, int port)
{
    ESC_CLEANUP(esc_freep) char *number = esc_sprintf("%d", port);
    pid_t child = fork();
    if (child != 0)
        return child;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* it never outlives the test */
    if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
        _exit(127);
    if (setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false", 1) != 0)
        _exit(127);
    execl(program, program, "-H", "127.0.0.1", "-p", number, (char *)NULL);
    _exit(127);
}

static void on_response(void *context, const struct esc_http_response *response,
                        const struct esc_error *failure)
{
    struct bench *bench = context;
    bench->done = true;
    bench->status = response ? response->status : 0;
    bench->failure = failure ? *failure : (struct esc_error){0};
}

static bool is_done(void *context)
{
    return ((struct bench *)context)->done;
}

static int ask(struct bench *bench, const char *method, const char *path, const char *body)
{
    static const struct esc_http_header plain = {"Content-Type", "text/plain"};
    ESC_CLEANUP(esc_freep) char *url = esc_sprintf("%s%s", bench->url, path);
    const struct esc_http_request request = {
        .method = method,
        .url = url,
        .headers = &plain,
        .header_count = 1,
        .body = esc_str_of(body),
    };
    bench->done = false;
    (void)esc_http_send(bench->http, &request, on_response, bench);
    assert_true(esc_loop_run_until(bench->loop, is_done, bench));
    return bench->status;
}

static void wait_a_little(void *context)
{
    ((struct bench *)context)->done = true;
}

static int set_up(void **state)
{
    const char *root = esc_env("ESCHER_SOURCE");
    ESC_CLEANUP(esc_freep)
    char *program = esc_path_join(root ? root : ".", ".venv/bin/moto_server");
    struct bench *bench = esc_alloc_zero(sizeof *bench);
    *state = bench;
    if (!esc_file_exists(program))
        return 0; /* each test skips */
    int port = free_port();
    bench->url = esc_sprintf("http://127.0.0.1:%d", port);
    bench->server = start_moto(program, port);
    expect_ok(esc_loop_new(&bench->loop, &err));
    expect_ok(esc_http_client_new(bench->loop, NULL, &bench->http, &err));
    expect_ok(esc_aws_new(bench->loop, NULL, &bench->aws, &err));
    bench->keys = esc_credentials_new("AKIAIOSFODNN7EXAMPLE", "secret", NULL, 0);
    for (int i = 0; i < 600 && ask(bench, "GET", "/moto-api/data.json", "") != 200; i++) {
        bench->done = false;
        (void)esc_timer_start(bench->loop, 100, wait_a_little, bench);
        assert_true(esc_loop_run_until(bench->loop, is_done, bench));
    }
    assert_int_equal(200, bench->status);
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    esc_aws_free(bench->aws);
    esc_http_client_free(bench->http);
    esc_loop_free(bench->loop);
    esc_credentials_free(bench->keys);
    esc_credentials_free(bench->found);
    if (bench->server > 0) {
        kill(bench->server, SIGKILL);
        waitpid(bench->server, NULL, 0);
    }
    free(bench->url);
    free(bench);
    return 0;
}

static void on_caller(void *context, const struct esc_caller *caller, const struct esc_aws_fault *,
                      const struct esc_error *failure)
{
    struct bench *bench = context;
    bench->done = true;
    bench->failure = failure ? *failure : (struct esc_error){0};
    bench->account[0] = '\0';
    if (caller)
        memcpy(bench->account, caller->account, strlen(caller->account) + 1);
}

static void who_am_i(struct bench *bench, const struct esc_credentials *keys)
{
    bench->done = false;
    const struct esc_aws_place place = {.region = "us-west-2", .endpoint_url = bench->url};
    esc_sts_get_caller_identity(bench->aws, keys, &place, on_caller, bench);
    assert_true(esc_loop_run_until(bench->loop, is_done, bench));
}

static void on_credentials(void *context, struct esc_credentials *credentials,
                           const struct esc_error *failure)
{
    struct bench *bench = context;
    bench->done = true;
    esc_credentials_free(bench->found);
    bench->found = credentials;
    bench->failure = failure ? *failure : (struct esc_error){0};
}

/* Resolves the account `id` that is reached by a role in the account `of_role`. */
static void resolve(struct bench *bench, const char *id, const char *of_role)
{
    ESC_CLEANUP(esc_account_freep) struct esc_account *account = esc_account_new();
    struct esc_aws_environment environment = {.credentials = bench->keys};
    account->id = esc_strdup(id);
    account->name = esc_strdup("some");
    account->role_arn = esc_sprintf("arn:aws:iam::%s:role/Operator", of_role);
    account->emulator = true;
    account->endpoint_url = esc_strdup(bench->url);
    bench->done = false;
    esc_credentials_resolve(bench->aws, account, &environment, "plan-0123", on_credentials, bench);
    assert_true(esc_loop_run_until(bench->loop, is_done, bench));
}

static void a_role_leads_into_its_account(void **state)
{
    struct bench *bench = *state;
    if (!bench->url)
        skip();
    who_am_i(bench, bench->keys);
    assert_string_equal("123456789012", bench->account);
    resolve(bench, "987654321098", "987654321098");
    assert_string_equal("", bench->failure.message);
    assert_non_null(bench->found->session_token);
    assert_true(bench->found->expires_at_ms > esc_clock_wall_ms(esc_clock_system()));
    who_am_i(bench, bench->found);
    assert_string_equal("987654321098", bench->account);
}

static void a_role_into_another_account_is_refused(void **state)
{
    struct bench *bench = *state;
    if (!bench->url)
        skip();
    resolve(bench, "987654321098", "456789012345");
    assert_int_equal(ESC_BLOCKED, bench->failure.status);
    expect_contains("belong to account 456789012345, not to 987654321098", bench->failure.message);
    assert_null(bench->found);
}

static void unknown_keys_are_denied_where_keys_are_checked(void **state)
{
    struct bench *bench = *state;
    if (!bench->url)
        skip();
    assert_int_equal(200, ask(bench, "POST", "/moto-api/reset-auth", "0"));
    who_am_i(bench, bench->keys);
    assert_int_equal(ESC_DENIED, bench->failure.status);
    expect_contains("sts: InvalidClientTokenId", bench->failure.message);
    assert_int_equal(200, ask(bench, "POST", "/moto-api/reset-auth", "inf"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_role_leads_into_its_account),
        cmocka_unit_test(a_role_into_another_account_is_refused),
        cmocka_unit_test(unknown_keys_are_denied_where_keys_are_checked),
    };
    return cmocka_run_group_tests_name("aws/moto", tests, set_up, tear_down);
}
