/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/paths.h"
#include "escher/store/document.h"
#include "escher/store/estate.h"
#include "escher/store/rows_private.h"
#include "escher/work/api.h"
#include "tests/bench/bench.h"

/*
 * usage: bench-store rows FOLDER                       rows of 1 KiB in a store of its own, in there
 *        bench-store upserts FOLDER ESTATE.jsonl       resources, in another
 *        bench-store fill PASSPHRASE ESTATE.jsonl COUNT    the estate over and over, and its index
 *        bench-store start PASSPHRASE                  opens the workbench over it and asks
 *
 * The last two over the store of ESCHER_HOME. Copies have names and vectors of their own. A start
 * is timed from when the key is at hand: what a passphrase or a keychain takes is theirs.
 */

enum {
    BATCH = 1000,     /* rows of one transaction */
    ROW_SIZE = 1000,  /* with what is around it a row of 1 KiB */
    SEALED = 100'000, /* rows sealed and opened */
    WRITTEN = 10'000, /* rows and resources made durable */
    ACTIONS = 200,
};

static struct esc_error err;

/* ---- the store, without the rest of the core ---- */

struct opened {
    struct esc_paths paths;
    struct esc_secret *passphrase;
    struct esc_keyring *keyring;
    struct esc_store *store;
};

static enum esc_status bring(void *context, bool, struct esc_secret **out, struct esc_error *)
{
    *out = esc_secret_copy(context);
    return ESC_OK;
}

static void open_store(struct opened *opened, const char *passphrase)
{
    struct esc_store_peek peek;
    *opened = (struct opened){.passphrase = esc_secret_of_text(passphrase)};
    bench_need(esc_paths_init(&opened->paths, NULL, &err), &err);
    bench_need(esc_store_peek(opened->paths.store, &peek, &err), &err);
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(opened->paths.data, "key.slot");
    const struct esc_keyring_file_options keyring = {
        .path = path, .passphrase = bring, .context = opened->passphrase};
    opened->keyring = esc_keyring_file_new(&keyring);
    const struct esc_store_options options = {.path = opened->paths.store,
                                              .lock_path = opened->paths.lock,
                                              .key_name = peek.key_name,
                                              .keyring = opened->keyring};
    bench_need(esc_store_open(&options, &opened->store, &err), &err);
}

static void close_store(struct opened *opened)
{
    esc_store_close(opened->store);
    esc_keyring_free(opened->keyring);
    esc_secret_free(opened->passphrase);
    esc_paths_done(&opened->paths);
}

/* A store of its own, with its key in memory. */
static void make_store(struct opened *opened, const char *folder, const char *name)
{
    *opened = (struct opened){.keyring = esc_keyring_memory_new(NULL)};
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(folder, name);
    ESC_CLEANUP(esc_freep) char *lock = esc_sprintf("%s.lock", path);
    const struct esc_store_options options = {.path = path,
                                              .lock_path = lock,
                                              .key_name = "bench",
                                              .keyring = opened->keyring,
                                              .create = true};
    bench_need(esc_store_open(&options, &opened->store, &err), &err);
}

/* ---- rows ---- */

static const char *const collection = "cells"; /* any that needs no note */

static struct place place_of(size_t number, char name[24])
{
    const int len = snprintf(name, 24, "row-%zu", number);
    return (struct place){.collection = collection, .id = {name, (size_t)len}};
}

static struct esc_str content_of(size_t number)
{
    static unsigned char bytes[ROW_SIZE];
    for (size_t i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(number >> (8 * i));
    return (struct esc_str){(const char *)bytes, sizeof bytes};
}

/* What a row costs besides SQLite: its names, its label, the cipher. */
static void seal_and_open(struct esc_store *store)
{
    struct esc_buf sealed;
    struct row row;
    char name[24];
    esc_buf_init(&sealed, ESC_MAX_JSON);
    row_init(&row);
    bench_need(esc_store_begin(store, &err), &err);
    uint64_t sealing = 0, opening = 0;
    for (size_t i = 0; i < SEALED; i++) {
        const struct place place = place_of(i, name);
        const struct esc_str part = content_of(i);
        const uint64_t began = bench_now_ns();
        esc_buf_reset(&sealed);
        struct row_clear clear = row_clear_of(store, &place);
        clear.version = 1;
        bench_need(row_seal(store, &place, &part, 1, &clear, &sealed, &err), &err);
        const uint64_t between = bench_now_ns();
        bench_need(row_unseal(store, collection, &clear, esc_buf_str(&sealed), &row, &err), &err);
        sealing += between - began;
        opening += bench_now_ns() - between;
    }
    esc_store_rollback(store);
    row_done(&row);
    esc_buf_done(&sealed);
    bench_say("seal rows of 1 KiB", "rows/s", SEALED * 1e9 / (double)sealing, SEALED);
    bench_say("open rows of 1 KiB", "rows/s", SEALED * 1e9 / (double)opening, SEALED);
}

static void write_rows(struct esc_store *store, size_t from, size_t end)
{
    char name[24];
    while (from < end) {
        bench_need(esc_store_begin(store, &err), &err);
        for (size_t i = 0; i < BATCH && from < end; i++, from++) {
            const struct place place = place_of(from, name);
            const struct esc_str part = content_of(from);
            bench_need(row_put(store, &place, &part, 1, &err), &err);
        }
        bench_need(esc_store_commit(store, &err), &err);
    }
}

static enum esc_status count_row(void *context, const struct row *row, bool *, struct esc_error *)
{
    size_t *bytes = context;
    *bytes += row->parts[1].len;
    return ESC_OK;
}

static void read_rows(struct esc_store *store)
{
    size_t bytes = 0;
    const struct walk walk = {.collection = collection};
    const uint64_t began = bench_now_ns();
    bench_need(rows_walk(store, &walk, count_row, &bytes, NULL, &err), &err);
    bench_say("open and read 100,000 rows", "s", (double)(bench_now_ns() - began) / 1e9,
              bytes / ROW_SIZE);
}

/* Something a person does, and the same bytes written and synced with nothing around them. */
static void act(struct esc_store *store, const char *folder)
{
    static char bytes[8192];
    struct bench_samples actions = {0}, bare = {0};
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(folder, "bare");
    const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    ESC_CLEANUP(esc_json_freep) struct esc_json *settings = esc_json_object();
    for (size_t i = 0; i < ACTIONS; i++) {
        esc_json_set_int(settings, "number", (int64_t)i);
        uint64_t began = bench_now_ns();
        bench_need(esc_store_doc_put(store, "settings", "page", settings, &err), &err);
        bench_add(&actions, (double)(bench_now_ns() - began) / 1e6);
        began = bench_now_ns();
        if (pwrite(fd, bytes, sizeof bytes, (off_t)(i % 100 * sizeof bytes)) < 0 || fdatasync(fd))
            exit(1);
        bench_add(&bare, (double)(bench_now_ns() - began) / 1e6);
    }
    (void)close(fd);
    bench_say("a user action, median", "ms", bench_quantile(&actions, 0.5), ACTIONS);
    bench_say("a bare fdatasync, median", "ms", bench_quantile(&bare, 0.5), ACTIONS);
    free(actions.values);
    free(bare.values);
}

static void measure_rows(const char *folder)
{
    struct opened opened;
    make_store(&opened, folder, "rows.db");
    seal_and_open(opened.store);
    const uint64_t began = bench_now_ns();
    write_rows(opened.store, 0, WRITTEN);
    bench_say("10,000 rows durable", "s", (double)(bench_now_ns() - began) / 1e9, WRITTEN);
    write_rows(opened.store, WRITTEN, SEALED);
    read_rows(opened.store);
    act(opened.store, folder);
    esc_store_close(opened.store);
    esc_keyring_free(opened.keyring);
}

/* ---- an estate of any size ---- */

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

/* Some direction, the same each time. */
static void make_vector(uint64_t number, float *vector)
{
    double length = 0;
    uint64_t state = number * 0x9E3779B97F4A7C15u + 1;
    for (size_t i = 0; i < ESC_STORE_DIMENSIONS; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        vector[i] = (float)(int32_t)(state >> 32) / 2147483648.0f;
        length += (double)vector[i] * (double)vector[i];
    }
    for (size_t i = 0; i < ESC_STORE_DIMENSIONS; i++)
        vector[i] /= (float)sqrt(length);
}

struct source {
    struct esc_json **lines;
    size_t count;
};

static void read_lines(const char *path, struct source *source)
{
    struct esc_buf file;
    struct esc_str line;
    esc_buf_init(&file, ESC_MAX_FILE);
    bench_need(esc_file_read(path, &file, &err), &err);
    struct esc_str rest = esc_buf_str(&file);
    while (esc_str_next(&rest, '\n', &line)) {
        if (line.len == 0)
            continue;
        source->lines = esc_realloc_array(source->lines, source->count + 1, sizeof *source->lines);
        bench_need(esc_json_parse(line, NULL, &source->lines[source->count++], &err), &err);
    }
    esc_buf_done(&file);
}

static double processor_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now); /* this clock is always there */
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void put_batch(struct esc_store *store, struct esc_resource **batch,
                      const float *const *vectors, size_t count)
{
    bench_need(esc_store_estate_put(store, (const struct esc_resource *const *)batch, vectors,
                                    count, NULL, &err),
               &err);
}

struct spent {
    double wall_s, processor_s;
};

/* Puts resources @p from to @p end of the estate over and over; returns what the store took. */
static struct spent put_copies(struct esc_store *store, const struct source *source, size_t from,
                               size_t end)
{
    static float vectors[BATCH][ESC_STORE_DIMENSIONS];
    struct esc_resource *batch[BATCH];
    const float *pointers[BATCH];
    struct spent spent = {0};
    while (from < end) {
        size_t n = 0;
        for (; n < BATCH && from < end; n++, from++) {
            bench_need(esc_resource_from_json(source->lines[from % source->count], &batch[n], &err),
                       &err);
            rename_copy(batch[n], from / source->count);
            make_vector(from, vectors[n]);
            pointers[n] = vectors[n];
        }
        const uint64_t began = bench_now_ns();
        const double processor = processor_ms();
        put_batch(store, batch, pointers, n);
        spent.processor_s += (processor_ms() - processor) / 1e3;
        spent.wall_s += (double)(bench_now_ns() - began) / 1e9;
        for (size_t i = 0; i < n; i++)
            esc_resource_free(batch[i]);
    }
    return spent;
}

static void fill(const char *passphrase, const char *path, size_t count)
{
    struct source source = {0};
    struct opened opened;
    read_lines(path, &source);
    open_store(&opened, passphrase);
    (void)put_copies(opened.store, &source, 0, count);
    close_store(&opened);
}

static void measure_upserts(const char *folder, const char *path)
{
    struct source source = {0};
    struct opened opened;
    read_lines(path, &source);
    make_store(&opened, folder, "upserts.db");
    const struct spent spent = put_copies(opened.store, &source, 0, WRITTEN);
    bench_say("10,000 upserts durable", "s", spent.wall_s, WRITTEN);
    bench_say("10,000 upserts durable, processor", "s", spent.processor_s, WRITTEN);
    esc_store_close(opened.store);
    esc_keyring_free(opened.keyring);
}

/* ---- starting ---- */

struct asking {
    bool done;
    size_t hits;
};

static void take_end(void *context, enum esc_status, struct esc_json *body)
{
    struct asking *asking = context;
    asking->done = true;
    asking->hits = esc_json_len(esc_json_member(body, "hits"));
    esc_json_free(body);
}

static void ignore(void *, const struct esc_json *)
{
}

static bool is_done(void *context)
{
    return ((const struct asking *)context)->done;
}

static size_t find(struct esc_workbench *bench, struct esc_loop *loop, const char *text)
{
    struct asking asking = {0};
    struct esc_json *body = esc_json_object();
    esc_json_set_text(body, "text", text);
    const struct esc_api_request request = {.method = "POST", .path = "/api/find", .body = body};
    const struct esc_api_sink sink = {ignore, take_end, &asking};
    (void)esc_api_call(bench, &request, &sink);
    (void)esc_loop_run_until(loop, is_done, &asking);
    esc_json_free(body);
    return asking.hits;
}

static double status_mb(const char *name)
{
    struct esc_buf file;
    struct esc_str line;
    esc_buf_init(&file, ESC_MAX_LINE * 16);
    bench_need(esc_file_read("/proc/self/status", &file, &err), &err);
    struct esc_str rest = esc_buf_str(&file);
    double mb = 0;
    while (esc_str_next(&rest, '\n', &line)) {
        if (esc_str_starts_with(line, esc_str_of(name)))
            mb = strtod(line.ptr + strlen(name) + 1, NULL) / 1024;
    }
    esc_buf_done(&file);
    return mb;
}

/* A keyring that has the key at hand and calls itself what the store was made with. */

struct hand {
    struct esc_secret *key;
    char name[160];
};

static enum esc_status at_hand(void *, struct esc_error *)
{
    return ESC_OK;
}

static enum esc_status get_key(void *context, const char *item, struct esc_secret **out,
                               struct esc_error *error)
{
    const struct hand *hand = context;
    if (!esc_text_equal(item, hand->name))
        return esc_fail(error, ESC_NOT_FOUND, "no `%s`", item); /* the anchor */
    *out = esc_secret_copy(hand->key);
    return ESC_OK;
}

static enum esc_status put_key(void *, const char *, const struct esc_secret *, struct esc_error *)
{
    return ESC_OK; /* nothing is made anew here */
}

static enum esc_status del_key(void *, const char *, struct esc_error *)
{
    return ESC_OK;
}

static void describe_key(void *, struct esc_buf *out)
{
    esc_buf_add_text(out, "at hand");
}

static struct hand hand_of(const char *passphrase)
{
    struct esc_store_peek peek;
    struct opened opened;
    struct hand hand = {0};
    open_store(&opened, passphrase);
    bench_need(esc_store_peek(opened.paths.store, &peek, &err), &err);
    bench_need(esc_keyring_get(opened.keyring, peek.key_name, &hand.key, &err), &err);
    (void)snprintf(hand.name, sizeof hand.name, "%s", peek.key_name);
    close_store(&opened);
    return hand;
}

static void start(const char *passphrase)
{
    struct esc_loop *loop = NULL;
    struct esc_workbench *bench = NULL;
    static const struct esc_keyring_table table = {.name = "file",
                                                   .probe = at_hand,
                                                   .get = get_key,
                                                   .put = put_key,
                                                   .del = del_key,
                                                   .describe = describe_key};
    struct hand hand = hand_of(passphrase);
    struct esc_keyring *keyring = esc_keyring_new(&table, &hand, NULL);
    const double anonymous = status_mb("RssAnon"), processor = processor_ms();
    const uint64_t began = bench_now_ns();
    bench_need(esc_loop_new(&loop, &err), &err);
    const struct esc_workbench_options options = {.loop = loop, .keyring_of_caller = keyring};
    bench_need(esc_workbench_open(&options, &bench, &err), &err);
    const size_t hits = find(bench, loop, "pg-instance-main1");
    bench_say("start to the first name", "ms", (double)(bench_now_ns() - began) / 1e6, hits);
    bench_say("start to the first name, processor", "ms", processor_ms() - processor, hits);
    const size_t meant = find(bench, loop, "nightly backups of the billing team");
    bench_say("start to everything", "ms", (double)(bench_now_ns() - began) / 1e6, meant);
    bench_say("start to everything, processor", "ms", processor_ms() - processor, meant);
    bench_say("anonymous memory, before", "MB", anonymous, 1);
    bench_say("anonymous memory", "MB", status_mb("RssAnon"), 1);
    esc_workbench_close(bench);
    esc_loop_free(loop);
    esc_keyring_free(keyring);
    esc_secret_free(hand.key);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "rows") == 0)
        measure_rows(argv[2]);
    else if (argc == 4 && strcmp(argv[1], "upserts") == 0)
        measure_upserts(argv[2], argv[3]);
    else if (argc == 5 && strcmp(argv[1], "fill") == 0)
        fill(argv[2], argv[3], (size_t)strtoull(argv[4], NULL, 10));
    else if (argc == 3 && strcmp(argv[1], "start") == 0)
        start(argv[2]);
    else
        return 2;
    return 0;
}
