/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/crypt/secret.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <sodium.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/crypt/crypt_private.h"

/*
 * Copies share their pages: making guarded ones takes seven calls of the system, several of which
 * stop the other threads, and every request to a cloud has copies of its keys.
 */
struct pages {
    atomic_uint users;
    unsigned char *bytes; /* and a NUL, guarded */
};

struct esc_secret {
    size_t len;
    struct pages *pages;
};

void crypt_ready(void)
{
    ESC_ASSERT(sodium_init() >= 0); /* fails only without any source of randomness */
}

static struct pages *pages_new(size_t len)
{
    struct pages *pages = esc_alloc(sizeof *pages);
    atomic_init(&pages->users, 1);
    pages->bytes = sodium_malloc(len + 1); /* locking is tried; the limit may be too low for it */
    ESC_ASSERT(pages->bytes);
    pages->bytes[len] = '\0';
    return pages;
}

static void drop_pages(struct pages *pages)
{
    if (atomic_fetch_sub(&pages->users, 1) != 1)
        return;
    sodium_free(pages->bytes); /* wipes them */
    free(pages);
}

static struct esc_secret *secret_on(struct pages *pages, size_t len)
{
    struct esc_secret *secret = esc_alloc(sizeof *secret);
    *secret = (struct esc_secret){len, pages};
    return secret;
}

struct esc_secret *secret_blank(size_t len)
{
    crypt_ready();
    return secret_on(pages_new(len), len);
}

unsigned char *secret_bytes(struct esc_secret *secret)
{
    ESC_ASSERT(atomic_load(&secret->pages->users) == 1);
    return secret->pages->bytes;
}

struct esc_secret *esc_secret_new(const void *bytes, size_t len)
{
    struct esc_secret *secret = secret_blank(len);
    if (len)
        memcpy(secret->pages->bytes, bytes, len);
    return secret;
}

struct esc_secret *esc_secret_of_text(const char *text)
{
    return esc_secret_new(text, strlen(text));
}

struct esc_secret *esc_secret_random(const struct esc_random *random, size_t len)
{
    struct esc_secret *secret = secret_blank(len);
    esc_random_fill(random, secret->pages->bytes, len);
    return secret;
}

void esc_secret_set(struct esc_secret *secret, const void *bytes)
{
    if (atomic_load(&secret->pages->users) > 1) { /* copies keep what they have */
        drop_pages(secret->pages);
        secret->pages = pages_new(secret->len);
    }
    memcpy(secret->pages->bytes, bytes, secret->len);
}

struct esc_secret *esc_secret_copy(const struct esc_secret *secret)
{
    if (!secret)
        return NULL;
    (void)atomic_fetch_add(&secret->pages->users, 1); /* what it was before is of no use */
    return secret_on(secret->pages, secret->len);
}

void esc_secret_free(struct esc_secret *secret)
{
    if (secret)
        drop_pages(secret->pages);
    free(secret);
}

struct esc_str esc_secret_view(const struct esc_secret *secret)
{
    return (struct esc_str){(const char *)secret->pages->bytes, secret->len};
}

size_t esc_secret_len(const struct esc_secret *secret)
{
    return secret->len;
}

bool esc_secret_equal(const struct esc_secret *a, const struct esc_secret *b)
{
    return a->len == b->len && sodium_memcmp(a->pages->bytes, b->pages->bytes, a->len) == 0;
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
