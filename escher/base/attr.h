/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The GNU words the tree uses, and nothing else may spell them: attributes, cleanup, typeof.
 * Installed headers also compile as C11, hence ESC_NODISCARD.
 */

#include <assert.h> /* static_assert */
#include <stddef.h>

#if defined(__STDC_VERSION__) && __STDC_VERSION__ > 201710L
#define ESC_NODISCARD [[nodiscard]]
#else
#define ESC_NODISCARD
#endif

/** Whether a sanitizer watches the heap. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ESC_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(memory_sanitizer)
#define ESC_SANITIZED 1
#endif
#endif

#define ESC_PRINTF(format_index, first_index)                                                      \
    __attribute__((format(printf, format_index, first_index)))
#define ESC_NORETURN __attribute__((noreturn))
#define ESC_RETURNS_NONNULL __attribute__((returns_nonnull))
#define ESC_UNUSED __attribute__((unused))
/** Seen by the libraries a program uses, where all else is hidden. */
#define ESC_EXPORTED __attribute__((visibility("default")))
/** For the innermost loops, where a constant argument must become a constant in the code. */
#define ESC_ALWAYS_INLINE inline __attribute__((always_inline))

/** Runs @p fn on the variable when its scope ends: `ESC_CLEANUP(esc_x_freep) struct esc_x *x`. */
#define ESC_CLEANUP(fn) __attribute__((cleanup(fn), unused))

/** Defines `esc_x_freep(T **)` for ESC_CLEANUP out of `esc_x_free(T *)`. */
#define ESC_DEFINE_CLEANUP(type, free_fn)                                                          \
    ESC_UNUSED static inline void free_fn##p(type **pointer)                                       \
    {                                                                                              \
        free_fn(*pointer);                                                                         \
    }

/** The pointer's value; the variable itself becomes NULL, so its cleanup does nothing. */
#define ESC_STEAL(pointer)                                                                         \
    __extension__({                                                                                \
        __typeof__(pointer) stolen_ = (pointer);                                                   \
        (pointer) = NULL;                                                                          \
        stolen_;                                                                                   \
    })

#define ESC_COUNT(array) (sizeof(array) / sizeof(array)[0])
