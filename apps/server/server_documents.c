/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/server/server_documents.h"

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/json.h"
#include "escher/base/limits.h"
#include "escher/base/paths.h"
#include "escher/crypt/digest.h"

#define SCHEMA_ENDING ".schema.json"

/* Reads folder/name as text, owned by the caller. */
static enum esc_status read_text(const char *folder, const char *name, char **out,
                                 struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(folder, name);
    struct esc_buf buf;
    esc_buf_init(&buf, ESC_MAX_YAML);
    enum esc_status status = esc_file_read(path, &buf, err);
    if (status == ESC_OK)
        *out = esc_buf_take(&buf);
    esc_buf_done(&buf);
    return status;
}

static enum esc_status add_playbook(const struct esc_playbook *playbook, const char *folder,
                                    struct server_documents *out, struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *name = esc_sprintf("%s.yaml", playbook->id);
    char *text = NULL, sha256[ESC_SHA256_TEXT];
    enum esc_status status = read_text(folder, name, &text, err);
    if (status != ESC_OK)
        return status;
    esc_sha256_hex(esc_str_of(text), sha256);
    if (!esc_text_equal(sha256, playbook->sha256)) {
        free(text);
        return esc_fail(err, ESC_BLOCKED, "%s/%s was changed just now", folder, name);
    }
    esc_map_set(out->playbooks, esc_str_of(sha256), text);
    return ESC_OK;
}

static enum esc_status load_playbooks(const struct esc_shelf *shelf, const char *folder,
                                      struct server_documents *out, struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *list = esc_json_object();
    struct esc_json *rows = esc_json_array();
    esc_json_set_int(list, "v", 1);
    esc_json_set(list, "playbooks", rows);
    for (size_t i = 0; i < esc_shelf_count(shelf); i++) {
        const struct esc_playbook *playbook = esc_shelf_at(shelf, i);
        enum esc_status status = add_playbook(playbook, folder, out, err);
        if (status != ESC_OK)
            return status;
        struct esc_json *row = esc_json_object();
        esc_json_set_text(row, "id", playbook->id);
        esc_json_set_text(row, "version", playbook->version);
        esc_json_set_text(row, "title", playbook->title);
        esc_json_set_text(row, "resource_type", playbook->type->name);
        esc_json_set_text(row, "sha256", playbook->sha256);
        esc_json_push(rows, row);
    }
    out->list = esc_json_print(list, ESC_JSON_COMPACT);
    return ESC_OK;
}

static enum esc_status load_schemas(struct server_documents *out, struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *folder = NULL;
    struct esc_list names;
    enum esc_status status = esc_paths_share("formats", &folder, err);
    if (status != ESC_OK)
        return status;
    esc_list_init(&names, free);
    status = esc_file_list(folder, &names, err);
    for (size_t i = 0; status == ESC_OK && i < names.count; i++) {
        struct esc_str name = esc_str_of(names.items[i]);
        char *text = NULL;
        if (!esc_str_ends_with(name, ESC_STR(SCHEMA_ENDING)))
            continue;
        status = read_text(folder, name.ptr, &text, err);
        if (status == ESC_OK)
            esc_map_set(out->schemas, esc_str_slice(name, 0, name.len - (sizeof SCHEMA_ENDING - 1)),
                        text);
    }
    esc_list_done(&names);
    return status;
}

enum esc_status server_documents_load(const struct esc_shelf *shelf, const char *folder,
                                      struct server_documents *out, struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *found = esc_strdup_null(folder);
    enum esc_status status = found ? ESC_OK : esc_paths_share("playbooks", &found, err);
    *out = (struct server_documents){esc_map_new(free), esc_map_new(free), NULL};
    if (status == ESC_OK)
        status = load_playbooks(shelf, found, out, err);
    if (status == ESC_OK)
        status = load_schemas(out, err);
    if (status != ESC_OK)
        server_documents_done(out);
    return status;
}

void server_documents_done(struct server_documents *documents)
{
    esc_map_free(documents->playbooks);
    esc_map_free(documents->schemas);
    free(documents->list);
    *documents = (struct server_documents){0};
}
