#include "welch.h"

#include "instruction_level.h"
#include "shuffle_kernels.h"

typedef struct {
    covey_welch shape;
    const double *basis;
    const size_t *ends;
    const double *grams;
    const double *traces;
    const int32_t *rows;
    const double *signs;
    const double *data;
    double *values;
    double *degrees;
    double *scratch;
} welch_pointers;

#if defined(__x86_64__)

#define NAME(x) x##_avx512
// Without min_vector_width the compiler splits 64-byte vectors into two and spills them.
#define TARGET __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#define LANES 8
#define MULADD(a, b, c) __builtin_elementwise_fma(a, b, c)
#include "welch_template.h"

#define NAME(x) x##_avx2
#define TARGET __attribute__((target("arch=x86-64-v3")))
#define LANES 4
#define MULADD(a, b, c) __builtin_elementwise_fma(a, b, c)
#include "welch_template.h"

#endif

#define NAME(x) x##_baseline
#define TARGET
#define LANES 2
#if defined(__aarch64__)
#define MULADD(a, b, c) __builtin_elementwise_fma(a, b, c)
#else
#define MULADD(a, b, c) ((a) * (b) + (c))
#endif
#include "welch_template.h"

size_t covey_welch_scratch_count(size_t subjects, size_t columns, size_t tested, size_t groups) {
    return (subjects + columns + groups + columns * columns + columns * tested) * COVEY_PANEL;
}

void covey_welch_panel(
    int level, const covey_welch *work, const double *basis, const size_t *ends, const double *grams,
    const double *traces, const int32_t *rows, const double *signs, const double *data, double *values,
    double *degrees, double *scratch) {
    const welch_pointers all = {
        *work, basis, ends, grams, traces, rows, signs, data, values, degrees, scratch};
#if defined(__x86_64__)
    if (level >= covey_level_avx512) {
        welch_avx512(&all);
        return;
    }
    if (level == covey_level_avx2) {
        welch_avx2(&all);
        return;
    }
#endif
    (void)level;
    welch_baseline(&all);
}
