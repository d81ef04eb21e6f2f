/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "escher/base/alloc.h"
#include "escher/base/num.h"
#include "escher/scan/scanner.h"
#include "escher/store/document.h"
#include "escher/work/sync_events_private.h"

/* What is known of a cell that events name: whether it is ours, and since when it was seen whole. */

enum {
    MOST_CELLS = 200,  /* of one round: a flood of messages is no flood of calls */
    MOST_LOOKS = 5000, /* that are remembered: made-up regions may be many */
    YOUNG_MS = 10'000, /* what was read of a cell holds that long: accounts and ledger change */
    /* Clocks may differ by as much without a signature being refused, and a list may lag behind
     * what an event has told already.
     * @source S3 API, error responses: RequestTimeTooSkewed, 15 minutes; other services take 5 */
    APART_MS = 15 * 60 * 1000,
};

struct look {
    bool is_ours, is_asked;
    uint64_t whole_since_ms; /* the cloud's clock; 0: never, as far as is known */
    uint64_t read_ms;        /* monotonic */
};

/* A global service speaks from one region, whichever the account's are. */
static bool is_ours(const struct esc_account *account, const struct esc_scanner *scanner,
                    const char *region)
{
    for (size_t i = 0; i < account->regions.count; i++)
        if (esc_text_equal(account->regions.items[i], region))
            return true;
    return scanner->global || account->regions.count == 0;
}

static uint64_t operation_since_ms(const struct esc_workbench *bench, const char *place,
                                   const char *service, const char *operation)
{
    ESC_CLEANUP(esc_freep) char *key = esc_sprintf("%s %s %s", place, service, operation);
    ESC_CLEANUP(esc_json_freep) struct esc_json *cell = NULL;
    uint64_t since_ms = 0;
    if (esc_store_doc_get(bench->store, "coverage", key, &cell, NULL) != ESC_OK ||
        !esc_time_parse(esc_str_of(esc_json_str(cell, "whole_since", "")), &since_ms))
        return 0; /* so it is looked at */
    return since_ms;
}

/* The oldest of all that the scanner asks there. */
static uint64_t whole_since_ms(const struct esc_workbench *bench, const struct esc_account *account,
                               const struct esc_scanner *scanner, const char *region)
{
    uint64_t oldest_ms = UINT64_MAX;
    const char *operation;
    ESC_CLEANUP(esc_freep)
    char *place = esc_sprintf("%s %s", account->id,
                              scanner->global ? esc_account_main_region(account) : region);
    for (size_t i = 0; (operation = esc_scanner_operation(scanner, i)) != NULL; i++) {
        const uint64_t since_ms = operation_since_ms(bench, place, scanner->service, operation);
        if (since_ms < oldest_ms)
            oldest_ms = since_ms;
    }
    return oldest_ms == UINT64_MAX ? 0 : oldest_ms;
}

static void read_look(const struct event_round *round, const struct esc_event_place *place,
                      const char *name, struct look *look)
{
    const struct esc_account *account = work_account_find(round->bench, place->account_id);
    const struct esc_scanner *scanner = esc_scanner_find(esc_str_of(name));
    look->read_ms = esc_clock_monotonic_ms(round->bench->clock);
    look->is_ours = account && scanner && is_ours(account, scanner, place->region);
    look->whole_since_ms =
        look->is_ours ? whole_since_ms(round->bench, account, scanner, place->region) : 0;
}

static void name_cell(const struct esc_event_place *place, const char *scanner, char out[128])
{
    (void)snprintf(out, 128, "%s %s %s", place->account_id, place->region, scanner); /* it fits */
}

static struct look *look_of(struct event_round *round, const struct esc_event_place *place,
                            const char *scanner)
{
    char cell[128];
    name_cell(place, scanner, cell);
    struct look *look = esc_map_get(round->looks, esc_str_of(cell));
    if (look && esc_clock_monotonic_ms(round->bench->clock) - look->read_ms < YOUNG_MS)
        return look;
    if (!look) {
        look = esc_alloc_zero(sizeof *look);
        esc_map_set(round->looks, esc_str_of(cell), look);
        round->is_full |= esc_map_count(round->looks) >= MOST_LOOKS;
    }
    read_look(round, place, scanner, look);
    return look;
}

enum event_need event_look_need(struct event_round *round, const struct esc_event_place *place,
                                const char *scanner, uint64_t sent_ms)
{
    const struct look *look = look_of(round, place, scanner);
    if (!look->is_ours)
        return EVENT_NOT_OURS;
    return sent_ms && look->whole_since_ms > APART_MS && sent_ms < look->whole_since_ms - APART_MS
               ? EVENT_WAS_SEEN
               : EVENT_NEEDS_LOOK;
}

bool event_look_add(struct event_round *round, const struct esc_event_place *place,
                    const char *scanner)
{
    char cell[128];
    struct look *look = look_of(round, place, scanner);
    if (look->is_asked)
        return true;
    if (esc_json_len(round->cells) == MOST_CELLS) {
        round->is_full = true;
        return false;
    }
    look->is_asked = true;
    name_cell(place, scanner, cell);
    esc_json_push_text(round->cells, cell);
    return true;
}
