// Designs that differ by voxel: bases and shuffled projections, a panel of designs against a panel of data.
#ifndef COVEY_VOXELWISE_H
#define COVEY_VOXELWISE_H
#include <stddef.h>
#include <stdint.h>

// Makes the columns of a panel of designs orthonormal in place, lane by lane, in their order: Gram and
// Schmidt, twice. design: columns x subjects x COVEY_PANEL. least: COVEY_PANEL out, the least share of its
// length that a column had left after the columns before it; a column with a share of 1e-11 or less
// becomes 0.
//
// No multiplication is fused with an addition, so that every level gives the same bits.
void covey_orthonormalise_panel(
    int level, size_t subjects, size_t columns, double *design, double *least);

// Takes from a panel of data, lane by lane, its projections on orthonormal columns, twice. bases: columns x
// subjects x COVEY_PANEL. data: subjects x COVEY_PANEL, residuals out. squares: COVEY_PANEL out, the sums of
// squared residuals. The same bits at every level.
void covey_residual_panel(
    int level, size_t subjects, size_t columns, const double *bases, double *data, double *squares);

// What a call of covey_voxelwise_panel is about.
typedef struct {
    size_t subjects;
    size_t columns;     // of the bases
    size_t tested;      // the last of them
    size_t shuffles;
    int squares;        // F rather than t
    double degrees;     // residual degrees of freedom
} covey_voxelwise;

// t or F of every shuffle. bases: columns x subjects x COVEY_PANEL, orthonormal, nuisance columns first.
// rows, signs: shuffles x subjects: row rows[k] of the basis, times signs[k], meets row k of the data. data:
// subjects x COVEY_PANEL, residuals of unit length on the unshuffled nuisance columns. values: shuffles x
// COVEY_PANEL, out.
//
// With a and h the projections on the tested and the nuisance rows and u = 1 - h'h:
//   t = a sqrt(degrees / (u - a^2)),   F = a'a / tested / ((u - a'a) / degrees)
// Where u is 1e-13 or less the value is 0; what is left of u counts as no less than 1e-16 of it.
void covey_voxelwise_panel(
    int level, const covey_voxelwise *work, const double *bases, const int32_t *rows, const double *signs,
    const double *data, double *values);

#endif
