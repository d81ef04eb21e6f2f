/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/limits.h"
#include "escher/base/map.h"
#include "escher/work/work_private.h"

/* Why a search in an account or a region finds nothing: there may be none of that name. */

enum {
    MOST_NAMED = 4
};

/* Names, each once, in the order in which they were seen. */
struct names {
    struct esc_map *seen;
    struct esc_list list; /* char *, borrowed */
};

static void add_name(struct names *names, const char *name)
{
    if (!name || !*name || esc_map_has(names->seen, esc_str_of(name)))
        return;
    esc_map_set(names->seen, esc_str_of(name), names);
    esc_list_push(&names->list, (void *)(uintptr_t)name);
}

static bool is_called(const char *name, const char *wanted)
{
    return name && esc_str_equal_nocase(esc_str_of(name), esc_str_of(wanted));
}

/* Whether @p wanted is the account's or the region's; the names of what there is otherwise. */
typedef bool place_fn(const char *wanted, const struct esc_card *card, struct names *names);

static bool is_account(const char *wanted, const struct esc_card *card, struct names *names)
{
    add_name(names, card->account_name ? card->account_name : card->account_id);
    return is_called(card->account_id, wanted) || is_called(card->account_name, wanted);
}

static bool is_region(const char *wanted, const struct esc_card *card, struct names *names)
{
    add_name(names, card->region);
    return is_called(card->region, wanted);
}

/* An account of the book may have no resource yet. */
static bool is_in_book(const struct esc_workbench *bench, const char *wanted, struct names *names)
{
    for (size_t i = 0; i < bench->accounts.count; i++) {
        const struct esc_account *account = esc_list_at(&bench->accounts, i);
        if (is_called(account->id, wanted) || is_called(account->name, wanted))
            return true;
        add_name(names, account->name);
    }
    return false;
}

static bool is_there(const struct esc_workbench *bench, const char *wanted, place_fn *is_place,
                     struct names *names)
{
    const struct esc_index *index = bench->index;
    for (size_t i = 0; i < esc_index_count(index); i++) {
        const struct esc_card card = esc_index_at(index, i, NULL);
        if (is_place(wanted, &card, names))
            return true;
    }
    return is_place == is_account && is_in_book(bench, wanted, names);
}

static void list_names(const struct names *names, struct esc_buf *text)
{
    const size_t shown = names->list.count < MOST_NAMED ? names->list.count : MOST_NAMED;
    for (size_t i = 0; i < shown; i++)
        esc_buf_printf(text, "%s%.40s", i ? ", " : "", (const char *)esc_list_at(&names->list, i));
    if (names->list.count > shown)
        esc_buf_printf(text, " and %zu more", names->list.count - shown);
}

/* True when there is no such place; the error says which ones there are. */
static bool lacks(const struct esc_workbench *bench, const char *wanted, place_fn *is_place,
                  struct esc_error *err)
{
    struct names names = {.seen = esc_map_new(NULL)};
    struct esc_buf text;
    esc_list_init(&names.list, NULL);
    esc_buf_init(&text, ESC_MAX_LINE);
    const bool lacks = !is_there(bench, wanted, is_place, &names);
    list_names(&names, &text);
    if (lacks && is_place == is_account)
        (void)esc_fail(err, ESC_NOT_FOUND, "there is no account `%.40s`; there is %s", wanted,
                       esc_buf_text(&text));
    else if (lacks)
        (void)esc_fail(err, ESC_NOT_FOUND,
                       "nothing in the estate is in the region `%.40s`; it has %s", wanted,
                       esc_buf_text(&text));
    esc_buf_done(&text);
    esc_list_done(&names.list);
    esc_map_free(names.seen);
    return lacks;
}

bool work_lacks_place(const struct esc_api_call *call, struct esc_error *err)
{
    const char *account = work_text(call, "account");
    const char *region = work_text(call, "region");
    return (account && lacks(call->bench, account, is_account, err)) ||
           (region && lacks(call->bench, region, is_region, err));
}
