/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/meaning_private.h"

#include "escher/aws/resolve.h"
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
    struct esc_resource *resources[ESC_MAX_TARGETS_COUNT * 4]; /* owned */
    size_t count;
    bool too_many; /* a part of what is meant must not pass for all of it */
};

static void found_done(struct found *found)
{
    for (size_t i = 0; i < found->count; i++)
        esc_resource_free(found->resources[i]);
}

static struct esc_request_resource *entry_of(struct found *found, const char *id)
{
    for (size_t i = 0; i < found->count; i++) {
        if (esc_text_equal(found->entries[i].resource->id, id))
            return &found->entries[i];
    }
    return NULL;
}

static enum esc_status add(struct found *found, struct esc_workbench *bench, const char *id,
                           bool picked, size_t start, size_t end, struct esc_error *err)
{
    struct esc_request_resource *entry = entry_of(found, id);
    if (!entry && found->count < ESC_COUNT(found->entries)) {
        struct esc_resource **resource = &found->resources[found->count];
        const enum esc_status status = work_resource(bench, id, resource, err);
        if (status != ESC_OK)
            return status;
        found->entries[found->count++] =
            (struct esc_request_resource){*resource, picked, start, end};
    } else if (!entry) {
        found->too_many = true;
    } else if (entry->mention_end == 0) {
        entry->mention_start = start;
        entry->mention_end = end;
    }
    return ESC_OK;
}

static enum esc_status add_picked(struct esc_workbench *bench, const struct esc_json *picked,
                                  struct found *found, struct esc_error *err)
{
    for (size_t i = 0; i < esc_json_len(picked); i++) {
        const char *id = esc_json_str(esc_json_at(picked, i), "", "");
        if (!esc_index_get(bench->index, id, NULL))
            return esc_fail(err, ESC_NOT_FOUND, "no resource has the id `%s`", id);
        const enum esc_status status = add(found, bench, id, true, 0, 0, err);
        if (status != ESC_OK)
            return status;
    }
    if (found->too_many)
        return esc_fail(err, ESC_LIMIT, "more than %zu resources are picked",
                        ESC_COUNT(found->entries));
    return ESC_OK;
}

static bool has_picked(const struct found *found, const struct esc_mention *mention)
{
    for (size_t i = 0; i < mention->card_count; i++) {
        for (size_t k = 0; k < found->count; k++) {
            if (found->entries[k].picked &&
                esc_text_equal(found->entries[k].resource->id, mention->cards[i].id))
                return true;
        }
    }
    return false;
}

/* Where the rows of some are damaged, the others are what can be meant: work_resource() has noted
 * the damage, so that nothing is done with one of them before the person has picked it. */
static enum esc_status add_mention(struct found *found, struct esc_workbench *bench,
                                   const struct esc_mention *mention, struct esc_error *err)
{
    const bool settled = has_picked(found, mention);
    struct esc_error why = {0};
    size_t read_count = 0;
    for (size_t i = 0; i < mention->card_count; i++) {
        const char *id = mention->cards[i].id;
        if (settled && !entry_of(found, id))
            continue;
        const enum esc_status status =
            add(found, bench, id, false, mention->start, mention->end, &why);
        if (status != ESC_OK && status != ESC_CORRUPT)
            return esc_fail(err, status, "%s", why.message);
        read_count += status == ESC_OK;
    }
    return read_count ? ESC_OK
                      : esc_fail(err, ESC_CORRUPT,
                                 "what is called so cannot be read, `escher sync` reads it from "
                                 "the cloud again: %s",
                                 why.message);
}

/* A picked resource settles the mention it is one of; other mentions bring all they may mean. */
static enum esc_status add_mentions(struct found *found, struct esc_workbench *bench,
                                    const struct esc_mentions *mentions, struct esc_error *err)
{
    enum esc_status status = ESC_OK;
    for (size_t i = 0; i < mentions->exact_count && status == ESC_OK; i++)
        status = add_mention(found, bench, &mentions->exact[i], err);
    return status;
}

static struct esc_json *near_page(struct esc_workbench *bench, const struct esc_near_mention *near)
{
    struct esc_json *hits = esc_json_array();
    for (size_t i = 0; i < near->hit_count; i++) {
        struct esc_json *hit = esc_json_object();
        work_set_card(bench, hit, &near->hits[i].card);
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
static void take_near(struct found *found, struct esc_workbench *bench,
                      const struct esc_near_mention *near, struct esc_json *near_pages)
{
    for (size_t i = 0; i < near->hit_count; i++) {
        struct esc_request_resource *entry = entry_of(found, near->hits[i].card.id);
        if (entry && entry->picked && entry->mention_end == 0) {
            entry->mention_start = near->start;
            entry->mention_end = near->end;
            return;
        }
    }
    esc_json_push(near_pages, near_page(bench, near));
}

/* When the first of the sessions ends that the resources are reached by; 0: not known. */
static uint64_t session_end_ms(const struct esc_workbench *bench, const struct found *found)
{
    uint64_t first_ms = 0;
    for (size_t i = 0; i < found->count; i++) {
        struct esc_credentials_state state;
        const char *account_id = found->entries[i].resource->account_id;
        if (bench->aws && esc_credentials_state(bench->aws, account_id, &state) &&
            state.expires_at_ms && (!first_ms || state.expires_at_ms < first_ms))
            first_ms = state.expires_at_ms;
    }
    return first_ms;
}

static struct esc_json *make_request(const struct esc_api_call *call, struct esc_str prompt,
                                     const struct found *found, const struct esc_json *history)
{
    struct esc_workbench *bench = call->bench;
    ESC_CLEANUP(esc_freep)
    const char **accounts = esc_alloc_array(bench->accounts.count + 1, sizeof *accounts);
    for (size_t i = 0; i < bench->accounts.count; i++)
        accounts[i] = ((const struct esc_account *)bench->accounts.items[i])->id;
    const struct esc_request request = {.prompt = prompt,
                                        .resources = found->entries,
                                        .resource_count = found->count,
                                        .user_id = "local",
                                        .default_region = call->environment->region,
                                        .session_expires_ms = session_end_ms(bench, found),
                                        .account_ids = accounts,
                                        .account_count = bench->accounts.count,
                                        .history = history};
    return esc_request_to_json(&request);
}

static enum esc_status find_mentions(struct esc_workbench *bench, struct esc_str prompt,
                                     struct found *found, struct esc_json *near,
                                     struct esc_error *err)
{
    const struct esc_mention_options options = {
        .near_limit = MOST_NEAR_HITS, .embed = work_embed, .embed_context = bench};
    struct esc_mentions mentions;
    esc_find_mentions(bench->index, prompt, &options, &mentions);
    const enum esc_status status = add_mentions(found, bench, &mentions, err);
    for (size_t i = 0; status == ESC_OK && i < mentions.near_count; i++)
        take_near(found, bench, &mentions.near[i], near);
    esc_mentions_done(&mentions);
    if (status == ESC_OK && found->too_many)
        return esc_fail(err, ESC_AMBIGUOUS,
                        "more than %zu resources may be meant; say the account, region or type, or "
                        "pick with --resource ID",
                        ESC_COUNT(found->entries));
    return status;
}

enum esc_status work_meaning_find(const struct esc_api_call *call, struct esc_str prompt,
                                  const struct esc_json *picked, const struct esc_json *history,
                                  struct work_meaning *meaning, struct esc_error *err)
{
    struct esc_workbench *bench = call->bench;
    struct found found = {.count = 0};
    *meaning = (struct work_meaning){.near = esc_json_array()};
    enum esc_status status = add_picked(bench, picked, &found, err);
    if (status == ESC_OK)
        status = find_mentions(bench, prompt, &found, meaning->near, err);
    if (status == ESC_OK)
        meaning->request = make_request(call, prompt, &found, history);
    meaning->damage = esc_strdup_null(bench->unreadable); /* a sync may end before the answer */
    found_done(&found);
    return status;
}

void work_meaning_done(struct work_meaning *meaning)
{
    esc_json_free(meaning->request);
    esc_json_free(meaning->near);
    free(meaning->damage);
}

/* Whether the words that name the resource of @p facts could name another one too. */
static bool is_by_name(const struct esc_json *request, const struct esc_json *facts)
{
    const struct esc_str prompt = esc_str_of(esc_json_str(request, "prompt", ""));
    const struct esc_str said =
        esc_str_slice(prompt, (size_t)esc_json_num(facts, "mention.start", 0),
                      (size_t)esc_json_num(facts, "mention.end", 0));
    return said.len && !esc_json_flag(facts, "picked", false) &&
           !esc_str_is(said, esc_json_str(facts, "id", "")) &&
           !esc_str_is(said, esc_json_str(facts, "arn", ""));
}

const struct esc_json *work_meaning_named_only(const struct esc_json *request,
                                               const struct esc_json *plan)
{
    const struct esc_json *targets = esc_json_get(plan, "targets");
    const struct esc_json *named = esc_json_get(request, "identified_resources");
    for (size_t i = 0; i < esc_json_len(targets); i++) {
        const struct esc_json *target = esc_json_at(targets, i);
        for (size_t k = 0; k < esc_json_len(named); k++) {
            const struct esc_json *facts = esc_json_at(named, k);
            if (esc_text_equal(esc_json_str(facts, "id", ""), esc_json_str(target, "id", "")) &&
                is_by_name(request, facts))
                return target;
        }
    }
    return NULL;
}
