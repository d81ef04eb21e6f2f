/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/desktop/desktop.h"
#include "escher/base/log.h"

/* The window around the view: its size from one start to the next, and the lines above the page. */

static void on_resize(GtkWidget *window, GdkRectangle *, gpointer context)
{
    struct desktop *desktop = context;
    if (!desktop->state.maximized)
        gtk_window_get_size(GTK_WINDOW(window), &desktop->state.width, &desktop->state.height);
}

static gboolean on_state(GtkWidget *, GdkEventWindowState *event, gpointer context)
{
    struct desktop *desktop = context;
    desktop->state.maximized = event->new_window_state & GDK_WINDOW_STATE_MAXIMIZED;
    return FALSE;
}

static void on_destroy(GtkWidget *, gpointer)
{
    gtk_main_quit();
}

static gboolean on_key(GtkWidget *window, GdkEventKey *event, gpointer context)
{
    struct desktop *desktop = context;
    const guint modifiers = event->state & gtk_accelerator_get_default_mod_mask();
    const double zoom = webkit_web_view_get_zoom_level(desktop->view);
    if (modifiers == GDK_CONTROL_MASK && event->keyval == GDK_KEY_q)
        gtk_window_close(GTK_WINDOW(window));
    else if (modifiers == GDK_CONTROL_MASK && event->keyval == GDK_KEY_r)
        webkit_web_view_reload(desktop->view);
    else if (modifiers == GDK_CONTROL_MASK && event->keyval == GDK_KEY_0)
        webkit_web_view_set_zoom_level(desktop->view, 1);
    else if (modifiers == GDK_CONTROL_MASK && event->keyval == GDK_KEY_minus)
        webkit_web_view_set_zoom_level(desktop->view, MAX(zoom / 1.1, 0.5));
    else if ((modifiers & ~(guint)GDK_SHIFT_MASK) == GDK_CONTROL_MASK &&
             (event->keyval == GDK_KEY_plus || event->keyval == GDK_KEY_equal))
        webkit_web_view_set_zoom_level(desktop->view, MIN(zoom * 1.1, 3));
    else
        return FALSE;
    return TRUE;
}

void window_make(struct desktop *desktop)
{
    GtkWidget *window = gtk_window_new(GTK_WINDOW_TOPLEVEL);
    GtkWidget *column = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    GtkWidget *banners = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    desktop->window = GTK_WINDOW(window);
    desktop->banners = GTK_BOX(banners);
    gtk_window_set_title(desktop->window, "Escher");
    gtk_window_set_icon_name(desktop->window, "escher");
    gtk_window_set_default_size(desktop->window, desktop->state.width, desktop->state.height);
    if (desktop->state.maximized)
        gtk_window_maximize(desktop->window);
    gtk_box_pack_start(GTK_BOX(column), banners, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(column), GTK_WIDGET(desktop->view), TRUE, TRUE, 0);
    gtk_container_add(GTK_CONTAINER(window), column);
    g_signal_connect(window, "size-allocate", G_CALLBACK(on_resize), desktop);
    g_signal_connect(window, "window-state-event", G_CALLBACK(on_state), desktop);
    g_signal_connect(window, "key-press-event", G_CALLBACK(on_key), desktop);
    g_signal_connect(window, "destroy", G_CALLBACK(on_destroy), desktop);
    gtk_widget_show_all(window);
    gtk_widget_grab_focus(GTK_WIDGET(desktop->view));
}

/* The banners. */

struct banner {
    struct desktop *desktop;
    void (*act)(struct desktop *desktop);
};

static void on_banner(GtkInfoBar *bar, gint response, gpointer context)
{
    const struct banner banner = *(const struct banner *)context;
    gtk_widget_destroy(GTK_WIDGET(bar)); /* and the banner with it */
    if (response == GTK_RESPONSE_ACCEPT && banner.act)
        banner.act(banner.desktop);
}

static void free_banner(gpointer banner, GClosure *)
{
    g_free(banner);
}

GtkWidget *window_banner(struct desktop *desktop, GtkMessageType type, const char *text,
                         const char *label, void (*act)(struct desktop *desktop))
{
    GtkWidget *bar = gtk_info_bar_new();
    GtkWidget *words = gtk_label_new(text);
    struct banner *banner = g_new(struct banner, 1);
    *banner = (struct banner){desktop, act};
    gtk_label_set_line_wrap(GTK_LABEL(words), TRUE);
    gtk_label_set_xalign(GTK_LABEL(words), 0);
    gtk_info_bar_set_message_type(GTK_INFO_BAR(bar), type);
    gtk_info_bar_set_show_close_button(GTK_INFO_BAR(bar), TRUE);
    gtk_container_add(GTK_CONTAINER(gtk_info_bar_get_content_area(GTK_INFO_BAR(bar))), words);
    if (label)
        gtk_info_bar_add_button(GTK_INFO_BAR(bar), label, GTK_RESPONSE_ACCEPT);
    g_signal_connect_data(bar, "response", G_CALLBACK(on_banner), banner, free_banner, 0);
    gtk_box_pack_start(desktop->banners, bar, FALSE, FALSE, 0);
    gtk_widget_show_all(bar);
    return bar;
}

void window_raise(struct desktop *desktop, const char *token)
{
    if (token)
        gtk_window_set_startup_id(desktop->window, token);
    gtk_window_present(desktop->window);
}
