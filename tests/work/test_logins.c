/* SPDX-License-Identifier: Apache-2.0 */

/* Keys that outlive a call: sessions that are kept for the next one, and logins of AWS SSO that are
 * renewed. */

#include <string.h>

#include "escher/aws/resolve.h"
#include "escher/base/file.h"
#include "escher/crypt/digest.h"
#include "escher/loop/timer.h"
#include "escher/work/work_private.h"
#include "tests/work/desk.h"

static struct esc_error err;

static void show_rds(struct desk *desk)
{
    desk_add_database(desk);
    desk_cloud_put(desk, "describe-db-clusters.json", "{\"DBClusters\":[]}");
    desk_cloud_put(desk, "describe-db-snapshots.json", "{\"DBSnapshots\":[]}");
    desk_cloud_put(desk, "describe-db-cluster-snapshots.json", "{\"DBClusterSnapshots\":[]}");
}

static void add_by_role(struct desk *desk)
{
    ESC_CLEANUP(esc_freep)
    char *body = esc_sprintf("{\"id\":\"" DESK_ACCOUNT
                             "\",\"name\":\"production\",\"regions\":[\"us-west-2\"],\"role_arn\":"
                             "\"arn:aws:iam::" DESK_ACCOUNT
                             ":role/R\",\"endpoint_url\":\"http://127.0.0.1:%u\"}",
                             desk->sts_port);
    esc_json_free(desk_expect(desk, ESC_OK, "POST", "/api/accounts", body));
}

static void sync_rds(struct desk *desk)
{
    esc_json_free(
        desk_expect(desk, ESC_OK, "POST", "/api/sync", "{\"service\":\"rds\"," DESK_KEYS "}"));
}

/* Else whoever is given the account's name again would act with them. */
static void an_account_that_is_removed_takes_its_sessions_along(void **state)
{
    struct desk *desk = *state;
    show_rds(desk);
    add_by_role(desk);
    sync_rds(desk);
    sync_rds(desk);
    assert_int_equal(1, desk->sts.roles); /* the session was kept for the second */
    esc_json_free(desk_expect(desk, ESC_OK, "DELETE", "/api/accounts/production", NULL));
    struct esc_credentials_state known;
    add_by_role(desk);
    assert_false(esc_credentials_state(desk->bench->aws, DESK_ACCOUNT, &known));
    sync_rds(desk);
    assert_int_equal(2, desk->sts.roles);
}

/* An OIDC service that takes its time with a new token. */
struct oidc {
    struct desk *desk;
    struct esc_http_listener *listener;
    struct esc_http_exchange *waiting;
    struct esc_timer *timer;
};

static void let_wait(void *context, struct esc_http_exchange *exchange)
{
    ((struct oidc *)context)->waiting = exchange;
}

static bool is_asked(void *context)
{
    return ((struct oidc *)context)->waiting;
}

static void give_token(void *context)
{
    struct oidc *oidc = context;
    oidc->timer = NULL;
    esc_http_reply(ESC_STEAL(oidc->waiting), 200, "application/json",
                   ESC_STR("{\"accessToken\":\"fresh\",\"tokenType\":\"Bearer\",\"expiresIn\":3600,"
                           "\"refreshToken\":\"next\"}"));
}

static char *login_path(const struct desk *desk)
{
    char hex[ESC_SHA1_TEXT];
    esc_sha1_hex(ESC_STR("corp"), hex);
    return esc_sprintf("%s/.aws/sso/cache/%s.json", desk->cloud, hex);
}

/* A login that ends now, and can be renewed. */
static void log_in(const struct desk *desk)
{
    ESC_CLEANUP(esc_freep) char *path = login_path(desk);
    ESC_CLEANUP(esc_freep) char *folder = esc_sprintf("%s/.aws/sso/cache", desk->cloud);
    desk_cloud_put(desk, "config",
                   "[profile p]\nsso_session = corp\nsso_account_id = " DESK_ACCOUNT
                   "\nsso_role_name = Reader\n[sso-session corp]\n"
                   "sso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\n");
    expect_ok(esc_file_make_folder(folder, &err));
    expect_ok(esc_file_replace(
        path,
        ESC_STR("{\"accessToken\":\"old\",\"expiresAt\":\"2026-11-21T08:00:01Z\",\"clientId\":"
                "\"id\",\"clientSecret\":\"s\",\"refreshToken\":\"first\","
                "\"registrationExpiresAt\":\"2026-12-01T00:00:00Z\"}"),
        0600, &err));
}

static char *told_to_test(const struct oidc *oidc)
{
    const char *url = esc_http_listener_url(oidc->listener);
    return esc_sprintf("{\"environment\":{\"HOME\":\"%s\",\"AWS_CONFIG_FILE\":\"%s/config\","
                       "\"AWS_ENDPOINT_URL_SSO\":\"%s\",\"AWS_ENDPOINT_URL_SSO_OIDC\":\"%s\"}}",
                       oidc->desk->cloud, oidc->desk->cloud, url, url);
}

/* Its old token is spent as soon as it was shown. */
static void a_core_that_ends_writes_a_renewed_login_down_first(void **state)
{
    struct oidc oidc = {.desk = *state};
    struct desk *desk = oidc.desk;
    struct desk_call call;
    struct esc_buf text;
    const struct esc_http_listener_options options = {
        .address = "127.0.0.1:0", .handler = let_wait, .context = &oidc};
    log_in(desk);
    esc_json_free(desk_expect(desk, ESC_OK, "POST", "/api/accounts",
                              "{\"id\":\"" DESK_ACCOUNT "\",\"name\":\"corp\",\"profile\":\"p\"}"));
    expect_ok(esc_http_listener_open(desk->loop, &options, &oidc.listener, &err));
    ESC_CLEANUP(esc_freep) char *body = told_to_test(&oidc);
    desk_start(desk, "POST", "/api/accounts/corp/test", body, &call);
    assert_true(esc_loop_run_until(desk->loop, is_asked, &oidc));
    oidc.timer = esc_timer_start(desk->loop, 0, give_token, &oidc); /* with its next turn */
    esc_workbench_close(ESC_STEAL(desk->bench));
    assert_true(call.is_done);
    assert_int_equal(ESC_CANCELLED, call.status);
    desk_call_done(&call);
    esc_timer_stop(&oidc.timer);
    esc_http_listener_close(oidc.listener);
    ESC_CLEANUP(esc_freep) char *path = login_path(desk);
    esc_buf_init(&text, ESC_MAX_LINE);
    expect_ok(esc_file_read(path, &text, &err));
    expect_contains("\"accessToken\":\"fresh\"", esc_buf_text(&text));
    expect_contains("\"refreshToken\":\"next\"", esc_buf_text(&text));
    esc_buf_done(&text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_account_that_is_removed_takes_its_sessions_along),
        TEST(a_core_that_ends_writes_a_renewed_login_down_first),
    };
    return cmocka_run_group_tests_name("work/logins", tests, NULL, NULL);
}
