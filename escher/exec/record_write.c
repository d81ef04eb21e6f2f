/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/exec/record.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/num.h"
#include "escher/crypt/frames.h"
#include "escher/exec/sweep.h"

enum {
    MAX_STEP_ID = 64,
};

static const char schema[] = "escher.exit/1";

struct esc_json *esc_exit_record_to_json(const struct esc_exit_record *record)
{
    struct esc_json *json = esc_json_object();
    esc_json_set_text(json, "schema", schema);
    esc_json_set_text(json, "ending", esc_ending_text(record->ending));
    esc_json_set_int(json, "exit_code", record->exit_code);
    esc_json_set_int(json, "signal", record->signal);
    esc_json_set_int(json, "started_at_ms", (int64_t)record->started_at_ms);
    esc_json_set_int(json, "ended_at_ms", (int64_t)record->ended_at_ms);
    esc_json_set_int(json, "out_bytes", (int64_t)record->out_bytes);
    esc_json_set_int(json, "err_bytes", (int64_t)record->err_bytes);
    esc_json_set_int(json, "out_kept", (int64_t)record->out_kept);
    esc_json_set_int(json, "err_kept", (int64_t)record->err_kept);
    esc_json_set_bool(json, "leaked", record->leaked);
    esc_json_set_bool(json, "over_limit", record->over_limit);
    esc_json_set_bool(json, "output_lost", record->output_lost);
    esc_json_set_text(json, "message", record->message);
    return json;
}

static bool read_u64(const struct esc_json *json, const char *name, uint64_t *out)
{
    int64_t value = esc_json_num(json, name, -1);
    *out = (uint64_t)value;
    return value >= 0;
}

static bool read_int(const struct esc_json *json, const char *name, int min, int *out)
{
    int64_t value = esc_json_num(json, name, INT64_MIN);
    *out = (int)value;
    return value >= min && value <= 255;
}

static bool read_flag(const struct esc_json *json, const char *name, bool *out)
{
    *out = esc_json_flag(json, name, false);
    return esc_json_is(esc_json_member(json, name), ESC_JSON_BOOL);
}

static const char *const members[] = {
    "schema",      "ending",     "exit_code",   "signal",   "started_at_ms",
    "ended_at_ms", "out_bytes",  "err_bytes",   "out_kept", "err_kept",
    "leaked",      "over_limit", "output_lost", "message",  NULL,
};

enum esc_status esc_exit_record_from_json(const struct esc_json *json, struct esc_exit_record *out,
                                          struct esc_error *err)
{
    struct esc_exit_record record = {0};
    enum esc_status status = esc_json_only(json, members, err);
    if (status != ESC_OK)
        return status;
    struct esc_str message = esc_json_value(esc_json_member(json, "message"));
    record.ending = esc_ending_of_text(esc_json_value(esc_json_member(json, "ending")));
    bool good =
        esc_text_equal(schema, esc_json_str(json, "schema", NULL)) &&
        record.ending < ESC_ENDING_COUNT &&
        esc_json_is(esc_json_member(json, "message"), ESC_JSON_STRING) &&
        message.len < sizeof record.message && read_int(json, "exit_code", -1, &record.exit_code) &&
        read_int(json, "signal", 0, &record.signal) &&
        read_u64(json, "started_at_ms", &record.started_at_ms) &&
        read_u64(json, "ended_at_ms", &record.ended_at_ms) &&
        read_u64(json, "out_bytes", &record.out_bytes) &&
        read_u64(json, "err_bytes", &record.err_bytes) &&
        read_u64(json, "out_kept", &record.out_kept) &&
        read_u64(json, "err_kept", &record.err_kept) && read_flag(json, "leaked", &record.leaked) &&
        read_flag(json, "over_limit", &record.over_limit) &&
        read_flag(json, "output_lost", &record.output_lost);
    if (!good)
        return esc_fail(err, ESC_INVALID, "no exit record");
    if (message.len)
        memcpy(record.message, message.ptr, message.len);
    *out = record;
    return ESC_OK;
}

static bool is_step_id(struct esc_str id)
{
    for (size_t i = 0; i < id.len; i++) {
        if (!esc_is_alnum(id.ptr[i]) && id.ptr[i] != '_' && id.ptr[i] != '-')
            return false;
    }
    return id.len > 0 && id.len <= MAX_STEP_ID;
}

enum esc_status esc_attempt_check(const struct esc_attempt *attempt, struct esc_error *err)
{
    if (!attempt->folder || attempt->folder[0] != '/')
        return esc_fail(err, ESC_INVALID, "the folder of a run is absolute");
    if (!is_step_id(esc_str_of(attempt->step)) || attempt->attempt == 0)
        return esc_fail(err, ESC_INVALID, "no such step or attempt");
    return ESC_OK;
}

char *esc_attempt_path(const struct esc_attempt *attempt, const char *end)
{
    return esc_sprintf("%s/%s-%u.%s", attempt->folder, attempt->step, attempt->attempt, end);
}

char *esc_attempt_context(const struct esc_attempt *attempt, const char *end)
{
    return esc_sprintf("escher.run/1 %s-%u.%s", attempt->step, attempt->attempt, end);
}

enum esc_status esc_attempt_write_record(const struct esc_attempt *attempt,
                                         const struct esc_secret *key,
                                         const struct esc_exit_record *record,
                                         struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *path = esc_attempt_path(attempt, "exit");
    ESC_CLEANUP(esc_freep) char *context = esc_attempt_context(attempt, "exit");
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_exit_record_to_json(record);
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(json, ESC_JSON_COMPACT);
    struct esc_buf sealed;
    esc_buf_init(&sealed, ESC_EXIT_RECORD_MAX);
    ESC_CLEANUP(esc_frames_writer_freep)
    struct esc_frames_writer *writer = esc_frames_writer_new(key, esc_str_of(context), &sealed);
    esc_frames_push(writer, esc_str_of(text), true, &sealed);
    enum esc_status status = esc_buf_status(&sealed, "the exit record", err);
    if (status == ESC_OK)
        status = esc_file_replace(path, esc_buf_str(&sealed), 0600, err);
    esc_buf_done(&sealed);
    return status;
}

enum esc_status esc_attempt_sign(const struct esc_attempt *attempt, pid_t pid,
                                 struct esc_error *err)
{
    struct esc_brood_member who;
    if (!esc_brood_identify(pid, &who))
        return esc_fail(err, ESC_IO, "process %d is not in /proc", (int)pid);
    ESC_CLEANUP(esc_freep) char *path = esc_attempt_path(attempt, "live");
    ESC_CLEANUP(esc_freep)
    char *line = esc_sprintf("%d %llu\n", (int)who.pid, (unsigned long long)who.start);
    ESC_CLEANUP(esc_fd_close) int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return esc_fail(err, ESC_IO, "open `%s`: %s", path, strerror(errno));
    return esc_file_write_fd(fd, esc_str_of(line), err);
}

void esc_time_mark_write(enum esc_stream stream, const struct esc_time_mark *mark,
                         char out[ESC_TIME_MARK_BYTES])
{
    out[0] = (char)stream;
    esc_store_u64(out + 1, mark->offset);
    esc_store_u64(out + 9, mark->at_ms);
}
