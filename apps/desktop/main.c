/* SPDX-License-Identifier: Apache-2.0 */
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "apps/desktop/desktop.h"
#include "escher/base/alloc.h"
#include "escher/base/log.h"
#include "escher/page/deep_link.h"

#define VERSION "0.1.0"

static int fail(enum esc_status status, const char *message)
{
    (void)fprintf(stderr, "escher-desktop: %s\n", message);
    return esc_status_exit_code(status);
}

/* Says what is wrong with the words; NULL: nothing. */
static char *read_words(int argc, char **argv, struct desktop_options *out)
{
    const GOptionEntry entries[] = {
        {"profile", 0, 0, G_OPTION_ARG_STRING, &out->profile, "another profile", "NAME"},
        {"graphics", 0, 0, G_OPTION_ARG_STRING, &out->graphics,
         "who draws: software (the default) or gpu; remembered", "HOW"},
        {"size", 0, 0, G_OPTION_ARG_STRING, &out->size, "the window's size in pixels", "WxH"},
        {"screenshot", 0, 0, G_OPTION_ARG_FILENAME, &out->screenshot,
         "draws the page into a PNG file and ends", "FILE"},
        {"theme", 0, 0, G_OPTION_ARG_STRING, &out->theme,
         "dark or light, instead of what the system says", "NAME"},
        {"automation", 0, 0, G_OPTION_ARG_NONE, &out->automation,
         "lets a WebDriver steer the window; for tests", NULL},
        {"version", 0, 0, G_OPTION_ARG_NONE, &out->version, "the version", NULL},
        {0}};
    g_autoptr(GError) error = NULL;
    g_autoptr(GOptionContext) context = g_option_context_new("[escher://open/PLACE]");
    g_option_context_set_summary(
        context, "The workbench in a window. A second start raises the first one's window. Closing "
                 "it ends\nneither the core nor a run.");
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error))
        return esc_strdup(error->message);
    if (argc > 2)
        return esc_strdup("one link at a time, please");
    out->link = argv[1];
    if (out->graphics && !esc_text_equal(out->graphics, "software") &&
        !esc_text_equal(out->graphics, "gpu"))
        return esc_sprintf("--graphics is software or gpu, not `%s`", out->graphics);
    if (out->theme && !esc_text_equal(out->theme, "dark") && !esc_text_equal(out->theme, "light"))
        return esc_sprintf("--theme is dark or light, not `%s`", out->theme);
    return NULL;
}

/* A later start: come to the front, and show the place its link names. */
static void on_raise(void *context, const char *link, const char *token)
{
    struct desktop *desktop = context;
    ESC_CLEANUP(esc_freep) char *place = NULL;
    window_raise(desktop, token);
    if (link && esc_page_deep_link(link, &place, NULL) == ESC_OK)
        view_show(desktop, place);
}

static void on_trouble(void *context, enum esc_status status, const char *message)
{
    help_core(context, status, message);
}

static void on_ready(void *context)
{
    help_core_done(context);
}

static gboolean on_signal(gpointer)
{
    gtk_main_quit();
    return G_SOURCE_CONTINUE;
}

static void say_what_is_unsafe(struct desktop *desktop, const struct esc_sandbox_verdict *verdict)
{
    ESC_CLEANUP(esc_freep)
    char *text = esc_sprintf("The page runs without its sandbox: %s. Cure: %s.", verdict->says,
                             verdict->cure);
    if (!verdict->works)
        window_banner(desktop, GTK_MESSAGE_WARNING, text, NULL, NULL);
    if (geteuid() == 0)
        esc_log(ESC_WARN, "started as root: the page's processes keep root's capabilities");
}

static void run(struct desktop *desktop, const char *place)
{
    ESC_CLEANUP(esc_freep) char *uri = esc_sprintf("%s%s", PAGE_ORIGIN, place);
    theme_follow(desktop->options.theme);
    const struct esc_sandbox_verdict verdict = sandbox_answer();
    desktop->has_sandbox = verdict.works;
    view_make(desktop);
    window_make(desktop);
    say_what_is_unsafe(desktop, &verdict);
    if (desktop->instance)
        instance_listen(desktop->instance, on_raise, desktop);
    if (desktop->options.screenshot)
        picture_when_loaded(desktop);
    g_unix_signal_add(SIGINT, on_signal, NULL);
    g_unix_signal_add(SIGTERM, on_signal, NULL);
    webkit_web_view_load_uri(desktop->view, uri);
    gtk_main();
}

static int open_desktop(struct desktop *desktop, const char *place)
{
    struct esc_error err;
    const struct esc_core_link_options link = {&desktop->paths, "window", on_trouble, on_ready,
                                               desktop};
    if (esc_core_link_open(&link, &desktop->link, &err) != ESC_OK)
        return fail(err.status, err.message);
    g_autoptr(GSource) turns = loop_source_new(esc_core_link_loop(desktop->link));
    run(desktop, place);
    g_source_destroy(turns);
    esc_core_link_close(desktop->link);
    /* A picture's size is its own, not the person's. */
    if (!desktop->options.screenshot &&
        window_state_save(&desktop->paths, &desktop->state, &err) != ESC_OK)
        esc_log(ESC_WARN, "the window's size is not remembered", F("why", err.message));
    bridge_close(desktop->bridge);
    free(desktop->uri);
    return desktop->exit_code;
}

/* Whoever steers it over WebDriver sets these variables; nobody else may. */
static void close_inspector(void)
{
    g_unsetenv("WEBKIT_INSPECTOR_SERVER");
    g_unsetenv("WEBKIT_INSPECTOR_HTTP_SERVER");
}

static enum esc_status prepare(struct desktop *desktop, char **place, struct esc_error *err)
{
    const struct desktop_options *options = &desktop->options;
    enum esc_status status = esc_paths_init(&desktop->paths, options->profile, err);
    if (status != ESC_OK)
        return status;
    status = options->link ? esc_page_deep_link(options->link, place, err) : ESC_OK;
    desktop->state = window_state_load(&desktop->paths);
    if (status == ESC_OK && options->size) {
        desktop->state.maximized = false;
        status = window_state_set_size(&desktop->state, options->size, err);
    }
    if (options->graphics)
        desktop->state.gpu = esc_text_equal(options->graphics, "gpu");
    if (!*place)
        *place = esc_strdup("/");
    return status;
}

static int start(struct desktop *desktop)
{
    struct esc_error err;
    ESC_CLEANUP(esc_freep) char *place = NULL;
    enum esc_status status = prepare(desktop, &place, &err);
    const bool is_picture = desktop->options.screenshot; /* beside a person's window, any number */
    if (status == ESC_OK && !is_picture)
        status = instance_claim(&desktop->paths, desktop->options.link, &desktop->instance, &err);
    if (status != ESC_OK)
        return fail(status, err.message);
    if (!desktop->instance && !is_picture) /* another one has been raised */
        return 0;
    if (!desktop->options.automation)
        close_inspector();
    g_set_prgname("escher");
    sandbox_ask();
    const int code = graphics_init(desktop->state.gpu)
                         ? open_desktop(desktop, place)
                         : fail(ESC_UNAVAILABLE,
                                "there is no display; `escher serve` shows the page in a browser");
    instance_release(desktop->instance);
    return code;
}

int main(int argc, char **argv)
{
    (void)signal(SIGPIPE, SIG_IGN); /* a page that went away is an error of write() */
    struct desktop desktop = {0};
    ESC_CLEANUP(esc_freep) char *problem = read_words(argc, argv, &desktop.options);
    if (problem)
        return fail(ESC_INVALID, problem);
    if (desktop.options.version) {
        (void)puts("escher-desktop " VERSION);
        return 0;
    }
    const int code = start(&desktop);
    esc_paths_done(&desktop.paths);
    return code;
}
