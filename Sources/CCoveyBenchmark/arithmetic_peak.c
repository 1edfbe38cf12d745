#include "arithmetic_peak.h"

// Sixteen chains hide the latency of two multiply-adds a cycle.
#define CHAINS 16

#define MULTIPLY_ADD(NAME, TARGET, LANES, OF)                                                                      \
    typedef double NAME##_vector __attribute__((ext_vector_type(LANES)));                                      \
    TARGET static double NAME(long rounds) {                                                                   \
        NAME##_vector chain[CHAINS];                                                                           \
        for (int i = 0; i < CHAINS; i++) chain[i] = (NAME##_vector)(1.0 + i);                                  \
        const NAME##_vector factor = 0.999999, term = 1e-6;                                                    \
        for (long round = 0; round < rounds; round++) {                                                        \
            _Pragma("clang loop unroll(full)") for (int i = 0; i < CHAINS; i++)                                \
                chain[i] = OF(chain[i], factor, term);                                                         \
        }                                                                                                      \
        NAME##_vector sum = 0;                                                                                 \
        for (int i = 0; i < CHAINS; i++) sum += chain[i];                                                      \
        /* The result is used, so that nothing of it is left out. */                                           \
        return sum[0] > 0 ? 2.0 * CHAINS * LANES * (double)rounds : 0;                                         \
    }

#define ONE_ROUNDING(a, b, c) __builtin_elementwise_fma(a, b, c)
#define TWO_ROUNDINGS(a, b, c) ((a) * (b) + (c))

#if defined(__x86_64__)
MULTIPLY_ADD(
    multiply_add_512, __attribute__((target("arch=x86-64-v4"), min_vector_width(512))), 8, ONE_ROUNDING)
MULTIPLY_ADD(multiply_add_256, __attribute__((target("arch=x86-64-v3"))), 4, ONE_ROUNDING)
MULTIPLY_ADD(multiply_add_128, , 2, TWO_ROUNDINGS)
#else
MULTIPLY_ADD(multiply_add_128, , 2, ONE_ROUNDING)
#endif

double covey_multiply_add(long rounds) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("x86-64-v4")) return multiply_add_512(rounds);
    if (__builtin_cpu_supports("x86-64-v3")) return multiply_add_256(rounds);
#endif
    return multiply_add_128(rounds);
}
