/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The planner: one request in, one answer out, nothing kept.
 *
 *     request ──▶ normalise ──▶ words, literals, resources as boxes ──▶ mood
 *                                                                        │ command    │ all else
 *                        verb × type ──▶ playbook ──▶ coverage ──▶ fill ──▶ plan       ▼
 *                            └────────────┴──────────────┴─────────┴──▶ question, answer,
 *                                                                        query, refusal
 *
 * A plan is only made when every content word of the prompt was used: as the verb, the resource,
 * a word that is true of the resource, a value, or politeness. One word more, a negation, a
 * condition, a time, a question or a second resource, and the answer is no plan.
 *
 * The answer is a pure function of the request, the shelf and the encoder: no clock, no chance, no
 * locale. The bytes of two equal requests are equal.
 *
 * Ownership  the shelf and the embed context are borrowed for the planner's life.
 * Threads    one planner is used by one thread at a time.
 */

#include <stdbool.h>

#include "escher/base/buf.h"
#include "escher/base/error.h"
#include "escher/base/json.h"
#include "escher/find/query.h"
#include "escher/playbook/shelf.h"

struct esc_planner;

/**
 * Prepares the shelf for retrieval: its words, and its vectors when @p embed is given (NULL:
 * words only). *out is owned by the caller.
 * @errors what @p embed returns.
 */
enum esc_status esc_planner_new(const struct esc_shelf *shelf, esc_embed_fn *embed,
                                void *embed_context, struct esc_planner **out,
                                struct esc_error *err);
/**
 * The same at once: the vectors are made by the first question that is to be answered, which
 * fails for none of them, or one after the other before it.
 */
ESC_RETURNS_NONNULL struct esc_planner *
esc_planner_new_cold(const struct esc_shelf *shelf, esc_embed_fn *embed, void *embed_context);
/** Makes the next vector that is missing; false when there is none, or embedding fails. */
bool esc_planner_warm(struct esc_planner *planner);
void esc_planner_free(struct esc_planner *planner); /* NULL does nothing */
ESC_DEFINE_CLEANUP(struct esc_planner, esc_planner_free)

/**
 * Appends the response (docs/internals/answer.md) to @p response as compact JSON.
 * @errors ESC_INVALID: the request does not have the shape of a planner request, or is not in
 * mode "full" or "local"; ESC_LIMIT: the response outgrew the buf.
 */
enum esc_status esc_answer(const struct esc_planner *planner, const struct esc_json *request,
                           struct esc_buf *response, struct esc_error *err);

/**
 * Whether what @p prompt asks for can be done with things of a type at all, whatever they are
 * called; true when it asks for no action. For choices, never for a plan.
 */
bool esc_answer_fits(const struct esc_planner *planner, struct esc_str prompt,
                     const char *resource_type);

/** Appends only the `classification` of what esc_answer() would say. Same errors. */
enum esc_status esc_classify(const struct esc_planner *planner, const struct esc_json *request,
                             struct esc_buf *response, struct esc_error *err);
