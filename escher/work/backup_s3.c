/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/backup_s3.h"

#include <string.h>

#include "escher/aws/s3_policy.h"
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/store/document.h"
#include "escher/work/backup_rules.h"
#include "escher/work/work_private.h"

/* Where backups go, kept as a document; and the keys they have there. */

#define COLLECTION "backup_places"
#define DOCUMENT "s3"
#define ENDING ".escb"

enum {
    NAME_BEGIN = 7, /* "escher-" */
    TIME_LEN = 16,
};

void backup_s3_done(struct backup_s3 *place)
{
    free(place->bucket);
    free(place->prefix);
    free(place->region);
    free(place->account);
    free(place->role);
    free(place->owner);
    *place = (struct backup_s3){0};
}

enum esc_status backup_s3_parse(struct esc_str url, struct backup_s3 *out, struct esc_error *err)
{
    struct backup_s3 place = {0};
    const enum esc_status status = esc_s3_read_url(url, &place.bucket, &place.prefix, err);
    if (status == ESC_OK)
        *out = place;
    return status;
}

char *backup_s3_url(const struct backup_s3 *place)
{
    return esc_sprintf("s3://%s/%s", place->bucket, place->prefix);
}

static void set(struct esc_json *json, const char *name, const char *text)
{
    if (text)
        esc_json_set_text(json, name, text);
}

struct esc_json *backup_s3_to_json(const struct backup_s3 *place)
{
    ESC_CLEANUP(esc_freep) char *url = backup_s3_url(place);
    struct esc_json *json = esc_json_object();
    esc_json_set_text(json, "url", url);
    set(json, "region", place->region);
    set(json, "account", place->account);
    set(json, "role", place->role);
    set(json, "owner", place->owner);
    return json;
}

enum esc_status backup_s3_save(struct esc_workbench *bench, const struct backup_s3 *place,
                               struct esc_error *err)
{
    if (!place)
        return esc_store_doc_del(bench->store, COLLECTION, DOCUMENT, err);
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = backup_s3_to_json(place);
    return esc_store_doc_put(bench->store, COLLECTION, DOCUMENT, json, err);
}

enum esc_status backup_s3_load(struct esc_workbench *bench, struct backup_s3 *out,
                               struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    enum esc_status status = esc_store_doc_get(bench->store, COLLECTION, DOCUMENT, &json, err);
    if (status == ESC_NOT_FOUND)
        return esc_fail(err, ESC_NOT_FOUND, "no place in S3 is set up for backups");
    if (status == ESC_OK)
        status = backup_s3_parse(esc_str_of(esc_json_str(json, "url", "")), out, err);
    if (status != ESC_OK)
        return status;
    out->region = esc_strdup_null(esc_json_str(json, "region", NULL));
    out->account = esc_strdup_null(esc_json_str(json, "account", NULL));
    out->role = esc_strdup_null(esc_json_str(json, "role", NULL));
    out->owner = esc_strdup_null(esc_json_str(json, "owner", NULL));
    return ESC_OK;
}

/* "escher-TIME-STORE[-2].escb" taken apart. */
struct name_parts {
    struct esc_str time, again; /* "20261121T203000Z"; "" or "-2" */
    char store[ESC_UUID_TEXT];
    uint64_t at_ms;
};

static bool split_name(const char *name, struct name_parts *out)
{
    const struct esc_str text = esc_str_of(name);
    if (!backup_name_read(text, &out->at_ms, out->store))
        return false;
    out->time = esc_str_slice(text, NAME_BEGIN, NAME_BEGIN + TIME_LEN);
    out->again =
        esc_str_slice(text, NAME_BEGIN + TIME_LEN + ESC_UUID_TEXT, text.len - (sizeof ENDING - 1));
    return true;
}

enum esc_status backup_s3_key(const struct backup_s3 *place, const char *name, const char *sha256,
                              char **out, struct esc_error *err)
{
    struct name_parts parts;
    if (!split_name(name, &parts))
        return esc_fail(err, ESC_INVALID, "`%s` is no name of a backup", name);
    *out = esc_sprintf("%s%s/%.*s%.*s-%s" ENDING, place->prefix, parts.store,
                       ESC_STR_ARG(parts.time), ESC_STR_ARG(parts.again), sha256);
    return ESC_OK;
}

char *backup_s3_store_of(const char *name)
{
    struct name_parts parts;
    return split_name(name, &parts) ? esc_strdup(parts.store) : NULL;
}

bool backup_s3_read_key(const struct backup_s3 *place, const char *key, struct backup_s3_entry *out)
{
    const size_t sum = ESC_SHA256_TEXT - 1, store = ESC_UUID_TEXT - 1;
    const struct esc_str ending = ESC_STR(ENDING), prefix = esc_str_of(place->prefix);
    struct esc_str rest = esc_str_of(key);
    uint8_t digest[ESC_SHA256_SIZE];
    if (!esc_str_starts_with(rest, prefix) || !esc_str_ends_with(rest, ending) ||
        rest.len < prefix.len + store + 1 + TIME_LEN + 1 + sum + ending.len)
        return false;
    rest = esc_str_slice(rest, prefix.len, rest.len - ending.len);
    const struct esc_str time = esc_str_slice(rest, store + 1, store + 1 + TIME_LEN);
    const struct esc_str again = esc_str_slice(rest, store + 1 + TIME_LEN, rest.len - sum - 1);
    const struct esc_str hex = esc_str_slice(rest, rest.len - sum, rest.len);
    if (rest.ptr[store] != '/' || rest.ptr[rest.len - sum - 1] != '-' ||
        !esc_hex_parse(hex, digest, sizeof digest))
        return false;
    ESC_CLEANUP(esc_freep)
    char *name = esc_sprintf("escher-%.*s-%.*s%.*s" ENDING, ESC_STR_ARG(time), (int)store, rest.ptr,
                             ESC_STR_ARG(again));
    *out = (struct backup_s3_entry){0};
    if (strlen(name) >= sizeof out->name ||
        !backup_name_read(esc_str_of(name), &out->at_ms, out->store))
        return false;
    memcpy(out->name, name, strlen(name) + 1);
    esc_hex(digest, sizeof digest, out->sha256);
    return true;
}
