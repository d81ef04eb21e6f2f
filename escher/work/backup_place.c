/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/backup_place.h"

#include <stddef.h>

#include "escher/work/backup_s3.h"

const struct backup_place *const work_backup_places[] = {
    &backup_s3_place,
    NULL,
};
