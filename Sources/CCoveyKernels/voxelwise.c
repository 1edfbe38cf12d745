#include "voxelwise.h"

#include "shuffle_kernels.h"

#define TEMPLATE "voxelwise_template.h"
#include "every_level.h"

void covey_orthonormalise_panel(
    int level, size_t subjects, size_t columns, double *design, double *least) {
    AT_LEVEL(level, orthonormalise)(subjects, columns, design, least);
}

void covey_residual_panel(
    int level, size_t subjects, size_t columns, const double *bases, double *data, double *squares) {
    AT_LEVEL(level, residual)(subjects, columns, bases, data, squares);
}

void covey_voxelwise_panel(
    int level, const covey_voxelwise *work, const double *bases, const int32_t *rows, const double *signs,
    const double *data, double *values) {
    AT_LEVEL(level, voxelwise)(work, bases, rows, signs, data, values);
}
