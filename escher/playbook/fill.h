/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A playbook with every value in its place. The planner fills to write its answer, the client
 * fills to check that answer; both get the same bytes from the same facts.
 *
 *     facts ──esc_fill──▶ filled ──esc_fill_bind──▶ final        (client only)
 *
 * Facts are {"resource": {...}, "context": {...}, "prompt": {...}} and, once they have been read
 * from the cloud, the playbook's captures by name ("before"). A resource is an entry of
 * identified_resources in a planner request, with its identifier also as "identifier".
 *
 * A template may use the clock and a nonce ({utc:%Y%m%d}, {run4}). The planner has neither, so
 * these stay as text until the client binds them. A reference to something that is read later
 * ({before.MemorySize} in an undo) stays as text, too; such a call is `open` and may be shown
 * but not run. {before.Flag|false} is false once `before` has been read and has no Flag.
 *
 * Conditions also see the values, as members of `parameter`.
 *
 * Ownership  fill/free; a filled playbook borrows its playbook.
 * Threads    any one at a time.
 */

#include <stdbool.h>
#include <stdint.h>

#include "escher/base/buf.h"
#include "escher/base/error.h"
#include "escher/base/json.h"
#include "escher/playbook/playbook.h"

/** A call with its values. */
struct esc_filled_call {
    const struct esc_operation *operation; /* NULL: there is no call */
    struct esc_json *params;               /* checked against the operation unless open */
    bool open;                             /* holds text that only later facts replace */
};

struct esc_filled_step {
    const struct esc_playbook_step *step;
    struct esc_filled_call call;  /* AWS */
    struct esc_filled_call probe; /* of its outcome */
    struct esc_filled_call undo;
    char *title, *message; /* message: APPROVE, else NULL */
};

struct esc_filled {
    const struct esc_playbook *playbook;
    struct esc_json *facts;      /* as given */
    struct esc_json *parameters; /* [{"name", "value", "source"}], the playbook's order */
    struct esc_json *values;     /* {"db": "pg-instance-main1"} */
    bool bound;                  /* no clock or nonce is missing */
    char *region, *account_id;   /* of the resource */
    struct esc_filled_step *steps;
    struct esc_filled_call *captures, *verify; /* in the playbook's order */
    size_t step_count, capture_count, verify_count;
};

/**
 * Fills @p playbook from @p facts. *out is owned by the caller.
 * @errors ESC_AMBIGUOUS: a value that only the person can give is missing (the message is the
 * question, esc_fill_missing() says which); ESC_BLOCKED: the resource is not of the playbook's
 * type, `where` does not hold, or its name is no value (the message is the reason); ESC_INVALID:
 * another value that is not allowed, naming the parameter.
 */
enum esc_status esc_fill(const struct esc_playbook *playbook, const struct esc_json *facts,
                         struct esc_filled **out, struct esc_error *err);
void esc_filled_free(struct esc_filled *filled); /* NULL does nothing */
ESC_DEFINE_CLEANUP(struct esc_filled, esc_filled_free)

/** The first parameter that only the person can give and that @p facts do not hold; NULL: none. */
const struct esc_parameter *esc_fill_missing(const struct esc_playbook *playbook,
                                             const struct esc_json *facts);

enum {
    ESC_NONCE_SIZE = 4, /* characters of [a-z0-9] */
};
/** Puts in time and nonce; parameters, calls and texts are final afterwards.
 *  @errors ESC_INVALID: a nonce of other characters, or a name that no longer fits. */
enum esc_status esc_fill_bind(struct esc_filled *filled, uint64_t now_ms, const char *nonce,
                              struct esc_error *err);

/**
 * `script.steps` of a planner response, owned by the caller: each AWS step as
 * {"step_id", "command": "aws rds stop-db-instance", "args": [...], "mutates", "timeout_s"}.
 */
struct esc_json *esc_fill_script(const struct esc_filled *filled);
/** What undoes it, as lines to show ("aws rds start-db-instance ..."), last step first, joined
 *  with " && "; owned by the caller, NULL when nothing does. */
char *esc_fill_undo_text(const struct esc_filled *filled);
/** A text of the playbook with what it refers to in place, owned by the caller; what is not known
 *  stands as it is. */
ESC_RETURNS_NONNULL char *esc_fill_text(const struct esc_filled *filled, const char *text);
