/* SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>

#include "apps/desktop/desktop.h"
#include "escher/base/alloc.h"
#include "escher/base/paths.h"

/*
 * Who draws. In software by default: the engine's other ways leave windows blank on many drivers
 * and were slower without a GPU.
 *
 * Then this process needs no driver at all. Yet GTK loads one to choose among visuals and WebKit
 * another to ask for the device, 25 MB and a tenth of a second of the start. So GTK is told not
 * to, and libEGL meets an empty list of drivers the one time it looks. The page's process still
 * loads its own; it does not start without.
 *
 * @source libglvnd, EGL vendor list: read once, at the first call that needs it; EGL 1.5, 3.3
 */
#define DRIVER_LIST "__EGL_VENDOR_LIBRARY_FILENAMES"

typedef const char *query_fn(void *display, int name);

enum {
    EGL_EXTENSIONS = 0x3055
};

static void meet_no_driver(void)
{
    ESC_CLEANUP(esc_freep) char *before = esc_strdup_null(esc_env(DRIVER_LIST));
    g_setenv(DRIVER_LIST, "/dev/null", TRUE);
    void *egl = dlopen("libEGL.so.1", RTLD_NOW); /* stays, so that it does not look again */
    query_fn *query = egl ? (query_fn *)(uintptr_t)dlsym(egl, "eglQueryString") : NULL;
    if (query)
        (void)query(NULL, EGL_EXTENSIONS); /* only makes it look */
    if (before)
        g_setenv(DRIVER_LIST, before, TRUE);
    else
        g_unsetenv(DRIVER_LIST);
}

bool graphics_init(bool gpu)
{
    if (gpu) {
        g_setenv("WEBKIT_DISABLE_DMABUF_RENDERER", "1", FALSE);
        return gtk_init_check(NULL, NULL);
    }
    meet_no_driver();
    g_setenv("GDK_GL", "disable", TRUE);
    const bool works = gtk_init_check(NULL, NULL);
    g_unsetenv("GDK_GL");
    return works;
}
