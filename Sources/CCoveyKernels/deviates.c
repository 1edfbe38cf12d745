#include "deviates.h"

#include <math.h>

#include "instruction_level.h"

// Four coefficients at a time are enough: AVX-512 has nothing to add.
#if defined(__x86_64__)

#define NAME(x) x##_avx2
#define TARGET __attribute__((target("arch=x86-64-v3")))
#define LANES 4
#define MULADD(a, b, c) __builtin_elementwise_fma(a, b, c)
#define SCALAR_MULADD(a, b, c) __builtin_fma(a, b, c)
#include "deviates_template.h"

#endif

#define NAME(x) x##_baseline
#define TARGET
#define LANES 2
#if defined(__aarch64__)
#define MULADD(a, b, c) __builtin_elementwise_fma(a, b, c)
#define SCALAR_MULADD(a, b, c) __builtin_fma(a, b, c)
#else
#define MULADD(a, b, c) ((a) * (b) + (c))
#define SCALAR_MULADD(a, b, c) ((a) * (b) + (c))
#endif
#include "deviates_template.h"

size_t covey_t_deviates(
    int level, size_t count, const double *t, const double *degrees, double nu,
    const double *scales, const double *coefficients, size_t intervals, size_t orders, double *deviates) {
#if defined(__x86_64__)
    if (level >= covey_level_avx2) {
        return deviates_avx2(
            count, t, degrees, nu, scales, coefficients, intervals, orders, deviates);
    }
#endif
    (void)level;
    return deviates_baseline(
        count, t, degrees, nu, scales, coefficients, intervals, orders, deviates);
}
