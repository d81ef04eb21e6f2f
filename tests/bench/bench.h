/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the benchmark programs share: a clock, samples, and lines of JSON for tools/bench.
 *
 *     {"name": "seal 1 KiB", "unit": "MB/s", "value": 1234.5, "samples": 200}
 *
 * A benchmark stops with a message when something fails; it is no test and measures no failure.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "escher/base/alloc.h"
#include "escher/base/error.h"
#include "escher/base/json.h"

static inline uint64_t bench_now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* this clock is always there */
    return (uint64_t)now.tv_sec * 1'000'000'000 + (uint64_t)now.tv_nsec;
}

/** What this thread has had of the processor: for what does nothing but compute. */
static inline uint64_t bench_cpu_ns(void)
{
    struct timespec used;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used); /* this clock is always there */
    return (uint64_t)used.tv_sec * 1'000'000'000 + (uint64_t)used.tv_nsec;
}

static inline void bench_need(enum esc_status status, const struct esc_error *err)
{
    if (status == ESC_OK)
        return;
    (void)fprintf(stderr, "bench: %s\n", err->message);
    exit(1);
}

struct bench_samples {
    double *values;
    size_t count, capacity;
};

static inline void bench_add(struct bench_samples *samples, double value)
{
    if (samples->count == samples->capacity) {
        samples->capacity = samples->capacity ? samples->capacity * 2 : 256;
        samples->values =
            esc_realloc_array(samples->values, samples->capacity, sizeof *samples->values);
    }
    samples->values[samples->count++] = value;
}

static inline int bench_compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/** The value below which @p share of the samples lie; sorts them. */
static inline double bench_quantile(struct bench_samples *samples, double share)
{
    if (samples->count == 0)
        return 0;
    qsort(samples->values, samples->count, sizeof *samples->values, bench_compare);
    const size_t at = (size_t)(share * (double)samples->count);
    return samples->values[at < samples->count ? at : samples->count - 1];
}

static inline void bench_say(const char *name, const char *unit, double value, size_t samples)
{
    struct esc_json *line = esc_json_object();
    esc_json_set_text(line, "name", name);
    esc_json_set_text(line, "unit", unit);
    esc_json_set(line, "value", esc_json_real(value));
    esc_json_set_int(line, "samples", (int64_t)samples);
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(line, ESC_JSON_COMPACT);
    (void)puts(text);
    (void)fflush(stdout);
    esc_json_free(line);
}

/** Says median and 95th percentile as two lines, and forgets the samples. */
static inline void bench_say_samples(const char *name, const char *unit,
                                     struct bench_samples *samples)
{
    ESC_CLEANUP(esc_freep) char *median = esc_sprintf("%s, median", name);
    ESC_CLEANUP(esc_freep) char *high = esc_sprintf("%s, p95", name);
    bench_say(median, unit, bench_quantile(samples, 0.5), samples->count);
    bench_say(high, unit, bench_quantile(samples, 0.95), samples->count);
    free(samples->values);
    *samples = (struct bench_samples){0};
}
