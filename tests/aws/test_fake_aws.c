/* SPDX-License-Identifier: Apache-2.0 */

/* The fake AWS by itself, asked by plain signed requests: what it promises to the tests on it. */

#include "tests/support/fake_aws.h"

#include <string.h>

#include "escher/aws/sigv4.h"
#include "escher/aws/wire_xml.h"
#include "escher/base/limits.h"
#include "tests/support/test.h"

static struct esc_error err;
static const char account[] = "222222222222";
static const char region[] = "us-west-2";

struct client {
    struct esc_loop *loop;
    struct esc_http_client *http;
    struct fake_aws *aws;
    struct esc_error failure; /* when there was no answer */
    int status;               /* 0: there was none */
    char *body;
    bool done;
};

/* What is asked, and how it is spoilt. */
struct question {
    const char *service; /* that signs */
    const char *body;    /* of a form */
    const char *sent;    /* in its place, after signing; NULL: the same */
    const char *secret;  /* NULL: the right one */
    const char *key_id, *token;
    uint64_t early_ms; /* signed so long before now */
    uint64_t timeout_ms;
};

static void open_client(struct client *client, const struct fake_aws_options *options)
{
    *client = (struct client){0};
    expect_ok(esc_loop_new(&client->loop, &err));
    expect_ok(esc_http_client_new(client->loop, NULL, &client->http, &err));
    expect_ok(fake_aws_open(client->loop, options, &client->aws, &err));
}

static void close_client(struct client *client)
{
    esc_http_client_free(client->http);
    fake_aws_close(client->aws);
    esc_loop_free(client->loop);
    free(client->body);
}

static void on_answer(void *context, const struct esc_http_response *response,
                      const struct esc_error *failure)
{
    struct client *client = context;
    client->done = true;
    client->status = response ? response->status : 0;
    free(client->body);
    client->body = response ? esc_str_dup(response->body) : esc_strdup("");
    if (failure)
        client->failure = *failure;
}

static bool is_done(void *context)
{
    return ((struct client *)context)->done;
}

static struct esc_credentials *credentials_of(const struct question *question)
{
    ESC_CLEANUP(esc_freep)
    char *key = question->key_id ? esc_strdup(question->key_id) : fake_aws_key(account);
    ESC_CLEANUP(esc_freep) char *secret = fake_aws_secret(key);
    return esc_credentials_new(key, question->secret ? question->secret : secret, question->token,
                               0);
}

static void send_signed(struct client *client, const struct question *question,
                        const struct esc_sigv4_headers *signature, const char *host)
{
    const struct esc_http_header headers[] = {
        {"Host", host},
        {"Content-Type", "application/x-www-form-urlencoded"},
        {"X-Amz-Date", signature->amz_date},
        {"Authorization", signature->authorization},
        {"X-Amz-Security-Token", signature->security_token},
    };
    ESC_CLEANUP(esc_freep) char *url = esc_sprintf("%s/", fake_aws_url(client->aws));
    const struct esc_http_request request = {
        .method = "POST",
        .url = url,
        .headers = headers,
        .header_count = ESC_COUNT(headers) - (signature->security_token ? 0 : 1),
        .body = esc_str_of(question->sent ? question->sent : question->body),
        .timeout_ms = question->timeout_ms ? question->timeout_ms : 120'000,
    };
    client->done = false;
    (void)esc_http_send(client->http, &request, on_answer, client);
    assert_true(esc_loop_run_until(client->loop, is_done, client));
}

static void ask(struct client *client, const struct question *question)
{
    struct esc_credentials *credentials = credentials_of(question);
    const char *host = fake_aws_url(client->aws) + strlen("http://");
    const struct esc_http_header signed_headers[] = {
        {"Host", host}, {"Content-Type", "application/x-www-form-urlencoded"}};
    const struct esc_sigv4_request request = {
        .method = ESC_STR("POST"),
        .path = ESC_STR("/"),
        .headers = signed_headers,
        .header_count = ESC_COUNT(signed_headers),
        .body = esc_str_of(question->body),
    };
    const struct esc_sigv4_options options = {
        .credentials = credentials,
        .region = region,
        .service = question->service,
        .now_ms = esc_clock_wall_ms(esc_clock_system()) - question->early_ms,
    };
    struct esc_sigv4_headers signature;
    expect_ok(esc_sigv4_sign(&options, &request, &signature, &err));
    send_signed(client, question, &signature, host);
    esc_sigv4_headers_done(&signature);
    esc_credentials_free(credentials);
}

static void ask_form(struct client *client, const char *service, const char *body)
{
    ask(client, &(struct question){.service = service, .body = body});
}

#define LIST_DATABASES "Action=DescribeDBInstances&Version=2014-10-31"
#define LIST_VOLUMES "Action=DescribeVolumes&Version=2016-11-15"

static void only_what_was_signed_is_answered(void **)
{
    static const struct {
        const char *label, *code;
        struct question question;
    } cases[] = {
        {"as it was signed", NULL, {.service = "rds", .body = LIST_DATABASES}},
        {"another body",
         "SignatureDoesNotMatch",
         {.service = "rds", .body = LIST_DATABASES, .sent = LIST_DATABASES "&Marker=x"}},
        {"another secret",
         "SignatureDoesNotMatch",
         {.service = "rds", .body = LIST_DATABASES, .secret = "wrong"}},
        {"too early",
         "SignatureDoesNotMatch",
         {.service = "rds", .body = LIST_DATABASES, .early_ms = 6 * 60 * 1000}},
        {"a key of nobody",
         "InvalidClientTokenId",
         {.service = "rds", .body = LIST_DATABASES, .key_id = "AKIAIOSFODNN7EXAMPLE"}},
        {"a session that lasts",
         NULL,
         {.service = "rds",
          .body = LIST_DATABASES,
          .key_id = "ASIAFAKE222222222222",
          .token = "fake-222222222222-1-99999999999999"}},
        {"a session that is over",
         "ExpiredToken",
         {.service = "rds",
          .body = LIST_DATABASES,
          .key_id = "ASIAFAKE222222222222",
          .token = "fake-222222222222-1-1000"}},
    };
    struct client client;
    open_client(&client, &(struct fake_aws_options){.seed = 1, .size = 300});
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ask(&client, &cases[i].question);
        if ((client.status == 200) != !cases[i].code)
            fail_msg("%s: %d %s", cases[i].label, client.status, client.body);
        expect_contains(cases[i].code ? cases[i].code : "<DBInstance>", client.body);
    }
    close_client(&client);
}

/* Pages. */

static size_t count_in(const char *text, const char *what)
{
    size_t count = 0;
    for (const char *at = strstr(text, what); at; at = strstr(at + 1, what))
        count++;
    return count;
}

static char *marker_in(const char *body)
{
    const char *at = strstr(body, "<Marker>");
    return at ? esc_strndup(at + 8, strcspn(at + 8, "<")) : NULL;
}

/* Follows the markers to the end; the ids in order, one each line. */
static char *list_databases(struct client *client, size_t *pages)
{
    ESC_CLEANUP(esc_freep) char *marker = NULL;
    struct esc_buf ids;
    esc_buf_init(&ids, ESC_MAX_FILE);
    *pages = 0;
    do {
        ESC_CLEANUP(esc_freep)
        char *body =
            esc_sprintf(LIST_DATABASES "%s%s", marker ? "&Marker=" : "", marker ? marker : "");
        ask_form(client, "rds", body);
        assert_int_equal(200, client->status);
        for (const char *at = strstr(client->body, "<DBInstanceIdentifier>"); at;
             at = strstr(at + 1, "<DBInstanceIdentifier>"))
            esc_buf_printf(&ids, "%.*s\n", (int)strcspn(at + 22, "<"), at + 22);
        free(marker);
        marker = marker_in(client->body);
    } while (++*pages < 100 && marker);
    return esc_buf_take(&ids);
}

static void pages_join_to_the_list_that_one_page_would_be(void **)
{
    struct client client;
    size_t pages = 0;
    struct fake_aws_options options = {.seed = 3, .size = 3000};
    open_client(&client, &options);
    const size_t count = fake_aws_count(client.aws, "rds_instance", account, region);
    ESC_CLEANUP(esc_freep) char *whole = list_databases(&client, &pages);
    assert_int_equal(1, pages);
    assert_int_equal(count, count_in(whole, "\n"));
    close_client(&client);
    options.page_size = 3;
    open_client(&client, &options);
    ESC_CLEANUP(esc_freep) char *joined = list_databases(&client, &pages);
    assert_int_equal((count + 2) / 3, pages);
    assert_string_equal(whole, joined);
    close_client(&client);
}

static void pages_that_a_service_refuses_are_refused(void **)
{
    static const char *const refused[][2] = {
        {"rds", LIST_DATABASES "&MaxRecords=19"},
        {"rds", LIST_DATABASES "&MaxRecords=101"},
        {"ec2", LIST_VOLUMES "&MaxResults=4"},
        {"ec2", LIST_VOLUMES "&MaxResults=1001"},
        {"rds", LIST_DATABASES "&Marker=from-0-page-1-0000000000000000"},
    };
    struct client client;
    open_client(&client, &(struct fake_aws_options){.seed = 1, .size = 300});
    for (size_t i = 0; i < ESC_COUNT(refused); i++) {
        ask_form(&client, refused[i][0], refused[i][1]);
        assert_int_equal(400, client.status);
        expect_contains("InvalidParameterValue", client.body);
    }
    close_client(&client);
}

/* What goes wrong. */

static void each_of_the_nine_faults_is_what_it_says(void **)
{
    static const struct {
        int status; /* 0: no whole answer */
        const char *text;
    } expected[FAKE_FAULT_NINE] = {
        [FAKE_FAULT_DENIED] = {403, "AccessDenied"},
        [FAKE_FAULT_SCP] = {403, "service control policy"},
        [FAKE_FAULT_THROTTLED] = {400, "Throttling"},
        [FAKE_FAULT_BROKEN] = {500, "InternalFailure"},
        [FAKE_FAULT_RESET] = {0, ""},
        [FAKE_FAULT_TRUNCATED] = {0, ""},
        [FAKE_FAULT_HTML] = {502, "<html>"},
        [FAKE_FAULT_SILENT] = {0, ""},
        [FAKE_FAULT_EXPIRED] = {403, "ExpiredToken"},
    };
    struct client client;
    open_client(&client, &(struct fake_aws_options){.seed = 1, .size = 300});
    for (enum fake_fault_kind kind = 0; kind < FAKE_FAULT_NINE; kind++) {
        /* The transport asks again by itself when a kept connection was reset. */
        fake_aws_fault(client.aws, &(struct fake_fault){.kind = kind,
                                                        .region = region,
                                                        .operation = "DescribeDBInstances",
                                                        .times = kind == FAKE_FAULT_RESET ? 2 : 1});
        ask(&client, &(struct question){.service = "rds",
                                        .body = LIST_DATABASES,
                                        .timeout_ms = kind == FAKE_FAULT_SILENT ? 300 : 0});
        if (client.status != expected[kind].status)
            fail_msg("%s: %d %s", fake_fault_text(kind), client.status, client.body);
        expect_contains(expected[kind].text, client.body);
        ask_form(&client, "rds", LIST_DATABASES); /* it happens once */
        assert_int_equal(200, client.status);
    }
    close_client(&client);
}

static void a_fault_stays_at_its_place_and_page(void **)
{
    struct client client;
    open_client(&client, &(struct fake_aws_options){.seed = 1, .size = 3000, .page_size = 3});
    fake_aws_fault(client.aws,
                   &(struct fake_fault){
                       .kind = FAKE_FAULT_DENIED, .account = account, .service = "rds", .page = 2});
    ask_form(&client, "rds", LIST_DATABASES);
    assert_int_equal(200, client.status);
    ESC_CLEANUP(esc_freep) char *marker = marker_in(client.body);
    ESC_CLEANUP(esc_freep) char *second = esc_sprintf(LIST_DATABASES "&Marker=%s", marker);
    ask_form(&client, "rds", second);
    assert_int_equal(403, client.status);
    ask_form(&client, "ec2", LIST_VOLUMES "&MaxResults=1000");
    assert_int_equal(200, client.status);
    close_client(&client);
}

static void what_is_not_answered_is_done_all_the_same(void **)
{
    struct client client;
    open_client(&client, &(struct fake_aws_options){.seed = 1, .size = 300});
    fake_aws_fault(client.aws, &(struct fake_fault){.kind = FAKE_FAULT_UNANSWERED,
                                                    .operation = "StopDBInstance"});
    ask(&client, &(struct question){
                     .service = "rds",
                     .body = "Action=StopDBInstance&Version=2014-10-31&DBInstanceIdentifier=db-0",
                     .timeout_ms = 300});
    assert_int_equal(0, client.status);
    ask_form(&client, "rds", LIST_DATABASES "&DBInstanceIdentifier=db-0");
    expect_contains("<DBInstanceStatus>stopped</DBInstanceStatus>", client.body);
    close_client(&client);
}

/* Asks so often at one moment; whether that was more than is published. */
static bool is_too_often(struct client *client, unsigned times)
{
    fake_aws_forget(client->aws);
    for (unsigned i = 0; i < times; i++)
        ask_form(client, "ec2", "Action=StopInstances&Version=2016-11-15");
    return fake_aws_exceeded(client->aws);
}

static void a_rate_that_is_exceeded_is_told(void **)
{
    struct client client;
    struct esc_clock_fixed clock;
    esc_clock_fixed_init(&clock, esc_clock_wall_ms(esc_clock_system()));
    open_client(&client, &(struct fake_aws_options){.seed = 1, .size = 10, .clock = &clock.clock});
    assert_false(is_too_often(&client, 50));
    esc_clock_fixed_advance(&clock, 1000);
    assert_false(is_too_often(&client, 5));
    esc_clock_fixed_advance(&clock, 999);
    assert_true(is_too_often(&client, 5));
    assert_string_equal("ec2:StopInstances in 222222222222 us-west-2: more than 50 at once and 5 "
                        "a second",
                        fake_aws_exceeded(client.aws));
    close_client(&client);
}

static void throttling_by_chance_is_about_as_often_as_asked(void **)
{
    struct client client;
    unsigned throttled = 0;
    open_client(&client, &(struct fake_aws_options){.seed = 5, .size = 10, .throttle_percent = 30});
    for (unsigned i = 0; i < 200; i++) {
        ask_form(&client, "rds", LIST_DATABASES);
        throttled += client.status == 400 ? 1 : 0;
    }
    assert_in_range(throttled, 40, 80); /* of the seed, so always the same */
    close_client(&client);
}

static void an_answer_that_is_late_comes_in_time_for_others(void **)
{
    struct client client;
    open_client(&client, &(struct fake_aws_options){.seed = 1, .size = 10, .latency_ms = 50});
    const uint64_t start_ms = esc_clock_monotonic_ms(esc_clock_system());
    ask_form(&client, "rds", LIST_DATABASES);
    assert_int_equal(200, client.status);
    assert_true(esc_clock_monotonic_ms(esc_clock_system()) - start_ms >= 50);
    close_client(&client);
}

static void an_operation_that_is_none_is_said(void **)
{
    struct client client;
    open_client(&client, &(struct fake_aws_options){.seed = 1, .size = 10});
    ask_form(&client, "rds", "Action=DescribeNothing&Version=2014-10-31");
    assert_int_equal(400, client.status);
    expect_contains("rds: POST /", fake_aws_puzzled(client.aws));
    close_client(&client);
}

static void an_organisation_says_so_when_simulated(void **)
{
    struct client client;
    open_client(&client, &(struct fake_aws_options){.seed = 1, .size = 10});
    ask_form(&client, "iam",
             "Action=SimulatePrincipalPolicy&Version=2010-05-08"
             "&PolicySourceArn=arn:aws:iam::222222222222:user/fake"
             "&ActionNames.member.1=rds:DeleteDBInstance"
             "&ActionNames.member.2=ec2:TerminateInstances&ActionNames.member.3=s3:GetObject");
    assert_int_equal(200, client.status);
    assert_int_equal(2, count_in(client.body, "<EvalDecision>explicitDeny</EvalDecision>"));
    assert_int_equal(1, count_in(client.body, "<EvalDecision>allowed</EvalDecision>"));
    assert_int_equal(
        1, count_in(client.body, "<AllowedByOrganizations>false</AllowedByOrganizations>"));
    ask_form(&client, "iam",
             "Action=SimulatePrincipalPolicy&Version=2010-05-08&ActionNames.member.1=s3:GetObject"
             "&PolicySourceArn=arn:aws:sts::222222222222:assumed-role/reader/session");
    expect_contains("InvalidInput", client.body);
    close_client(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_was_signed_is_answered),
        cmocka_unit_test(pages_join_to_the_list_that_one_page_would_be),
        cmocka_unit_test(pages_that_a_service_refuses_are_refused),
        cmocka_unit_test(each_of_the_nine_faults_is_what_it_says),
        cmocka_unit_test(a_fault_stays_at_its_place_and_page),
        cmocka_unit_test(what_is_not_answered_is_done_all_the_same),
        cmocka_unit_test(a_rate_that_is_exceeded_is_told),
        cmocka_unit_test(throttling_by_chance_is_about_as_often_as_asked),
        cmocka_unit_test(an_answer_that_is_late_comes_in_time_for_others),
        cmocka_unit_test(an_operation_that_is_none_is_said),
        cmocka_unit_test(an_organisation_says_so_when_simulated),
    };
    return cmocka_run_group_tests_name("aws/fake_aws", tests, NULL, NULL);
}
