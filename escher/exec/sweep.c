/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/exec/sweep.h"

/*
 * One pass over /proc gives every process with its parent, session and start time. Descendants
 * are then marked by repeating over that table until nothing new is marked: at most as often as
 * the tree is deep, and the table is a few hundred rows.
 */

#include <dirent.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/num.h"
#include "escher/base/str.h"

enum {
    MAX_STAT = 4096, /* /proc/PID/stat is some 300 bytes */
    FIELD_STATE = 0, /* counted from behind the name, which may hold anything */
    FIELD_PARENT = 1,
    FIELD_SESSION = 3,
    FIELD_START = 19,
};

struct process_row {
    struct esc_brood_member who;
    pid_t parent, session;
    bool marked;
};

struct process_table {
    struct process_row *rows;
    size_t count, capacity;
};

/* @source proc(5), /proc/pid/stat */
static bool parse_stat(struct esc_str text, struct process_row *row)
{
    size_t behind = text.len;
    while (behind > 0 && text.ptr[behind - 1] != ')')
        behind--;
    struct esc_str rest = esc_str_trim(esc_str_slice(text, behind, text.len));
    struct esc_str piece;
    uint64_t values[FIELD_START + 1] = {0};
    for (size_t i = 0; i <= FIELD_START; i++) {
        if (!esc_str_next(&rest, ' ', &piece))
            return false;
        if (i == FIELD_STATE) {
            if (esc_str_is(piece, "Z") || esc_str_is(piece, "X"))
                return false; /* dead already */
        } else if (!esc_num_u64(piece, &values[i])) {
            values[i] = 0; /* some fields are negative; none of ours */
        }
    }
    row->parent = (pid_t)values[FIELD_PARENT];
    row->session = (pid_t)values[FIELD_SESSION];
    row->who.start = values[FIELD_START];
    return true;
}

static bool read_row(pid_t pid, struct process_row *row)
{
    char path[64];
    struct esc_buf path_text, text;
    esc_buf_init(&path_text, sizeof path);
    esc_buf_printf(&path_text, "/proc/%d/stat", (int)pid);
    esc_buf_init(&text, MAX_STAT);
    bool good = esc_file_read(esc_buf_text(&path_text), &text, NULL) == ESC_OK &&
                parse_stat(esc_buf_str(&text), row);
    row->who.pid = pid;
    row->marked = false;
    esc_buf_done(&text);
    esc_buf_done(&path_text);
    return good;
}

static void read_table(struct process_table *table)
{
    DIR *proc = opendir("/proc");
    if (!proc)
        return;
    for (struct dirent *entry; (entry = readdir(proc));) {
        uint64_t pid;
        struct process_row row;
        if (!esc_num_u64(esc_str_of(entry->d_name), &pid) || !read_row((pid_t)pid, &row))
            continue;
        if (table->count == table->capacity) {
            table->capacity = table->capacity ? table->capacity * 2 : 256;
            table->rows = esc_realloc_array(table->rows, table->capacity, sizeof *table->rows);
        }
        table->rows[table->count++] = row;
    }
    (void)closedir(proc); /* read only */
}

static bool has_marked_parent(const struct process_table *table, pid_t parent)
{
    for (size_t i = 0; i < table->count; i++) {
        if (table->rows[i].marked && table->rows[i].who.pid == parent)
            return true;
    }
    return false;
}

static void mark(struct process_table *table, pid_t root, pid_t session)
{
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < table->count; i++) {
            struct process_row *row = &table->rows[i];
            if (row->marked || row->who.pid == root || row->who.pid == getpid())
                continue;
            row->marked = row->parent == root || (session != 0 && row->session == session) ||
                          has_marked_parent(table, row->parent);
            more = more || row->marked;
        }
    }
}

bool esc_brood_identify(pid_t pid, struct esc_brood_member *out)
{
    struct process_row row;
    if (!read_row(pid, &row))
        return false;
    *out = row.who;
    return true;
}

void esc_brood_done(struct esc_brood *brood)
{
    free(brood->members);
    *brood = (struct esc_brood){0};
}

static bool is_member(const struct esc_brood *brood, const struct esc_brood_member *who)
{
    for (size_t i = 0; i < brood->count; i++) {
        if (brood->members[i].pid == who->pid && brood->members[i].start == who->start)
            return true;
    }
    return false;
}

static void add_member(struct esc_brood *brood, const struct esc_brood_member *who)
{
    if (brood->count == brood->capacity) {
        brood->capacity = brood->capacity ? brood->capacity * 2 : 16;
        brood->members = esc_realloc_array(brood->members, brood->capacity, sizeof *brood->members);
    }
    brood->members[brood->count++] = *who;
}

void esc_brood_look(struct esc_brood *brood, pid_t root, pid_t session)
{
    struct process_table table = {0};
    read_table(&table);
    for (size_t i = 0; i < table.count; i++)
        table.rows[i].marked = is_member(brood, &table.rows[i].who);
    mark(&table, root, session);
    for (size_t i = 0; i < table.count; i++) {
        if (table.rows[i].marked && !is_member(brood, &table.rows[i].who))
            add_member(brood, &table.rows[i].who);
    }
    free(table.rows);
}

/* The pid may have been given to another process meanwhile: then its start time differs. */
static bool signal_member(const struct esc_brood_member *who, int signal)
{
    int pidfd = pidfd_open(who->pid, 0);
    if (pidfd < 0)
        return false;
    struct esc_brood_member now;
    bool same = esc_brood_identify(who->pid, &now) && now.start == who->start;
    if (same)
        (void)pidfd_send_signal(pidfd, signal, NULL, 0); /* gone, or not ours to end */
    esc_fd_close(&pidfd);
    return same;
}

size_t esc_brood_signal(const struct esc_brood *brood, int signal)
{
    size_t count = 0;
    for (size_t i = 0; i < brood->count; i++) {
        if (signal_member(&brood->members[i], signal))
            count++;
    }
    return count;
}
