/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A core that is killed in the middle of a sync. The cloud is this process, the core is a child:
 * it is killed when the cloud gets the n-th call, or some while after the last. What is on disk
 * then is looked at by another child, and a third one goes on.
 *
 *     the estate as it was ─▶ (copied) ─▶ sync of a changed cloud, killed ─▶ looked at ─▶ synced
 *
 * Whole cells only: of a cell that the ledger calls seen in the killed sync, the rows are those of
 * the new cloud; of any other, all rows of the old one are there.
 */

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/paths.h"
#include "escher/loop/timer.h"
#include "tests/work/cloud_desk.h"

static struct esc_error err;
static const char *const accounts[] = {"111111111111", NULL};
static const char *const regions[] = {"us-east-1", "us-west-2", NULL};

enum {
    HOUR_MS = 60 * 60 * 1000,
    MOST_AFTER_MS = 60, /* how long after the last call a kill may come */
};

struct stage {
    struct cloud_desk at;
    struct esc_loop *loop; /* of the cloud */
    struct fake_aws *cloud;
    char *saved;  /* a copy of the home folder */
    char *papers; /* what children write down */
    pid_t child;
    int status;
    bool is_over;
    uint64_t kill_at; /* call; 0: never */
    uint64_t kill_after_ms;
};

/* Children */

static void kill_child(void *context)
{
    struct stage *stage = context;
    if (!stage->is_over)
        (void)kill(stage->child, SIGKILL);
}

static void on_call(void *context, const struct fake_aws_call *call)
{
    struct stage *stage = context;
    if (call->number != stage->kill_at)
        return;
    if (stage->kill_after_ms)
        (void)esc_timer_start(stage->loop, stage->kill_after_ms, kill_child, stage);
    else
        kill_child(stage);
}

static void look_for_end(void *context)
{
    struct stage *stage = context;
    stage->is_over = waitpid(stage->child, &stage->status, WNOHANG) == stage->child;
    if (!stage->is_over)
        (void)esc_timer_start(stage->loop, 1, look_for_end, stage);
}

static bool is_over(void *context)
{
    return ((struct stage *)context)->is_over;
}

typedef void act_fn(struct stage *stage);

/* The child's own randomness, so that no two syncs are called the same. */
static void run_child(struct stage *stage, act_fn *act, uint64_t number)
{
    stage->is_over = false;
    stage->child = fork();
    if (stage->child == 0) {
        esc_random_seeded_init(&stage->at.desk.random, 100 + number);
        expect_ok(desk_open(&stage->at.desk, false, &err));
        act(stage);
        desk_close(&stage->at.desk);
        _exit(0);
    }
    look_for_end(stage);
    assert_true(esc_loop_run_until(stage->loop, is_over, stage));
}

static void expect_well(const struct stage *stage)
{
    assert_true(WIFEXITED(stage->status));
    assert_int_equal(0, WEXITSTATUS(stage->status));
}

static void write_paper(struct stage *stage, const char *name, const char *text)
{
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(stage->papers, name);
    expect_ok(esc_file_replace(path, esc_str_of(text), 0600, &err));
}

static char *read_paper(struct stage *stage, const char *name)
{
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(stage->papers, name);
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_FILE);
    expect_ok(esc_file_read(path, &text, &err));
    return esc_buf_take(&text);
}

static void sync_all(struct stage *stage)
{
    enum esc_status status;
    struct esc_json *body =
        cloud_desk_sync(&stage->at.desk, accounts[0], "\"transport\":\"native\",", &status);
    if (status != ESC_OK) {
        ESC_CLEANUP(esc_freep) char *text = esc_json_print(body, ESC_JSON_COMPACT);
        fail_msg("%s: %.2000s", esc_status_text(status), text);
    }
    esc_json_free(body);
}

static void look(struct stage *stage)
{
    ESC_CLEANUP(esc_freep) char *estate = cloud_desk_estate(&stage->at.desk);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *status = desk_expect(&stage->at.desk, ESC_OK, "GET", "/api/status", NULL);
    ESC_CLEANUP(esc_freep) char *ledger = esc_json_print(status, ESC_JSON_COMPACT);
    write_paper(stage, "estate", estate);
    write_paper(stage, "ledger", ledger);
}

static void first_sync(struct stage *stage)
{
    cloud_desk_add(&stage->at.desk, fake_aws_url(stage->cloud), accounts[0], regions);
    sync_all(stage);
    look(stage);
}

static void sync_and_look(struct stage *stage)
{
    sync_all(stage);
    look(stage);
}

/* The sync that was cut off goes on; the one after it looks everywhere again, also at what takes a
 * look of its own, such as the policies of buckets. */
static void look_then_sync(struct stage *stage)
{
    look(stage);
    sync_all(stage);
    sync_all(stage);
    ESC_CLEANUP(esc_freep) char *estate = cloud_desk_estate(&stage->at.desk);
    write_paper(stage, "in-the-end", estate);
}

/* Folders */

static void copy_folder(const char *from, const char *to)
{
    ESC_CLEANUP(esc_freep) char *all = esc_sprintf("%s/.", from);
    int status = 0;
    const pid_t child = fork();
    if (child == 0) {
        execlp("cp", "cp", "-a", all, to, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(child, waitpid(child, &status, 0));
    assert_int_equal(0, status);
}

static void put_back(struct stage *stage)
{
    ESC_CLEANUP(esc_freep) char *fresh = test_folder();
    copy_folder(stage->saved, fresh);
    free(stage->at.desk.home);
    stage->at.desk.home = ESC_STEAL(fresh);
    assert_int_equal(0, setenv("ESCHER_HOME", stage->at.desk.home, 1));
}

/* What must hold */

/* The ids of a type in a region among the lines, each once more as a line; owned. */
static char *ids_of(const char *lines, const struct esc_json *cell)
{
    ESC_CLEANUP(esc_freep)
    char *region = esc_sprintf("%s-%s-", esc_json_str(cell, "account_id", ""),
                               esc_json_str(cell, "region", ""));
    ESC_CLEANUP(esc_freep)
    char *type = esc_sprintf("-%s-", esc_json_str(cell, "resource_type", "?"));
    const bool anywhere = esc_json_flag(cell, "all_regions", false);
    struct esc_str rest = esc_str_of(lines), line;
    struct esc_buf ids;
    esc_buf_init(&ids, ESC_MAX_FILE);
    while (esc_str_next(&rest, '\n', &line)) {
        const size_t space = esc_str_find(line, ESC_STR(" "), 0);
        if (!esc_str_contains(line, esc_str_of(type)) ||
            (!anywhere && !esc_str_starts_with(line, esc_str_of(region))))
            continue;
        esc_buf_add(&ids, esc_str_slice(line, 0, space));
        esc_buf_add_char(&ids, '\n');
    }
    return esc_buf_take(&ids);
}

static bool has_all(const char *lines, const char *wanted)
{
    struct esc_str rest = esc_str_of(wanted), line;
    while (esc_str_next(&rest, '\n', &line)) {
        ESC_CLEANUP(esc_freep) char *whole = esc_sprintf("%.*s\n", ESC_STR_ARG(line));
        if (line.len > 0 && !strstr(lines, whole))
            return false;
    }
    return true;
}

struct truth {
    const char *before, *after; /* the estate of the old cloud and of the new one */
    const char *at;             /* when the new one was looked at */
};

static void check_cell(const struct truth *truth, const char *estate, const struct esc_json *cell)
{
    ESC_CLEANUP(esc_freep) char *now = ids_of(estate, cell);
    ESC_CLEANUP(esc_freep) char *before = ids_of(truth->before, cell);
    ESC_CLEANUP(esc_freep) char *after = ids_of(truth->after, cell);
    const bool is_new = strcmp(esc_json_str(cell, "at", ""), truth->at) >= 0;
    if (is_new && strcmp(now, after) != 0)
        fail_msg("%s %s was seen, and has\n%s instead of\n%s", esc_json_str(cell, "region", ""),
                 esc_json_str(cell, "operation", ""), now, after);
    if (!is_new && !has_all(now, before))
        fail_msg("%s %s was not seen, and has\n%s of\n%s", esc_json_str(cell, "region", ""),
                 esc_json_str(cell, "operation", ""), now, before);
}

/* Returns how many cells are of the killed sync. */
static size_t check_point(struct stage *stage, const struct truth *truth)
{
    ESC_CLEANUP(esc_freep) char *estate = read_paper(stage, "estate");
    ESC_CLEANUP(esc_freep) char *ledger = read_paper(stage, "ledger");
    ESC_CLEANUP(esc_freep) char *end = read_paper(stage, "in-the-end");
    ESC_CLEANUP(esc_json_freep) struct esc_json *status = NULL;
    size_t fresh = 0;
    expect_ok(esc_json_parse(esc_str_of(ledger), NULL, &status, &err));
    const struct esc_json *cells = esc_json_member(status, "cells");
    assert_true(esc_json_len(cells) > 20);
    for (size_t i = 0; i < esc_json_len(cells); i++) {
        const struct esc_json *cell = esc_json_at(cells, i);
        fresh += strcmp(esc_json_str(cell, "at", ""), truth->at) >= 0;
        if (esc_json_member(cell, "resource_type"))
            check_cell(truth, estate, cell);
    }
    assert_null(esc_json_member(status, "unreadable"));
    assert_string_equal(truth->after, end); /* what was begun is made whole */
    return fresh;
}

/* Setting up */

static void change_the_cloud(struct stage *stage)
{
    fake_aws_remove(stage->cloud, "ec2_instance", 0);
    fake_aws_remove(stage->cloud, "s3_bucket", 0);
    fake_aws_remove(stage->cloud, "ebs_volume", 3);
    fake_aws_remove(stage->cloud, "rds_instance", 2);
    stage->at.desk.clock.wall_ms += HOUR_MS;
}

static void set_stage(struct stage *stage)
{
    *stage = (struct stage){.saved = test_folder(), .papers = test_folder()};
    desk_init(&stage->at.desk);
    expect_ok(esc_loop_new(&stage->loop, &err));
    const struct fake_aws_options options = {.seed = 31,
                                             .size = 250,
                                             .accounts = accounts,
                                             .regions = regions,
                                             .page_size = 20,
                                             .clock = cloud_desk_clock(&stage->at)};
    expect_ok(fake_aws_open(stage->loop, &options, &stage->cloud, &err));
    fake_aws_on_call(stage->cloud, on_call, stage);
    fake_aws_remove(stage->cloud, "ec2_instance", 3);
    fake_aws_remove(stage->cloud, "s3_bucket", 2);
    expect_ok(desk_open(&stage->at.desk, true, &err));
    desk_close(&stage->at.desk);
}

static void strike(struct stage *stage)
{
    fake_aws_close(stage->cloud);
    esc_loop_free(stage->loop);
    desk_done(&stage->at.desk);
    free(stage->saved);
    free(stage->papers);
}

/* The n-th of so many points: half of them at calls, half in the time after the last one. */
static void choose_point(struct stage *stage, int number, int points, uint64_t calls)
{
    const int half = (points + 1) / 2;
    if (number < half) {
        stage->kill_at = 1 + (uint64_t)number * (calls - 1) / (uint64_t)half;
        stage->kill_after_ms = 0;
    } else {
        stage->kill_at = calls;
        stage->kill_after_ms =
            1 + (uint64_t)(number - half) * MOST_AFTER_MS / (uint64_t)(points - half);
    }
}

static void a_kill_at_any_point_of_a_sync_leaves_whole_cells(void **)
{
    struct stage stage;
    set_stage(&stage);
    run_child(&stage, first_sync, 1);
    expect_well(&stage);
    copy_folder(stage.at.desk.home, stage.saved);
    ESC_CLEANUP(esc_freep) char *before = read_paper(&stage, "estate");
    change_the_cloud(&stage);
    char at[ESC_TIME_TEXT];
    esc_time_format(stage.at.desk.clock.wall_ms, at);
    fake_aws_forget(stage.cloud);
    run_child(&stage, sync_and_look, 2);
    expect_well(&stage);
    const uint64_t calls = fake_aws_calls(stage.cloud, NULL, NULL);
    ESC_CLEANUP(esc_freep) char *after = read_paper(&stage, "estate");
    assert_string_not_equal(before, after);
    const struct truth truth = {before, after, at};
    const int points = test_rounds(1) > 1 ? test_rounds(10) : 4; /* a hundred in a long test */
    size_t killed = 0, halfway = 0;
    for (int i = 0; i < points; i++) {
        put_back(&stage);
        fake_aws_forget(stage.cloud);
        choose_point(&stage, i, points, calls);
        run_child(&stage, sync_all, 10 + 2 * (uint64_t)i);
        killed += WIFSIGNALED(stage.status);
        stage.kill_at = 0;
        run_child(&stage, look_then_sync, 11 + 2 * (uint64_t)i);
        expect_well(&stage);
        halfway += check_point(&stage, &truth) > 0;
    }
    assert_true(killed >= (size_t)points / 2);
    assert_true(halfway > 0);
    strike(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kill_at_any_point_of_a_sync_leaves_whole_cells),
    };
    return cmocka_run_group_tests_name("work/sync_kill", tests, NULL, NULL);
}
