/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A playbook: how one operation on one kind of thing is done well. `escher.playbook/1` is YAML,
 * docs/internals/playbooks.md tells how one is written; here it is as values, checked.
 *
 *     text ──esc_playbook_load──▶ playbook ──esc_fill (fill.h)──▶ calls with every value in place
 *
 * Loading is strict: an unknown key, a missing one, a wrong type, an option that the operation
 * does not have, an expression or pattern that does not parse is an error with its line and
 * column; so is whatever playbook/check.h demands of a playbook that may be run.
 *
 * Everything is read only after loading; nothing here is ever NULL or empty unless it says so.
 *
 * Ownership  load/free; all members belong to the playbook.
 * Threads    any, once loaded.
 * Units      milliseconds.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "escher/base/error.h"
#include "escher/base/json.h"
#include "escher/catalog/operation.h"
#include "escher/catalog/resource_type.h"
#include "escher/model/retry_policy.h"
#include "escher/playbook/expression.h"
#include "escher/playbook/pattern.h"

enum esc_value_type {
    ESC_VALUE_IDENTIFIER, /* of an existing thing */
    ESC_VALUE_NAME,       /* of a new thing, or any other short text */
    ESC_VALUE_INTEGER,
    ESC_VALUE_TYPE_COUNT,
};
const char *esc_value_type_text(enum esc_value_type type); /* "identifier" ... */

/** A value the steps need, and where it comes from. */
struct esc_parameter {
    char *name; /* "db": {db} in templates */
    enum esc_value_type type;
    char *from; /* "resource.identifier", "prompt.memory_mb", "template:escher-{db}-{run4}" */
    struct esc_pattern *pattern; /* NULL for an integer */
    int64_t min, max;            /* of an integer */
    char *unit;                  /* of an integer: "MB", "s", "" */
    char *ask;                   /* the question when a prompt does not say it; else NULL */
};

/** A word derived from facts, for texts only: never part of a call. */
struct esc_attribute {
    char *name;
    char *from;             /* path: "resource.engine" */
    struct esc_json *words; /* object: value → word; NULL: the value itself */
    char *otherwise;        /* when there is no value; "" at least */
};

/** A call with templates still in it. */
struct esc_call_template {
    const struct esc_operation *operation;
    struct esc_json *params; /* member → value; strings may hold {name} */
};

/** A look at the cloud. */
struct esc_probe {
    struct esc_call_template call;
    char *select;             /* path into the answer; "" is all of it */
    struct esc_json *missing; /* array: error codes that mean "there is none"; may be empty */
};

struct esc_capture {
    char *name; /* "before": a root of expressions */
    struct esc_probe probe;
};

enum esc_otherwise {
    ESC_ELSE_BLOCK,
    ESC_ELSE_WARN,
};

/** What must hold before anything is done. In order; the first that decides ends the list. */
struct esc_precondition {
    char *id;
    struct esc_expression *expect;
    enum esc_otherwise otherwise;   /* when expect does not hold, or cannot be told */
    char *reason;                   /* template: why not */
    struct esc_expression *noop_if; /* then nothing needs to be done; NULL: never */
    char *noop_reason;              /* template; NULL without noop_if */
};

enum esc_risk_level {
    ESC_LEVEL_LOW,
    ESC_LEVEL_MEDIUM,
    ESC_LEVEL_HIGH,
    ESC_LEVEL_COUNT,
};
const char *esc_risk_level_text(enum esc_risk_level level);   /* "low" ... */
enum esc_risk_level esc_risk_level_of_text(const char *text); /* ESC_LEVEL_COUNT: none */

struct esc_risk_rule {
    struct esc_expression *when;
    enum esc_risk_level level; /* ESC_LEVEL_LOW when the rule only gives a reason */
    char *reason;              /* template */
    char *impact;              /* template; NULL: says nothing about the impact */
};

enum esc_reversible {
    ESC_REVERSIBLE_FULL,
    ESC_REVERSIBLE_PARTIAL,
    ESC_REVERSIBLE_NONE,
};
const char *esc_reversible_text(enum esc_reversible reversible);

struct esc_risk {
    enum esc_risk_level base;
    struct esc_risk_rule *rules;
    size_t rule_count;
    char *impact; /* template */
    enum esc_reversible reversible;
    char *irreversible_because;                    /* NULL when fully reversible */
    uint64_t downtime_typical_ms, downtime_max_ms; /* 0: none, or not known */
};

/** A condition on what a probe answers, seen as `after`. */
struct esc_outcome {
    struct esc_probe probe;
    struct esc_expression *expect;
};

enum esc_playbook_step_kind { /* in the order of exec/step.h */
    ESC_PLAYBOOK_AWS,
    ESC_PLAYBOOK_WAIT,
    ESC_PLAYBOOK_PROBE,
    ESC_PLAYBOOK_APPROVE,
    ESC_PLAYBOOK_STEP_KIND_COUNT,
};
const char *esc_playbook_step_kind_text(enum esc_playbook_step_kind kind);

enum esc_idempotency {
    ESC_IDEMPOTENT_NATURAL, /* twice is like once */
    ESC_IDEMPOTENT_STATE,   /* done_when tells whether it has happened */
};

struct esc_playbook_step {
    char *id;
    enum esc_playbook_step_kind kind;
    char *title;  /* template, one line for people */
    char **needs; /* ids of steps before it */
    size_t need_count;
    struct esc_call_template call; /* AWS */
    struct esc_outcome outcome;    /* AWS: done_when (probe.call.operation NULL: none); WAIT: until;
                                   PROBE: expect */
    bool mutates;
    enum esc_idempotency idempotency;
    struct esc_retry_policy retry;
    bool has_undo;
    struct esc_call_template undo;
    struct esc_expression *undo_when; /* NULL: always */
    struct esc_expression *fail_if;   /* WAIT; NULL: never */
    uint64_t every_ms;                /* WAIT */
    uint64_t timeout_ms;
    char *message; /* APPROVE: template */
};

struct esc_verification {
    char *id;
    char *title; /* template */
    struct esc_outcome outcome;
    uint64_t timeout_ms;
};

/** A sentence of the explanation, said when its condition holds. */
struct esc_sentence {
    struct esc_expression *when; /* NULL: always */
    char *text;                  /* template */
};

struct esc_playbook {
    char *id, *version, *title;
    char sha256[65]; /* of the text it was loaded from */
    char *verb;      /* canonical: "stop" */
    char *provider, *service;
    char **words; /* other words for the verb; words[0 .. word_count) */
    size_t word_count;
    char **yes, **no; /* sentences that mean it, and that are close but do not */
    size_t yes_count, no_count;
    const struct esc_resource_type *type;
    struct esc_expression *where; /* on resource.*; NULL: every one of the type */
    char *why;                    /* template: why not; NULL without where */
    struct esc_parameter *parameters;
    size_t parameter_count;
    struct esc_attribute *attributes;
    size_t attribute_count;
    struct esc_capture *captures;
    size_t capture_count;
    struct esc_precondition *preconditions;
    size_t precondition_count;
    struct esc_risk risk;
    struct esc_sentence *explain;
    size_t explain_count;
    struct esc_playbook_step *steps;
    size_t step_count;
    struct esc_verification *verify;
    size_t verify_count;
    char **notes; /* said beside the plan */
    size_t note_count;
    char **actions; /* IAM actions it needs, probes included */
    size_t action_count;
    struct esc_json *tests; /* array of {given, expect} */
};

/**
 * Reads one playbook. @p name stands in messages, "playbooks/x.yaml:3:7: ...", and its last part
 * without .yaml must be the id. @errors ESC_INVALID with line and column; ESC_LIMIT.
 */
enum esc_status esc_playbook_load(struct esc_str yaml, const char *name, struct esc_playbook **out,
                                  struct esc_error *err);
void esc_playbook_free(struct esc_playbook *playbook); /* NULL does nothing */
ESC_DEFINE_CLEANUP(struct esc_playbook, esc_playbook_free)

/** NULL when there is none of that name. */
const struct esc_parameter *esc_playbook_parameter(const struct esc_playbook *playbook,
                                                   struct esc_str name);
/** Whether any step changes something. */
bool esc_playbook_mutates(const struct esc_playbook *playbook);
/** The highest risk class of its operations. */
enum esc_operation_risk esc_playbook_class(const struct esc_playbook *playbook);
/** The operation it is about: of the first step that mutates, else of the first that calls. */
const struct esc_operation *esc_playbook_operation(const struct esc_playbook *playbook);
