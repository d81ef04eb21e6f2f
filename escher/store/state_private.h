/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the whole of a store is, in a few bytes, so that rows which were changed, lost, added or
 * brought back past us are noticed although each of them opens.
 *
 *     mark of a row   HMAC(key, table ‖ columns), 16 bytes; of what is sealed its tag and length
 *     total           how many rows all tables have, and all their marks, XORed
 *     sequence        one more with each commit that changes something
 *
 * The header's row `state` is the sequence (8 bytes, clear) and the total, sealed; it is written
 * by the commit whose changes it counts, and is the only row without a mark. Nobody who sees the
 * file sees a mark or a total, so none can be made to fit.
 *
 * SQLite tells what comes and goes (db_watch), whoever writes it. So whatever changes the file
 * once the store is open goes through esc_store_begin and esc_store_commit: another commit is
 * refused.
 *
 * @source Clarke et al., "Incremental Multiset Hash Functions" (2003), MSet-XOR-Hash: XOR is
 *         enough where the sum is secret.
 */

#include <stdbool.h>
#include <stdint.h>

#include "escher/base/error.h"
#include "escher/base/str.h"

struct esc_store;
struct state;

enum {
    MARK_SIZE = 16
};
struct total {
    uint64_t rows;
    uint8_t marks[MARK_SIZE];
};

/** From then on all changes are counted. A store that has no state yet has to adopt what is there.
 *  @errors ESC_CORRUPT: the state does not open. */
enum esc_status state_open(struct esc_store *store, bool *is_there, struct esc_error *err);
void state_close(struct state *state); /* NULL does nothing */
uint64_t state_sequence(const struct state *state);
struct total state_total(const struct state *state);

/** What another state row of this store says; false when it does not open. */
bool state_look(struct esc_store *store, struct esc_str value, struct total *out);

/** Takes what the file holds for what was written: the next commit says so. */
enum esc_status state_adopt(struct esc_store *store, struct esc_error *err);

/* Around transactions. */
void state_after_begin(struct esc_store *store);
enum esc_status state_before_commit(struct esc_store *store, struct esc_error *err);
void state_after_commit(struct esc_store *store);
void state_after_rollback(struct esc_store *store);
/** Whether a commit that failed may be whole in the log; the next commit writes over it. Never of
 *  a store without a state: what failed then was the first one. */
bool state_is_in_doubt(const struct state *state);

/* Counting what is there: rows by their number, up to @p most of them after @p cursor, which
 * moves on; *is_end when these were the last. Then the other tables, which are small. */
struct count {
    struct total total;
    int64_t cursor;
    bool is_broken; /* by a rollback: what was counted is not what is there */
};
enum esc_status state_count_rows(struct esc_store *store, struct count *count, int64_t most,
                                 bool *is_end, struct esc_error *err);
enum esc_status state_count_rest(struct esc_store *store, struct count *count,
                                 struct esc_error *err);
/** While it counts, @p count hears of changes to what it has passed. */
void state_add_count(struct state *state, struct count *count);
void state_remove_count(struct state *state, struct count *count);
