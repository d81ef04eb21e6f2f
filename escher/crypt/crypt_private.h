/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of this room share. */

#include <stddef.h>

#include "escher/crypt/secret.h"

/** libsodium is initialised; any number of calls from any thread. */
void crypt_ready(void);

/** A secret of @p len bytes to be filled in by the caller, who owns it. */
struct esc_secret *secret_blank(size_t len);
unsigned char *secret_bytes(struct esc_secret *secret); /* writable, borrowed */
