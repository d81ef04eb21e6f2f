/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One invocation of the command line: its arguments, the way to the API, and how it speaks.
 *
 * Results go to stdout, all else to stderr. A verb returns the exit code of interface terms
 * (base/error.h); it never calls exit().
 */

#include <stdbool.h>
#include <stdint.h>

#include "apps/cli/options.h"
#include "escher/base/buf.h"
#include "escher/base/error.h"
#include "escher/base/json.h"
#include "escher/base/paths.h"
#include "escher/crypt/secret.h"
#include "escher/loop/loop.h"

struct cli {
    struct cli_arguments arguments;
    char *const *argv; /* the same words, as they came */
    struct esc_loop *loop;
    struct esc_paths paths;
    struct cli_door *door;         /* opened at the first call */
    bool json, quiet, interactive; /* interactive: stdin and stderr are terminals */
    bool shows;                    /* stdout is a terminal: the person sees what is printed there */
    bool colour;                   /* on stdout */
    size_t width;                  /* columns of the terminal, or 100 */
    char *self;                    /* absolute path of this program */
    struct esc_secret *passphrase; /* of a file keyring, or NULL */
    bool code_was_read;            /* of an MFA device, from a descriptor: it counts once */
};

/* apps/cli/api_client.c: the way to the API. */

typedef void cli_event_fn(struct cli *cli, const struct esc_json *event, void *context);

/**
 * Calls the API and waits. *body (owned by the caller, never NULL afterwards) is the answer, also
 * after a failure. Ctrl-C cancels the call, or the run it shows.
 */
enum esc_status cli_call(struct cli *cli, const char *method, const char *path,
                         struct esc_json *request, /* handed over; may be NULL */
                         cli_event_fn *on_event, void *context, struct esc_json **body);
/** "/api/PLACE/SUBJECT/ACT" with the subject safe for a path; @p act may be NULL; owned. */
char *cli_path(const char *place, const char *subject, const char *act);
/** Whether a core answers on the socket. */
bool cli_core_answers(struct cli *cli);
/** Asks a core that is there for one thing, and starts none; false when none says yes. */
bool cli_core_obeys(struct cli *cli, const char *method, const char *path);
void cli_door_close(struct cli *cli);
/** The caller's AWS_* and proxy variables, for requests that reach the cloud; owned. */
struct esc_json *cli_environment(void);

/* apps/cli/typed_secret.c: what is typed and not seen. */

struct cli_secret {
    const char *name;     /* "passphrase" */
    const char *option;   /* names a descriptor */
    const char *variable; /* likewise; may be NULL */
    const char *question;
    bool is_new; /* asked twice at the terminal */
};
/** From the descriptor, or (when @p may_ask) the terminal; *out stays NULL when nobody gives one.
 *  @errors ESC_INVALID: an empty descriptor, or not twice the same; ESC_LOCKED: nothing typed. */
enum esc_status cli_secret(struct cli *cli, const struct cli_secret *kind, bool may_ask,
                           struct esc_secret **out, struct esc_error *err);
/** Reads --passphrase-fd, ESCHER_PASSPHRASE_FD or (when @p may_ask) the terminal, once. */
enum esc_status cli_passphrase(struct cli *cli, bool may_ask, struct esc_error *err);
/* apps/cli/mfa_code.c */

/** The answer to the event `prompt`, whose data is @p asked. @errors ESC_LOCKED: nobody gives one. */
enum esc_status cli_mfa_code(struct cli *cli, const struct esc_json *asked, struct esc_secret **out,
                             struct esc_error *err);
/** @p open with the passphrase that was given; when it was missing and a person is there, they are
 *  asked once. */
enum esc_status cli_with_passphrase(struct cli *cli, struct esc_error *err,
                                    enum esc_status (*open)(struct cli *, struct esc_error *));

/* apps/cli/say.c: speaking. */

void cli_out(const struct esc_buf *text);                                       /* to stdout */
void cli_note(const struct cli *cli, const char *format, ...) ESC_PRINTF(2, 3); /* progress */
/** "escher: message" on stderr, or the JSON document on stdout; returns the exit code. */
int cli_fail(const struct cli *cli, enum esc_status status, const char *message);
/** The same for a failure the API answered with. */
int cli_fail_body(const struct cli *cli, enum esc_status status, const struct esc_json *body);
void cli_print_json(const struct esc_json *json); /* one line */
/** Writes an answer for people. */
typedef void cli_print_fn(const struct cli *cli, const struct esc_json *body, struct esc_buf *out);
/** Ends a verb with its answer, as JSON or as @p print writes it, or with what went wrong. */
int cli_answer(const struct cli *cli, enum esc_status status, const struct esc_json *body,
               cli_print_fn *print);
/** A recovery code with what to do with it, for the one time that it is shown (cmd_key.c). */
void cli_add_code(const struct cli *cli, struct esc_buf *out, const struct esc_secret *code);
/** Asks on the terminal; the line without its end, owned by the caller; NULL at the end of input. */
char *cli_prompt(const char *question);

enum cli_style {
    CLI_PLAIN,
    CLI_BOLD,
    CLI_DIM,
    CLI_GOOD,
    CLI_WARN,
    CLI_BAD,
};
/** Text from outside, safe to show, in a style when the terminal has colour. */
void cli_add(const struct cli *cli, struct esc_buf *out, enum cli_style style, const char *text);

/* apps/cli/table.c: tables that fit the terminal. */

struct cli_table;
ESC_RETURNS_NONNULL struct cli_table *cli_table_new(const char *const *titles, size_t columns);
void cli_table_free(struct cli_table *table);
/** The first column is never cut: it holds what the next command is called with. */
void cli_table_keep_first(struct cli_table *table);
/** This column is not cut below a third of the terminal's width. */
void cli_table_favour(struct cli_table *table, size_t column);
/** As many texts as there are columns; copied, escaped when printed. NULL is shown as "–". */
void cli_table_row(struct cli_table *table, const char *const *cells);
void cli_table_print(const struct cli *cli, const struct cli_table *table, struct esc_buf *out);

/* Parts of verbs with a file of their own. */
int cli_backup_to(struct cli *cli);     /* backup_bucket.c */
int cli_backup_policy(struct cli *cli); /* backup_bucket.c */
int cli_backup_bucket(struct cli *cli); /* backup_bucket.c: what is in one */

/* The verbs, each in cmd_<verb>.c. */
int cmd_accounts(struct cli *cli);
int cmd_ask(struct cli *cli);
int cmd_audit(struct cli *cli);
int cmd_salvage(struct cli *cli);
int cmd_backup(struct cli *cli);
int cmd_can(struct cli *cli);
int cmd_changes(struct cli *cli);
int cmd_chat(struct cli *cli);
int cmd_complete(struct cli *cli);
int cmd_completions(struct cli *cli);
int cmd_core(struct cli *cli);
int cmd_demo(struct cli *cli);
int cmd_doctor(struct cli *cli);
int cmd_estate(struct cli *cli);
int cmd_find(struct cli *cli);
int cmd_help(struct cli *cli);
int cmd_impact(struct cli *cli);
int cmd_init(struct cli *cli);
int cmd_key(struct cli *cli);
int cmd_man(struct cli *cli);
int cmd_plan(struct cli *cli);
int cmd_playbooks(struct cli *cli);
int cmd_run(struct cli *cli);
int cmd_runs(struct cli *cli);
int cmd_schedule(struct cli *cli);
int cmd_serve(struct cli *cli);
int cmd_show(struct cli *cli);
int cmd_status(struct cli *cli);
int cmd_sync(struct cli *cli);
int cmd_views(struct cli *cli);
