/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/desktop/desktop.h"

/*
 * Dark or light, as the page's prefers-color-scheme sees it. GTK 3 only knows its own themes, so
 * the desktop's wish is asked of its portal, and followed while the window is open. Without a
 * portal the GTK theme decides.
 *
 * @source XDG desktop portal, org.freedesktop.portal.Settings: color-scheme 1 is dark, 2 is light
 */
#define APPEARANCE "org.freedesktop.appearance"

static void set_dark(bool dark)
{
    g_object_set(gtk_settings_get_default(), "gtk-application-prefer-dark-theme", dark, NULL);
}

/* @p value may be wrapped in variants, once by Read, twice in old portals. */
static void take(GVariant *value)
{
    g_autoptr(GVariant) inner = g_variant_ref(value);
    while (g_variant_is_of_type(inner, G_VARIANT_TYPE_VARIANT)) {
        GVariant *next = g_variant_get_variant(inner);
        g_variant_unref(inner);
        inner = next;
    }
    if (g_variant_is_of_type(inner, G_VARIANT_TYPE_UINT32) && g_variant_get_uint32(inner) > 0)
        set_dark(g_variant_get_uint32(inner) == 1);
}

static void on_read(GObject *bus, GAsyncResult *result, gpointer)
{
    g_autoptr(GVariant) answer =
        g_dbus_connection_call_finish(G_DBUS_CONNECTION(bus), result, NULL);
    if (!answer)
        return;
    g_autoptr(GVariant) value = g_variant_get_child_value(answer, 0);
    take(value);
}

static void on_changed(GDBusConnection *, const char *, const char *, const char *, const char *,
                       GVariant *parameters, gpointer)
{
    g_autoptr(GVariant) key = g_variant_get_child_value(parameters, 1);
    g_autoptr(GVariant) value = g_variant_get_child_value(parameters, 2);
    if (esc_text_equal(g_variant_get_string(key, NULL), "color-scheme"))
        take(value);
}

static void on_bus(GObject *, GAsyncResult *result, gpointer)
{
    GDBusConnection *bus = g_bus_get_finish(result, NULL); /* kept as long as we follow it */
    if (!bus)
        return;
    g_dbus_connection_signal_subscribe(bus, "org.freedesktop.portal.Desktop",
                                       "org.freedesktop.portal.Settings", "SettingChanged",
                                       "/org/freedesktop/portal/desktop", APPEARANCE,
                                       G_DBUS_SIGNAL_FLAGS_NONE, on_changed, NULL, NULL);
    g_dbus_connection_call(bus, "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop",
                           "org.freedesktop.portal.Settings", "Read",
                           g_variant_new("(ss)", APPEARANCE, "color-scheme"), G_VARIANT_TYPE("(v)"),
                           G_DBUS_CALL_FLAGS_NONE, 2000, NULL, on_read, NULL);
}

void theme_follow(const char *theme)
{
    if (theme)
        set_dark(esc_text_equal(theme, "dark"));
    else
        g_bus_get(G_BUS_TYPE_SESSION, NULL, on_bus, NULL);
}
