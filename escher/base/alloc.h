/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Memory that is always there: allocation never returns NULL, the process ends with a message
 * instead (docs/adr). Everything here is freed with free().
 */

#include <stddef.h>
#include <stdlib.h>

#include "escher/base/attr.h"

ESC_RETURNS_NONNULL void *esc_alloc(size_t size_bytes);
ESC_RETURNS_NONNULL void *esc_alloc_zero(size_t size_bytes);
/** @p count elements of @p size_bytes; an overflowing product ends the process. Zeroed. */
ESC_RETURNS_NONNULL void *esc_alloc_array(size_t count, size_t size_bytes);
ESC_RETURNS_NONNULL void *esc_realloc_array(void *old, size_t count, size_t size_bytes);
ESC_RETURNS_NONNULL char *esc_strdup(const char *text);
/** Copies @p len bytes and adds a NUL. */
ESC_RETURNS_NONNULL char *esc_strndup(const char *text, size_t len);
/** Like esc_strdup, but NULL for NULL. */
char *esc_strdup_null(const char *text);
ESC_RETURNS_NONNULL char *esc_sprintf(const char *format, ...) ESC_PRINTF(1, 2);

/** For ESC_CLEANUP on memory that free() frees. */
static inline void esc_freep(void *pointer_to_pointer)
{
    free(*(void **)pointer_to_pointer);
}
