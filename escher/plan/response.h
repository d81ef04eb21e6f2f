/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A planner's answer as bytes from outside, read strictly: at most ESC_RESPONSE_BYTES, 16 levels
 * deep, valid UTF-8, no member twice, no member that docs/formats/planner-response.schema.json
 * does not have, every required one there with its type. What a plan says is judged by verify.h.
 */

#include "escher/base/error.h"
#include "escher/base/json.h"
#include "escher/base/str.h"

enum {
    ESC_RESPONSE_BYTES = 256 * 1024,
    ESC_RESPONSE_DEPTH = 16,
};

enum esc_response_kind {
    ESC_RESPONSE_PLAN,
    ESC_RESPONSE_QUESTION,
    ESC_RESPONSE_ANSWER,
    ESC_RESPONSE_QUERY,
    ESC_RESPONSE_REFUSAL,
    ESC_RESPONSE_KIND_COUNT,
};
const char *esc_response_kind_text(enum esc_response_kind kind);

/**
 * Reads @p bytes; *out is owned by the caller.
 * @errors ESC_BLOCKED naming what is wrong, by its path; nothing of it may be used then.
 */
enum esc_status esc_response_read(struct esc_str bytes, enum esc_response_kind *kind,
                                  struct esc_json **out, struct esc_error *err);
