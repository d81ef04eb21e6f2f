/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/desktop/desktop.h"

/*
 * A loop of ours inside GLib's, on its thread. GLib never dispatches a source from within itself,
 * so a loop that is being turned is not turned again by a dialog that one of its callbacks opens.
 */
struct loop_source {
    GSource base;
    struct esc_loop *loop;
    gpointer descriptor;
};

static gboolean prepare(GSource *base, gint *timeout_ms)
{
    *timeout_ms = esc_loop_wait_ms(((struct loop_source *)base)->loop);
    return *timeout_ms == 0;
}

static gboolean check(GSource *base)
{
    const struct loop_source *source = (struct loop_source *)base;
    return g_source_query_unix_fd(base, source->descriptor) != 0 ||
           esc_loop_wait_ms(source->loop) == 0;
}

static gboolean dispatch(GSource *base, GSourceFunc, gpointer)
{
    esc_loop_turn(((struct loop_source *)base)->loop);
    return G_SOURCE_CONTINUE;
}

GSource *loop_source_new(struct esc_loop *loop)
{
    static GSourceFuncs functions = {prepare, check, dispatch, NULL, NULL, NULL};
    GSource *base = g_source_new(&functions, sizeof(struct loop_source));
    struct loop_source *source = (struct loop_source *)base;
    source->loop = loop;
    source->descriptor = g_source_add_unix_fd(base, esc_loop_fd(loop), G_IO_IN);
    g_source_attach(base, NULL);
    return base;
}
