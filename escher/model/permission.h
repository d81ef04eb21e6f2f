/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the operator may do with one resource, as far as it is known: advice, never proof. An
 * action in none of the three lists is unknown.
 *
 * Ownership  new/free; lists and strings belong to the struct.
 * Threads    any one at a time.
 */

#include <stdint.h>

#include "escher/base/error.h"
#include "escher/base/json.h"
#include "escher/base/list.h"
#include "escher/base/str.h"
#include "escher/model/user_context.h"

struct esc_conditional_action {
    char *action;
    struct esc_list keys; /* char *: the context keys the decision waits for */
};

struct esc_permissions {
    struct esc_list allowed_actions;       /* char *, "rds:StopDBInstance" */
    struct esc_list denied_actions;        /* char * */
    struct esc_list conditional_actions;   /* struct esc_conditional_action * */
    char *source;                          /* "local", "simulate", "dry_run" or "learned" */
    uint64_t checked_at_ms;                /* 0 unknown */
    struct esc_user_context *user_context; /* NULL when not recorded */
};

enum esc_permission {
    ESC_PERMISSION_UNKNOWN,
    ESC_PERMISSION_ALLOWED,
    ESC_PERMISSION_DENIED,
    ESC_PERMISSION_CONDITIONAL,
};

ESC_RETURNS_NONNULL struct esc_permissions *esc_permissions_new(void);
void esc_permissions_free(struct esc_permissions *permissions);
ESC_DEFINE_CLEANUP(struct esc_permissions, esc_permissions_free)

/** @p permissions may be NULL (all unknown). A deny wins. Actions compare without case. */
enum esc_permission esc_permissions_of(const struct esc_permissions *permissions,
                                       struct esc_str action);
/** Adds a conditional action with one key; the same action gathers its keys. All copied. */
void esc_permissions_add_condition(struct esc_permissions *permissions, const char *action,
                                   const char *key);
/** The action is denied, and stands nowhere else any more. Copied. */
void esc_permissions_deny(struct esc_permissions *permissions, const char *action);

/** @errors ESC_INVALID; *out is owned by the caller. */
enum esc_status esc_permissions_from_json(const struct esc_json *json, struct esc_permissions **out,
                                          struct esc_error *err);
struct esc_json *esc_permissions_to_json(const struct esc_permissions *permissions);
