/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the server hands out as it is: the text of each playbook and the JSON Schemas. Read into
 * memory once, so that a request never touches the disk.
 */

#include "escher/base/error.h"
#include "escher/base/map.h"
#include "escher/playbook/shelf.h"

struct server_documents {
    struct esc_map *playbooks; /* sha256 → text (char *) */
    struct esc_map *schemas;   /* "plan" → text (char *) */
    char *list;                /* GET /v1/playbooks */
};

/** @p folder of the playbooks; NULL: the shelf's own. @errors ESC_NOT_FOUND, ESC_BLOCKED: a
 *  playbook changed since the shelf was opened, ESC_LIMIT, ESC_IO. */
enum esc_status server_documents_load(const struct esc_shelf *shelf, const char *folder,
                                      struct server_documents *out, struct esc_error *err);
void server_documents_done(struct server_documents *documents);
