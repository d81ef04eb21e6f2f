/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The text of a resource that is embedded, and the two hashes that say what changed: the content
 * hash over all a scan saw, the embedded hash over that text alone, so that a stopped database is
 * written anew but not embedded anew.
 */

#include "escher/base/buf.h"
#include "escher/model/resource.h"

enum {
    ESC_HASH_TEXT = 72 /* "sha256:", 64 digits and the NUL */
};

/**
 * Appends "production. RDS database instance pg-instance-main1 app=main": the environment class
 * first, the type spelled out, the name, and the few tags that say what a thing is for.
 */
void esc_embedding_text(const struct esc_resource *resource, struct esc_buf *out);
/** The hash of that text, for embedded_hash. */
void esc_embedding_hash(const struct esc_resource *resource, char out[ESC_HASH_TEXT]);
/** The hash of the resource without iam, last_synced, seen_in and the hashes. */
void esc_content_hash(const struct esc_resource *resource, char out[ESC_HASH_TEXT]);
