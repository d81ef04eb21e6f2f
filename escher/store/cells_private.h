/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which resources a scan saw, cell by cell (account × region × type).
 *
 * While a cell is being scanned the ids are kept in memory. Closing it writes one record, sealed
 * in the collection "cells": the scan that saw all of it and when; after an incomplete scan
 * also which resources that one saw, as the first eight bytes of their blind ids.
 */

#include "escher/store/estate.h"
#include "escher/store/rows_private.h"

/** The name of a resource's cell; owned by the caller. */
char *cell_name(const char *account_id, const char *region, const char *resource_type);

/** The running scan @p sync_id has seen the row @p id of @p cell. */
void cell_saw(struct esc_store *store, const char *cell, const char *sync_id,
              const struct blind *id);
bool cell_has_seen(const struct esc_store *store, const char *cell, const char *sync_id,
                   const struct blind *id);

/** What the records say: read all of them once, then filled into resource after resource. */
struct cell_records;
enum esc_status cell_records_load(struct esc_store *store, struct cell_records **out,
                                  struct esc_error *err);
/** Only the record of one cell. */
enum esc_status cell_records_load_one(struct esc_store *store, const char *cell,
                                      struct cell_records **out, struct esc_error *err);
/** When the cell was seen: 0 never. Without an @p id UINT64_MAX when that is not the same for all. */
uint64_t cell_records_seen(const struct cell_records *records, const char *cell,
                           const struct blind *id);
/** As cell_records_fill_in() by the record of its own cell, which is kept for the next time. */
enum esc_status cell_fill_in(struct esc_store *store, const struct blind *id,
                             struct esc_resource *resource, struct esc_error *err);
/** Forgets what was kept of @p cell; NULL: of all. */
void cell_records_forget(struct esc_store *store, const char *cell);
void cell_records_free(struct cell_records *records);
ESC_DEFINE_CLEANUP(struct cell_records, cell_records_free)
/** Sets seen_in and last_synced_ms when the record of its cell knows of a later scan. */
void cell_records_fill_in(const struct cell_records *records, const struct blind *id,
                          struct esc_resource *resource);
