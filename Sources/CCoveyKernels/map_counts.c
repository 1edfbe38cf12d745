#include "map_counts.h"

#include <math.h>
#include <string.h>

// Eight at a time: one running maximum would wait for itself at every voxel.
#define LANES 8
typedef double lanes __attribute__((ext_vector_type(LANES)));
typedef long long lane_bits __attribute__((ext_vector_type(LANES)));
typedef int32_t lane_counts __attribute__((ext_vector_type(LANES)));

double covey_count_map(
    size_t count, const double *values, int direction, const double *thresholds, int32_t *counts) {
    lanes greatest = -INFINITY;
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        lanes value, threshold;
        lane_counts reached;
        memcpy(&value, values + i, sizeof value);
        memcpy(&threshold, thresholds + i, sizeof threshold);
        memcpy(&reached, counts + i, sizeof reached);
        value = direction == 0 ? __builtin_elementwise_abs(value) : (double)direction * value;
        greatest = value > greatest ? value : greatest;
        // True is -1 in every lane.
        reached -= __builtin_convertvector((lane_bits)(value >= threshold), lane_counts);
        memcpy(counts + i, &reached, sizeof reached);
    }
    double best = -INFINITY;
    for (int lane = 0; lane < LANES; lane++) best = greatest[lane] > best ? greatest[lane] : best;
    for (; i < count; i++) {
        double value = direction == 0 ? fabs(values[i]) : direction * values[i];
        best = value > best ? value : best;
        counts[i] += value >= thresholds[i];
    }
    return best;
}

void covey_count_nodes(
    size_t nodes, const int32_t *voxel, const double *value, const double *thresholds, int32_t *counts) {
    for (size_t k = 0; k < nodes; k++) counts[voxel[k]] += value[k] >= thresholds[voxel[k]];
}
