/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The shelf: all playbooks of a folder, each the very text this program was built with. Their
 * SHA-256 are compiled in (written at build time from playbooks/); a file that was changed,
 * added or removed makes the shelf refuse to open and says which.
 *
 * Ownership  open/free; playbooks belong to the shelf.
 * Threads    read only once open; any.
 */

#include <stddef.h>

#include "escher/base/error.h"
#include "escher/playbook/playbook.h"

struct esc_shelf;

/**
 * Opens @p folder; NULL: ESCHER_PLAYBOOKS, else the share folder's "playbooks".
 * @errors ESC_BLOCKED: not the playbooks of this program, naming the file; ESC_NOT_FOUND,
 * ESC_INVALID, ESC_IO.
 */
enum esc_status esc_shelf_open(const char *folder, struct esc_shelf **out, struct esc_error *err);
void esc_shelf_free(struct esc_shelf *shelf); /* NULL does nothing */
ESC_DEFINE_CLEANUP(struct esc_shelf, esc_shelf_free)

size_t esc_shelf_count(const struct esc_shelf *shelf);
const struct esc_playbook *esc_shelf_at(const struct esc_shelf *shelf, size_t index); /* by id */
const struct esc_playbook *esc_shelf_find(const struct esc_shelf *shelf,
                                          const char *id); /* or NULL */
