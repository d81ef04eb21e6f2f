/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of conversations share: chat_book.c has them, chat_retention.c lets them go. */

#include "escher/work/work_private.h"

/** Reads RFC 3339, a day (its midnight, UTC), or "3d" for three days ago (m, h, d, w).
 *  @errors ESC_INVALID. */
enum esc_status chat_read_time(const char *text, uint64_t now_ms, uint64_t *out_ms,
                               struct esc_error *err);
/** Deletes conversations (@p ids: char *) with their keys, and the plans of them that nobody ran:
 *  all or nothing. @errors ESC_NOT_FOUND. */
enum esc_status chat_forget(struct esc_workbench *bench, const struct esc_list *ids,
                            struct esc_error *err);
/** How long a conversation stays after its last change; 0: for ever. */
uint64_t chat_retention_days(const struct esc_workbench *bench);
