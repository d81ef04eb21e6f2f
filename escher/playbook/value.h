/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a value may be before it becomes one argument or one JSON string of a call. Every value
 * is looked at here, whoever it came from, also when its parameter has a pattern.
 */

#include <stdbool.h>
#include <stdint.h>

#include "escher/base/error.h"
#include "escher/base/json.h"
#include "escher/base/str.h"

/**
 * Refuses what some reader down the line could take for something else: a leading '-' (an
 * option), file:// and fileb:// and http:// and https:// (a loader), a leading '@' (a loader),
 * control characters, invisible ones, and invalid UTF-8. @p name stands in the message.
 * @errors ESC_INVALID
 */
enum esc_status esc_value_check_text(const char *name, struct esc_str text, struct esc_error *err);
/** The same for every string in @p value, member names included; a negative number counts as a
 *  leading '-'. @errors ESC_INVALID */
enum esc_status esc_value_check(const char *name, const struct esc_json *value,
                                struct esc_error *err);

/** Reads "90s", "5m", "2h" or "1d" as milliseconds. False when it is none. */
bool esc_duration_parse(struct esc_str text, uint64_t *ms);
