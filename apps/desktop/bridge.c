/* SPDX-License-Identifier: Apache-2.0 */
#include <gio/gio.h>
#include <string.h>

#include "apps/desktop/desktop.h"
#include "escher/base/alloc.h"
#include "escher/base/id.h"
#include "escher/base/json.h"
#include "escher/base/utf8.h"
#include "escher/http/gate.h"
#include "escher/http/url.h"

/*
 * What the page may ask of the desktop: the acts of one table, and nothing that is not in it.
 *
 *     page ──window.escher.open(url)──▶ "NONCE {"act","args"}" ──▶ checks ──▶ act ──▶ promise
 *
 * WebKit offers the message handler to every frame, whatever frame the user script was meant for.
 * So each message begins with a number that only the script's closure in the top frame knows,
 * new at each start, and the view must be on the page. Whether an act is carried out is then the
 * person's decision, in a native dialog, one at a time.
 */
enum {
    NONCE_BYTES = 16,
    NONCE_TEXT = 2 * NONCE_BYTES,
    MAX_MESSAGE = 64 * 1024 * 1024,
    MAX_NAME = 120,
    MAX_NOTE = 400,
};

struct bridge {
    struct desktop *desktop;
    char nonce[NONCE_TEXT + 1];
    bool is_asking; /* a dialog is open */
};

/* One message that is being answered. */
struct wish {
    struct bridge *bridge;
    struct esc_json *args;
    JSCContext *context;
    WebKitScriptMessageReply *reply;
};

static const char script_format[] =
    "(() => {\n"
    "  'use strict';\n"
    "  const door = window.webkit.messageHandlers.escher;\n"
    "  const post = door.postMessage.bind(door), write = JSON.stringify, nonce = '%s ';\n"
    "  const ask = (act, args) => post(nonce + write({act, args}));\n"
    "  Object.defineProperty(window, 'escher', {value: Object.freeze({\n"
    "    door: 'window',\n"
    "    open: (url) => ask('open', {url: `${url}`}),\n"
    "    save: (name, text) => ask('save', {name: `${name}`, text: `${text}`}),\n"
    "    notify: (title, body = '') => ask('notify', {title: `${title}`, body: `${body}`}),\n"
    "  })});\n"
    "})();\n";

static void wish_free(struct wish *wish)
{
    esc_json_free(wish->args);
    g_object_unref(wish->context);
    webkit_script_message_reply_unref(wish->reply);
    free(wish);
}

static void grant(struct wish *wish, const char *json)
{
    g_autoptr(JSCValue) value = jsc_value_new_from_json(wish->context, json);
    webkit_script_message_reply_return_value(wish->reply, value);
    wish_free(wish);
}

static void refuse(struct wish *wish, const char *message)
{
    webkit_script_message_reply_return_error_message(wish->reply, message);
    wish_free(wish);
}

static const char *arg(const struct wish *wish, const char *name)
{
    return esc_json_str(wish->args, name, "");
}

/* Text of the page in a place of the desktop's: one line, nothing that steers, cut. */
static char *shown(const char *text, size_t max)
{
    struct esc_buf out;
    esc_buf_init(&out, 16 * max);
    esc_utf8_append_display(&out, esc_utf8_cut(esc_str_of(text), max), false);
    return esc_buf_take(&out);
}

/* open: a link into the person's browser, after they have seen where it leads. */

static void on_open_answer(GtkDialog *dialog, gint response, gpointer context)
{
    struct wish *wish = context;
    g_autoptr(GError) error = NULL;
    wish->bridge->is_asking = false;
    const bool agreed = response == GTK_RESPONSE_ACCEPT;
    gtk_widget_destroy(GTK_WIDGET(dialog));
    if (agreed && !gtk_show_uri_on_window(wish->bridge->desktop->window, arg(wish, "url"),
                                          GDK_CURRENT_TIME, &error))
        refuse(wish, error->message);
    else
        grant(wish, agreed ? "{\"opened\":true}" : "{\"opened\":false}");
}

static bool may_open(const struct wish *wish)
{
    struct esc_url url;
    const struct esc_str text = esc_str_of(arg(wish, "url"));
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~')
            return false;
    }
    return text.len <= MAX_NAME * 16 && esc_url_parse(text, &url);
}

static void do_open(struct wish *wish)
{
    struct esc_url url;
    (void)esc_url_parse(esc_str_of(arg(wish, "url")), &url); /* checked before */
    ESC_CLEANUP(esc_freep) char *host = esc_str_dup(url.host);
    ESC_CLEANUP(esc_freep) char *whole = shown(arg(wish, "url"), 300);
    GtkWidget *dialog = gtk_message_dialog_new(wish->bridge->desktop->window, GTK_DIALOG_MODAL,
                                               GTK_MESSAGE_QUESTION, GTK_BUTTONS_NONE,
                                               "Open %s in the browser?", host);
    gtk_message_dialog_format_secondary_text(GTK_MESSAGE_DIALOG(dialog), "%s", whole);
    gtk_dialog_add_buttons(GTK_DIALOG(dialog), "Stay here", GTK_RESPONSE_CANCEL, "Open",
                           GTK_RESPONSE_ACCEPT, NULL);
    gtk_dialog_set_default_response(GTK_DIALOG(dialog), GTK_RESPONSE_CANCEL);
    g_signal_connect(dialog, "response", G_CALLBACK(on_open_answer), wish);
    wish->bridge->is_asking = true;
    gtk_widget_show_all(dialog);
}

/* save: text into a file that the person names. */

static void on_saved(GObject *file, GAsyncResult *result, gpointer context)
{
    g_autoptr(GError) error = NULL;
    if (!g_file_replace_contents_finish(G_FILE(file), result, NULL, &error)) {
        refuse(context, error->message);
        return;
    }
    ESC_CLEANUP(esc_json_freep) struct esc_json *answer = esc_json_object();
    g_autofree char *path = g_file_get_path(G_FILE(file));
    esc_json_set_bool(answer, "saved", true);
    esc_json_set_text(answer, "path", path);
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(answer, ESC_JSON_COMPACT);
    grant(context, text);
}

static void on_save_answer(GtkNativeDialog *dialog, gint response, gpointer context)
{
    struct wish *wish = context;
    wish->bridge->is_asking = false;
    g_autoptr(GFile) file = gtk_file_chooser_get_file(GTK_FILE_CHOOSER(dialog));
    if (response == GTK_RESPONSE_ACCEPT && file) {
        const char *text = arg(wish, "text");
        g_file_replace_contents_async(file, text, strlen(text), NULL, FALSE, G_FILE_CREATE_PRIVATE,
                                      NULL, on_saved, wish);
    } else {
        grant(wish, "{\"saved\":false}");
    }
    g_object_unref(dialog);
}

static bool may_save(const struct wish *wish)
{
    const char *name = arg(wish, "name");
    const size_t len = strlen(name);
    return len > 0 && len <= MAX_NAME && name[0] != '.' && !strpbrk(name, "/\\") &&
           g_utf8_validate(name, -1, NULL);
}

static void do_save(struct wish *wish)
{
    ESC_CLEANUP(esc_freep) char *name = shown(arg(wish, "name"), MAX_NAME);
    GtkFileChooserNative *dialog = gtk_file_chooser_native_new(
        "Save", wish->bridge->desktop->window, GTK_FILE_CHOOSER_ACTION_SAVE, NULL, NULL);
    gtk_file_chooser_set_current_name(GTK_FILE_CHOOSER(dialog), name);
    gtk_file_chooser_set_do_overwrite_confirmation(GTK_FILE_CHOOSER(dialog), TRUE);
    gtk_native_dialog_set_modal(GTK_NATIVE_DIALOG(dialog), TRUE);
    g_signal_connect(dialog, "response", G_CALLBACK(on_save_answer), wish);
    wish->bridge->is_asking = true;
    gtk_native_dialog_show(GTK_NATIVE_DIALOG(dialog));
}

/* notify: a note of the desktop's, while the person looks elsewhere. */

static void on_notified(GObject *bus, GAsyncResult *result, gpointer context)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) answer =
        g_dbus_connection_call_finish(G_DBUS_CONNECTION(bus), result, &error);
    if (answer)
        grant(context, "{\"shown\":true}");
    else
        refuse(context, "the desktop shows no notifications");
}

static void on_bus(GObject *, GAsyncResult *result, gpointer context)
{
    struct wish *wish = context;
    g_autoptr(GDBusConnection) bus = g_bus_get_finish(result, NULL);
    if (!bus) {
        refuse(wish, "the desktop shows no notifications");
        return;
    }
    ESC_CLEANUP(esc_freep) char *title = shown(arg(wish, "title"), MAX_NAME);
    ESC_CLEANUP(esc_freep) char *body = shown(arg(wish, "body"), MAX_NOTE);
    g_autofree char *markup = g_markup_escape_text(body, -1); /* bodies may be read as markup */
    g_dbus_connection_call(
        bus, "org.freedesktop.Notifications", "/org/freedesktop/Notifications",
        "org.freedesktop.Notifications", "Notify",
        g_variant_new("(susssasa{sv}i)", "Escher", 0, "escher", title, markup, NULL, NULL, -1),
        G_VARIANT_TYPE("(u)"), G_DBUS_CALL_FLAGS_NONE, 5000, NULL, on_notified, wish);
}

static bool may_notify(const struct wish *wish)
{
    return *arg(wish, "title") != '\0';
}

static void do_notify(struct wish *wish)
{
    if (gtk_window_is_active(wish->bridge->desktop->window))
        grant(wish, "{\"shown\":false}");
    else
        g_bus_get(G_BUS_TYPE_SESSION, NULL, on_bus, wish);
}

/* The table. */

static const struct act {
    const char *name;
    const char *args[3]; /* texts, all of them and no others; ends with NULL */
    bool is_dialog;
    bool (*may)(const struct wish *wish);
    void (*run)(struct wish *wish);
} acts[] = {
    {"open", {"url"}, true, may_open, do_open},
    {"save", {"name", "text"}, true, may_save, do_save},
    {"notify", {"title", "body"}, false, may_notify, do_notify},
};

static const struct act *find_act(const char *name)
{
    for (size_t i = 0; i < ESC_COUNT(acts); i++) {
        if (esc_text_equal(acts[i].name, name))
            return &acts[i];
    }
    return NULL;
}

static bool has_right_args(const struct act *act, const struct esc_json *args)
{
    size_t count = 0;
    for (; act->args[count]; count++) {
        if (!esc_json_is(esc_json_member(args, act->args[count]), ESC_JSON_STRING))
            return false;
    }
    return esc_json_len(args) == count;
}

/* What the message asks for, when it comes from where it must. */
static const char *judge(const struct bridge *bridge, struct esc_str message, struct wish *wish,
                         const struct act **act)
{
    static const char *const members[] = {"act", "args", NULL};
    const struct esc_json_limits limits = {MAX_MESSAGE, 4};
    if (!view_is_ours(webkit_web_view_get_uri(bridge->desktop->view)))
        return "only the page may ask";
    if (message.len <= NONCE_TEXT || message.ptr[NONCE_TEXT] != ' ' ||
        !esc_gate_same_secret(esc_str_slice(message, 0, NONCE_TEXT), esc_str_of(bridge->nonce)))
        return "only the page's own script may ask";
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    if (esc_json_parse(esc_str_slice(message, NONCE_TEXT + 1, message.len), &limits, &json, NULL) !=
            ESC_OK ||
        esc_json_only(json, members, NULL) != ESC_OK)
        return "the message is malformed";
    *act = find_act(esc_json_str(json, "act", ""));
    if (!*act)
        return "there is no such act";
    const struct esc_json *args = esc_json_member(json, "args");
    if (!has_right_args(*act, args))
        return "the arguments are not those of this act";
    wish->args = esc_json_ref(args);
    if (!(*act)->may(wish))
        return "the arguments are not allowed";
    return (*act)->is_dialog && bridge->is_asking ? "another question is still open" : NULL;
}

static gboolean on_message(WebKitUserContentManager *, JSCValue *value,
                           WebKitScriptMessageReply *reply, gpointer context)
{
    struct bridge *bridge = context;
    struct wish *wish = esc_alloc_zero(sizeof *wish);
    *wish = (struct wish){bridge, NULL, g_object_ref(jsc_value_get_context(value)),
                          webkit_script_message_reply_ref(reply)};
    g_autofree char *text = jsc_value_is_string(value) ? jsc_value_to_string(value) : NULL;
    const struct act *act = NULL;
    const char *problem = judge(bridge, esc_str_of(text), wish, &act);
    if (problem)
        refuse(wish, problem);
    else
        act->run(wish);
    return TRUE;
}

void bridge_open(struct desktop *desktop, WebKitUserContentManager *manager)
{
    static const char *const pages[] = {PAGE_ORIGIN "/*", NULL};
    struct bridge *bridge = esc_alloc_zero(sizeof *bridge);
    bridge->desktop = desktop;
    unsigned char bytes[NONCE_BYTES];
    esc_random_fill(esc_random_system(), bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        (void)g_snprintf(bridge->nonce + 2 * i, 3, "%02x", bytes[i]); /* fits by its constants */
    g_signal_connect(manager, "script-message-with-reply-received::escher", G_CALLBACK(on_message),
                     bridge);
    webkit_user_content_manager_register_script_message_handler_with_reply(manager, "escher", NULL);
    ESC_CLEANUP(esc_freep) char *source = esc_sprintf(script_format, bridge->nonce);
    WebKitUserScript *script =
        webkit_user_script_new(source, WEBKIT_USER_CONTENT_INJECT_TOP_FRAME,
                               WEBKIT_USER_SCRIPT_INJECT_AT_DOCUMENT_START, pages, NULL);
    webkit_user_content_manager_add_script(manager, script);
    webkit_user_script_unref(script);
    desktop->bridge = bridge;
}

void bridge_close(struct bridge *bridge)
{
    free(bridge);
}
