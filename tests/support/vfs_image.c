/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/vfs_image.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/file.h"
#include "escher/base/list.h"

/* An act that was not folded into the disk. */
struct pending {
    const struct vfs_act *act;
    bool is_sure;  /* synced, kept here because something before it is not */
    bool is_limbo; /* a sync of it failed */
};

struct bytes {
    unsigned char *ptr;
    size_t len, capacity;
};

struct disk_file {
    struct bytes durable;
    struct esc_list pending; /* struct pending */
};

struct disk_name {
    const char *text;
    size_t file;
};

struct vfs_disk {
    const struct vfs_sim *sim;
    size_t position;
    uint64_t mark;
    struct esc_list files;  /* struct disk_file, by number */
    struct esc_list names;  /* struct disk_name: in the folder on the disk */
    struct esc_list on_way; /* struct vfs_act: changes of names, borrowed */
};

const char *vfs_loss_text(enum vfs_loss loss)
{
    static const char *const texts[] = {"keep", "lose", "scatter", "tear", "garble"};
    static_assert(sizeof texts / sizeof *texts == VFS_LOSS_COUNT);
    return texts[loss];
}

/* Bytes */

static void set_len(struct bytes *bytes, size_t len)
{
    if (len > bytes->capacity) {
        bytes->capacity = 2 * len;
        bytes->ptr = esc_realloc_array(bytes->ptr, bytes->capacity, 1);
    }
    if (len > bytes->len)
        memset(bytes->ptr + bytes->len, 0, len - bytes->len);
    bytes->len = len;
}

static void put(struct bytes *bytes, size_t at, const unsigned char *from, size_t len)
{
    if (len == 0)
        return;
    if (at + len > bytes->len)
        set_len(bytes, at + len);
    memcpy(bytes->ptr + at, from, len);
}

static void apply(struct bytes *bytes, const struct vfs_act *act)
{
    if (act->kind == VFS_TRUNCATE)
        set_len(bytes, (size_t)act->at);
    else
        put(bytes, (size_t)act->at, act->bytes, act->len);
}

/* How an image comes about. */
struct accident {
    enum vfs_loss loss;
    size_t unit;
    bool keeps_neighbours;
    uint64_t kept_of_16; /* chance that a sector gets there */
    const struct esc_random *random;
};

static bool is_kept(const struct accident *accident)
{
    return esc_random_below(accident->random, 16) < accident->kept_of_16;
}

static void garble(struct bytes *bytes, const struct accident *accident, size_t from, size_t to)
{
    if (!accident->keeps_neighbours) {
        from -= from % accident->unit;
        to += (accident->unit - to % accident->unit) % accident->unit;
        to = to < bytes->len ? to : bytes->len;
    }
    if (to > bytes->len)
        set_len(bytes, to);
    if (from < to)
        esc_random_fill(accident->random, bytes->ptr + from, to - from);
}

/* One sector of a write, from @p from up to @p to in the file. */
static void write_sector(struct bytes *bytes, const struct accident *accident,
                         const struct vfs_act *act, size_t from, size_t to)
{
    const unsigned char *new = act->bytes + (from - (size_t)act->at);
    if (is_kept(accident)) {
        put(bytes, from, new, to - from);
        return;
    }
    if (accident->loss == VFS_SCATTER || esc_random_below(accident->random, 2) == 0)
        return;
    if (accident->loss == VFS_GARBLE) {
        garble(bytes, accident, from, to);
        return;
    }
    const size_t cut = (size_t)esc_random_below(accident->random, to - from + 1);
    if (esc_random_below(accident->random, 2) == 0)
        put(bytes, from, new, cut);
    else
        put(bytes, from + cut, new + cut, to - from - cut);
}

static void apply_partly(struct bytes *bytes, const struct accident *accident,
                         const struct vfs_act *act)
{
    if (act->kind == VFS_TRUNCATE) {
        if (is_kept(accident))
            apply(bytes, act);
        return;
    }
    const size_t start = (size_t)act->at, end = start + act->len;
    for (size_t from = start; from < end;) {
        size_t to = from - from % accident->unit + accident->unit;
        to = to < end ? to : end;
        write_sector(bytes, accident, act, from, to);
        from = to;
    }
}

static struct bytes file_image(const struct disk_file *file, const struct accident *accident)
{
    struct bytes bytes = {0};
    set_len(&bytes, file->durable.len);
    if (file->durable.len)
        memcpy(bytes.ptr, file->durable.ptr, file->durable.len);
    for (size_t i = 0; i < file->pending.count; i++) {
        const struct pending *pending = file->pending.items[i];
        if (pending->is_sure || accident->loss == VFS_KEEP)
            apply(&bytes, pending->act);
        else if (accident->loss != VFS_LOSE)
            apply_partly(&bytes, accident, pending->act);
    }
    return bytes;
}

/* Acts */

static void disk_file_free(void *item)
{
    struct disk_file *file = item;
    free(file->durable.ptr);
    esc_list_done(&file->pending);
    free(file);
}

static struct disk_file *file_of(struct vfs_disk *disk, size_t number)
{
    while (disk->files.count <= number) {
        struct disk_file *file = esc_alloc_zero(sizeof *file);
        esc_list_init(&file->pending, free);
        esc_list_push(&disk->files, file);
    }
    return disk->files.items[number];
}

static void sync_file(struct disk_file *file)
{
    bool has_limbo = false;
    for (size_t i = 0; i < file->pending.count; i++) {
        struct pending *pending = file->pending.items[i];
        has_limbo |= pending->is_limbo;
        pending->is_sure = !pending->is_limbo;
    }
    if (has_limbo)
        return;
    for (size_t i = 0; i < file->pending.count; i++) {
        const struct pending *pending = file->pending.items[i];
        apply(&file->durable, pending->act);
    }
    esc_list_clear(&file->pending);
}

static void fail_sync(struct disk_file *file)
{
    for (size_t i = 0; i < file->pending.count; i++) {
        struct pending *pending = file->pending.items[i];
        pending->is_limbo |= !pending->is_sure;
    }
}

static size_t find_name(const struct esc_list *names, const char *text)
{
    for (size_t i = 0; i < names->count; i++) {
        const struct disk_name *name = names->items[i];
        if (strcmp(name->text, text) == 0)
            return i;
    }
    return names->count;
}

static void take_name(struct esc_list *names, const char *text)
{
    const size_t index = find_name(names, text);
    if (index < names->count)
        free(esc_list_remove(names, index));
}

static void add_name(struct esc_list *names, const char *text, size_t file)
{
    take_name(names, text);
    struct disk_name *name = esc_alloc(sizeof *name);
    *name = (struct disk_name){text, file};
    esc_list_push(names, name);
}

/* What @p act does to the names in a folder. */
static void apply_name(struct esc_list *names, const struct vfs_act *act)
{
    if (act->kind == VFS_CREATE) {
        add_name(names, act->name, act->file);
    } else if (act->kind == VFS_DELETE) {
        take_name(names, act->name);
    } else {
        const size_t index = find_name(names, act->name);
        if (index == names->count)
            return; /* its creation has not got there */
        const size_t file = ((const struct disk_name *)names->items[index])->file;
        take_name(names, act->name);
        add_name(names, act->new_name, file);
    }
}

static void sync_folder(struct vfs_disk *disk)
{
    for (size_t i = 0; i < disk->on_way.count; i++)
        apply_name(&disk->names, disk->on_way.items[i]);
    esc_list_clear(&disk->on_way);
}

static void add_pending(struct disk_file *file, const struct vfs_act *act)
{
    struct pending *pending = esc_alloc_zero(sizeof *pending);
    pending->act = act;
    esc_list_push(&file->pending, pending);
}

static void take_act(struct vfs_disk *disk, struct vfs_act *act)
{
    switch (act->kind) {
    case VFS_WRITE:
    case VFS_TRUNCATE:
        add_pending(file_of(disk, act->file), act);
        break;
    case VFS_SYNC:
        sync_file(file_of(disk, act->file));
        break;
    case VFS_SYNC_FAILED:
        fail_sync(file_of(disk, act->file));
        break;
    case VFS_SYNC_FOLDER:
        sync_folder(disk);
        break;
    case VFS_MARK:
        disk->mark = act->at;
        break;
    case VFS_CREATE:
    case VFS_DELETE:
    case VFS_RENAME:
        if (act->kind == VFS_CREATE)
            (void)file_of(disk, act->file); /* made when it is not there yet */
        esc_list_push(&disk->on_way, act);
        break;
    }
}

/* The disk */

struct vfs_disk *vfs_disk_new(const struct vfs_sim *sim)
{
    struct vfs_disk *disk = esc_alloc_zero(sizeof *disk);
    disk->sim = sim;
    disk->mark = UINT64_MAX;
    esc_list_init(&disk->files, disk_file_free);
    esc_list_init(&disk->names, free);
    esc_list_init(&disk->on_way, NULL);
    return disk;
}

void vfs_disk_free(struct vfs_disk *disk)
{
    esc_list_done(&disk->files);
    esc_list_done(&disk->names);
    esc_list_done(&disk->on_way);
    free(disk);
}

bool vfs_disk_step(struct vfs_disk *disk)
{
    if (disk->position == vfs_sim_count(disk->sim))
        return false;
    take_act(disk, vfs_sim_act(disk->sim, disk->position++));
    return true;
}

size_t vfs_disk_position(const struct vfs_disk *disk)
{
    return disk->position;
}

uint64_t vfs_disk_mark(const struct vfs_disk *disk)
{
    return disk->mark;
}

bool vfs_disk_is_settled(const struct vfs_disk *disk)
{
    bool is_settled = disk->on_way.count == 0;
    for (size_t i = 0; i < disk->files.count; i++) {
        const struct disk_file *file = disk->files.items[i];
        is_settled &= file->pending.count == 0;
    }
    return is_settled;
}

/* The folder as it is found: names got there in their order up to some point, or in none. */
static void name_image(const struct vfs_disk *disk, const struct accident *accident,
                       struct esc_list *names)
{
    const size_t count = disk->on_way.count;
    const bool in_order = esc_random_below(accident->random, 2) == 0;
    const size_t reached = (size_t)esc_random_below(accident->random, count + 1);
    esc_list_init(names, free);
    for (size_t i = 0; i < disk->names.count; i++) {
        const struct disk_name *name = disk->names.items[i];
        add_name(names, name->text, name->file);
    }
    for (size_t i = 0; i < count; i++) {
        bool got_there = accident->loss == VFS_KEEP;
        if (accident->loss > VFS_LOSE)
            got_there = in_order ? i < reached : is_kept(accident);
        if (got_there)
            apply_name(names, disk->on_way.items[i]);
    }
}

static void write_file(const char *path, const struct bytes *bytes)
{
    ESC_CLEANUP(esc_fd_close) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ESC_ASSERT(fd >= 0);
    const struct esc_str text = {(const char *)bytes->ptr, bytes->len};
    ESC_ASSERT(esc_file_write_fd(fd, text, NULL) == ESC_OK);
}

static void empty_folder(const char *folder)
{
    struct esc_list names;
    esc_list_init(&names, free);
    ESC_ASSERT(esc_file_list(folder, &names, NULL) == ESC_OK);
    for (size_t i = 0; i < names.count; i++) {
        ESC_CLEANUP(esc_freep) char *path = esc_path_join(folder, names.items[i]);
        ESC_ASSERT(unlink(path) == 0);
    }
    esc_list_done(&names);
}

void vfs_disk_write(const struct vfs_disk *disk, enum vfs_loss loss, size_t unit,
                    const struct esc_random *random, const char *folder)
{
    static const uint64_t chances[] = {2, 8, 14, 15};
    struct esc_list names;
    const struct accident accident = {loss, unit, vfs_sim_device(disk->sim).keeps_neighbours,
                                      chances[esc_random_below(random, 4)], random};
    name_image(disk, &accident, &names);
    empty_folder(folder);
    for (size_t i = 0; i < names.count; i++) {
        const struct disk_name *name = names.items[i];
        ESC_CLEANUP(esc_freep) char *path = esc_path_join(folder, name->text);
        struct bytes bytes = file_image(disk->files.items[name->file], &accident);
        write_file(path, &bytes);
        free(bytes.ptr);
    }
    esc_list_done(&names);
}
