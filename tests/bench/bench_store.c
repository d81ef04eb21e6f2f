/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/paths.h"
#include "escher/store/estate.h"
#include "escher/work/api.h"
#include "tests/bench/bench.h"

/*
 * usage: bench-store fill PASSPHRASE ESTATE.jsonl COUNT    the estate over and over, into the store
 *        bench-store start PASSPHRASE                      opens the workbench over it and asks
 *
 * Both over the store of ESCHER_HOME. Copies have names and vectors of their own.
 */

enum {
    BATCH = 1000,
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

static void fill(const char *passphrase, const char *path, size_t count)
{
    static float vectors[BATCH][ESC_STORE_DIMENSIONS];
    struct esc_resource *batch[BATCH];
    const float *pointers[BATCH];
    struct source source = {0};
    struct opened opened;
    read_lines(path, &source);
    open_store(&opened, passphrase);
    uint64_t spent = 0;
    for (size_t done = 0; done < count;) {
        size_t n = 0;
        for (; n < BATCH && done < count; n++, done++) {
            bench_need(esc_resource_from_json(source.lines[done % source.count], &batch[n], &err),
                       &err);
            rename_copy(batch[n], done / source.count);
            make_vector(done, vectors[n]);
            pointers[n] = vectors[n];
        }
        const uint64_t began = bench_now_ns();
        bench_need(esc_store_estate_put(opened.store, (const struct esc_resource *const *)batch,
                                        pointers, n, NULL, &err),
                   &err);
        spent += bench_now_ns() - began;
        for (size_t i = 0; i < n; i++)
            esc_resource_free(batch[i]);
    }
    bench_say("upserts durable", "rows/s", (double)count * 1e9 / (double)spent, count);
    close_store(&opened);
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

static void start(const char *passphrase)
{
    struct esc_loop *loop = NULL;
    struct esc_workbench *bench = NULL;
    const uint64_t began = bench_now_ns();
    bench_need(esc_loop_new(&loop, &err), &err);
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *secret = esc_secret_of_text(passphrase);
    const struct esc_workbench_options options = {.loop = loop, .passphrase = secret};
    bench_need(esc_workbench_open(&options, &bench, &err), &err);
    bench_say("opened", "ms", (double)(bench_now_ns() - began) / 1e6, 1);
    size_t hits = find(bench, loop, "pg-instance-main1");
    bench_say("first name", "ms", (double)(bench_now_ns() - began) / 1e6, hits);
    bench_say("RssAnon", "MB", status_mb("RssAnon"), 1);
    esc_workbench_close(bench);
    esc_loop_free(loop);
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "fill") == 0)
        fill(argv[2], argv[3], (size_t)strtoull(argv[4], NULL, 10));
    else if (argc == 3 && strcmp(argv[1], "start") == 0)
        start(argv[2]);
    else
        return 2;
    return 0;
}
