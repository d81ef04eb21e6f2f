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

#define WORK_PROTECTION "protection" /* the collection; keys "ACCOUNT REGION" */

struct work_protection;

ESC_RETURNS_NONNULL struct work_protection *work_protection_new(struct esc_workbench *bench);
void work_protection_free(struct work_protection *book); /* NULL does nothing */
/** What the instance of a place ("ACCOUNT REGION") has told may be true no more: until it tells
 *  again that is not taken over, and it has its turn before all others. One that is not in the
 *  estate is passed over. */
void work_protection_doubt(struct work_protection *book, const char *place, const char *identifier);
bool work_protection_is_doubted(struct work_protection *book, const struct esc_resource *resource);
/** Whether any instance there is. */
bool work_protection_has_doubts(struct work_protection *book, const char *account_id,
                                const char *region);
/** When it had its turn last, answered or not; 1: never, as far as is known; 0: never since it is
 *  doubted. */
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

/** An answer that is older than the rest of the resource, or doubted, says so in its reasons. */
void work_protection_say_age(const struct esc_workbench *bench, struct esc_resource *resource);
