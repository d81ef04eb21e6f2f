/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Bytes that must not be seen: keys, passphrases, credentials. They live on pages of their own
 * between guard pages, locked into memory where the system allows it, left out of core files,
 * and are wiped when freed. No formatter takes a struct esc_secret; what is seen of it is seen
 * through esc_secret_view(), which is easy to search for.
 *
 * Ownership  who makes one frees it; functions that take one borrow it unless they say otherwise.
 * Threads    a secret is read by any thread and freed by one; its copies by others.
 */

#include <stdbool.h>
#include <stddef.h>

#include "escher/base/attr.h"
#include "escher/base/error.h"
#include "escher/base/id.h"
#include "escher/base/str.h"

struct esc_secret;

/** Copies @p len bytes (0 is allowed); the caller wipes its own copy with esc_wipe(). */
ESC_RETURNS_NONNULL struct esc_secret *esc_secret_new(const void *bytes, size_t len);
ESC_RETURNS_NONNULL struct esc_secret *esc_secret_of_text(const char *text);
ESC_RETURNS_NONNULL struct esc_secret *esc_secret_random(const struct esc_random *random,
                                                         size_t len);
/** Other bytes in its place, as many as it has; copies keep theirs. */
void esc_secret_set(struct esc_secret *secret, const void *bytes);
/** NULL for NULL. Copies share their pages and cost little; the last one to be freed wipes them. */
struct esc_secret *esc_secret_copy(const struct esc_secret *secret);
void esc_secret_free(struct esc_secret *secret); /* NULL does nothing */
ESC_DEFINE_CLEANUP(struct esc_secret, esc_secret_free)

/** The bytes, borrowed; only for handing to crypto, a child's environment or a signer. A NUL that
 *  is not counted follows them, so text is also a C string. */
struct esc_str esc_secret_view(const struct esc_secret *secret);
size_t esc_secret_len(const struct esc_secret *secret);
/** Compares in constant time; lengths are no secret. */
bool esc_secret_equal(const struct esc_secret *a, const struct esc_secret *b);

/** Overwrites memory so that no compiler drops it. */
void esc_wipe(void *bytes, size_t len);

/**
 * For programs that hold keys, first thing in main(): no core file (RLIMIT_CORE 0), no debugger
 * of the same user, /proc/self/mem closed (PR_SET_DUMPABLE 0). Never in a process with a window:
 * the desktop's file dialogs refuse to talk to one.
 * @errors ESC_IO: the system refused; the program may go on and says so.
 */
enum esc_status esc_secret_harden_process(struct esc_error *err);

/** Which of these hold for this process, here and now. */
struct esc_secret_protection {
    bool no_core_files;
    bool closed;      /* to debuggers and other programs of the same user */
    bool locks_pages; /* secrets never reach the swap space; the system's limit allows it */
};
struct esc_secret_protection esc_secret_protection(void);
