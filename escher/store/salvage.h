/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What can be had from a damaged store: every row that still opens, in a new file.
 *
 *     PATH ──read, never written──▶ PATH.salvaged ──▶ PATH       PATH and its log ──▶ aside
 *
 * The file is read page by page and not as a database, so that damage costs the rows it stands in.
 * Rows open only as they were written, so nothing that is kept is wrong; what is missing is counted
 * by what the store says it had. The audit trail keeps its gaps, and `verify` names them.
 */

#include "escher/store/store.h"

struct esc_salvaged {
    uint64_t kept;      /* rows of the collections that opened */
    uint64_t damaged;   /* that were found and did not */
    uint64_t missing;   /* that were not found, of all tables; by what the store said it had */
    bool knows_missing; /* that could be read */
    struct esc_json *collections; /* kept rows by collection; owned by the caller */
    char aside[160];              /* what the damaged file is called now, beside its place */
};

/**
 * Takes the place of the damaged store; nobody may have it open.
 * @errors ESC_LOCKED: somebody has; ESC_NOT_FOUND; ESC_CORRUPT: what opens the rows is lost as
 * well; those of the keyring; ESC_IO. Then the damaged store is where it was.
 */
enum esc_status esc_store_salvage(const struct esc_store_options *options, struct esc_salvaged *out,
                                  struct esc_error *err);
