/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Backups of the store in a box (support.h), made, spoiled and compared. */

#include <unistd.h>

#include "escher/store/audit.h"
#include "escher/store/conversation.h"
#include "escher/store/document.h"
#include "escher/store/snapshot.h"
#include "tests/store/support.h"

static inline char *in_box(const struct box *box, const char *name)
{
    return esc_path_join(box->folder, name);
}

/* Some of everything. */
static inline void fill_box(struct box *box, int count)
{
    for (int i = 0; i < count; i++) {
        ESC_CLEANUP(esc_freep) char *name = esc_sprintf("database-%d", i);
        put_resource(box, name, "available", NULL);
        ESC_CLEANUP(esc_json_freep) struct esc_json *event = esc_json_int(i);
        expect_ok(esc_store_audit_append(box->store, event, NULL, &err));
        expect_ok(esc_store_doc_put(box->store, "settings", name, event, &err));
    }
}

/* Copies to the end; the store may be written to by @p meanwhile between two steps. */
static inline struct esc_snapshot *copy_box(struct box *box, unsigned pages,
                                            void (*meanwhile)(struct box *box))
{
    struct esc_snapshot *snapshot = NULL;
    bool done = false;
    ESC_CLEANUP(esc_freep) char *folder = in_box(box, "work");
    expect_ok(esc_snapshot_begin(box->store, folder, "0.1.0", &snapshot, &err));
    while (!done) {
        expect_ok(esc_snapshot_step(snapshot, pages, &done, &err));
        if (!done && meanwhile)
            meanwhile(box);
    }
    return snapshot;
}

/* A backup called @p name in the box; its path is owned by the caller. */
static inline char *back_up(struct box *box, const char *name, struct esc_backup_facts *facts)
{
    struct esc_backup_facts ignored;
    char *path = in_box(box, name);
    ESC_CLEANUP(esc_snapshot_freep) struct esc_snapshot *snapshot = copy_box(box, 1000, NULL);
    expect_ok(esc_snapshot_finish(snapshot, NULL, facts ? facts : &ignored, &err));
    assert_int_equal(0, rename(esc_snapshot_path(snapshot), path));
    return path;
}

static inline enum esc_status check_backup(const struct box *box, const char *path,
                                           struct esc_backup_facts *facts)
{
    struct esc_backup_opener *opener = NULL;
    ESC_CLEANUP(esc_freep) char *folder = in_box(box, "trial");
    expect_ok(esc_backup_opener_of_store(box->store, &opener, &err));
    const enum esc_status status = esc_backup_check(path, opener, folder, NULL, facts, &err);
    esc_backup_opener_free(opener);
    return status;
}
