/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reference: what each function means, as plainly as it can be said. The C library does
 * exp and erf. Compiled without contraction of a * b + c, so results do not depend on the compiler.
 */
#include <math.h>

#include "escher/base/attr.h"
#include "escher/vec/kernel_private.h"

static float dot_f32(const float *a, const float *b, size_t count)
{
    float sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

static int32_t dot_s8(const int8_t *a, const int8_t *b, size_t count)
{
    int32_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

enum {
    STEP = 8
};

/* Adds @p count rows of a panel to the sums: 16 columns side by side, which compilers vectorise. */
static ESC_ALWAYS_INLINE void add_rows(const float *row, const float *panel, size_t count,
                                       float sums[ESC_PANEL_COLUMNS])
{
    for (size_t c = 0; c < ESC_PANEL_COLUMNS; c++) {
        float sum = sums[c];
        for (size_t d = 0; d < count; d++)
            sum += row[d] * panel[d * ESC_PANEL_COLUMNS + c];
        sums[c] = sum;
    }
}

/*
 * One row times one panel, eight at a time: with a constant count gcc 12 keeps the sums in
 * registers, which is five times faster than adding row by row.
 */
static void multiply_panel(const float *row, const float *panel, size_t depth, const float *bias,
                           float *out)
{
    float sums[ESC_PANEL_COLUMNS] = {0};
    size_t d = 0;
    for (; d + STEP <= depth; d += STEP)
        add_rows(row + d, panel + d * ESC_PANEL_COLUMNS, STEP, sums);
    add_rows(row + d, panel + d * ESC_PANEL_COLUMNS, depth - d, sums);
    for (size_t c = 0; c < ESC_PANEL_COLUMNS; c++)
        out[c] = sums[c] + (bias ? bias[c] : 0);
}

static void matmul(const struct esc_matmul *task)
{
    for (size_t p = 0; p < task->panel_count; p++)
        for (size_t r = 0; r < task->row_count; r++)
            multiply_panel(task->rows + r * task->row_stride,
                           task->panels + p * task->depth * ESC_PANEL_COLUMNS, task->depth,
                           task->bias ? task->bias + p * ESC_PANEL_COLUMNS : NULL,
                           task->out + r * task->out_stride + p * ESC_PANEL_COLUMNS);
}

static void gelu(float *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        x[i] = x[i] * 0.5f * (1 + erff(x[i] * 0.70710678f));
}

static void softmax(float *x, size_t count)
{
    float max = x[0];
    for (size_t i = 1; i < count; i++)
        max = x[i] > max ? x[i] : max;
    float sum = 0;
    for (size_t i = 0; i < count; i++) {
        x[i] = expf(x[i] - max);
        sum += x[i];
    }
    for (size_t i = 0; i < count; i++)
        x[i] /= sum;
}

static void layer_norm(float *x, const float *add, const float *scale, const float *shift,
                       size_t count)
{
    float sum = 0;
    for (size_t i = 0; i < count; i++) {
        x[i] += add ? add[i] : 0;
        sum += x[i];
    }
    float mean = sum / (float)count;
    float squares = 0;
    for (size_t i = 0; i < count; i++)
        squares += (x[i] - mean) * (x[i] - mean);
    float factor = 1 / sqrtf(squares / (float)count + 1e-12f);
    for (size_t i = 0; i < count; i++)
        x[i] = (x[i] - mean) * factor * scale[i] + shift[i];
}

const struct esc_kernel kernel_scalar = {
    .name = "scalar",
    .dot_f32 = dot_f32,
    .dot_s8 = dot_s8,
    .matmul = matmul,
    .gelu = gelu,
    .softmax = softmax,
    .layer_norm = layer_norm,
};
