/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/store/document.h"
#include "escher/store/runs.h"
#include "escher/work/run_private.h"

/* The start page: what may be asked of this estate, what is under way, what could not be seen; and
 * the settings of the pages, which all doors share. */
enum {
    MOST_EXAMPLES = 3,
    MOST_SETTINGS = 16 * 1024, /* bytes of JSON */
};

/* A name that can be shown in a sentence without quotes. */
static bool is_plain(const char *name)
{
    const struct esc_str text = esc_str_of(name);
    for (size_t i = 0; i < text.len; i++) {
        if (!esc_is_alnum(text.ptr[i]) && text.ptr[i] != '-' && text.ptr[i] != '_')
            return false;
    }
    return text.len > 0 && text.len <= 40;
}

static bool is_ready(const struct esc_card *card)
{
    return card->can_stop && is_plain(card->name);
}

static bool is_bucket(const struct esc_card *card)
{
    return esc_text_equal(card->resource_type, "s3_bucket") && is_plain(card->name);
}

/* One example of each kind, the first resource that fits it, what is not production before what is. */
static const struct {
    const char *pattern; /* "%s" is the name */
    bool (*fits)(const struct esc_card *card);
} kinds[MOST_EXAMPLES] = {
    {"Stop %s", is_ready},
    {"Which databases are in production?", NULL},
    {"Block public access to %s", is_bucket},
};

/* The name of the first that fits, or NULL. */
static const char *first_that(const struct esc_index *index,
                              bool (*fits)(const struct esc_card *card))
{
    const char *first = NULL;
    for (size_t i = 0; i < esc_index_count(index); i++) {
        const struct esc_card card = esc_index_at(index, i, NULL);
        if (!fits(&card))
            continue;
        if (!esc_text_equal(card.environment, "production"))
            return card.name;
        first = first ? first : card.name;
    }
    return first;
}

static struct esc_json *examples_page(const struct esc_index *index)
{
    struct esc_json *examples = esc_json_array();
    for (size_t i = 0; i < MOST_EXAMPLES && esc_index_count(index); i++) {
        const char *name = kinds[i].fits ? first_that(index, kinds[i].fits) : NULL;
        if (kinds[i].fits && !name)
            continue;
        struct esc_buf text;
        esc_buf_init(&text, ESC_MAX_LINE);
        const struct esc_str pattern = esc_str_of(kinds[i].pattern);
        const size_t hole = esc_str_find(pattern, ESC_STR("%s"), 0);
        esc_buf_add(&text, esc_str_slice(pattern, 0, hole));
        if (name)
            esc_buf_add_text(&text, name);
        esc_json_push(examples, esc_json_string(esc_buf_str(&text)));
        esc_buf_done(&text);
    }
    return examples;
}

static struct esc_json *running_page(const struct esc_workbench *bench)
{
    struct esc_json *running = esc_json_array();
    for (size_t i = 0; i < bench->runs.count; i++) {
        ESC_CLEANUP(esc_json_freep)
        struct esc_json *document = work_run_document(bench->runs.items[i]);
        esc_json_push(running, work_run_page(document));
    }
    return running;
}

struct waiting {
    struct esc_json *plans;
    uint64_t now_ms;
};

static bool add_waiting(void *context, const char *hash, const struct esc_json *kept)
{
    const struct waiting *waiting = context;
    const uint64_t expires_ms = work_plan_expires_ms(kept);
    char expires[ESC_TIME_TEXT];
    if (!esc_text_equal(esc_json_str(kept, "state", ""), "awaiting_approval") ||
        expires_ms < waiting->now_ms)
        return true;
    esc_time_format(expires_ms, expires);
    struct esc_json *plan = esc_json_object();
    const struct esc_json *targets = esc_json_get(kept, "plan.targets");
    esc_json_set_text(plan, "plan_hash", hash);
    esc_json_set_text(plan, "prompt", esc_json_str(kept, "prompt", ""));
    esc_json_set_text(plan, "conversation", esc_json_str(kept, "conversation", ""));
    esc_json_set_text(plan, "expires_at", expires);
    esc_json_set(plan, "targets", targets ? esc_json_copy(targets) : esc_json_array());
    esc_json_push(waiting->plans, plan);
    return true;
}

static struct esc_json *waiting_page(const struct esc_workbench *bench)
{
    struct waiting waiting = {esc_json_array(), esc_clock_wall_ms(bench->clock)};
    (void)esc_store_plans(bench->store, add_waiting, &waiting, NULL,
                          NULL); /* a plan that does not open waits for nobody */
    return waiting.plans;
}

static bool has_emulator(const struct esc_workbench *bench)
{
    for (size_t i = 0; i < bench->accounts.count; i++) {
        if (((const struct esc_account *)bench->accounts.items[i])->emulator)
            return true;
    }
    return false;
}

void work_home(struct esc_api_call *call)
{
    const struct esc_workbench *bench = call->bench;
    struct esc_json *body = esc_json_object();
    esc_json_set_text(body, "profile", bench->paths.profile);
    esc_json_set_int(body, "resources", (int64_t)esc_index_count(bench->index));
    esc_json_set_int(body, "accounts", (int64_t)bench->accounts.count);
    esc_json_set_bool(body, "demo", has_emulator(bench));
    esc_json_set(body, "demo_cloud", work_demo_page(bench));
    esc_json_set_bool(body, "syncing", bench->syncing);
    work_add_last_sync(bench, body);
    esc_json_set(body, "examples", examples_page(bench->index));
    esc_json_set(body, "running", running_page(bench));
    esc_json_set(body, "waiting", waiting_page(bench));
    esc_json_set(body, "gaps", work_gaps(bench, NULL));
    work_ok(call, body);
}

/* Settings: what a page likes to remember. The core gives it no meaning but for `transport`
 * (cloud.c). */

void work_settings_show(struct esc_api_call *call)
{
    struct esc_json *settings = NULL;
    struct esc_error err;
    const enum esc_status status =
        esc_store_doc_get(call->bench->store, "settings", "page", &settings, &err);
    if (status != ESC_OK && status != ESC_NOT_FOUND) {
        work_fail(call, &err);
        return;
    }
    struct esc_json *body = esc_json_object();
    esc_json_set(body, "settings", settings ? settings : esc_json_object());
    work_ok(call, body);
}

void work_settings_put(struct esc_api_call *call)
{
    const struct esc_json *settings = esc_json_member(call->args, "settings");
    struct esc_error err;
    ESC_CLEANUP(esc_freep)
    char *text = settings ? esc_json_print(settings, ESC_JSON_COMPACT) : esc_strdup("");
    enum esc_status status = ESC_OK;
    if (!esc_json_is(settings, ESC_JSON_OBJECT))
        status = esc_fail(&err, ESC_INVALID, "settings must be an object");
    else if (esc_str_of(text).len > MOST_SETTINGS)
        status = esc_fail(&err, ESC_LIMIT, "settings are at most %d KiB", MOST_SETTINGS / 1024);
    if (status == ESC_OK)
        status = esc_store_doc_put(call->bench->store, "settings", "page", settings, &err);
    if (status != ESC_OK) {
        work_fail(call, &err);
        return;
    }
    work_settings_show(call);
}
