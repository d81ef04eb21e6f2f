/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What signs a request to AWS: a key id, its secret, and for temporary ones a session token.
 * The secrets never reach a log, a message or an argument list; struct esc_secret sees to that.
 *
 * Ownership  new/free/copy; members belong to the struct.
 */

#include <stdbool.h>
#include <stdint.h>

#include "escher/base/attr.h"
#include "escher/crypt/secret.h"

struct esc_credentials {
    char *access_key_id;
    struct esc_secret *secret_access_key;
    struct esc_secret *session_token; /* NULL for long-lived keys */
    uint64_t expires_at_ms;           /* wall clock; 0: never */
    uint64_t login_ends_ms;           /* when a person is needed for others; 0: never, not known */
    char *caller_arn; /* whose they are, as GetCallerIdentity says; NULL: nobody has asked */
};

/** Copies everything; @p session_token may be NULL or "". */
ESC_RETURNS_NONNULL struct esc_credentials *esc_credentials_new(const char *access_key_id,
                                                                const char *secret_access_key,
                                                                const char *session_token,
                                                                uint64_t expires_at_ms);
void esc_credentials_free(struct esc_credentials *credentials); /* NULL does nothing */
ESC_DEFINE_CLEANUP(struct esc_credentials, esc_credentials_free)
struct esc_credentials *esc_credentials_copy(const struct esc_credentials *credentials);

enum {
    ESC_CREDENTIALS_EARLY_MS = 5 * 60 * 1000, /* renewed this long before they expire */
};
/** True until ESC_CREDENTIALS_EARLY_MS before they expire. */
bool esc_credentials_are_fresh(const struct esc_credentials *credentials, uint64_t now_ms);
