/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "escher/base/alloc.h"
#include "escher/store/document.h"
#include "escher/work/permission_book_private.h"

/* How many answers there are of each kind, and what `status` tells of them. */

enum {
    ALLOWED,
    DENIED,
    CONDITIONAL,
    UNKNOWN,
    COUNTS,
};

struct permission_tally {
    struct esc_json *counts; /* {"TYPE REGION": [allowed, denied, conditional, unknown]} */
    struct esc_map *begun;   /* "TYPE REGION" of what was counted anew */
};

struct permission_tally *permission_tally_new(struct esc_json *stored)
{
    struct permission_tally *tally = esc_alloc_zero(sizeof *tally);
    tally->counts = stored ? stored : esc_json_object();
    tally->begun = esc_map_new(NULL);
    return tally;
}

void permission_tally_free(struct permission_tally *tally)
{
    esc_json_free(tally->counts);
    esc_map_free(tally->begun);
    free(tally);
}

const struct esc_json *permission_tally_json(const struct permission_tally *tally)
{
    return tally->counts;
}

void permission_tally_begin(struct permission_tally *tally, const struct esc_resource *resource)
{
    ESC_CLEANUP(esc_freep)
    char *key = esc_sprintf("%s %s", resource->resource_type, resource->region);
    if (esc_map_has(tally->begun, esc_str_of(key)))
        return;
    esc_map_set(tally->begun, esc_str_of(key), tally);
    esc_json_remove(tally->counts, key);
}

void permission_tally_add(struct permission_tally *tally, const struct esc_resource *resource,
                          const char *const *actions, int sign)
{
    int64_t counts[COUNTS] = {0};
    ESC_CLEANUP(esc_freep)
    char *key = esc_sprintf("%s %s", resource->resource_type, resource->region);
    for (size_t i = 0; actions[i]; i++) {
        switch (esc_permissions_of(resource->permissions, esc_str_of(actions[i]))) {
        case ESC_PERMISSION_ALLOWED:
            counts[ALLOWED]++;
            break;
        case ESC_PERMISSION_DENIED:
            counts[DENIED]++;
            break;
        case ESC_PERMISSION_CONDITIONAL:
            counts[CONDITIONAL]++;
            break;
        case ESC_PERMISSION_UNKNOWN:
            counts[UNKNOWN]++;
            break;
        }
    }
    const struct esc_json *before = esc_json_member(tally->counts, key);
    struct esc_json *after = esc_json_array();
    for (size_t i = 0; i < COUNTS; i++) {
        const int64_t sum = esc_json_num(esc_json_at(before, i), "", 0) + sign * counts[i];
        esc_json_push(after, esc_json_int(sum > 0 ? sum : 0));
    }
    esc_json_set(tally->counts, key, after);
}

void permission_tally_forget(struct permission_tally *tally, const struct esc_index *index,
                             const char *account_id)
{
    struct esc_map *there = esc_map_new(NULL);
    for (size_t i = 0; i < esc_index_count(index); i++) {
        const struct esc_card card = esc_index_at(index, i, NULL);
        if (!esc_text_equal(card.account_id, account_id))
            continue;
        ESC_CLEANUP(esc_freep) char *key = esc_sprintf("%s %s", card.resource_type, card.region);
        esc_map_set(there, esc_str_of(key), tally);
    }
    struct esc_json *kept = esc_json_object();
    void *position = NULL;
    const char *key;
    const struct esc_json *counts;
    while (esc_json_next(tally->counts, &position, &key, &counts))
        if (esc_map_has(there, esc_str_of(key)))
            esc_json_set(kept, key, esc_json_ref(counts));
    esc_map_free(there);
    esc_json_free(tally->counts);
    tally->counts = kept;
}

/* Status. */

struct summing {
    struct esc_workbench *bench;
    struct esc_json *accounts;
    int64_t sums[COUNTS];
};

static const char *const count_names[] = {"allowed", "denied", "conditional", "unknown"};

static void add_tally(struct summing *summing, const char *account_id, struct esc_json *page)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *tally = NULL;
    (void)esc_store_doc_get(summing->bench->store, WORK_IAM_TALLY, account_id, &tally,
                            NULL); /* then nothing was counted */
    int64_t sums[COUNTS] = {0};
    void *position = NULL;
    const char *key;
    const struct esc_json *counts;
    while (esc_json_next(tally, &position, &key, &counts))
        for (size_t i = 0; i < COUNTS; i++)
            sums[i] += esc_json_num(esc_json_at(counts, i), "", 0);
    for (size_t i = 0; i < COUNTS; i++) {
        esc_json_set_int(page, count_names[i], sums[i]);
        summing->sums[i] += sums[i];
    }
}

static void add_unread(const struct esc_json *document, struct esc_json *page)
{
    static const char *const layers[] = {"identity", "boundary", "session"};
    struct esc_json *unread = esc_json_array();
    for (size_t i = 0; i < ESC_COUNT(layers); i++) {
        const char *why = esc_json_str(esc_json_member(document, layers[i]), "unread", NULL);
        ESC_CLEANUP(esc_freep) char *text = why ? esc_sprintf("%s: %s", layers[i], why) : NULL;
        if (text)
            esc_json_push_text(unread, text);
    }
    const char *why = esc_json_str(document, "organisation.why", NULL);
    ESC_CLEANUP(esc_freep) char *text = why ? esc_sprintf("organisation: %s", why) : NULL;
    if (text)
        esc_json_push_text(unread, text);
    esc_json_set(page, "unread", unread);
}

static bool add_account(void *context, const char *account_id, const struct esc_json *document)
{
    struct summing *summing = context;
    const struct esc_account *account = work_account_find(summing->bench, account_id);
    if (!account)
        return true; /* it was removed */
    struct esc_json *page = esc_json_object();
    const char *at = esc_json_str(document, "read_at", "");
    esc_json_set_text(page, "account_id", account_id);
    esc_json_set_text(page, "account_name", account->name);
    esc_json_set_text(page, "principal", esc_json_str(document, "caller.arn", ""));
    esc_json_set_text(page, "read_at", at);
    work_add_age(summing->bench, page, at);
    add_tally(summing, account_id, page);
    add_unread(document, page);
    esc_json_push(summing->accounts, page);
    return true;
}

struct esc_json *work_permissions_page(struct esc_workbench *bench)
{
    struct summing summing = {.bench = bench, .accounts = esc_json_array()};
    (void)esc_store_docs(bench->store, WORK_IAM_POLICIES, add_account, &summing, NULL,
                         NULL); /* what does not open is not told */
    struct esc_json *page = esc_json_object();
    for (size_t i = 0; i < COUNTS; i++)
        esc_json_set_int(page, count_names[i], summing.sums[i]);
    esc_json_set(page, "accounts", summing.accounts);
    if (esc_json_len(summing.accounts) > 0)
        return page;
    esc_json_free(page);
    return NULL;
}
