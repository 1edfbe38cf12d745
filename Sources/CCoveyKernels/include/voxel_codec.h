// Voxels as a file stores them <-> Double.
#ifndef COVEY_VOXEL_CODEC_H
#define COVEY_VOXEL_CODEC_H
#include <stddef.h>
#include <stdint.h>

// Decodes `count` voxels of the NIfTI datatype `datatype` from bytes of any alignment. With `scales`,
// value = slope * stored + intercept in double, rounded twice (no fused multiply-add). Returns 0 for a
// datatype that is not a real scalar.
int covey_decode_voxels(
    int datatype, int swaps, const uint8_t *bytes, size_t count, int scales, double slope, double intercept,
    double *values);

#endif
