/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/scan/event.h"
#include "escher/scan/scanner.h"
#include "escher/work/sync_events_private.h"

enum {
    MOST_CELLS = 200, /* of one round: a flood of messages is no flood of calls */
};

void event_message_free(void *item)
{
    struct event_message *message = item;
    free(message->receipt);
    free(message->place);
    free(message->instance);
    free(message);
}

/* What they say */

static bool has_cell(const struct esc_json *cells, const char *cell)
{
    for (size_t i = 0; i < esc_json_len(cells); i++)
        if (esc_text_equal(esc_json_str(esc_json_at(cells, i), "", ""), cell))
            return true;
    return false;
}

/* A global service speaks from one region, whichever the account's are. */
static bool is_ours(const struct esc_workbench *bench, const struct esc_event_place *place,
                    const char *name)
{
    const struct esc_account *account = work_account_find(bench, place->account_id);
    const struct esc_scanner *scanner = esc_scanner_find(esc_str_of(name));
    if (!account || !scanner)
        return false;
    for (size_t i = 0; i < account->regions.count; i++)
        if (esc_text_equal(account->regions.items[i], place->region))
            return true;
    return scanner->global || account->regions.count == 0;
}

static void add_cell(struct event_round *round, struct event_message *message,
                     const struct esc_event_place *place, const char *scanner)
{
    ESC_CLEANUP(esc_freep)
    char *cell = esc_sprintf("%s %s %s", place->account_id, place->region, scanner);
    if (!message->place)
        message->place = esc_sprintf("%s %s", place->account_id, place->region);
    if (has_cell(round->cells, cell))
        return;
    if (esc_json_len(round->cells) < MOST_CELLS)
        esc_json_push_text(round->cells, cell);
    else
        message->is_left = true;
}

void event_message_take(struct event_round *round, const struct esc_json *received)
{
    struct esc_event_place place;
    struct event_message *message = esc_alloc_zero(sizeof *message);
    message->receipt = esc_strdup(esc_json_str(received, "ReceiptHandle", ""));
    esc_list_push(&round->messages, message);
    const enum esc_event_kind kind =
        esc_event_read(esc_str_of(esc_json_str(received, "Body", "")), &place);
    round->foreign |= kind == ESC_EVENT_NONE;
    for (size_t i = 0; kind == ESC_EVENT_PLACE && i < place.scanner_count; i++)
        if (is_ours(round->bench, &place, place.scanners[i]))
            add_cell(round, message, &place, place.scanners[i]);
    if (message->place && *place.instance_id)
        message->instance = esc_strdup(place.instance_id);
    round->ignored += !message->place;
}

/* What was seen */

/* Asking again may bring more, or somebody logging in again. */
static bool will_pass(const struct esc_json *cell)
{
    const char *state = esc_json_str(cell, "state", "");
    const enum esc_error_category category =
        esc_error_category_of_text(esc_str_of(esc_json_str(cell, "category", "")));
    if (esc_text_equal(state, "error") || esc_text_equal(state, "throttled"))
        return true;
    if (!esc_text_equal(state, "denied") && !esc_text_equal(state, "partial"))
        return false;
    return category == ESC_CATEGORY_AUTH ||
           (category < ESC_CATEGORY_COUNT && esc_error_category_may_retry(category));
}

/* The account may not even have said which regions it has, or who asks: then its place is not among
 * the cells, or all that would have been asked there was skipped. */
bool event_message_is_done(const struct event_message *message, const struct esc_json *cells)
{
    bool was_asked = false, account_failed = false;
    struct esc_str region = esc_str_of(message->place), account;
    if (!message->place)
        return true;
    (void)esc_str_next(&region, ' ', &account); /* it has one */
    for (size_t i = 0; i < esc_json_len(cells); i++) {
        const struct esc_json *cell = esc_json_at(cells, i);
        const bool is_here = esc_json_flag(cell, "all_regions", false) ||
                             esc_str_is(region, esc_json_str(cell, "region", ""));
        if (!esc_str_is(account, esc_json_str(cell, "account_id", "")))
            continue;
        if (is_here && will_pass(cell))
            return false;
        account_failed |= will_pass(cell);
        was_asked |= is_here && !esc_text_equal(esc_json_str(cell, "state", ""), "skipped");
    }
    return !message->is_left && (was_asked || !account_failed);
}
