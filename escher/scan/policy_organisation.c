/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/scan/policy_reader_private.h"

/* Whether service control policies apply at all. */
static void take_organisation(struct policy_task *task, const struct esc_json *output)
{
    struct esc_policy_reader *reader = task->reader;
    const char *management = esc_json_str(output, "Organization.MasterAccountId", NULL);
    struct esc_json *organisation = esc_json_object();
    const char *id = esc_json_str(output, "Organization.Id", NULL);
    const bool is_management = esc_text_equal(management, reader->caller.account_id);
    const bool has_policies =
        esc_text_equal(esc_json_str(output, "Organization.FeatureSet", "ALL"), "ALL");
    esc_json_set_text(organisation, "state",
                      is_management  ? "management"
                      : has_policies ? "member"
                                     : "billing");
    if (id)
        esc_json_set_text(organisation, "id", id);
    if (management)
        esc_json_set_text(organisation, "management", management);
    esc_json_set(reader->set, "organisation", organisation);
    if (!is_management && has_policies && management && reader->caller.account_id &&
        reader->options.wants_delegate &&
        reader->options.wants_delegate(reader->options.context, management))
        policy_ask(reader, &policy_try_organisation, POLICY_ORGANISATION, reader->caller.account_id,
                   NULL);
}

static void take_own_parent(struct policy_task *task, const struct esc_json *output)
{
    if (esc_json_str(output, "Parents[0].Id", NULL))
        esc_json_set_bool(task->reader->set, "delegated", true);
}

/* Of what reading the policies above takes, the call that every delegation has: who administers some
 * service for the organisation has it as well as whom a delegation policy names. Which accounts
 * those are (ListDelegatedAdministrators) the second kind need not be told.
 * @source AWS Organizations API, ListParents; User Guide, "Delegated administrator for AWS
 * Organizations", example "View organization, OUs, accounts, and policies" */
const struct policy_step policy_try_organisation = {
    "organizations", "ListParents", "organizations:ListParents", "ChildId", NULL, take_own_parent};

const struct policy_step policy_describe_organisation = {
    "organizations",  "DescribeOrganization", "organizations:DescribeOrganization", NULL, NULL,
    take_organisation};

bool policy_take_no_organisation(struct esc_policy_reader *reader, const char *code)
{
    if (!esc_text_equal(code, "AWSOrganizationsNotInUseException"))
        return false;
    struct esc_json *organisation = esc_json_object();
    esc_json_set_text(organisation, "state", "none");
    esc_json_set(reader->set, "organisation", organisation);
    return true;
}
