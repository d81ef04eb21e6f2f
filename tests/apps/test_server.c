/* SPDX-License-Identifier: Apache-2.0 */

/* The real escher-server in a process of its own, asked over HTTP. */

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "escher/answer/answer.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/paths.h"
#include "escher/crypt/digest.h"
#include "escher/embed/encoder.h"
#include "escher/http/client.h"
#include "escher/http/local_call.h"
#include "tests/support/test.h"

#define TOKEN "a-token-of-some-length"
#define CANARY "canary-7f3a-orders"

static struct esc_error err;

struct bench {
    struct esc_loop *loop;
    struct esc_http_client *client;
    char *program, *folder, *token_file, *errors; /* errors: where stderr goes */
    pid_t server;
    char *url, *socket; /* one of them */
    int answers, status;
    struct esc_buf body;
};

/* Starts the server with these arguments; its stdout is the returned descriptor. */
static int start(struct bench *bench, const char *const *arguments)
{
    int ends[2];
    assert_int_equal(0, pipe2(ends, O_CLOEXEC));
    const char *argv[12] = {bench->program};
    for (size_t i = 0; arguments[i]; i++)
        argv[i + 1] = arguments[i];
    bench->server = fork();
    if (bench->server == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* it never outlives the test */
        int errors = open(bench->errors, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        if (dup2(ends[1], STDOUT_FILENO) < 0 || dup2(errors, STDERR_FILENO) < 0 ||
            setenv("ESCHER_LOG", "debug", 1) != 0)
            _exit(127);
        union {
            const char **borrowed;
            char **as_exec_wants;
        } words = {argv};
        execv(bench->program, words.as_exec_wants);
        _exit(127);
    }
    close(ends[1]);
    return ends[0];
}

/* Reads "listening on WHERE". */
static char *read_place(int fd)
{
    static const char words[] = "listening on ";
    char line[512] = "";
    size_t len = 0;
    while (len < sizeof line - 1 && read(fd, line + len, 1) == 1 && line[len] != '\n')
        len++;
    line[len] = '\0';
    close(fd);
    expect_contains(words, line);
    return esc_strdup(line + strlen(words));
}

static int finish(struct bench *bench, int signal_number)
{
    int status = 0;
    if (signal_number)
        assert_int_equal(0, kill(bench->server, signal_number));
    assert_int_equal(bench->server, waitpid(bench->server, &status, 0));
    bench->server = 0;
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static char *errors_of(const struct bench *bench)
{
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_FILE);
    expect_ok(esc_file_read(bench->errors, &text, &err));
    return esc_buf_take(&text);
}

static char *weights(void)
{
    const char *build = esc_env("ESCHER_BUILD"), *given = esc_env("ESCHER_WEIGHTS");
    return given ? esc_strdup(given) : esc_path_join(build ? build : ".", "../share/minilm.escemb");
}

static int set_up(void **state)
{
    struct bench *bench = esc_alloc_zero(sizeof *bench);
    const char *build = esc_env("ESCHER_BUILD");
    bench->program = esc_path_join(build ? build : ".", "apps/server/escher-server");
    bench->folder = test_folder();
    bench->token_file = esc_path_join(bench->folder, "token");
    bench->errors = esc_path_join(bench->folder, "stderr");
    esc_buf_init(&bench->body, ESC_MAX_RESPONSE);
    expect_ok(esc_file_replace(bench->token_file, ESC_STR(TOKEN "\n"), 0600, &err));
    expect_ok(esc_loop_new(&bench->loop, &err));
    expect_ok(esc_http_client_new(bench->loop, NULL, &bench->client, &err));
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    if (bench->server) {
        kill(bench->server, SIGKILL);
        waitpid(bench->server, NULL, 0);
    }
    esc_http_client_free(bench->client);
    esc_loop_free(bench->loop);
    esc_buf_done(&bench->body);
    free(bench->program);
    free(bench->folder);
    free(bench->token_file);
    free(bench->errors);
    free(bench->url);
    free(bench->socket);
    free(bench);
    return 0;
}

/* A server on a free port, or a skipped test where the weights have not been made. */
static void serve(struct bench *bench)
{
    ESC_CLEANUP(esc_freep) char *file = weights();
    const char *const arguments[] = {"--listen", "127.0.0.1:0", "--token-file", bench->token_file,
                                     NULL};
    if (!esc_file_exists(file))
        skip();
    bench->url = read_place(start(bench, arguments));
}

static void on_response(void *context, const struct esc_http_response *response,
                        const struct esc_error *)
{
    struct bench *bench = context;
    bench->answers++;
    bench->status = response ? response->status : 0;
    esc_buf_reset(&bench->body);
    if (response)
        esc_buf_add(&bench->body, response->body);
}

static bool is_answered(void *context)
{
    return ((struct bench *)context)->answers > 0;
}

struct question {
    const char *method, *path, *type, *body;
    bool no_token;
};

static void send(struct bench *bench, const struct question *question)
{
    struct esc_http_header headers[2];
    size_t count = 0;
    if (question->type)
        headers[count++] = (struct esc_http_header){"Content-Type", question->type};
    if (!question->no_token)
        headers[count++] = (struct esc_http_header){"Authorization", "Bearer " TOKEN};
    const struct esc_str body = question->body ? esc_str_of(question->body) : (struct esc_str){0};
    if (bench->socket) {
        const struct esc_local_request request = {.socket = bench->socket,
                                                  .method = question->method,
                                                  .path = question->path,
                                                  .headers = headers,
                                                  .header_count = count,
                                                  .body = body};
        (void)esc_local_send(bench->loop, &request, on_response, bench);
        return;
    }
    ESC_CLEANUP(esc_freep) char *url = esc_sprintf("%s%s", bench->url, question->path);
    const struct esc_http_request request = {.method = question->method,
                                             .url = url,
                                             .headers = headers,
                                             .header_count = count,
                                             .body = body};
    (void)esc_http_send(bench->client, &request, on_response, bench);
}

static int ask(struct bench *bench, const struct question *question)
{
    bench->answers = 0;
    send(bench, question);
    assert_true(esc_loop_run_until(bench->loop, is_answered, bench));
    return bench->status;
}

#define JSON "application/json"
#define REQUEST                                                                                    \
    "{\"v\":1,\"mode\":\"full\",\"prompt\":\"Stop " CANARY "\",\"identified_resources\":[],"       \
    "\"user_context\":{\"default_region\":\"us-west-2\"},\"history\":[]}"

static void each_route_answers_as_it_should(void **state)
{
    struct bench *bench = *state;
    static const struct {
        int status;
        struct question question;
        const char *body;
    } cases[] = {
        {200, {"GET", "/healthz", NULL, NULL, true}, "{\"status\":\"ok\"}"},
        {200, {"GET", "/readyz", NULL, NULL, true}, "\"status\":\"ready\""},
        {401, {"GET", "/v1/playbooks", NULL, NULL, true}, "bearer token"},
        {401, {"POST", "/v1/plan", JSON, REQUEST, true}, "bearer token"},
        {200, {"POST", "/v1/plan", JSON, REQUEST, false}, "\"kind\":"},
        {200, {"POST", "/v1/classify", JSON, REQUEST, false}, "\"confidence\":"},
        {200, {"GET", "/v1/playbooks", NULL, NULL, false}, "\"aws_rds_stop_instance\""},
        {200, {"GET", "/v1/schemas/resource", NULL, NULL, false}, "escher:format:resource"},
        {404, {"GET", "/v1/schemas/nothing", NULL, NULL, false}, "not_found"},
        {404, {"GET", "/v1/schemas/..%2Fstatus.md", NULL, NULL, false}, "not_found"},
        {404, {"GET", "/v1/schemas/../status.md", NULL, NULL, false}, "not_found"},
        {404, {"GET", "/v1/playbooks/00", NULL, NULL, false}, "not_found"},
        {404, {"GET", "/", NULL, NULL, false}, "not_found"},
        {404, {"GET", "/healthz/x", NULL, NULL, false}, "not_found"},
        {405, {"GET", "/v1/plan", NULL, NULL, false}, "not allowed"},
        {405, {"POST", "/healthz", JSON, "{}", false}, "not allowed"},
        {415, {"POST", "/v1/plan", "text/plain", REQUEST, false}, "media type"},
        {415, {"POST", "/v1/plan", NULL, REQUEST, false}, "media type"},
        {400, {"POST", "/v1/plan", JSON, "", false}, "invalid"},
        {400, {"POST", "/v1/plan", JSON, "{\"v\":1", false}, "invalid"},
        {400, {"POST", "/v1/plan", JSON, "{}", false}, "invalid"},
        {400, {"POST", "/v1/plan", JSON, "[]", false}, "invalid"},
        {400, {"POST", "/v1/plan", JSON, "{\"v\":1,\"v\":1}", false}, "invalid"},
        {400,
         {"POST", "/v1/plan", JSON, "{\"v\":2,\"mode\":\"full\",\"prompt\":\"x\"}", false},
         "invalid"},
    };
    serve(bench);
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        const struct question *question = &cases[i].question;
        if (ask(bench, question) != cases[i].status)
            fail_msg("%s %s %s: %d %s", question->method, question->path,
                     question->body ? question->body : "", bench->status,
                     esc_buf_text(&bench->body));
        expect_contains(cases[i].body, esc_buf_text(&bench->body));
    }
}

static void deep_and_large_bodies_are_refused(void **state)
{
    struct bench *bench = *state;
    struct esc_buf body;
    serve(bench);
    esc_buf_init(&body, ESC_MAX_FILE);
    for (int i = 0; i < 65; i++)
        esc_buf_add_char(&body, '[');
    for (int i = 0; i < 65; i++)
        esc_buf_add_char(&body, ']');
    struct question question = {"POST", "/v1/plan", JSON, esc_buf_text(&body), false};
    assert_int_equal(413, ask(bench, &question));
    expect_contains("\"status\":\"limit\"", esc_buf_text(&bench->body));
    while (body.len <= ESC_MAX_REQUEST)
        esc_buf_add_char(&body, ' ');
    question.body = esc_buf_text(&body);
    assert_int_equal(413, ask(bench, &question));
    expect_contains("too large", esc_buf_text(&bench->body));
    esc_buf_done(&body);
}

static void a_playbook_comes_as_the_text_that_was_pinned(void **state)
{
    struct bench *bench = *state;
    char sha256[ESC_SHA256_TEXT];
    ESC_CLEANUP(esc_json_freep) struct esc_json *list = NULL;
    serve(bench);
    assert_int_equal(200,
                     ask(bench, &(struct question){"GET", "/v1/playbooks", NULL, NULL, false}));
    expect_ok(esc_json_parse(esc_buf_str(&bench->body), NULL, &list, &err));
    const struct esc_json *rows = esc_json_get(list, "playbooks");
    assert_true(esc_json_len(rows) >= 12);
    for (size_t i = 0; i < esc_json_len(rows); i++) {
        const char *wanted = esc_json_str(esc_json_at(rows, i), "sha256", "");
        ESC_CLEANUP(esc_freep) char *path = esc_sprintf("/v1/playbooks/%s", wanted);
        assert_int_equal(200, ask(bench, &(struct question){"GET", path, NULL, NULL, false}));
        esc_sha256_hex(esc_buf_str(&bench->body), sha256);
        assert_string_equal(wanted, sha256);
    }
}

static enum esc_status embed(void *context, struct esc_str text, float *out, struct esc_error *e)
{
    return esc_encoder_encode(context, &text, 1, out, e);
}

/* The same planner in this process. */
static char *plan_here(const char *text)
{
    ESC_CLEANUP(esc_freep) char *file = weights();
    ESC_CLEANUP(esc_freep) char *playbooks = esc_path_join(esc_env("ESCHER_SOURCE"), "playbooks");
    ESC_CLEANUP(esc_shelf_freep) struct esc_shelf *shelf = NULL;
    ESC_CLEANUP(esc_encoder_freep) struct esc_encoder *encoder = NULL;
    ESC_CLEANUP(esc_planner_freep) struct esc_planner *planner = NULL;
    ESC_CLEANUP(esc_json_freep) struct esc_json *request = NULL;
    struct esc_buf response;
    esc_buf_init(&response, ESC_MAX_RESPONSE);
    expect_ok(esc_shelf_open(playbooks, &shelf, &err));
    expect_ok(esc_encoder_open(file, &encoder, &err));
    expect_ok(esc_planner_new(shelf, embed, encoder, &planner, &err));
    expect_ok(esc_json_parse(esc_str_of(text), NULL, &request, &err));
    expect_ok(esc_answer(planner, request, &response, &err));
    return esc_buf_take(&response);
}

static bool are_all_answered(void *context)
{
    return ((struct bench *)context)->answers == 16;
}

static void the_server_says_byte_for_byte_what_the_planner_says_in_process(void **state)
{
    struct bench *bench = *state;
    static const char text[] =
        "{\"v\":1,\"mode\":\"full\",\"prompt\":\"Stop pg-instance-main1\",\"identified_resources\":"
        "[{\"id\":\"123456789012-us-west-2-rds_instance-pg-instance-main1\",\"resource_type\":"
        "\"rds_instance\",\"db_instance_identifier\":\"pg-instance-main1\",\"name\":"
        "\"pg-instance-main1\",\"arn\":\"arn:aws:rds:us-west-2:123456789012:db:pg-instance-main1\","
        "\"account_id\":\"123456789012\",\"account_name\":\"production\",\"region\":\"us-west-2\","
        "\"current_state\":\"available\",\"environment\":\"production\",\"tags\":{},"
        "\"available_permissions\":[],\"constraints\":{\"can_stop\":true},\"engine\":\"postgres\","
        "\"engine_version\":\"14.7\",\"multi_az\":true,\"mention\":{\"start\":5,\"end\":22}}],"
        "\"user_context\":{\"default_region\":\"us-west-2\"},\"history\":[]}";
    const struct question question = {"POST", "/v1/plan", JSON, text, false};
    serve(bench);
    ESC_CLEANUP(esc_freep) char *here = plan_here(text);
    expect_contains("\"kind\":\"plan\"", here);
    assert_int_equal(200, ask(bench, &question));
    assert_string_equal(here, esc_buf_text(&bench->body));
    bench->answers = 0;
    for (int i = 0; i < 16; i++)
        send(bench, &question);
    assert_true(esc_loop_run_until(bench->loop, are_all_answered, bench));
    assert_string_equal(here, esc_buf_text(&bench->body));
}

static void nothing_of_a_request_is_logged(void **state)
{
    struct bench *bench = *state;
    serve(bench);
    assert_int_equal(200, ask(bench, &(struct question){"POST", "/v1/plan", JSON, REQUEST, false}));
    expect_contains(CANARY, esc_buf_text(&bench->body)); /* it did read it */
    assert_int_equal(400,
                     ask(bench, &(struct question){"POST", "/v1/plan", JSON, "{\"" CANARY, false}));
    assert_int_equal(
        404, ask(bench, &(struct question){"GET", "/" CANARY "?" CANARY, NULL, NULL, false}));
    assert_int_equal(0, finish(bench, SIGTERM));
    ESC_CLEANUP(esc_freep) char *log = errors_of(bench);
    expect_contains("route=/v1/plan", log);
    assert_null(strstr(log, "canary"));
    assert_null(strstr(log, TOKEN));
}

static void it_writes_no_core_file(void **state)
{
    struct bench *bench = *state;
    struct esc_buf limits;
    serve(bench);
    ESC_CLEANUP(esc_freep) char *path = esc_sprintf("/proc/%d/limits", (int)bench->server);
    esc_buf_init(&limits, ESC_MAX_LINE);
    if (esc_file_read(path, &limits, &err) == ESC_OK)
        expect_contains("Max core file size        0                    0", esc_buf_text(&limits));
    esc_buf_done(&limits);
}

static void a_signal_ends_it_cleanly_with_requests_under_way(void **state)
{
    static const int signals[] = {SIGTERM, SIGINT};
    struct bench *bench = *state;
    for (size_t i = 0; i < ESC_COUNT(signals); i++) {
        serve(bench);
        for (int n = 0; n < 16; n++)
            send(bench, &(struct question){"POST", "/v1/plan", JSON, REQUEST, false});
        bench->answers = 0;
        assert_true(esc_loop_run_until(bench->loop, is_answered, bench)); /* the others wait */
        assert_int_equal(0, finish(bench, signals[i]));
        assert_true(esc_loop_run_until(bench->loop, are_all_answered, bench));
        free(ESC_STEAL(bench->url));
    }
}

static void a_socket_needs_no_token(void **state)
{
    struct bench *bench = *state;
    ESC_CLEANUP(esc_freep) char *file = weights();
    ESC_CLEANUP(esc_freep) char *listen = esc_sprintf("unix:%s/s", bench->folder);
    const char *const arguments[] = {"--listen", listen, NULL};
    if (!esc_file_exists(file))
        skip();
    ESC_CLEANUP(esc_freep) char *place = read_place(start(bench, arguments));
    assert_string_equal(listen, place);
    bench->socket = esc_path_join(bench->folder, "s");
    assert_int_equal(200, ask(bench, &(struct question){"POST", "/v1/plan", JSON, REQUEST, true}));
    assert_int_equal(0, finish(bench, SIGTERM));
    assert_false(esc_file_exists(bench->socket));
}

static void what_it_cannot_do_it_says_with_an_exit_code(void **state)
{
    struct bench *bench = *state;
    ESC_CLEANUP(esc_freep) char *readable = esc_path_join(bench->folder, "readable");
    ESC_CLEANUP(esc_freep) char *brief = esc_path_join(bench->folder, "brief");
    ESC_CLEANUP(esc_freep) char *lines = esc_path_join(bench->folder, "lines");
    expect_ok(esc_file_replace(readable, ESC_STR(TOKEN), 0644, &err));
    expect_ok(esc_file_replace(brief, ESC_STR("tooshort"), 0600, &err));
    expect_ok(esc_file_replace(lines, ESC_STR(TOKEN "\n" TOKEN), 0600, &err));
    const struct {
        const char *arguments[6];
        int exit_code;
        const char *message;
    } cases[] = {
        {{NULL}, 2, "--listen is missing"},
        {{"--nonsense", NULL}, 2, "no option `--nonsense`"},
        {{"serve", NULL}, 2, "`serve` is no option"},
        {{"--listen", NULL}, 2, "--listen needs a value: ADDR"},
        {{"--help=1", NULL}, 2, "--help takes no value"},
        {{"--listen", "127.0.0.1:0", NULL}, 2, "needs --token-file"},
        {{"--listen=127.0.0.1:0", "--token-file", "/nonexistent/token", NULL}, 3, "token"},
        {{"--listen=127.0.0.1:0", "--token-file", readable, NULL}, 2, "chmod 600"},
        {{"--listen=127.0.0.1:0", "--token-file", brief, NULL}, 2, "fewer than 16"},
        {{"--listen=127.0.0.1:0", "--token-file", lines, NULL}, 2, "not one line"},
        {{"--listen=127.0.0.1:0", "--token-file", bench->token_file, "--playbooks", "/nonexistent",
          NULL},
         3,
         "/nonexistent"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        close(start(bench, cases[i].arguments));
        int exit_code = finish(bench, 0);
        ESC_CLEANUP(esc_freep) char *errors = errors_of(bench);
        if (exit_code != cases[i].exit_code)
            fail_msg("case %zu: exit code %d, %s", i, exit_code, errors);
        expect_contains(cases[i].message, errors);
        assert_null(strstr(errors, "tooshort"));
        assert_null(strstr(errors, TOKEN));
    }
}

#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_BENCH(each_route_answers_as_it_should),
        WITH_BENCH(deep_and_large_bodies_are_refused),
        WITH_BENCH(a_playbook_comes_as_the_text_that_was_pinned),
        WITH_BENCH(the_server_says_byte_for_byte_what_the_planner_says_in_process),
        WITH_BENCH(nothing_of_a_request_is_logged),
        WITH_BENCH(it_writes_no_core_file),
        WITH_BENCH(a_signal_ends_it_cleanly_with_requests_under_way),
        WITH_BENCH(a_socket_needs_no_token),
        WITH_BENCH(what_it_cannot_do_it_says_with_an_exit_code),
    };
    return cmocka_run_group_tests_name("apps/server", tests, NULL, NULL);
}
