#include "shuffle_kernels.h"

#include <math.h>

#define TEMPLATE "shuffle_template.h"
#include "every_level.h"

void covey_project_panel(
    int level, const double *basis, size_t subjects, size_t rank,
    double *panel, double *projection, double *squares) {
    AT_LEVEL(level, project_panel)(basis, subjects, rank, panel, projection, squares);
}

void covey_score_block(int level, const covey_block *block) {
    AT_LEVEL(level, score_block)(block);
}

void covey_prepare_panel(
    int level, size_t subjects, int shifts_data, double *panel, double *shifts, int32_t *exponents,
    double *squares) {
    AT_LEVEL(level, prepare_panel)(subjects, shifts_data, panel, shifts, exponents, squares);
}

void covey_scale_panel(
    int level, size_t subjects, const double *panel, const double *factors, double *out) {
    AT_LEVEL(level, scale_panel)(subjects, panel, factors, out);
}

void covey_convert_scores(
    int level, int meaning, double dof, double rank, size_t shuffles, size_t columns,
    const double *scores, size_t score_stride, double *out, size_t out_stride) {
    AT_LEVEL(level, convert_scores)(meaning, dof, rank, shuffles, columns, scores, score_stride, out, out_stride);
}
