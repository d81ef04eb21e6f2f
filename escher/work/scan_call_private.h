/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One call of a scan, or of what reads policies, through the one door to the cloud. */

#include "escher/scan/walk.h"
#include "escher/work/work_private.h"

struct work_scan_way {
    struct esc_workbench *bench;
    const struct esc_aws_environment *environment; /* borrowed during the call */
    enum work_transport transport;
};
/** As the `call` of a scan: @p done may get pages first. The handle is for work_cloud_cancel();
 *  NULL: there is nobody to ask, and the answer that says so cannot be stopped. */
void *work_scan_call(const struct work_scan_way *way, const struct esc_scan_call *what,
                     esc_scan_answer_fn *done, void *token);
/** Calls at a time. Of the AWS CLI more than there are cores gain nothing, since each keeps one busy;
 *  our own are paced account by account, so that there must be enough for all of these. */
unsigned work_scan_calls(enum work_transport transport);
/** False where the region's partition has no such service: there is nothing to see, and whoever
 *  names it is told so. */
bool work_scan_is_there(const struct esc_scanner *scanner, const char *region);
