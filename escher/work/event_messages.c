/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/work/sync_events_private.h"

void event_place_free(void *item)
{
    struct event_place *place = item;
    esc_map_free(place->instances);
    free(place->name);
    free(place);
}

void event_message_free(void *item)
{
    struct event_message *message = item;
    free(message->receipt);
    free(message);
}

/* What they say */

static struct event_place *place_of(struct event_round *round, const struct esc_event_place *said)
{
    ESC_CLEANUP(esc_freep) char *name = esc_sprintf("%s %s", said->account_id, said->region);
    struct event_place *place = esc_map_get(round->places, esc_str_of(name));
    if (!place) {
        place = esc_alloc_zero(sizeof *place);
        place->instances = esc_map_new(NULL);
        place->name = ESC_STEAL(name);
        esc_map_set(round->places, esc_str_of(place->name), place);
    }
    return place;
}

static void hold(struct event_round *round, struct event_message *message)
{
    if (round->held.count == 0)
        round->held_since_ms = esc_clock_monotonic_ms(round->bench->clock);
    esc_list_push(&round->held, message);
}

/* What the whole of a place says does not tell that this instance had its turn, nor that the policies
 * of its resources were read. */
static void take_place(struct event_round *round, const struct esc_event_place *said,
                       uint64_t sent_ms, const char *receipt)
{
    struct event_message *message = NULL;
    bool is_ours = false;
    if (*said->instance_id || said->tells_of_policy)
        sent_ms = 0; /* so that it is looked at */
    for (size_t i = 0; i < said->scanner_count; i++) {
        const enum event_need need = event_look_need(round, said, said->scanners[i], sent_ms);
        is_ours |= need != EVENT_NOT_OURS;
        if (need != EVENT_NEEDS_LOOK)
            continue;
        if (!message) {
            message = esc_alloc_zero(sizeof *message);
            message->receipt = esc_strdup(receipt);
            message->place = place_of(round, said);
        }
        message->is_left |= !event_look_add(round, said, said->scanners[i]);
    }
    if (message) {
        if (*said->instance_id)
            esc_map_set(message->place->instances, esc_str_of(said->instance_id), round);
        hold(round, message);
        return;
    }
    esc_list_push(&round->receipts, esc_strdup(receipt));
    if (is_ours)
        round->outdated++;
    else
        round->ignored++;
}

/* By the queue's own clock; 0: it does not say.
 * @source SQS API, ReceiveMessage: SentTimestamp, milliseconds since 1970 */
static uint64_t sent_ms(const struct esc_json *received)
{
    uint64_t sent_ms = 0;
    const char *text = esc_json_str(received, "Attributes.SentTimestamp", "");
    return esc_num_u64(esc_str_of(text), &sent_ms) ? sent_ms : 0;
}

void event_message_take(struct event_round *round, const struct esc_json *received)
{
    struct esc_event_place place;
    const char *receipt = esc_json_str(received, "ReceiptHandle", "");
    const enum esc_event_kind kind =
        esc_event_read(esc_str_of(esc_json_str(received, "Body", "")), &place);
    round->received++;
    if (kind == ESC_EVENT_PLACE) {
        take_place(round, &place, sent_ms(received), receipt);
        return;
    }
    round->foreign |= kind == ESC_EVENT_NONE;
    round->ignored += kind == ESC_EVENT_ELSEWHERE;
    if (kind == ESC_EVENT_ELSEWHERE)
        esc_list_push(&round->receipts, esc_strdup(receipt));
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
static bool is_seen(const struct event_place *place, const struct esc_json *cells)
{
    bool was_asked = false, account_failed = false;
    struct esc_str region = esc_str_of(place->name), account;
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
    return was_asked || !account_failed;
}

bool event_message_is_done(const struct event_message *message, const struct esc_json *cells)
{
    struct event_place *place = message->place;
    if (!place->is_judged)
        place->is_seen = is_seen(place, cells);
    place->is_judged = true;
    return !message->is_left && place->is_seen;
}
