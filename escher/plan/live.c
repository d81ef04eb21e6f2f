/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/plan/plan_private.h"

/*
 * Where the answers of the cloud say what holds for every plan, whatever its playbook reads: the
 * state of the thing, its tags, and what protects it.
 */
static const struct live {
    const char *service, *operation;
    const char *state, *tags, *protection; /* paths into one described thing; NULL: none */
} lives[] = {
    {"ec2", "DescribeInstances", "State.Name", "Tags", NULL},
    {"ec2", "DescribeVolumes", "State", "Tags", NULL},
    {"lambda", "GetFunctionConfiguration", "State", NULL, NULL},
    {"rds", "DescribeDBInstances", "DBInstanceStatus", "TagList", "DeletionProtection"},
    {"rds", "DescribeDBClusters", "Status", "TagList", "DeletionProtection"},
};

static const struct live *live_of(const struct esc_operation *operation)
{
    for (size_t i = 0; i < ESC_COUNT(lives); i++) {
        if (esc_text_equal(lives[i].service, operation->service) &&
            esc_text_equal(lives[i].operation, operation->operation))
            return &lives[i];
    }
    return NULL;
}

/* The row of a capture that has been read; NULL when there is none. */
static const struct live *live_at(const struct esc_filled *filled, size_t index)
{
    const struct esc_capture *capture = &filled->playbook->captures[index];
    return esc_json_member(filled->facts, capture->name) ? live_of(capture->probe.call.operation)
                                                         : NULL;
}

const char *plan_live_state(const struct esc_filled *filled)
{
    for (size_t i = 0; i < filled->playbook->capture_count; i++) {
        const struct live *live = live_at(filled, i);
        const char *name = filled->playbook->captures[i].name;
        if (live)
            return esc_json_str(esc_json_member(filled->facts, name), live->state, NULL);
    }
    return NULL;
}

bool plan_live_is_production(const struct esc_filled *filled)
{
    for (size_t i = 0; i < filled->playbook->capture_count; i++) {
        const struct live *live = live_at(filled, i);
        if (!live || !live->tags)
            continue;
        ESC_CLEANUP(esc_freep)
        char *condition = esc_sprintf("environment(%s.%s) == 'production'",
                                      filled->playbook->captures[i].name, live->tags);
        enum esc_truth truth;
        if (esc_expression_judge_text(esc_str_of(condition), filled->facts, &truth, NULL) ==
                ESC_OK &&
            truth == ESC_TRUE)
            return true;
    }
    return false;
}

static void observe(const struct esc_filled *filled, const char *capture, const char *member,
                    struct esc_json *observed)
{
    if (!member)
        return;
    ESC_CLEANUP(esc_freep) char *path = esc_sprintf("%s.%s", capture, member);
    const struct esc_json *value = esc_json_get(filled->facts, path);
    esc_json_set(observed, path, value ? esc_json_copy(value) : esc_json_null());
}

void plan_live_observe(const struct esc_filled *filled, struct esc_json *observed)
{
    for (size_t i = 0; i < filled->playbook->capture_count; i++) {
        const struct live *live = live_at(filled, i);
        const char *name = filled->playbook->captures[i].name;
        if (!live)
            continue;
        observe(filled, name, live->state, observed);
        observe(filled, name, live->tags, observed);
        observe(filled, name, live->protection, observed);
    }
}
