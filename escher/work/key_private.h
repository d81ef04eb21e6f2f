/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The keys of the store, as the workbench keeps them. Keyrings are slow and may hang, so whatever
 * asks one is a job; the store is touched on the loop alone.
 *
 *     rotate     begin ─▶ job: put, read back ─▶ commit ─▶ rows sealed anew, some in each turn
 *     recovery   begin ─▶ job: KEK, Argon2id ─▶ commit ─▶ the code, once
 *     tidy       which items lead nowhere ─▶ job: delete ─▶ their slots
 * A rotation that was cut off goes on when the store is opened again, without being asked.
 */

#include "escher/work/work_private.h"

/** When the workbench opens: goes on with a rotation, and tidies. */
void work_keys_take_up(struct esc_workbench *bench);
/** Deletes items that lead nowhere any more; call it after esc_store_drop_old_keys(). */
void work_keys_tidy(struct esc_workbench *bench);
/** No further turn is taken. */
void work_keys_leave(struct esc_workbench *bench);
/** Nothing of the keys is under way. */
bool work_keys_are_quiet(const struct esc_workbench *bench);

/** What the status says of the keys: {"says", "keyring", "kek", "passphrase", "recovery" and the
 *  rest of the page; "recovery_since", "cure"}; owned by the caller. NULL: @p err says why. */
struct esc_json *work_keys_page(const struct esc_workbench *bench, struct esc_error *err);
