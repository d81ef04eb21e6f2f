/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A hash table from text to pointers. Keys are copied. With a free function it owns its values.
 * Iteration is in order of insertion (removals keep the order of the rest).
 * The hash is seeded at random per process, so hostile keys cannot pile up.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "escher/base/list.h"
#include "escher/base/str.h"

struct esc_map;

ESC_RETURNS_NONNULL struct esc_map *esc_map_new(esc_free_fn *free_value);
void esc_map_free(struct esc_map *map);
ESC_DEFINE_CLEANUP(struct esc_map, esc_map_free)

/** Replaces (and frees) an earlier value. */
void esc_map_set(struct esc_map *map, struct esc_str key, void *value);
void *esc_map_get(const struct esc_map *map, struct esc_str key); /* NULL when absent */
bool esc_map_has(const struct esc_map *map, struct esc_str key);
/** Takes the value out without freeing it; NULL when absent. */
void *esc_map_remove(struct esc_map *map, struct esc_str key);
/** The hash that maps of this process keep a key by. */
uint64_t esc_map_hash(struct esc_str key);
size_t esc_map_count(const struct esc_map *map);

/** Walks the entries: start with *position = 0; false at the end. No changes meanwhile. */
bool esc_map_next(const struct esc_map *map, size_t *position, struct esc_str *key, void **value);
