// Counting which values reach their thresholds, and the greatest of them.
#ifndef COVEY_MAP_COUNTS_H
#define COVEY_MAP_COUNTS_H
#include <stddef.h>
#include <stdint.h>

// Adds 1 to the count of every voxel whose directed value reaches its threshold, and returns the greatest
// directed value (-infinity without voxels). direction: 1 the value itself, -1 its negative, 0 its size.
double covey_count_map(
    size_t count, const double *values, int direction, const double *thresholds, int32_t *counts);

// Adds 1 to the count of every node's voxel whose threshold the node's value reaches.
void covey_count_nodes(
    size_t nodes, const int32_t *voxel, const double *value, const double *thresholds, int32_t *counts);

#endif
