/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Relations that follow from names: a zone's record leads to a host, a resource has that host as
 * its name. First every resource is noted, then the zones are related to what was noted.
 *
 * Ownership  resources that are kept are borrowed until impact_names_done().
 * Threads    any, one at a time.
 */

#include "escher/base/map.h"
#include "escher/model/resource.h"

struct impact_names {
    struct esc_map *zones_of; /* host or address → struct esc_list * of kept zones */
    struct esc_map *name_of;  /* "MEMBER ID" → char *: host or address */
};

void impact_names_init(struct impact_names *all);
void impact_names_done(struct impact_names *all);
/** What @p whole says of names; @p kept is what the graph has of it. */
void impact_names_note(struct impact_names *all, const struct esc_resource *whole,
                       struct esc_resource *kept);
/** Relates each zone to those that its records lead to. */
void impact_names_relate(const struct impact_names *all);
