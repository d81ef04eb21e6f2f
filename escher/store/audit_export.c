/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/audit_private.h"

#include <string.h>

#include "escher/base/num.h"

/* The trail as it is, for somebody who checks it with other means: damage is handed on, not judged. */

static bool hand_line(const struct row *row, uint64_t seq, esc_audit_line_fn *fn, void *context)
{
    char hash[ESC_SHA256_TEXT], mac[ESC_SHA256_TEXT];
    esc_hex(row->parts[2].ptr, HASH_SIZE, hash);
    esc_hex(row->parts[3].ptr, HASH_SIZE, mac);
    const struct esc_audit_line line = {
        .seq = seq, .record = row->parts[1], .hash = hash, .mac = mac};
    return fn(context, &line);
}

enum esc_status esc_store_audit_lines(struct esc_store *store, uint64_t from, uint64_t most,
                                      esc_audit_line_fn *fn, void *context, struct esc_error *err)
{
    struct row row;
    struct esc_error why;
    uint64_t last = 0;
    bool go_on = true;
    enum esc_status status = audit_count(store, &last, err);
    row_init(&row);
    for (uint64_t seq = from ? from : 1; status == ESC_OK && go_on && seq <= last && most; seq++) {
        status = audit_record(store, seq, &row, &why);
        const struct esc_audit_line damaged = {.seq = seq, .damage = why.message};
        most--;
        if (status == ESC_OK) {
            go_on = hand_line(&row, seq, fn, context);
        } else if (status == ESC_CORRUPT || status == ESC_NOT_FOUND) {
            go_on = fn(context, &damaged);
            status = ESC_OK;
        } else {
            status = esc_fail(err, status, "%s", why.message);
        }
    }
    row_done(&row);
    return status;
}

enum esc_status esc_store_audit_key(struct esc_store *store, struct esc_secret **out,
                                    struct esc_error *err)
{
    struct chain start = {0};
    enum esc_status status = audit_start(store, &start, err);
    if (status == ESC_OK)
        *out = ESC_STEAL(start.key);
    chain_done(&start);
    return status;
}
