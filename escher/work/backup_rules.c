/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/backup_rules.h"

#include <stdio.h>
#include <string.h>

#include "escher/base/assert.h"
#include "escher/base/clock.h"
#include "escher/base/id.h"
#include "escher/base/num.h"

#define PREFIX "escher-"
#define SUFFIX ".escb"

enum {
    TIME_LEN = 16, /* "20261121T203000Z" */
    MAX_DOUBLINGS = 5,
};
static const uint64_t hour_ms = UINT64_C(3'600'000);
static const uint64_t day_ms = UINT64_C(86'400'000);
static const uint64_t first_wait_ms = UINT64_C(900'000);
static const uint64_t longest_wait_ms = UINT64_C(21'600'000);

const struct backup_policy backup_policy_local = {.keep_ms = UINT64_C(7) * 86'400'000,
                                                  .keep_newest = 3};

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t wait_after(unsigned failures)
{
    const unsigned doublings = failures - 1 < MAX_DOUBLINGS ? failures - 1 : MAX_DOUBLINGS;
    const uint64_t wait = first_wait_ms << doublings;
    return wait < longest_wait_ms ? wait : longest_wait_ms;
}

uint64_t backup_due_ms(const struct backup_history *history, uint64_t now_ms)
{
    if (history->last_try_ms > now_ms || history->last_ok_ms > now_ms)
        return now_ms; /* the clock was put back */
    if (history->failures)
        return history->last_try_ms + wait_after(history->failures);
    if (!history->last_ok_ms)
        return now_ms;
    const uint64_t next_day = (history->last_ok_ms / day_ms + 1) * day_ms;
    return later(next_day, history->last_ok_ms + hour_ms);
}

/* Retention */

static bool counts(const struct backup_item *item, uint64_t now_ms)
{
    return item->is_verified && item->made_at_ms <= now_ms;
}

/* An order without ties: by time, then by name. */
static bool is_newer(const struct backup_item *a, const struct backup_item *b)
{
    if (a->made_at_ms != b->made_at_ms)
        return a->made_at_ms > b->made_at_ms;
    return strcmp(a->name, b->name) > 0;
}

/* Whether an earlier item of the list has the name. */
static bool is_repeated(const struct backup_item *items, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(items[i].name, items[index].name) == 0)
            return true;
    }
    return false;
}

static size_t newer_count(const struct backup_item *items, size_t count, size_t index,
                          uint64_t now_ms)
{
    size_t newer = 0;
    for (size_t i = 0; i < count; i++)
        newer += counts(&items[i], now_ms) && is_newer(&items[i], &items[index]) &&
                 strcmp(items[i].name, items[index].name) != 0 && !is_repeated(items, i);
    return newer;
}

void backup_retain(struct backup_item *items, size_t count, uint64_t now_ms, bool last_failed,
                   const struct backup_policy *policy)
{
    for (size_t i = 0; i < count; i++) {
        struct backup_item *item = &items[i];
        item->goes = !last_failed && counts(item, now_ms) &&
                     now_ms - item->made_at_ms > policy->keep_ms &&
                     newer_count(items, count, i, now_ms) >= policy->keep_newest;
    }
}

/* Names */

void backup_name(uint64_t made_at_ms, const char *store_id, unsigned number, char out[BACKUP_NAME])
{
    char when[ESC_TIME_TEXT], again[16] = "";
    esc_time_format_basic(made_at_ms, when);
    if (number > 1)
        (void)snprintf(again, sizeof again, "-%u", number);
    const int len = snprintf(out, BACKUP_NAME, PREFIX "%s-%s%s" SUFFIX, when, store_id, again);
    ESC_ASSERT(len > 0 && len < BACKUP_NAME);
}

static bool read_time(struct esc_str text, uint64_t *out)
{
    char rfc3339[ESC_TIME_TEXT];
    if (text.len != TIME_LEN)
        return false;
    const char *t = text.ptr;
    (void)snprintf(rfc3339, sizeof rfc3339, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", t, t + 4, t + 6,
                   t + 9, t + 11, t + 13); /* fits */
    return t[8] == 'T' && t[15] == 'Z' && esc_time_parse(esc_str_of(rfc3339), out);
}

static bool is_end(struct esc_str rest)
{
    uint64_t number;
    if (rest.len <= sizeof SUFFIX - 1)
        return esc_str_is(rest, SUFFIX);
    const size_t dot = rest.len - (sizeof SUFFIX - 1);
    return rest.ptr[0] == '-' && esc_str_is(esc_str_slice(rest, dot, rest.len), SUFFIX) &&
           esc_num_u64(esc_str_slice(rest, 1, dot), &number);
}

bool backup_name_read(struct esc_str name, uint64_t *made_at_ms, char *store_id)
{
    const size_t prefix = sizeof PREFIX - 1, id_at = prefix + TIME_LEN + 1;
    const size_t end_at = id_at + ESC_UUID_TEXT - 1;
    struct esc_uuid uuid;
    if (name.len < end_at || !esc_str_is(esc_str_slice(name, 0, prefix), PREFIX) ||
        !read_time(esc_str_slice(name, prefix, prefix + TIME_LEN), made_at_ms) ||
        name.ptr[prefix + TIME_LEN] != '-' ||
        !esc_uuid_parse(esc_str_slice(name, id_at, end_at), &uuid) ||
        !is_end(esc_str_slice(name, end_at, name.len)))
        return false;
    esc_uuid_format(uuid, store_id);
    return true;
}
