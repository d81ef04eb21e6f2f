/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Bytes made small for as long as they lie in memory: what a record shares with one known before,
 * and what it says twice, becomes a reference. Made for thousands of short records of one shape,
 * each of which is to be had alone; the form is of no use beyond the process.
 *
 *     squeeze(known, bytes) ─▶ small        unsqueeze(the same known, small) ─▶ bytes
 *
 * Pure. Ownership  everything is borrowed. Threads  any.
 */

#include "escher/base/buf.h"
#include "escher/base/error.h"
#include "escher/base/str.h"

enum {
    SCAN_SQUEEZE_KNOWN = 4096 /* bytes that may be known */
};

/** Appends what gives @p bytes again together with @p known, which may be empty. */
void scan_squeeze(struct esc_str known, struct esc_str bytes, struct esc_buf *out);
/** Appends the bytes. @errors ESC_CORRUPT: no such thing was made with that @p known; what @p out
 *  holds then is of no use. */
enum esc_status scan_unsqueeze(struct esc_str known, struct esc_str squeezed, struct esc_buf *out,
                               struct esc_error *err);
