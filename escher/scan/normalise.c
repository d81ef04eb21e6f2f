/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/normalise.h"

#include "escher/scan/scan_private.h"

static void read_list(const struct scan_step *step, struct scan_page *page,
                      const struct esc_json *list)
{
    for (size_t i = 0; i < esc_json_len(list); i++) {
        const struct esc_json *item = esc_json_at(list, i);
        if (esc_json_is(item, step->texts ? ESC_JSON_STRING : ESC_JSON_OBJECT))
            step->read(page, item);
        else
            page->unread_count++;
    }
}

enum esc_status esc_normalise(const struct esc_scan_place *place, const char *service,
                              const char *operation, const struct esc_json *answer,
                              struct esc_resource *of, struct esc_normalised *out,
                              struct esc_error *err)
{
    const struct scan_step *step = scan_step_find(service, operation);
    struct scan_page page = {
        .place = place, .resources = out->resources, .tags = out->tags, .of = of};
    if (!step)
        return esc_fail(err, ESC_NOT_FOUND, "no scanner calls %s of %s", operation, service);
    if (answer && !esc_json_is(answer, ESC_JSON_OBJECT))
        return esc_fail(err, ESC_INVALID, "the answer of %s is no object", operation);
    if (!of && step->batch == 1)
        return esc_fail(err, ESC_INVALID, "%s tells of one resource, and none is given", operation);
    if (!step->list) {
        step->read(&page, answer);
    } else {
        const struct esc_json *list = esc_json_get(answer, step->list);
        if (!esc_json_is(list, ESC_JSON_ARRAY) && (list || !step->may_lack_list))
            return esc_fail(err, ESC_INVALID, "the answer of %s has no list `%s`", operation,
                            step->list);
        read_list(step, &page, list);
    }
    out->unread_count += page.unread_count;
    return ESC_OK;
}
