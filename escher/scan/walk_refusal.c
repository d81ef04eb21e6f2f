/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Refusals: what a place says that will not have us at all.
 *
 * One service that refuses tells only of itself: an organisation may forbid that one, and a token
 * may have run out just then. A second one that refuses before any has answered tells of the
 * place. What an organisation forbids tells nothing of the kind: its policies are often about
 * services, and a list of those that are allowed forbids many.
 *
 * A region that was never enabled answers as if the keys were wrong (`AuthFailure`,
 * `InvalidClientTokenId`). Whether they are, the account's other places tell, or its identity.
 */

#include "escher/scan/walk_private.h"

/* @source the common errors of EC2, of the query and of the JSON protocols */
static const struct {
    const char *code;
    enum walk_refusal refusal;
} codes[] = {
    {"OptInRequired", WALK_NEEDS_OPT_IN},
    {"SubscriptionRequiredException", WALK_NEEDS_OPT_IN},
    {"AuthFailure", WALK_REFUSES_KEYS},
    {"InvalidClientTokenId", WALK_REFUSES_KEYS},
    {"UnrecognizedClientException", WALK_REFUSES_KEYS},
    {"InvalidAccessKeyId", WALK_REFUSES_KEYS},
    {"ExpiredToken", WALK_HAS_EXPIRED},
    {"ExpiredTokenException", WALK_HAS_EXPIRED},
    {"RequestExpired", WALK_HAS_EXPIRED},
    {ESC_SCAN_NOT_IN_PARTITION, WALK_HAS_NO_SUCH},
};

static enum walk_refusal refusal_of(const struct esc_scan_answer *answer)
{
    if (esc_str_contains(esc_str_of(answer->message), ESC_STR("service control policy")))
        return WALK_IS_FORBIDDEN;
    for (size_t i = 0; i < ESC_COUNT(codes); i++)
        if (esc_text_equal(answer->code, codes[i].code))
            return codes[i].refusal;
    return answer->category == ESC_CATEGORY_AUTH ? WALK_REFUSES_KEYS : WALK_NO_REFUSAL;
}

void walk_note_refusal(struct walk_cell *cell, const struct esc_scan_answer *answer)
{
    struct walk_place *place = cell->place;
    cell->refusal = refusal_of(answer);
    /* Whom a policy denies something is known to the cloud. */
    if (cell->refusal == WALK_IS_FORBIDDEN || answer->category == ESC_CATEGORY_PERMISSION)
        place->account->keys_good = true;
    if (cell->refusal == WALK_NO_REFUSAL || cell->refusal == WALK_IS_FORBIDDEN ||
        cell->refusal == WALK_HAS_NO_SUCH || place->answered)
        return;
    place->refusal = cell->refusal;
    if (!place->refused_by)
        place->refused_by = cell->seen.service;
    else if (!esc_text_equal(place->refused_by, cell->seen.service))
        place->refused = true;
}

void walk_note_success(struct walk_place *place)
{
    place->answered = true;
    place->account->keys_good = true;
}

bool walk_is_disabled(const struct walk_place *place, enum walk_refusal refusal)
{
    return refusal == WALK_NEEDS_OPT_IN || refusal == WALK_HAS_NO_SUCH ||
           (refusal == WALK_REFUSES_KEYS && !place->answered && place->account->keys_good &&
            !place->identifies);
}

bool walk_awaits_keys(struct walk_place *place)
{
    struct walk_account *account = place->account;
    place->waits_for_keys = !place->answered && place->refusal == WALK_REFUSES_KEYS &&
                            !account->keys_good && !account->keys_told && !account->scan->cancelled;
    if (place->waits_for_keys && !account->keys_asked) {
        account->keys_asked = true;
        walk_account_identify(account);
    }
    return place->waits_for_keys;
}

/* With bad keys nothing else of the account is asked. */
static void give_up(struct walk_account *account)
{
    for (size_t i = 0; i < account->places.count; i++) {
        struct walk_place *place = esc_list_at(&account->places, i);
        if (place->answered || place->refused)
            continue;
        place->refused = true;
        place->refusal = WALK_REFUSES_KEYS;
    }
}

void walk_keys_known(struct walk_account *account, enum walk_refusal refusal)
{
    account->keys_told = true;
    if (!account->keys_good && refusal == WALK_REFUSES_KEYS)
        give_up(account);
    for (size_t i = 0; i < account->places.count; i++) {
        struct walk_place *place = esc_list_at(&account->places, i);
        if (!place->waits_for_keys)
            continue;
        place->waits_for_keys = false;
        walk_advance(place);
    }
}
