/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * May this principal do this to that resource? Answered from policies alone, without a call.
 *
 *     identity ─┐
 *     boundary ─┤              any layer denies ────────────────────▶ explicit deny
 *     session  ─┼─▶ layers ──▶ a layer that must allow does not ────▶ implicit deny
 *     SCPs     ─┤              all allow ───────────────────────────▶ allow
 *     RCPs     ─┤              it hangs on keys of the call ────────▶ conditional (which keys)
 *     resource ─┘              it hangs on something unread ────────▶ unknown (why)
 *
 * Every part is three-valued, so "allow" and the two denials hold whatever the unknown turns out
 * to be; a policy that could not be read never makes a denial. An answer is advice: the cloud
 * decides when it is asked.
 *
 * Ownership  everything is borrowed during the call; what the verdict points to belongs to the
 *            layers, the request and their policies.
 * Threads    any one at a time, as the policies.
 * Source     IAM User Guide, policy evaluation logic; docs/internals/iam.md lists each rule.
 */

#include <stdbool.h>
#include <stddef.h>

#include "escher/base/str.h"
#include "escher/iam/context_keys.h"
#include "escher/iam/policy_document.h"

/* In the order in which a denial is told when several layers deny. */
#define ESC_IAM_LAYER_LIST(X)                                                                      \
    X(SCP, "scp", "service control policy")                                                        \
    X(RCP, "rcp", "resource control policy")                                                       \
    X(RESOURCE, "resource", "policy of the resource")                                              \
    X(IDENTITY, "identity", "identity policy")                                                     \
    X(BOUNDARY, "boundary", "permissions boundary")                                                \
    X(SESSION, "session", "session policy")

#define ESC_IAM_LAYER_ENUM(name, text, words) ESC_IAM_##name,
enum esc_iam_layer {
    ESC_IAM_LAYER_LIST(ESC_IAM_LAYER_ENUM) ESC_IAM_LAYER_COUNT /* also: no layer in particular */
};
#undef ESC_IAM_LAYER_ENUM

/** Policies that allow together: one allow among them is enough. */
struct esc_iam_set {
    const struct esc_iam_policy *const *policies;
    size_t count;
    const char *unread; /* why some of them could not be read; NULL: these are all */
};

struct esc_iam_layers {
    struct esc_iam_set identity;          /* inline, attached and of the groups, together */
    const struct esc_iam_set *boundary;   /* NULL: there is none */
    const struct esc_iam_set *session;    /* NULL: the session was not narrowed */
    const struct esc_iam_set *scp_levels; /* root, each organisational unit, the account */
    size_t scp_level_count;               /* 0: the account is in no organisation */
    const struct esc_iam_set *rcp_levels; /* of the resource's account, the full one with them */
    size_t rcp_level_count;               /* 0: none are in force */
    const struct esc_iam_set *resource;   /* NULL: the resource has no policy */
};

struct esc_iam_principal {
    struct esc_str arn; /* user, root, or session ("arn:aws:sts::…:assumed-role/NAME/SESSION") */
    struct esc_str role_arn;    /* of a session: its role with path; empty: the path is not known */
    bool in_management_account; /* no SCP or RCP applies */
};

/** What the cloud itself said about its SCPs (the simulator's OrganizationsDecisionDetail). */
enum esc_iam_told {
    ESC_IAM_NOT_TOLD,
    ESC_IAM_TOLD_ALLOWED,
    ESC_IAM_TOLD_DENIED,
};

struct esc_iam_request {
    const struct esc_iam_principal *principal;
    struct esc_str action;           /* "rds:StopDBInstance" */
    struct esc_str resource;         /* ARN; "*" for an action that knows no single resource */
    struct esc_str resource_account; /* empty: the ARN's; without one, the principal's */
    const struct esc_iam_context *context;
    enum esc_iam_told scp_told; /* when told, the SCP levels are not asked */
    bool resource_is_partial;   /* a `*` in the resource stands for what is not known of its name */
};

enum esc_iam_decision {
    ESC_IAM_ALLOW,
    ESC_IAM_EXPLICIT_DENY,
    ESC_IAM_IMPLICIT_DENY,
    ESC_IAM_CONDITIONAL,
    ESC_IAM_UNDECIDED, /* unknown */
};

enum {
    ESC_IAM_KEYS = 12 /* told of a conditional verdict; more are left out */
};

struct esc_iam_verdict {
    enum esc_iam_decision decision;
    /* The layer that decided or that the decision waits for; of an allow the one that gave it. */
    enum esc_iam_layer layer;
    const struct esc_iam_policy *policy; /* NULL: no statement decided (an implicit deny) */
    size_t statement;                    /* index in the policy */
    struct esc_str keys[ESC_IAM_KEYS];   /* CONDITIONAL: as the policies write them */
    size_t key_count;
    const char *why; /* UNDECIDED: the first reason; otherwise NULL */
};

void esc_iam_evaluate(const struct esc_iam_layers *layers, const struct esc_iam_request *request,
                      struct esc_iam_verdict *out);

/** "allow", "explicit_deny", "implicit_deny", "conditional", "unknown"; static text. */
const char *esc_iam_decision_text(enum esc_iam_decision decision);
const char *esc_iam_layer_text(enum esc_iam_layer layer);  /* "scp"; "none" for no layer */
const char *esc_iam_layer_words(enum esc_iam_layer layer); /* "service control policy" */
