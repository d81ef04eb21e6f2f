/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * When each instance was asked about its protection from termination, which costs a call each: so
 * that those have their turn that were asked longest ago, and that an answer says how old it is.
 * One document for each account and region (collection "protection"), written as its place closes;
 * it is no part of the resource, which would else be another one after each look.
 *
 * Ownership  what is handed in is borrowed for the call.
 * Threads    the loop thread only.
 */

#include "escher/work/work_private.h"

struct work_protection;

ESC_RETURNS_NONNULL struct work_protection *work_protection_new(struct esc_workbench *bench);
void work_protection_free(struct work_protection *book); /* NULL does nothing */
/** When it had its turn last, answered or not; 0: never, as far as is known. */
uint64_t work_protection_asked_ms(struct work_protection *book, const char *account_id,
                                  const char *region, const char *identifier);
/** It has its turn now. Whom the cloud refuses to tell about takes nobody else's the next time. */
void work_protection_asks(struct work_protection *book, const char *account_id, const char *region,
                          const char *identifier);
/** Notes an instance whose answer is in; anything else is passed over. */
void work_protection_note(struct work_protection *book, const struct esc_resource *resource);
/** Writes what was noted of an account's region, less what is no longer there. */
enum esc_status work_protection_keep(struct work_protection *book, const char *place,
                                     struct esc_error *err);

/** An answer that is older than the rest of the resource says so, in its reasons. */
void work_protection_say_age(struct esc_workbench *bench, struct esc_resource *resource);
