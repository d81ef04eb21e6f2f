/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Somebody puts older files in the place of the store's: as long as the keyring has the anchor, it
 * is found. And the anchor never stands in the way of a store that was only killed, nor of one
 * whose keyring does not answer for it.
 */

#include <fcntl.h>

#include "escher/store/anchor.h"
#include "escher/store/audit.h"
#include "escher/store/document.h"
#include "escher/store/store_private.h"
#include "escher/store/whole.h"
#include "tests/store/support.h"

enum {
    TRIALS = 100,
    MOMENTS = 12,
};

static void box_with_anchor(struct box *box)
{
    box_init(box);
    box->options.anchor = true;
    expect_ok(box_try(box));
}

static void put_number(struct box *box, int number)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_json_object();
    esc_json_set_int(json, "number", number);
    expect_ok(esc_store_doc_put(box->store, "settings", "number", json, &err));
}

static void append(struct box *box)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *event = esc_json_object();
    esc_json_set_text(event, "kind", "test");
    esc_clock_fixed_advance(&box->clock, 1);
    expect_ok(esc_store_audit_append(box->store, event, NULL, &err));
}

static void drop_anchor(struct box *box)
{
    struct esc_anchor anchor;
    expect_ok(esc_store_anchor_take(box->store, &anchor, &err));
    expect_ok(esc_anchor_put(box->keyring, &anchor, &err));
    esc_store_anchor_note(box->store, &anchor);
}

static void expect_state(const struct box *box, enum esc_anchor_state state)
{
    assert_int_equal(state, esc_store_anchor_state(box->store));
}

/* The file of the store as it is; it must be shut. */
static void put_file(const char *path, const struct esc_buf *bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    expect_ok(esc_file_write_fd(fd, esc_buf_str(bytes), &err));
    esc_fd_close(&fd);
}

static void a_store_goes_on_from_its_anchor(void **)
{
    struct box box;
    box_with_anchor(&box);
    expect_state(&box, ESC_ANCHOR_MISSING);
    drop_anchor(&box);
    expect_state(&box, ESC_ANCHOR_FITS);
    append(&box);
    expect_state(&box, ESC_ANCHOR_BEHIND);
    box_reopen(&box); /* as after a kill */
    expect_state(&box, ESC_ANCHOR_BEHIND);
    drop_anchor(&box);
    box_reopen(&box);
    expect_state(&box, ESC_ANCHOR_FITS);
    box_done(&box);
}

static void opening_never_puts_an_anchor(void **)
{
    struct box box;
    box_with_anchor(&box);
    drop_anchor(&box);
    append(&box);
    const unsigned puts = box.told.puts;
    box_reopen(&box);
    box_shut(&box);
    assert_int_equal(puts, box.told.puts);
    expect_ok(box_try(&box));
    box_done(&box);
}

/* Stores of that format had no anchor: this one is from before the anchor. */
static void a_copy_of_an_older_format_is_refused_as_it_is(void **)
{
    struct box box;
    struct db *db = NULL;
    box_with_anchor(&box);
    put_number(&box, 1);
    drop_anchor(&box);
    box_shut(&box);
    expect_ok(db_open(box.path, DB_OPEN, &db, &err));
    expect_ok(db_run(db, "PRAGMA user_version = 1", &err));
    db_close(db);
    struct picture before = picture_take(&box);
    expect_status(ESC_CORRUPT, box_try(&box));
    expect_contains("it has format 1", err.message);
    expect_unchanged(&box, &before);
    picture_done(&before);
    box_done(&box);
}

static void an_older_copy_is_refused_until_it_is_accepted(void **)
{
    struct box box;
    struct esc_audit_report report;
    box_with_anchor(&box);
    append(&box);
    put_number(&box, 1);
    drop_anchor(&box);
    box_shut(&box);
    struct esc_buf older = file_bytes(&box, "");
    expect_ok(box_try(&box));
    put_number(&box, 2);
    drop_anchor(&box);
    box_shut(&box);
    put_file(box.path, &older);
    struct picture before = picture_take(&box);
    expect_status(ESC_CORRUPT, box_try(&box));
    expect_contains("older than the last one seen", err.message);
    expect_contains("escher audit accept", err.message);
    expect_unchanged(&box, &before);
    expect_ok(esc_store_anchor_accept(&box.options, &err));
    expect_ok(box_try(&box));
    expect_state(&box, ESC_ANCHOR_FITS);
    expect_ok(esc_store_audit_verify(box.store, &report, &err));
    assert_int_equal(2, report.records); /* the acceptance is on record */
    picture_done(&before);
    esc_buf_done(&older);
    box_done(&box);
}

/* Two lives of one copy: the one that was given up may have the higher number. */
static void a_copy_that_lived_on_elsewhere_is_refused(void **)
{
    struct box box;
    box_with_anchor(&box);
    append(&box);
    box_shut(&box);
    struct esc_buf fork = file_bytes(&box, "");
    expect_ok(box_try(&box));
    for (int i = 0; i < 20; i++)
        append(&box);
    box_shut(&box);
    struct esc_buf given_up = file_bytes(&box, "");
    put_file(box.path, &fork);
    expect_ok(box_try(&box));
    append(&box);
    append(&box);
    drop_anchor(&box);
    box_shut(&box);
    put_file(box.path, &given_up);
    expect_status(ESC_CORRUPT, box_try(&box));
    expect_contains("audit record 3 is another", err.message);
    esc_buf_done(&fork);
    esc_buf_done(&given_up);
    box_done(&box);
}

static void a_state_that_was_taken_out_is_refused(void **)
{
    struct box box;
    box_with_anchor(&box);
    append(&box);
    drop_anchor(&box);
    box_shut(&box);
    struct db *db = NULL;
    expect_ok(db_open(box.path, DB_OPEN, &db, &err));
    expect_ok(db_run(db, "DELETE FROM header WHERE name = 'state'", &err));
    db_close(db);
    expect_status(ESC_CORRUPT, box_try(&box));
    expect_ok(esc_store_anchor_accept(&box.options, &err));
    expect_ok(box_try(&box));
    expect_ok(esc_store_check(box.store, NULL, &err));
    box_done(&box);
}

static void what_is_kept_as_the_anchor_is_looked_at(void **)
{
    struct box box, other;
    char item[64];
    struct esc_anchor anchor;
    box_with_anchor(&box);
    append(&box);
    drop_anchor(&box);
    box_with_anchor(&other);
    expect_ok(esc_store_anchor_take(other.store, &anchor, &err));
    expect_ok(esc_anchor_put(box.keyring, &anchor, &err)); /* each store has its own */
    box_reopen(&box);
    expect_state(&box, ESC_ANCHOR_FITS);
    (void)snprintf(item, sizeof item, "anchor %s", esc_store_id(box.store));
    ESC_CLEANUP(esc_secret_freep)
    struct esc_secret *foreign = esc_secret_new(anchor.bytes, sizeof anchor.bytes);
    expect_ok(esc_store_anchor_take(box.store, &anchor, &err));
    anchor.bytes[20] ^= 1;
    expect_ok(esc_anchor_put(box.keyring, &anchor, &err));
    box_shut(&box);
    expect_status(ESC_CORRUPT, box_try(&box));
    expect_contains("the anchor of the store is damaged", err.message);
    expect_ok(esc_keyring_put(box.keyring, item, foreign, &err));
    expect_status(ESC_CORRUPT, box_try(&box));
    box_done(&other);
    box_done(&box);
}

/* A keyring that has the key and not the anchor. */

static struct esc_keyring *inner;

static enum esc_status half_probe(void *, struct esc_error *e)
{
    return esc_keyring_probe(inner, e);
}

static enum esc_status half_get(void *, const char *item, struct esc_secret **out,
                                struct esc_error *e)
{
    if (strcmp(item, "default") != 0)
        return esc_fail(e, ESC_TIMEOUT, "no answer");
    return esc_keyring_get(inner, item, out, e);
}

static enum esc_status half_put(void *, const char *, const struct esc_secret *,
                                struct esc_error *e)
{
    return esc_fail(e, ESC_TIMEOUT, "no answer");
}

static enum esc_status half_del(void *, const char *, struct esc_error *)
{
    return ESC_OK;
}

static void half_describe(void *, struct esc_buf *out)
{
    esc_buf_add_text(out, "half a keyring");
}

static void a_keyring_that_fails_at_the_anchor_stops_nothing(void **)
{
    static const struct esc_keyring_table half = {"memory", half_probe, half_get,
                                                  half_put, half_del,   half_describe};
    struct box box;
    struct esc_anchor anchor;
    box_with_anchor(&box);
    append(&box);
    box_shut(&box);
    inner = box.keyring;
    box.options.keyring = esc_keyring_new(&half, NULL, NULL);
    expect_ok(box_try(&box));
    expect_state(&box, ESC_ANCHOR_UNKNOWN);
    expect_ok(esc_store_anchor_take(box.store, &anchor, &err));
    expect_status(ESC_TIMEOUT, esc_anchor_put(box.options.keyring, &anchor, &err));
    append(&box);
    box_shut(&box);
    esc_keyring_free(box.options.keyring);
    box.options.keyring = box.keyring;
    expect_ok(box_try(&box));
    box_done(&box);
}

/* A keyring that was not asked, or did not answer, may know of more than we have. */
static void what_was_not_compared_is_not_written_over(void **)
{
    struct box box;
    struct esc_anchor anchor;
    box_with_anchor(&box);
    append(&box);
    box_shut(&box);
    struct esc_buf older = file_bytes(&box, "");
    expect_ok(box_try(&box));
    append(&box);
    drop_anchor(&box);
    box_shut(&box);
    box.options.anchor = false; /* as with a recovery code */
    expect_ok(box_try(&box));
    append(&box);
    expect_ok(esc_store_anchor_take(box.store, &anchor, &err));
    expect_status(ESC_CONFLICT, esc_anchor_put(box.keyring, &anchor, &err));
    expect_ok(esc_store_anchor_compare(box.store, &anchor, &err));
    expect_state(&box, ESC_ANCHOR_BEHIND);
    drop_anchor(&box);
    box_shut(&box);
    put_file(box.path, &older);
    expect_ok(box_try(&box));
    for (int i = 0; i < 10; i++)
        append(&box); /* further than the one that was seen */
    expect_ok(esc_store_anchor_take(box.store, &anchor, &err));
    expect_status(ESC_CONFLICT, esc_anchor_put(box.keyring, &anchor, &err));
    expect_status(ESC_CORRUPT, esc_store_anchor_compare(box.store, &anchor, &err));
    expect_state(&box, ESC_ANCHOR_AHEAD);
    box_shut(&box);
    box.options.anchor = true;
    expect_status(ESC_CORRUPT, box_try(&box));
    esc_buf_done(&older);
    box_done(&box);
}

static void an_anchor_whose_record_is_damaged_is_no_reason_to_open(void **)
{
    struct box box;
    box_with_anchor(&box);
    append(&box);
    drop_anchor(&box);
    box_shut(&box);
    struct db *db = NULL;
    expect_ok(db_open(box.path, DB_OPEN, &db, &err));
    expect_ok(db_run(db, "UPDATE rows SET sealed = zeroblob(length(sealed))", &err));
    db_close(db);
    expect_status(ESC_CORRUPT, box_try(&box));
    expect_contains("audit record 1 is damaged", err.message);
    box_done(&box);
}

/* Rollback: files of two moments, put together. */

struct moment {
    struct esc_buf db, log;
    uint64_t sequence;
};

/* A store that lives on, with the files of each moment; it is not shut in between, so that there is
 * a log, which is emptied into the file here and there. */
static void live(struct box *box, struct esc_random_seeded *random, struct moment *moments)
{
    for (size_t i = 0; i < MOMENTS; i++) {
        const uint64_t commits = 1 + esc_random_below(&random->random, 3);
        for (uint64_t k = 0; k < commits; k++)
            put_number(box, (int)(10 * i + k));
        if (esc_random_below(&random->random, 2))
            append(box);
        if (esc_random_below(&random->random, 4) == 0)
            expect_ok(db_scrub(box->store->db, &err));
        moments[i] = (struct moment){file_bytes(box, ""), file_bytes(box, "-wal"),
                                     esc_store_sequence(box->store)};
    }
}

static void put_files(const struct box *box, const struct moment *db, const struct moment *log)
{
    ESC_CLEANUP(esc_freep) char *path = esc_sprintf("%s-wal", box->path);
    put_file(box->path, &db->db);
    if (strcmp(esc_buf_text(&log->log), "(absent)") != 0)
        put_file(path, &log->log);
    else
        expect_ok(esc_file_remove(path, &err));
}

/* Whether what lies there is refused, or found by the whole; else how far it goes. */
static bool is_noticed(struct box *box, uint64_t *sequence)
{
    enum esc_status status = box_try(box);
    if (status == ESC_OK) {
        status = esc_store_check(box->store, NULL, &err);
        *sequence = esc_store_sequence(box->store);
        box_shut(box);
    }
    return status != ESC_OK;
}

static size_t try_rollback(uint64_t seed)
{
    struct box box;
    struct moment moments[MOMENTS];
    struct esc_random_seeded random;
    size_t noticed = 0;
    esc_random_seeded_init(&random, seed);
    box_with_anchor(&box);
    drop_anchor(&box);
    live(&box, &random, moments);
    drop_anchor(&box);
    const uint64_t anchored = esc_store_sequence(box.store);
    put_number(&box, -1);
    const struct moment end = {file_bytes(&box, ""), file_bytes(&box, "-wal"),
                               esc_store_sequence(box.store)};
    box_shut(&box);
    for (size_t i = 0; i < MOMENTS; i++) {
        const struct moment *db = &moments[i];
        const size_t other = (size_t)esc_random_below(&random.random, MOMENTS + 1);
        const struct moment *log = i % 3 == 0 ? db : other < MOMENTS ? &moments[other] : &end;
        uint64_t sequence = 0;
        put_files(&box, db, log);
        const bool is_found = is_noticed(&box, &sequence);
        assert_true(is_found || sequence >= anchored); /* else it is as new as the anchor */
        noticed += is_found;
    }
    put_files(&box, &end, &end);
    expect_ok(box_try(&box));
    box_done(&box);
    for (size_t i = 0; i < MOMENTS; i++) {
        esc_buf_done(&moments[i].db);
        esc_buf_done(&moments[i].log);
    }
    struct moment last = end;
    esc_buf_done(&last.db);
    esc_buf_done(&last.log);
    return noticed;
}

static void files_of_an_earlier_time_in_any_mixture_are_noticed(void **)
{
    const size_t wanted = (size_t)test_rounds(TRIALS);
    size_t noticed = 0;
    for (uint64_t seed = test_seed(1); noticed < wanted; seed++)
        noticed += try_rollback(seed);
    print_message("# %zu mixtures of old files, all noticed\n", noticed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_store_goes_on_from_its_anchor),
        cmocka_unit_test(opening_never_puts_an_anchor),
        cmocka_unit_test(a_copy_of_an_older_format_is_refused_as_it_is),
        cmocka_unit_test(an_older_copy_is_refused_until_it_is_accepted),
        cmocka_unit_test(a_copy_that_lived_on_elsewhere_is_refused),
        cmocka_unit_test(a_state_that_was_taken_out_is_refused),
        cmocka_unit_test(what_is_kept_as_the_anchor_is_looked_at),
        cmocka_unit_test(a_keyring_that_fails_at_the_anchor_stops_nothing),
        cmocka_unit_test(what_was_not_compared_is_not_written_over),
        cmocka_unit_test(an_anchor_whose_record_is_damaged_is_no_reason_to_open),
        cmocka_unit_test(files_of_an_earlier_time_in_any_mixture_are_noticed),
    };
    return cmocka_run_group_tests_name("store/anchor", tests, NULL, NULL);
}
