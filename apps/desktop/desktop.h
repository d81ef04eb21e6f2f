/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The window: the page of escher/page in the system's web view. It holds no key and no credential
 * and knows nothing of what it shows; the page talks to the core through it, the person
 * to the page.
 *
 *     page ──fetch escher://app/api/…──▶ scheme.c ──▶ launch/core_link.h ──▶ core
 *      │                                    └─escher://app/…──▶ escher/page
 *      └─window.escher.open/save/notify──▶ bridge.c ──▶ dialogs and the desktop
 *
 * There is one thread, GTK's, which does nothing that waits; the way to the core has a loop of its
 * own that GLib's turns.
 */

#include <gtk/gtk.h>
#include <webkit2/webkit2.h>

#include "apps/desktop/instance.h"
#include "apps/desktop/window_state.h"
#include "escher/launch/core_link.h"
#include "escher/launch/sandbox.h"

#define PAGE_ORIGIN "escher://app"

/* What it was started with. */
struct desktop_options {
    char *profile;    /* NULL: the default one */
    char *graphics;   /* "software" or "gpu"; NULL: as the last time */
    char *size;       /* "1280x800"; NULL: as the last time */
    char *screenshot; /* a file for a picture, after which it ends; NULL: none is wanted */
    char *theme;      /* "dark" or "light"; NULL: as the system has it */
    const char *link; /* escher://open/…; NULL: the start page */
    gboolean automation, version;
};

struct desktop {
    struct desktop_options options;
    struct esc_paths paths;
    struct instance *instance;
    struct esc_core_link *link;
    struct window_state state;
    struct bridge *bridge;

    GtkWindow *window;
    GtkBox *banners;
    GtkWidget *core_banner; /* what the core lacks, or NULL */
    WebKitWebView *view;
    char *uri;         /* of the page as it stands, to come back to after a crash */
    gint64 crashed_us; /* the start of the present row of crashes */
    unsigned crashes;
    bool has_sandbox;
    int exit_code;
};

/* view.c: the web view and what it refuses. */

/** Makes desktop->view; everything it needs is there but the window. */
void view_make(struct desktop *desktop);
/** Shows a place of the page ("/runs/3"), by the page itself when it knows how. */
void view_show(struct desktop *desktop, const char *place);
/** Whether a view may be there: the page, but none of its calls. */
bool view_is_ours(const char *uri);

/* loop_source.c: a loop of ours inside GLib's. */

/** Turns @p loop as long as the source lives; destroy it before the loop. */
GSource *loop_source_new(struct esc_loop *loop);

/* scheme.c: escher://app/, the page's files and its calls. */

void scheme_register(struct desktop *desktop, WebKitWebContext *context);

/* bridge.c: what the page may ask of the desktop. */

/** Adds window.escher to the pages of @p manager. */
void bridge_open(struct desktop *desktop, WebKitUserContentManager *manager);
void bridge_close(struct bridge *bridge);

/* window.c: the window around the view. */

void window_make(struct desktop *desktop);
/** A line above the page; @p label and @p act make a button and may be NULL. */
GtkWidget *window_banner(struct desktop *desktop, GtkMessageType type, const char *text,
                         const char *label, void (*act)(struct desktop *desktop));
/** Comes to the front; @p token is the desktop's permission to, or NULL. */
void window_raise(struct desktop *desktop, const char *token);

/* help_core.c: what only a person can give the core: its passphrase, its first store. */

void help_core(struct desktop *desktop, enum esc_status status, const char *message);
/** It has got it: the page may ask again. */
void help_core_done(struct desktop *desktop);

/* graphics.c: who draws. */

/** Instead of gtk_init_check(). False: there is no display. */
bool graphics_init(bool gpu);

/* picture.c: --screenshot. */

/** Once the page is there and quiet, a picture of it is made and the window closes. */
void picture_when_loaded(struct desktop *desktop);

/* theme.c: dark or light. */

/** "dark", "light", or NULL: as the desktop has it, also when it changes its mind. */
void theme_follow(const char *theme);

/* shut_in.c: whether this system lets the web view shut itself in. */

/** Starts to find out; sandbox_answer() tells, and waits for it. */
void sandbox_ask(void);
struct esc_sandbox_verdict sandbox_answer(void);
