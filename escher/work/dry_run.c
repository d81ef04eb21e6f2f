/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/dry_run.h"

#include "escher/base/alloc.h"
#include "escher/scan/permit.h"

static const struct runnable {
    const char *action, *operation, *type, *member;
    bool is_list;
} table[] = {
    {"ec2:StartInstances", "StartInstances", "ec2_instance", "InstanceIds", true},
    {"ec2:StopInstances", "StopInstances", "ec2_instance", "InstanceIds", true},
    {"ec2:RebootInstances", "RebootInstances", "ec2_instance", "InstanceIds", true},
    {"ec2:TerminateInstances", "TerminateInstances", "ec2_instance", "InstanceIds", true},
    {"ec2:MonitorInstances", "MonitorInstances", "ec2_instance", "InstanceIds", true},
    {"ec2:UnmonitorInstances", "UnmonitorInstances", "ec2_instance", "InstanceIds", true},
    {"ec2:DeleteVolume", "DeleteVolume", "ebs_volume", "VolumeId", false},
    {"ec2:DetachVolume", "DetachVolume", "ebs_volume", "VolumeId", false},
    {"ec2:CreateSnapshot", "CreateSnapshot", "ebs_volume", "VolumeId", false},
    {"ec2:DeleteSnapshot", "DeleteSnapshot", "ebs_snapshot", "SnapshotId", false},
    {"ec2:DeregisterImage", "DeregisterImage", "ami", "ImageId", false},
    {"ec2:DeleteVpc", "DeleteVpc", "vpc", "VpcId", false},
    {"ec2:DeleteSubnet", "DeleteSubnet", "subnet", "SubnetId", false},
    {"ec2:DeleteSecurityGroup", "DeleteSecurityGroup", "security_group", "GroupId", false},
};

static const struct runnable *find(const char *action)
{
    for (size_t i = 0; i < ESC_COUNT(table); i++)
        if (esc_text_equal(table[i].action, action))
            return &table[i];
    return NULL;
}

const struct esc_operation *work_dry_run_operation(const char *action)
{
    const struct runnable *runnable = find(action);
    return runnable ? esc_operation_find("ec2", runnable->operation) : NULL;
}

/* "i-00000000000000000" for "i-0123": of its kind, and nobody's. */
static char *id_of_nothing(const char *id)
{
    const struct esc_str text = esc_str_of(id);
    const size_t dash = esc_str_find(text, ESC_STR("-"), 0);
    return esc_sprintf("%.*s-00000000000000000", ESC_STR_ARG(esc_str_slice(text, 0, dash)));
}

struct esc_json *work_dry_run_params(const char *action, const struct esc_resource *resource,
                                     bool of_nothing)
{
    const struct runnable *runnable = find(action);
    if (!runnable || !esc_text_equal(runnable->type, resource->resource_type))
        return NULL;
    ESC_CLEANUP(esc_freep)
    char *id = of_nothing ? id_of_nothing(resource->identifier) : esc_strdup(resource->identifier);
    struct esc_json *params = esc_json_object(), *ids = esc_json_array();
    esc_json_push_text(ids, id);
    if (runnable->is_list)
        esc_json_set(params, runnable->member, esc_json_ref(ids));
    else
        esc_json_set_text(params, runnable->member, id);
    esc_json_set_bool(params, "DryRun", true);
    esc_json_free(ids);
    return params;
}

void work_dry_run_tell(bool is_allowed, const char *message, struct esc_json *page)
{
    static const char *const of_policies[] = {"layer", "policy", "statement",
                                              "keys",  "why",    "learned"};
    for (size_t i = 0; i < ESC_COUNT(of_policies); i++)
        esc_json_remove(page, of_policies[i]);
    esc_json_set_text(
        page, "verdict",
        esc_permission_text(is_allowed ? ESC_PERMISSION_ALLOWED : ESC_PERMISSION_DENIED));
    esc_json_set_bool(page, "explicit", false);
    esc_json_set_text(page, "source", "dry_run");
    esc_json_set_text(page, "sentence",
                      is_allowed ? "EC2 would do it: a dry run says so"
                                 : "EC2 refuses it: a dry run says so");
    struct esc_json *says = esc_json_object();
    esc_json_set_text(says, "message", message ? message : "");
    esc_json_set(page, "dry_run", says);
}
