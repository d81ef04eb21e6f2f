/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The query protocol's request: a form body, "Action=AssumeRole&Version=2011-06-15&RoleArn=…".
 * @source Smithy, AWS query protocol, "Serialize input": URL encoding of names and values
 */

#include <stdint.h>

#include "escher/base/buf.h"

/** Begins the body; @p buf is initialised by the caller. */
void esc_query_begin(struct esc_buf *buf, const char *action, const char *version);
/** Adds a member; NULL or an empty value adds nothing. */
void esc_query_add(struct esc_buf *buf, const char *name, const char *value);
/** Adds a member whatever its value. */
void esc_query_add_str(struct esc_buf *buf, const char *name, struct esc_str value);
void esc_query_add_number(struct esc_buf *buf, const char *name, uint64_t value);
