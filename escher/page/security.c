/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/page/security.h"

#define CSP                                                                                        \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "              \
    "font-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; "                    \
    "form-action 'none'; frame-ancestors 'none'; frame-src 'none'; "                               \
    "require-trusted-types-for 'script'; trusted-types escher"

const char esc_page_csp[] = CSP;

const struct esc_page_header esc_page_headers[] = {
    {"Content-Security-Policy", CSP},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), display-capture=(), geolocation=(), microphone=(), usb=()"},
    {NULL, NULL},
};
