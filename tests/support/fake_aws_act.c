/* SPDX-License-Identifier: Apache-2.0 */

/* The few operations that change the world, so that runs can be tried against it. */

#include <string.h>

#include "escher/base/alloc.h"
#include "tests/support/fake_aws_private.h"

static const struct action {
    const char *service, *operation;
    const char *kind, *named_by, *state;
    const char *element; /* of one thing in the answer */
    const char *status;  /* what it calls its state; NULL: EC2's way */
} actions[] = {
    {"ec2", "StopInstances", "ec2_instance", "InstanceId", "stopped", "item", NULL},
    {"ec2", "StartInstances", "ec2_instance", "InstanceId", "running", "item", NULL},
    {"ec2", "TerminateInstances", "ec2_instance", "InstanceId", "terminated", "item", NULL},
    {"rds", "StopDBInstance", "rds_instance", "DBInstanceIdentifier", "stopped", "DBInstance",
     "DBInstanceStatus"},
    {"rds", "StartDBInstance", "rds_instance", "DBInstanceIdentifier", "available", "DBInstance",
     "DBInstanceStatus"},
    {"rds", "DeleteDBInstance", "rds_instance", "DBInstanceIdentifier", "deleting", "DBInstance",
     "DBInstanceStatus"},
    {"rds", "StopDBCluster", "rds_cluster", "DBClusterIdentifier", "stopped", "DBCluster",
     "Status"},
    {"rds", "StartDBCluster", "rds_cluster", "DBClusterIdentifier", "available", "DBCluster",
     "Status"},
};

static void answer_one(struct fake_aws *aws, const struct action *action,
                       const struct fake_thing *thing, struct esc_buf *body)
{
    struct esc_buf id;
    esc_buf_init(&id, 1024);
    fake_world_expand(&aws->world, thing, thing->kind->id, &id);
    if (!action->status)
        esc_buf_printf(body,
                       "<item><instanceId>%s</instanceId><currentState><code>0</code><name>%s"
                       "</name></currentState></item>",
                       esc_buf_text(&id), action->state);
    else
        esc_buf_printf(body, "<%s><%s>%s</%s><%s>%s</%s></%s>", action->element, action->named_by,
                       esc_buf_text(&id), action->named_by, action->status, action->state,
                       action->status, action->element);
    esc_buf_done(&id);
}

static bool change_all(struct fake_aws *aws, const struct action *action,
                       const struct fake_request *request, struct esc_buf *body,
                       struct fake_refusal *refusal)
{
    for (size_t i = 0; i < fake_param_count(request, action->named_by); i++) {
        struct fake_thing thing = {fake_kind_find(action->kind), request->account, request->region,
                                   0};
        if (!fake_world_find(&aws->world, &thing, fake_param_at(request, action->named_by, i)))
            return fake_refuse(refusal, 404, "NotFound", "There is no such thing.");
        fake_world_set_state(&aws->world, &thing, action->state);
        answer_one(aws, action, &thing, body);
    }
    return true;
}

bool fake_act(struct fake_aws *aws, const struct fake_request *request, struct esc_buf *body,
              struct fake_refusal *refusal)
{
    const char *operation = request->operation->operation;
    for (size_t i = 0; i < ESC_COUNT(actions); i++) {
        if (strcmp(actions[i].service, request->operation->service) != 0 ||
            strcmp(actions[i].operation, operation) != 0)
            continue;
        ESC_CLEANUP(esc_freep)
        char *around =
            actions[i].status ? esc_sprintf("%sResult", operation) : esc_strdup("instancesSet");
        if (esc_str_is(fake_param_text(request, "DryRun"), "true"))
            return !fake_refuse(refusal, 412, "DryRunOperation",
                                "Request would have succeeded, but DryRun flag is set.");
        esc_buf_printf(body, "<%sResponse><%s>", operation, around);
        (void)change_all(aws, &actions[i], request, body, refusal); /* the refusal tells */
        esc_buf_printf(body, "</%s></%sResponse>", around, operation);
        return true;
    }
    return false;
}
