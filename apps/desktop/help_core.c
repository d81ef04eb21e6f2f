/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "apps/desktop/desktop.h"
#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/json.h"
#include "escher/launch/core_start.h"

/*
 * What only a person can give the core, asked in native dialogs: never in the page, which must not
 * see a passphrase or a recovery code. A passphrase goes to the core on a descriptor.
 *
 *     no store   ─▶ "Create it" ─▶ escher init ─▶ the recovery code, shown once ─▶ core
 *                                     └─no keychain─▶ a new passphrase, twice ─▶ escher init ...
 *     passphrase ─▶ dialog ─▶ core ─wrong─▶ dialog
 *     anything else ─▶ a line above the page, with "Try again"
 */
enum {
    MIN_PASSPHRASE = 8,
    MAX_PASSPHRASE = 1000
};

struct question {
    struct desktop *desktop;
    bool is_new; /* a passphrase to be, typed twice */
    GtkEntry *first, *second;
    GtkLabel *remark;
    GtkDialog *dialog;
};

struct creation {
    struct desktop *desktop;
    int passphrase_fd; /* -1: the keychain keeps the key */
};

static void forget_banner(struct desktop *desktop)
{
    if (desktop->core_banner)
        gtk_widget_destroy(desktop->core_banner); /* its weak pointer becomes NULL */
}

static void say(struct desktop *desktop, GtkMessageType type, const char *text, const char *label,
                void (*act)(struct desktop *desktop))
{
    forget_banner(desktop);
    desktop->core_banner = window_banner(desktop, type, text, label, act);
    g_object_add_weak_pointer(G_OBJECT(desktop->core_banner), (gpointer *)&desktop->core_banner);
}

static void try_again(struct desktop *desktop)
{
    esc_core_link_unlock(desktop->link, -1);
}

static void ask_passphrase(struct desktop *desktop, const char *remark, bool is_new);

/* The recovery code: what opens the store where its key is lost. Nothing keeps it but the person. */

struct showing {
    struct desktop *desktop;
    int passphrase_fd;
};

static void on_kept(GtkDialog *dialog, gint, gpointer context)
{
    struct showing *showing = context;
    gtk_widget_destroy(GTK_WIDGET(dialog));
    esc_core_link_unlock(showing->desktop->link, showing->passphrase_fd);
    free(showing);
}

static void add_words(GtkContainer *box, const char *text, bool is_code)
{
    GtkWidget *words = gtk_label_new(text);
    gtk_label_set_line_wrap(GTK_LABEL(words), TRUE);
    gtk_label_set_max_width_chars(GTK_LABEL(words), 60);
    gtk_label_set_xalign(GTK_LABEL(words), 0);
    gtk_label_set_selectable(GTK_LABEL(words), is_code);
    if (is_code)
        gtk_style_context_add_class(gtk_widget_get_style_context(words), "monospace");
    gtk_container_add(box, words);
}

static void show_recovery_code(struct desktop *desktop, const char *code, int passphrase_fd)
{
    struct showing *showing = esc_alloc_zero(sizeof *showing);
    GtkWidget *dialog =
        gtk_dialog_new_with_buttons("Your recovery code", desktop->window, GTK_DIALOG_MODAL,
                                    "I have written it down", GTK_RESPONSE_ACCEPT, NULL);
    GtkContainer *box = GTK_CONTAINER(gtk_dialog_get_content_area(GTK_DIALOG(dialog)));
    gtk_container_set_border_width(box, 16);
    gtk_box_set_spacing(GTK_BOX(box), 12);
    *showing = (struct showing){desktop, passphrase_fd};
    add_words(box,
              "Write this down and keep it away from this machine. It opens the store and its "
              "backups when the key of this machine is lost, and it is not shown again.",
              false);
    add_words(box, code, true);
    add_words(box, "`escher key recovery` makes another one at any time.", false);
    g_signal_connect(dialog, "response", G_CALLBACK(on_kept), showing);
    gtk_widget_show_all(dialog);
}

/* escher init. */

/* What it printed has the code in it. */
static void take_printed(struct desktop *desktop, char *printed, int passphrase_fd)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *made = NULL;
    const char *code = NULL;
    if (printed && esc_json_parse(esc_str_of(printed), NULL, &made, NULL) == ESC_OK)
        code = esc_json_str(made, "recovery_code", NULL);
    if (code)
        show_recovery_code(desktop, code, passphrase_fd);
    else
        esc_core_link_unlock(desktop->link, passphrase_fd);
    if (printed)
        explicit_bzero(printed, strlen(printed));
}

static void on_created(GObject *process, GAsyncResult *result, gpointer context)
{
    struct creation *creation = context;
    g_autofree char *said = NULL, *printed = NULL;
    int passphrase_fd = creation->passphrase_fd;
    struct desktop *desktop = creation->desktop;
    free(creation);
    const bool finished =
        g_subprocess_communicate_utf8_finish(G_SUBPROCESS(process), result, &printed, &said, NULL);
    if (finished && g_subprocess_get_successful(G_SUBPROCESS(process))) {
        take_printed(desktop, printed, passphrase_fd);
        return;
    }
    esc_fd_close(&passphrase_fd);
    ask_passphrase(desktop, said ? g_strchomp(said) : "", true);
}

static void create_store(struct desktop *desktop, int passphrase_fd)
{
    ESC_CLEANUP(esc_freep) char *program = esc_core_program();
    g_autoptr(GSubprocessLauncher) launcher =
        g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
    const char *argv[] = {program,       "init",      "--json",
                          "--show-code", "--profile", desktop->paths.profile,
                          NULL,          NULL,        NULL};
    if (passphrase_fd >= 0) {
        g_subprocess_launcher_take_fd(launcher, dup(passphrase_fd), 4);
        argv[6] = "--keyring=file";
        argv[7] = "--passphrase-fd=4";
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(GSubprocess) process = g_subprocess_launcher_spawnv(launcher, argv, &error);
    if (!process) {
        say(desktop, GTK_MESSAGE_ERROR, error->message, "Try again", try_again);
        esc_fd_close(&passphrase_fd);
        return;
    }
    struct creation *creation = esc_alloc_zero(sizeof *creation);
    *creation = (struct creation){desktop, passphrase_fd};
    g_subprocess_communicate_utf8_async(process, NULL, NULL, on_created, creation);
}

static void create_in_keychain(struct desktop *desktop)
{
    create_store(desktop, -1);
}

/* The passphrase. */

static const char *problem_with(const struct question *question, const char *text)
{
    const size_t len = strlen(text);
    if (len == 0 || len > MAX_PASSPHRASE)
        return "Please type the passphrase.";
    if (question->is_new && len < MIN_PASSPHRASE)
        return "Eight characters at least, please.";
    if (question->is_new && !esc_text_equal(text, gtk_entry_get_text(question->second)))
        return "The two are not the same.";
    return NULL;
}

static void wipe(GtkEntry *entry)
{
    if (entry)
        gtk_entry_set_text(entry, ""); /* GTK overwrites what it drops */
}

static void on_typed(GtkDialog *dialog, gint response, gpointer context)
{
    struct question *question = context;
    const char *text = gtk_entry_get_text(question->first);
    const char *problem = response == GTK_RESPONSE_ACCEPT ? problem_with(question, text) : NULL;
    if (problem) {
        gtk_label_set_text(question->remark, problem);
        return;
    }
    int fd = -1;
    struct esc_error err;
    if (response == GTK_RESPONSE_ACCEPT &&
        esc_file_memfd("passphrase", esc_str_of(text), &fd, &err) != ESC_OK)
        say(question->desktop, GTK_MESSAGE_ERROR, err.message, NULL, NULL);
    wipe(question->first);
    wipe(question->second);
    gtk_widget_destroy(GTK_WIDGET(dialog));
    if (fd >= 0 && question->is_new)
        create_store(question->desktop, fd);
    else if (fd >= 0)
        esc_core_link_unlock(question->desktop->link, fd);
    else
        say(question->desktop, GTK_MESSAGE_INFO, "Escher is locked.", "Unlock", try_again);
    free(question);
}

static GtkEntry *add_entry(GtkContainer *box, const char *label)
{
    GtkWidget *words = gtk_label_new(label);
    GtkWidget *entry = gtk_entry_new();
    gtk_entry_set_visibility(GTK_ENTRY(entry), FALSE);
    gtk_entry_set_input_purpose(GTK_ENTRY(entry), GTK_INPUT_PURPOSE_PASSWORD);
    gtk_entry_set_activates_default(GTK_ENTRY(entry), TRUE);
    gtk_label_set_mnemonic_widget(GTK_LABEL(words), entry);
    gtk_label_set_xalign(GTK_LABEL(words), 0);
    gtk_container_add(box, words);
    gtk_container_add(box, entry);
    return GTK_ENTRY(entry);
}

static void ask_passphrase(struct desktop *desktop, const char *remark, bool is_new)
{
    struct question *question = esc_alloc_zero(sizeof *question);
    GtkWidget *dialog = gtk_dialog_new_with_buttons(
        is_new ? "Choose a passphrase" : "Unlock Escher", desktop->window, GTK_DIALOG_MODAL,
        "Not now", GTK_RESPONSE_CANCEL, is_new ? "Create the store" : "Unlock", GTK_RESPONSE_ACCEPT,
        NULL);
    GtkContainer *box = GTK_CONTAINER(gtk_dialog_get_content_area(GTK_DIALOG(dialog)));
    gtk_container_set_border_width(box, 16);
    gtk_box_set_spacing(GTK_BOX(box), 8);
    *question =
        (struct question){.desktop = desktop, .is_new = is_new, .dialog = GTK_DIALOG(dialog)};
    question->first = add_entry(box, "Passphrase");
    if (is_new)
        question->second = add_entry(box, "Once more");
    question->remark = GTK_LABEL(gtk_label_new(remark));
    gtk_label_set_line_wrap(question->remark, TRUE);
    gtk_label_set_max_width_chars(question->remark, 60);
    gtk_container_add(box, GTK_WIDGET(question->remark));
    gtk_dialog_set_default_response(GTK_DIALOG(dialog), GTK_RESPONSE_ACCEPT);
    g_signal_connect(dialog, "response", G_CALLBACK(on_typed), question);
    gtk_widget_show_all(dialog);
}

void help_core(struct desktop *desktop, enum esc_status status, const char *message)
{
    const struct esc_str why = esc_str_of(message);
    if (status == ESC_LOCKED && esc_str_contains(why, ESC_STR("passphrase")))
        ask_passphrase(desktop,
                       esc_str_contains(why, ESC_STR("does not open"))
                           ? "This passphrase does not open the store. Please try again."
                           : "The store on this machine is sealed with it.",
                       false);
    else if (status == ESC_NOT_FOUND)
        say(desktop, GTK_MESSAGE_INFO,
            "There is no store on this machine yet: the encrypted file that keeps what "
            "Escher knows.",
            "Create it", create_in_keychain);
    else
        say(desktop, GTK_MESSAGE_WARNING, message, "Try again", try_again);
}

void help_core_done(struct desktop *desktop)
{
    forget_banner(desktop);
    if (desktop->uri)
        view_show(desktop, desktop->uri + sizeof PAGE_ORIGIN - 1);
}
