/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Whether EC2 instances are protected from termination. No list tells, so each instance costs a
 * call: a scanner of its own, which incremental syncs and those after a change of state leave out.
 * EC2 takes twenty such calls a second, so a full sync asks for fifty of a region: those that were
 * asked longest ago (place_pick.c), and who syncs `--service protection` asks for all. Of those who
 * had no turn what was known stays (carry_over.c), with its age; of the others it is unknown. What
 * an Auto Scaling group or a spot request keeps is not asked about: there are many, they come and
 * go, and nobody protects them.
 *
 * @source EC2 guide, "Change instance termination protection": it cannot be enabled for spot
 * instances, and does not keep an Auto Scaling group from terminating an instance
 */

#include "escher/base/attr.h"
#include "escher/scan/scan_private.h"

enum {
    MOST_INSTANCES = 50 /* of a region, which take two and a half seconds */
};

bool scan_protection_is_asked(const struct esc_resource *instance)
{
    return !esc_text_equal(instance->state, "terminated") &&
           !esc_text_equal(instance->state, "shutting-down") &&
           !esc_json_member(instance->metadata, "auto_scaling_group") &&
           !esc_text_equal(esc_json_str(instance->metadata, "lifecycle", NULL), "spot");
}

static bool is_worth_a_call(const struct esc_resource *instance, bool)
{
    return scan_protection_is_asked(instance);
}

static struct esc_json *ask_for_protection(struct esc_resource *const *batch, size_t count)
{
    (void)count; /* one at a time */
    struct esc_json *params = esc_json_object();
    esc_json_set_text(params, "InstanceId", batch[0]->identifier);
    esc_json_set_text(params, "Attribute", "disableApiTermination");
    return params;
}

static void read_protection(struct scan_page *page, const struct esc_json *answer)
{
    struct esc_resource *instance = page->of;
    const struct esc_json *value = esc_json_get(answer, "DisableApiTermination.Value");
    if (!esc_json_is(value, ESC_JSON_BOOL)) {
        page->unread_count++;
        return;
    }
    const bool is_on = esc_json_flag(value, "", false);
    const char *because = is_on ? "termination protection is on" : "termination protection is off";
    scan_constrain(instance, ESC_PROTECTED, is_on ? ESC_YES : ESC_NO, SCAN_PROTECTION_FIELD, "%s",
                   because);
    scan_constrain(instance, ESC_CAN_DELETE, is_on ? ESC_NO : ESC_YES, SCAN_PROTECTION_FIELD, "%s",
                   because);
}

static const struct scan_step steps[] = {
    {
        .operation = "DescribeInstanceAttribute",
        .read = read_protection,
        .stage = 1,
        .of_type = "ec2_instance",
        .batch = 1,
        .wants = is_worth_a_call,
        .most_usual = MOST_INSTANCES,
        .make_params = ask_for_protection,
        .gone_codes = "InvalidInstanceID.NotFound",
    },
};

const struct esc_scanner scan_service_protection = {.name = "protection",
                                                    .service = "ec2",
                                                    .needs = "ec2",
                                                    .steps = steps,
                                                    .step_count = ESC_COUNT(steps)};
