/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AVX2 and FMA: eight floats at a time, two multiply-adds a cycle.
 *
 * The heart is tile(): up to 6 rows times one panel, 12 sums in registers, two of the panel's
 * registers and one element of a row; with 16 registers that is as much as fits. Each sum adds
 * its products in the order of the depth whatever the height of the tile, so a row's result does
 * not depend on its neighbours.
 *
 * Only this file is compiled with -mavx2 -mfma; nothing in it runs before kernel.c has asked the
 * CPU.
 */
#include <immintrin.h>
#include <math.h>

#include "escher/base/attr.h"
#include "escher/vec/kernel_private.h"

enum {
    LANES = 8,
    TILE_ROWS = 6
};

static float sum_of(__m256 v)
{
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

static float max_of(__m256 v)
{
    __m128 four = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}

/* Four sums, because one multiply-add takes four cycles until the next can use its result. */
static float dot_f32(const float *a, const float *b, size_t count)
{
    __m256 sums[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(),
                      _mm256_setzero_ps()};
    size_t i = 0;
    for (; i + 4 * LANES <= count; i += 4 * LANES)
        for (size_t s = 0; s < 4; s++)
            sums[s] = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + s * LANES),
                                      _mm256_loadu_ps(b + i + s * LANES), sums[s]);
    float sum =
        sum_of(_mm256_add_ps(_mm256_add_ps(sums[0], sums[1]), _mm256_add_ps(sums[2], sums[3])));
    for (; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Bytes are widened first: the instruction that multiplies bytes saturates. */
static int32_t dot_s8(const int8_t *a, const int8_t *b, size_t count)
{
    __m256i sums = _mm256_setzero_si256();
    size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        __m256i left = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(a + i)));
        __m256i right = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(b + i)));
        sums = _mm256_add_epi32(sums, _mm256_madd_epi16(left, right));
    }
    __m128i four = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
    __m128i two = _mm_add_epi32(four, _mm_unpackhi_epi64(four, four));
    int32_t sum = _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 1)));
    for (; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

/*
 * A function for each height, and loops with a constant bound: only then do gcc 12 and clang 14
 * both unroll them and make registers of `low` and `high`.
 */
static ESC_ALWAYS_INLINE void tile(const struct esc_matmul *task, size_t first, size_t p,
                                   size_t height)
{
    const float *rows = task->rows + first * task->row_stride;
    const float *panel = task->panels + p * task->depth * ESC_PANEL_COLUMNS;
    const float *next = p + 1 < task->panel_count ? panel + task->depth * ESC_PANEL_COLUMNS : panel;
    __m256 low[TILE_ROWS], high[TILE_ROWS];
#pragma GCC unroll 6
    for (size_t r = 0; r < TILE_ROWS && r < height; r++)
        low[r] = high[r] = _mm256_setzero_ps();
    for (size_t d = 0; d < task->depth; d++) {
        _mm_prefetch(next + d * ESC_PANEL_COLUMNS, _MM_HINT_T1);
        __m256 panel_low = _mm256_loadu_ps(panel + d * ESC_PANEL_COLUMNS);
        __m256 panel_high = _mm256_loadu_ps(panel + d * ESC_PANEL_COLUMNS + LANES);
#pragma GCC unroll 6
        for (size_t r = 0; r < TILE_ROWS && r < height; r++) {
            __m256 element = _mm256_broadcast_ss(rows + r * task->row_stride + d);
            low[r] = _mm256_fmadd_ps(element, panel_low, low[r]);
            high[r] = _mm256_fmadd_ps(element, panel_high, high[r]);
        }
    }
    const float *bias = task->bias ? task->bias + p * ESC_PANEL_COLUMNS : NULL;
    __m256 bias_low = bias ? _mm256_loadu_ps(bias) : _mm256_setzero_ps();
    __m256 bias_high = bias ? _mm256_loadu_ps(bias + LANES) : _mm256_setzero_ps();
    float *out = task->out + first * task->out_stride + p * ESC_PANEL_COLUMNS;
#pragma GCC unroll 6
    for (size_t r = 0; r < TILE_ROWS && r < height; r++) {
        _mm256_storeu_ps(out + r * task->out_stride, _mm256_add_ps(low[r], bias_low));
        _mm256_storeu_ps(out + r * task->out_stride + LANES, _mm256_add_ps(high[r], bias_high));
    }
}

#define TILE(height)                                                                               \
    static void tile_##height(const struct esc_matmul *task, size_t first, size_t p)               \
    {                                                                                              \
        tile(task, first, p, height);                                                              \
    }
TILE(1)
TILE(2)
TILE(3)
TILE(4)
TILE(5)
TILE(6)
#undef TILE

typedef void tile_fn(const struct esc_matmul *task, size_t first, size_t p);
static tile_fn *const tiles[TILE_ROWS + 1] = {NULL, tile_1, tile_2, tile_3, tile_4, tile_5, tile_6};

/*
 * Panels outside: a panel is read from memory once and stays in the cache for all rows. The next
 * one is fetched meanwhile, which takes a third off the time of a short text.
 */
static void matmul(const struct esc_matmul *task)
{
    for (size_t p = 0; p < task->panel_count; p++)
        for (size_t r = 0; r < task->row_count; r += TILE_ROWS) {
            size_t left = task->row_count - r;
            tiles[left < TILE_ROWS ? left : TILE_ROWS](task, r, p);
        }
}

/* Lanes 0 .. count - 1 on, the others off. */
static __m256i first_lanes(size_t count)
{
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), lane);
}

static __m256i lanes_left(size_t count, size_t i)
{
    return first_lanes(count - i < LANES ? count - i : LANES);
}

static __m256 all(float value)
{
    return _mm256_set1_ps(value);
}

/*
 * exp(x) = 2^n exp(r) with n = round(x / ln 2), so |r| <= ln 2 / 2, where seven terms of the
 * series are off by less than 1e-8. ln 2 is subtracted in two parts, the first of few bits.
 * Below -87.3 the result is no normal number any more: clamped, it is 1e-38.
 */
static __m256 exp_of(__m256 x)
{
    static const float terms[] = {1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1, 1};
    x = _mm256_min_ps(_mm256_max_ps(x, all(-87.3f)), all(88.0f));
    __m256 n = _mm256_round_ps(_mm256_mul_ps(x, all(1.44269504f)),
                               _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    __m256 r = _mm256_fnmadd_ps(n, all(0.693359375f), x);
    r = _mm256_fnmadd_ps(n, all(-2.12194440e-4f), r);
    __m256 sum = all(1.0f / 5040);
    for (size_t i = 0; i < ESC_COUNT(terms); i++)
        sum = _mm256_fmadd_ps(sum, r, all(terms[i]));
    __m256i power =
        _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23);
    return _mm256_mul_ps(sum, _mm256_castsi256_ps(power));
}

/* Abramowitz and Stegun 7.1.26 for |x|, the sign put back: off by at most 1.5e-7. */
static __m256 erf_of(__m256 x)
{
    const __m256 sign_bit = all(-0.0f);
    __m256 size = _mm256_andnot_ps(sign_bit, x);
    __m256 t = _mm256_div_ps(all(1), _mm256_fmadd_ps(all(0.3275911f), size, all(1)));
    __m256 sum = all(1.061405429f);
    sum = _mm256_fmadd_ps(sum, t, all(-1.453152027f));
    sum = _mm256_fmadd_ps(sum, t, all(1.421413741f));
    sum = _mm256_fmadd_ps(sum, t, all(-0.284496736f));
    sum = _mm256_fmadd_ps(sum, t, all(0.254829592f));
    sum = _mm256_mul_ps(sum, t);
    __m256 tail = exp_of(_mm256_xor_ps(_mm256_mul_ps(size, size), sign_bit));
    __m256 value = _mm256_fnmadd_ps(sum, tail, all(1));
    return _mm256_or_ps(value, _mm256_and_ps(x, sign_bit));
}

static void gelu(float *x, size_t count)
{
    for (size_t i = 0; i < count; i += LANES) {
        __m256i lanes = lanes_left(count, i);
        __m256 v = _mm256_maskload_ps(x + i, lanes);
        __m256 half = _mm256_mul_ps(v, all(0.5f));
        __m256 erf = erf_of(_mm256_mul_ps(v, all(0.70710678f)));
        _mm256_maskstore_ps(x + i, lanes, _mm256_fmadd_ps(half, erf, half));
    }
}

static void softmax(float *x, size_t count)
{
    __m256 max = all(x[0]);
    for (size_t i = 0; i < count; i += LANES) {
        __m256i lanes = lanes_left(count, i);
        __m256 v = _mm256_maskload_ps(x + i, lanes);
        max = _mm256_max_ps(max, _mm256_blendv_ps(max, v, _mm256_castsi256_ps(lanes)));
    }
    const __m256 top = all(max_of(max));
    __m256 sum = _mm256_setzero_ps();
    for (size_t i = 0; i < count; i += LANES) {
        __m256i lanes = lanes_left(count, i);
        __m256 v = exp_of(_mm256_sub_ps(_mm256_maskload_ps(x + i, lanes), top));
        sum = _mm256_add_ps(sum, _mm256_and_ps(v, _mm256_castsi256_ps(lanes)));
        _mm256_maskstore_ps(x + i, lanes, v);
    }
    const __m256 share = all(1 / sum_of(sum));
    for (size_t i = 0; i < count; i += LANES) {
        __m256i lanes = lanes_left(count, i);
        _mm256_maskstore_ps(x + i, lanes, _mm256_mul_ps(_mm256_maskload_ps(x + i, lanes), share));
    }
}

static float add_and_sum(float *x, const float *add, size_t count)
{
    __m256 sum = _mm256_setzero_ps();
    for (size_t i = 0; i < count; i += LANES) {
        __m256i lanes = lanes_left(count, i);
        __m256 v = _mm256_maskload_ps(x + i, lanes);
        if (add)
            v = _mm256_add_ps(v, _mm256_maskload_ps(add + i, lanes));
        sum = _mm256_add_ps(sum, v);
        _mm256_maskstore_ps(x + i, lanes, v);
    }
    return sum_of(sum);
}

static float sum_of_squares(const float *x, __m256 mean, size_t count)
{
    __m256 sum = _mm256_setzero_ps();
    for (size_t i = 0; i < count; i += LANES) {
        __m256i lanes = lanes_left(count, i);
        __m256 v = _mm256_sub_ps(_mm256_maskload_ps(x + i, lanes), mean);
        v = _mm256_and_ps(v, _mm256_castsi256_ps(lanes));
        sum = _mm256_fmadd_ps(v, v, sum);
    }
    return sum_of(sum);
}

static void layer_norm(float *x, const float *add, const float *scale, const float *shift,
                       size_t count)
{
    const __m256 mean = all(add_and_sum(x, add, count) / (float)count);
    float squares = sum_of_squares(x, mean, count);
    const __m256 factor = all(1 / sqrtf(squares / (float)count + 1e-12f));
    for (size_t i = 0; i < count; i += LANES) {
        __m256i lanes = lanes_left(count, i);
        __m256 v = _mm256_sub_ps(_mm256_maskload_ps(x + i, lanes), mean);
        v = _mm256_fmadd_ps(_mm256_mul_ps(v, factor), _mm256_maskload_ps(scale + i, lanes),
                            _mm256_maskload_ps(shift + i, lanes));
        _mm256_maskstore_ps(x + i, lanes, v);
    }
}

const struct esc_kernel kernel_avx2 = {
    .name = "avx2",
    .dot_f32 = dot_f32,
    .dot_s8 = dot_s8,
    .matmul = matmul,
    .gelu = gelu,
    .softmax = softmax,
    .layer_norm = layer_norm,
};
