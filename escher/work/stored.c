/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/store/estate.h"
#include "escher/work/work_private.h"

/* The index knows what a question compares; the rest of a resource is in its sealed row. */

enum esc_status work_resource(const struct esc_workbench *bench, const char *id,
                              struct esc_resource **out, struct esc_error *err)
{
    return esc_store_estate_get(bench->store, id, out, NULL, NULL, err);
}

struct esc_resource *work_resource_of(const struct esc_workbench *bench,
                                      const struct esc_card *card)
{
    struct esc_resource *resource = NULL;
    if (work_resource(bench, card->id, &resource, NULL) == ESC_OK)
        return resource;
    resource = esc_resource_new(); /* its row is damaged: what is known is shown */
    resource->id = esc_strdup(card->id);
    resource->provider = esc_strdup("aws");
    resource->resource_type = esc_strdup(card->resource_type);
    resource->identifier = esc_strdup(card->identifier);
    resource->name = esc_strdup(card->name);
    resource->account_id = esc_strdup(card->account_id);
    resource->account_name = esc_strdup_null(card->account_name);
    resource->region = esc_strdup(card->region);
    resource->state = esc_strdup_null(card->state);
    resource->created_at_ms = card->created_at_ms;
    resource->last_synced_ms = card->last_synced_ms;
    return resource;
}
