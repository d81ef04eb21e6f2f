/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Where a service of AWS is, and for which region its requests are signed. Pure.
 *
 *     regional   https://PREFIX.REGION.SUFFIX            signed for REGION
 *     global     the partition's one address             signed for the partition's main region
 *     S3         https://BUCKET.s3.REGION.SUFFIX         but https://s3.REGION.SUFFIX/BUCKET for
 *                                                        names with dots, which no certificate fits
 *     emulator   its endpoint_url for everything         buckets in the path
 *
 * The partition (model/partition.h) follows from the region's name, the suffix from that.
 */

#include <stdbool.h>

#include "escher/base/buf.h"
#include "escher/base/error.h"
#include "escher/base/str.h"

enum {
    ESC_REGION_TEXT = 33
};

struct esc_endpoint_ask {
    const char *prefix;       /* of the service's model: "ec2", "monitoring", "s3" */
    const char *region;       /* NULL: us-east-1 */
    const char *endpoint_url; /* an emulator's; NULL: the cloud's own */
    const char *bucket;       /* of S3; NULL: the service itself */
};

struct esc_endpoint {
    char region[ESC_REGION_TEXT]; /* to sign for */
    bool bucket_in_host;          /* so that it does not stand in the path */
};

/**
 * Appends scheme and host, without a slash at the end, to @p url.
 * @errors ESC_INVALID: no name of a region, one of a partition where we do not work, or no such
 *         service in its partition.
 */
enum esc_status esc_endpoint_make(const struct esc_endpoint_ask *ask, struct esc_buf *url,
                                  struct esc_endpoint *out, struct esc_error *err);

/** Whether the partition of the region has the service at all.
 *  @errors ESC_INVALID: it has not, or we do not work there. */
enum esc_status esc_endpoint_check(const char *prefix, const char *region, struct esc_error *err);
/** Lower-case letters, digits and dashes, as a region is part of a host's name. */
bool esc_region_is_valid(struct esc_str region);
