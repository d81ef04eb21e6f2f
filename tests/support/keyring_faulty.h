/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A keyring around another one that counts what is asked of it and fails as it is told: any
 * function with any status, a put that keeps nothing, a get that gives another key, and the end of
 * the process before or after something is written.
 */

#include <unistd.h>

#include "escher/base/alloc.h"
#include "escher/crypt/keyring.h"

enum keyring_death {
    KEYRING_LIVES,
    DIES_BEFORE_PUT,
    DIES_AFTER_PUT,
    DIES_BEFORE_DEL,
    DIES_AFTER_DEL,
};

struct keyring_faults {
    enum esc_status probe, get, put, del; /* not ESC_OK: that function fails like this */
    bool forgets;                         /* put says ESC_OK and keeps nothing */
    bool lies;                            /* get gives another key */
    bool cuts;                            /* get gives the first half of it */
    enum keyring_death death;
    unsigned probes, gets, puts, dels; /* calls so far */
};

/* The exit code of a process that died of it. */
enum {
    KEYRING_DIED = 42
};

struct faulty {
    struct esc_keyring_table table;
    struct esc_keyring *inner;
    struct keyring_faults *faults;
};

static inline enum esc_status faulty_say(enum esc_status status, struct esc_error *error)
{
    return status == ESC_OK
               ? ESC_OK
               : esc_fail(error, status, "the keyring is told to say %s", esc_status_text(status));
}

static inline void faulty_die(const struct faulty *faulty, enum keyring_death when)
{
    if (faulty->faults->death == when)
        _exit(KEYRING_DIED);
}

static inline enum esc_status faulty_probe(void *context, struct esc_error *error)
{
    struct faulty *faulty = context;
    faulty->faults->probes++;
    if (faulty->faults->probe != ESC_OK)
        return faulty_say(faulty->faults->probe, error);
    return esc_keyring_probe(faulty->inner, error);
}

static inline enum esc_status faulty_get(void *context, const char *item, struct esc_secret **out,
                                         struct esc_error *error)
{
    struct faulty *faulty = context;
    const struct keyring_faults *faults = faulty->faults;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *found = NULL;
    faulty->faults->gets++;
    if (faults->get != ESC_OK)
        return faulty_say(faults->get, error);
    enum esc_status status = esc_keyring_get(faulty->inner, item, &found, error);
    if (status != ESC_OK)
        return status;
    const size_t len = esc_secret_len(found);
    if (faults->lies)
        *out = esc_secret_random(esc_random_system(), len);
    else if (faults->cuts)
        *out = esc_secret_new(esc_secret_view(found).ptr, len / 2);
    else
        *out = ESC_STEAL(found);
    return ESC_OK;
}

static inline enum esc_status faulty_put(void *context, const char *item,
                                         const struct esc_secret *secret, struct esc_error *error)
{
    struct faulty *faulty = context;
    faulty->faults->puts++;
    faulty_die(faulty, DIES_BEFORE_PUT);
    if (faulty->faults->put != ESC_OK || faulty->faults->forgets)
        return faulty_say(faulty->faults->put, error);
    enum esc_status status = esc_keyring_put(faulty->inner, item, secret, error);
    faulty_die(faulty, DIES_AFTER_PUT);
    return status;
}

static inline enum esc_status faulty_del(void *context, const char *item, struct esc_error *error)
{
    struct faulty *faulty = context;
    faulty->faults->dels++;
    faulty_die(faulty, DIES_BEFORE_DEL);
    if (faulty->faults->del != ESC_OK)
        return faulty_say(faulty->faults->del, error);
    enum esc_status status = esc_keyring_del(faulty->inner, item, error);
    faulty_die(faulty, DIES_AFTER_DEL);
    return status;
}

static inline void faulty_describe(void *context, struct esc_buf *out)
{
    esc_keyring_describe(((struct faulty *)context)->inner, out);
}

/* @p inner and @p faults are borrowed. It passes for a keyring of the same kind. */
static inline struct esc_keyring *keyring_faulty_new(struct esc_keyring *inner,
                                                     struct keyring_faults *faults)
{
    struct faulty *faulty = esc_alloc_zero(sizeof *faulty);
    *faulty = (struct faulty){{esc_keyring_name(inner), faulty_probe, faulty_get, faulty_put,
                               faulty_del, faulty_describe},
                              inner,
                              faults};
    return esc_keyring_new(&faulty->table, faulty, free);
}
