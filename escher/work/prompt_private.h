/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Asking the person behind a call what only they know; prompt.c. */

#include "escher/aws/call.h"
#include "escher/work/work_private.h"

/** esc_aws_ask_fn over the workbench: asks the call whose environment has the question's asker. */
void work_prompt_ask(void *bench, const struct esc_aws_question *question,
                     esc_aws_answer_fn *answer, void *answer_context);
/** The call is over or cancelled: what it was asked has no answer. */
void work_prompts_end(struct esc_api_call *call);
