#include "map_counts.h"

#include <math.h>

double covey_count_map(
    size_t count, const double *values, int direction, const double *thresholds, int32_t *counts) {
    double greatest = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        double value = direction == 0 ? fabs(values[i]) : direction * values[i];
        greatest = value > greatest ? value : greatest;
        counts[i] += value >= thresholds[i];
    }
    return greatest;
}

void covey_count_nodes(
    size_t nodes, const int32_t *voxel, const double *value, const double *thresholds, int32_t *counts) {
    for (size_t k = 0; k < nodes; k++) counts[voxel[k]] += value[k] >= thresholds[voxel[k]];
}
