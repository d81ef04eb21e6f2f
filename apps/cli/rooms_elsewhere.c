/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "apps/cli/rooms.h"
#include "escher/base/alloc.h"
#include "escher/base/file.h"

/* This program becomes escher-core, which lies beside it. All it holds so far are its words and its
 * descriptors, and these stay. */
const struct cli_rooms *cli_rooms(struct cli *cli, struct esc_error *err)
{
    const char *slash = strrchr(cli->self, '/');
    ESC_CLEANUP(esc_freep)
    char *folder = esc_strndup(cli->self, slash ? (size_t)(slash - cli->self) : 0);
    ESC_CLEANUP(esc_freep) char *program = esc_path_join(folder, "escher-core");
    (void)execv(program, cli->argv);
    (void)esc_fail(err, ESC_NOT_FOUND, "start `%s`, which belongs beside escher: %s", program,
                   strerror(errno));
    return NULL;
}
