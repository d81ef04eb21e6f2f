/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/crypt/secret.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <sodium.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/crypt/crypt_private.h"

struct esc_secret {
    size_t len;
    unsigned char *bytes; /* len bytes and a NUL, on guarded pages */
};

void crypt_ready(void)
{
    ESC_ASSERT(sodium_init() >= 0); /* fails only without any source of randomness */
}

struct esc_secret *secret_blank(size_t len)
{
    crypt_ready();
    struct esc_secret *secret = esc_alloc(sizeof *secret);
    secret->len = len;
    secret->bytes = sodium_malloc(len + 1); /* locking is tried; the limit may be too low for it */
    ESC_ASSERT(secret->bytes);
    secret->bytes[len] = '\0';
    return secret;
}

unsigned char *secret_bytes(struct esc_secret *secret)
{
    return secret->bytes;
}

struct esc_secret *esc_secret_new(const void *bytes, size_t len)
{
    struct esc_secret *secret = secret_blank(len);
    if (len)
        memcpy(secret->bytes, bytes, len);
    return secret;
}

struct esc_secret *esc_secret_of_text(const char *text)
{
    return esc_secret_new(text, strlen(text));
}

struct esc_secret *esc_secret_random(const struct esc_random *random, size_t len)
{
    struct esc_secret *secret = secret_blank(len);
    esc_random_fill(random, secret->bytes, len);
    return secret;
}

void esc_secret_set(struct esc_secret *secret, const void *bytes)
{
    memcpy(secret->bytes, bytes, secret->len);
}

struct esc_secret *esc_secret_copy(const struct esc_secret *secret)
{
    return secret ? esc_secret_new(secret->bytes, secret->len) : NULL;
}

void esc_secret_free(struct esc_secret *secret)
{
    if (secret)
        sodium_free(secret->bytes);
    free(secret);
}

struct esc_str esc_secret_view(const struct esc_secret *secret)
{
    return (struct esc_str){(const char *)secret->bytes, secret->len};
}

size_t esc_secret_len(const struct esc_secret *secret)
{
    return secret->len;
}

bool esc_secret_equal(const struct esc_secret *a, const struct esc_secret *b)
{
    return a->len == b->len && sodium_memcmp(a->bytes, b->bytes, a->len) == 0;
}

void esc_wipe(void *bytes, size_t len)
{
    sodium_memzero(bytes, len);
}

enum esc_status esc_secret_harden_process(struct esc_error *err)
{
    const struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0)
        return esc_fail(err, ESC_IO, "core files cannot be switched off: %s", strerror(errno));
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return esc_fail(err, ESC_IO, "memory cannot be closed to others: %s", strerror(errno));
    return ESC_OK;
}

static bool can_lock(void)
{
    unsigned char page[64]; /* a lock is on whole pages and does not nest, so not on a secret's */
    if (sodium_mlock(page, sizeof page) != 0)
        return false;
    (void)sodium_munlock(page, sizeof page); /* wipes it as well */
    return true;
}

struct esc_secret_protection esc_secret_protection(void)
{
    struct rlimit core;
    return (struct esc_secret_protection){
        .no_core_files = getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur == 0,
        .closed = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0,
        .locks_pages = can_lock(),
    };
}
