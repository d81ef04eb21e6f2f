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

#include "escher/base/error.h"
#include "escher/base/json.h"

enum {
    ESC_S3_BACKUP_DAYS = 30 /* that a backup stays */
};

/** {"writer", "restorer", "lifecycle", "object_lock", "commands": [text]}; @p prefix is "" or ends
 *  with a slash, @p region may be NULL. Owned by the caller. */
struct esc_json *esc_s3_backup_policy(const char *bucket, const char *prefix, const char *region);

/** Reads "s3://BUCKET[/PREFIX]"; the prefix comes out as "" or with a slash at its end. Both are
 *  owned by the caller, and need no quotes anywhere. @errors ESC_INVALID. */
enum esc_status esc_s3_read_url(struct esc_str url, char **bucket, char **prefix,
                                struct esc_error *err);
