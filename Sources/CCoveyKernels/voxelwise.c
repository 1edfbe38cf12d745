#include "voxelwise.h"

#include "instruction_level.h"
#include "shuffle_kernels.h"

#if defined(__x86_64__)

#define NAME(x) x##_avx512
// Without min_vector_width the compiler splits 64-byte vectors into two and spills them.
#define TARGET __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#define LANES 8
#define MULADD(a, b, c) __builtin_elementwise_fma(a, b, c)
#include "voxelwise_template.h"

#define NAME(x) x##_avx2
#define TARGET __attribute__((target("arch=x86-64-v3")))
#define LANES 4
#define MULADD(a, b, c) __builtin_elementwise_fma(a, b, c)
#include "voxelwise_template.h"

#endif

#define NAME(x) x##_baseline
#define TARGET
#define LANES 2
#if defined(__aarch64__)
#define MULADD(a, b, c) __builtin_elementwise_fma(a, b, c)
#else
#define MULADD(a, b, c) ((a) * (b) + (c))
#endif
#include "voxelwise_template.h"

void covey_orthonormalise_panel(
    int level, size_t subjects, size_t columns, double *design, double *least) {
#if defined(__x86_64__)
    if (level >= covey_level_avx512) {
        orthonormalise_avx512(subjects, columns, design, least);
        return;
    }
    if (level == covey_level_avx2) {
        orthonormalise_avx2(subjects, columns, design, least);
        return;
    }
#endif
    (void)level;
    orthonormalise_baseline(subjects, columns, design, least);
}

void covey_residual_panel(
    int level, size_t subjects, size_t columns, const double *bases, double *data, double *squares) {
#if defined(__x86_64__)
    if (level >= covey_level_avx512) {
        residual_avx512(subjects, columns, bases, data, squares);
        return;
    }
    if (level == covey_level_avx2) {
        residual_avx2(subjects, columns, bases, data, squares);
        return;
    }
#endif
    (void)level;
    residual_baseline(subjects, columns, bases, data, squares);
}

void covey_voxelwise_panel(
    int level, const covey_voxelwise *work, const double *bases, const int32_t *rows, const double *signs,
    const double *data, double *values) {
#if defined(__x86_64__)
    if (level >= covey_level_avx512) {
        voxelwise_avx512(work, bases, rows, signs, data, values);
        return;
    }
    if (level == covey_level_avx2) {
        voxelwise_avx2(work, bases, rows, signs, data, values);
        return;
    }
#endif
    (void)level;
    voxelwise_baseline(work, bases, rows, signs, data, values);
}
