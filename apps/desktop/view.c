/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/desktop/desktop.h"
#include "escher/base/alloc.h"
#include "escher/base/log.h"

/*
 * The web view: shut in, without memory between starts, without a network of its own, and bound
 * to the page. It goes nowhere but to escher://app/, opens nothing, asks for nothing.
 *
 * The order of calls is WebKit's: sandbox, schemes and automation are set on the context before
 * its first view exists.
 */
enum {
    MEMORY_LIMIT_MB = 600,
    MANY_CRASHES = 3, /* within a minute: then a person decides */
};

bool view_is_ours(const char *uri)
{
    const struct esc_str text = esc_str_of(uri);
    return esc_str_starts_with(text, ESC_STR(PAGE_ORIGIN "/")) &&
           !esc_str_starts_with(text, ESC_STR(PAGE_ORIGIN "/api"));
}

/* Signals of the view. */

static gboolean on_decide(WebKitWebView *, WebKitPolicyDecision *decision,
                          WebKitPolicyDecisionType type, gpointer)
{
    bool allowed = false;
    if (type == WEBKIT_POLICY_DECISION_TYPE_NAVIGATION_ACTION) {
        WebKitNavigationAction *action = webkit_navigation_policy_decision_get_navigation_action(
            WEBKIT_NAVIGATION_POLICY_DECISION(decision));
        allowed =
            view_is_ours(webkit_uri_request_get_uri(webkit_navigation_action_get_request(action)));
    } else if (type == WEBKIT_POLICY_DECISION_TYPE_RESPONSE) {
        WebKitResponsePolicyDecision *response = WEBKIT_RESPONSE_POLICY_DECISION(decision);
        /* What the engine cannot show would become a download. */
        allowed = webkit_response_policy_decision_is_mime_type_supported(response) &&
                  view_is_ours(webkit_uri_request_get_uri(
                      webkit_response_policy_decision_get_request(response)));
    }
    if (allowed)
        webkit_policy_decision_use(decision);
    else
        webkit_policy_decision_ignore(decision);
    return TRUE;
}

static gboolean on_permission(WebKitWebView *, WebKitPermissionRequest *request, gpointer)
{
    webkit_permission_request_deny(request);
    return TRUE;
}

static GtkWidget *on_create(WebKitWebView *, WebKitNavigationAction *, gpointer)
{
    return NULL;
}

static gboolean on_context_menu(WebKitWebView *, WebKitContextMenu *menu, GdkEvent *,
                                WebKitHitTestResult *, gpointer)
{
    static const WebKitContextMenuAction kept[] = {
        WEBKIT_CONTEXT_MENU_ACTION_COPY, WEBKIT_CONTEXT_MENU_ACTION_CUT,
        WEBKIT_CONTEXT_MENU_ACTION_PASTE, WEBKIT_CONTEXT_MENU_ACTION_SELECT_ALL};
    for (GList *at = webkit_context_menu_get_items(menu), *next; at; at = next) {
        next = at->next;
        const WebKitContextMenuAction action = webkit_context_menu_item_get_stock_action(at->data);
        bool is_kept = false;
        for (size_t i = 0; i < ESC_COUNT(kept); i++)
            is_kept = is_kept || action == kept[i];
        if (!is_kept)
            webkit_context_menu_remove(menu, at->data);
    }
    return webkit_context_menu_get_n_items(menu) == 0;
}

static void on_uri(WebKitWebView *view, GParamSpec *, gpointer context)
{
    struct desktop *desktop = context;
    const char *uri = webkit_web_view_get_uri(view);
    if (!view_is_ours(uri))
        return;
    free(desktop->uri);
    desktop->uri = esc_strdup(uri);
}

static void on_title(WebKitWebView *view, GParamSpec *, gpointer context)
{
    struct desktop *desktop = context;
    const char *title = webkit_web_view_get_title(view);
    gtk_window_set_title(desktop->window, title && *title ? title : "Escher");
}

static void load_again(struct desktop *desktop)
{
    webkit_web_view_load_uri(desktop->view, desktop->uri);
}

/* The watchdog: the same place again, unless it keeps falling over. */
static void on_terminated(WebKitWebView *, WebKitWebProcessTerminationReason reason,
                          gpointer context)
{
    struct desktop *desktop = context;
    const gint64 now = g_get_monotonic_time();
    if (now - desktop->crashed_us > G_TIME_SPAN_MINUTE) {
        desktop->crashed_us = now;
        desktop->crashes = 0;
    }
    desktop->crashes++;
    esc_log(ESC_WARN, "the page's process ended",
            F("why", reason == WEBKIT_WEB_PROCESS_EXCEEDED_MEMORY_LIMIT ? "memory" : "crash"),
            F_N("count", desktop->crashes));
    if (desktop->crashes <= MANY_CRASHES)
        load_again(desktop);
    else
        window_banner(desktop, GTK_MESSAGE_ERROR,
                      "The page ended unexpectedly several times. Runs go on without it.",
                      "Load it again", load_again);
}

static void on_download(WebKitWebContext *, WebKitDownload *download, gpointer)
{
    webkit_download_cancel(download);
}

/* Automation. */

static WebKitWebView *on_automation_view(WebKitAutomationSession *, gpointer context)
{
    return ((struct desktop *)context)->view;
}

static void on_close(WebKitWebView *, gpointer context)
{
    gtk_window_close(((struct desktop *)context)->window);
}

static void on_automation(WebKitWebContext *, WebKitAutomationSession *session, gpointer context)
{
    WebKitApplicationInfo *info = webkit_application_info_new();
    webkit_application_info_set_name(info, "escher-desktop");
    webkit_application_info_set_version(info, 0, 1, 0);
    webkit_automation_session_set_application_info(session, info);
    webkit_application_info_unref(info);
    g_signal_connect(session, "create-web-view", G_CALLBACK(on_automation_view), context);
    g_signal_connect(((struct desktop *)context)->view, "close", G_CALLBACK(on_close), context);
}

/* Making it. */

static WebKitMemoryPressureSettings *memory_limits(void)
{
    WebKitMemoryPressureSettings *limits = webkit_memory_pressure_settings_new();
    webkit_memory_pressure_settings_set_memory_limit(limits, MEMORY_LIMIT_MB);
    webkit_memory_pressure_settings_set_kill_threshold(limits, 1.5);
    return limits;
}

static WebKitWebContext *make_context(struct desktop *desktop)
{
    WebKitMemoryPressureSettings *limits = memory_limits();
    webkit_website_data_manager_set_memory_pressure_settings(limits);
    g_autoptr(WebKitWebsiteDataManager) data = webkit_website_data_manager_new_ephemeral();
    /* A belt over the policy: whatever wants to the network finds a closed port. */
    WebKitNetworkProxySettings *nowhere =
        webkit_network_proxy_settings_new("http://127.0.0.1:9", NULL);
    webkit_website_data_manager_set_network_proxy_settings(data, WEBKIT_NETWORK_PROXY_MODE_CUSTOM,
                                                           nowhere);
    webkit_network_proxy_settings_free(nowhere);
    WebKitWebContext *context = g_object_new(WEBKIT_TYPE_WEB_CONTEXT, "website-data-manager", data,
                                             "memory-pressure-settings", limits, NULL);
    webkit_memory_pressure_settings_free(limits);
    webkit_web_context_set_sandbox_enabled(context, desktop->has_sandbox);
    webkit_web_context_set_automation_allowed(context, desktop->options.automation);
    webkit_web_context_set_cache_model(context, WEBKIT_CACHE_MODEL_DOCUMENT_VIEWER);
    webkit_web_context_set_spell_checking_enabled(context, FALSE);
    g_signal_connect(context, "automation-started", G_CALLBACK(on_automation), desktop);
    g_signal_connect(context, "download-started", G_CALLBACK(on_download), desktop);
    scheme_register(desktop, context);
    return context;
}

static WebKitSettings *make_settings(const struct desktop *desktop)
{
    return webkit_settings_new_with_settings(
        "hardware-acceleration-policy",
        desktop->state.gpu ? WEBKIT_HARDWARE_ACCELERATION_POLICY_ALWAYS
                           : WEBKIT_HARDWARE_ACCELERATION_POLICY_NEVER,
        "enable-developer-extras", FALSE, "enable-page-cache", FALSE, "enable-media", FALSE,
        "enable-webgl", FALSE, "enable-webaudio", FALSE, "enable-webrtc", FALSE,
        "enable-media-stream", FALSE, "enable-html5-database", FALSE, "enable-dns-prefetching",
        FALSE, "javascript-can-open-windows-automatically", FALSE, "allow-modal-dialogs", FALSE,
        "enable-back-forward-navigation-gestures", FALSE, "enable-write-console-messages-to-stdout",
        desktop->options.automation, NULL);
}

void view_make(struct desktop *desktop)
{
    g_autoptr(WebKitWebContext) context = make_context(desktop);
    g_autoptr(WebKitSettings) settings = make_settings(desktop);
    g_autoptr(WebKitUserContentManager) manager = webkit_user_content_manager_new();
    bridge_open(desktop, manager);
    desktop->view = g_object_new(WEBKIT_TYPE_WEB_VIEW, "web-context", context,
                                 "user-content-manager", manager, "settings", settings,
                                 "is-controlled-by-automation", desktop->options.automation, NULL);
    g_signal_connect(desktop->view, "decide-policy", G_CALLBACK(on_decide), desktop);
    g_signal_connect(desktop->view, "permission-request", G_CALLBACK(on_permission), desktop);
    g_signal_connect(desktop->view, "create", G_CALLBACK(on_create), desktop);
    g_signal_connect(desktop->view, "context-menu", G_CALLBACK(on_context_menu), desktop);
    g_signal_connect(desktop->view, "notify::uri", G_CALLBACK(on_uri), desktop);
    g_signal_connect(desktop->view, "notify::title", G_CALLBACK(on_title), desktop);
    g_signal_connect(desktop->view, "web-process-terminated", G_CALLBACK(on_terminated), desktop);
}

/* Tells the page of a place by a cancelable event; loads it when the page does not take it. */

struct visit {
    struct desktop *desktop;
    char *place;
};

static void load_place(struct desktop *desktop, const char *place)
{
    ESC_CLEANUP(esc_freep) char *uri = esc_sprintf("%s%s", PAGE_ORIGIN, place);
    webkit_web_view_load_uri(desktop->view, uri);
}

static void on_told(GObject *view, GAsyncResult *result, gpointer context)
{
    struct visit *visit = context;
    g_autoptr(JSCValue) taken =
        webkit_web_view_call_async_javascript_function_finish(WEBKIT_WEB_VIEW(view), result, NULL);
    if (!taken || !jsc_value_to_boolean(taken))
        load_place(visit->desktop, visit->place);
    free(visit->place);
    free(visit);
}

void view_show(struct desktop *desktop, const char *place)
{
    static const char script[] = "return !window.dispatchEvent(new CustomEvent('escher:open',"
                                 " {cancelable: true, detail: place}))";
    if (!desktop->uri) {
        load_place(desktop, place);
        return;
    }
    struct visit *visit = esc_alloc_zero(sizeof *visit);
    *visit = (struct visit){desktop, esc_strdup(place)};
    GVariantDict arguments;
    g_variant_dict_init(&arguments, NULL);
    g_variant_dict_insert(&arguments, "place", "s", place);
    webkit_web_view_call_async_javascript_function(desktop->view, script, -1,
                                                   g_variant_dict_end(&arguments), NULL, NULL, NULL,
                                                   on_told, visit);
}
