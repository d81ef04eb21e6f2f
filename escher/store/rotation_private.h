/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "escher/store/header_private.h"
#include "escher/store/rotation.h"
#include "escher/store/wrapping_private.h"

/** When the store is opened: data keys that are retired. */
enum esc_status rotation_load(struct esc_store *store, struct esc_error *err);
/** Retires all data keys there are, inside the transaction that changes the KEK; the caller tells
 *  the keys after its commit, with *retired. */
enum esc_status rotation_begin(struct esc_store *store, int64_t *retired, struct esc_error *err);
/** Keeps what backups made under the KEK that goes are opened with, inside the transaction, before
 *  the keys are wrapped anew. */
enum esc_status rotation_keep_old(struct esc_store *store, struct esc_error *err);
/** What wrapped the keys of a copy made under @p kek, this one or an earlier one; owned by the
 *  caller. @errors ESC_NOT_FOUND: no such KEK was here. */
enum esc_status rotation_wrap_of(struct esc_store *store, int64_t kek, struct esc_secret **out,
                                 struct esc_error *err);
/** The check value of this KEK or an earlier one. @errors ESC_NOT_FOUND. */
enum esc_status rotation_check_of(struct esc_store *store, int64_t kek, uint8_t out[CHECK_SIZE],
                                  struct esc_error *err);
