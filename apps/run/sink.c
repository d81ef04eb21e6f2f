/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/run/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "escher/base/alloc.h"
#include "escher/base/file.h"

enum {
    MAX_SEALED = 2 * ESC_FRAME_MAX, /* of one piece of output with its frame around it */
};

static void give_up(struct sink *sink)
{
    sink->lost = true;
    esc_fd_close(&sink->fd);
}

static void write_out(struct sink *sink, struct esc_buf *sealed)
{
    if (sealed->status != ESC_OK ||
        esc_file_write_fd(sink->fd, esc_buf_str(sealed), NULL) != ESC_OK)
        give_up(sink);
    esc_buf_done(sealed);
}

enum esc_status sink_open(struct sink *sink, const struct esc_handover *handover,
                          enum esc_attempt_file file, struct esc_error *err)
{
    const struct esc_attempt attempt = esc_handover_attempt(handover);
    const char *end = esc_attempt_file_end(file);
    ESC_CLEANUP(esc_freep) char *path = esc_attempt_path(&attempt, end);
    ESC_CLEANUP(esc_freep) char *context = esc_attempt_context(&attempt, end);
    *sink = (struct sink){.max = handover->max_output};
    sink->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (sink->fd < 0)
        return esc_fail(err, errno == EEXIST ? ESC_EXISTS : ESC_IO, "create `%s`: %s", path,
                        strerror(errno));
    struct esc_buf sealed;
    esc_buf_init(&sealed, MAX_SEALED);
    sink->writer = esc_frames_writer_new(handover->keys[file], esc_str_of(context), &sealed);
    write_out(sink, &sealed);
    return ESC_OK;
}

static void push(struct sink *sink, struct esc_str bytes, bool final)
{
    struct esc_buf sealed;
    esc_buf_init(&sealed, MAX_SEALED);
    esc_frames_push(sink->writer, bytes, final, &sealed);
    write_out(sink, &sealed);
}

void sink_add(struct sink *sink, struct esc_str bytes)
{
    uint64_t room = sink->max - sink->kept;
    struct esc_str kept = esc_str_slice(bytes, 0, room < bytes.len ? (size_t)room : bytes.len);
    sink->bytes += bytes.len;
    if (sink->fd < 0 || kept.len == 0)
        return;
    push(sink, kept, false);
    if (!sink->lost)
        sink->kept += kept.len;
}

void sink_close(struct sink *sink)
{
    if (sink->fd >= 0)
        push(sink, (struct esc_str){0}, true);
    if (sink->fd >= 0 && fsync(sink->fd) != 0)
        sink->lost = true;
    esc_fd_close(&sink->fd);
    esc_frames_writer_free(sink->writer);
    sink->writer = NULL;
}
