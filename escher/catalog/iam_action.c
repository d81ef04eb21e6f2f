/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/catalog/iam_action.h"

#include <stdlib.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/buf.h"
#include "escher/base/limits.h"
#include "escher/catalog/catalog_private.h"

static int compare_nocase(struct esc_str a, struct esc_str b)
{
    for (size_t i = 0; i < a.len && i < b.len; i++) {
        const int difference = esc_to_lower(a.ptr[i]) - esc_to_lower(b.ptr[i]);
        if (difference)
            return difference;
    }
    return a.len < b.len ? -1 : a.len > b.len;
}

const struct esc_iam_action *esc_iam_action_find(struct esc_str name)
{
    size_t low = 0, high = catalog_iam_action_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = compare_nocase(name, esc_str_of(catalog_iam_actions[middle].name));
        if (order == 0)
            return &catalog_iam_actions[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

const struct esc_iam_action *esc_iam_action_at(size_t index)
{
    ESC_ASSERT(index < catalog_iam_action_count);
    return &catalog_iam_actions[index];
}

size_t esc_iam_action_count(void)
{
    return catalog_iam_action_count;
}

/* "ec2:ResourceTag/" stands for the key of any tag. */
static bool is_key(struct esc_str listed, struct esc_str key)
{
    return esc_str_ends_with(listed, ESC_STR("/")) ? esc_str_starts_with_nocase(key, listed)
                                                   : esc_str_equal_nocase(key, listed);
}

/* Of the global keys, those that only some actions have. */
static bool is_by_action(struct esc_str key)
{
    return esc_str_starts_with_nocase(key, ESC_STR("aws:RequestTag/")) ||
           esc_str_starts_with_nocase(key, ESC_STR("aws:ResourceTag/")) ||
           esc_str_equal_nocase(key, ESC_STR("aws:TagKeys"));
}

bool esc_iam_action_has_key(const struct esc_iam_action *action, struct esc_str key)
{
    if (esc_str_starts_with_nocase(key, ESC_STR("aws:")) && !is_by_action(key))
        return true;
    for (size_t i = 0; action->keys[i]; i++)
        if (is_key(esc_str_of(action->keys[i]), key))
            return true;
    return false;
}

/* The template with what is known of the place; "*" for the rest. */
static char *fill(const char *template, const struct esc_iam_place *place)
{
    struct esc_buf arn;
    struct esc_str rest = esc_str_of(template);
    esc_buf_init(&arn, ESC_MAX_RESOURCE);
    while (rest.len > 0) {
        const size_t hole = esc_str_find(rest, ESC_STR("${"), 0);
        const size_t end = hole == SIZE_MAX ? SIZE_MAX : esc_str_find(rest, ESC_STR("}"), hole);
        if (end == SIZE_MAX) {
            esc_buf_add(&arn, rest);
            break;
        }
        const struct esc_str name = esc_str_slice(rest, hole + 2, end);
        esc_buf_add(&arn, esc_str_slice(rest, 0, hole));
        esc_buf_add_text(&arn, esc_str_is(name, "Partition") ? place->partition
                               : esc_str_is(name, "Region")  ? place->region
                               : esc_str_is(name, "Account") ? place->account_id
                                                             : "*");
        rest = esc_str_slice(rest, end + 1, rest.len);
    }
    return esc_buf_take(&arn);
}

/* Whether @p text fits a filled template; "*" is one character or more. On a mismatch the last "*"
 * takes one more. */
static bool fits(struct esc_str template, struct esc_str text)
{
    size_t at = 0, in = 0, star = SIZE_MAX, taken = 0;
    while (in < text.len) {
        if (at < template.len && template.ptr[at] == '*') {
            star = at++;
            taken = ++in;
        } else if (at < template.len && template.ptr[at] == text.ptr[in]) {
            at++;
            in++;
        } else if (star != SIZE_MAX) {
            at = star + 1;
            in = ++taken;
        } else {
            return false;
        }
    }
    return at == template.len;
}

/* What is kept in a resource: the objects of a bucket, by the bucket's ARN. NULL: nothing. */
static char *contents(const char *filled, const char *arn)
{
    ESC_CLEANUP(esc_freep) char *inner = esc_sprintf("%s/*", arn);
    return fits(esc_str_of(filled), esc_str_of(inner)) ? ESC_STEAL(inner) : NULL;
}

/* The part of the action that is about the resource itself; NULL when none is. */
static char *own_part(const struct esc_iam_action *action, const struct esc_iam_place *place)
{
    char *inner = NULL;
    for (size_t i = 0; action->resources[i].arn; i++) {
        ESC_CLEANUP(esc_freep) char *filled = fill(action->resources[i].arn, place);
        if (fits(esc_str_of(filled), esc_str_of(place->arn))) {
            free(inner);
            return esc_strdup(place->arn);
        }
        if (!inner)
            inner = contents(filled, place->arn);
    }
    return inner;
}

bool esc_iam_action_is_done_to(const struct esc_iam_action *action,
                               const struct esc_iam_place *place)
{
    ESC_CLEANUP(esc_freep) char *own = own_part(action, place);
    return own || !action->resources[0].arn;
}

void esc_iam_action_resources(const struct esc_iam_action *action,
                              const struct esc_iam_place *place, struct esc_list *out)
{
    esc_list_init(out, free);
    if (action && !action->resources[0].arn) {
        esc_list_push(out, esc_strdup("*"));
        return;
    }
    char *own = action ? own_part(action, place) : NULL;
    /* One that the table does not connect with the action: what else could be meant? */
    esc_list_push(out, own ? own : esc_strdup(place->arn));
    for (size_t i = 0; own && action->resources[i].arn; i++) {
        if (!action->resources[i].required)
            continue;
        ESC_CLEANUP(esc_freep) char *filled = fill(action->resources[i].arn, place);
        if (!fits(esc_str_of(filled), esc_str_of(own)))
            esc_list_push(out, ESC_STEAL(filled));
    }
}
