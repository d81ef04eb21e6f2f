/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/str.h"
#include "escher/model/arn.h"
#include "escher/model/partition.h"
#include "tests/fuzz/fuzz.h"

static bool is_within(struct esc_str part, struct esc_str whole)
{
    return part.len == 0 || (part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len);
}

static char *joined(const struct esc_arn *arn)
{
    ESC_CLEANUP(esc_freep) char *partition = esc_str_dup(arn->partition);
    ESC_CLEANUP(esc_freep) char *service = esc_str_dup(arn->service);
    ESC_CLEANUP(esc_freep) char *region = esc_str_dup(arn->region);
    ESC_CLEANUP(esc_freep) char *account = esc_str_dup(arn->account);
    ESC_CLEANUP(esc_freep) char *resource = esc_str_dup(arn->resource);
    return esc_sprintf("arn:%s:%s:%s:%s:%s", partition, service, region, account, resource);
}

/* What is taken for an ARN is made of its parts and of nothing else. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const struct esc_str text = {(const char *)bytes, len};
    struct esc_arn arn;
    ESC_ASSERT(is_within(esc_arn_last(text), text));
    const char *partition = esc_partition_of_arn(text);
    if (!esc_arn_parse(text, &arn)) {
        ESC_ASSERT(!partition);
        return 0;
    }
    ESC_ASSERT(!partition || esc_str_is(arn.partition, partition));
    const struct esc_str kind = esc_arn_kind(&arn), name = esc_arn_name(&arn);
    ESC_ASSERT(arn.resource.len > 0);
    ESC_ASSERT(is_within(kind, arn.resource) && is_within(name, arn.resource));
    ESC_ASSERT(kind.len + name.len <= arn.resource.len);
    if (memchr(bytes, '\0', len))
        return 0; /* such a text cannot be joined again */
    ESC_CLEANUP(esc_freep) char *again = joined(&arn);
    ESC_ASSERT(esc_str_is(text, again));
    return 0;
}
