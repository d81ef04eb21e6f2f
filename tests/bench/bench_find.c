/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/crypt/digest.h"
#include "escher/embed/encoder.h"
#include "escher/find/mention.h"
#include "escher/find/query.h"
#include "tests/bench/bench.h"

/*
 * usage: bench-find ESTATE.jsonl COPIES [WEIGHTS]
 *
 * Questions to the index alone, over COPIES times the estate; copies have names of their own.
 * Without weights no vectors take part. The last line is a digest of all answers: two versions of
 * find that print the same one found the same rows in the same tiers and order.
 */

enum {
    ROUNDS = 40
};

static const struct question {
    const char *kind, *text;
} questions[] = {
    {"find a name", "pg-instance-main1"},
    {"find a part", "pg-main1"},
    {"find with a typo", "pg-instnace-main1"},
    {"find what is not there", "zookeeper-quorum-7"},
    {"find by kind", "production database"},
    {"find by words", "nightly backups of the billing team"},
    {"mentions of a sentence", "Stop pg-instance-main1 in the production account, please"},
    {"mentions, near", "reboot pg-main1 and then ordres-db"},
};

struct world {
    struct esc_index *index;
    struct esc_encoder *encoder; /* NULL: words only */
    struct esc_digest *digest;
};

static enum esc_status embed(void *context, struct esc_str text, float *out, struct esc_error *err)
{
    const struct world *world = context;
    return esc_encoder_encode(world->encoder, &text, 1, out, err);
}

static void rename_copy(struct esc_resource *resource, size_t copy)
{
    char **const texts[] = {&resource->name, &resource->identifier, &resource->arn};
    if (copy == 0)
        return;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char *longer = esc_sprintf("%s-%zu", *texts[i] ? *texts[i] : "", copy);
        free(*texts[i]);
        *texts[i] = longer;
    }
    free(resource->id);
    resource->id = esc_resource_key(resource->account_id, resource->region, resource->resource_type,
                                    resource->identifier);
}

static void put_line(struct world *world, struct esc_str line, size_t copies)
{
    struct esc_error err;
    struct esc_buf text;
    float vector[ESC_EMBED_DIMENSIONS];
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    bench_need(esc_json_parse(line, NULL, &json, &err), &err);
    esc_buf_init(&text, ESC_MAX_RESOURCE);
    for (size_t copy = 0; copy < copies; copy++) {
        ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = NULL;
        bench_need(esc_resource_from_json(json, &resource, &err), &err);
        if (copy == 0 && world->encoder) {
            esc_find_document(resource, &text);
            bench_need(embed(world, esc_buf_str(&text), vector, &err), &err);
        }
        rename_copy(resource, copy);
        esc_index_put(world->index, resource, world->encoder ? vector : NULL);
    }
    esc_buf_done(&text);
}

static void fill(struct world *world, const char *path, size_t copies)
{
    struct esc_error err;
    struct esc_buf file;
    esc_buf_init(&file, ESC_MAX_FILE);
    bench_need(esc_file_read(path, &file, &err), &err);
    struct esc_str rest = esc_buf_str(&file), line;
    while (esc_str_next(&rest, '\n', &line)) {
        if (line.len > 0)
            put_line(world, line, copies);
    }
    esc_buf_done(&file);
}

static void note(struct world *world, const char *text)
{
    esc_digest_add_sized(world->digest, esc_str_of(text));
}

static void note_hits(struct world *world, const struct esc_find_hit *hits, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        note(world, hits[i].card.id);
        note(world, esc_find_tier_text(hits[i].tier));
    }
}

static double ask_find(struct world *world, const char *text, bool first)
{
    const struct esc_find_query query = {
        .text = esc_str_of(text), .embed = world->encoder ? embed : NULL, .embed_context = world};
    struct esc_find_result result;
    struct esc_error err;
    const uint64_t began = bench_now_ns();
    bench_need(esc_find(world->index, &query, &result, &err), &err);
    const double took_ms = (double)(bench_now_ns() - began) / 1e6;
    if (first)
        note_hits(world, result.hits, result.count);
    esc_find_result_done(&result);
    return took_ms;
}

static double ask_mentions(struct world *world, const char *text, bool first)
{
    const struct esc_mention_options options = {.embed = world->encoder ? embed : NULL,
                                                .embed_context = world};
    struct esc_mentions mentions;
    const uint64_t began = bench_now_ns();
    esc_find_mentions(world->index, esc_str_of(text), &options, &mentions);
    const double took_ms = (double)(bench_now_ns() - began) / 1e6;
    for (size_t i = 0; first && i < mentions.near_count; i++)
        note_hits(world, mentions.near[i].hits, mentions.near[i].hit_count);
    for (size_t i = 0; first && i < mentions.exact_count; i++)
        note(world, mentions.exact[i].cards[0].id);
    esc_mentions_done(&mentions);
    return took_ms;
}

static void measure(struct world *world, const struct question *question)
{
    struct bench_samples samples = {0};
    const bool mentions = strncmp(question->kind, "mentions", 8) == 0;
    for (int i = 0; i < ROUNDS; i++)
        bench_add(&samples, mentions ? ask_mentions(world, question->text, i == 0)
                                     : ask_find(world, question->text, i == 0));
    ESC_CLEANUP(esc_freep)
    char *name = esc_sprintf("%s, %zu rows", question->kind, esc_index_count(world->index));
    bench_say_samples(name, "ms", &samples);
}

static void say_digest(struct world *world)
{
    uint8_t digest[ESC_SHA256_SIZE];
    esc_digest_finish(world->digest, digest);
    (void)fputs("# answers ", stdout);
    for (size_t i = 0; i < sizeof digest; i++)
        (void)printf("%02x", digest[i]);
    (void)putchar('\n');
}

int main(int argc, char **argv)
{
    struct esc_error err;
    struct world world = {.index = esc_index_new(), .digest = esc_digest_new()};
    if (argc < 3)
        return 2;
    if (argc > 3)
        bench_need(esc_encoder_open(argv[3], &world.encoder, &err), &err);
    fill(&world, argv[1], (size_t)strtoul(argv[2], NULL, 10));
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
        measure(&world, &questions[i]);
    say_digest(&world);
    esc_encoder_free(world.encoder);
    esc_digest_free(world.digest);
    esc_index_free(world.index);
    return 0;
}
