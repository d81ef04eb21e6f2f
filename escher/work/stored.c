/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/store/estate.h"
#include "escher/work/work_private.h"

/* The index knows what a question compares; the rest of a resource is in its sealed row. */

/* The index was kept when the row was whole. Nothing is written because of it. */
static void note_damage(struct esc_workbench *bench, const struct esc_error *why)
{
    const struct esc_store_tally tally = {.corrupt = 1, .first = *why};
    if (!bench->unreadable)
        work_note_unreadable(bench, &tally);
}

enum esc_status work_resource(struct esc_workbench *bench, const char *id,
                              struct esc_resource **out, struct esc_error *err)
{
    struct esc_error why;
    const enum esc_status status = esc_store_estate_get(bench->store, id, out, NULL, NULL, &why);
    if (status == ESC_CORRUPT)
        note_damage(bench, &why);
    return status == ESC_OK ? ESC_OK : esc_fail(err, status, "%s", why.message);
}

struct esc_resource *work_resource_of(struct esc_workbench *bench, const struct esc_card *card)
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
