/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/model/relation_kind.h"

#include "escher/base/attr.h"
#include "escher/base/str.h"

#define NONE ESC_EFFECT_NONE
#define LOSES ESC_EFFECT_LOSES
#define LAST ESC_EFFECT_LAST
#define BREAKS ESC_EFFECT_BREAKS

static const struct esc_relation_kind kinds[] = {
    /* networks */
    {"in_vpc", "is in", BREAKS, NONE, false},
    {"in_subnet", "is in", LAST, NONE, false},
    {"uses_security_group", "is guarded by", LOSES, NONE, false},
    {"routed_by", "finds its way by", LOSES, NONE, true},
    {"routes_through", "leads through", LOSES, NONE, false},
    {"addresses", "is the address of", NONE, LOSES, false},
    {"serves", "carries the traffic of", NONE, LOSES, false},
    {"uses_address", "appears as", BREAKS, NONE, false},
    {"allows_from", "lets in what is guarded by", LOSES, NONE, false},
    /* machines and what they keep */
    {"has_volume", "keeps data on", BREAKS, NONE, false},
    {"attached_to", "is attached to", NONE, LOSES, false},
    {"snapshot_of", "is a snapshot of", NONE, NONE, false},
    {"made_of", "is made of", BREAKS, NONE, false},
    {"uses_image", "was started from", NONE, NONE, false},
    {"uses_role", "acts as", BREAKS, NONE, false},
    {"uses_profile", "gets its role from", LOSES, NONE, false},
    {"image_of", "is an image of", NONE, NONE, false},
    {"in_auto_scaling_group", "is one of", BREAKS, LOSES, false},
    /* databases */
    {"in_cluster", "is a member of", BREAKS, NONE, false},
    {"has_member", "has the member", LAST, NONE, false},
    {"replica_of", "replicates", LOSES, LOSES, false},
    {"has_replica", "is replicated by", LOSES, LOSES, false},
    {"in_replication_group", "is a member of", BREAKS, LOSES, false},
    /* containers and functions */
    {"in_ecs_cluster", "runs in", BREAKS, NONE, false},
    {"in_eks_cluster", "runs the work of", BREAKS, LAST, false},
    {"grows_by", "keeps its nodes in", BREAKS, NONE, false},
    {"reads_from", "is called for what comes into", LOSES, LOSES, false},
    {"uses_layer", "was made with", NONE, NONE, false},
    {"alias_of", "points to", BREAKS, NONE, false},
    /* who sends requests to whom */
    {"served_by", "is reached through", BREAKS, LAST, false},
    {"has_target", "sends requests to", LAST, NONE, false},
    {"has_unhealthy_target", "would send requests to", NONE, NONE, false},
    {"fills", "fills", NONE, LAST, false},
    {"origin", "serves what is in", BREAKS, NONE, false},
    {"leads_to", "leads to", LOSES, NONE, false},
    /* messages and who is told */
    {"delivers_to", "delivers to", LOSES, LOSES, false},
    {"dead_letters_to", "puts what fails into", LOSES, NONE, false},
    {"watches", "watches", LOSES, NONE, false},
    {"notifies", "notifies", LOSES, NONE, false},
    {"rotated_by", "is rotated by", LOSES, NONE, false},
};

const struct esc_relation_kind *esc_relation_kind_find(const char *name)
{
    for (size_t i = 0; i < ESC_COUNT(kinds); i++)
        if (esc_text_equal(kinds[i].name, name))
            return &kinds[i];
    return NULL;
}

const struct esc_relation_kind *esc_relation_kind_at(size_t index)
{
    return index < ESC_COUNT(kinds) ? &kinds[index] : NULL;
}

size_t esc_relation_kind_count(void)
{
    return ESC_COUNT(kinds);
}
