/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/ballast.h"

#include "escher/work/work_private.h"

void work_ballast_describe(const struct esc_workbench *bench, struct esc_buf *out, bool *is_well)
{
    const enum esc_ballast_state state = esc_store_ballast_state(bench->store);
    *is_well = state == ESC_BALLAST_READY;
    switch (state) {
    case ESC_BALLAST_READY:
        esc_buf_printf(out, "%d MiB are kept for the audit trail",
                       ESC_BALLAST_SIZE / (1024 * 1024));
        break;
    case ESC_BALLAST_SPENT:
        esc_buf_add_text(out, "the disk was full: what was kept for the audit trail is in use");
        break;
    case ESC_BALLAST_MISSING:
    case ESC_BALLAST_OFF:
        esc_buf_add_text(out, "nothing could be kept for the audit trail: the disk is nearly full");
        break;
    }
}
