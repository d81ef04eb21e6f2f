/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/limits.h"
#include "escher/base/log.h"
#include "escher/loop/job.h"
#include "escher/store/key_change.h"
#include "escher/store/recovery.h"
#include "escher/store/rotation.h"
#include "escher/work/key_private.h"

enum {
    ROWS_A_TURN = 100
};

/* What is told */

static void add_time(struct esc_json *page, const char *name, const char *ms_name)
{
    const int64_t at_ms = esc_json_num(page, ms_name, 0);
    esc_json_set_time(page, name, at_ms > 0 ? (uint64_t)at_ms : 0);
}

/* Times as text, the way all answers have them. */
static void tell_times(struct esc_json *page)
{
    static const char *const names[][2] = {{"since", "since_ms"},
                                           {"recovery_since", "recovery_since_ms"},
                                           {"began", "began_ms"},
                                           {"done", "sealed_ms"}};
    for (size_t i = 0; i < ESC_COUNT(names); i++) {
        add_time(page, names[i][0], names[i][1]);
        esc_json_remove(page, names[i][1]);
    }
}

struct esc_json *work_keys_page(const struct esc_workbench *bench, struct esc_error *err)
{
    struct esc_buf says;
    struct esc_json *page = NULL;
    if (esc_store_keys_page(bench->store, &page, err) != ESC_OK)
        return NULL;
    tell_times(page);
    struct esc_json *rotation = esc_json_get_mutable(page, "rotation");
    if (rotation)
        tell_times(rotation);
    const bool has_code = esc_json_member(page, "recovery_since") != NULL;
    esc_buf_init(&says, ESC_MAX_NAME);
    esc_buf_add_text(&says, "open, kept in ");
    esc_keyring_describe(bench->keyring, &says);
    if (esc_json_flag(page, "passphrase", false))
        esc_buf_add_text(&says, " and a passphrase");
    esc_buf_add_text(&says, has_code ? ", with a recovery code" : ", without a recovery code");
    esc_json_set_str(page, "says", esc_buf_str(&says));
    esc_buf_done(&says);
    esc_json_set_bool(page, "recovery", has_code);
    if (!has_code)
        esc_json_set_text(page, "cure", "escher key recovery");
    return page;
}

void work_keys_show(struct esc_api_call *call)
{
    struct esc_error err;
    struct esc_json *page = work_keys_page(call->bench, &err);
    if (page)
        work_ok(call, page);
    else
        work_fail(call, &err);
}

static void tell_progress(struct esc_api_call *call, const struct esc_rotation *rotation)
{
    struct esc_json *event = work_event_new("key.progress", NULL);
    struct esc_json *data = esc_json_object();
    esc_json_set_int(data, "sealed", (int64_t)rotation->sealed);
    esc_json_set_int(data, "rows", (int64_t)rotation->rows);
    esc_json_set(event, "data", data);
    work_tell(call, event);
}

/* Tidying */

struct tidying {
    struct esc_workbench *bench;
    struct esc_json *stale, *gone;
    enum esc_status status;
    struct esc_error err;
};

static void tidy_away(void *context)
{
    struct tidying *tidying = context;
    tidying->status = esc_stale_items_delete(tidying->stale, tidying->bench->keyring,
                                             &tidying->gone, &tidying->err);
}

static void tidied(void *context, enum esc_status ended)
{
    struct tidying *tidying = context;
    struct esc_workbench *bench = tidying->bench;
    bench->key_jobs--;
    /* What could not be deleted stays on the list, for the next start. */
    if (ended != ESC_OK)
        tidying->status = esc_fail(&tidying->err, ended, "stopped before it had begun");
    if (tidying->status != ESC_OK ||
        esc_store_forget_items(bench->store, tidying->gone, &tidying->err) != ESC_OK)
        esc_log(ESC_WARN, "an old key is still in the keyring", F("why", tidying->err.message));
    esc_json_free(tidying->stale);
    esc_json_free(tidying->gone);
    free(tidying);
}

void work_keys_tidy(struct esc_workbench *bench)
{
    struct esc_json *stale = NULL;
    if (esc_store_stale_items(bench->store, &stale, NULL) != ESC_OK || !esc_json_len(stale)) {
        esc_json_free(stale);
        return;
    }
    struct tidying *tidying = esc_alloc_zero(sizeof *tidying);
    *tidying = (struct tidying){.bench = bench, .stale = stale};
    bench->key_jobs++;
    (void)esc_job_start(bench->loop, tidy_away, tidied, tidying);
}

/* Sealing rows anew */

static void end_sealing(struct esc_workbench *bench, const struct esc_error *failure)
{
    struct esc_error err;
    bench->sealing = false;
    while (bench->waiting_keys.count) {
        struct esc_api_call *call = esc_list_remove(&bench->waiting_keys, 0);
        struct esc_json *page = failure ? NULL : work_keys_page(bench, &err);
        call->cancel = NULL;
        if (page)
            work_ok(call, page);
        else
            work_fail(call, failure ? failure : &err);
    }
}

static void take_turn(void *context)
{
    struct esc_workbench *bench = context;
    struct esc_rotation rotation;
    struct esc_error err;
    enum esc_status status = ESC_OK;
    if (bench->leaving)
        status = esc_fail(&err, ESC_CANCELLED, "the rest is sealed anew at the next start");
    if (status == ESC_OK)
        status = esc_store_rotation_step(bench->store, ROWS_A_TURN, &rotation, &err);
    if (status != ESC_OK) {
        end_sealing(bench, &err);
        return;
    }
    for (size_t i = 0; i < bench->waiting_keys.count; i++)
        tell_progress(bench->waiting_keys.items[i], &rotation);
    if (rotation.state == ESC_ROTATION_SEALING) {
        esc_loop_post(bench->loop, take_turn, bench);
        return;
    }
    work_changed(bench, "keys");
    end_sealing(bench, NULL);
}

static void begin_sealing(struct esc_workbench *bench)
{
    if (bench->sealing)
        return;
    bench->sealing = true;
    esc_loop_post(bench->loop, take_turn, bench);
}

static void stop_waiting(struct esc_api_call *call)
{
    struct esc_error err;
    (void)esc_list_drop(&call->bench->waiting_keys, call);
    (void)esc_fail(&err, ESC_CANCELLED, "nobody waits; the rows are sealed anew nevertheless");
    work_fail(call, &err);
}

static void await_sealing(struct esc_api_call *call)
{
    call->cancel = stop_waiting;
    esc_list_push(&call->bench->waiting_keys, call);
    begin_sealing(call->bench);
}

/* Changing */

struct changing {
    struct esc_api_call *call;
    struct esc_key_change *change;
    struct esc_secret *code;
    void (*then)(struct esc_api_call *call, const struct esc_secret *code);
    enum esc_status status;
    struct esc_error err;
};

static void do_work(void *context)
{
    struct changing *changing = context;
    changing->status = esc_key_change_work(changing->change, &changing->err);
}

static void changing_free(struct changing *changing)
{
    esc_key_change_free(changing->change);
    esc_secret_free(changing->code);
    free(changing);
}

static void worked(void *context, enum esc_status ended)
{
    struct changing *changing = context;
    struct esc_api_call *call = changing->call;
    struct esc_workbench *bench = call->bench;
    bench->key_jobs--;
    if (ended != ESC_OK)
        changing->status = esc_fail(&changing->err, ended, "stopped before it had begun");
    else if (changing->status == ESC_OK && call->cancelled) /* there is nobody to tell a code to */
        changing->status = esc_fail(&changing->err, ESC_CANCELLED, "cancelled; no key was changed");
    if (changing->status == ESC_OK)
        changing->status = esc_key_change_commit(changing->change, &changing->err);
    if (changing->status != ESC_OK) {
        const struct esc_error err = changing->err;
        changing_free(changing);
        work_keys_tidy(bench); /* what was put and is not used */
        work_fail(call, &err);
        return;
    }
    esc_key_change_free(ESC_STEAL(changing->change));
    work_changed(bench, "keys");
    changing->then(call, changing->code);
    changing_free(changing);
}

static void start_change(struct changing *changing, struct esc_key_change_options options,
                         const char *kind, const char *text)
{
    struct esc_api_call *call = changing->call;
    struct esc_error err;
    ESC_CLEANUP(esc_json_freep) struct esc_json *event = esc_json_object();
    esc_json_set_text(event, "kind", kind);
    esc_json_set_text(event, "text", text);
    options.event = event;
    if (esc_key_change_begin(call->bench->store, &options, &changing->change, &err) != ESC_OK) {
        changing_free(changing);
        work_fail(call, &err);
        return;
    }
    call->bench->key_jobs++;
    (void)esc_job_start(call->bench->loop, do_work, worked, changing);
}

/* What a mixed store is opened with; a file keyring has its own use of the passphrase. */
static const struct esc_secret *mixed_passphrase(const struct esc_workbench *bench)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = NULL;
    const bool is_known = esc_store_keys_page(bench->store, &page, NULL) == ESC_OK;
    return is_known && esc_json_flag(page, "passphrase", false) ? bench->passphrase : NULL;
}

static void rotated(struct esc_api_call *call, const struct esc_secret *)
{
    await_sealing(call);
}

void work_keys_rotate(struct esc_api_call *call)
{
    struct esc_workbench *bench = call->bench;
    struct esc_rotation rotation;
    struct esc_error err;
    if (esc_store_rotation(bench->store, &rotation, &err) != ESC_OK) {
        work_fail(call, &err);
        return;
    }
    if (rotation.state == ESC_ROTATION_SEALING) { /* goes on */
        await_sealing(call);
        return;
    }
    struct changing *changing = esc_alloc_zero(sizeof *changing);
    *changing = (struct changing){.call = call, .then = rotated};
    start_change(changing,
                 (struct esc_key_change_options){.kind = ESC_KEY_ROTATE,
                                                 .to = bench->keyring,
                                                 .new_passphrase = mixed_passphrase(bench)},
                 "keys_rotated", "a new key-encryption key, and new data keys");
}

static void give_code(struct esc_api_call *call, const struct esc_secret *code)
{
    struct esc_json *body = esc_json_object();
    esc_json_set_str(body, "code", esc_secret_view(code));
    work_ok(call, body);
}

void work_keys_recovery(struct esc_api_call *call)
{
    struct esc_workbench *bench = call->bench;
    struct changing *changing = esc_alloc_zero(sizeof *changing);
    *changing = (struct changing){
        .call = call, .code = esc_recovery_code_new(bench->random), .then = give_code};
    start_change(changing,
                 (struct esc_key_change_options){.kind = ESC_KEY_CODE,
                                                 .from = bench->keyring,
                                                 .passphrase = mixed_passphrase(bench),
                                                 .new_code = changing->code},
                 "recovery_code", "a new recovery code in place of the one before");
}

/* The workbench */

void work_keys_take_up(struct esc_workbench *bench)
{
    struct esc_rotation rotation;
    if (esc_store_rotation(bench->store, &rotation, NULL) == ESC_OK &&
        rotation.state == ESC_ROTATION_SEALING)
        begin_sealing(bench);
    work_keys_tidy(bench);
}

void work_keys_leave(struct esc_workbench *bench)
{
    bench->leaving = true;
}

bool work_keys_are_quiet(const struct esc_workbench *bench)
{
    return !bench->sealing && bench->key_jobs == 0;
}
