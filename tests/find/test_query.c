/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/find/query.h"

#include <string.h>

#include "escher/base/id.h"
#include "tests/find/estate.h"

static struct esc_error err;

static struct esc_find_result ask(const struct esc_index *index, const char *text)
{
    struct esc_find_result found;
    struct esc_find_query query = {.text = esc_str_of(text)};
    expect_ok(esc_find(index, &query, &found, &err));
    return found;
}

/* The first hit of @p text has this name and tier. */
static void expect_first(const char *text, const char *name, enum esc_find_tier tier)
{
    ESC_CLEANUP(esc_index_freep) struct esc_index *index = make_small_index();
    struct esc_find_result found = ask(index, text);
    if (found.count == 0)
        fail_msg("`%s` finds nothing", text);
    if (strcmp(found.hits[0].card.name, name) != 0 || found.hits[0].tier != tier)
        fail_msg("`%s` finds %s by %s (%s)", text, found.hits[0].card.name,
                 esc_find_tier_text(found.hits[0].tier), found.hits[0].why);
    esc_find_result_done(&found);
}

static void each_tier_finds_what_it_promises(void **)
{
    expect_first("i-0a1b2c3d4e5f60718", "pg-backup-server", ESC_TIER_EXACT_ID);
    expect_first("pg-instance-main1", "pg-instance-main1", ESC_TIER_EXACT_ID);
    expect_first("web", "web", ESC_TIER_EXACT_NAME);
    expect_first("arn:aws:test:us-west-2:123456789012:s3_bucket/acme-pg-backups", "acme-pg-backups",
                 ESC_TIER_EXACT_ARN);
    expect_first("pg-inst", "pg-instance-main1", ESC_TIER_PREFIX);
    expect_first("PG-Instance-Main1", "pg-instance-main1", ESC_TIER_PREFIX);
    expect_first("main1", "pg-instance-main1", ESC_TIER_TOKEN);
    expect_first("pg-main1", "pg-instance-main1", ESC_TIER_TOKEN);
    expect_first("worker", "OrderWorker2", ESC_TIER_TOKEN);
    expect_first("stance-main1", "pg-instance-main1", ESC_TIER_SUBSTRING);
    expect_first("3d4e5f", "pg-backup-server", ESC_TIER_SUBSTRING);
    expect_first("pg-instnace-main1", "pg-instance-main1", ESC_TIER_TYPO);
    expect_first("resize-imges", "resize-images", ESC_TIER_TYPO);
}

static void short_names_are_never_corrected(void **)
{
    ESC_CLEANUP(esc_index_freep) struct esc_index *index = make_small_index();
    struct esc_find_result found = ask(index, "wbe");
    assert_int_equal(0, found.count);
    esc_find_result_done(&found);
}

static void a_literal_hit_comes_before_every_guess(void **)
{
    ESC_CLEANUP(esc_index_freep) struct esc_index *index = make_small_index();
    static const char *const texts[] = {"web", "orders-db", "pg", "main", "production database"};
    for (size_t i = 0; i < ESC_COUNT(texts); i++) {
        struct esc_find_result found = ask(index, texts[i]);
        for (size_t j = 1; j < found.count; j++) {
            assert_true(found.hits[j - 1].tier <= found.hits[j].tier);
            if (found.hits[j - 1].tier == found.hits[j].tier)
                assert_true(found.hits[j - 1].score >= found.hits[j].score);
        }
        esc_find_result_done(&found);
    }
}

static void words_for_environment_and_type_are_features(void **)
{
    expect_first("production database", "pg-instance-main1", ESC_TIER_FEATURE);
    expect_first("the prod db", "pg-instance-main1", ESC_TIER_FEATURE);
    expect_first("staging orders database", "orders-db", ESC_TIER_TOKEN);
    expect_first("buckets in us-west-2", "acme-pg-backups", ESC_TIER_FEATURE);
    expect_first("stopped ec2 instances", "web-10", ESC_TIER_FEATURE);
    expect_first("lambda functions in the production account", "resize-images", ESC_TIER_FEATURE);
}

static void among_equals_what_is_guarded_comes_first(void **)
{
    ESC_CLEANUP(esc_index_freep) struct esc_index *index = make_small_index();
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *second = make_resource(&small_estate[1]);
    esc_json_set_bool(second->metadata, "deletion_protection", true);
    esc_index_put(index, second, NULL);
    struct esc_find_result found = ask(index, "production database");
    assert_string_equal("pg-instance-main2", found.hits[0].card.name);
    assert_string_equal("pg-instance-main1", found.hits[1].card.name);
    esc_find_result_done(&found);
}

static void features_leave_out_what_lacks_them(void **)
{
    ESC_CLEANUP(esc_index_freep) struct esc_index *index = make_small_index();
    struct esc_find_result found = ask(index, "production database");
    assert_int_equal(3, found.total);
    for (size_t i = 0; i < found.count; i++) {
        assert_string_equal("rds_instance", found.hits[i].card.resource_type);
        assert_string_equal("production", found.hits[i].card.account_name);
    }
    assert_string_equal("production", found.features.environment);
    expect_contains("environment=production", found.hits[0].why);
    esc_find_result_done(&found);
}

static void a_filter_as_text_is_taken_as_one(void **)
{
    ESC_CLEANUP(esc_index_freep) struct esc_index *index = make_small_index();
    struct esc_find_result found = ask(index, "env=prod AND app=main");
    assert_true(found.text_was_filter);
    assert_int_equal(2, found.total);
    esc_find_result_done(&found);
    struct esc_find_query query = {.text = ESC_STR("env=prod AND")};
    expect_status(ESC_INVALID, esc_find(index, &query, &found, &err));
    expect_contains("column 13", err.message);
}

static void the_options_narrow(void **)
{
    ESC_CLEANUP(esc_index_freep) struct esc_index *index = make_small_index();
    struct esc_find_result found;
    struct esc_find_query query = {
        .text = ESC_STR("orders-db"), .account = "staging", .type = "database"};
    expect_ok(esc_find(index, &query, &found, &err));
    assert_int_equal(1, found.count);
    assert_string_equal("987654321098", found.hits[0].card.account_id);
    esc_find_result_done(&found);
    query.type = "spaceship";
    expect_status(ESC_INVALID, esc_find(index, &query, &found, &err));
    expect_contains("spaceship", err.message);
    query = (struct esc_find_query){.filter = ESC_STR("state:stopped")};
    expect_ok(esc_find(index, &query, &found, &err));
    assert_int_equal(2, found.total);
    esc_find_result_done(&found);
    query.within = ESC_STR("account:staging OR name:none");
    expect_ok(esc_find(index, &query, &found, &err));
    assert_int_equal(1, found.total);
    esc_find_result_done(&found);
    query.within = ESC_STR("account:staging OR");
    expect_status(ESC_INVALID, esc_find(index, &query, &found, &err));
    expect_contains("filter: column 19", err.message);
}

/* A vector that points where the text's first letter says. */
static enum esc_status letter_vector(void *context, struct esc_str text, float *out,
                                     struct esc_error *)
{
    (*(size_t *)context)++;
    memset(out, 0, ESC_FIND_DIMENSIONS * sizeof *out);
    out[text.len > 0 ? (unsigned char)text.ptr[0] : 0] = 1;
    return ESC_OK;
}

static void vectors_answer_what_spelling_cannot(void **)
{
    ESC_CLEANUP(esc_index_freep) struct esc_index *index = esc_index_new();
    size_t calls = 0;
    for (size_t i = 0; i < ESC_COUNT(small_estate); i++) {
        float vector[ESC_FIND_DIMENSIONS];
        ESC_CLEANUP(esc_resource_freep) struct esc_resource *made = make_resource(&small_estate[i]);
        expect_ok(letter_vector(&calls, esc_str_of(made->name), vector, NULL));
        esc_index_put(index, made, vector);
    }
    struct esc_find_result found;
    struct esc_find_query query = {
        .text = ESC_STR("rzq"), .embed = letter_vector, .embed_context = &calls};
    expect_ok(esc_find(index, &query, &found, &err));
    assert_true(found.semantic);
    assert_int_equal(1, found.count);
    assert_string_equal("resize-images", found.hits[0].card.name);
    assert_int_equal(ESC_TIER_SEMANTIC, found.hits[0].tier);
    assert_int_equal(0, found.total);
    esc_find_result_done(&found);
    calls = 0;
    query.text = ESC_STR("pg-instance-main1");
    expect_ok(esc_find(index, &query, &found, &err));
    assert_int_equal(0, calls);
    esc_find_result_done(&found);
}

static enum esc_status no_vector(void *, struct esc_str, float *, struct esc_error *error)
{
    return esc_fail(error, ESC_IO, "no weights");
}

static void without_vectors_words_still_answer(void **)
{
    ESC_CLEANUP(esc_index_freep) struct esc_index *index = make_small_index();
    struct esc_find_result found;
    struct esc_find_query query = {.text = ESC_STR("some orders thing"), .embed = no_vector};
    expect_ok(esc_find(index, &query, &found, &err));
    assert_false(found.semantic);
    assert_true(found.count > 0);
    expect_contains("1 of 2 words", found.hits[0].why);
    esc_find_result_done(&found);
}

static void answers_do_not_depend_on_the_order_of_puts(void **)
{
    ESC_CLEANUP(esc_index_freep) struct esc_index *forth = make_small_index();
    ESC_CLEANUP(esc_index_freep) struct esc_index *back = esc_index_new();
    for (size_t i = ESC_COUNT(small_estate); i-- > 0;) {
        ESC_CLEANUP(esc_resource_freep) struct esc_resource *made = make_resource(&small_estate[i]);
        esc_index_put(back, made, NULL);
    }
    static const char *const texts[] = {"pg", "web", "production", "database", "main"};
    for (size_t i = 0; i < ESC_COUNT(texts); i++) {
        struct esc_find_result a = ask(forth, texts[i]), b = ask(back, texts[i]);
        assert_int_equal(a.count, b.count);
        for (size_t j = 0; j < a.count; j++)
            assert_string_equal(a.hits[j].card.id, b.hits[j].card.id);
        esc_find_result_done(&a);
        esc_find_result_done(&b);
    }
}

static void completion_offers_each_name_once(void **)
{
    ESC_CLEANUP(esc_index_freep) struct esc_index *index = make_small_index();
    struct esc_find_result found;
    esc_complete(index, ESC_STR("ord"), 10, &found);
    assert_int_equal(2, found.count);
    assert_string_equal("OrderWorker2", found.hits[0].card.name);
    assert_string_equal("orders-db", found.hits[1].card.name);
    esc_find_result_done(&found);
    esc_complete(index, ESC_STR("main"), 10, &found);
    assert_int_equal(2, found.count);
    assert_int_equal(ESC_TIER_TOKEN, found.hits[0].tier);
    esc_find_result_done(&found);
    esc_complete(index, ESC_STR(""), 3, &found);
    assert_int_equal(3, found.count);
    esc_find_result_done(&found);
}

static void a_document_starts_with_the_environment(void **)
{
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *made = make_resource(&small_estate[0]);
    struct esc_buf text;
    esc_buf_init(&text, 1024);
    esc_find_document(made, &text);
    assert_string_equal("production. RDS database instance pg-instance-main1 app=main",
                        esc_buf_text(&text));
    esc_buf_done(&text);
}

static void an_identifier_in_place_of_a_name_is_not_embedded(void **)
{
    static const struct {
        const char *type, *name, *identifier, *document;
    } cases[] = {
        {"ebs_volume", "vol-0a1b2c3d4e5f60718", "vol-0a1b2c3d4e5f60718", "EBS volume"},
        {"ebs_volume", "billing", "vol-0a1b2c3d4e5f60718", "EBS volume billing"},
        {"ebs_volume", "vol-decade", "vol-decade", "EBS volume vol-decade"},
        {"s3_bucket", "acme-invoices-123456789012", "acme-invoices-123456789012",
         "S3 bucket acme-invoices-123456789012"},
        {"s3_bucket", "billing-20241122", "billing-20241122", "S3 bucket billing-20241122"},
        {"sqs_queue", "orders-deadbeef", "orders-deadbeef", "SQS queue orders-deadbeef"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_resource_freep) struct esc_resource *made = esc_resource_new();
        struct esc_buf text;
        made->resource_type = esc_strdup(cases[i].type);
        made->name = esc_strdup(cases[i].name);
        made->identifier = esc_strdup(cases[i].identifier);
        esc_buf_init(&text, 1024);
        esc_find_document(made, &text);
        assert_string_equal(cases[i].document, esc_buf_text(&text));
        esc_buf_done(&text);
    }
}

static void any_text_is_a_question(void **)
{
    ESC_CLEANUP(esc_index_freep) struct esc_index *index = make_small_index();
    struct esc_random_seeded seeded;
    esc_random_seeded_init(&seeded, test_seed(3));
    for (int i = 0; i < 300; i++) {
        char text[80];
        size_t len = esc_random_below(&seeded.random, sizeof text);
        esc_random_fill(&seeded.random, text, len);
        struct esc_find_result found;
        struct esc_find_query query = {.text = {text, len}};
        if (esc_find(index, &query, &found, &err) == ESC_OK)
            esc_find_result_done(&found);
    }
    static char huge[100000];
    memset(huge, 'a', sizeof huge);
    struct esc_find_result found;
    struct esc_find_query query = {.text = {huge, sizeof huge}};
    expect_ok(esc_find(index, &query, &found, &err));
    esc_find_result_done(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_tier_finds_what_it_promises),
        cmocka_unit_test(short_names_are_never_corrected),
        cmocka_unit_test(a_literal_hit_comes_before_every_guess),
        cmocka_unit_test(words_for_environment_and_type_are_features),
        cmocka_unit_test(among_equals_what_is_guarded_comes_first),
        cmocka_unit_test(features_leave_out_what_lacks_them),
        cmocka_unit_test(a_filter_as_text_is_taken_as_one),
        cmocka_unit_test(the_options_narrow),
        cmocka_unit_test(vectors_answer_what_spelling_cannot),
        cmocka_unit_test(without_vectors_words_still_answer),
        cmocka_unit_test(answers_do_not_depend_on_the_order_of_puts),
        cmocka_unit_test(completion_offers_each_name_once),
        cmocka_unit_test(a_document_starts_with_the_environment),
        cmocka_unit_test(an_identifier_in_place_of_a_name_is_not_embedded),
        cmocka_unit_test(any_text_is_a_question),
    };
    return cmocka_run_group_tests_name("find/query", tests, NULL, NULL);
}
