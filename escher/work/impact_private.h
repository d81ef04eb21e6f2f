/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is asked for when somebody asks what breaks: the relations of an account's resources, and
 * those that follow from names: a zone's record leads to a host, a resource has that host as its
 * name. Both are kept of each block of the estate as bytes (store/blocks.h), so that no row has to
 * be opened.
 *
 *     resources ──impact_block_add──▶ block ──write──▶ bytes    (sealed by the store)
 *     bytes ──impact_block_read──▶ graph and names ──impact_names_relate──▶ a graph to follow
 *
 * Ownership  what is handed in is copied.
 * Threads    any, one at a time.
 */

#include "escher/base/buf.h"
#include "escher/base/map.h"
#include "escher/model/impact.h"
#include "escher/model/resource.h"

struct esc_store;

/* ---- names (impact_names.c) ---- */

struct impact_names {
    struct esc_map *zones_of; /* host or address → struct zones of impact_names.c */
    struct esc_list named;    /* struct named of impact_names.c */
};

void impact_names_init(struct impact_names *all);
void impact_names_done(struct impact_names *all);
void impact_names_lead(struct impact_names *all, uint32_t zone, struct esc_str host);
void impact_names_name(struct impact_names *all, uint32_t node, struct esc_str host);
/** Relates each zone to those that its records lead to. */
void impact_names_relate(const struct impact_names *all, struct esc_impact_graph *graph);

typedef void impact_host_fn(void *context, struct esc_str host);
/** The hosts and addresses that the resource leads to, and those that are its own: as they are
 *  compared, in lower case. */
void impact_leads_of(const struct esc_resource *resource, impact_host_fn *fn, void *context);
void impact_names_of(const struct esc_resource *resource, impact_host_fn *fn, void *context);

/* ---- a block as bytes (impact_block.c) ---- */

struct impact_block;

ESC_RETURNS_NONNULL struct impact_block *impact_block_new(void);
void impact_block_free(struct impact_block *block); /* NULL does nothing */
ESC_DEFINE_CLEANUP(struct impact_block, impact_block_free)
void impact_block_add(struct impact_block *block, const struct esc_resource *resource);
void impact_block_write(const struct impact_block *block, struct esc_buf *out);

/* What is known of an account: what the bytes of all its blocks are read into. */
struct impact_estate {
    char *head; /* what its ids begin with */
    struct esc_impact_graph *graph;
    struct impact_names names;
    struct esc_list cut_zones; /* char *: ids of zones not all of whose records are known */
};

void impact_estate_init(struct impact_estate *estate, const char *account_id);
void impact_estate_done(struct impact_estate *estate);
/** @errors ESC_CORRUPT, with nothing taken: another version's form, or no form at all. */
enum esc_status impact_block_read(struct impact_estate *estate, struct esc_str bytes,
                                  struct esc_error *err);

/** All blocks of the store; @p lacks tells whether of some nothing was kept; the rows of these, and
 *  of those whose block is damaged, are read. Damaged rows are left out. */
enum esc_status impact_estate_load(struct impact_estate *estate, struct esc_store *store,
                                   bool *lacks, struct esc_error *err);
