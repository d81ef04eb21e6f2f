/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Environment classes. People write prod, prd, live or production for one thing; everything that
 * compares environments compares the class: "production", "staging", "development", "test",
 * "sandbox" or "shared".
 */

#include "escher/base/json.h"
#include "escher/base/str.h"

/** The class of a word in any case, static text; NULL when it is no environment word. */
const char *esc_environment_of_word(struct esc_str word);
/** The first word of @p text, cut at anything but letters and digits, that is an environment word:
 *  "acme-prod-eu" gives "production". NULL when there is none. */
const char *esc_environment_of_text(struct esc_str text);
/** From the tags env, environment and stage (any case, in this order); NULL when none of
 *  them has a known value. @p tags may be NULL. */
const char *esc_environment_of_tags(const struct esc_json *tags);
