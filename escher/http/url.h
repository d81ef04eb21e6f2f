/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* An http or https URL in its parts, none of them decoded. */

#include <stdbool.h>

#include "escher/base/str.h"

struct esc_url {
    struct esc_str scheme; /* "http", "https" */
    struct esc_str host;   /* "127.0.0.1:8080", "[::1]", as the Host header wants it */
    struct esc_str path;   /* from the first '/'; "/" when there is none */
    struct esc_str query;  /* after '?'; .ptr is NULL without one */
};

/**
 * Cuts @p text into parts borrowed from it. False for other schemes, control characters, spaces,
 * an empty host, and credentials before the host: those belong into headers.
 */
bool esc_url_parse(struct esc_str text, struct esc_url *out);
/** Whether the host is this machine by name or address. */
bool esc_url_is_loopback(const struct esc_url *url);
/** "https://host/path" for messages: never a query, which may hold a signature. Owned by the
 *  caller; "(malformed URL)" when it is none. */
char *esc_url_shown(struct esc_str text);
