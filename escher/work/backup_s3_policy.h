/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a bucket needs so that whoever takes over this machine cannot take the backups with it:
 * two policies for two roles, a lifecycle rule, Object Lock, and the commands that set them up.
 *
 *     writer    puts new backups, lists, looks what protects them; cannot read, replace, delete
 *     restorer  lists and reads, versions too; cannot write or delete
 *
 * @source Amazon S3 User Guide, "Enforce conditional writes on Amazon S3 buckets", "Setting
 *         lifecycle configuration", "Using S3 Object Lock"; Service Authorization Reference, S3
 */

#include "escher/base/json.h"

enum {
    BACKUP_S3_DAYS = 30 /* that a backup stays */
};

/** {"writer", "restorer", "lifecycle", "object_lock", "commands": [text]}; @p prefix is "" or ends
 *  with a slash, @p region may be NULL. Owned by the caller. */
struct esc_json *backup_s3_policy(const char *bucket, const char *prefix, const char *region);
