/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/desktop/desktop.h"
#include "escher/base/log.h"

/*
 * --screenshot: what the window shows, once the page has loaded and had time to ask for its
 * contents, into a PNG file. The engine draws it, so it needs no working display server behind it.
 */
enum {
    QUIET_MS = 1500
};

static void on_picture(GObject *view, GAsyncResult *result, gpointer context)
{
    struct desktop *desktop = context;
    g_autoptr(GError) error = NULL;
    cairo_surface_t *surface =
        webkit_web_view_get_snapshot_finish(WEBKIT_WEB_VIEW(view), result, &error);
    const cairo_status_t status =
        surface ? cairo_surface_write_to_png(surface, desktop->options.screenshot)
                : CAIRO_STATUS_NULL_POINTER;
    if (status != CAIRO_STATUS_SUCCESS) {
        esc_log(ESC_ERROR, "no picture was made", F("file", desktop->options.screenshot),
                F("why", error ? error->message : cairo_status_to_string(status)));
        desktop->exit_code = esc_status_exit_code(ESC_IO);
    }
    if (surface)
        cairo_surface_destroy(surface);
    gtk_main_quit();
}

static gboolean take(gpointer context)
{
    struct desktop *desktop = context;
    webkit_web_view_get_snapshot(desktop->view, WEBKIT_SNAPSHOT_REGION_VISIBLE,
                                 WEBKIT_SNAPSHOT_OPTIONS_NONE, NULL, on_picture, desktop);
    return G_SOURCE_REMOVE;
}

static void on_load(WebKitWebView *, WebKitLoadEvent event, gpointer desktop)
{
    if (event == WEBKIT_LOAD_FINISHED)
        g_timeout_add(QUIET_MS, take, desktop);
}

void picture_when_loaded(struct desktop *desktop)
{
    g_signal_connect(desktop->view, "load-changed", G_CALLBACK(on_load), desktop);
}
