/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/log.h"
#include "escher/work/backup_private.h"

/*
 * The schedule: what is due is on disk (backup_book.c), so it is looked at the wall clock again
 * and again. A timer does not count while the machine sleeps, hence never a long one.
 */
enum {
    FIRST_LOOK_MS = 60'000, /* after the start, which has other things to do */
    LOOK_MS = 5 * 60'000,
    UPLOAD_AGAIN_MS = 60 * 60'000,
};

static void ask(struct esc_workbench *bench, const char *path)
{
    struct esc_aws_environment *environment = esc_aws_environment_of_process();
    const struct esc_api_request request = {
        .method = "POST", .path = path, .environment = environment};
    (void)work_call_detached(bench, &request); /* the feed and the status tell how it ended */
    esc_aws_environment_free(environment);
}

static bool wants_upload(struct esc_workbench *bench)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *list = NULL;
    const uint64_t now_ms = esc_clock_monotonic_ms(bench->clock);
    if (now_ms < bench->backup_upload_after_ms || backup_list(bench, &list, NULL) != ESC_OK)
        return false;
    const struct esc_json *newest = backup_newest(bench, list, NULL);
    if (!newest)
        return false;
    bench->backup_upload_after_ms = now_ms + UPLOAD_AGAIN_MS;
    return backup_upload_is_wanted(bench, newest);
}

void work_backup_look(struct esc_workbench *bench)
{
    struct backup_history history;
    const uint64_t now_ms = esc_clock_wall_ms(bench->clock);
    if (bench->backup)
        return;
    backup_history_load(bench, &history);
    if (backup_due_ms(&history, now_ms) <= now_ms)
        ask(bench, "/api/backups");
    else if (wants_upload(bench))
        ask(bench, "/api/backups/upload");
}

static void on_time(void *context)
{
    struct esc_workbench *bench = context;
    bench->backup_timer = esc_timer_start(bench->loop, LOOK_MS, on_time, bench);
    work_backup_look(bench);
}

void work_backup_schedule(struct esc_workbench *bench)
{
    bench->backup_timer = esc_timer_start(bench->loop, FIRST_LOOK_MS, on_time, bench);
}
