/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/page_session.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/num.h"
#include "escher/crypt/secret.h"
#include "escher/http/gate.h"

struct esc_page_sessions {
    const struct esc_clock *clock;
    const struct esc_random *random;
    char code[ESC_PAGE_SECRET_TEXT]; /* empty: none */
    uint64_t code_until_ms;
    char cookies[ESC_PAGE_MAX_SESSIONS][ESC_PAGE_SECRET_TEXT]; /* empty: none */
    size_t next;
};

struct esc_page_sessions *esc_page_sessions_new(const struct esc_clock *clock,
                                                const struct esc_random *random)
{
    struct esc_page_sessions *sessions = esc_alloc_zero(sizeof *sessions);
    sessions->clock = clock;
    sessions->random = random;
    return sessions;
}

void esc_page_sessions_free(struct esc_page_sessions *sessions)
{
    if (sessions)
        esc_wipe(sessions, sizeof *sessions);
    free(sessions);
}

static void make_secret(const struct esc_page_sessions *sessions, char out[ESC_PAGE_SECRET_TEXT])
{
    unsigned char bytes[(ESC_PAGE_SECRET_TEXT - 1) / 2];
    esc_random_fill(sessions->random, bytes, sizeof bytes);
    esc_hex(bytes, sizeof bytes, out);
    esc_wipe(bytes, sizeof bytes);
}

void esc_page_sessions_code(struct esc_page_sessions *sessions, char code[ESC_PAGE_SECRET_TEXT])
{
    make_secret(sessions, sessions->code);
    sessions->code_until_ms = esc_clock_monotonic_ms(sessions->clock) + ESC_PAGE_CODE_TTL_MS;
    memcpy(code, sessions->code, ESC_PAGE_SECRET_TEXT);
}

static bool is_secret(struct esc_str given, const char *secret)
{
    return *secret && esc_gate_same_secret(given, esc_str_of(secret));
}

enum esc_status esc_page_sessions_enter(struct esc_page_sessions *sessions, struct esc_str code,
                                        char cookie[ESC_PAGE_SECRET_TEXT], struct esc_error *err)
{
    if (!is_secret(code, sessions->code) ||
        esc_clock_monotonic_ms(sessions->clock) >= sessions->code_until_ms)
        return esc_fail(err, ESC_DENIED,
                        "this link was used or is too old; `escher serve` prints a new one");
    esc_wipe(sessions->code, sizeof sessions->code);
    char *place = sessions->cookies[sessions->next++ % ESC_PAGE_MAX_SESSIONS];
    make_secret(sessions, place);
    memcpy(cookie, place, ESC_PAGE_SECRET_TEXT);
    return ESC_OK;
}

static bool is_given_out(const struct esc_page_sessions *sessions, struct esc_str value)
{
    bool known = false;
    for (size_t i = 0; i < ESC_PAGE_MAX_SESSIONS; i++) /* all of them, whichever it is */
        known |= is_secret(value, sessions->cookies[i]);
    return known;
}

bool esc_page_sessions_know(const struct esc_page_sessions *sessions, const char *name,
                            struct esc_str cookie_field)
{
    struct esc_str rest = cookie_field, pair, key;
    while (rest.ptr && esc_str_next(&rest, ';', &pair)) {
        pair = esc_str_trim(pair);
        if (pair.len && esc_str_next(&pair, '=', &key) && esc_str_is(key, name) && pair.ptr &&
            is_given_out(sessions, pair))
            return true;
    }
    return false;
}
