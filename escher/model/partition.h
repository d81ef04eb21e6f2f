/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A partition: a part of the cloud with regions, accounts, addresses and ARNs of its own. Nothing
 * leads from one into another: keys count in theirs only.
 *
 *     aws           us-east-1 ...          arn:aws:...
 *     aws-cn        cn-north-1 ...         arn:aws-cn:...
 *     aws-us-gov    us-gov-west-1 ...      arn:aws-us-gov:...
 *
 * The others (the European sovereign cloud, those of the secret services) are known by name and
 * refused: their addresses are not in our tables.
 *
 * Ownership  results are static.
 * Threads    any.
 * @source botocore, data/endpoints.json: partitions and their regionRegex
 */

#include "escher/base/error.h"
#include "escher/base/str.h"

/** Whether it looks like a region's name: us-west-2. Which there are, each account knows by itself. */
bool esc_region_is_likely(struct esc_str name);
/** By a region's name: "aws-us-gov"; "aws" for any that looks like no other's. */
ESC_RETURNS_NONNULL const char *esc_partition_of_region(struct esc_str region);
/** By an ARN; NULL when it is none, or its partition is not known here. */
const char *esc_partition_of_arn(struct esc_str arn);
/** Where what has no region of its own is asked: "us-gov-west-1"; NULL: of a refused one. */
const char *esc_partition_main_region(const char *partition);
/** @errors ESC_INVALID: Escher does not work there. */
enum esc_status esc_partition_check(const char *partition, struct esc_error *err);
