/* SPDX-License-Identifier: Apache-2.0 */

/* The stream of everything that happens: nothing lost, nothing twice, however often one comes back. */

#include "escher/work/feed.h"

#include <stdio.h>
#include <string.h>

#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/http/events.h"
#include "tests/support/test.h"

static struct esc_error err;

/* What somebody who follows has seen. */
struct reader {
    struct esc_event_parser *parser;
    struct esc_buf kinds; /* "hello tick tick " */
    char last_id[64];
    uint64_t sum; /* of the numbers of all ticks */
    size_t count;
    int64_t last_number;
    size_t out_of_order; /* ticks whose number was not the one after the last */
};

static void read_event(void *context, const struct esc_event *event)
{
    struct reader *reader = context;
    ESC_CLEANUP(esc_json_freep) struct esc_json *data = NULL;
    expect_ok(esc_json_parse(event->data, NULL, &data, &err));
    assert_string_equal(event->kind, esc_json_str(data, "kind", ""));
    esc_buf_printf(&reader->kinds, "%s ", event->kind);
    (void)snprintf(reader->last_id, sizeof reader->last_id, "%s", event->id);
    const int64_t number = esc_json_num(data, "number", 0);
    reader->sum += (uint64_t)number;
    reader->out_of_order += number && number != reader->last_number + 1;
    reader->last_number = number ? number : reader->last_number;
    reader->count++;
}

static void take(void *context, struct esc_str bytes)
{
    struct reader *reader = context;
    expect_ok(esc_event_parser_feed(reader->parser, bytes, &err));
}

static void reader_init(struct reader *reader)
{
    *reader = (struct reader){.last_id = ""};
    esc_buf_init(&reader->kinds, ESC_MAX_FILE);
    reader->parser = esc_event_parser_new(ESC_MAX_FILE, read_event, reader);
}

static void reader_done(struct reader *reader)
{
    esc_event_parser_free(reader->parser);
    esc_buf_done(&reader->kinds);
}

static struct esc_feed *new_feed(uint64_t seed)
{
    struct esc_random_seeded random;
    esc_random_seeded_init(&random, seed);
    return esc_feed_new(&random.random);
}

static void tick(struct esc_feed *feed, int64_t number, size_t filling)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *event = esc_json_object();
    ESC_CLEANUP(esc_freep) char *text = esc_alloc_zero(filling + 1);
    memset(text, 'x', filling);
    esc_json_set_text(event, "kind", "tick");
    esc_json_set_int(event, "number", number);
    esc_json_set_text(event, "filling", text);
    esc_feed_publish(feed, event);
}

static void who_comes_new_is_greeted_and_hears_what_follows(void **)
{
    struct esc_feed *feed = new_feed(1);
    struct reader reader;
    reader_init(&reader);
    tick(feed, 1, 0);
    struct esc_follower *follower = esc_feed_follow(feed, ESC_STR(""), take, &reader);
    tick(feed, 2, 0);
    assert_string_equal("hello tick ", esc_buf_text(&reader.kinds));
    assert_int_equal(2, reader.sum);
    esc_feed_unfollow(follower);
    tick(feed, 4, 0);
    assert_int_equal(2, reader.sum);
    reader_done(&reader);
    esc_feed_free(feed);
}

static void who_comes_back_gets_what_was_missed_and_nothing_twice(void **)
{
    struct esc_feed *feed = new_feed(1);
    struct reader reader;
    reader_init(&reader);
    uint64_t sum = 0;
    for (int64_t round = 0; round < 50; round++) {
        struct esc_follower *follower =
            esc_feed_follow(feed, esc_str_of(reader.last_id), take, &reader);
        for (int64_t i = 0; i < round % 4; i++, sum += (uint64_t)round)
            tick(feed, round, 0);
        esc_feed_unfollow(follower);
        for (int64_t i = 0; i < round % 7; i++, sum += (uint64_t)(1000 * round))
            tick(feed, 1000 * round, 0);
    }
    esc_feed_unfollow(esc_feed_follow(feed, esc_str_of(reader.last_id), take, &reader));
    assert_int_equal(sum, reader.sum);
    assert_true(strncmp("hello tick", esc_buf_text(&reader.kinds), 10) == 0);
    assert_null(strstr(esc_buf_text(&reader.kinds), "reset"));
    reader_done(&reader);
    esc_feed_free(feed);
}

/* A connection that is killed after so many bytes; the next one resumes after the last whole event. */
struct fragile {
    struct reader reader;
    size_t bytes_left;
};

static void take_until_killed(void *context, struct esc_str bytes)
{
    struct fragile *fragile = context;
    const size_t len = bytes.len < fragile->bytes_left ? bytes.len : fragile->bytes_left;
    fragile->bytes_left -= len;
    take(&fragile->reader, esc_str_slice(bytes, 0, len));
}

static void resume(struct fragile *fragile)
{
    esc_event_parser_free(fragile->reader.parser);
    fragile->reader.parser = esc_event_parser_new(ESC_MAX_FILE, read_event, &fragile->reader);
}

/* The events are numbered 1, 2, 3 …; a gap, a second time or another order is seen at once. */
static void a_stream_killed_twenty_times_loses_nothing_and_doubles_nothing(void **)
{
    struct esc_feed *feed = new_feed(1);
    struct fragile fragile = {.bytes_left = SIZE_MAX};
    int64_t published = 0;
    reader_init(&fragile.reader);
    for (size_t kill = 0; kill < 20; kill++) {
        fragile.bytes_left = 700 + 37 * kill; /* in the middle of one, sooner or later */
        struct esc_follower *follower =
            esc_feed_follow(feed, esc_str_of(fragile.reader.last_id), take_until_killed, &fragile);
        for (int i = 0; i < 7; i++)
            tick(feed, ++published, 20);
        esc_feed_unfollow(follower);
        for (int i = 0; i < 5; i++)
            tick(feed, ++published, 20);
        resume(&fragile);
    }
    fragile.bytes_left = SIZE_MAX;
    esc_feed_unfollow(
        esc_feed_follow(feed, esc_str_of(fragile.reader.last_id), take_until_killed, &fragile));
    assert_int_equal(20 * 12, published);
    assert_int_equal(published, fragile.reader.last_number);
    assert_int_equal(0, fragile.reader.out_of_order);
    assert_int_equal(published + 1, fragile.reader.count); /* and the hello of the first time */
    reader_done(&fragile.reader);
    esc_feed_free(feed);
}

static void an_id_of_another_life_or_none_at_all_means_ask_anew(void **)
{
    static const char *const ids[] = {"x",  "-",   "-1", "99-1", "18446744073709551616-1",
                                      "\n", "a-b", "",   NULL};
    struct esc_feed *earlier = new_feed(2), *feed = new_feed(1);
    struct reader old;
    reader_init(&old);
    esc_feed_unfollow(esc_feed_follow(earlier, ESC_STR(""), take, &old));
    tick(feed, 1, 0);
    struct reader reader;
    reader_init(&reader);
    esc_feed_unfollow(esc_feed_follow(feed, esc_str_of(old.last_id), take, &reader));
    assert_string_equal("reset ", esc_buf_text(&reader.kinds));
    for (size_t i = 0; ids[i]; i++) {
        esc_buf_reset(&reader.kinds);
        esc_feed_unfollow(esc_feed_follow(feed, esc_str_of(ids[i]), take, &reader));
        assert_string_equal(*ids[i] ? "reset " : "hello ", esc_buf_text(&reader.kinds));
    }
    reader_done(&old);
    reader_done(&reader);
    esc_feed_free(earlier);
    esc_feed_free(feed);
}

static void an_id_that_is_still_to_come_is_not_believed(void **)
{
    struct esc_feed *feed = new_feed(1);
    struct reader reader;
    reader_init(&reader);
    esc_feed_unfollow(esc_feed_follow(feed, ESC_STR(""), take, &reader));
    char *dash = strchr(reader.last_id, '-');
    assert_non_null(dash);
    (void)snprintf(dash, 8, "-7");
    esc_buf_reset(&reader.kinds);
    esc_feed_unfollow(esc_feed_follow(feed, esc_str_of(reader.last_id), take, &reader));
    assert_string_equal("reset ", esc_buf_text(&reader.kinds));
    reader_done(&reader);
    esc_feed_free(feed);
}

static void what_is_kept_has_an_end_in_number_and_in_bytes(void **)
{
    static const struct {
        size_t events, filling;
        const char *answer;
    } rows[] = {{ESC_FEED_EVENTS, 0, "tick"},
                {ESC_FEED_EVENTS + 1, 0, "reset"},
                {3, ESC_FEED_BYTES / 4, "tick"},
                {5, ESC_FEED_BYTES / 4, "reset"},
                {1, ESC_FEED_BYTES * 2, "tick"}};
    for (size_t row = 0; row < ESC_COUNT(rows); row++) {
        struct esc_feed *feed = new_feed(1);
        struct reader reader;
        reader_init(&reader);
        esc_feed_unfollow(esc_feed_follow(feed, ESC_STR(""), take, &reader));
        for (size_t i = 0; i < rows[row].events; i++)
            tick(feed, 1, rows[row].filling);
        esc_buf_reset(&reader.kinds);
        reader.count = 0;
        esc_feed_unfollow(esc_feed_follow(feed, esc_str_of(reader.last_id), take, &reader));
        assert_true(esc_str_starts_with(esc_buf_str(&reader.kinds), esc_str_of(rows[row].answer)));
        assert_int_equal(*rows[row].answer == 't' ? rows[row].events : 1, reader.count);
        reader_done(&reader);
        esc_feed_free(feed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_comes_new_is_greeted_and_hears_what_follows),
        cmocka_unit_test(who_comes_back_gets_what_was_missed_and_nothing_twice),
        cmocka_unit_test(a_stream_killed_twenty_times_loses_nothing_and_doubles_nothing),
        cmocka_unit_test(an_id_of_another_life_or_none_at_all_means_ask_anew),
        cmocka_unit_test(an_id_that_is_still_to_come_is_not_believed),
        cmocka_unit_test(what_is_kept_has_an_end_in_number_and_in_bytes),
    };
    return cmocka_run_group_tests_name("work/feed", tests, NULL, NULL);
}
