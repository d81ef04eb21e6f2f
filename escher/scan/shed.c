/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Resources that say more than may be kept of one: the cloud allows fifty tags, but what answers
 * need not be the cloud. First the tags go, and it is noted that they are not known; when that is
 * not enough, the resource itself. Either way its cell is not whole, so no row is taken for gone.
 */

#include "escher/base/limits.h"
#include "escher/scan/walk_private.h"

enum {
    SURELY_SMALL = 16 * 1024,            /* in our own count; nothing is written out below it */
    MOST = ESC_MAX_RESOURCE - 16 * 1024, /* room for what the store adds */
};

/* About the bytes of the text, counted no further than it matters. */
static size_t weigh(const struct esc_json *json, size_t sum)
{
    void *position = NULL;
    const char *key;
    const struct esc_json *value;
    if (sum > SURELY_SMALL)
        return sum;
    if (esc_json_is(json, ESC_JSON_ARRAY))
        for (size_t i = 0; i < esc_json_len(json) && sum <= SURELY_SMALL; i++)
            sum = weigh(esc_json_at(json, i), sum + 1);
    else if (esc_json_is(json, ESC_JSON_OBJECT))
        while (sum <= SURELY_SMALL && esc_json_next(json, &position, &key, &value))
            sum = weigh(value, sum + 4 + esc_str_of(key).len);
    else
        sum += 8 + esc_json_value(json).len;
    return sum;
}

static bool is_too_large(const struct esc_resource *resource)
{
    size_t sum = esc_str_of(resource->name).len + esc_str_of(resource->identifier).len +
                 esc_str_of(resource->arn).len;
    for (size_t i = 0; i < resource->relation_count && sum <= SURELY_SMALL; i++)
        sum += 32 + esc_str_of(resource->relations[i].target).len;
    sum = weigh(resource->metadata, weigh(resource->tags, sum));
    if (sum <= SURELY_SMALL)
        return false;
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_resource_to_json(resource);
    struct esc_buf text;
    esc_buf_init(&text, MOST);
    esc_json_write(json, ESC_JSON_COMPACT, &text);
    const bool is_over = esc_buf_status(&text, "a resource", NULL) != ESC_OK;
    esc_buf_done(&text);
    return is_over;
}

static void note(struct walk_place *place, const struct esc_resource *resource)
{
    for (size_t i = 0; i < place->cell_count; i++) {
        struct walk_cell *cell = &place->cells[i];
        if (!cell->seen.resource_type || !scan_is_type(resource, cell->seen.resource_type))
            continue;
        cell->seen.unread_count++;
        walk_judge(cell);
    }
}

bool walk_shed(struct walk_place *place, struct esc_resource *resource)
{
    if (!is_too_large(resource))
        return true;
    place->lost_some = true;
    note(place, resource);
    esc_json_free(resource->tags);
    resource->tags = esc_json_object();
    esc_json_set_bool(resource->metadata, "tags_unknown", true);
    return !is_too_large(resource);
}
