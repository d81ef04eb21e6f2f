/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/exec/survivors.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/num.h"
#include "escher/base/str.h"

enum {
    MAX_ARGUMENTS = 128 * 1024,
    PATIENCE_STEP_MS = 5,
};

const char *survivors_mark(void)
{
    static char mark[64];
    static unsigned count;
    (void)snprintf(mark, sizeof mark, "mark-%d-%u-end", (int)getpid(), ++count);
    return mark;
}

static bool has_mark(const char *pid, const char *mark)
{
    struct esc_buf text;
    char path[64];
    esc_buf_init(&text, MAX_ARGUMENTS);
    (void)snprintf(path, sizeof path, "/proc/%.20s/cmdline", pid);
    bool found = esc_file_read(path, &text, NULL) == ESC_OK &&
                 esc_str_contains(esc_buf_str(&text), esc_str_of(mark));
    esc_buf_done(&text);
    return found;
}

size_t survivors_count(const char *mark)
{
    struct esc_list names;
    size_t count = 0;
    esc_list_init(&names, free);
    if (esc_file_list("/proc", &names, NULL) != ESC_OK)
        return SIZE_MAX;
    for (size_t i = 0; i < names.count; i++) {
        uint64_t pid;
        if (esc_num_u64(esc_str_of(names.items[i]), &pid) && has_mark(names.items[i], mark))
            count++;
    }
    esc_list_done(&names);
    return count;
}

size_t survivors_after(const char *mark, unsigned patience_ms)
{
    size_t count = survivors_count(mark);
    for (unsigned waited = 0; count > 0 && waited < patience_ms; waited += PATIENCE_STEP_MS) {
        (void)usleep(PATIENCE_STEP_MS * 1000);
        count = survivors_count(mark);
    }
    return count;
}

size_t survivors_descriptors(void)
{
    struct esc_list names;
    esc_list_init(&names, free);
    if (esc_file_list("/proc/self/fd", &names, NULL) != ESC_OK)
        return SIZE_MAX;
    size_t count = names.count;
    esc_list_done(&names);
    return count;
}
