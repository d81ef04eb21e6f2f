/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/profile_file.h"
#include "tests/fuzz/fuzz.h"

/* Whatever the files hold, each profile has a name, a kind and keys only when it says so. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    ESC_CLEANUP(esc_profiles_freep) struct esc_profiles *profiles = NULL;
    struct esc_list candidates;
    const struct esc_str text = {(const char *)bytes, len};
    const struct esc_str head = esc_str_slice(text, 0, len / 2);
    const struct esc_str tail = esc_str_slice(text, len / 2, len);
    if (esc_profiles_parse(head, "config", tail, "credentials", &profiles, NULL) != ESC_OK)
        return 0;
    for (size_t i = 0; i < esc_profiles_count(profiles); i++) {
        const struct esc_profile *profile = esc_profiles_at(profiles, i);
        ESC_ASSERT(profile->name && *profile->name);
        ESC_ASSERT(profile->kind != ESC_PROFILE_KEYS || profile->keys);
        ESC_ASSERT(esc_profiles_find(profiles, profile->name));
    }
    esc_account_candidates_init(&candidates);
    esc_profiles_discover(profiles, &candidates);
    ESC_ASSERT(candidates.count <= esc_profiles_count(profiles));
    esc_list_done(&candidates);
    return 0;
}
