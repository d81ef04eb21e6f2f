/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Log lines as fields: `esc_log(ESC_INFO, "scan done", F("region", r), F_MS("took", ms));`
 * Libraries keep quiet below debug level; programs log once, where a failure ends. Lines go to
 * stderr as `2026-11-21T08:00:00Z info scan done region=eu-west-1 took=120ms`; values are
 * escaped for display and quoted where needed, so no text from outside can forge a line or a
 * field. Thread-safe.
 */

#include <stdint.h>

#include "escher/base/attr.h"

enum esc_log_level {
    ESC_ERROR,
    ESC_WARN,
    ESC_INFO,
    ESC_DEBUG,
};

struct esc_log_field {
    const char *name; /* NULL ends the list */
    const char *text; /* NULL: the number counts */
    int64_t number;
    const char *unit; /* "" or "ms" */
};

#define F(name, value) ((struct esc_log_field){(name), (value), 0, ""})
#define F_N(name, value) ((struct esc_log_field){(name), NULL, (int64_t)(value), ""})
#define F_MS(name, value) ((struct esc_log_field){(name), NULL, (int64_t)(value), "ms"})

/** esc_log(level, message, fields...) */
#define esc_log(level, ...) esc_log_some(level, __VA_ARGS__, ((struct esc_log_field){0}))
#define esc_log_some(level, message, ...)                                                          \
    esc_log_fields((level), (message), (const struct esc_log_field[]){__VA_ARGS__})

void esc_log_fields(enum esc_log_level level, const char *message,
                    const struct esc_log_field *fields);
/** Lines above @p level are dropped; the default is ESC_WARN, or what ESCHER_LOG says
 *  (error, warn, info, debug). */
void esc_log_set_level(enum esc_log_level level);
