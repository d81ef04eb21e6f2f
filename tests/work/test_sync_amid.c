/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What else goes on while a sync is under way: the store gets another key, a backup is made,
 * accounts are added, changed and to be removed, the clock goes back a day, rows are read. The
 * estate is the same as after a sync that was left alone.
 */

#include <stdlib.h>

#include "escher/work/work_private.h"
#include "tests/work/cloud_desk.h"

#define ACCOUNT "111111111111"
static const char *const accounts[] = {ACCOUNT, NULL};
static const char *const regions[] = {"us-east-1", "us-west-2", NULL};

static void open_cloud(struct cloud_desk *at)
{
    struct fake_aws_options options = {
        .seed = 33, .size = 80, .accounts = accounts, .regions = regions};
    cloud_desk_open(at, &options);
    assert_int_equal(0, setenv("ESCHER_TRANSPORT", "native", 1));
}

static bool saw_a_place(void *context)
{
    const struct desk_call *call = context;
    for (size_t i = 0; i < call->events.count; i++)
        if (esc_text_equal("sync.cell", esc_json_str(call->events.items[i], "kind", "")))
            return true;
    return call->is_done;
}

static void start(struct cloud_desk *at, struct desk_call *sync)
{
    ESC_CLEANUP(esc_freep) char *keys = cloud_desk_keys(ACCOUNT, "us-west-2");
    ESC_CLEANUP(esc_freep) char *body = esc_sprintf("{%s}", keys);
    desk_start(&at->desk, "POST", "/api/sync", body, sync);
    assert_true(esc_loop_run_until(at->desk.loop, saw_a_place, sync));
    assert_false(sync->is_done);
}

static void end(struct cloud_desk *at, struct desk_call *sync)
{
    desk_wait(&at->desk, sync);
    if (sync->status != ESC_OK) {
        ESC_CLEANUP(esc_freep) char *text = esc_json_print(sync->body, ESC_JSON_COMPACT);
        fail_msg("%s: %.2000s", esc_status_text(sync->status), text);
    }
    desk_call_done(sync);
}

static char *estate_when_left_alone(void)
{
    struct cloud_desk at;
    struct desk_call sync;
    open_cloud(&at);
    start(&at, &sync);
    end(&at, &sync);
    char *estate = cloud_desk_estate(&at.desk);
    cloud_desk_close(&at);
    return estate;
}

/* As it is now, after another sync, which changes nothing, and after a restart. Closes the desk. */
static void expect_estate(struct cloud_desk *at, const char *estate)
{
    enum esc_status status;
    ESC_CLEANUP(esc_freep) char *now = cloud_desk_estate(&at->desk);
    assert_string_equal(estate, now);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *again =
        cloud_desk_sync(&at->desk, ACCOUNT, "\"account\":\"" ACCOUNT "\",", &status);
    assert_int_equal(ESC_OK, status);
    assert_int_equal(0, esc_json_num(again, "added", -1));
    assert_int_equal(0, esc_json_num(again, "changed", -1));
    assert_int_equal(0, esc_json_num(again, "removed", -1));
    assert_null(fake_aws_puzzled(at->cloud));
    fake_aws_close(at->cloud);
    desk_restart(&at->desk);
    ESC_CLEANUP(esc_freep) char *then = cloud_desk_estate(&at->desk);
    assert_string_equal(estate, then);
    esc_json_free(desk_expect(&at->desk, ESC_OK, "POST", "/api/audit/verify", NULL));
    assert_null(at->desk.bench->unreadable);
    desk_done(&at->desk);
}

typedef void act_fn(struct cloud_desk *at);

static void another_key(struct cloud_desk *at)
{
    esc_json_free(desk_expect(&at->desk, ESC_OK, "POST", "/api/keys/rotate", NULL));
}

static void backup(struct cloud_desk *at)
{
    esc_json_free(desk_expect(&at->desk, ESC_OK, "POST", "/api/backups", NULL));
}

static void other_accounts(struct cloud_desk *at)
{
    static const char *const one[] = {"us-west-2", NULL};
    esc_json_free(desk_expect(&at->desk, ESC_CONFLICT, "DELETE", "/api/accounts/" ACCOUNT, NULL));
    cloud_desk_add(&at->desk, fake_aws_url(at->cloud), "222222222222", one);
    cloud_desk_add(&at->desk, fake_aws_url(at->cloud), ACCOUNT, one); /* the same, with less */
    cloud_desk_add(&at->desk, fake_aws_url(at->cloud), ACCOUNT, regions);
}

static void an_earlier_day(struct cloud_desk *at)
{
    at->desk.clock.wall_ms -= UINT64_C(24) * 3600 * 1000;
}

static void reads(struct cloud_desk *at)
{
    static const char *const paths[] = {"/api/status", "/api/home", "/api/accounts"};
    for (size_t i = 0; i < ESC_COUNT(paths); i++)
        esc_json_free(desk_expect(&at->desk, ESC_OK, "GET", paths[i], NULL));
    esc_json_free(desk_expect(&at->desk, ESC_OK, "POST", "/api/find", "{\"text\":\"web\"}"));
    esc_json_free(desk_expect(&at->desk, ESC_OK, "POST", "/api/estate/export", "{}"));
}

static void whatever_a_person_does_meanwhile_a_sync_is_the_same(void **)
{
    static act_fn *const acts[] = {another_key, backup, other_accounts, an_earlier_day, reads};
    ESC_CLEANUP(esc_freep) char *estate = estate_when_left_alone();
    for (size_t i = 0; i < ESC_COUNT(acts); i++) {
        struct cloud_desk at;
        struct desk_call sync;
        open_cloud(&at);
        start(&at, &sync);
        acts[i](&at);
        end(&at, &sync);
        expect_estate(&at, estate);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_a_person_does_meanwhile_a_sync_is_the_same),
    };
    return cmocka_run_group_tests_name("work/sync_amid", tests, NULL, NULL);
}
