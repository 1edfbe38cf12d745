#include "shuffle_kernels.h"

#include <math.h>

#include "instruction_level.h"

#if defined(__x86_64__)

#define NAME(x) x##_avx512
// Without min_vector_width the compiler splits 64-byte vectors into two and spills them.
#define TARGET __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#define LANES 8
#define ROWS 8
#define MULADD(a, b, c) __builtin_elementwise_fma(a, b, c)
#include "shuffle_template.h"

#define NAME(x) x##_avx2
#define TARGET __attribute__((target("arch=x86-64-v3")))
#define LANES 4
#define ROWS 4
#define MULADD(a, b, c) __builtin_elementwise_fma(a, b, c)
#include "shuffle_template.h"

#endif

#define NAME(x) x##_baseline
#define TARGET
#define LANES 2
#define ROWS 4
#if defined(__aarch64__)
#define MULADD(a, b, c) __builtin_elementwise_fma(a, b, c)
#else
#define MULADD(a, b, c) ((a) * (b) + (c))
#endif
#include "shuffle_template.h"

void covey_project_panel(
    int level, const double *basis, size_t subjects, size_t rank,
    double *panel, double *projection, double *squares) {
#if defined(__x86_64__)
    if (level >= covey_level_avx512) {
        project_panel_avx512(basis, subjects, rank, panel, projection, squares);
        return;
    }
    if (level == covey_level_avx2) {
        project_panel_avx2(basis, subjects, rank, panel, projection, squares);
        return;
    }
#endif
    (void)level;
    project_panel_baseline(basis, subjects, rank, panel, projection, squares);
}

void covey_score_block(int level, const covey_block *block) {
#if defined(__x86_64__)
    if (level >= covey_level_avx512) {
        score_block_avx512(block);
        return;
    }
    if (level == covey_level_avx2) {
        score_block_avx2(block);
        return;
    }
#endif
    (void)level;
    score_block_baseline(block);
}

void covey_prepare_panel(
    int level, size_t subjects, int shifts_data, double *panel, double *shifts, int32_t *exponents,
    double *squares) {
#if defined(__x86_64__)
    if (level >= covey_level_avx512) {
        prepare_panel_avx512(subjects, shifts_data, panel, shifts, exponents, squares);
        return;
    }
    if (level == covey_level_avx2) {
        prepare_panel_avx2(subjects, shifts_data, panel, shifts, exponents, squares);
        return;
    }
#endif
    (void)level;
    prepare_panel_baseline(subjects, shifts_data, panel, shifts, exponents, squares);
}

void covey_scale_panel(
    int level, size_t subjects, const double *panel, const double *factors, double *out) {
#if defined(__x86_64__)
    if (level >= covey_level_avx512) {
        scale_panel_avx512(subjects, panel, factors, out);
        return;
    }
    if (level == covey_level_avx2) {
        scale_panel_avx2(subjects, panel, factors, out);
        return;
    }
#endif
    (void)level;
    scale_panel_baseline(subjects, panel, factors, out);
}

void covey_convert_scores(
    int level, int meaning, double dof, double rank, size_t shuffles, size_t columns,
    const double *scores, size_t score_stride, double *out, size_t out_stride) {
#if defined(__x86_64__)
    if (level >= covey_level_avx512) {
        convert_scores_avx512(
            meaning, dof, rank, shuffles, columns, scores, score_stride, out, out_stride);
        return;
    }
    if (level == covey_level_avx2) {
        convert_scores_avx2(meaning, dof, rank, shuffles, columns, scores, score_stride, out, out_stride);
        return;
    }
#endif
    (void)level;
    convert_scores_baseline(meaning, dof, rank, shuffles, columns, scores, score_stride, out, out_stride);
}
