/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Reads the policies that say what the caller may do in one account: 5 to 45 reads, as few rights
 * as that takes, never those of anybody else.
 *
 *     GetCallerIdentity ─┬▶ GetUser or GetRole ───────────▶ boundary, tags, path
 *                        ├▶ ListAttached…Policies ────────▶ GetPolicy ─▶ GetPolicyVersion
 *                        ├▶ List…Policies ────────────────▶ Get…Policy
 *                        ├▶ ListGroupsForUser ────────────▶ the same of each group
 *                        └▶ DescribeOrganization ─────────▶ whether service control policies apply
 *
 * A refused read costs its own layer: that is "unread" with the reason, and what it might say
 * makes answers unknown, never denied. When not even the identity is told, all is unread.
 *
 * The document that comes out (policy_set.h reads it):
 *
 *     {"account_id", "read_at", "calls", "emulator"?: true,
 *      "caller": {"kind", "arn", "name"?, "session"?, "user_id"?, "iam_arn"?},
 *      "tags"?: {KEY: VALUE},                        absent when they are not known
 *      "identity": {"policies": [{"label", "document"}], "unread"?: WHY},
 *      "boundary"?: the same,                        absent when there is none
 *      "session"?: the same,                         absent when it was not narrowed
 *      "organisation": {"state": "none"|"billing"|"management"|"member"|"unread", "id"?,
 *                       "management"?: its account, "why"?, "scp"?, "rcp"?: see policy_tree.h},
 *      "delegated"?: true: this member may read the organisation (policy_tree.h) itself,
 *      "refused": [{"action", "code", "message"}],
 *      "organisation_read_at"?: when "scp" and "rcp" were read, by whoever adds them}
 *
 * The calls themselves are made by whoever starts it, as those of a scan.
 *
 * Ownership  the reader frees itself after its done callback; options are borrowed until then.
 * Threads    the loop thread only.
 */

#include "escher/scan/walk.h"

struct esc_policy_reader_options {
    const struct esc_account *account;
    const char *region; /* where IAM is asked: any of the account's */
    /** NULL: the caller's policies. Else the ids of accounts, ends with NULL: what stands above them
     *  in the organisation whose management account this is, as policy_tree.h has it. */
    const char *const *members;
    /** Of a member of an organisation: whether to find out if it may read its policies, given its
     *  management account. NULL: never. */
    bool (*wants_delegate)(void *context, const char *management);
    unsigned workers;      /* calls at a time, at least 1 */
    unsigned max_attempts; /* of one call, at least 1 */
    struct esc_backoff backoff;
    const struct esc_clock *clock;
    const struct esc_random *random; /* of the waits; NULL: always the longest */
    /** As in esc_scan_options. */
    void *(*call)(void *context, const struct esc_scan_call *call, esc_scan_answer_fn *done,
                  void *token);
    void (*cancel_call)(void *context, void *handle);
    /** The document, owned by the callee; NULL: it was cancelled. */
    void (*done)(void *context, struct esc_json *set);
    void *context;
};

struct esc_policy_reader;

struct esc_policy_reader *esc_policy_reader_start(struct esc_loop *loop,
                                                  const struct esc_policy_reader_options *options);
/** No new call starts, those under way are ended; done follows. Only before done. */
void esc_policy_reader_cancel(struct esc_policy_reader *reader);

/** The IAM actions it may need, ends with NULL. */
extern const char *const esc_policy_reader_actions[];
/** Those that it needs besides, with `members`: in the management account of an organisation. */
extern const char *const esc_policy_tree_actions[];
