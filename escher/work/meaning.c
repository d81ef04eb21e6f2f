/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/meaning_private.h"

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/find/mention.h"
#include "escher/request/context.h"

enum {
    MOST_NEAR_HITS = 20, /* more than are shown: some may not fit what is asked for */
};

enum esc_status work_prompt_check(struct esc_str prompt, struct esc_error *err)
{
    if (esc_str_trim(prompt).len == 0)
        return esc_fail(err, ESC_INVALID, "the prompt is empty");
    if (prompt.len > ESC_MAX_PROMPT)
        return esc_fail(err, ESC_LIMIT, "the prompt is longer than %d bytes", ESC_MAX_PROMPT);
    return ESC_OK;
}

struct found {
    struct esc_request_resource entries[ESC_MAX_TARGETS_COUNT * 4];
    size_t count;
    bool too_many; /* a part of what is meant must not pass for all of it */
};

static struct esc_request_resource *entry_of(struct found *found, const char *id)
{
    for (size_t i = 0; i < found->count; i++) {
        if (esc_text_equal(found->entries[i].resource->id, id))
            return &found->entries[i];
    }
    return NULL;
}

static void add(struct found *found, const struct esc_resource *resource, bool picked, size_t start,
                size_t end)
{
    struct esc_request_resource *entry = entry_of(found, resource->id);
    if (!entry && found->count < ESC_COUNT(found->entries))
        found->entries[found->count++] =
            (struct esc_request_resource){resource, picked, start, end};
    else if (!entry)
        found->too_many = true;
    else if (entry->mention_end == 0) {
        entry->mention_start = start;
        entry->mention_end = end;
    }
}

static enum esc_status add_picked(const struct esc_index *index, const struct esc_json *picked,
                                  struct found *found, struct esc_error *err)
{
    for (size_t i = 0; i < esc_json_len(picked); i++) {
        const char *id = esc_json_str(esc_json_at(picked, i), "", "");
        const struct esc_resource *resource = esc_index_get(index, id);
        if (!resource)
            return esc_fail(err, ESC_NOT_FOUND, "no resource has the id `%s`", id);
        add(found, resource, true, 0, 0);
    }
    if (found->too_many)
        return esc_fail(err, ESC_LIMIT, "more than %zu resources are picked",
                        ESC_COUNT(found->entries));
    return ESC_OK;
}

static bool has_picked(const struct found *found, const struct esc_mention *mention)
{
    for (size_t i = 0; i < mention->resource_count; i++) {
        for (size_t k = 0; k < found->count; k++) {
            if (found->entries[k].picked && found->entries[k].resource == mention->resources[i])
                return true;
        }
    }
    return false;
}

/* A picked resource settles the mention it is one of; other mentions bring all they may mean. */
static void add_mentions(struct found *found, const struct esc_mentions *mentions)
{
    for (size_t i = 0; i < mentions->exact_count; i++) {
        const struct esc_mention *mention = &mentions->exact[i];
        const bool settled = has_picked(found, mention);
        for (size_t k = 0; k < mention->resource_count; k++) {
            if (!settled || entry_of(found, mention->resources[k]->id))
                add(found, mention->resources[k], false, mention->start, mention->end);
        }
    }
}

static struct esc_json *near_page(const struct esc_near_mention *near)
{
    struct esc_json *hits = esc_json_array();
    for (size_t i = 0; i < near->hit_count; i++) {
        struct esc_json *hit = esc_json_object();
        work_set_resource(hit, near->hits[i].resource);
        esc_json_set_text(hit, "tier", esc_find_tier_text(near->hits[i].tier));
        esc_json_set_bool(hit, "close", near->hits[i].tier < ESC_TIER_FEATURE);
        esc_json_push(hits, hit);
    }
    struct esc_json *page = esc_json_object();
    esc_json_set_str(page, "word", near->text);
    esc_json_set(page, "hits", hits);
    return page;
}

/* A near word whose choice was picked is what the picked resource was called. */
static void take_near(struct found *found, const struct esc_near_mention *near,
                      struct esc_json *near_pages)
{
    for (size_t i = 0; i < near->hit_count; i++) {
        struct esc_request_resource *entry = entry_of(found, near->hits[i].resource->id);
        if (entry && entry->picked && entry->mention_end == 0) {
            entry->mention_start = near->start;
            entry->mention_end = near->end;
            return;
        }
    }
    esc_json_push(near_pages, near_page(near));
}

static struct esc_json *make_request(const struct esc_api_call *call, struct esc_str prompt,
                                     const struct found *found, const struct esc_json *history)
{
    const struct esc_workbench *bench = call->bench;
    ESC_CLEANUP(esc_freep)
    const char **accounts = esc_alloc_array(bench->accounts.count + 1, sizeof *accounts);
    for (size_t i = 0; i < bench->accounts.count; i++)
        accounts[i] = ((const struct esc_account *)bench->accounts.items[i])->id;
    const struct esc_request request = {.prompt = prompt,
                                        .resources = found->entries,
                                        .resource_count = found->count,
                                        .user_id = "local",
                                        .default_region = call->environment->region,
                                        .account_ids = accounts,
                                        .account_count = bench->accounts.count,
                                        .history = history};
    return esc_request_to_json(&request);
}

enum esc_status work_meaning_find(const struct esc_api_call *call, struct esc_str prompt,
                                  const struct esc_json *picked, const struct esc_json *history,
                                  struct work_meaning *meaning, struct esc_error *err)
{
    struct esc_workbench *bench = call->bench;
    struct found found = {.count = 0};
    *meaning = (struct work_meaning){.near = esc_json_array()};
    enum esc_status status = add_picked(bench->index, picked, &found, err);
    if (status != ESC_OK)
        return status;
    const struct esc_mention_options options = {
        .near_limit = MOST_NEAR_HITS, .embed = work_embed, .embed_context = bench};
    struct esc_mentions mentions;
    esc_find_mentions(bench->index, prompt, &options, &mentions);
    add_mentions(&found, &mentions);
    for (size_t i = 0; i < mentions.near_count; i++)
        take_near(&found, &mentions.near[i], meaning->near);
    esc_mentions_done(&mentions);
    if (found.too_many)
        return esc_fail(err, ESC_AMBIGUOUS,
                        "more than %zu resources may be meant; say the account, region or type, or "
                        "pick with --resource ID",
                        ESC_COUNT(found.entries));
    meaning->request = make_request(call, prompt, &found, history);
    return ESC_OK;
}

void work_meaning_done(struct work_meaning *meaning)
{
    esc_json_free(meaning->request);
    esc_json_free(meaning->near);
}
