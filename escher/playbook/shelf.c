/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/playbook/shelf.h"

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/paths.h"
#include "escher/crypt/digest.h"
#include "escher/playbook/shelf_private.h"

struct esc_shelf {
    struct esc_list playbooks; /* struct esc_playbook *, in the order of the pins */
};

static void free_playbook(void *playbook)
{
    esc_playbook_free(playbook);
}

static const struct shelf_pin *find_pin(const struct shelf_pin *pins, size_t count,
                                        const char *file)
{
    for (size_t i = 0; i < count; i++)
        if (esc_text_equal(pins[i].file, file))
            return &pins[i];
    return NULL;
}

/* Every playbook in the folder must be one of ours. */
static enum esc_status check_folder(const char *folder, const struct shelf_pin *pins, size_t count,
                                    struct esc_error *err)
{
    struct esc_list names;
    esc_list_init(&names, free);
    enum esc_status status = esc_file_list(folder, &names, err);
    for (size_t i = 0; status == ESC_OK && i < names.count; i++) {
        const char *name = names.items[i];
        if (esc_str_ends_with(esc_str_of(name), ESC_STR(".yaml")) && !find_pin(pins, count, name))
            status = esc_fail(err, ESC_BLOCKED, "%s/%s is none of the playbooks of this program",
                              folder, name);
    }
    esc_list_done(&names);
    return status;
}

static enum esc_status load_pinned(struct esc_shelf *shelf, const char *folder,
                                   const struct shelf_pin *pin, struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(folder, pin->file);
    struct esc_playbook *playbook = NULL;
    struct esc_buf text;
    char sha256[ESC_SHA256_TEXT];
    esc_buf_init(&text, ESC_MAX_YAML);
    enum esc_status status = esc_file_read(path, &text, err);
    if (status == ESC_OK) {
        esc_sha256_hex(esc_buf_str(&text), sha256);
        if (!esc_text_equal(sha256, pin->sha256))
            status =
                esc_fail(err, ESC_BLOCKED, "%s was changed since this program was built", path);
    }
    if (status == ESC_OK)
        status = esc_playbook_load(esc_buf_str(&text), path, &playbook, err);
    if (status == ESC_OK)
        esc_list_push(&shelf->playbooks, playbook);
    esc_buf_done(&text);
    return status;
}

enum esc_status shelf_open_pinned(const char *folder, const struct shelf_pin *pins,
                                  size_t pin_count, struct esc_shelf **out, struct esc_error *err)
{
    ESC_CLEANUP(esc_shelf_freep) struct esc_shelf *shelf = esc_alloc_zero(sizeof *shelf);
    esc_list_init(&shelf->playbooks, free_playbook);
    enum esc_status status = check_folder(folder, pins, pin_count, err);
    for (size_t i = 0; status == ESC_OK && i < pin_count; i++)
        status = load_pinned(shelf, folder, &pins[i], err);
    if (status == ESC_OK)
        *out = ESC_STEAL(shelf);
    return status;
}

enum esc_status esc_shelf_open(const char *folder, struct esc_shelf **out, struct esc_error *err)
{
    ESC_CLEANUP(esc_freep)
    char *found = esc_strdup_null(folder ? folder : esc_env("ESCHER_PLAYBOOKS"));
    if (!found) {
        const enum esc_status status = esc_paths_share("playbooks", &found, err);
        if (status != ESC_OK)
            return status;
    }
    return shelf_open_pinned(found, shelf_pins, shelf_pin_count, out, err);
}

void esc_shelf_free(struct esc_shelf *shelf)
{
    if (!shelf)
        return;
    esc_list_done(&shelf->playbooks);
    free(shelf);
}

size_t esc_shelf_count(const struct esc_shelf *shelf)
{
    return shelf->playbooks.count;
}

const struct esc_playbook *esc_shelf_at(const struct esc_shelf *shelf, size_t index)
{
    return esc_list_at(&shelf->playbooks, index);
}

const struct esc_playbook *esc_shelf_find(const struct esc_shelf *shelf, const char *id)
{
    for (size_t i = 0; i < shelf->playbooks.count; i++) {
        const struct esc_playbook *playbook = shelf->playbooks.items[i];
        if (esc_text_equal(playbook->id, id))
            return playbook;
    }
    return NULL;
}
