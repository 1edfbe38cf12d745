#include "smoothing.h"

// Where position i of an axis of n values is found when the axis is reflected at both ends without end.
static inline size_t reflected(ptrdiff_t i, size_t n) {
    const ptrdiff_t period = 2 * (ptrdiff_t)n;
    if (i >= 0 && i < (ptrdiff_t)n) return (size_t)i;
    i %= period;
    if (i < 0) i += period;
    return (size_t)(i < (ptrdiff_t)n ? i : period - 1 - i);
}

// Planes that an output along z can depend on.
static inline size_t ring_planes(const covey_filter *filter) {
    const size_t window = 2 * filter->radius[2] + 1;
    return window < filter->shape[2] ? window : filter->shape[2];
}

size_t covey_filter_scratch_count(const covey_filter *filter) {
    const size_t plane = filter->shape[0] * filter->shape[1];
    const size_t padded = filter->shape[1] * (filter->shape[0] + 2 * filter->radius[0]);
    return (ring_planes(filter) + 1) * plane + padded;
}

size_t covey_filter_offset_count(const covey_filter *filter) {
    size_t most = 1;
    for (int axis = 0; axis < 3; axis++) {
        if (filter->radius[axis] > most) most = filter->radius[axis];
    }
    return 2 * most;
}

#define TEMPLATE "smoothing_template.h"
#include "every_level.h"

void covey_filter_apply(
    int level, const covey_filter *filter, double *values, double *scratch, ptrdiff_t *offsets) {
    AT_LEVEL(level, filter_apply)(filter, values, scratch, offsets);
}

int covey_classify(double *restrict values, size_t count, int zero_kind, uint8_t *restrict kinds) {
    int seen = 0;
    for (size_t i = 0; i < count; i++) {
        const double v = values[i];
        // A value less itself is 0 if it is finite and NaN if not.
        const int kind = v == 0 ? zero_kind : v - v == 0 ? covey_kind_value : covey_kind_no_number;
        kinds[i] = (uint8_t)kind;
        values[i] = kind == covey_kind_no_number ? 0 : v;
        seen |= kind;
    }
    return seen;
}

void covey_restore(double *restrict values, size_t count, const uint8_t *restrict kinds) {
    const double kept[3] = {0, __builtin_nan(""), 0};
    for (size_t i = 0; i < count; i++) {
        const double put = kept[kinds[i]];
        values[i] = kinds[i] == covey_kind_value ? values[i] : put;
    }
}
