/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What was found in a place, until the place is seen whole: a hundred thousand resources must wait
 * in little room. The first few stay as they are; when there are more, all become bytes
 * (pack_private.h), each squeezed against some of its own type, so that any of them can be taken
 * out again alone.
 *
 *     put ─▶ as it is ──too many──▶ squeezed
 *                ▲ give back           │
 *                └────── taken ◀───────┴── take
 *
 * Ownership  the stash owns what is in it; a resource that was taken is the taker's.
 */

#include "escher/base/buf.h"
#include "escher/base/list.h"
#include "escher/model/resource.h"

struct stash_item {
    const char *type;              /* static; NULL: dropped */
    struct esc_resource *resource; /* NULL: squeezed, or taken */
    char *small;                   /* NULL: it is as it is, or taken */
    uint32_t small_len;
    uint16_t known_len; /* so much of its type's sample was there by then */
    uint16_t listed;    /* so many members its metadata had when it was put */
    bool is_loose;      /* among those that are squeezed next */
    uint64_t mark;      /* a hash of the id that it was put with */
};

struct stash {
    struct stash_item *items;
    size_t count, capacity; /* positions; those of dropped ones stay */
    size_t left;            /* not dropped */
    size_t *loose;          /* positions of what is as it is, and of some that are no longer */
    size_t loose_count, loose_capacity, most_loose;
    unsigned holds;          /* while there are any, nothing is squeezed */
    struct esc_list samples; /* struct sample *, by type */
    struct esc_buf bytes;    /* of the one that is packed or unpacked */
};

enum {
    STASH_USUAL = 512 /* so many stay as they are: a megabyte or two */
};

void stash_init(struct stash *stash, size_t most_loose);
void stash_done(struct stash *stash);

/** Puts a resource of a type of the catalog at position count; handed over. */
void stash_put(struct stash *stash, struct esc_resource *resource);
/** The resource is the caller's until it is given back or the position is dropped. */
ESC_RETURNS_NONNULL struct esc_resource *stash_take(struct stash *stash, size_t at);
void stash_give_back(struct stash *stash, size_t at, struct esc_resource *resource);
/** For whoever takes out many again and again: what is given back stays as it is until the hold
 *  is over. Holds count. */
void stash_hold(struct stash *stash);
void stash_unhold(struct stash *stash);
/** Frees what is there, if anything is. */
void stash_drop(struct stash *stash, size_t at);
/** The type of what is there, static; NULL: it was dropped. */
const char *stash_type(const struct stash *stash, size_t at);
/** How many members the metadata of what is there had when it was put. */
size_t stash_listed(const struct stash *stash, size_t at);
/** Of those that were put with the same id only the last stays; @p dropped hears the others'
 *  types. */
void stash_drop_doubles(struct stash *stash, void (*dropped)(void *context, const char *type),
                        void *context);
