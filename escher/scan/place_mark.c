/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The mark of a place: one digest of every question that was put there and of what was answered, so
 * that equal marks are equal places. Which answer came first says nothing, so the digests of the
 * calls stand in their own order. What is global has its tags from the regions: what told those is
 * in its mark, too.
 */

#include <stdlib.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/num.h"
#include "escher/scan/walk_private.h"

enum {
    SHORT_TEXT = 33 /* hex digits of half a digest, and the NUL */
};

void walk_marks_done(struct walk_marks *marks)
{
    free(marks->each);
    *marks = (struct walk_marks){0};
}

static void add(struct walk_marks *marks, const uint8_t mark[ESC_SHA256_SIZE])
{
    if (marks->count == marks->capacity) {
        marks->capacity = 2 * marks->capacity + 32;
        marks->each = esc_realloc_array(marks->each, marks->capacity, sizeof *marks->each);
    }
    memcpy(marks->each[marks->count++], mark, ESC_SHA256_SIZE);
}

static void add_text(struct esc_digest *digest, const char *text)
{
    esc_digest_add_sized(digest, esc_str_of(text));
}

static void add_number(struct esc_digest *digest, unsigned number)
{
    esc_digest_add(digest, (struct esc_str){(const char *)&number, sizeof number});
}

static void add_question(struct esc_digest *digest, const struct walk_task *task)
{
    const struct esc_scan_cell *seen = &task->cell->seen;
    ESC_CLEANUP(esc_freep)
    char *params = task->params ? esc_json_print(task->params, ESC_JSON_SORTED) : NULL;
    add_text(digest, seen->service);
    add_text(digest, seen->operation);
    add_text(digest, task->batch.region ? task->batch.region : seen->region);
    add_text(digest, params);
}

static void add_answer(struct esc_digest *digest, const struct esc_scan_answer *answer)
{
    const struct esc_str mark = {(const char *)answer->mark, answer->mark ? ESC_SHA256_SIZE : 0};
    add_number(digest, answer->category);
    add_text(digest, answer->code);
    esc_digest_add_sized(digest, mark);
}

static bool tells_tags(const struct walk_cell *cell)
{
    return cell->step && cell->step->gives_tags && !cell->step->of_type;
}

static void finish(struct esc_digest *digest, char hex[SHORT_TEXT])
{
    uint8_t bytes[ESC_SHA256_SIZE];
    esc_digest_finish(digest, bytes);
    esc_hex(bytes, (SHORT_TEXT - 1) / 2, hex);
}

/* Another scan asks of others. */
static void add_few(const struct walk_task *task, const struct esc_scan_answer *answer,
                    struct esc_digest *digest)
{
    struct walk_place *place = task->cell->place;
    char question[SHORT_TEXT], told[SHORT_TEXT];
    add_question(digest, task);
    finish(digest, question);
    add_answer(digest, answer);
    finish(digest, told);
    if (!place->few)
        place->few = esc_json_object();
    esc_json_set_text(place->few, question, told);
}

static void add_usual(const struct walk_task *task, const struct esc_scan_answer *answer,
                      struct esc_digest *digest)
{
    struct walk_place *place = task->cell->place;
    uint8_t mark[ESC_SHA256_SIZE];
    add_question(digest, task);
    add_answer(digest, answer);
    esc_digest_finish(digest, mark);
    add(&place->marks, mark);
    if (tells_tags(task->cell))
        add(&place->account->tag_marks, mark);
}

void walk_mark_answer(const struct walk_task *task, const struct esc_scan_answer *answer)
{
    const struct walk_cell *cell = task->cell;
    if (!answer || (!answer->mark && answer->category == ESC_CATEGORY_NONE)) {
        cell->place->marks.unknown = true;
        cell->place->account->tag_marks.unknown |= tells_tags(cell);
        return;
    }
    ESC_CLEANUP(esc_digest_freep) struct esc_digest *digest = esc_digest_new();
    if (cell->step && cell->step->most_usual)
        add_few(task, answer, digest);
    else
        add_usual(task, answer, digest);
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, ESC_SHA256_SIZE);
}

static void add_all(struct esc_digest *digest, const struct walk_marks *marks)
{
    if (marks->count > 0)
        qsort(marks->each, marks->count, sizeof *marks->each, by_bytes);
    esc_digest_add_sized(
        digest, (struct esc_str){(const char *)marks->each, marks->count * sizeof *marks->each});
}

bool walk_mark_of(struct walk_place *place, uint8_t out[ESC_SHA256_SIZE])
{
    const struct walk_marks *tags = &place->account->tag_marks;
    if (place->marks.unknown || (place->global && tags->unknown))
        return false;
    ESC_CLEANUP(esc_digest_freep) struct esc_digest *digest = esc_digest_new();
    add_all(digest, &place->marks);
    if (place->global)
        add_all(digest, tags);
    esc_digest_finish(digest, out);
    return true;
}
