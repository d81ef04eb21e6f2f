/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "tests/fuzz/fuzz.h"

/* usage: fuzz-NAME FOLDER: gives every file of the folder to the target and prints TAP. */

static bool replay(const char *folder, const char *name)
{
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(folder, name);
    struct esc_error err;
    struct esc_buf input;
    esc_buf_init(&input, ESC_MAX_FILE);
    const bool read = esc_file_read(path, &input, &err) == ESC_OK;
    if (!read) {
        (void)fprintf(stderr, "%s\n", err.message);
    } else {
        /* An exact copy, so that a look beyond the end is seen. */
        ESC_CLEANUP(esc_freep) uint8_t *bytes = esc_alloc(input.len);
        for (size_t i = 0; i < input.len; i++)
            bytes[i] = (uint8_t)input.ptr[i];
        (void)LLVMFuzzerTestOneInput(bytes, input.len); /* 0, or it would not have returned */
    }
    esc_buf_done(&input);
    return read;
}

int main(int argc, char **argv)
{
    struct esc_error err = {0};
    struct esc_list names;
    esc_list_init(&names, free);
    bool good = argc == 2 && esc_file_list(argv[1], &names, &err) == ESC_OK && names.count > 0;
    for (size_t i = 0; i < names.count; i++) {
        (void)fprintf(stderr, "# %s\n", (const char *)names.items[i]);
        good = replay(argv[1], names.items[i]) && good;
    }
    (void)printf("1..1\n%s 1 - %zu kept inputs end well %s\n", good ? "ok" : "not ok", names.count,
                 err.message);
    esc_list_done(&names);
    return good ? 0 : 1;
}
