/* SPDX-License-Identifier: Apache-2.0 */

/*
 * IAM roles, users and instance profiles, once per account. Their lists carry neither tags nor
 * boundaries, and asking each one for its own would cost as many calls as there are: so it is said
 * that the tags are not known. Of a role's trust only the services that may take it are taken over;
 * when somebody last logged in changes by itself, so it is not.
 */

#include "escher/base/attr.h"
#include "escher/scan/scan_private.h"

static const struct scan_field role_fields[] = {
    {"path", "Path"},
    {"description", "Description"},
    {"max_session_s", "MaxSessionDuration"},
};

static const struct scan_field user_fields[] = {
    {"path", "Path"},
};

static void push_services(struct esc_json *services, const struct esc_json *named)
{
    if (esc_json_is(named, ESC_JSON_STRING))
        esc_json_push_text(services, esc_json_str(named, "", ""));
    for (size_t i = 0; i < esc_json_len(named) && esc_json_is(named, ESC_JSON_ARRAY); i++)
        if (esc_json_is(esc_json_at(named, i), ESC_JSON_STRING))
            esc_json_push_text(services, esc_json_str(esc_json_at(named, i), "", ""));
}

/* Statements may be one or a list; so may the services that one of them names. */
static void read_trust(struct esc_resource *role, const struct esc_json *document)
{
    const struct esc_json *statements = esc_json_member(document, "Statement");
    struct esc_json *services = esc_json_array();
    if (esc_json_is(statements, ESC_JSON_OBJECT))
        push_services(services, esc_json_get(statements, "Principal.Service"));
    for (size_t i = 0; esc_json_is(statements, ESC_JSON_ARRAY) && i < esc_json_len(statements); i++)
        push_services(services, esc_json_get(esc_json_at(statements, i), "Principal.Service"));
    if (esc_json_len(services) > 0)
        esc_json_set(role->metadata, "taken_by", services);
    else
        esc_json_free(services);
}

static struct esc_resource *add(struct scan_page *page, const struct esc_json *item,
                                const char *type, const char *name)
{
    struct esc_resource *one =
        scan_add(page, type, esc_json_str(item, name, NULL), esc_json_str(item, "Arn", NULL), NULL);
    if (!one)
        return NULL;
    scan_locate(one, SCAN_GLOBAL);
    scan_set_created(one, item, "CreateDate");
    if (esc_json_member(item, "Tags"))
        scan_take_tags(one, item, "Tags");
    else
        esc_json_set_bool(one->metadata, "tags_unknown", true);
    return one;
}

static void read_role(struct scan_page *page, const struct esc_json *item)
{
    struct esc_resource *role = add(page, item, "iam_role", "RoleName");
    if (!role)
        return;
    scan_take_fields(role, item, role_fields, ESC_COUNT(role_fields));
    read_trust(role, esc_json_member(item, "AssumeRolePolicyDocument"));
    if (esc_str_starts_with(esc_str_of(esc_json_str(item, "Path", "")),
                            ESC_STR("/aws-service-role/")))
        scan_constrain(role, ESC_CAN_DELETE, ESC_NO, "Path",
                       "it is linked to a service, which deletes it by itself");
}

static void read_user(struct scan_page *page, const struct esc_json *item)
{
    struct esc_resource *user = add(page, item, "iam_user", "UserName");
    if (!user)
        return;
    scan_take_fields(user, item, user_fields, ESC_COUNT(user_fields));
}

/* What hands its role to the instances that were started with it. */
static void read_profile(struct scan_page *page, const struct esc_json *item)
{
    static const struct scan_field path = {"path", "Path"};
    struct esc_resource *profile = add(page, item, "iam_instance_profile", "InstanceProfileName");
    if (!profile)
        return;
    const struct esc_json *roles = esc_json_member(item, "Roles");
    scan_take_fields(profile, item, &path, 1);
    for (size_t i = 0; i < esc_json_len(roles); i++)
        scan_relate_arn(profile, "uses_role", "iam_role",
                        esc_json_str(esc_json_at(roles, i), "Arn", NULL));
    if (esc_json_len(roles) > 0)
        scan_constrain(profile, ESC_CAN_DELETE, ESC_NO, "Roles", "it holds a role");
    else if (esc_json_is(roles, ESC_JSON_ARRAY))
        scan_say(profile, ESC_CAN_DELETE, ESC_YES);
}

static const struct scan_step steps[] = {
    {
        .operation = "ListRoles",
        .type = "iam_role",
        .list = "Roles",
        .read = read_role,
    },
    {
        .operation = "ListUsers",
        .type = "iam_user",
        .list = "Users",
        .read = read_user,
    },
    {
        .operation = "ListInstanceProfiles",
        .type = "iam_instance_profile",
        .list = "InstanceProfiles",
        .read = read_profile,
    },
};

const struct esc_scanner scan_service_iam = {.name = "iam",
                                             .service = "iam",
                                             .global = true,
                                             .steps = steps,
                                             .step_count = ESC_COUNT(steps)};
