/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/map.h"
#include "escher/scan/content_hash.h"
#include "escher/scan/merge.h"
#include "escher/scan/normalise.h"
#include "tests/fuzz/fuzz.h"

/*
 * Answers of a cloud, one an input line: `SERVICE OPERATION {...}`. A line after another may be a
 * detail: it is read for the resource that was found last.
 */

/* What a scan makes can be kept: it is written, read strictly, and has one hash. */
static void check_resource(const struct esc_resource *resource)
{
    struct esc_error err;
    struct esc_resource *back = NULL;
    char hash[ESC_HASH_TEXT], again[ESC_HASH_TEXT];
    ESC_ASSERT(resource->id && resource->identifier && *resource->identifier && resource->name);
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_resource_to_json(resource);
    const enum esc_status status = esc_resource_from_json(json, &back, &err);
    ESC_ASSERT(status == ESC_OK || status == ESC_LIMIT || status == ESC_INVALID);
    if (status != ESC_OK)
        return; /* too long a name, say: the store refuses it, naming it */
    esc_content_hash(resource, hash);
    esc_content_hash(back, again);
    ESC_ASSERT(strcmp(hash, again) == 0);
    esc_resource_free(back);
}

static void take_line(const struct esc_account *account, struct esc_str line,
                      struct esc_normalised *out)
{
    struct esc_error err;
    struct esc_str service, operation;
    ESC_CLEANUP(esc_json_freep) struct esc_json *answer = NULL;
    if (!esc_str_next(&line, ' ', &service) || !esc_str_next(&line, ' ', &operation) ||
        (line.len > 0 && esc_json_parse(line, NULL, &answer, &err) != ESC_OK))
        return;
    ESC_CLEANUP(esc_freep) char *of_service = esc_str_dup(service);
    ESC_CLEANUP(esc_freep) char *what = esc_str_dup(operation);
    const struct esc_scan_place place = {
        .account = account, .region = "us-west-2", .now_ms = 1, .sync_id = "s"};
    const size_t before = out->resources->count;
    struct esc_resource *last = before ? esc_list_at(out->resources, before - 1) : NULL;
    const enum esc_status status = esc_normalise(&place, of_service, what, answer, last, out, &err);
    ESC_ASSERT(status == ESC_OK || (out->resources->count == before && *err.message));
}

static bool is_complete(void *, const char *)
{
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct esc_list resources;
    struct esc_str text = {(const char *)bytes, len}, line;
    struct esc_account *account = esc_account_new();
    account->id = esc_strdup("123456789012");
    account->name = esc_strdup("production");
    esc_list_init(&resources, esc_resource_free_item);
    struct esc_normalised out = {.resources = &resources, .tags = esc_map_new(esc_json_free_item)};
    while (esc_str_next(&text, '\n', &line))
        take_line(account, line, &out);
    const struct esc_merge merge = {
        .resources = &resources, .tags = out.tags, .is_complete = is_complete};
    esc_merge(&merge);
    for (size_t i = 0; i < resources.count; i++)
        check_resource(esc_list_at(&resources, i));
    esc_list_done(&resources);
    esc_map_free(out.tags);
    esc_account_free(account);
    return 0;
}
