/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Who may use the browser's door.
 *
 *     code (in the link, once, for a minute) ──▶ cookie (until the door closes)
 *
 * A code is dead after its first use, whether somebody else used it or its minute is over.
 *
 * Threads  the loop thread only.
 */

#include <stdbool.h>

#include "escher/base/clock.h"
#include "escher/base/error.h"
#include "escher/base/id.h"
#include "escher/base/str.h"

enum {
    ESC_PAGE_SECRET_TEXT = 65, /* 256 bits as lower-case hex, with its NUL */
    ESC_PAGE_CODE_TTL_MS = 60 * 1000,
    ESC_PAGE_MAX_SESSIONS = 16, /* the oldest gives way */
};

struct esc_page_sessions;

/** Clock and random are borrowed for its life. */
ESC_RETURNS_NONNULL struct esc_page_sessions *
esc_page_sessions_new(const struct esc_clock *clock, const struct esc_random *random);
void esc_page_sessions_free(struct esc_page_sessions *sessions); /* wipes; NULL does nothing */

/** A new code; one that was not used yet is dead from here on. */
void esc_page_sessions_code(struct esc_page_sessions *sessions, char code[ESC_PAGE_SECRET_TEXT]);
/** Exchanges the code for the value of a cookie. @errors ESC_DENIED: not the code, or dead. */
enum esc_status esc_page_sessions_enter(struct esc_page_sessions *sessions, struct esc_str code,
                                        char cookie[ESC_PAGE_SECRET_TEXT], struct esc_error *err);
/** Whether a Cookie field holds @p name with a value that was given out. */
bool esc_page_sessions_know(const struct esc_page_sessions *sessions, const char *name,
                            struct esc_str cookie_field);
