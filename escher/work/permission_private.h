/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the caller may do, account by account, as it is kept and told.
 *
 *     collection        key              document
 *     iam_policies      account          as scan/policy_reader.h makes it
 *     iam_organisation  management acc.  as scan/policy_tree.h has it (permission_organisation.c)
 *     iam_probes        account          what the simulator said of the organisation's policies, by
 *                                        "TYPE REGION" (permission_probe.c)
 *     iam_resource      resource id      {"at", "document"?, "unread"?}: the resource's own policy
 *     iam_key           "ACCOUNT ARN"    {"at", ...}: as scan/key_policy.h has it, of a key or an alias
 *     iam_learned       "ID ACTION"      {"at", "id", "action", "message", "digest", "step_action",
 *                                        "step_id"}: the cloud has refused it, by the policies of
 *                                        that digest (permission_learn.c)
 *     iam_looked        number           {"sync_id", "ids"}: whose own policies a sync that may be cut
 *                                        off has read (permission_resume.c)
 *     iam_tally         account          {"TYPE REGION": [allowed, denied, conditional, unknown]}
 *
 * Ownership  new/free; what a permit gives is owned by the caller unless said otherwise.
 * Threads    the loop thread only.
 */

#include "escher/plan/judge.h"
#include "escher/scan/permit.h"
#include "escher/work/scan_call_private.h"

#define WORK_IAM_POLICIES "iam_policies"
#define WORK_IAM_ORGANISATION "iam_organisation"
#define WORK_IAM_PROBES "iam_probes"
#define WORK_IAM_RESOURCE "iam_resource"
#define WORK_IAM_KEY "iam_key"
#define WORK_IAM_LEARNED "iam_learned"
#define WORK_IAM_LOOKED "iam_looked"
#define WORK_IAM_TALLY "iam_tally"

/* The permissions of one account, ready to be asked (permission_book.c). */
struct work_permit;

/** By @p set, else by what is stored; NULL when neither is there. */
struct work_permit *work_permit_new(struct esc_workbench *bench, const char *account_id,
                                    const struct esc_json *set);
void work_permit_free(struct work_permit *permit);
ESC_DEFINE_CLEANUP(struct work_permit, work_permit_free)

/** The stored document, or the one it was made of; borrowed. */
const struct esc_json *work_permit_document(const struct work_permit *permit);
/** Forgets what stands under a resource that is gone: another of its name has a policy of its own.
 * @errors ESC_IO */
enum esc_status work_permissions_forget(const struct esc_workbench *bench, const char *id,
                                        struct esc_error *err);
/** Forgets the policies of an account that leaves, and what follows from them. @errors ESC_IO */
enum esc_status work_permissions_forget_account(const struct esc_workbench *bench,
                                                const char *account_id, struct esc_error *err);

/** Whether it decides as @p document would. */
bool work_permit_is_of(const struct work_permit *permit, const struct esc_json *document);
/** The probes were changed: asks them from now on. Handed over. */
void work_permit_set_probes(struct work_permit *permit, struct esc_json *probes);
const struct esc_json *work_permit_probes(const struct work_permit *permit); /* borrowed */
/** What the resource that was judged last is encrypted under, as esc_permit_last_keys(). */
const struct esc_list *work_permit_last_keys(const struct work_permit *permit);
/** Another policy is kept of the key or alias. */
void work_permit_forget_key(struct work_permit *permit, const char *arn);
/** The actions that matter for a type: its own and those of its playbooks. Ends with NULL; the list
 *  is the caller's to free, the texts are borrowed. */
const char *const *work_actions_of(const struct esc_workbench *bench, const char *type);
/** The same, borrowed. */
const char *const *work_permit_actions(struct work_permit *permit, const char *type);

/** Adds all that it judges by, but for the policies of resources. */
void work_permit_mark(const struct work_permit *permit, struct esc_digest *digest);
/** Whether what the organisation allows was asked lately, where it must be asked. */
bool work_permit_is_probed(const struct work_permit *permit,
                           bool (*is_young)(const struct esc_workbench *bench, const char *at));
/** Sets what may be done with @p resource, and counts it. */
void work_permit_judge(struct work_permit *permit, struct esc_resource *resource);
/** The same, and not counted: it will not be kept so. */
void work_permit_judge_apart(struct work_permit *permit, struct esc_resource *resource);
/** The same for one that was counted before with what it has now; true: it is another. */
bool work_permit_judge_again(struct work_permit *permit, struct esc_resource *resource);
/** scan/permit.h, and {"learned": {"at", "message"}} where a run has learned otherwise. */
struct esc_json *work_permit_explain(struct work_permit *permit,
                                     const struct esc_resource *resource, const char *action);
/** What such a page means for a plan; the words are borrowed from it, which may get some more. */
struct esc_known_action work_known_action(struct esc_json *page);
enum {
    WORK_KNOWN_ACTIONS = 32, /* of a playbook; what is beyond is not known beforehand */
};
/** Keeps the document and what was counted. */
enum esc_status work_permit_store(struct work_permit *permit, struct esc_error *err);

/** For status: {"allowed", "denied", "conditional", "unknown", "accounts": [...]}. NULL: no policies
 *  were read yet. */
struct esc_json *work_permissions_page(struct esc_workbench *bench);

/* permission_sync.c: a sync's share. The policies are read beside the scan; what the scan finds
 * waits for them. */
struct work_permissions;
typedef void work_permissions_fn(void *context);

enum work_freshness {
    WORK_FRESH_IF_OLD,   /* what is young is taken as it is */
    WORK_FRESH_CALLERS,  /* the policies of who calls are read again whatever their age */
    WORK_FRESH_ENTIRELY, /* and those of organisations */
};
/** @p accounts: struct esc_account *, borrowed until the end. @p ready fires once, never before
 *  this has returned. */
struct work_permissions *work_permissions_start(const struct work_scan_way *way,
                                                const struct esc_list *accounts,
                                                enum work_freshness fresh,
                                                work_permissions_fn *ready, void *context);
/** A scan that will bring the resource was answered this about it: when that has the policy of the
 *  resource itself, it need not be read once more. */
void work_permissions_hear(struct work_permissions *permissions,
                           const struct esc_resource *resource,
                           const struct esc_operation *operation, const struct esc_json *output);
/** The sync has a journal: what is looked at is kept under its id until it ends, for whoever goes on
 *  with it. @p goes_on: it goes on with one of that id that was cut off, and what that had brought is
 *  looked at, too. Before it is ready. */
void work_permissions_journal(struct work_permissions *permissions, const char *sync_id,
                              bool goes_on);
/** No sync goes on with what was noted. @errors ESC_IO */
enum esc_status work_permissions_journal_forget(const struct esc_workbench *bench,
                                                struct esc_error *err);
/** Sets what may be done with a resource that a scan brings, and tells whether its own policy will be
 *  read. Only when ready. */
bool work_permissions_set(struct work_permissions *permissions, struct esc_resource *resource);
/** Whether what was judged by what work_permissions_mark() says may stay without a look at it. Only
 *  when ready, as the next two. */
bool work_permissions_stand(const struct work_permissions *permissions, const char *account_id);
/** Adds what decides what may be done in the account, but for the policies of resources. */
void work_permissions_mark(const struct work_permissions *permissions, const char *account_id,
                           struct esc_digest *digest);
/** A resource stays as it was judged unless its own policy is another: that is looked at as ever,
 *  by a read of its own where it @p looks so. */
void work_permissions_pass(struct work_permissions *permissions,
                           const struct esc_resource *resource, bool looks);
/** Everything is kept: reads what takes a look at what was found, judges again what that changes,
 *  and keeps all; @p done fires later, and this is gone then. Only when ready. */
void work_permissions_finish(struct work_permissions *permissions, work_permissions_fn *done);
/** Ends reads early; ready or done still comes. */
void work_permissions_cancel(struct work_permissions *permissions);
/** Only after ready and instead of finish. NULL does nothing. */
void work_permissions_free(struct work_permissions *permissions);

/* permission_learn.c */
/** A run has ended: that the cloud refused a step is remembered, and forgotten once it was
 *  allowed. */
void work_permission_learn(struct esc_workbench *bench, const struct esc_json *plan,
                           const struct esc_json *run);
struct permission_refusal {
    const char *account_id;
    const char *id; /* of the resource; the ARN of one that the estate does not know */
    const char *action, *message;
    const char *step_action, *step_id; /* what was tried, on what; its success forgets this */
};
void work_permission_remember(struct esc_workbench *bench,
                              const struct permission_refusal *refusal);
/** The action on the resource of that id was allowed: what had been refused on its way is not. */
void work_permission_forget(struct esc_workbench *bench, const char *id, const char *action);
