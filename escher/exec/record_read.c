/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/exec/record.h"

/* The readers' half: escher-run is built without it, it is handed the keys of its files. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/num.h"
#include "escher/crypt/derive.h"
#include "escher/crypt/frames.h"

enum {
    READ_CHUNK = 64 * 1024,
};

struct esc_secret *esc_attempt_key(const struct esc_attempt *attempt,
                                   const struct esc_secret *run_key, const char *end)
{
    ESC_CLEANUP(esc_freep) char *context = esc_attempt_context(attempt, end);
    return esc_derive(run_key, "escher run file", esc_str_of(context), ESC_FRAMES_KEY);
}

/* Whether somebody holds the lock of the live file; only its helper ever does for long. */
static enum esc_status look_at_lock(const char *path, bool *held, struct esc_error *err)
{
    ESC_CLEANUP(esc_fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return esc_fail(err, errno == ENOENT ? ESC_NOT_FOUND : ESC_IO, "open `%s`: %s", path,
                        strerror(errno));
    *held = flock(fd, LOCK_EX | LOCK_NB) != 0;
    if (*held && errno != EWOULDBLOCK)
        return esc_fail(err, ESC_IO, "lock `%s`: %s", path, strerror(errno));
    return ESC_OK;
}

enum esc_status esc_attempt_look(const struct esc_attempt *attempt, enum esc_attempt_trace *out,
                                 struct esc_error *err)
{
    enum esc_status status = esc_attempt_check(attempt, err);
    if (status != ESC_OK)
        return status;
    ESC_CLEANUP(esc_freep) char *live = esc_attempt_path(attempt, "live");
    ESC_CLEANUP(esc_freep) char *exit_path = esc_attempt_path(attempt, "exit");
    bool held = false;
    status = look_at_lock(live, &held, err);
    /* The record is looked for second: it is there before the lock is let go. */
    if (esc_file_exists(exit_path))
        *out = ESC_TRACE_ENDED;
    else if (status == ESC_NOT_FOUND)
        *out = ESC_TRACE_NONE;
    else if (status == ESC_OK)
        *out = held ? ESC_TRACE_RUNNING : ESC_TRACE_LOST;
    else
        return status;
    return ESC_OK;
}

static enum esc_status open_record(const struct esc_attempt *attempt,
                                   const struct esc_secret *run_key, struct esc_buf *plain,
                                   struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *path = esc_attempt_path(attempt, "exit");
    ESC_CLEANUP(esc_freep) char *context = esc_attempt_context(attempt, "exit");
    ESC_CLEANUP(esc_secret_freep)
    struct esc_secret *key = esc_attempt_key(attempt, run_key, "exit");
    ESC_CLEANUP(esc_frames_reader_freep)
    struct esc_frames_reader *reader = esc_frames_reader_new(key, esc_str_of(context));
    struct esc_buf sealed;
    esc_buf_init(&sealed, ESC_EXIT_RECORD_MAX);
    enum esc_status status = esc_file_read(path, &sealed, err);
    if (status == ESC_LIMIT)
        status = esc_fail(err, ESC_CORRUPT, "`%s` is no exit record", path);
    if (status == ESC_OK)
        status = esc_frames_feed(reader, esc_buf_str(&sealed), plain, err);
    if (status == ESC_OK)
        status = esc_frames_end(reader, err);
    esc_buf_done(&sealed);
    return status;
}

enum esc_status esc_attempt_read_record(const struct esc_attempt *attempt,
                                        const struct esc_secret *run_key,
                                        struct esc_exit_record *out, struct esc_error *err)
{
    struct esc_buf plain;
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    esc_buf_init(&plain, ESC_EXIT_RECORD_MAX);
    enum esc_status status = esc_attempt_check(attempt, err);
    if (status == ESC_OK)
        status = open_record(attempt, run_key, &plain, err);
    if (status == ESC_OK && (esc_json_parse(esc_buf_str(&plain), NULL, &json, err) != ESC_OK ||
                             esc_exit_record_from_json(json, out, err) != ESC_OK))
        status = esc_wrap(err, ESC_CORRUPT, "step %s", attempt->step);
    esc_buf_done(&plain);
    return status;
}

/* Feeds the file and hands on what lies behind *skip. @p out may get full. */
static enum esc_status read_frames(int fd, struct esc_frames_reader *reader, uint64_t skip,
                                   struct esc_buf *out, struct esc_error *err)
{
    char chunk[READ_CHUNK];
    enum esc_status status = ESC_OK;
    struct esc_buf plain;
    esc_buf_init(&plain, 2 * (size_t)READ_CHUNK);
    for (ssize_t got; status == ESC_OK && (got = read(fd, chunk, sizeof chunk)) != 0;) {
        if (got < 0) {
            status = errno == EINTR ? ESC_OK : esc_fail(err, ESC_IO, "read: %s", strerror(errno));
            continue;
        }
        status = esc_frames_feed(reader, (struct esc_str){chunk, (size_t)got}, &plain, err);
        size_t skipped = skip < plain.len ? (size_t)skip : plain.len;
        esc_buf_add(out, esc_str_slice(esc_buf_str(&plain), skipped, plain.len));
        skip -= skipped;
        esc_buf_reset(&plain);
        if (status == ESC_OK)
            status = esc_buf_status(out, "the output", err);
    }
    esc_buf_done(&plain);
    return status;
}

/* One sealed file of the attempt, from byte @p offset on. */
static enum esc_status read_file(const struct esc_attempt *attempt,
                                 const struct esc_secret *run_key, const char *end, uint64_t offset,
                                 struct esc_buf *out, bool *finished, struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *path = esc_attempt_path(attempt, end);
    ESC_CLEANUP(esc_freep) char *context = esc_attempt_context(attempt, end);
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = esc_attempt_key(attempt, run_key, end);
    ESC_CLEANUP(esc_frames_reader_freep)
    struct esc_frames_reader *reader = esc_frames_reader_new(key, esc_str_of(context));
    ESC_CLEANUP(esc_fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return esc_fail(err, errno == ENOENT ? ESC_NOT_FOUND : ESC_IO, "no output of step %s: %s",
                        attempt->step, strerror(errno));
    const enum esc_status status = read_frames(fd, reader, offset, out, err);
    *finished = esc_frames_is_finished(reader);
    return status;
}

enum esc_status esc_attempt_read_output(const struct esc_attempt *attempt,
                                        const struct esc_secret *run_key, enum esc_stream stream,
                                        uint64_t offset, struct esc_buf *out, bool *finished,
                                        struct esc_error *err)
{
    enum esc_status status = esc_attempt_check(attempt, err);
    const char *end = stream == ESC_STREAM_OUT ? "out" : "err";
    if (status == ESC_OK)
        status = read_file(attempt, run_key, end, offset, out, finished, err);
    return status == ESC_OK || status == ESC_NOT_FOUND
               ? status
               : esc_wrap(err, status, "output of step %s", attempt->step);
}

static size_t take_marks(struct esc_str bytes, enum esc_stream stream, struct esc_time_mark *marks)
{
    size_t count = 0;
    for (; bytes.len >= ESC_TIME_MARK_BYTES;
         bytes = esc_str_slice(bytes, ESC_TIME_MARK_BYTES, bytes.len)) {
        const struct esc_time_mark mark = {esc_load_u64(bytes.ptr + 1),
                                           esc_load_u64(bytes.ptr + 9)};
        if ((unsigned char)bytes.ptr[0] == (unsigned char)stream)
            marks[count++] = mark;
    }
    return count;
}

enum esc_status esc_attempt_read_times(const struct esc_attempt *attempt,
                                       const struct esc_secret *run_key, enum esc_stream stream,
                                       struct esc_time_mark **out, size_t *count, uint64_t *end,
                                       struct esc_error *err)
{
    struct esc_buf bytes;
    bool finished = false;
    esc_buf_init(&bytes, ESC_TIME_MARKS_MAX);
    enum esc_status status = esc_attempt_check(attempt, err);
    if (status == ESC_OK)
        status = read_file(attempt, run_key, "times", 0, &bytes, &finished, err);
    if (status == ESC_OK || bytes.len > 0) { /* what is damaged has only ended them */
        *out = esc_alloc_array(bytes.len / ESC_TIME_MARK_BYTES + 1, sizeof **out);
        *count = take_marks(esc_buf_str(&bytes), stream, *out);
        const bool is_full = bytes.len + ESC_TIME_MARK_BYTES > ESC_TIME_MARKS_MAX;
        const bool is_whole = status == ESC_OK && !is_full;
        *end = is_whole ? UINT64_MAX : *count ? (*out)[*count - 1].offset + 1 : 0;
        status = ESC_OK;
    }
    esc_buf_done(&bytes);
    return status;
}
