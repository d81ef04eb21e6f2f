/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Pages of a store are zeroed or have bits flipped: whatever does not stand on them comes back, in a
 * store that opens and is whole, and nothing in it is other than it was written.
 */

#include <fcntl.h>
#include <unistd.h>

#include "escher/crypt/digest.h"
#include "escher/store/anchor.h"
#include "escher/store/audit.h"
#include "escher/store/collections_private.h"
#include "escher/store/document.h"
#include "escher/store/loose_private.h"
#include "escher/store/salvage.h"
#include "escher/store/whole.h"
#include "tests/store/support.h"

enum {
    TRIALS = 40,
    RESOURCES = 300,
    SECTOR = 4096,
};

struct patient {
    struct box box;
    struct esc_random_seeded random;
    struct esc_buf whole;
    struct esc_map *written; /* "collection/name" to the hash of its parts */
    size_t pages, *rows_on;  /* by page */
};

static char *name_of(const char *collection, const struct row *row)
{
    return esc_sprintf("%s/%.*s", collection, ESC_STR_ARG(row->parts[0]));
}

static char *hash_of(const struct row *row)
{
    uint8_t hash[ESC_SHA256_SIZE];
    char *text = esc_alloc(ESC_SHA256_TEXT);
    ESC_CLEANUP(esc_digest_freep) struct esc_digest *digest = esc_digest_new();
    for (size_t i = 0; i < row->part_count; i++)
        esc_digest_add_sized(digest, row->parts[i]);
    esc_digest_finish(digest, hash);
    esc_hex(hash, sizeof hash, text);
    return text;
}

static enum esc_status note_row(void *context, const char *collection, const struct row *row,
                                bool *, struct esc_error *)
{
    struct patient *patient = context;
    ESC_CLEANUP(esc_freep) char *name = name_of(collection, row);
    esc_map_set(patient->written, esc_str_of(name), hash_of(row));
    return ESC_OK;
}

struct comparison {
    struct patient *patient;
    size_t same;
};

/* The head of the trail goes on with the records of the salvage itself. */
static enum esc_status compare_row(void *context, const char *collection, const struct row *row,
                                   bool *, struct esc_error *)
{
    struct comparison *comparison = context;
    ESC_CLEANUP(esc_freep) char *name = name_of(collection, row);
    ESC_CLEANUP(esc_freep) char *hash = hash_of(row);
    const char *written = esc_map_get(comparison->patient->written, esc_str_of(name));
    if (strncmp(collection, "audit", 5) == 0 && (!written || strcmp(written, hash) != 0)) {
        comparison->same += written != NULL;
        return ESC_OK;
    }
    assert_non_null(written);
    assert_string_equal(written, hash);
    comparison->same++;
    return ESC_OK;
}

static void count_on_page(void *context, const struct loose_row *row)
{
    struct patient *patient = context;
    assert_in_range(row->page, 1, patient->pages);
    patient->rows_on[row->page] += row->n != 0 && row->count == 8; /* of the table of rows */
}

static void write_all(struct box *box)
{
    ESC_CLEANUP(esc_freep) char *text = esc_alloc_zero(20'001);
    memset(text, 'x', 20'000); /* over three pages */
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_json_text(text);
    expect_ok(esc_store_begin(box->store, &err));
    for (int i = 0; i < RESOURCES; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "db-%d", i);
        (void)put_resource(box, name, "available", NULL);
    }
    for (int i = 0; i < 4; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "long-%d", i);
        expect_ok(esc_store_doc_put(box->store, "settings", key, json, &err));
    }
    for (int i = 0; i < 20; i++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *event = esc_json_object();
        expect_ok(esc_store_audit_append(box->store, event, NULL, &err));
    }
    expect_ok(esc_store_commit(box->store, &err));
}

static void patient_init(struct patient *patient)
{
    struct esc_store_tally tally;
    struct esc_anchor anchor;
    *patient = (struct patient){.written = esc_map_new(free)};
    esc_random_seeded_init(&patient->random, test_seed(11));
    box_init(&patient->box);
    patient->box.options.anchor = true;
    expect_ok(box_try(&patient->box));
    write_all(&patient->box);
    expect_ok(collections_open_all(patient->box.store, note_row, patient, &tally, &err));
    expect_ok(esc_store_anchor_take(patient->box.store, &anchor, &err));
    expect_ok(esc_anchor_put(patient->box.keyring, &anchor, &err));
    box_shut(&patient->box);
    patient->whole = file_bytes(&patient->box, "");
    patient->pages = patient->whole.len / LOOSE_PAGE;
    patient->rows_on = esc_alloc_zero((patient->pages + 1) * sizeof *patient->rows_on);
    loose_rows(esc_buf_str(&patient->whole), count_on_page, patient);
}

static void patient_done(struct patient *patient)
{
    esc_buf_done(&patient->whole);
    esc_map_free(patient->written);
    free(patient->rows_on);
    box_done(&patient->box);
}

static void put_file(const struct patient *patient)
{
    int fd = open(patient->box.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    expect_ok(esc_file_write_fd(fd, esc_buf_str(&patient->whole), &err));
    esc_fd_close(&fd);
}

/* What was salvaged opens, is whole, and has nothing that was not written; how much of it. */
static size_t examine(struct patient *patient, const struct esc_salvaged *salvaged)
{
    struct esc_store_tally tally;
    struct comparison comparison = {.patient = patient};
    expect_ok(box_try(&patient->box));
    expect_ok(esc_store_check(patient->box.store, NULL, &err));
    expect_ok(collections_open_all(patient->box.store, compare_row, &comparison, &tally, &err));
    assert_int_equal(0, tally.corrupt);
    box_shut(&patient->box);
    ESC_CLEANUP(esc_freep) char *folder = esc_path_folder(patient->box.path);
    ESC_CLEANUP(esc_freep) char *aside = esc_path_join(folder, salvaged->aside);
    assert_true(esc_file_exists(aside));
    expect_ok(esc_file_remove(aside, &err));
    return comparison.same;
}

static void a_store_without_damage_comes_back_whole(void **)
{
    struct patient patient;
    struct esc_salvaged salvaged;
    patient_init(&patient);
    expect_ok(esc_store_salvage(&patient.box.options, &salvaged, &err));
    assert_int_equal(esc_map_count(patient.written), salvaged.kept);
    assert_int_equal(0, salvaged.damaged + salvaged.missing);
    assert_true(salvaged.knows_missing);
    assert_int_equal(esc_map_count(patient.written), examine(&patient, &salvaged));
    expect_ok(box_try(&patient.box));
    expect_ok(esc_store_audit_verify(patient.box.store, NULL, &err));
    esc_json_free(salvaged.collections);
    patient_done(&patient);
}

/* Without its head the trail could not go on: it is made anew from the last record there is. */
static void a_trail_whose_head_is_lost_goes_on_after_its_gap(void **)
{
    struct patient patient;
    struct esc_salvaged salvaged;
    struct esc_audit_report report;
    struct db *db = NULL;
    patient_init(&patient);
    expect_ok(db_open(patient.box.path, DB_OPEN, &db, &err));
    /* the head is the second row of the trail; the sixth is its record 5 */
    expect_ok(
        db_run(db,
               "UPDATE rows SET sealed = zeroblob(length(sealed)) WHERE tag = (SELECT tag FROM"
               " rows ORDER BY n DESC LIMIT 1) AND n % 5 = 0;"
               "DELETE FROM rows WHERE tag IN (SELECT tag FROM rows GROUP BY tag HAVING"
               " count(*) = 1)",
               &err));
    db_close(db);
    expect_ok(esc_store_salvage(&patient.box.options, &salvaged, &err));
    esc_json_free(salvaged.collections);
    expect_ok(box_try(&patient.box));
    expect_status(ESC_CORRUPT, esc_store_audit_verify(patient.box.store, &report, &err));
    assert_in_range(report.first_bad, 1, 5);
    assert_in_range(report.records, 20, 23); /* with those of the salvage */
    ESC_CLEANUP(esc_json_freep) struct esc_json *event = esc_json_object();
    uint64_t seq = 0;
    expect_ok(esc_store_audit_append(patient.box.store, event, &seq, &err));
    assert_int_equal(report.records + 1, seq);
    expect_ok(esc_store_check(patient.box.store, NULL, &err));
    patient_done(&patient);
}

/* The file is not touched by what it costs to look at it. */
static void what_cannot_be_salvaged_stays_where_it_was(void **)
{
    struct patient patient;
    struct esc_salvaged salvaged;
    patient_init(&patient);
    memset(patient.whole.ptr, 0, patient.whole.len);
    put_file(&patient);
    struct picture before = picture_take(&patient.box);
    expect_status(ESC_CORRUPT, esc_store_salvage(&patient.box.options, &salvaged, &err));
    expect_unchanged(&patient.box, &before);
    picture_done(&before);
    patient_done(&patient);
}

struct harm {
    size_t lost, touched, refused, untouched;
};

/* Salvages the damaged file; rows on pages that were not hit come back. */
static void treat(struct patient *patient, size_t page, struct harm *harm)
{
    struct esc_salvaged salvaged;
    put_file(patient);
    const enum esc_status status = esc_store_salvage(&patient->box.options, &salvaged, &err);
    const size_t all = esc_map_count(patient->written);
    harm->touched += patient->rows_on[page];
    harm->untouched += all;
    if (status != ESC_OK) {
        assert_int_equal(ESC_CORRUPT, status); /* what opens the rows stood there */
        harm->refused++;
        harm->untouched -= all;
        harm->touched -= patient->rows_on[page];
        return;
    }
    const size_t same = examine(patient, &salvaged);
    harm->lost += all - same;
    assert_true(salvaged.kept + 1 >= same); /* a head of the trail that was made anew */
    assert_true(same == all || salvaged.damaged + salvaged.missing > 0 || !salvaged.knows_missing);
    esc_json_free(salvaged.collections);
}

static void tell(const char *what, const struct harm *harm, int trials)
{
    const size_t untouched = harm->untouched - harm->touched;
    const size_t gone = harm->lost > harm->touched ? harm->lost - harm->touched : 0;
    print_message("# %d %s: %zu rows stood there, %zu are lost; %.2f %% of the others came back;"
                  " %zu stores are past help\n",
                  trials, what, harm->touched, harm->lost,
                  100.0 * (double)(untouched - gone) / (double)untouched, harm->refused);
    assert_true((double)gone <= 0.01 * (double)untouched);
    assert_in_range(harm->refused, 0, (unsigned)trials / 5);
}

static void a_zeroed_page_costs_the_rows_on_it(void **)
{
    struct patient patient;
    struct harm harm = {0};
    const int trials = test_rounds(TRIALS);
    patient_init(&patient);
    for (int i = 0; i < trials; i++) {
        char kept[SECTOR];
        const size_t at =
            SECTOR * (size_t)esc_random_below(&patient.random.random, patient.whole.len / SECTOR);
        memcpy(kept, patient.whole.ptr + at, SECTOR);
        memset(patient.whole.ptr + at, 0, SECTOR);
        treat(&patient, at / LOOSE_PAGE + 1, &harm);
        memcpy(patient.whole.ptr + at, kept, SECTOR);
    }
    tell("zeroed sectors", &harm, trials);
    patient_done(&patient);
}

static void a_flipped_bit_costs_a_row_or_its_page(void **)
{
    struct patient patient;
    struct harm harm = {0};
    const int trials = test_rounds(TRIALS);
    patient_init(&patient);
    for (int i = 0; i < trials; i++) {
        const size_t bit = (size_t)esc_random_below(&patient.random.random, patient.whole.len * 8);
        patient.whole.ptr[bit / 8] ^= (char)(1 << (bit % 8));
        treat(&patient, bit / 8 / LOOSE_PAGE + 1, &harm);
        patient.whole.ptr[bit / 8] ^= (char)(1 << (bit % 8));
    }
    tell("flipped bits", &harm, trials);
    patient_done(&patient);
}

/* Whatever the bytes say, reading them ends and stays inside. */
static void noise_is_read_without_harm(void **)
{
    struct patient patient;
    patient_init(&patient);
    for (int round = 0; round < test_rounds(20); round++) {
        ESC_CLEANUP(esc_freep) char *noise = esc_alloc_zero(patient.whole.len);
        memcpy(noise, patient.whole.ptr, patient.whole.len);
        for (size_t i = 0; i < patient.whole.len / 50; i++) {
            const uint64_t at = esc_random_below(&patient.random.random, patient.whole.len);
            noise[at] = (char)esc_random_below(&patient.random.random, 256);
        }
        memset(patient.rows_on, 0, (patient.pages + 1) * sizeof *patient.rows_on);
        loose_rows((struct esc_str){noise, patient.whole.len}, count_on_page, &patient);
    }
    patient_done(&patient);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_store_without_damage_comes_back_whole),
        cmocka_unit_test(a_trail_whose_head_is_lost_goes_on_after_its_gap),
        cmocka_unit_test(what_cannot_be_salvaged_stays_where_it_was),
        cmocka_unit_test(a_zeroed_page_costs_the_rows_on_it),
        cmocka_unit_test(a_flipped_bit_costs_a_row_or_its_page),
        cmocka_unit_test(noise_is_read_without_harm),
    };
    return cmocka_run_group_tests_name("store/salvage", tests, NULL, NULL);
}
