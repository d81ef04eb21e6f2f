/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/work/sync_private.h"

const char *sync_kind_text(enum sync_kind kind)
{
    static const char *const texts[] = {
        [SYNC_FULL] = "full",
        [SYNC_INCREMENTAL] = "incremental",
        [SYNC_PARTIAL] = "partial",
        [SYNC_EVENTS] = "events",
    };
    return texts[kind];
}

static void free_account(void *account)
{
    esc_account_free(account);
}

/* What is named once as text and any number of times as a list; ends with NULL. NULL: nothing. */
static const char **names_of(const struct esc_api_call *call, const char *one, const char *many)
{
    const struct esc_json *list = esc_json_member(call->args, many);
    const char *text = work_text(call, one);
    const size_t most = esc_json_len(list) + 1;
    size_t count = 0;
    if (!text && esc_json_len(list) == 0)
        return NULL;
    const char **names = esc_alloc_array(most + 1, sizeof *names);
    if (text)
        names[count++] = text;
    for (size_t i = 0; i < esc_json_len(list); i++)
        names[count++] = esc_json_str(esc_json_at(list, i), "", "");
    return names;
}

static bool has_account(const struct sync_scope *scope, const struct esc_account *account)
{
    for (size_t i = 0; i < scope->accounts.count; i++)
        if (esc_text_equal(((const struct esc_account *)scope->accounts.items[i])->id, account->id))
            return true;
    return false;
}

static enum esc_status read_accounts(struct sync_scope *scope, const struct esc_api_call *call,
                                     struct esc_error *err)
{
    const struct esc_workbench *bench = call->bench;
    ESC_CLEANUP(esc_freep) const char **names = names_of(call, "account", "accounts");
    if (bench->accounts.count == 0)
        return esc_fail(err, ESC_NOT_FOUND,
                        "no accounts yet; `escher accounts add --discover` finds them");
    for (size_t i = 0; !names && i < bench->accounts.count; i++)
        esc_list_push(&scope->accounts, esc_account_copy(bench->accounts.items[i]));
    for (size_t i = 0; names && names[i]; i++) {
        const struct esc_account *account = work_account_find(bench, names[i]);
        if (!account)
            return esc_fail(err, ESC_NOT_FOUND, "no account `%s`; `escher accounts` lists them",
                            names[i]);
        if (!has_account(scope, account))
            esc_list_push(&scope->accounts, esc_account_copy(account));
    }
    scope->asks_all = !names || call->scheduled; /* the schedule names all that can be reached */
    return ESC_OK;
}

static enum esc_status read_kind(struct sync_scope *scope, const struct esc_api_call *call,
                                 struct esc_error *err)
{
    const char *kind = work_text(call, "kind");
    scope->asks_all = scope->asks_all && !scope->regions && !scope->services;
    if (kind && strcmp(kind, "full") != 0 && strcmp(kind, "incremental") != 0)
        return esc_fail(err, ESC_INVALID, "a sync is full or incremental, not `%s`", kind);
    if (scope->cells)
        scope->kind = SYNC_EVENTS;
    else if (esc_text_equal(kind, "incremental"))
        scope->kind = SYNC_INCREMENTAL;
    else
        scope->kind = scope->asks_all ? SYNC_FULL : SYNC_PARTIAL;
    return ESC_OK;
}

enum esc_status sync_scope_read(struct sync_scope *scope, const struct esc_api_call *call,
                                struct esc_error *err)
{
    *scope = (struct sync_scope){.done = esc_map_new(NULL)};
    esc_list_init(&scope->accounts, free_account);
    scope->regions = names_of(call, "region", "regions");
    scope->services = names_of(call, "service", "services");
    scope->cells = esc_json_member(call->args, "cells");
    const enum esc_status status = read_accounts(scope, call, err);
    return status == ESC_OK ? read_kind(scope, call, err) : status;
}

void sync_scope_done(struct sync_scope *scope)
{
    esc_list_done(&scope->accounts);
    esc_map_free(scope->done);
    free(scope->regions);
    free(scope->services);
}

char *sync_place_name(const char *account_id, const char *region, bool global)
{
    return esc_sprintf("%s %s", account_id, global ? "global" : region);
}

/* A cell is "account region scanner"; of a global scanner the region says nothing. */
static bool is_named(const struct esc_json *cells, const struct esc_account *account,
                     const char *region, const struct esc_scanner *scanner)
{
    for (size_t i = 0; i < esc_json_len(cells); i++) {
        struct esc_str rest = esc_json_value(esc_json_at(cells, i)), its_account, its_region;
        if (esc_str_next(&rest, ' ', &its_account) && esc_str_next(&rest, ' ', &its_region) &&
            esc_str_is(its_account, account->id) && esc_str_is(rest, scanner->name) &&
            (scanner->global || esc_str_is(its_region, region)))
            return true;
    }
    return false;
}

bool sync_scope_wants(const struct sync_scope *scope, const struct esc_account *account,
                      const char *region, const struct esc_scanner *scanner)
{
    ESC_CLEANUP(esc_freep) char *place = sync_place_name(account->id, region, scanner->global);
    if (esc_map_has(scope->done, esc_str_of(place)))
        return false;
    if (scope->cells)
        return is_named(scope->cells, account, region, scanner);
    return scope->kind != SYNC_INCREMENTAL || scope->services || scanner->is_restless;
}

bool sync_scope_is_narrow(const struct sync_scope *scope)
{
    return scope->cells || scope->services || scope->kind == SYNC_INCREMENTAL;
}

static void add_names(struct esc_buf *out, const char *label, const char *const *names)
{
    esc_buf_printf(out, " %s", label);
    for (size_t i = 0; names && names[i]; i++)
        esc_buf_printf(out, " %s", names[i]);
}

char *sync_scope_text(const struct sync_scope *scope)
{
    struct esc_buf out;
    esc_buf_init(&out, 64 * 1024);
    esc_buf_add_text(&out, sync_kind_text(scope->kind));
    for (size_t i = 0; i < scope->accounts.count; i++)
        esc_buf_printf(&out, " %s", ((const struct esc_account *)scope->accounts.items[i])->id);
    add_names(&out, "in", scope->regions);
    add_names(&out, "of", scope->services);
    char *text = esc_strdup(esc_buf_text(&out));
    esc_buf_done(&out);
    return text;
}
