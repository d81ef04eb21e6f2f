/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/aws_private.h"
#include "escher/aws/resolve.h"
#include "escher/base/alloc.h"

/* What was last known of each account's credentials, for whoever lists accounts. In memory only. */

enum {
    MAX_STATES = 1024,
};

struct state {
    char *account_id, *source, *access_key_id;
    uint64_t at_ms, expires_at_ms, login_ends_ms;
    struct esc_error err;
};

static void free_state(struct state *state)
{
    free(state->account_id);
    free(state->source);
    free(state->access_key_id);
    free(state);
}

static struct state *find(const struct esc_aws *aws, const char *account_id)
{
    for (size_t i = 0; account_id && i < aws->states.count; i++)
        if (esc_text_equal(((struct state *)aws->states.items[i])->account_id, account_id))
            return aws->states.items[i];
    return NULL;
}

static struct state *begin(struct esc_aws *aws, const char *account_id, const char *source)
{
    struct state *state = find(aws, account_id);
    if (!state) {
        if (aws->states.count == MAX_STATES)
            free_state(esc_list_remove(&aws->states, 0)); /* the oldest */
        state = esc_alloc_zero(sizeof *state);
        state->account_id = esc_strdup(account_id);
        esc_list_push(&aws->states, state);
    }
    if (!esc_text_equal(state->source, source)) {
        free(state->source);
        state->source = esc_strdup_null(source);
    }
    free(ESC_STEAL(state->access_key_id));
    state->at_ms = esc_clock_wall_ms(aws->clock);
    state->expires_at_ms = state->login_ends_ms = 0;
    state->err = (struct esc_error){0};
    return state;
}

void aws_state_note(struct esc_aws *aws, const char *account_id, const char *source,
                    const struct esc_credentials *credentials)
{
    if (!account_id)
        return;
    struct state *state = begin(aws, account_id, source);
    state->access_key_id = esc_strdup(credentials->access_key_id);
    state->expires_at_ms = credentials->expires_at_ms;
    state->login_ends_ms = credentials->login_ends_ms;
}

void aws_state_note_failure(struct esc_aws *aws, const char *account_id, const char *source,
                            const struct esc_error *err)
{
    if (account_id && err->status != ESC_CANCELLED)
        begin(aws, account_id, source)->err = *err;
}

void esc_credentials_state_forget(struct esc_aws *aws, const char *account_id)
{
    for (size_t i = 0; aws && i < aws->states.count; i++) {
        if (esc_text_equal(((struct state *)aws->states.items[i])->account_id, account_id)) {
            free_state(esc_list_remove(&aws->states, i));
            return;
        }
    }
}

void aws_states_drop(struct esc_aws *aws)
{
    while (aws->states.count)
        free_state(esc_list_remove(&aws->states, 0));
    esc_list_done(&aws->states);
}

bool esc_credentials_state(const struct esc_aws *aws, const char *account_id,
                           struct esc_credentials_state *out)
{
    const struct state *state = aws ? find(aws, account_id) : NULL;
    if (!state)
        return false;
    *out = (struct esc_credentials_state){
        .source = state->source,
        .at_ms = state->at_ms,
        .expires_at_ms = state->expires_at_ms,
        .login_ends_ms = state->login_ends_ms,
        .access_key_id = state->access_key_id,
        .status = state->err.status,
        .message = state->err.status == ESC_OK ? NULL : state->err.message,
    };
    return true;
}
