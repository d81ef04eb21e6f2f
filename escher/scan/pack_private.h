/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A resource as bytes and back, for as long as it waits in memory: all that a scan has found out
 * about it, in the order in which it did. Permissions come later and are not among it.
 *
 * Pure. The bytes are ours alone: what cannot be read back is a mistake of our own.
 */

#include "escher/base/buf.h"
#include "escher/model/resource.h"

/** Appends the resource, which has no permissions yet. */
void scan_pack(const struct esc_resource *resource, struct esc_buf *out);
/** What scan_pack() has made of; owned by the caller. */
ESC_RETURNS_NONNULL struct esc_resource *scan_unpack(struct esc_str bytes);
