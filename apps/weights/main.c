/* SPDX-License-Identifier: Apache-2.0 */
/*
 * escher-convert-weights [--any-model] MODEL.safetensors VOCAB.txt OUT.escemb
 *
 * Part of setting up, not of the product: makes OUT from the two published files, then reads it
 * again and compares all checksums. Does nothing when OUT was already made from this model.
 * Files other than the pinned ones are refused, unless --any-model says they are meant.
 */
#include <stdio.h>
#include <string.h>

#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/crypt/digest.h"
#include "escher/embed/convert.h"
#include "escher/embed/weights.h"

/* As in tools/weights.sha256. */
static const char model_sha256[] =
    "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db";
static const char vocab_sha256[] =
    "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3";

struct job {
    const char *model_path, *vocab_path, *out_path;
    bool any_model;
    struct esc_mapping model, vocab;
    uint8_t source[ESC_SHA256_SIZE];
};

static struct esc_str text_of(const struct esc_mapping *mapping)
{
    return (struct esc_str){mapping->ptr, mapping->len};
}

static enum esc_status open_pinned(const struct job *job, const char *path, const char *pinned,
                                   struct esc_mapping *out, struct esc_error *err)
{
    char found[ESC_SHA256_TEXT];
    enum esc_status status = esc_file_map(path, out, err);
    if (status != ESC_OK)
        return status;
    esc_sha256_hex(text_of(out), found);
    if (!job->any_model && strcmp(found, pinned) != 0)
        return esc_fail(err, ESC_INVALID, "%s is not the pinned file: its SHA-256 is %s", path,
                        found);
    return ESC_OK;
}

static enum esc_status open_input(struct job *job, struct esc_error *err)
{
    enum esc_status status = open_pinned(job, job->model_path, model_sha256, &job->model, err);
    if (status == ESC_OK)
        status = open_pinned(job, job->vocab_path, vocab_sha256, &job->vocab, err);
    if (status == ESC_OK)
        esc_sha256(text_of(&job->model), job->source);
    return status;
}

/* Whether OUT is whole and made from this model by this version of the format. */
static bool is_up_to_date(const struct job *job)
{
    char source[ESC_SHA256_TEXT];
    ESC_CLEANUP(esc_weights_unrefp) struct esc_weights *weights = NULL;
    if (esc_weights_open(job->out_path, &weights, NULL) != ESC_OK)
        return false;
    esc_hex(job->source, sizeof job->source, source);
    return strcmp(source, esc_weights_source(weights)) == 0 &&
           esc_weights_verify(weights, NULL) == ESC_OK;
}

static enum esc_status convert(const struct job *job, struct esc_error *err)
{
    const struct esc_convert_input input = {.model = text_of(&job->model),
                                            .vocab = text_of(&job->vocab),
                                            .source = job->source,
                                            .name = "minilm-l6-v2"};
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_FILE);
    enum esc_status status = esc_convert(&input, &out, err);
    if (status == ESC_OK)
        status = esc_file_replace(job->out_path, esc_buf_str(&out), 0644, err);
    esc_buf_done(&out);
    return status;
}

static enum esc_status check(const struct job *job, struct esc_error *err)
{
    ESC_CLEANUP(esc_weights_unrefp) struct esc_weights *weights = NULL;
    enum esc_status status = esc_weights_open(job->out_path, &weights, err);
    if (status == ESC_OK)
        status = esc_weights_verify(weights, err);
    if (status == ESC_OK)
        printf("%s: %s\n", job->out_path, esc_weights_space_id(weights));
    return status;
}

static enum esc_status run(struct job *job, struct esc_error *err)
{
    enum esc_status status = open_input(job, err);
    if (status == ESC_OK && !is_up_to_date(job)) {
        status = convert(job, err);
        if (status == ESC_OK)
            status = check(job, err);
    }
    esc_file_unmap(&job->model);
    esc_file_unmap(&job->vocab);
    return status;
}

int main(int argc, char **argv)
{
    struct job job = {0};
    struct esc_error err;
    int first = 1;
    if (argc > 1 && strcmp(argv[1], "--any-model") == 0) {
        job.any_model = true;
        first++;
    }
    if (argc - first != 3) {
        fputs(
            "usage: escher-convert-weights [--any-model] MODEL.safetensors VOCAB.txt OUT.escemb\n",
            stderr);
        return esc_status_exit_code(ESC_INVALID);
    }
    job.model_path = argv[first];
    job.vocab_path = argv[first + 1];
    job.out_path = argv[first + 2];
    enum esc_status status = run(&job, &err);
    if (status != ESC_OK)
        fprintf(stderr, "escher-convert-weights: %s\n", err.message);
    return esc_status_exit_code(status);
}
