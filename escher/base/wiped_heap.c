/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Freed memory is wiped, in programs that compile this file in: those that get credentials.
 *
 * A secret of ours lives in a struct esc_secret from the moment we hold it. Before that it went
 * through buffers nobody thinks of: the request as it was read, its text while it was parsed, the
 * strings of the parsed value, what the HTTP and JSON libraries keep for their own use. None of
 * them is wiped where it is freed, and a core image would show it hours later.
 *
 * The C library lets a program have its own free() and realloc(), for itself and for every
 * library it uses, and offers its own under another name. Sanitizers bring a heap of their own,
 * and under them this file is empty.
 */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "escher/base/attr.h"

#if defined(__GLIBC__) && !defined(ESC_SANITIZED)

void __libc_free(void *memory); /* what free() is when nobody replaces it */

/* A block is larger than what was asked for. Where free() is inlined beside an allocation the
 * compiler knows the smaller size and takes the rest for an overflow, so it must not know. */
static void *with_unknown_size(void *memory)
{
    void *volatile hidden = memory;
    return hidden;
}

ESC_EXPORTED void free(void *memory)
{
    if (memory)
        explicit_bzero(with_unknown_size(memory), malloc_usable_size(memory));
    __libc_free(memory);
}

/* Never in place when it grows or shrinks much: what is left behind would not be wiped. */
ESC_EXPORTED void *realloc(void *old, size_t size_bytes)
{
    if (!old)
        return malloc(size_bytes);
    if (size_bytes == 0) {
        free(old);
        return NULL;
    }
    const size_t had = malloc_usable_size(old);
    if (size_bytes <= had && size_bytes >= had / 2)
        return old;
    void *memory = malloc(size_bytes);
    if (memory) {
        memcpy(memory, with_unknown_size(old), size_bytes < had ? size_bytes : had);
        free(old);
    }
    return memory;
}

#endif
