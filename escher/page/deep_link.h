/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Links from outside: escher://open/PLACE shows that place of the page, and nothing else.
 *
 * Anybody can make one and have somebody click it, so it may only name what the page shows for
 * a plain GET: no call of the API, no asset, no way up, nothing that a later reader could take for
 * another URL. What a place does not do when one arrives by clicking (approve, run, send) it does
 * not do for a link either.
 */

#include "escher/base/error.h"

enum {
    ESC_PAGE_LINK_MAX = 2048
};

/** The place, "/runs/3f2a?tab=log", owned by the caller. @errors ESC_INVALID. */
enum esc_status esc_page_deep_link(const char *link, char **place, struct esc_error *err);
