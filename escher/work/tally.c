/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/tally_private.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/map.h"

struct facet {
    const char *name;
    const char *(*value)(const struct esc_card *card); /* NULL: it has none */
    const char *(*label)(const struct esc_card *card); /* NULL: the value itself */
};

static const char *type_of(const struct esc_card *card)
{
    return card->resource_type;
}

static const char *state_of(const struct esc_card *card)
{
    return card->state;
}

static const char *account_of(const struct esc_card *card)
{
    return card->account_id;
}

static const char *account_name_of(const struct esc_card *card)
{
    return card->account_name ? card->account_name : card->account_id;
}

static const char *environment_of(const struct esc_card *card)
{
    return card->environment;
}

static const char *region_of(const struct esc_card *card)
{
    return card->region;
}

static const struct facet facets[] = {
    {"resource_type", type_of, NULL}, {"environment", environment_of, NULL},
    {"state", state_of, NULL},        {"account", account_of, account_name_of},
    {"region", region_of, NULL},
};

struct tally {
    const char *value, *label; /* borrowed from a card */
    size_t count, offset;      /* of the first row, once they are in groups */
};

struct tallies {
    struct esc_map *by_value; /* borrowed from the list */
    struct esc_list all;      /* struct tally * */
};

static const char *value_of(const struct facet *facet, const struct esc_card *card)
{
    const char *value = facet->value(card);
    return value ? value : "";
}

static void count_all(const struct facet *facet, const struct esc_card *const *rows, size_t count,
                      struct tallies *out)
{
    out->by_value = esc_map_new(NULL);
    esc_list_init(&out->all, free);
    for (size_t i = 0; i < count; i++) {
        const char *value = value_of(facet, rows[i]);
        struct tally *tally = esc_map_get(out->by_value, esc_str_of(value));
        if (!tally) {
            tally = esc_alloc_zero(sizeof *tally);
            tally->value = value;
            tally->label = facet->label ? facet->label(rows[i]) : NULL;
            esc_map_set(out->by_value, esc_str_of(value), tally);
            esc_list_push(&out->all, tally);
        }
        tally->count++;
    }
}

static void tallies_done(struct tallies *tallies)
{
    esc_map_free(tallies->by_value);
    esc_list_done(&tallies->all);
}

static int by_count(const void *a, const void *b)
{
    const struct tally *first = a, *second = b;
    if (first->count != second->count)
        return first->count > second->count ? -1 : 1;
    return strcmp(first->value, second->value);
}

/* As it is called, then by its value; without a value comes last. */
static int by_name(const void *a, const void *b)
{
    const struct tally *first = a, *second = b;
    if (!*first->value != !*second->value)
        return *first->value ? -1 : 1;
    const int order = strcmp(first->label ? first->label : first->value,
                             second->label ? second->label : second->value);
    return order ? order : strcmp(first->value, second->value);
}

static struct esc_json *tally_page(const struct tally *tally)
{
    struct esc_json *page = esc_json_object();
    esc_json_set_text(page, "value", tally->value);
    if (tally->label)
        esc_json_set_text(page, "label", tally->label);
    esc_json_set_int(page, "count", (int64_t)tally->count);
    return page;
}

struct esc_json *work_facets(const struct esc_card *const *rows, size_t count)
{
    struct esc_json *page = esc_json_object();
    for (size_t i = 0; i < ESC_COUNT(facets); i++) {
        struct tallies tallies;
        struct esc_json *values = esc_json_array();
        count_all(&facets[i], rows, count, &tallies);
        esc_list_sort(&tallies.all, by_count);
        for (size_t k = 0; k < tallies.all.count; k++)
            esc_json_push(values, tally_page(tallies.all.items[k]));
        esc_json_set(page, facets[i].name, values);
        tallies_done(&tallies);
    }
    return page;
}

static struct esc_json *place_groups(struct esc_list *groups)
{
    struct esc_json *page = esc_json_array();
    size_t offset = 0;
    esc_list_sort(groups, by_name);
    for (size_t i = 0; i < groups->count; i++) {
        struct tally *group = groups->items[i];
        struct esc_json *entry = tally_page(group);
        group->offset = offset;
        offset += group->count;
        esc_json_set_int(entry, "offset", (int64_t)group->offset);
        esc_json_push(page, entry);
    }
    return page;
}

enum esc_status work_group(const char *name, const struct esc_card **rows, size_t count,
                           struct esc_json **out, struct esc_error *err)
{
    const struct facet *facet = NULL;
    for (size_t i = 0; !facet && i < ESC_COUNT(facets); i++) {
        if (esc_text_equal(facets[i].name, name))
            facet = &facets[i];
    }
    if (!facet)
        return esc_fail(err, ESC_INVALID, "nothing is grouped by `%.40s`", name);
    struct tallies tallies;
    count_all(facet, rows, count, &tallies);
    *out = place_groups(&tallies.all);
    ESC_CLEANUP(esc_freep)
    const struct esc_card **placed = esc_alloc_array(count + 1, sizeof *placed);
    for (size_t i = 0; i < count; i++) {
        struct tally *group = esc_map_get(tallies.by_value, esc_str_of(value_of(facet, rows[i])));
        placed[group->offset++] = rows[i];
    }
    memcpy(rows, placed, count * sizeof *rows);
    tallies_done(&tallies);
    return ESC_OK;
}
