/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/work/permission_sync_private.h"

/*
 *     start ─▶ policies of each account, unless they are young ─▶ ready
 *              (beside the scan)                                    │ set: each resource
 *                                                                   ▼
 *     finish ─▶ looks: policies of resources, one probe per type and region ─▶ rows that this
 *               (of what was found; permission_look.c)       or other policies change ─▶ done
 *                                                            (permission_rows.c)
 *
 * Each account has a book. A look is one read of finish; a row is judged again when a look has
 * changed what is known of it, or when the policies are others than before and this sync did not
 * bring it.
 */
enum {
    YOUNG_MS = 24 * 60 * 60 * 1000 /* policies, and probes, are taken as they are until then */
};

void *permission_call(const struct work_permissions *permissions, const struct esc_scan_call *what,
                      esc_scan_answer_fn *done, void *token)
{
    const struct work_scan_way way = {permissions->bench, permissions->environment,
                                      permissions->transport};
    return work_scan_call(&way, what, done, token);
}

static void cancel_call(void *, void *handle)
{
    work_cloud_cancel(handle);
}

static void *call(void *context, const struct esc_scan_call *what, esc_scan_answer_fn *done,
                  void *token)
{
    return permission_call(((const struct permission_book *)context)->owner, what, done, token);
}

struct esc_policy_reader *permission_start_reader(struct work_permissions *permissions,
                                                  struct esc_policy_reader_options options)
{
    const struct esc_workbench *bench = permissions->bench;
    options.workers = PERMISSION_CALLS;
    options.max_attempts = 3;
    options.backoff = (struct esc_backoff){.base_ms = 500, .max_ms = 20'000};
    options.clock = bench->clock;
    options.random = bench->random;
    options.cancel_call = cancel_call;
    permissions->reading++;
    return esc_policy_reader_start(bench->loop, &options);
}

/* Books. */

static void free_book(void *item)
{
    struct permission_book *book = item;
    work_permit_free(book->permit);
    esc_json_free(book->set);
    esc_map_free(book->seen);
    free(book);
}

void work_permissions_free(struct work_permissions *permissions)
{
    if (!permissions)
        return;
    esc_list_done(&permissions->books);
    esc_list_done(&permissions->trees);
    permission_lanes_free(permissions->lanes);
    esc_list_done(&permissions->active);
    esc_list_done(&permissions->again);
    esc_map_free(permissions->keys);
    esc_map_free(permissions->again_is);
    work_index_walk_done(&permissions->walk);
    permission_past_done(&permissions->past);
    esc_map_free(permissions->probed);
    esc_map_free(permissions->heard);
    esc_aws_environment_free(permissions->environment);
    free(permissions);
}

static bool is_told(const struct esc_json *set)
{
    return !esc_text_equal(esc_json_str(set, "caller.kind", "unknown"), "unknown");
}

/* An account that nobody could be asked about keeps what was known of it. */
static void open_set(struct permission_book *book)
{
    if (book->set && book->permit && !is_told(book->set))
        esc_json_free(ESC_STEAL(book->set));
    permission_add_organisation(book);
    ESC_CLEANUP(esc_json_freep) struct esc_json *set = ESC_STEAL(book->set);
    if (!set)
        return;
    struct work_permit *before = book->permit;
    book->is_other = !before || !work_permit_is_of(before, set);
    book->permit = work_permit_new(book->owner->bench, book->account->id, set);
    if (book->is_other) /* another caller, or other policies: the probes were not for them */
        work_permit_set_probes(book->permit, esc_json_object());
    work_permit_free(before);
}

void permission_read(struct work_permissions *permissions)
{
    if (--permissions->reading > 0)
        return;
    permission_read_organisations(permissions);
    if (permissions->reading > 0)
        return;
    for (size_t i = 0; i < permissions->books.count; i++)
        open_set(esc_list_at(&permissions->books, i));
    permissions->ready(permissions->context);
}

static void started(void *context)
{
    permission_read(context);
}

static void took_policies(void *context, struct esc_json *set)
{
    struct permission_book *book = context;
    book->reader = NULL;
    book->set = set;
    permission_read(book->owner);
}

/* A time to come is of a clock that was wrong, and nobody knows how old it is. */
bool permission_is_young(const struct esc_workbench *bench, const char *at)
{
    const uint64_t now_ms = esc_clock_wall_ms(bench->clock);
    uint64_t at_ms = 0;
    return at && esc_time_parse(esc_str_of(at), &at_ms) && at_ms <= now_ms &&
           now_ms - at_ms < YOUNG_MS;
}

static const char *region_of(const struct esc_account *account)
{
    return account->regions.count ? esc_list_at(&account->regions, 0)
                                  : esc_account_main_region(account);
}

/* Who stands above the accounts of an organisation is read by its management account, where the book
 * has that. */
static bool wants_delegate(void *context, const char *management)
{
    const struct permission_book *book = context;
    return !work_account_find(book->owner->bench, management);
}

static void open_book(struct work_permissions *permissions, const struct esc_account *account,
                      bool fresh)
{
    struct esc_workbench *bench = permissions->bench;
    struct permission_book *book = esc_alloc_zero(sizeof *book);
    book->owner = permissions;
    book->account = account;
    book->seen = esc_map_new(NULL);
    book->permit = work_permit_new(bench, account->id, NULL);
    esc_list_push(&permissions->books, book);
    if (book->permit && !fresh &&
        permission_is_young(bench,
                            esc_json_str(work_permit_document(book->permit), "read_at", NULL)))
        return;
    const struct esc_policy_reader_options options = {
        .account = account,
        .region = region_of(account),
        .wants_delegate = wants_delegate,
        .call = call,
        .done = took_policies,
        .context = book,
    };
    book->reader = permission_start_reader(permissions, options);
}

struct work_permissions *work_permissions_start(const struct work_scan_way *way,
                                                const struct esc_list *accounts,
                                                enum work_freshness fresh,
                                                work_permissions_fn *ready, void *context)
{
    struct work_permissions *permissions = esc_alloc_zero(sizeof *permissions);
    permissions->bench = way->bench;
    permissions->environment = esc_aws_environment_copy(way->environment);
    permissions->transport = way->transport;
    permissions->fresh = fresh;
    permissions->reading = 1; /* until all have been started */
    permissions->ready = ready;
    permissions->context = context;
    permissions->probed = esc_map_new(NULL);
    permissions->keys = esc_map_new(NULL);
    permissions->heard = esc_map_new(esc_json_free_item);
    permissions->again_is = esc_map_new(NULL);
    esc_list_init(&permissions->books, free_book);
    esc_list_init(&permissions->trees, permission_tree_free);
    permissions->lanes =
        permission_lanes_new(work_scan_calls(way->transport), permission_look_free);
    permissions->walk.bench = way->bench;
    esc_list_init(&permissions->active, permission_look_free);
    esc_list_init(&permissions->again, free);
    for (size_t i = 0; i < accounts->count; i++)
        open_book(permissions, esc_list_at(accounts, i), fresh != WORK_FRESH_IF_OLD);
    esc_loop_post(way->bench->loop, started, permissions);
    return permissions;
}

struct permission_book *permission_book_of(const struct work_permissions *permissions,
                                           const char *account_id)
{
    for (size_t i = 0; i < permissions->books.count; i++) {
        struct permission_book *book = esc_list_at(&permissions->books, i);
        if (esc_text_equal(book->account->id, account_id))
            return book;
    }
    return NULL;
}

bool work_permissions_set(struct work_permissions *permissions, struct esc_resource *resource)
{
    struct permission_book *book = permission_book_of(permissions, resource->account_id);
    if (!book || !book->permit)
        return false;
    const bool has_policy = permission_take_heard(book, resource);
    work_permit_judge(book->permit, resource);
    if (book->is_other)
        esc_map_set(book->seen, esc_str_of(resource->id), book);
    return permission_want_looks(book, resource, has_policy);
}

/* What is left as it was. */

bool work_permissions_stand(const struct work_permissions *permissions, const char *account_id)
{
    const struct permission_book *book = permission_book_of(permissions, account_id);
    return !book || !book->permit ||
           (!book->is_other && work_permit_is_probed(book->permit, permission_is_young));
}

void work_permissions_mark(const struct work_permissions *permissions, const char *account_id,
                           struct esc_digest *digest)
{
    const struct permission_book *book = permission_book_of(permissions, account_id);
    if (book && book->permit)
        work_permit_mark(book->permit, digest);
}

void work_permissions_pass(struct work_permissions *permissions,
                           const struct esc_resource *resource, bool looks)
{
    struct permission_book *book = permission_book_of(permissions, resource->account_id);
    if (book && book->permit)
        permission_pass(book, resource, looks);
}

/* The end. */

void permission_looked(struct work_permissions *permissions)
{
    if (permission_look(permissions))
        return;
    permission_judge_rows(permissions);
}

void work_permissions_finish(struct work_permissions *permissions, work_permissions_fn *done)
{
    permissions->done = done;
    for (size_t i = 0; !permissions->cancelled && i < permissions->books.count; i++)
        permission_want_kept_keys(esc_list_at(&permissions->books, i));
    if (permissions->past.goes_on)
        permission_look_back(permissions);
    else
        permission_looked(permissions);
}

void work_permissions_cancel(struct work_permissions *permissions)
{
    permissions->cancelled = true;
    permission_keep_notes(permissions);
    for (size_t i = 0; i < permissions->books.count; i++) {
        const struct permission_book *book = esc_list_at(&permissions->books, i);
        if (book->reader)
            esc_policy_reader_cancel(book->reader);
    }
    permission_trees_cancel(permissions);
    for (size_t i = 0; i < permissions->active.count; i++) {
        const struct permission_look *look = esc_list_at(&permissions->active, i);
        if (look->handle)
            work_cloud_cancel(look->handle);
    }
}
