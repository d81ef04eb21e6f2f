/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/arena.h"
#include "escher/base/assert.h"
#include "escher/base/limits.h"
#include "escher/base/map.h"
#include "escher/scan/content_hash.h"
#include "escher/scan/policy_reader.h"
#include "escher/store/document.h"
#include "escher/store/estate.h"
#include "escher/work/permission_private.h"
#include "escher/work/permission_probe.h"

/*
 *     start ─▶ policies of each account, unless they are young ─▶ ready
 *              (beside the scan)                                    │ set: each resource
 *                                                                   ▼
 *     finish ─▶ policies of buckets, one probe per type and region ─▶ rows that this or other
 *               (of what was found)                                   policies change ─▶ done
 *
 * Each account has a book. A look is one read of finish; a row is judged again when a look has
 * changed what is known of it, or when the policies are others than before and this sync did not
 * bring it.
 */
enum {
    YOUNG_MS = 24 * 60 * 60 * 1000, /* policies, and probes, are taken as they are until then */
    LOOKS_AT_A_TIME = 4,
    ROWS_AT_A_TIME = 100,
};

struct book {
    struct work_permissions *owner;
    const struct esc_account *account;
    struct esc_policy_reader *reader; /* while it reads */
    struct work_permit *permit;
    bool is_fresh;        /* its policies were read now */
    bool is_other;        /* they decide otherwise than before */
    struct esc_map *seen; /* then: ids of what the sync has brought */
};

struct look {
    struct book *book;
    struct esc_resource *resource; /* a bucket, or a sample */
    bool is_probe;
    struct esc_json *probe; /* while its answer comes */
    void *handle;
};

struct work_permissions {
    struct esc_workbench *bench;
    struct esc_aws_environment *environment;
    enum work_transport transport;
    struct esc_list books; /* struct book * */
    unsigned reading;      /* books */
    struct esc_list looks; /* struct look *, to come */
    struct esc_list active;
    struct esc_map *probed;   /* "ACCOUNT TYPE REGION" that has its look */
    struct esc_list again;    /* char *: ids of rows to judge again */
    struct esc_map *again_is; /* the same as a set */
    size_t again_next;
    bool cancelled;
    work_permissions_fn *ready, *done;
    void *context;
};

static void *make_call(void *context, const struct esc_scan_call *what, esc_scan_answer_fn *done,
                       void *token)
{
    const struct work_permissions *permissions = ((const struct book *)context)->owner;
    const struct work_scan_way way = {permissions->bench, permissions->environment,
                                      permissions->transport};
    return work_scan_call(&way, what, done, token);
}

static void cancel_call(void *, void *handle)
{
    work_cloud_cancel(handle);
}

/* Books. */

static void free_book(void *item)
{
    struct book *book = item;
    work_permit_free(book->permit);
    esc_map_free(book->seen);
    free(book);
}

static void look_free(struct look *look)
{
    esc_resource_free(look->resource);
    esc_json_free(look->probe);
    free(look);
}

static void free_look(void *look)
{
    look_free(look);
}

void work_permissions_free(struct work_permissions *permissions)
{
    esc_list_done(&permissions->books);
    esc_list_done(&permissions->looks);
    esc_list_done(&permissions->active);
    esc_list_done(&permissions->again);
    esc_map_free(permissions->again_is);
    esc_map_free(permissions->probed);
    esc_aws_environment_free(permissions->environment);
    free(permissions);
}

static void tell_ready(void *context)
{
    struct work_permissions *permissions = context;
    permissions->ready(permissions->context);
}

/* An account that nobody could be asked about keeps what was known of it. */
static void took_policies(void *context, struct esc_json *set)
{
    struct book *book = context;
    struct work_permissions *permissions = book->owner;
    ESC_CLEANUP(esc_json_freep) struct esc_json *owned = set;
    const bool is_told =
        set && !esc_text_equal(esc_json_str(set, "caller.kind", "unknown"), "unknown");
    book->reader = NULL;
    if (set && (is_told || !book->permit)) {
        struct work_permit *before = book->permit;
        book->is_fresh = true;
        book->is_other = !before || !work_permit_is_of(before, set);
        book->permit = work_permit_new(permissions->bench, book->account->id, set);
        if (book->is_other) /* another caller, or other policies: the probes were not for them */
            work_permit_set_probes(book->permit, esc_json_object());
        work_permit_free(before);
    }
    if (--permissions->reading == 0)
        tell_ready(permissions);
}

/* A time to come is of a clock that was wrong, and nobody knows how old it is. */
static bool is_young(const struct esc_workbench *bench, const char *at)
{
    const uint64_t now_ms = esc_clock_wall_ms(bench->clock);
    uint64_t at_ms = 0;
    return at && esc_time_parse(esc_str_of(at), &at_ms) && at_ms <= now_ms &&
           now_ms - at_ms < YOUNG_MS;
}

static const char *region_of(const struct esc_account *account)
{
    return account->regions.count ? esc_list_at(&account->regions, 0) : "us-east-1";
}

static void open_book(struct work_permissions *permissions, const struct esc_account *account,
                      bool fresh)
{
    struct esc_workbench *bench = permissions->bench;
    struct book *book = esc_alloc_zero(sizeof *book);
    book->owner = permissions;
    book->account = account;
    book->seen = esc_map_new(NULL);
    book->permit = work_permit_new(bench, account->id, NULL);
    esc_list_push(&permissions->books, book);
    if (book->permit && !fresh &&
        is_young(bench, esc_json_str(work_permit_document(book->permit), "read_at", NULL)))
        return;
    const struct esc_policy_reader_options options = {
        .account = account,
        .region = region_of(account),
        .workers = LOOKS_AT_A_TIME,
        .max_attempts = 3,
        .backoff = {.base_ms = 500, .max_ms = 20'000},
        .clock = bench->clock,
        .random = bench->random,
        .call = make_call,
        .cancel_call = cancel_call,
        .done = took_policies,
        .context = book,
    };
    permissions->reading++;
    book->reader = esc_policy_reader_start(bench->loop, &options);
}

struct work_permissions *work_permissions_start(const struct work_scan_way *way,
                                                const struct esc_list *accounts, bool fresh,
                                                work_permissions_fn *ready, void *context)
{
    struct work_permissions *permissions = esc_alloc_zero(sizeof *permissions);
    permissions->bench = way->bench;
    permissions->environment = esc_aws_environment_copy(way->environment);
    permissions->transport = way->transport;
    permissions->ready = ready;
    permissions->context = context;
    permissions->probed = esc_map_new(NULL);
    permissions->again_is = esc_map_new(NULL);
    esc_list_init(&permissions->books, free_book);
    esc_list_init(&permissions->looks, free_look);
    esc_list_init(&permissions->active, free_look);
    esc_list_init(&permissions->again, free);
    for (size_t i = 0; i < accounts->count; i++)
        open_book(permissions, esc_list_at(accounts, i), fresh);
    if (permissions->reading == 0)
        esc_loop_post(way->bench->loop, tell_ready, permissions);
    return permissions;
}

static struct book *book_of(const struct work_permissions *permissions, const char *account_id)
{
    for (size_t i = 0; i < permissions->books.count; i++) {
        struct book *book = esc_list_at(&permissions->books, i);
        if (esc_text_equal(book->account->id, account_id))
            return book;
    }
    return NULL;
}

/* What finish is to look at. */

static void want_look(struct book *book, const struct esc_resource *resource, bool is_probe)
{
    struct look *look = esc_alloc_zero(sizeof *look);
    look->book = book;
    look->resource = esc_resource_copy(resource);
    look->is_probe = is_probe;
    esc_list_push(&book->owner->looks, look);
}

static bool wants_probe(struct book *book, const struct esc_resource *resource)
{
    struct work_permissions *permissions = book->owner;
    const struct esc_json *document = work_permit_document(book->permit);
    ESC_CLEANUP(esc_freep)
    char *name = esc_sprintf("%s %s", resource->resource_type, resource->region);
    ESC_CLEANUP(esc_freep) char *key = esc_sprintf("%s %s", book->account->id, name);
    if (!esc_text_equal(esc_json_str(document, "organisation.state", ""), "member") ||
        !esc_json_str(document, "caller.iam_arn", NULL) || !resource->arn ||
        esc_map_has(permissions->probed, esc_str_of(key)) ||
        !work_permit_actions(book->permit, resource->resource_type)[0])
        return false;
    esc_map_set(permissions->probed, esc_str_of(key), book);
    const struct esc_json *probe = esc_json_member(work_permit_probes(book->permit), name);
    return !is_young(permissions->bench, esc_json_str(probe, "at", NULL));
}

void work_permissions_set(struct work_permissions *permissions, struct esc_resource *resource)
{
    struct book *book = book_of(permissions, resource->account_id);
    if (!book || !book->permit)
        return;
    work_permit_judge(book->permit, resource);
    if (book->is_other)
        esc_map_set(book->seen, esc_str_of(resource->id), book);
    if (esc_text_equal(resource->resource_type, "s3_bucket"))
        want_look(book, resource, false);
    if (wants_probe(book, resource))
        want_look(book, resource, true);
}

/* Looks. */

static void judge_later(struct work_permissions *permissions, const char *id)
{
    if (esc_map_has(permissions->again_is, esc_str_of(id)))
        return;
    esc_map_set(permissions->again_is, esc_str_of(id), permissions);
    esc_list_push(&permissions->again, esc_strdup(id));
}

static void now_text(const struct work_permissions *permissions, char out[ESC_TIME_TEXT])
{
    esc_time_format(esc_clock_wall_ms(permissions->bench->clock), out);
}

/* What is kept of a bucket's policy; other than before means that the bucket is judged again. */
static void keep_policy(struct look *look, const struct esc_scan_answer *answer)
{
    struct work_permissions *permissions = look->book->owner;
    struct esc_store *store = permissions->bench->store;
    ESC_CLEANUP(esc_json_freep) struct esc_json *before = NULL, *page = esc_json_object();
    const char *text = esc_json_str(answer->output, "Policy", NULL);
    char now[ESC_TIME_TEXT];
    if (answer->category == ESC_CATEGORY_NONE && text)
        esc_json_set_text(page, "document", text);
    else if (answer->category == ESC_CATEGORY_NONE)
        esc_json_set_text(page, "unread", "s3:GetBucketPolicy gave no document");
    else if (!esc_text_equal(answer->code, "NoSuchBucketPolicy")) {
        ESC_CLEANUP(esc_freep)
        char *why = esc_sprintf("s3:GetBucketPolicy: %s",
                                answer->code && *answer->code ? answer->code : "no answer");
        esc_json_set_text(page, "unread", why);
    }
    if (esc_store_doc_get(store, WORK_IAM_RESOURCE, look->resource->id, &before, NULL) == ESC_OK) {
        esc_json_remove(before, "at");
        if (esc_json_equal(before, page))
            return;
    }
    now_text(permissions, now);
    esc_json_set_text(page, "at", now);
    if (esc_store_doc_put(store, WORK_IAM_RESOURCE, look->resource->id, page, NULL) == ESC_OK)
        judge_later(permissions, look->resource->id); /* else it stays as it was known */
}

/* Rows of a type and a region, for which a probe has spoken. */
static void judge_all_later(struct look *look)
{
    const struct esc_index *index = look->book->owner->bench->index;
    const struct esc_resource *sample = look->resource;
    struct esc_arena ids;
    esc_arena_init(&ids);
    for (size_t i = 0; i < esc_index_count(index); i++) {
        const struct esc_card card = esc_index_at(index, i, NULL);
        if (esc_text_equal(card.resource_type, sample->resource_type) &&
            esc_text_equal(card.region, sample->region) &&
            esc_text_equal(card.account_id, sample->account_id))
            judge_later(look->book->owner, esc_index_at(index, i, &ids).id);
    }
    esc_arena_done(&ids);
}

static void keep_probe(struct look *look, const struct esc_scan_answer *answer)
{
    struct work_permit *permit = look->book->permit;
    const struct esc_json *known = work_permit_probes(permit);
    struct esc_json *probes = known ? esc_json_copy(known) : esc_json_object();
    ESC_CLEANUP(esc_freep)
    char *key = esc_sprintf("%s %s", look->resource->resource_type, look->resource->region);
    const struct esc_json *before = esc_json_member(esc_json_member(probes, key), "allows");
    const bool same = before && esc_json_equal(before, esc_json_member(look->probe, "allows"));
    if (answer->category != ESC_CATEGORY_NONE)
        esc_json_set_text(look->probe, "refused", answer->code ? answer->code : "no answer");
    esc_json_set(probes, key, esc_json_ref(look->probe));
    work_permit_set_probes(permit, probes);
    if (!same && esc_json_len(esc_json_member(look->probe, "allows")))
        judge_all_later(look);
}

static void pump(struct work_permissions *permissions);

static void looked(void *token, const struct esc_scan_answer *answer)
{
    struct look *look = token;
    struct work_permissions *permissions = look->book->owner;
    if (look->is_probe && answer->category == ESC_CATEGORY_NONE)
        work_probe_add(look->probe, answer->output);
    if (answer->more)
        return;
    (void)esc_list_drop(&permissions->active, look);
    if (permissions->cancelled)
        ; /* nobody wants it any more */
    else if (look->is_probe)
        keep_probe(look, answer);
    else
        keep_policy(look, answer);
    look_free(look);
    pump(permissions);
}

static void begin_look(struct look *look)
{
    struct work_permissions *permissions = look->book->owner;
    struct esc_scan_call call = {.account = look->book->account, .region = look->resource->region};
    ESC_CLEANUP(esc_json_freep) struct esc_json *params = NULL;
    char now[ESC_TIME_TEXT];
    if (look->is_probe) {
        now_text(permissions, now);
        look->probe = work_probe_new(look->resource, now);
        call.operation = esc_operation_find("iam", "SimulatePrincipalPolicy");
        params = work_probe_params(
            esc_json_str(work_permit_document(look->book->permit), "caller.iam_arn", ""),
            look->resource, work_permit_actions(look->book->permit, look->resource->resource_type));
    } else {
        call.operation = esc_operation_find("s3", "GetBucketPolicy");
        params = esc_json_object();
        esc_json_set_text(params, "Bucket", look->resource->identifier);
    }
    ESC_ASSERT(call.operation);
    call.params = params;
    esc_list_push(&permissions->active, look);
    look->handle = make_call(look->book, &call, looked, look);
}

/* Rows. */

static bool find_unseen(void *context, const struct esc_resource *resource, const float *)
{
    struct work_permissions *permissions = context;
    const struct book *book = book_of(permissions, resource->account_id);
    if (book && book->is_other && !esc_map_has(book->seen, esc_str_of(resource->id)))
        judge_later(permissions, resource->id);
    return true;
}

static void find_all_unseen(struct work_permissions *permissions)
{
    bool any = false;
    for (size_t i = 0; i < permissions->books.count; i++)
        any |= ((const struct book *)esc_list_at(&permissions->books, i))->is_other;
    if (any)
        (void)esc_store_estate_each(permissions->bench->store, find_unseen, permissions, NULL,
                                    NULL); /* a row that does not open has nothing to judge */
}

/* Writes the row when it says something else now. That it was seen is not told again. */
static void judge_row(struct work_permissions *permissions, const char *id)
{
    struct esc_store *store = permissions->bench->store;
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = NULL;
    struct esc_error err;
    char hash[ESC_HASH_TEXT];
    if (esc_store_estate_get(store, id, &resource, NULL, NULL, &err) != ESC_OK)
        return; /* it is gone, or damaged: a sync sees to that */
    struct book *book = book_of(permissions, resource->account_id);
    if (!book || !book->permit || !work_permit_judge_again(book->permit, resource))
        return;
    esc_content_hash(resource, hash);
    free(resource->content_hash);
    resource->content_hash = esc_strdup(hash);
    free(ESC_STEAL(resource->seen_in));
    const struct esc_resource *const one[] = {resource};
    (void)esc_store_estate_put(store, one, NULL, 1, NULL, &err); /* the next sync tries again */
}

static void store_books(struct work_permissions *permissions)
{
    for (size_t i = 0; i < permissions->books.count; i++) {
        const struct book *book = esc_list_at(&permissions->books, i);
        struct esc_error err;
        if (book->permit)
            (void)work_permit_store(book->permit, &err); /* read again, and counted, next time */
    }
}

static void judge_rows(void *context)
{
    struct work_permissions *permissions = context;
    struct esc_store *store = permissions->bench->store;
    const size_t left = permissions->again.count - permissions->again_next;
    const size_t count = left < ROWS_AT_A_TIME ? left : ROWS_AT_A_TIME;
    const bool together = esc_store_begin(store, NULL) == ESC_OK;
    for (size_t i = 0; i < count && !permissions->cancelled; i++)
        judge_row(permissions, esc_list_at(&permissions->again, permissions->again_next++));
    const bool over = permissions->cancelled || permissions->again_next == permissions->again.count;
    if (over && !permissions->cancelled)
        store_books(permissions);
    if (together)
        (void)esc_store_commit(store, NULL); /* what failed is tried again by the next sync */
    if (!over) {
        esc_loop_post(permissions->bench->loop, judge_rows, permissions);
        return;
    }
    work_permissions_fn *done = permissions->done;
    void *owner = permissions->context;
    work_permissions_free(permissions);
    done(owner);
}

static void pump(struct work_permissions *permissions)
{
    while (!permissions->cancelled && permissions->looks.count &&
           permissions->active.count < LOOKS_AT_A_TIME)
        begin_look(esc_list_remove(&permissions->looks, 0));
    if (permissions->active.count)
        return;
    if (!permissions->cancelled)
        find_all_unseen(permissions);
    esc_loop_post(permissions->bench->loop, judge_rows, permissions);
}

void work_permissions_finish(struct work_permissions *permissions, work_permissions_fn *done)
{
    permissions->done = done;
    pump(permissions);
}

void work_permissions_cancel(struct work_permissions *permissions)
{
    permissions->cancelled = true;
    for (size_t i = 0; i < permissions->books.count; i++) {
        const struct book *book = esc_list_at(&permissions->books, i);
        if (book->reader)
            esc_policy_reader_cancel(book->reader);
    }
    for (size_t i = 0; i < permissions->active.count; i++)
        work_cloud_cancel(((const struct look *)esc_list_at(&permissions->active, i))->handle);
}
