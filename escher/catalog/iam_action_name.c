/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/catalog/catalog_private.h"

/* The names of actions, and which of them a slip of the pen may have meant. */

enum {
    LONGEST = 96, /* letters of a name that is compared */
};

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How many letters must be put in, left out or exchanged; case does not count. */
static size_t distance(struct esc_str a, struct esc_str b)
{
    size_t row[LONGEST + 1];
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            const bool same = esc_to_lower(a.ptr[i - 1]) == esc_to_lower(b.ptr[j - 1]);
            const size_t replaced = diagonal + (same ? 0 : 1);
            diagonal = row[j];
            row[j] = least(replaced, least(row[j], row[j - 1]) + 1);
        }
    }
    return row[b.len];
}

static const struct catalog_iam_service *find_service(struct esc_str name)
{
    for (size_t i = 0; i < catalog_iam_service_count; i++)
        if (esc_str_equal_nocase(esc_str_of(catalog_iam_services[i].name), name))
            return &catalog_iam_services[i];
    return NULL;
}

/* The nearest of the service's names, unless it is another word altogether. */
static const char *nearest(const struct catalog_iam_service *service, struct esc_str name,
                           size_t *far)
{
    const char *best = NULL;
    *far = 2 + name.len / 4;
    for (size_t i = 0; service->names[i] && name.len <= LONGEST; i++) {
        const struct esc_str other = esc_str_of(service->names[i]);
        const size_t off = other.len <= LONGEST ? distance(name, other) : *far;
        if (off < *far) {
            best = service->names[i];
            *far = off;
        }
    }
    return best;
}

enum esc_iam_action_spelling esc_iam_action_spelling(struct esc_str name, char **out)
{
    size_t far;
    const size_t colon = esc_str_find(name, ESC_STR(":"), 0);
    const struct catalog_iam_service *service = find_service(esc_str_slice(name, 0, colon));
    *out = NULL;
    if (colon == SIZE_MAX || !service)
        return ESC_IAM_ACTION_FOREIGN;
    const char *best = nearest(service, esc_str_slice(name, colon + 1, name.len), &far);
    if (best)
        *out = esc_sprintf("%s:%s", service->name, best);
    return best && far == 0 ? ESC_IAM_ACTION_LISTED : ESC_IAM_ACTION_MISSPELT;
}
