/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The reader of policies, shared by its files: policy_reader.c makes the calls, policy_steps.c
 * knows those of the caller, policy_organisation.c whether there is an organisation, policy_tree.c
 * those of its management account.
 *
 * One row per kind of read (a step), one task per read. A task's answer may make further tasks;
 * the reader is done when none is left.
 */

#include "escher/base/list.h"
#include "escher/base/map.h"
#include "escher/scan/caller.h"
#include "escher/scan/policy_reader.h"

enum policy_layer {
    POLICY_IDENTITY,
    POLICY_BOUNDARY,
    POLICY_ORGANISATION,
    POLICY_LAYER_COUNT,
};

struct policy_task {
    struct esc_policy_reader *reader;
    const struct policy_step *step;
    enum policy_layer layer; /* that is unread without its answer */
    char *name;              /* of the user, role or group, or the policy's ARN */
    char *detail;            /* of a policy: its name or version */
    char *label;             /* of a document: which policy it is */
    unsigned attempt;
    void *handle;
    struct esc_timer *timer;
};

struct policy_step {
    const char *service, *operation, *action;
    const char *name_member, *detail_member; /* of the input; NULL: not asked */
    void (*take)(struct policy_task *task, const struct esc_json *output);
};

struct esc_policy_reader {
    struct esc_loop *loop;
    struct esc_policy_reader_options options;
    struct esc_list waiting, active; /* struct policy_task * */
    struct esc_map *asked;           /* "layer ARN" of each policy that is read already */
    struct esc_json *set;
    struct esc_list policies[POLICY_ORGANISATION]; /* struct esc_json *, of identity and boundary */
    char *unread[POLICY_ORGANISATION];
    struct esc_caller_arn caller;
    unsigned calls;
    bool cancelled, posted;
};

/** One more read, for the layer that is unread without it; texts are copied. The task is the
 *  reader's: only its label may be set, until the loop turns. */
struct policy_task *policy_ask(struct esc_policy_reader *reader, const struct policy_step *step,
                               enum policy_layer layer, const char *name, const char *detail);
/** The first reason counts. */
void policy_mark_unread(struct esc_policy_reader *reader, enum policy_layer layer, const char *why);

/* policy_steps.c: the first read, which the others follow from. */
extern const struct policy_step policy_get_identity;

/* policy_organisation.c */
extern const struct policy_step policy_describe_organisation;
/** Whether this member may read the organisation; that it may not is the rule, and no refusal. */
extern const struct policy_step policy_try_organisation;
/** "none" when the refusal says so; false when it says nothing. */
bool policy_take_no_organisation(struct esc_policy_reader *reader, const char *code);

/* policy_tree.c: the policies of an organisation instead of those of the caller. */
void policy_tree_begin(struct esc_policy_reader *reader);
/** A read of them was refused. */
void policy_tree_fail(struct policy_task *task);
