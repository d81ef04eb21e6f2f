/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What every answer to a page says about what the page may do, whichever door sends it: scripts,
 * styles and connections from its own origin only, no frame in it or around it, no markup made
 * from text except through the one policy named `escher`.
 *
 * @source Content Security Policy Level 3; Trusted Types; Fetch (nosniff, CORP); HTML (COOP)
 */

#include <stddef.h>

struct esc_page_header {
    const char *name, *value;
};

/** The value of Content-Security-Policy. */
extern const char esc_page_csp[];
/** All of them, the policy first; ends with a NULL name. */
extern const struct esc_page_header esc_page_headers[];
