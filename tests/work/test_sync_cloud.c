/* SPDX-License-Identifier: Apache-2.0 */

/* Syncs of the fake AWS into a real store: what is kept, what stays, and what is not done twice. */

#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>

#include "escher/base/file.h"
#include "escher/base/paths.h"
#include "escher/scan/carry_over.h"
#include "escher/store/document.h"
#include "escher/work/protection_private.h"
#include "escher/work/work_private.h"
#include "tests/work/cloud_desk.h"

static const char *const one_account[] = {"111111111111", NULL};
static const char *const two_regions[] = {"us-east-1", "us-west-2", NULL};

#define NATIVE "\"transport\":\"native\","

/* The linker sends the embedding of resources here (--wrap), from whatever thread. */
static _Atomic unsigned embedded;
enum esc_status __real_work_embed_resource(struct esc_encoder *encoder,
                                           const struct esc_resource *resource, float *out,
                                           struct esc_error *failure);
enum esc_status __wrap_work_embed_resource(struct esc_encoder *encoder,
                                           const struct esc_resource *resource, float *out,
                                           struct esc_error *failure);
enum esc_status __wrap_work_embed_resource(struct esc_encoder *encoder,
                                           const struct esc_resource *resource, float *out,
                                           struct esc_error *failure)
{
    atomic_fetch_add(&embedded, 1);
    return __real_work_embed_resource(encoder, resource, out, failure);
}

static void open_cloud(struct cloud_desk *at, size_t size)
{
    struct fake_aws_options options = {
        .seed = 21, .size = size, .accounts = one_account, .regions = two_regions};
    cloud_desk_open(at, &options);
}

static void close_cloud(struct cloud_desk *at)
{
    if (fake_aws_exceeded(at->cloud))
        fail_msg("a rate is exceeded: %s", fake_aws_exceeded(at->cloud));
    cloud_desk_close(at);
}

static struct esc_json *sync_expect(struct cloud_desk *at, enum esc_status expected)
{
    enum esc_status status;
    struct esc_json *body = cloud_desk_sync(&at->desk, one_account[0], NATIVE, &status);
    if (status != expected) {
        ESC_CLEANUP(esc_freep) char *text = esc_json_print(body, ESC_JSON_COMPACT);
        fail_msg("%s instead of %s: %.3000s", esc_status_text(status), esc_status_text(expected),
                 text);
    }
    return body;
}

/* What a sync has not waited for. */
static bool all_have_vectors(void *context)
{
    const struct esc_index *index = ((struct cloud_desk *)context)->desk.bench->index;
    for (size_t i = 0; i < esc_index_count(index); i++)
        if (!esc_index_at(index, i, NULL).has_vector)
            return false;
    return true;
}

static void a_second_sync_of_an_unchanged_cloud_changes_and_embeds_nothing(void **)
{
    struct cloud_desk at;
    open_cloud(&at, 400);
    ESC_CLEANUP(esc_json_freep) struct esc_json *first = sync_expect(&at, ESC_OK);
    ESC_CLEANUP(esc_freep) char *before = cloud_desk_estate(&at.desk);
    assert_true(esc_json_num(first, "added", 0) > 100);
    assert_true(esc_loop_run_until(at.desk.loop, all_have_vectors, &at));
    assert_true(atomic_load(&embedded) > 0);
    atomic_store(&embedded, 0);
    ESC_CLEANUP(esc_json_freep) struct esc_json *second = sync_expect(&at, ESC_OK);
    ESC_CLEANUP(esc_freep) char *after = cloud_desk_estate(&at.desk);
    assert_int_equal(0, esc_json_num(second, "added", -1));
    assert_int_equal(0, esc_json_num(second, "changed", -1));
    assert_int_equal(0, esc_json_num(second, "removed", -1));
    assert_int_equal(esc_json_num(first, "resources", -1), esc_json_num(second, "resources", -2));
    assert_int_equal(0, atomic_load(&embedded));
    assert_string_equal(before, after);
    close_cloud(&at);
}

/* What a sync tells of how far it is: the first time, and the last. */
struct told {
    struct esc_json *first, *last; /* owned */
};

static struct told progress_of_sync(struct cloud_desk *at)
{
    struct desk_call call;
    struct told told = {0};
    ESC_CLEANUP(esc_freep) char *keys = cloud_desk_keys(one_account[0], "us-west-2");
    ESC_CLEANUP(esc_freep) char *body = esc_sprintf("{" NATIVE "%s}", keys);
    desk_start(&at->desk, "POST", "/api/sync", body, &call);
    desk_wait(&at->desk, &call);
    assert_int_equal(ESC_OK, call.status);
    for (size_t i = 0; i < call.events.count; i++) {
        const struct esc_json *event = esc_list_at(&call.events, i);
        if (!esc_text_equal(esc_json_str(event, "kind", ""), "sync.progress"))
            continue;
        esc_json_free(told.last);
        told.last = esc_json_copy(esc_json_member(event, "data"));
        if (!told.first)
            told.first = esc_json_copy(told.last);
    }
    assert_non_null(told.first);
    desk_call_done(&call);
    return told;
}

static void told_done(struct told *told)
{
    esc_json_free(told->first);
    esc_json_free(told->last);
}

static void how_much_there_is_to_ask_is_known_from_the_last_time(void **)
{
    struct cloud_desk at;
    open_cloud(&at, 60);
    struct told before = progress_of_sync(&at);
    const int64_t all = esc_json_num(before.last, "done", 0);
    assert_null(esc_json_member(before.last, "rest_ms"));
    assert_true(esc_json_num(before.first, "known", 0) < all);
    fake_aws_throttle(at.cloud, 10); /* more calls, and no more questions */
    struct told again = progress_of_sync(&at);
    fake_aws_throttle(at.cloud, 0);
    struct told third = progress_of_sync(&at);
    assert_int_equal(all, esc_json_num(again.first, "known", 0));
    assert_non_null(esc_json_member(again.first, "rest_ms"));
    assert_int_equal(all, esc_json_num(again.last, "done", 0));
    assert_int_equal(all, esc_json_num(third.first, "known", 0));
    assert_int_equal(0, esc_json_num(third.last, "rest_ms", -1));
    told_done(&before);
    told_done(&again);
    told_done(&third);
    close_cloud(&at);
}

static size_t count_of_type(const struct cloud_desk *at, const char *type)
{
    const struct esc_index *index = at->desk.bench->index;
    size_t count = 0;
    for (size_t i = 0; i < esc_index_count(index); i++)
        count += esc_text_equal(type, esc_index_at(index, i, NULL).resource_type);
    return count;
}

/* Its attributes have the policy, too. */
static void a_queue_is_asked_about_once(void **)
{
    struct cloud_desk at;
    open_cloud(&at, 400);
    esc_json_free(sync_expect(&at, ESC_OK));
    assert_true(count_of_type(&at, "sqs_queue") > 0);
    assert_int_equal(count_of_type(&at, "sqs_queue"),
                     fake_aws_calls(at.cloud, "sqs", "GetQueueAttributes"));
    close_cloud(&at);
}

static void what_is_gone_from_the_cloud_goes_from_the_estate(void **)
{
    struct cloud_desk at;
    open_cloud(&at, 400);
    esc_json_free(sync_expect(&at, ESC_OK));
    fake_aws_remove(at.cloud, "rds_snapshot", 2);
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = sync_expect(&at, ESC_OK);
    assert_int_equal(2 * 2, esc_json_num(body, "removed", -1));
    close_cloud(&at);
}

/* What the ledger says of an operation in a region. */
static const struct esc_json *cell_of(const struct esc_json *status, const char *region,
                                      const char *operation)
{
    const struct esc_json *cells = esc_json_member(status, "cells");
    for (size_t i = 0; i < esc_json_len(cells); i++) {
        const struct esc_json *cell = esc_json_at(cells, i);
        if (esc_text_equal(esc_json_str(cell, "region", ""), region) &&
            esc_text_equal(esc_json_str(cell, "operation", ""), operation))
            return cell;
    }
    fail_msg("the ledger has no %s in %s", operation, region);
    return NULL;
}

static void a_fault_leaves_every_row_and_the_ledger_names_it(void **)
{
    static const struct {
        enum fake_fault_kind kind;
        const char *state, *code;
    } faults[] = {
        {FAKE_FAULT_DENIED, "denied", "AccessDenied"},
        {FAKE_FAULT_SCP, "scp", "AccessDenied"},
        {FAKE_FAULT_BROKEN, "error", "InternalFailure"},
        {FAKE_FAULT_RESET, "error", ""},
        {FAKE_FAULT_TRUNCATED, "error", ""},
        {FAKE_FAULT_HTML, "error", "502"},
        {FAKE_FAULT_EXPIRED, "denied", "ExpiredToken"},
    };
    struct cloud_desk at;
    open_cloud(&at, 400);
    esc_json_free(sync_expect(&at, ESC_OK));
    ESC_CLEANUP(esc_freep) char *before = cloud_desk_estate(&at.desk);
    for (size_t i = 0; i < ESC_COUNT(faults); i++) {
        fake_aws_fault(at.cloud, &(struct fake_fault){.kind = faults[i].kind,
                                                      .region = "us-west-2",
                                                      .operation = "DescribeDBSnapshots"});
        esc_json_free(sync_expect(&at, ESC_PARTIAL));
        fake_aws_heal(at.cloud);
        ESC_CLEANUP(esc_freep) char *after = cloud_desk_estate(&at.desk);
        ESC_CLEANUP(esc_json_freep)
        struct esc_json *status = desk_expect(&at.desk, ESC_OK, "GET", "/api/status", NULL);
        const struct esc_json *hurt = cell_of(status, "us-west-2", "DescribeDBSnapshots");
        const struct esc_json *well = cell_of(status, "us-east-1", "DescribeDBSnapshots");
        assert_string_equal(faults[i].state, esc_json_str(hurt, "state", ""));
        assert_string_equal(faults[i].code, esc_json_str(hurt, "code", ""));
        assert_true(*esc_json_str(hurt, "message", ""));
        assert_string_equal("ok", esc_json_str(well, "state", ""));
        for (const char *at_line = strstr(before, "rds_snapshot"); at_line;
             at_line = strstr(at_line + 1, "rds_snapshot")) {
            ESC_CLEANUP(esc_freep) char *id = esc_strndup(at_line, strcspn(at_line, " "));
            expect_contains(id, after);
        }
    }
    close_cloud(&at);
}

/* Roles: their keys run out in the middle. */

static void add_by_role(struct cloud_desk *at)
{
    ESC_CLEANUP(esc_freep)
    char *body = esc_sprintf(
        "{\"id\":\"111111111111\",\"name\":\"by-role\",\"regions\":[\"us-east-1\",\"us-west-2\"],"
        "\"endpoint_url\":\"%s\",\"role_arn\":\"arn:aws:iam::111111111111:role/reader\"}",
        fake_aws_url(at->cloud));
    esc_json_free(desk_expect(&at->desk, ESC_OK, "POST", "/api/accounts", body));
}

static void a_session_that_expires_in_the_middle_is_renewed_and_nothing_is_lost(void **)
{
    struct cloud_desk at;
    open_cloud(&at, 400);
    add_by_role(&at);
    esc_json_free(sync_expect(&at, ESC_OK));
    const uint64_t assumed = fake_aws_calls(at.cloud, "sts", "AssumeRole");
    assert_int_equal(1, assumed);
    ESC_CLEANUP(esc_freep) char *before = cloud_desk_estate(&at.desk);
    fake_aws_fault(at.cloud, &(struct fake_fault){.kind = FAKE_FAULT_EXPIRED,
                                                  .operation = "DescribeVolumes",
                                                  .times = 1});
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = sync_expect(&at, ESC_OK);
    ESC_CLEANUP(esc_freep) char *after = cloud_desk_estate(&at.desk);
    assert_int_equal(0, esc_json_num(body, "removed", -1));
    assert_string_equal(before, after);
    assert_int_equal(assumed + 1, fake_aws_calls(at.cloud, "sts", "AssumeRole"));
    close_cloud(&at);
}

static void a_resource_too_large_to_keep_costs_itself(void **)
{
    struct cloud_desk at;
    open_cloud(&at, 400);
    fake_aws_fault(at.cloud, &(struct fake_fault){.kind = FAKE_FAULT_MANY_TAGS,
                                                  .region = "us-west-2",
                                                  .operation = "DescribeVpcs"});
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = sync_expect(&at, ESC_PARTIAL);
    const struct esc_json *cell = cell_of(body, "us-west-2", "DescribeVpcs");
    assert_string_equal("partial", esc_json_str(cell, "state", ""));
    assert_int_equal(1, esc_json_num(cell, "unread", 0));
    ESC_CLEANUP(esc_freep) char *estate = cloud_desk_estate(&at.desk);
    ESC_CLEANUP(esc_freep)
    char *second = fake_aws_id(at.cloud, "subnet", one_account[0], "us-west-2", 0);
    expect_contains(second, estate);
    close_cloud(&at);
}

/* Both transports. */

/* What a scan of these services through @p transport comes to; services NULL: all. Owned. */
static char *estate_through(const char *transport, const char *const *services)
{
    static const char *const one_region[] = {"us-west-2", NULL};
    struct fake_aws_options options = {
        .seed = 41, .size = 1, .accounts = one_account, .regions = one_region};
    struct cloud_desk at;
    cloud_desk_open(&at, &options);
    at.desk.clock.wall_ms = esc_clock_wall_ms(esc_clock_system()); /* the CLI has no other */
    ESC_CLEANUP(esc_freep)
    char *aws = esc_path_join(esc_env("ESCHER_SOURCE"), ".venv/bin/aws");
    assert_int_equal(0, setenv("ESCHER_AWS", aws, 1));
    for (size_t i = 0; services[i]; i++) {
        ESC_CLEANUP(esc_freep)
        char *more = *services[i] ? esc_sprintf("\"transport\":\"%s\",\"service\":\"%s\",",
                                                transport, services[i])
                                  : esc_sprintf("\"transport\":\"%s\",", transport);
        enum esc_status status;
        ESC_CLEANUP(esc_json_freep)
        struct esc_json *body = cloud_desk_sync(&at.desk, one_account[0], more, &status);
        if (status != ESC_OK) {
            ESC_CLEANUP(esc_freep) char *text = esc_json_print(body, ESC_JSON_COMPACT);
            fail_msg("%s %s: %.3000s", transport, services[i], text);
        }
    }
    char *estate = cloud_desk_estate(&at.desk);
    close_cloud(&at);
    return estate;
}

static bool has_cli(void)
{
    ESC_CLEANUP(esc_freep)
    char *aws = esc_path_join(esc_env("ESCHER_SOURCE"), ".venv/bin/aws");
    return esc_file_exists(aws);
}

/* How many instances are known to be protected or not, and how many there are. */
static size_t protected_or_not(struct cloud_desk *at, size_t *all)
{
    struct esc_workbench *bench = at->desk.bench;
    struct esc_arena arena;
    size_t known = 0;
    *all = 0;
    esc_arena_init(&arena);
    for (size_t i = 0; i < esc_index_count(bench->index); i++) {
        const struct esc_card card = esc_index_at(bench->index, i, &arena);
        ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = NULL;
        struct esc_error err;
        if (!esc_text_equal(card.resource_type, "ec2_instance"))
            continue;
        expect_ok(work_resource(bench, card.id, &resource, &err));
        *all += 1;
        known += esc_carry_was_asked(resource);
    }
    esc_arena_done(&arena);
    return known;
}

static char *reasons_of(struct cloud_desk *at, const char *id)
{
    ESC_CLEANUP(esc_freep) char *text = esc_sprintf("{\"text\":\"%s\"}", id);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *shown = desk_expect(&at->desk, ESC_OK, "POST", "/api/show", text);
    return esc_json_print(esc_json_get(shown, "resource.constraints.reasons"), ESC_JSON_COMPACT);
}

/* The first instance of those whose protection is known; owned. */
static char *known_instance(struct cloud_desk *at)
{
    struct esc_workbench *bench = at->desk.bench;
    struct esc_arena arena;
    char *id = NULL;
    esc_arena_init(&arena);
    for (size_t i = 0; i < esc_index_count(bench->index) && !id; i++) {
        const struct esc_card card = esc_index_at(bench->index, i, &arena);
        ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = NULL;
        struct esc_error err;
        expect_ok(work_resource(bench, card.id, &resource, &err));
        if (esc_carry_was_asked(resource))
            id = esc_strdup(card.id);
    }
    esc_arena_done(&arena);
    assert_non_null(id);
    return id;
}

static void doubt(struct cloud_desk *at, const char *id)
{
    static const char place[] = "111111111111 us-east-1";
    struct esc_error err;
    struct work_protection *book = work_protection_new(at->desk.bench);
    work_protection_doubt(book, place, strstr(id, "i-"));
    expect_ok(work_protection_keep(book, place, &err));
    work_protection_free(book);
}

/* A region has more instances than a sync asks: what one was told the next one keeps, and asks the
 * others. */
static void protection_is_asked_in_turns_and_never_forgotten(void **)
{
    struct cloud_desk at;
    size_t all = 0;
    struct fake_aws_options options = {.seed = 21,
                                       .size = 900,
                                       .accounts = one_account,
                                       .regions = (const char *[]){"us-east-1", NULL}};
    cloud_desk_open(&at, &options);
    esc_json_free(sync_expect(&at, ESC_OK));
    const size_t first = protected_or_not(&at, &all);
    assert_true(all > 55);
    assert_in_range(first, 40, 50);
    ESC_CLEANUP(esc_freep) char *id = known_instance(&at);
    ESC_CLEANUP(esc_freep) char *fresh = reasons_of(&at, id);
    assert_non_null(strstr(fresh, "\"termination protection is o"));
    assert_null(strstr(fresh, "asked"));
    at.desk.clock.wall_ms += 3 * 3'600'000;
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = sync_expect(&at, ESC_OK);
    const size_t second = protected_or_not(&at, &all);
    assert_true(second > first);
    assert_int_equal(second - first, esc_json_num(body, "changed", -1)); /* nobody else */
    ESC_CLEANUP(esc_freep) char *later = reasons_of(&at, id);
    assert_non_null(strstr(later, "(asked 3 h ago)"));
    doubt(&at, id);
    ESC_CLEANUP(esc_freep) char *doubted = reasons_of(&at, id);
    assert_non_null(strstr(doubted, "(asked 3 h ago, and maybe changed since)"));
    struct esc_error err;
    expect_ok(
        esc_store_doc_del(at.desk.bench->store, "protection", "111111111111 us-east-1", &err));
    ESC_CLEANUP(esc_freep) char *earlier = reasons_of(&at, id); /* of an earlier version */
    assert_non_null(strstr(earlier, "(asked before that was noted)"));
    close_cloud(&at);
}

/* A call of the CLI costs half a second, and a sync makes dozens: for long tests. */
static void both_transports_give_equal_records(void **)
{
    static const char *const all[] = {"", NULL};
    if (!has_cli() || test_rounds(1) == 1)
        skip();
    ESC_CLEANUP(esc_freep) char *native = estate_through("native", all);
    ESC_CLEANUP(esc_freep) char *cli = estate_through("cli", all);
    expect_contains("rds_instance", native);
    expect_contains("sqs_queue", native);
    assert_string_equal(native, cli);
}

/* The most memory this process has ever had. */
static unsigned peak_megabytes(void)
{
    struct rusage usage = {0};
    (void)getrusage(RUSAGE_SELF, &usage); /* it only fails for a wrong pointer */
    return (unsigned)(usage.ru_maxrss / 1024);
}

/* Workbench and cloud in one process, so the real core has less. In a long test of factor 50, a
 * hundred thousand. */
static void a_large_estate_is_taken_in_within_150_megabytes(void **)
{
    const size_t size = test_rounds(1) > 1 ? 2000 * (size_t)test_rounds(1) : 300;
    struct cloud_desk at;
    open_cloud(&at, size);
    const uint64_t start_ms = esc_clock_monotonic_ms(esc_clock_system());
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = sync_expect(&at, ESC_OK);
    print_message("%lld resources, %lld calls, %llu ms, %u MB\n",
                  (long long)esc_json_num(body, "resources", 0),
                  (long long)esc_json_num(body, "calls", 0),
                  (unsigned long long)(esc_clock_monotonic_ms(esc_clock_system()) - start_ms),
                  peak_megabytes());
    assert_true(esc_json_num(body, "resources", 0) > (int64_t)size * 9 / 10);
#ifndef ESC_SANITIZED
    assert_true(peak_megabytes() <= 150);
#endif
    close_cloud(&at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(protection_is_asked_in_turns_and_never_forgotten),
        cmocka_unit_test(
            a_large_estate_is_taken_in_within_150_megabytes), /* before others use any */
        cmocka_unit_test(a_second_sync_of_an_unchanged_cloud_changes_and_embeds_nothing),
        cmocka_unit_test(a_queue_is_asked_about_once),
        cmocka_unit_test(how_much_there_is_to_ask_is_known_from_the_last_time),
        cmocka_unit_test(what_is_gone_from_the_cloud_goes_from_the_estate),
        cmocka_unit_test(a_fault_leaves_every_row_and_the_ledger_names_it),
        cmocka_unit_test(a_session_that_expires_in_the_middle_is_renewed_and_nothing_is_lost),
        cmocka_unit_test(a_resource_too_large_to_keep_costs_itself),
        cmocka_unit_test(both_transports_give_equal_records),
    };
    return cmocka_run_group_tests_name("work/sync_cloud", tests, NULL, NULL);
}
