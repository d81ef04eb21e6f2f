/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/limits.h"
#include "escher/scan/resource_policy.h"
#include "escher/store/document.h"
#include "escher/work/permission_probe.h"
#include "escher/work/permission_sync_private.h"

/*
 * What a sync looks at once it knows what there is: the policies that resources have themselves,
 * and one probe of the simulator for each type and region of a member account. One look is one
 * read, and what it changes is judged again. Looks at different endpoints go side by side
 * (permission_lane_private.h); which answer comes first makes no difference, since rows are judged
 * when all are in. A policy that the scan was told with something else
 * of its resource is not read once more; it waits here for the resource.
 */
enum {
    MOST_HEARD = 16 << 20, /* bytes of policies that wait; those of others are read */
    HEARD_BESIDES = 512,   /* for each, about */
};

void permission_look_free(void *item)
{
    struct permission_look *look = item;
    esc_resource_free(look->resource);
    esc_json_free(look->probe);
    esc_json_free(look->page);
    esc_list_done(&look->dependents);
    free(look->key);
    free(look->region);
    free(look);
}

/* What there is to look at. */

static void want_look(struct permission_book *book, const struct esc_resource *resource,
                      bool is_probe)
{
    struct permission_look *look = esc_alloc_zero(sizeof *look);
    ESC_CLEANUP(esc_freep)
    char *lane = is_probe
                     ? esc_sprintf("%s iam", book->account->id) /* one endpoint for all regions */
                     : esc_sprintf("%s %s %s", book->account->id, esc_permit_region(resource),
                                   esc_resource_policy_operation(resource->resource_type)->service);
    look->book = book;
    look->resource = esc_resource_copy(resource);
    look->is_probe = is_probe;
    permission_lanes_add(book->owner->lanes, lane, look);
}

static struct esc_json *stored_policy(const struct esc_workbench *bench, const char *id)
{
    struct esc_json *page = NULL;
    return esc_store_doc_get(bench->store, WORK_IAM_RESOURCE, id, &page, NULL) == ESC_OK ? page
                                                                                         : NULL;
}

static bool leaves_unknown(struct permission_book *book, const struct esc_resource *resource)
{
    const char *const *actions = work_permit_actions(book->permit, resource->resource_type);
    for (size_t i = 0; actions[i]; i++)
        if (esc_permissions_of(resource->permissions, esc_str_of(actions[i])) ==
            ESC_PERMISSION_UNKNOWN)
            return true;
    return false;
}

/* A policy that can only allow is of no use where everything is decided without it. One that is
 * known is read again by every sync that brings its resource: some come because it was changed. */
static bool wants_policy(struct permission_book *book, const struct esc_resource *resource)
{
    const char *type = resource->resource_type;
    if (!esc_resource_policy_is_readable(resource) || !work_permit_actions(book->permit, type)[0])
        return false;
    if (esc_resource_policy_can_deny(type) || leaves_unknown(book, resource))
        return true;
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *stored = stored_policy(book->owner->bench, resource->id);
    return stored;
}

static bool wants_probe(struct permission_book *book, const struct esc_resource *resource)
{
    struct work_permissions *permissions = book->owner;
    const struct esc_json *document = work_permit_document(book->permit);
    ESC_CLEANUP(esc_freep)
    char *name = esc_sprintf("%s %s", resource->resource_type, resource->region);
    ESC_CLEANUP(esc_freep) char *key = esc_sprintf("%s %s", book->account->id, name);
    if (!esc_text_equal(esc_json_str(document, "organisation.state", ""), "member") ||
        esc_json_get(document, "organisation.scp") || /* what they say is known */
        !esc_json_str(document, "caller.iam_arn", NULL) || !resource->arn ||
        esc_map_has(permissions->probed, esc_str_of(key)) ||
        !work_permit_actions(book->permit, resource->resource_type)[0])
        return false;
    const struct esc_json *probe = esc_json_member(work_permit_probes(book->permit), name);
    const bool is_another = esc_text_equal(esc_json_str(probe, "sample", ""), resource->id) &&
                            !esc_permit_probe_has_tags(probe, resource);
    if (!is_another && permission_is_young(permissions->bench, esc_json_str(probe, "at", NULL)))
        return false;
    esc_map_set(permissions->probed, esc_str_of(key), book);
    return true;
}

bool permission_want_policy(struct permission_book *book, const struct esc_resource *resource)
{
    const bool wants = wants_policy(book, resource);
    if (wants)
        want_look(book, resource, false);
    return wants;
}

bool permission_want_looks(struct permission_book *book, const struct esc_resource *resource,
                           bool has_policy)
{
    const bool looks = !has_policy && permission_want_policy(book, resource);
    permission_note_brought(book->owner, resource->id);
    if (wants_probe(book, resource))
        want_look(book, resource, true);
    permission_want_keys(book, resource);
    return looks;
}

/* What came of it. */

/* Whatever the time of either. */
static bool is_like(const struct esc_json *before, const struct esc_json *page)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *timeless = before ? esc_json_copy(before) : NULL;
    if (timeless)
        esc_json_remove(timeless, "at");
    return timeless && esc_json_equal(timeless, page);
}

/* Whether it is another one than @p before, which loses its time, and is kept for good. The same is
 * written once a day. */
static bool keep_page(const struct esc_workbench *bench, const char *collection, const char *name,
                      struct esc_json *before, struct esc_json *page)
{
    const bool is_young = before && permission_is_young(bench, esc_json_str(before, "at", NULL));
    if (before)
        esc_json_remove(before, "at");
    const bool is_same = before && esc_json_equal(before, page);
    if (is_same && is_young)
        return false;
    esc_json_set_time(page, "at", esc_clock_wall_ms(bench->clock));
    return esc_store_doc_put(bench->store, collection, name, page, NULL) == ESC_OK && !is_same;
}

/* Whoever is cut off before the row is judged must look at it again, so its place is no longer
 * known by then. Once all places are closed none becomes known again. */
static bool forget_known(struct permission_book *book)
{
    if (book->known_is_forgotten)
        return true;
    const bool forgotten = work_known_forget(book->owner->bench, book->account->id, NULL) == ESC_OK;
    book->known_is_forgotten = forgotten && book->owner->done;
    return forgotten;
}

bool permission_keep_other(struct permission_book *book, const char *collection, const char *name,
                           struct esc_json *before, struct esc_json *page)
{
    if (!is_like(before, page) && !forget_known(book))
        return false; /* it stays as it was known */
    return keep_page(book->owner->bench, collection, name, before, page);
}

/* Other than before means that the resource is judged again. */
static void keep_other_page(struct permission_book *book, const char *id, struct esc_json *before,
                            struct esc_json *page)
{
    if (permission_keep_other(book, WORK_IAM_RESOURCE, id, before, page))
        permission_judge_later(book->owner, id);
}

/* What will pass, as throttling, says nothing against what was known. */
static void keep_policy(struct permission_look *look, const struct esc_scan_answer *answer)
{
    const struct esc_workbench *bench = look->book->owner->bench;
    const char *id = look->resource->id;
    ESC_CLEANUP(esc_json_freep) struct esc_json *before = stored_policy(bench, id);
    if (before && esc_error_category_may_retry(answer->category))
        return;
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *page = esc_resource_policy_page(look->resource->resource_type, answer);
    keep_other_page(look->book, id, before, page);
    permission_note_looked(look->book->owner, id);
}

/* What the scan was told. */

static size_t weight_of(const struct esc_json *page)
{
    return HEARD_BESIDES + esc_json_value(esc_json_member(page, "document")).len;
}

/* Owned by the caller; NULL: nothing was heard of it. */
static struct esc_json *take_page(struct work_permissions *permissions, const char *id)
{
    struct esc_json *page = esc_map_remove(permissions->heard, esc_str_of(id));
    if (page)
        permissions->heard_bytes -= weight_of(page);
    return page;
}

void work_permissions_hear(struct work_permissions *permissions,
                           const struct esc_resource *resource,
                           const struct esc_operation *operation, const struct esc_json *output)
{
    const char *type = resource->resource_type;
    const struct esc_scan_answer answer = {.category = ESC_CATEGORY_NONE, .output = output};
    if (!operation || operation != esc_resource_policy_operation(type))
        return;
    esc_json_free(take_page(permissions, resource->id)); /* it may be told twice */
    struct esc_json *page = esc_resource_policy_page(type, &answer);
    if (permissions->heard_bytes + weight_of(page) > MOST_HEARD) {
        esc_json_free(page);
        return;
    }
    permissions->heard_bytes += weight_of(page);
    esc_map_set(permissions->heard, esc_str_of(resource->id), page);
}

bool permission_take_heard(struct permission_book *book, const struct esc_resource *resource)
{
    const struct esc_workbench *bench = book->owner->bench;
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *page = take_page(book->owner, resource->id);
    if (!page)
        return false;
    ESC_CLEANUP(esc_json_freep) struct esc_json *before = stored_policy(bench, resource->id);
    (void)keep_page(bench, WORK_IAM_RESOURCE, resource->id, before,
                    page); /* it is judged in any case */
    permission_note_looked(book->owner, resource->id);
    return true;
}

void permission_pass(struct permission_book *book, const struct esc_resource *resource, bool looks)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *page = take_page(book->owner, resource->id);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *before = page ? stored_policy(book->owner->bench, resource->id) : NULL;
    permission_note_brought(book->owner, resource->id);
    if (page) {
        keep_other_page(book, resource->id, before, page);
        permission_note_looked(book->owner, resource->id);
    } else if (looks) {
        want_look(book, resource, false);
    }
}

static bool has_missing(const struct esc_json *before, const struct esc_json *probe)
{
    const struct esc_json *missing = esc_json_member(before, "missing");
    return missing && esc_json_equal(missing, esc_json_member(probe, "missing"));
}

static void keep_probe(struct permission_look *look, const struct esc_scan_answer *answer)
{
    struct work_permit *permit = look->book->permit;
    const struct esc_json *known = work_permit_probes(permit);
    struct esc_json *probes = known ? esc_json_copy(known) : esc_json_object();
    ESC_CLEANUP(esc_freep)
    char *key = esc_sprintf("%s %s", look->resource->resource_type, look->resource->region);
    const struct esc_json *before = esc_json_member(esc_json_member(probes, key), "allows");
    const bool same = before && esc_json_equal(before, esc_json_member(look->probe, "allows")) &&
                      has_missing(esc_json_member(probes, key), look->probe) &&
                      esc_permit_probe_has_tags(esc_json_member(probes, key), look->resource);
    if (answer->category != ESC_CATEGORY_NONE)
        esc_json_set_text(look->probe, "refused", answer->code ? answer->code : "no answer");
    esc_json_set(probes, key, esc_json_ref(look->probe));
    esc_json_sort_members(probes, 0); /* whichever answer came first */
    work_permit_set_probes(permit, probes);
    if (!same && esc_json_len(esc_json_member(look->probe, "allows")))
        permission_judge_later(look->book->owner, look->resource->id);
}

void permission_end_look(struct permission_look *look)
{
    struct work_permissions *permissions = look->book->owner;
    (void)esc_list_drop(&permissions->active, look);
    permission_lanes_end(permissions->lanes, look->lane);
    permission_look_free(look);
    permission_looked(permissions);
}

static void looked(void *token, const struct esc_scan_answer *answer)
{
    struct permission_look *look = token;
    struct work_permissions *permissions = look->book->owner;
    if (look->is_probe && answer->category == ESC_CATEGORY_NONE)
        work_probe_add(look->probe, answer->output);
    if (answer->more)
        return;
    if (permissions->cancelled)
        ; /* nobody wants it any more */
    else if (look->is_probe)
        keep_probe(look, answer);
    else
        keep_policy(look, answer);
    permission_end_look(look);
}

static struct esc_json *probe_params(struct permission_look *look)
{
    struct work_permit *permit = look->book->permit;
    const char *principal = esc_json_str(work_permit_document(permit), "caller.iam_arn", "");
    look->probe =
        work_probe_new(look->resource, esc_clock_wall_ms(look->book->owner->bench->clock));
    return work_probe_params(principal, look->resource,
                             work_permit_actions(permit, look->resource->resource_type));
}

static void begin_look(struct permission_look *look)
{
    esc_list_push(&look->book->owner->active, look);
    if (look->key) {
        permission_look_at_key(look);
        return;
    }
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *params =
        look->is_probe ? probe_params(look) : esc_resource_policy_params(look->resource);
    const struct esc_scan_call call = {
        .account = look->book->account,
        .region = esc_permit_region(look->resource),
        .operation = look->is_probe ? esc_operation_find("iam", "SimulatePrincipalPolicy")
                                    : esc_resource_policy_operation(look->resource->resource_type),
        .params = params,
    };
    ESC_ASSERT(call.operation);
    look->handle = permission_call(look->book->owner, &call, looked, look);
}

bool permission_look(struct work_permissions *permissions)
{
    struct permission_lane *lane;
    struct permission_look *look;
    while (!permissions->cancelled && (look = permission_lanes_next(permissions->lanes, &lane))) {
        look->lane = lane;
        begin_look(look);
    }
    return permissions->active.count > 0;
}
