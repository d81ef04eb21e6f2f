/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How resources, plans, questions and runs look on a terminal. All text from outside is escaped. */

#include "apps/cli/cli.h"

/** "● available": shape and word before colour. */
void cli_add_state(const struct cli *cli, struct esc_buf *out, const char *state);
/** One line, the label before the value; nothing for NULL. */
void cli_add_field(const struct cli *cli, struct esc_buf *out, const char *label,
                   const char *value);

/* resource_view.c: resources. */

/** The account's name, or its id. */
const char *cli_account_of(const struct esc_json *resource);
/** "web-1  ec2_instance · production · eu-west-1 · ● running", the whole line. */
void cli_add_heading(const struct cli *cli, struct esc_buf *out, const struct esc_json *resource);
/** A table of hits ({resource, tier, …}) or of bare resources. */
void cli_print_hits(const struct cli *cli, const struct esc_json *hits, struct esc_buf *out);
/** Numbered choices with account, region, type and state. */
void cli_print_choices(const struct cli *cli, const struct esc_json *choices, struct esc_buf *out);
/** One resource, all that is known. */
void cli_print_resource(const struct cli *cli, const struct esc_json *body, struct esc_buf *out);
/** Ends a verb about one named resource: as cli_answer(), or with the choices that a name leaves. */
int cli_answer_named(const struct cli *cli, enum esc_status status, const struct esc_json *body,
                     cli_print_fn *print);
/* cards.c: plans and runs. */

/** The plan card of an escher.plan/1. */
void cli_print_plan(const struct cli *cli, const struct esc_json *plan, struct esc_buf *out);
/** One run with its steps. */
void cli_print_run(const struct cli *cli, const struct esc_json *run, struct esc_buf *out);
/** Approves the plan and shows its run; @p confirm may be NULL. The exit code. */
int cli_approve(struct cli *cli, const char *hash, const char *confirm, const char *by);
/** Shows what happens while a run is under way; a cli_event_fn. */
void cli_show_run_event(struct cli *cli, const struct esc_json *event, void *context);
