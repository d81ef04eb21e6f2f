/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/find/mention.h"

#include <string.h>

#include "escher/base/id.h"
#include "tests/find/estate.h"

/*
 * What a prompt names, as text: exact ones as name*count, near ones as ~word>closest, in the order
 * of the prompt, exact first. Owned by the caller.
 */
static char *named(const struct esc_index *index, const char *prompt)
{
    struct esc_mentions mentions;
    struct esc_buf out;
    esc_buf_init(&out, 65536);
    esc_find_mentions(index, esc_str_of(prompt), NULL, &mentions);
    for (size_t i = 0; i < mentions.exact_count; i++) {
        const struct esc_mention *one = &mentions.exact[i];
        esc_buf_printf(&out, "%s%.*s*%zu", out.len ? " " : "", (int)(one->end - one->start),
                       prompt + one->start, one->card_count);
    }
    for (size_t i = 0; i < mentions.near_count; i++) {
        const struct esc_near_mention *one = &mentions.near[i];
        esc_buf_printf(&out, "%s~%.*s>%s", out.len ? " " : "", ESC_STR_ARG(one->text),
                       one->hit_count ? one->hits[0].card.name : "nothing");
    }
    esc_mentions_done(&mentions);
    esc_buf_add_text(&out, "");
    return esc_buf_take(&out);
}

static void expect_named(const char *expected, const char *prompt)
{
    ESC_CLEANUP(esc_index_freep) struct esc_index *index = make_small_index();
    ESC_CLEANUP(esc_freep) char *actual = named(index, prompt);
    if (strcmp(expected, actual) != 0)
        fail_msg("`%s` names `%s` instead of `%s`", prompt, actual, expected);
}

static void exact_names_are_found_where_they_stand(void **)
{
    expect_named("pg-instance-main1*1", "Stop pg-instance-main1");
    expect_named("pg-instance-main1*1", "pg-instance-main1, please stop it.");
    expect_named("web-1*1", "is web-1's disk full?");
    expect_named("web-1*1 web-10*1", "stop (web-1) and \"web-10\"!");
    expect_named("acme-pg-backups*1", "lock s3://acme-pg-backups");
    expect_named("i-0a1b2c3d4e5f60718*1", "reboot i-0a1b2c3d4e5f60718.");
    expect_named("arn:aws:test:us-west-2:123456789012:s3_bucket/acme-pg-backups*1",
                 "arn:aws:test:us-west-2:123456789012:s3_bucket/acme-pg-backups");
    expect_named("web-1*1", "stoppe „web-1“ bitte");
}

static void the_longest_name_wins(void **)
{
    expect_named("web-10*1", "stop web-10");
    expect_named("web*1", "stop web");
    expect_named("--profile x*1", "stop --profile x now");
    expect_named("$(reboot)*1", "stop $(reboot)");
}

static void a_name_inside_a_longer_word_is_none(void **)
{
    expect_named("~web-1.example.com>nothing", "stop web-1.example.com");
    expect_named("~my-web-1>nothing", "stop my-web-1");
    expect_named("~web-1*>web-1", "stop web-1*");
    expect_named("~web_2>nothing", "web_2");
    expect_named("", "websites");
}

static void another_case_is_only_near(void **)
{
    expect_named("~PG-Instance-Main1>pg-instance-main1", "stop PG-Instance-Main1");
    expect_named("~orderworker2>OrderWorker2", "stop orderworker2");
}

static void near_misses_come_with_the_closest(void **)
{
    expect_named("~pg-main1>pg-instance-main1", "Stop pg-main1 in production account");
    expect_named("~pg-instnace-main1>pg-instance-main1", "stop pg-instnace-main1");
    expect_named("~pg main1>pg-instance-main1", "stop \"pg main1\"");
}

static void measures_and_plain_words_are_not_near(void **)
{
    expect_named("resize-images*1", "set resize-images to 512MB in us-west-2, don't wait 10m");
}

static void the_same_name_twice_is_both(void **)
{
    expect_named("orders-db*2", "stop orders-db");
    expect_named("orders-db*2", "stop orders-db in development");
    expect_named("orders-db*2", "stop orders-db in production and staging");
}

static void the_sentence_narrows(void **)
{
    expect_named("orders-db*1", "stop orders-db in the production account");
    expect_named("orders-db*1", "stop orders-db in prod");
    expect_named("orders-db*1", "stop orders-db (account 987654321098)");
    expect_named("orders-db*1", "stop the staging orders-db database");
    expect_named("orders-db*1", "start the stopped orders-db");
}

static void type_words_beside_the_name_narrow(void **)
{
    static const struct thing things[] = {
        {"rds_instance", "orders", NULL, "production", "us-east-1", "available", NULL, NULL},
        {"s3_bucket", "orders", NULL, "production", "us-east-1", NULL, NULL, NULL},
        {"rds_snapshot", "orders", NULL, "production", "us-east-1", NULL, NULL, NULL},
    };
    static const struct {
        const char *prompt, *type; /* NULL: not narrowed to one */
    } cases[] = {
        {"stop orders", NULL},
        {"stop the orders database", "rds_instance"},
        {"stop database orders", "rds_instance"},
        {"lock the bucket called orders", "s3_bucket"},
        {"snapshot orders", NULL},
        {"take a snapshot of orders", NULL},
        {"delete the snapshot orders", "rds_snapshot"},
        {"restart the orders instance", "rds_instance"},
    };
    ESC_CLEANUP(esc_index_freep) struct esc_index *index = make_index(things, ESC_COUNT(things));
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct esc_mentions mentions;
        esc_find_mentions(index, esc_str_of(cases[i].prompt), NULL, &mentions);
        assert_int_equal(1, mentions.exact_count);
        const struct esc_mention *one = &mentions.exact[0];
        if (one->card_count != (cases[i].type ? 1 : 3) || one->named_count != 3 ||
            (cases[i].type && strcmp(cases[i].type, one->cards[0].resource_type) != 0))
            fail_msg("`%s`: %zu, first %s", cases[i].prompt, one->card_count,
                     one->cards[0].resource_type);
        esc_mentions_done(&mentions);
    }
}

static void places_are_bytes_of_the_prompt(void **)
{
    ESC_CLEANUP(esc_index_freep) struct esc_index *index = make_small_index();
    struct esc_mentions mentions;
    esc_find_mentions(index, ESC_STR("stöppe 'web-1'"), NULL, &mentions);
    assert_int_equal(1, mentions.exact_count);
    assert_int_equal(9, mentions.exact[0].start);
    assert_int_equal(14, mentions.exact[0].end);
    assert_true(mentions.exact[0].quoted);
    esc_mentions_done(&mentions);
}

static void any_prompt_can_be_read(void **)
{
    ESC_CLEANUP(esc_index_freep) struct esc_index *index = make_small_index();
    struct esc_random_seeded seeded;
    esc_random_seeded_init(&seeded, test_seed(11));
    static const char *const bits[] = {"web-1",     " ",    "\"",       "'",
                                       "orders-db", "\xff", "\xe2\x80", "--profile x",
                                       ".",         ":",    "s3://",    "production account"};
    for (int i = 0; i < 500; i++) {
        struct esc_buf prompt;
        esc_buf_init(&prompt, 4096);
        for (size_t n = esc_random_below(&seeded.random, 12); n > 0; n--)
            esc_buf_add_text(&prompt, bits[esc_random_below(&seeded.random, ESC_COUNT(bits))]);
        struct esc_mentions mentions;
        esc_find_mentions(index, esc_buf_str(&prompt), NULL, &mentions);
        for (size_t j = 0; j < mentions.exact_count; j++) {
            assert_true(mentions.exact[j].end <= prompt.len);
            assert_true(j == 0 || mentions.exact[j - 1].end <= mentions.exact[j].start);
        }
        esc_mentions_done(&mentions);
        esc_buf_done(&prompt);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_names_are_found_where_they_stand),
        cmocka_unit_test(the_longest_name_wins),
        cmocka_unit_test(a_name_inside_a_longer_word_is_none),
        cmocka_unit_test(another_case_is_only_near),
        cmocka_unit_test(near_misses_come_with_the_closest),
        cmocka_unit_test(measures_and_plain_words_are_not_near),
        cmocka_unit_test(the_same_name_twice_is_both),
        cmocka_unit_test(the_sentence_narrows),
        cmocka_unit_test(type_words_beside_the_name_narrow),
        cmocka_unit_test(places_are_bytes_of_the_prompt),
        cmocka_unit_test(any_prompt_can_be_read),
    };
    return cmocka_run_group_tests_name("find/mention", tests, NULL, NULL);
}
