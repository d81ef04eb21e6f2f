/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/work/work_private.h"

/* What Escher knows how to do, as pages. */

static struct esc_json *page(const struct esc_playbook *playbook)
{
    struct esc_json *entry = esc_json_object();
    esc_json_set_text(entry, "id", playbook->id);
    esc_json_set_text(entry, "version", playbook->version);
    esc_json_set_text(entry, "title", playbook->title);
    esc_json_set_text(entry, "sha256", playbook->sha256);
    esc_json_set_text(entry, "resource_type", playbook->type->name);
    esc_json_set_bool(entry, "mutates", esc_playbook_mutates(playbook));
    return entry;
}

void work_playbooks_list(struct esc_api_call *call)
{
    const struct esc_shelf *shelf = call->bench->shelf;
    struct esc_json *playbooks = esc_json_array();
    for (size_t i = 0; i < esc_shelf_count(shelf); i++)
        esc_json_push(playbooks, page(esc_shelf_at(shelf, i)));
    struct esc_json *body = esc_json_object();
    esc_json_set(body, "playbooks", playbooks);
    work_ok(call, body);
}

void work_playbooks_show(struct esc_api_call *call)
{
    struct esc_error err;
    const struct esc_playbook *playbook = esc_shelf_find(call->bench->shelf, call->subject);
    if (!playbook) {
        (void)esc_fail(&err, ESC_NOT_FOUND, "no playbook `%s`; `escher playbooks` lists them",
                       call->subject);
        work_fail(call, &err);
        return;
    }
    ESC_CLEANUP(esc_freep) char *name = esc_sprintf("playbooks/%s.yaml", playbook->id);
    ESC_CLEANUP(esc_freep) char *path = NULL;
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_YAML);
    enum esc_status status = esc_paths_share(name, &path, &err);
    if (status == ESC_OK)
        status = esc_file_read(path, &text, &err);
    if (status == ESC_OK) {
        struct esc_json *body = page(playbook);
        esc_json_set_str(body, "text", esc_buf_str(&text));
        work_ok(call, body);
    } else {
        work_fail(call, &err);
    }
    esc_buf_done(&text);
}
