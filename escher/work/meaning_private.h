/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a prompt means here: the resources it names, as the request that a planner gets.
 *
 *     prompt ─▶ mentions: exact names, and words that look like names and are none
 *     picked ─▶ settle the mention they are one of
 */

#include "escher/work/work_private.h"

struct work_meaning {
    struct esc_json *request; /* NULL until found */
    struct esc_json *near;    /* array of {word, hits} for words that name nothing */
    char *damage; /* rows that could not be read, and may be called so too; NULL: none */
};

/** @errors ESC_INVALID: it is empty; ESC_LIMIT: it is too long. */
enum esc_status work_prompt_check(struct esc_str prompt, struct esc_error *err);
/**
 * Fills @p meaning, which is done with work_meaning_done() also after a failure. @p picked: ids, or
 * NULL; @p history: earlier turns, or NULL; both borrowed.
 * @errors ESC_NOT_FOUND: a picked id; ESC_LIMIT: too many are picked; ESC_AMBIGUOUS: too many may
 * be meant, so that a part could pass for all.
 */
enum esc_status work_meaning_find(const struct esc_api_call *call, struct esc_str prompt,
                                  const struct esc_json *picked, const struct esc_json *history,
                                  struct work_meaning *meaning, struct esc_error *err);
void work_meaning_done(struct work_meaning *meaning);

/** The target of @p plan that @p request calls by a name, which another resource may have as well:
 *  neither picked nor given by its id or ARN. Borrowed from the plan; NULL when there is none. */
const struct esc_json *work_meaning_named_only(const struct esc_json *request,
                                               const struct esc_json *plan);
