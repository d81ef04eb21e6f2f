/* SPDX-License-Identifier: Apache-2.0 */

/* Whoever keeps the backups is not trusted: whatever is done to a file is found before anything is
 * restored from it. */

#include "escher/base/num.h"
#include "escher/crypt/frames.h"
#include "tests/store/backup_support.h"

enum {
    MUTATIONS = 240,
    FIXED = 9, /* before the page of the head */
};

/* Three backups: two of a store, and one of another. */
struct shelf {
    struct box box, other;
    char *path;
    struct esc_buf first, second, foreign;
    struct esc_random_seeded random;
};

static struct esc_buf read_all(const char *path)
{
    struct esc_buf bytes;
    esc_buf_init(&bytes, ESC_MAX_FILE);
    expect_ok(esc_file_read(path, &bytes, &err));
    return bytes;
}

static struct esc_buf backup_of(struct box *box)
{
    ESC_CLEANUP(esc_freep) char *path = back_up(box, "one.escb", NULL);
    return read_all(path);
}

static void shelf_init(struct shelf *shelf)
{
    esc_random_seeded_init(&shelf->random, test_seed(77));
    box_open(&shelf->box);
    box_open(&shelf->other);
    fill_box(&shelf->box, 40);
    fill_box(&shelf->other, 5);
    shelf->path = in_box(&shelf->box, "spoilt.escb");
    shelf->first = backup_of(&shelf->box);
    put_resource(&shelf->box, "later", "available", NULL);
    shelf->second = backup_of(&shelf->box);
    shelf->foreign = backup_of(&shelf->other);
}

static void shelf_done(struct shelf *shelf)
{
    box_done(&shelf->box);
    box_done(&shelf->other);
    esc_buf_done(&shelf->first);
    esc_buf_done(&shelf->second);
    esc_buf_done(&shelf->foreign);
    free(shelf->path);
}

static uint64_t below(struct shelf *shelf, uint64_t bound)
{
    return esc_random_below(&shelf->random.random, bound);
}

static size_t head_len(struct esc_str file)
{
    return FIXED + esc_load_u32(file.ptr + 5);
}

/* The frame that begins at @p at, with its length; empty at the end. */
static struct esc_str frame_at(struct esc_str file, size_t at)
{
    return at + 4 > file.len ? (struct esc_str){0}
                             : esc_str_slice(file, at, at + 4 + esc_load_u32(file.ptr + at));
}

static size_t frame_count(struct esc_str file)
{
    size_t count = 0;
    for (size_t at = head_len(file) + ESC_FRAMES_HEADER; at < file.len; count++)
        at += frame_at(file, at).len;
    return count;
}

static struct esc_str frame_number(struct esc_str file, size_t number)
{
    size_t at = head_len(file) + ESC_FRAMES_HEADER;
    while (number--)
        at += frame_at(file, at).len;
    return frame_at(file, at);
}

/* Mutations: each appends a file that is not the first one. */

static void flip(struct shelf *shelf, struct esc_str file, struct esc_buf *out)
{
    esc_buf_add(out, file);
    out->ptr[below(shelf, file.len)] ^= (char)(1u << below(shelf, 8));
}

/* Most bytes are in frames; the head is looked at as often. */
static void flip_in_head(struct shelf *shelf, struct esc_str file, struct esc_buf *out)
{
    esc_buf_add(out, file);
    out->ptr[below(shelf, head_len(file) + ESC_FRAMES_HEADER)] ^= (char)(1u << below(shelf, 8));
}

static void cut(struct shelf *shelf, struct esc_str file, struct esc_buf *out)
{
    esc_buf_add(out, esc_str_slice(file, 0, below(shelf, file.len)));
}

static void cut_at_a_frame(struct shelf *shelf, struct esc_str file, struct esc_buf *out)
{
    const struct esc_str frame = frame_number(file, below(shelf, frame_count(file)));
    esc_buf_add(out, esc_str_slice(file, 0, (size_t)(frame.ptr - file.ptr)));
}

static void add_frames(struct shelf *, struct esc_str file, size_t a, size_t b, struct esc_buf *out)
{
    const size_t count = frame_count(file);
    esc_buf_add(out, esc_str_slice(file, 0, head_len(file) + ESC_FRAMES_HEADER));
    for (size_t i = 0; i < count; i++)
        esc_buf_add(out, frame_number(file, i == a ? b : i == b ? a : i));
}

static void swap_frames(struct shelf *shelf, struct esc_str file, struct esc_buf *out)
{
    const size_t count = frame_count(file), a = below(shelf, count);
    add_frames(shelf, file, a, (a + 1 + below(shelf, count - 1)) % count, out);
}

static void drop_a_frame(struct shelf *shelf, struct esc_str file, struct esc_buf *out)
{
    const struct esc_str frame = frame_number(file, below(shelf, frame_count(file)));
    const size_t at = (size_t)(frame.ptr - file.ptr);
    esc_buf_add(out, esc_str_slice(file, 0, at));
    esc_buf_add(out, esc_str_slice(file, at + frame.len, file.len));
}

static void double_a_frame(struct shelf *shelf, struct esc_str file, struct esc_buf *out)
{
    const struct esc_str frame = frame_number(file, below(shelf, frame_count(file)));
    const size_t end = (size_t)(frame.ptr - file.ptr) + frame.len;
    esc_buf_add(out, esc_str_slice(file, 0, end));
    esc_buf_add(out, frame);
    esc_buf_add(out, esc_str_slice(file, end, file.len));
}

/* A frame of the other backup of the same store, in the same place. */
static void take_a_frame(struct shelf *shelf, struct esc_str file, struct esc_buf *out)
{
    const struct esc_str later = esc_buf_str(&shelf->second);
    const size_t number = below(shelf, frame_count(file));
    const struct esc_str frame = frame_number(file, number);
    const size_t at = (size_t)(frame.ptr - file.ptr);
    esc_buf_add(out, esc_str_slice(file, 0, at));
    esc_buf_add(out, frame_number(later, number));
    esc_buf_add(out, esc_str_slice(file, at + frame.len, file.len));
}

/* An older backup under the head of a newer one, and the reverse. */
static void exchange_heads(struct shelf *shelf, struct esc_str file, struct esc_buf *out)
{
    const struct esc_str later = esc_buf_str(&shelf->second);
    const bool which = below(shelf, 2) == 0;
    const struct esc_str head = which ? later : file, body = which ? file : later;
    esc_buf_add(out, esc_str_slice(head, 0, head_len(head)));
    esc_buf_add(out, esc_str_slice(body, head_len(body), body.len));
}

static void add_bytes(struct shelf *shelf, struct esc_str file, struct esc_buf *out)
{
    esc_buf_add(out, file);
    for (uint64_t i = 1 + below(shelf, 40); i > 0; i--)
        esc_buf_add_char(out, (char)below(shelf, 256));
}

/* A head that tells another time, size or number, as an attacker would write it. */
static void edit_head(struct shelf *shelf, struct esc_str file, struct esc_buf *out)
{
    static const char *const numbers[] = {"made_at_ms", "plain_size", "kek", "store_format"};
    const char *name = numbers[below(shelf, ESC_COUNT(numbers))];
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = NULL;
    expect_ok(esc_json_parse(esc_str_slice(file, FIXED, head_len(file)), NULL, &page, &err));
    esc_json_set_int(page, name, esc_json_num(page, name, 0) + (below(shelf, 2) ? 1 : -1));
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(page, ESC_JSON_COMPACT);
    char len[4];
    esc_store_u32(len, (uint32_t)strlen(text));
    esc_buf_add(out, esc_str_slice(file, 0, 5));
    esc_buf_append(out, len, sizeof len);
    esc_buf_add_text(out, text);
    esc_buf_add(out, esc_str_slice(file, head_len(file), file.len));
}

static void another_store(struct shelf *shelf, struct esc_str, struct esc_buf *out)
{
    esc_buf_add(out, esc_buf_str(&shelf->foreign));
}

static void noise(struct shelf *shelf, struct esc_str file, struct esc_buf *out)
{
    const size_t at = below(shelf, file.len), len = 1 + below(shelf, 5000);
    esc_buf_add(out, file);
    for (size_t i = at; i < at + len && i < out->len; i++)
        out->ptr[i] = (char)~out->ptr[i];
}

static const struct {
    const char *name;
    void (*apply)(struct shelf *shelf, struct esc_str file, struct esc_buf *out);
} mutations[] = {
    {"a bit is flipped", flip},
    {"a bit of the head is flipped", flip_in_head},
    {"it is cut", cut},
    {"it is cut between two frames", cut_at_a_frame},
    {"two frames are exchanged", swap_frames},
    {"a frame is left out", drop_a_frame},
    {"a frame is doubled", double_a_frame},
    {"a frame is of another backup", take_a_frame},
    {"head and body are of two backups", exchange_heads},
    {"bytes are added", add_bytes},
    {"the head is edited", edit_head},
    {"it is of another store", another_store},
    {"a part is noise", noise},
};

static void whatever_is_done_to_a_backup_is_found(void **)
{
    struct shelf shelf;
    struct esc_backup_facts facts;
    shelf_init(&shelf);
    for (int i = 0; i < test_rounds(MUTATIONS); i++) {
        const size_t kind = (size_t)i % ESC_COUNT(mutations);
        struct esc_buf spoilt;
        esc_buf_init(&spoilt, ESC_MAX_FILE);
        mutations[kind].apply(&shelf, esc_buf_str(&shelf.first), &spoilt);
        assert_false(esc_str_equal(esc_buf_str(&spoilt), esc_buf_str(&shelf.first)));
        expect_ok(esc_file_replace(shelf.path, esc_buf_str(&spoilt), 0600, &err));
        const enum esc_status status = check_backup(&shelf.box, shelf.path, &facts);
        if (status != ESC_CORRUPT && status != ESC_CONFLICT) {
            print_error("mutation %d, %s: %s\n", i, mutations[kind].name, esc_status_text(status));
            fail();
        }
        assert_null(strchr(err.message, '\n'));
        esc_buf_done(&spoilt);
    }
    shelf_done(&shelf);
}

/* The test of the test: what is as it was is well. */
static void what_is_left_alone_is_well(void **)
{
    struct shelf shelf;
    struct esc_backup_facts facts;
    shelf_init(&shelf);
    expect_ok(esc_file_replace(shelf.path, esc_buf_str(&shelf.first), 0600, &err));
    expect_ok(check_backup(&shelf.box, shelf.path, &facts));
    assert_true(frame_count(esc_buf_str(&shelf.first)) >= 3);
    shelf_done(&shelf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_is_done_to_a_backup_is_found),
        cmocka_unit_test(what_is_left_alone_is_well),
    };
    return cmocka_run_group_tests_name("store/backup_mutation", tests, NULL, NULL);
}
