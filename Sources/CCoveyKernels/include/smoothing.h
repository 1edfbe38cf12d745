// Separable symmetric filters on a box of values, x fastest, in place.
#ifndef COVEY_SMOOTHING_H
#define COVEY_SMOOTHING_H
#include <stddef.h>
#include <stdint.h>

// A filter per axis: the weight at distance j from the centre is weights[axis][j], j = 0...radius[axis].
typedef struct {
    size_t shape[3];
    size_t radius[3];
    const double *weights[3];
} covey_filter;

// How many doubles and how many offsets covey_filter_apply needs to work in.
size_t covey_filter_scratch_count(const covey_filter *filter);
size_t covey_filter_offset_count(const covey_filter *filter);

// Filters along x, then y, then z. Beyond an edge the values are reflected: d c b a | a b c d | d c b a.
// Values that are not finite count as 0.
//
// Every output is w0 v0 + w1 (v-1 + v+1) + w2 (v-2 + v+2) + ..., each product and each sum rounded, in this
// order: every level gives the same bits.
void covey_filter_apply(
    int level, const covey_filter *filter, double *values, double *scratch, ptrdiff_t *offsets);

// What a voxel holds.
enum covey_kind {
    covey_kind_value = 0,
    covey_kind_no_number = 1,  // NaN or infinite
    covey_kind_zero = 2,       // a 0 that stands for the absence of a value
};

// Notes the kind of each value and sets those that are not finite to 0; zeros have kind `zero_kind`. Answers
// the union of the kinds.
int covey_classify(double *values, size_t count, int zero_kind, uint8_t *kinds);

// Puts NaN and 0 back where the kinds say so.
void covey_restore(double *values, size_t count, const uint8_t *kinds);

#endif
