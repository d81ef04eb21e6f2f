/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The questions of tests/cases/iam/agreed.jsonl, which tools/iam-compare made. */

#include "escher/base/json.h"

/** Gives each question, whose member "expect" is the decision, to @p take; returns how many. */
unsigned agreed_read(void (*take)(const struct esc_json *question, unsigned line));
