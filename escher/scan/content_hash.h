/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whether anything about a resource has changed since it was last seen: a hash over all a scan saw.
 * What is only for searching (the text that is embedded) has a hash of its own, so that a stopped
 * database is written anew but not embedded anew.
 */

#include "escher/model/resource.h"

enum {
    ESC_HASH_TEXT = 72 /* "sha256:", 64 digits and the NUL */
};

/** The hash of the resource without iam, last_synced, seen_in and the hashes. Relations and reasons
 *  count whatever their order, which is that of the answers. */
void esc_content_hash(const struct esc_resource *resource, char out[ESC_HASH_TEXT]);
/** Sets the resource's content_hash to it. */
void esc_content_hash_set(struct esc_resource *resource);
