/* SPDX-License-Identifier: Apache-2.0 */
#include <gio/gio.h>

#include "apps/desktop/desktop.h"
#include "escher/base/paths.h"

/*
 * WebKit runs its processes in bubblewrap and ends the whole program when that fails, as it does
 * where user namespaces are forbidden. So bubblewrap is tried first, beside the rest of the start.
 */
static GSubprocess *trial;

void sandbox_ask(void)
{
    trial = g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
                             NULL, "bwrap", "--unshare-user", "--unshare-net", "--ro-bind", "/",
                             "/", "true", NULL);
}

bool sandbox_works(void)
{
    g_autofree char *proxy = g_find_program_in_path("xdg-dbus-proxy");
    const bool works = trial && g_subprocess_wait_check(trial, NULL, NULL) && proxy &&
                       !esc_env("WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS");
    g_clear_object(&trial);
    return works;
}
