/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The page as it is carried in the programs: the files of ui/dist, or a small page that says how
 * to build the real one. tools/page-table turns them into C when the programs are built, so that
 * neither Node nor a folder beside the program is needed to show them.
 */

#include <stddef.h>

#include "escher/base/str.h"

struct esc_page_asset {
    const char *path; /* "/index.html" */
    const char *mime; /* with its charset where it is text */
    const char *etag; /* quoted, as the header wants it; equal for equal bytes */
    const unsigned char *bytes;
    size_t len;
};

/**
 * The file for the path of a URL (no query). A path that names no file is a place within the page
 * and yields its index, since the page finds its own way there. NULL below /api and /assets, where
 * an unknown name is a mistake. Static memory.
 */
const struct esc_page_asset *esc_page_find(struct esc_str path);
/** Walks all files in order of their paths; NULL behind the last. */
const struct esc_page_asset *esc_page_at(size_t index);
