/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/vec/kernel.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif
#include <stdatomic.h>

#include "escher/base/paths.h"
#include "escher/base/str.h"
#include "escher/vec/kernel_private.h"

static bool scalar_runs_here(void)
{
    return true;
}

#if defined(__x86_64__)
/* Both: the CPU has the instructions, and the system keeps the wide registers (XCR0). */
static bool avx2_runs_here(void)
{
    unsigned a = 0, b = 0, c = 0, d = 0;
    const unsigned needed = bit_FMA | bit_AVX | bit_OSXSAVE;
    if (!__get_cpuid(1, &a, &b, &c, &d) || (c & needed) != needed)
        return false;
    unsigned kept = 0, high = 0;
    __asm__ volatile("xgetbv" : "=a"(kept), "=d"(high) : "c"(0));
    const unsigned sse_and_avx = 6;
    return (kept & sse_and_avx) == sse_and_avx && __get_cpuid_count(7, 0, &a, &b, &c, &d) &&
           (b & bit_AVX2);
}
#endif

/* Fastest first. */
static const struct {
    const struct esc_kernel *kernel;
    bool (*runs_here)(void);
} known[] = {
#if defined(__x86_64__)
    {&kernel_avx2, avx2_runs_here},
#endif
    {&kernel_scalar, scalar_runs_here},
};

const struct esc_kernel *esc_kernel_named(const char *name)
{
    for (size_t i = 0; i < ESC_COUNT(known); i++)
        if (esc_text_equal(name, known[i].kernel->name) && known[i].runs_here())
            return known[i].kernel;
    return NULL;
}

static const struct esc_kernel *choose(void)
{
    const struct esc_kernel *wanted = esc_kernel_named(esc_env("ESCHER_KERNEL"));
    for (size_t i = 0; !wanted; i++) /* the last one always runs */
        if (known[i].runs_here())
            wanted = known[i].kernel;
    return wanted;
}

const struct esc_kernel *esc_kernel_default(void)
{
    /* Remembered because asking the CPU leaves the virtual machine; each thread would find the same. */
    static _Atomic(const struct esc_kernel *) chosen;
    const struct esc_kernel *kernel = atomic_load(&chosen);
    if (!kernel) {
        kernel = choose();
        atomic_store(&chosen, kernel);
    }
    return kernel;
}
