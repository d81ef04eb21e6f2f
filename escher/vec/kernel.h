/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Arithmetic on arrays of numbers, once in plain C and once per instruction set, behind one
 * table of functions. The scalar table is the reference; every other one is tested against it.
 *
 * Within one table a result depends on its own inputs only: how many other rows were in the call
 * does not change a single bit of it. Between tables float results differ by rounding; integer
 * results are equal.
 *
 * Threads  all functions may be called from any thread; the tables are constant.
 */

#include <stddef.h>
#include <stdint.h>

enum {
    ESC_PANEL_COLUMNS = 16 /* one AVX-512, two AVX2, four NEON registers of floats */
};

/**
 * out[r][c] = bias[c] + sum over d of rows[r][d] * matrix[d][c], added up in the order of d.
 *
 * The matrix lies in panels: panel p holds columns 16 p .. 16 p + 15, row d of it being the 16
 * floats from panels[(p * depth + d) * 16] on. Rows are @p row_stride, @p out_stride floats apart.
 */
struct esc_matmul {
    const float *rows;
    size_t row_count, row_stride;
    const float *panels;
    size_t panel_count, depth;
    const float *bias; /* panel_count * 16 floats, or NULL for zeros */
    float *out;        /* row_count rows of panel_count * 16 floats; not overlapping the rows */
    size_t out_stride;
};

struct esc_kernel {
    const char *name; /* "scalar", "avx2" */
    float (*dot_f32)(const float *a, const float *b, size_t count);
    /** Exact for up to 65,536 elements (products are at most 2^14). */
    int32_t (*dot_s8)(const int8_t *a, const int8_t *b, size_t count);
    void (*matmul)(const struct esc_matmul *task);
    /** x[i] = x[i] * (1 + erf(x[i] / sqrt(2))) / 2 */
    void (*gelu)(float *x, size_t count);
    /** x[i] = exp(x[i] - max) / sum; count > 0. */
    void (*softmax)(float *x, size_t count);
    /** x = (x + add - mean) / sqrt(variance + 1e-12) * scale + shift; @p add may be NULL. */
    void (*layer_norm)(float *x, const float *add, const float *scale, const float *shift,
                       size_t count);
};

/** The table called @p name, or NULL when it is unknown, not built in, or the CPU lacks it. */
const struct esc_kernel *esc_kernel_named(const char *name);
/** The table that ESCHER_KERNEL names, if it can run here; else the fastest that can. */
const struct esc_kernel *esc_kernel_default(void);
